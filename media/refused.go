package media

import "fmt"

// Refusal says why a file cannot be used. The words for the person stand in the
// catalogue under "refused.<Code>"; Args fill them.
type Refusal struct {
	Code Code           `json:"code"`
	Args map[string]any `json:"args,omitempty"`
	Err  error          `json:"-"` // what was seen, for the operator; never shown to the person

	Piece string `json:"-"` // name of the piece that was left out; "" = it is about the whole file
}

// Code names one reason for a refusal.
type Code string

// The reasons. Each has words in every language of the catalogue.
const (
	RefusedEmpty       Code = "empty"
	RefusedNotMedia    Code = "not-media"       // text, archive, playlist, anything else
	RefusedPlaylist    Code = "playlist"        // a list that points to other files
	RefusedTruncated   Code = "truncated"       // cut off: the end is missing
	RefusedNoIndex     Code = "no-index"        // MP4 without moov
	RefusedAudioOnly   Code = "audio-only"      // sound without pictures
	RefusedTooShort    Code = "too-short"       // nothing to show
	RefusedTooLong     Code = "too-long"        // Args: limit (seconds), actual
	RefusedTooLarge    Code = "too-large"       // Args: limit (bytes), actual
	RefusedTooManyPix  Code = "too-many-pixels" // Args: limit, actual (pixels), width, height
	RefusedTooComplex  Code = "too-complex"     // streams, samples, compressed index
	RefusedUnreadable  Code = "unreadable"      // pictures cannot be decoded
	RefusedCannotFit   Code = "cannot-fit"      // no legible piece within the limit
	RefusedUnsupported Code = "unsupported"     // a real media file of a kind we do not read
)

// TooManyPixels refuses a picture of a size that would fill the memory.
func TooManyPixels(width, height, limit int64) *Refusal {
	return &Refusal{Code: RefusedTooManyPix, Err: fmt.Errorf("%d × %d pixels", width, height),
		Args: map[string]any{"limit": limit, "actual": width * height, "width": width, "height": height}}
}

// Error tells the operator; people get the catalogue's words.
func (r *Refusal) Error() string {
	if r.Err != nil {
		return fmt.Sprintf("refused (%s): %v", r.Code, r.Err)
	}
	return fmt.Sprintf("refused (%s)", r.Code)
}

func (r *Refusal) Unwrap() error { return r.Err }
