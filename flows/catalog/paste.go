package catalog

import "strings"

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

// SamplePaste is a usual case in lang, for checking templates and showing them.
func SamplePaste(lang string) PasteData {
	data := PasteData{Case: "CC0042", Date: "2026-11-22", Files: 4}
	data.Scenario = "未成年人充值申请退款"
	data.Statement = strings.Repeat("孩子用我的手机充值。", 12)
	question, answer := "什么时候发现的？", "例如十一月二十日晚上八点左右"
	if lang != first {
		data.Scenario = "A child spent money"
		data.Statement = strings.Repeat("My child paid with my phone. ", 5)
		question, answer = "When did you notice?", "about 8 in the evening"
	}
	for range 3 {
		data.Answers = append(data.Answers, PasteAnswer{Question: question, Answer: answer})
	}
	for range 4 {
		data.Pieces = append(data.Pieces, PastePiece{Line: "1/4 screen 00:42–00:52"})
	}
	return data
}

// SamplePiece is a usual piece in lang.
func SamplePiece(lang string) PieceData {
	slot := "封禁提示的录屏"
	if lang != first {
		slot = "Recording of the ban notice"
	}
	return PieceData{Number: 1, Of: 4, From: "00:42", To: "00:52", Name: "20261122-CC0042-1of4.mp4", Slot: slot}
}
