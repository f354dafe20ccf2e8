package media

import (
	"errors"
	"fmt"
	"strings"
)

// Source is one original as planning sees it.
type Source struct {
	Probe Probe
	Key   *Range // the key moment, named by the person or chosen; nil = the whole is one
	Blind bool   // no still can be made of it
}

// Wish is what one channel wants of all originals of a case.
type Wish struct {
	Recipes  []Recipe                                        // in the order the files are handed in
	Prefix   string                                          // file names begin with it: date and case number
	Label    string                                          // words for Recipe.Label; the piece's number is added
	Caption  func(source, number, of int, at float64) string // words under a still; nil = none
	Source   string                                          // where the channel's limits come from
	MaxFiles int                                             // files the channel takes at once; 0 = no limit
}

// Plan decides the pieces of every source, in the order of the sources; a
// source that gives none (a document, an image where only videos are wanted)
// has an empty list. Every recipe in w is planned: whoever does not want the
// ones made on request leaves them out.
//
// Pieces are numbered in the order they are handed in: recipe by recipe, within
// one source by source, so that the pictures of all exhibits stand before the
// first animation: <Prefix>-<n>of<N>.<ext>. Pieces made on request stand beside the
// pieces they replace and never shift them: they are numbered among themselves
// and carry their codec, <Prefix>-<n>of<N>-h264.mp4.
//
// Limits on a sum (MaxTotalBytes, WantTotalBytes, Count) are shared among all
// sources. The same arguments give the same plan.
func Plan(sources []Source, w Wish) ([][]Piece, error) {
	if err := w.valid(); err != nil {
		return nil, err
	}
	drafts := make([][]draft, len(sources))
	for index, recipe := range w.Recipes {
		perSource, err := spread(sources, recipe, w.MaxFiles)
		if err != nil {
			return nil, fmt.Errorf("recipe %d: %w", index+1, err)
		}
		shareTotals(sources, perSource, recipe)
		for s := range perSource {
			for _, d := range perSource[s] {
				d.recipe = index
				drafts[s] = append(drafts[s], d)
			}
		}
	}
	return name(drafts, w), nil
}

func (w Wish) valid() error {
	if w.Prefix == "" || strings.ContainsFunc(w.Prefix, func(r rune) bool {
		return r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}) {
		return fmt.Errorf("plan: the prefix %q must be letters, digits, - and _", w.Prefix)
	}
	if len(w.Recipes) == 0 {
		return errors.New("plan: no recipes")
	}
	return nil
}

// draft is a piece before it has a number.
type draft struct {
	piece     Piece
	recipe    int
	label     bool
	caption   bool
	onRequest bool
}

// spread drafts the pieces one recipe gives of each source.
func spread(sources []Source, recipe Recipe, maxFiles int) ([][]draft, error) {
	out := make([][]draft, len(sources))
	counts := stillCounts(sources, recipe, maxFiles)
	for i, source := range sources {
		probe := source.Probe
		if probe.Kind != KindVideo && (probe.Kind != KindImage || recipe.Kind != KindImage) {
			continue
		}
		if probe.Width < 2 || probe.Height < 2 {
			return nil, fmt.Errorf("source %d is %d×%d pixels", i+1, probe.Width, probe.Height)
		}
		var pieces []Piece
		switch recipe.Kind {
		case KindVideo:
			pieces = videos(source, recipe)
		case KindGIF:
			pieces = gifs(source, recipe)
		case KindImage:
			pieces = stills(source, recipe, counts[i])
		default:
			return nil, fmt.Errorf("kind %q cannot be made of a recording", recipe.Kind)
		}
		for _, p := range pieces {
			p.Timecode = recipe.Timecode
			out[i] = append(out[i], draft{piece: p, label: recipe.Label, caption: recipe.Caption, onRequest: recipe.OnRequest})
		}
	}
	return out, nil
}

// least is the smaller of two limits where 0 means none.
func least(a, b int64) int64 {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}
