package rederive

import (
	"regexp"

	"clipcase/flows/dossier"
)

// Why what is written of the whole case is not made again.
const (
	whyWords   = "it is written in the words of the catalogue of that day, which a bag does not hold"
	whyDrawn   = "it is written of the whole case in the words of the catalogue of that day and drawn with a font of that machine, which a bag does not hold"
	whyBeside  = "it shows two originals side by side; only what is made of one is made again"
	whySummary = "its fingerprints are those of the record; " + whyWords
)

// printPattern is a SHA-256 as it stands in texts.
var printPattern = regexp.MustCompile(`\b[0-9a-f]{64}\b`)

// summaries holds the pages about the case against the record: they name every
// fingerprint of it, and no other unless the record has it in people's words.
func (w *work) summaries(raw []byte) {
	said := prints(raw)
	for _, path := range []string{dossier.SummaryText, dossier.SummaryPage} {
		page, err := w.bag.Small(path)
		if err == nil && page == nil {
			continue // what is missing is told by the check of the bag
		}
		out := File{File: path, State: Unchecked, Expected: Alike, Recipe: Same, Why: whySummary}
		there := prints(page)
		switch {
		case err != nil:
			out.State, out.Why = Other, "it cannot be read"
		case !w.allIn(there):
			out.State, out.Why = Other, "it does not name every fingerprint of the record"
		case !within(there, said):
			out.State, out.Why = Other, "it names a fingerprint that the record does not have"
		}
		w.report.Files = append(w.report.Files, out)
	}
}

// allIn says whether all fingerprints of originals and files are among these.
func (w *work) allIn(there map[string]bool) bool {
	for _, o := range w.record.Originals {
		if !there[o.SHA256] {
			return false
		}
	}
	for _, p := range w.record.Pieces {
		if !there[p.SHA256] {
			return false
		}
	}
	return true
}

func within(some, all map[string]bool) bool {
	for one := range some {
		if !all[one] {
			return false
		}
	}
	return true
}

func prints(text []byte) map[string]bool {
	found := map[string]bool{}
	for _, one := range printPattern.FindAll(text, -1) {
		found[string(one)] = true
	}
	return found
}
