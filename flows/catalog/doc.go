// Package catalog holds what clipcase knows about the world as data: scenarios,
// channels with their dated limits, and all words in every language. The data is
// embedded YAML; CATALOG_DIR overrides or adds. It is checked when it is loaded;
// a mistake is one error with file and line.
package catalog
