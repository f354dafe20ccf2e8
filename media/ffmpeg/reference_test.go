package ffmpeg

import (
	"os"
	"testing"

	"clipcase/media"
)

// TestReference renders a recording of one's own: RECORDING=file KEEP=dir go
// test -run Reference -v. Without it the small samples have to do.
func TestReference(t *testing.T) {
	path := os.Getenv("RECORDING")
	if path == "" {
		path = smallRecording(t)
	}
	recipe := dm()
	recipe.SegmentSeconds = 10
	render(t, path, nil,
		media.Recipe{Kind: media.KindImage, Count: 4, LongSide: 1440, Caption: true, Label: true, MaxBytes: 200_000},
		recipe,
		media.Recipe{Kind: media.KindGIF, ShortSide: 480, FPS: 10, MaxPieces: 3, Take: media.TakeKey, MaxBytes: 2_000_000, Label: true},
		media.Recipe{Kind: media.KindVideo, Codec: "h264", Take: media.TakeWhole, ShortSide: 480, FPS: 30, Bitrate: 1_500_000, Audio: 64000},
	)
}
