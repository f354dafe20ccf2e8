package media

import "math"

// Kind says what a file or a piece is.
type Kind string

// The kinds of pieces. Originals use KindVideo, KindImage and KindDocument.
const (
	KindVideo    Kind = "video"
	KindGIF      Kind = "gif"
	KindImage    Kind = "image"
	KindPDF      Kind = "pdf"
	KindText     Kind = "text"
	KindEML      Kind = "eml"
	KindDocument Kind = "document"
)

// Range is a stretch of a recording: seconds from its first picture.
type Range struct {
	Start float64 `json:"start"`
	End   float64 `json:"end"`
}

// Length is the seconds the range covers.
func (r Range) Length() float64 { return r.End - r.Start }

// Probe is what was measured of one original.
type Probe struct {
	Kind      Kind    `json:"kind"`
	Format    string  `json:"format"`   // ffprobe's format_name
	Duration  float64 `json:"duration"` // seconds from the first picture to the end of the last picture or of the sound, from packets, not from the header
	Last      float64 `json:"last"`     // seconds at which the last picture comes; from there on it is held to the end. 0 with several Frames = not known
	Width     int     `json:"width"`    // pixels as shown: rotation and pixel aspect applied
	Height    int     `json:"height"`
	Rotation  int     `json:"rotation"` // degrees clockwise that showing applies: 0, 90, 180, 270
	FPS       float64 `json:"fps"`      // pictures a second, mean while they come
	VFR       bool    `json:"vfr"`
	Codec     string  `json:"codec"` // ffprobe's codec_name
	PixFmt    string  `json:"pix_fmt"`
	Transfer  string  `json:"transfer"` // ffprobe's color_transfer; "smpte2084" and "arib-std-b67" are HDR
	FieldRate bool    `json:"interlaced"`
	Frames    int     `json:"frames"`
	Bytes     int64   `json:"bytes"`
	Offset    float64 `json:"offset"` // seconds from the file's own start to the first picture: late pictures, early sound
	Stream    int     `json:"stream"` // index of the video stream taken, never a cover picture
	Audio     *Audio  `json:"audio,omitempty"`
	Streams   int     `json:"streams"`
	Damaged   bool    `json:"damaged"` // reading needed tolerance: the case says so

	Pictures Choice `json:"pictures,omitzero"` // among streams of moving pictures; covers are none
	Sounds   Choice `json:"sounds,omitzero"`   // among streams of sound

	// Settled are moments, in seconds and in order, at which the picture rests
	// after something changed: what stills are chosen from. Empty = not known.
	Settled []float64 `json:"settled,omitempty"`
	// Changed says, for each of Settled, how much changed since the one before;
	// only proportions count. Of another length = not known.
	Changed []float64 `json:"changed,omitempty"`
}

// Choice is one of several that a recording holds: only one is used, and people
// are told which.
type Choice struct {
	Taken int `json:"taken"` // from 1, in the file's order
	Of    int `json:"of"`
}

// Shown is when the picture came that stands at a moment behind the last one;
// any other moment stays as it is.
func (p Probe) Shown(at float64) float64 {
	if p.Last <= 0 && p.Frames != 1 {
		return at
	}
	return math.Min(at, p.Last)
}

// HDR says whether the picture needs tone mapping.
func (p Probe) HDR() bool { return p.Transfer == "smpte2084" || p.Transfer == "arib-std-b67" }

// Audio is the sound stream taken.
type Audio struct {
	Stream   int     `json:"stream"`
	Codec    string  `json:"codec"`
	Rate     int     `json:"rate"` // Hz
	Channels int     `json:"channels"`
	Start    float64 `json:"start"` // seconds against the first picture
}
