package catalog

// PasteData is what the templates Paste.Title and Paste.Body are filled with.
type PasteData struct {
	Case      string // CC0042
	Date      string // 2026-11-22
	Scenario  string // the scenario's name in the person's language
	Statement string // the person's own words; "" = none
	Answers   []PasteAnswer
	Pieces    []PastePiece
	Files     int // number of files of the pack
}

// PasteAnswer is one answered question of the statement.
type PasteAnswer struct {
	Question string
	Answer   string
}

// PastePiece is one piece with its line, already filled from Paste.PieceLine.
type PastePiece struct {
	Line string
}

// PieceData is what the template Paste.PieceLine is filled with.
type PieceData struct {
	Number int    // counted from 1 over the pack
	Of     int    // pieces of the pack
	From   string // running time of the original, 00:42; a still has From == To
	To     string
	Name   string // file name
	Slot   string // the exhibit's name
}
