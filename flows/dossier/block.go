package dossier

// kind is how a block looks.
type kind int

const (
	paragraph kind = iota
	heading
	quote // the person's own words
	list
	table
	code // to be copied as it stands
	note
)

// block is one part of a page; text and cells are plain, whoever writes escapes.
type block struct {
	kind    kind
	level   int // of a heading
	text    string
	items   []string
	ordered bool
	rows    [][]string
	header  bool // the first row
}
