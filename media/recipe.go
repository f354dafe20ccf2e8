package media

// Recipe says what to make of a recording for one channel. It is read from the
// catalogue's YAML; sizes there are written "6MB" and mean 10^6 bytes.
type Recipe struct {
	Kind Kind `yaml:"kind"` // video, gif, image; pdf and eml only with Story

	// Story marks what is written of the whole case instead of rendered from one
	// original: the booklet (pdf), the long picture (image), the mail draft (eml).
	// Plan does not know it; Count is then the pictures in it, LongSide their
	// longer side at most, ShortSide the width of the long picture.
	Story bool `yaml:"story"`
	// Compare, with Story, marks what shows two originals next to each other: a
	// video, and pictures taken from it (Count). ShortSide is the height of the
	// originals' pictures, LongSide the width of both together.
	Compare bool `yaml:"compare"`

	Codec          string  `yaml:"codec"`           // video: hevc or h264
	Take           Take    `yaml:"take"`            // whole or key: which stretch
	SegmentSeconds float64 `yaml:"segment_seconds"` // cut into pieces of this length; 0 = one piece
	MaxPieces      int     `yaml:"max_pieces"`      // 0 = as many as the stretch gives

	ShortSide int     `yaml:"short_side"` // the shorter side at most, pixels; 0 = as the source
	LongSide  int     `yaml:"long_side"`  // the longer side at most, pixels
	FPS       float64 `yaml:"fps"`        // pictures a second at most
	Bitrate   int64   `yaml:"bitrate"`    // bits a second at most, mean over the piece; 0 = only sizes count
	Audio     int64   `yaml:"audio"`      // bits a second for sound; 0 = no sound

	MaxBytes       Size `yaml:"max_bytes"`        // a piece is never larger
	WantTotalBytes Size `yaml:"want_total_bytes"` // wished sum over the recipe's pieces
	MaxTotalBytes  Size `yaml:"max_total_bytes"`  // the sum is never larger

	Count    int  `yaml:"count"`    // image: how many stills at most
	Caption  bool `yaml:"caption"`  // image: one line of words under the picture
	Label    bool `yaml:"label"`    // burn in the channel's label and the piece's number
	Timecode bool `yaml:"timecode"` // burn in the running time of the original

	OnRequest bool `yaml:"on_request"` // made only when the person asks ("does not play")
}

// Take says which stretch of the recording a recipe is for.
type Take string

// Whole is all of it; Key is the key moment (all of it up to WholeUpTo seconds
// when the person named none).
const (
	TakeWhole Take = "whole"
	TakeKey   Take = "key"
)

// WholeUpTo is the length in seconds up to which a recording without a named key
// moment counts as its own key moment; ChosenLength is what is chosen of a longer one.
const (
	WholeUpTo    = 60.0
	ChosenLength = 15.0
	TailJoins    = 0.5 // a remainder shorter than this joins the piece before
)
