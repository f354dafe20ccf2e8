// Package page turns a page's template and data into HTML in the visitor's
// language, and serves the few files pages need. What stands on a page and who
// may see it is left to the parts that write pages.
package page
