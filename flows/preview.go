package flows

import (
	"strconv"

	"clipcase/media"
)

// Previews is how many small pictures of a recording are kept, evenly over its
// length, so that a page can show where a moment is.
const Previews = 12

// PreviewSide is the longer side of a preview in pixels.
const PreviewSide = 240

// PreviewBlob is the key of a recording's preview, n from 0 to Previews-1.
func PreviewBlob(id, exhibit string, n int) string {
	return "cases/" + id + "/preview/" + exhibit + "/" + strconv.Itoa(n) + ".jpg"
}

// MomentSide is the longer side in pixels of the picture of a moment that a sheet
// is made of.
const MomentSide = 900

// MomentBlob is the key of the picture of a recording's moment n that sheets are made of.
func MomentBlob(id, exhibit string, n int) string {
	return "cases/" + id + "/preview/" + exhibit + "/moment" + strconv.Itoa(n) + ".jpg"
}

// PreviewAt is the time in seconds that preview n shows.
func PreviewAt(p media.Probe, n int) float64 {
	return p.Duration * (float64(n) + 0.5) / Previews
}
