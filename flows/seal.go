package flows

import (
	"slices"
	"strings"
)

// sealedLine is the first line of a history that became too long: it stands for the
// lines before, whose last hash it names, and keeps the receipts among them and the
// originals whose link was taken back.
const sealedLine = "sealed"

// seal folds the oldest lines of a history into one, so that what follows still
// follows them, a receipt that was given stays known, and what was taken back stays
// taken back.
func seal(history []Entry, lines int) []Entry {
	gone, rest := history[:lines], history[lines:]
	last := gone[lines-1]
	var receipts, revoked []string
	for _, e := range gone {
		exhibit, _ := e.Args["exhibit"].(string)
		original, is := e.ofLink()
		if is {
			revoked = slices.DeleteFunc(revoked, func(sum string) bool { return sum == original })
		}
		switch {
		case e.What == sealedLine:
			receipts, revoked = append(receipts, e.sealed("receipts")...), append(revoked, e.sealed("revoked")...)
		case is && e.What == LinkRevoked:
			revoked = append(revoked, original)
		case e.What == "received" && exhibit != "":
			receipts = append(receipts, exhibit+"="+lineHash(e.Line()))
		}
	}
	first := Entry{
		N: max(last.N, lines), At: last.At, What: sealedLine,
		Args: map[string]any{"head": lineHash(last.Line()), "receipts": strings.Join(receipts, " ")},
	}
	if len(revoked) > 0 {
		first.Args["revoked"] = strings.Join(revoked, " ")
	}
	return slices.Insert(slices.Clone(rest), 0, first)
}

// sealed is what a line that stands for others keeps of them under a name.
func (e Entry) sealed(name string) []string {
	if e.What != sealedLine {
		return nil
	}
	kept, _ := e.Args[name].(string)
	return strings.Fields(kept)
}

// sealedReceipt is the receipt of an exhibit among lines that were folded; "" = none.
func (e Entry) sealedReceipt(exhibit string) string {
	for _, field := range slices.Backward(e.sealed("receipts")) {
		if id, hash, ok := strings.Cut(field, "="); ok && id == exhibit {
			return hash
		}
	}
	return ""
}
