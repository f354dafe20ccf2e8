// Package align finds by how much one recording lags behind another that shows
// the same, and how alike they are from moment to moment; it leaves reading
// files and showing the result to others.
package align
