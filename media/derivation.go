package media

// Derivation is how a piece was made: whoever has the original and the same tools
// makes the same piece of it again. It holds no path and nothing of people's words
// but what stands in the piece itself (Plan.Label, Plan.Caption).
type Derivation struct {
	Catalogue string   `json:"catalogue"`       // version of the catalogue the piece was planned by
	Plan      Piece    `json:"plan"`            // as it was asked for; what came out is measured
	Filters   []string `json:"filters"`         // from the original's pictures to the piece's, in order
	Sound     []string `json:"sound,omitempty"` // the same of its sound
	Masks     []Mask   `json:"masks"`           // what was covered
	Encoder   Encoder  `json:"encoder"`
	Tools     *Tools   `json:"tools,omitempty"` // it was made with
}

// Mask is a part of the picture that was covered for a while: pixels of the original.
type Mask struct {
	Range  Range `json:"range"`
	X      int   `json:"x"`
	Y      int   `json:"y"`
	Width  int   `json:"width"`
	Height int   `json:"height"`
}

// Encoder is what wrote the file, and how it was set.
type Encoder struct {
	Name     string   `json:"name"`     // as ffmpeg calls it
	Settings []string `json:"settings"` // of the last try, which is the piece; sorted by their names
}

// Tools are the versions of what pieces are made with; "" = not there, or it does
// not say. Encoders on another number of processors write other bytes.
type Tools struct {
	Clipcase  string `json:"clipcase"`
	FFmpeg    string `json:"ffmpeg"`
	X264      string `json:"libx264"`
	X265      string `json:"libx265"`
	Gifsicle  string `json:"gifsicle"`
	Tesseract string `json:"tesseract"`
	Threads   int    `json:"threads"`
	Machine   string `json:"machine"` // kind of processor
}

// Made same bytes are to be expected of equal tools; reading words changes none.
func (t Tools) Made(with Tools) bool {
	t.Tesseract, with.Tesseract = "", ""
	return t == with
}
