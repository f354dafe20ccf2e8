package dossier

import "clipcase/media"

// Makers of what is not rendered: written by us, or an original as it is.
const (
	ByClipcase = "clipcase"
	ByCopying  = "copy"
)

// Recipe is what it takes to make a piece again, and what was measured when it
// was made.
type Recipe struct {
	Original *string     `json:"original"` // SHA-256; null = the whole case, or two of them
	Range    *[2]float64 `json:"range"`    // of the original, as it came out
	media.Derivation
	Measured Measured `json:"measured"`
}

// Measured is what was found of the finished file.
type Measured struct {
	SHA256   string         `json:"sha256"`
	Bytes    int64          `json:"bytes"`
	Width    *int           `json:"width"`
	Height   *int           `json:"height"`
	Duration *float64       `json:"duration"`
	FPS      *float64       `json:"fps"`
	Codec    *string        `json:"codec"`
	Quality  *media.Quality `json:"quality"`
}

// Derive gives the piece its recipe, once all else of it is known.
func (p *Piece) Derive(how *media.Derivation) {
	if how == nil {
		return
	}
	p.Recipe = &Recipe{Original: p.Original, Range: p.Range, Derivation: *how,
		Measured: Measured{p.SHA256, p.Bytes, p.Width, p.Height, p.Duration, p.FPS, p.Codec, p.Quality}}
	if p.Recipe.Filters == nil {
		p.Recipe.Filters = []string{}
	}
	if p.Recipe.Encoder.Settings == nil {
		p.Recipe.Encoder.Settings = []string{}
	}
	if p.Recipe.Masks == nil {
		p.Recipe.Masks = []media.Mask{}
	}
}

// SettleTools names the tools once: a recipe keeps those that differ from the
// first one's, as after an update in the middle of a case.
func (r *Record) SettleTools() {
	first := true
	for i := range r.Pieces {
		recipe := r.Pieces[i].Recipe
		if recipe == nil || recipe.Tools == nil {
			continue
		}
		if first {
			r.Tools, first = *recipe.Tools, false
		}
		if *recipe.Tools == r.Tools {
			recipe.Tools = nil
		}
	}
}
