package flows

import (
	"slices"
	"strings"
)

// sealedLine is the first line of a history that became too long: it stands for the
// lines before, whose last hash it names, and keeps the receipts among them.
const sealedLine = "sealed"

// seal folds the oldest lines of a history into one, so that what follows still
// follows them and a receipt that was given stays known.
func seal(history []Entry, lines int) []Entry {
	gone, rest := history[:lines], history[lines:]
	last := gone[lines-1]
	var receipts []string
	for _, e := range gone {
		switch exhibit, _ := e.Args["exhibit"].(string); {
		case e.What == sealedLine:
			kept, _ := e.Args["receipts"].(string)
			receipts = append(receipts, strings.Fields(kept)...)
		case e.What == "received" && exhibit != "":
			receipts = append(receipts, exhibit+"="+lineHash(e.Line()))
		}
	}
	first := Entry{
		N: max(last.N, lines), At: last.At, What: sealedLine,
		Args: map[string]any{"head": lineHash(last.Line()), "receipts": strings.Join(receipts, " ")},
	}
	return slices.Insert(slices.Clone(rest), 0, first)
}

// sealedReceipt is the receipt of an exhibit among lines that were folded; "" = none.
func (e Entry) sealedReceipt(exhibit string) string {
	if e.What != sealedLine {
		return ""
	}
	kept, _ := e.Args["receipts"].(string)
	for _, field := range slices.Backward(strings.Fields(kept)) {
		if id, hash, ok := strings.Cut(field, "="); ok && id == exhibit {
			return hash
		}
	}
	return ""
}
