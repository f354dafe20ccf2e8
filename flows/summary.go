package flows

import "strconv"

// maxListed is how many files or pieces a summary in the chat names.
const maxListed = 10

// summary is the case on one screen: whose words, which files with their
// fingerprints, what was made of them, and what that proves and what not.
func (k *Packer) summary(c *Case) Item {
	screen := Screen{Step: "deliver", Token: tokenKeep, Lang: c.Lang}
	add := func(style Style, text Text) { screen.Blocks = append(screen.Blocks, Block{Style: style, Text: text}) }
	s, _ := k.cat.Scenario(c.Scenario)
	add(StyleTitle, T("deliver.summary.title", "case", c.ID))
	add(StyleItem, T("deliver.summary.scenario", "name", Text{Plain: s.Name.In(c.Lang)}))
	add(StyleItem, T("deliver.summary.received", "date", FormatDay(c.Submitted)))
	if words := said(c, s, c.Lang); words != "" {
		add(StyleItem, T("deliver.summary.said"))
		add(StyleQuote, Text{Plain: Shorten(words, 600)})
	}
	var receipts []Text
	all := present(c)
	for i, e := range all[:min(len(all), maxListed)] {
		add(StyleItem, T("deliver.summary.file", "number", i+1, "name", fileName(e.File), "size", FormatBytes(e.Bytes), "grade", ArrivalText(e.File)))
		if e.SHA256 != "" {
			add(StyleNote, T("deliver.summary.hash", "hash", shortHash(e.SHA256)))
			if receipt := c.Receipt(e.ID); receipt != "" {
				receipts = append(receipts, Text{Plain: strconv.Itoa(i+1) + ". " + shortHash(receipt)})
			}
		}
		if e.Refusal != nil {
			add(StyleNote, RefusalText(e.Refusal))
		}
	}
	if over := len(all) - maxListed; over > 0 {
		add(StyleNote, T("deliver.summary.morefiles", "count", over))
	}
	if c.Key != nil {
		add(StyleItem, T("deliver.summary.key", "from", FormatClock(c.Key.Range.Start), "to", FormatClock(c.Key.Range.End)))
	}
	for _, slot := range s.Exhibits {
		if slot.Required && c.Holds(slot.ID) == 0 {
			add(StyleItem, T("deliver.summary.missing", "name", Text{Plain: slot.Name.In(c.Lang)}))
		}
	}
	add(StyleNote, T("deliver.summary.proof"))
	if len(receipts) > 0 && k.key != "" {
		add(StyleNote, T("deliver.summary.technical", "receipts", receipts, "key", k.key))
	}
	add(StyleNote, T("deliver.summary.kept", "date", FormatDay(c.Expires)))
	return Item{ID: "summary", Screen: &screen}
}

// ArrivalText is how a file reached us, in words; it says nothing about whether
// the file is true.
func ArrivalText(f File) Text {
	if f.Sent == SentUpload && !f.Forwarded {
		return T("deliver.grade.upload")
	}
	return GradeText(f.Grade())
}

// GradeText is ArrivalText where no more than the grade is known.
func GradeText(g Grade) Text {
	switch g {
	case GradeFile:
		return T("deliver.grade.file")
	case GradeVideo:
		return T("deliver.grade.video")
	case GradeForwarded:
		return T("deliver.grade.forwarded")
	}
	return T("deliver.grade.unknown")
}

// shortHash is the beginning and the end of a SHA-256, enough to compare by eye.
func shortHash(hash string) string {
	if len(hash) <= 24 {
		return hash
	}
	return hash[:12] + "…" + hash[len(hash)-12:]
}
