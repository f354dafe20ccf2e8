package ffmpeg

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/internal/testclips"
	"clipcase/media"
)

// TestWholeSet renders every kind of piece of one recording of a screen. With
// RECORDING=file KEEP=dir go test -run WholeSet -v it takes one of yours.
func TestWholeSet(t *testing.T) {
	t.Parallel()
	path := os.Getenv("RECORDING")
	own := path != ""
	if !own {
		path = testclips.Make(t, testclips.Spec{Seconds: 7, Words: true, Width: 270, Height: 584, FPS: 10})
	}
	messages := dm()
	messages.SegmentSeconds = 10
	made, _ := render(t, path, nil,
		media.Recipe{Kind: media.KindImage, Count: 4, LongSide: 1440, Caption: true, Label: true, MaxBytes: 200_000},
		messages,
		media.Recipe{Kind: media.KindGIF, ShortSide: 480, FPS: 10, MaxPieces: 3, Take: media.TakeKey, MaxBytes: 2_000_000, Label: true},
		media.Recipe{Kind: media.KindVideo, Codec: "h264", Take: media.TakeWhole, ShortSide: 480, FPS: 30, Bitrate: 1_500_000, Audio: 64000},
	)
	if !own {
		require.Len(t, made, 4+1+2+1)
	}
}
