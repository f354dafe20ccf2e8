package media

// What a Trace holds of a recording, and how much of it at most.
const (
	TraceRate     = 8000  // samples of sound a second, one channel
	TraceSide     = 32    // pixels of a picture's width and of its height
	TracePictures = 10    // pictures a second
	TraceLongest  = 600.0 // seconds from the beginning
)

// Trace is as much of a recording as it takes to lay it beside another: small
// and without colour. Both begin with the first picture.
type Trace struct {
	Sound    []int16 // TraceRate samples a second; none = no sound
	Pictures []byte  // one after the other, TraceSide lines of TraceSide gray pixels each
}

// Picture is the picture of a number, from 0; nil beyond the last.
func (t Trace) Picture(n int) []byte {
	const size = TraceSide * TraceSide
	if n < 0 || (n+1)*size > len(t.Pictures) {
		return nil
	}
	return t.Pictures[n*size : (n+1)*size]
}

// Count is how many pictures there are.
func (t Trace) Count() int { return len(t.Pictures) / (TraceSide * TraceSide) }

// Side is one half of a comparison.
type Side struct {
	Path  string
	Probe Probe
	Start float64 // seconds of the original with which it begins
	Label string  // words in its upper edge, such as 原创
}

// Comparison is a video to make of two recordings.
type Comparison struct {
	Left, Right Side
	Length      float64   // seconds
	Height      int       // pixels of the pictures, at most the smaller one's own
	MaxBytes    int64     // never larger; 0 = no limit
	Lines       []string  // of words under the pictures
	Curve       []float64 // how alike they are, 0..1, evenly over Length; none = no line under the pictures
}
