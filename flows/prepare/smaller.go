package prepare

import (
	"cmp"
	"slices"

	"clipcase/flows"
	"clipcase/media"
)

// smaller is how much of a piece that was called too big the next one for it may
// have at most: less than that is no answer to a refusal.
const smaller = 0.7

// lighten bounds a planned piece by what the channel called too big. A recipe of a
// smaller tier is not enough for that: of a short or small recording it may give
// the same again.
func (p *pack) lighten(e *exhibit, piece *media.Piece) {
	old, ok := counterpart(p.earlier.Over, e.ID, *piece)
	if !ok {
		return
	}
	most := max(1, int64(smaller*float64(old.Bytes)))
	if piece.MaxBytes == 0 || piece.MaxBytes > most {
		piece.MaxBytes = most
	}
	piece.Target = min(piece.Target, piece.MaxBytes)
}

// counterpart is the old piece that a new one stands for: of the same original, of
// the same kind if there is one, and of the stretch it shares most with.
func counterpart(old []flows.Weight, exhibit string, piece media.Piece) (flows.Weight, bool) {
	mine := slices.DeleteFunc(slices.Clone(old), func(w flows.Weight) bool { return w.Exhibit != exhibit })
	if len(mine) == 0 {
		return flows.Weight{}, false
	}
	alike := func(w flows.Weight) int {
		switch {
		case w.Kind == piece.Kind && w.Codec == piece.Codec:
			return 2
		case w.Kind == piece.Kind:
			return 1
		}
		return 0
	}
	// Seconds in common; below 0, seconds apart.
	shared := func(w flows.Weight) float64 {
		return min(w.Range.End, piece.Range.End) - max(w.Range.Start, piece.Range.Start)
	}
	return slices.MaxFunc(mine, func(a, b flows.Weight) int {
		return cmp.Or(cmp.Compare(alike(a), alike(b)), cmp.Compare(shared(a), shared(b)), cmp.Compare(b.Bytes, a.Bytes))
	}), true
}
