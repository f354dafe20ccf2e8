package ffmpeg

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"

	"clipcase/media"
)

// sample is how many seconds of a piece are compared with the original; of a long
// one they are taken from three places.
const sample = 1.0

// What a piece is held against. Readers err by some letters in a hundred where
// nothing visible was lost.
const (
	transparent  = 0.98 // SSIM from which nobody tells a piece from its original at the same size: more bits are waste
	legibleEqual = 0.85 // share of letters from which reading a piece is as good as reading its original
	legibleFloor = 0.5  // below it a piece that was made smaller than planned is refused rather than handed in

	// The same of the likeness of edges, where no words are read.
	edgesEqual = 0.9
	edgesFloor = 0.5
)

// alike says that more bits would be waste. What was not measured speaks for
// nothing.
func alike(q *media.Quality) bool {
	if q == nil {
		return true
	}
	return (q.SSIM == nil || *q.SSIM >= transparent) && readable(q, legibleEqual, edgesEqual)
}

// readable says whether at least a share of the letters can be read or, where none
// were recognised, edges are at least so alike, as far as that was measured.
func readable(q *media.Quality, letters, edges float64) bool {
	if q == nil {
		return true
	}
	return (q.Legibility == nil || *q.Legibility >= letters) && (q.Edges == nil || *q.Edges >= edges)
}

var patternSSIM = regexp.MustCompile(`All:([0-9.]+)`)

// quality compares a sample of a finished video with its original, scaled and
// sampled alike, without the parts that words were burnt into, and reads words in
// both, at once as soon as a thread is free. A figure that cannot be measured is missing,
// and the piece is as good as before.
func (t task) quality(ctx context.Context, a attempt, made string) *media.Quality {
	var q *media.Quality
	compare := func() {
		value, err := t.ssim(ctx, a, made)
		if err != nil {
			t.log.Debug("quality not measured", "reason", err)
			return
		}
		q = &media.Quality{SSIM: value}
	}
	var beside sync.WaitGroup
	compared := false
	wait, stop := context.WithCancel(ctx)
	defer stop()
	beside.Go(func() {
		if t.side.Acquire(wait, 1) == nil {
			defer t.side.Release(1)
			compared = true
			compare()
		}
	})
	words := t.judged(ctx, finished{path: made})
	stop()
	beside.Wait()
	if !compared {
		compare()
	}
	if words == nil {
		return q
	}
	if q != nil {
		words.SSIM = q.SSIM
	}
	return words
}

func (t task) ssim(ctx context.Context, a attempt, made string) (*float64, error) {
	places := []float64{0.5}
	if t.piece.Range.Length() > shortPiece {
		places = []float64{1.0 / 6, 0.5, 5.0 / 6}
	}
	sum := 0.0
	for _, place := range places {
		length := math.Min(sample/float64(len(places)), t.piece.Range.Length())
		from := t.sampleAt((t.piece.Range.Length()-length)*place, a.fps, length)
		value, err := t.ssimAt(ctx, a, made, from, length)
		if err != nil {
			return nil, err
		}
		sum += *value / float64(len(places))
	}
	mean := math.Round(sum*10000) / 10000
	return &mean, nil
}

// sampleAt is about a place of a piece, at a picture of its own: where it begins anew
// with a key picture, if that is near, so that nothing is read for nothing; phones'
// recordings do so every second. What is left of the piece is at least length.
func (t task) sampleAt(place, fps, length float64) float64 {
	if key := math.Round(place/keySeconds) * keySeconds; key > 0 && key+length <= t.piece.Range.Length() && math.Abs(key-place) < keySeconds/4 {
		return math.Ceil(key*fps-1e-6) / fps
	}
	if whole := math.Floor(t.piece.Range.Start+place) - t.piece.Range.Start; whole > 0 {
		return math.Ceil(whole*fps-1e-6) / fps
	}
	return math.Floor(place*fps) / fps
}

func (t task) ssimAt(ctx context.Context, a attempt, made string, from, length float64) (*float64, error) {
	source := enter(t.probe, t.piece.Range.Start+from)
	// Words stand in the upper and lower eighth.
	crop := filter{"crop", []string{"iw", "trunc(ih*3/8)*2", "0", "trunc(ih/16)*2"}}
	stats := filepath.Join(t.work, "ssim.txt")
	if err := os.WriteFile(stats, nil, 0o600); err != nil {
		return nil, err
	}
	end := []string{"end=" + decimal(length)}
	reference := append(picture(t.probe, source.picture, a.width, a.height, a.fps), filter{"format", []string{"yuv420p"}}, filter{"trim", end}, crop)
	result := []filter{{"setpts", []string{"PTS-" + decimal(from) + "/TB"}}, {"fps", []string{"fps=" + fraction(a.fps), "start_time=0"}}, {"trim", end}, crop}
	g := graph{
		inputs: []input{t.input(source.options), {path: "file:" + made, options: []option{{"-protocol_whitelist", "file"}, {"-f", "mov"}}}},
		chains: []chain{
			{name: "r", from: []string{t.selector(t.probe.Stream)}, filters: reference},
			{name: "m", from: []string{"1:0"}, filters: result},
			{name: "s", from: []string{"m", "r"}, filters: []filter{{"ssim", []string{arg("stats_file", "ssim.txt")}}}},
		},
		output: output{path: "-", take: []string{"s"}, options: []option{{"-f", "null"}, {"-t", decimal(length)}}},
	}
	if from > 0 {
		g.inputs[1].options = append(g.inputs[1].options, option{"-ss", decimal(from)}, option{"-noaccurate_seek", ""})
		g.chains[1].filters = g.chains[1].filters[1:]
	}
	args, err := g.compile()
	if err != nil {
		return nil, err
	}
	args = append([]string{"-nostdin", "-hide_banner", "-nostats", "-v", "error", "-y"}, args...)
	if err := t.run(ctx, command{tool: t.ffmpeg, args: args, read: []string{t.from.path, made}, write: []string{t.work}, wall: t.patience.whole(t.piece.Range.Length())}); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(stats)
	if err != nil {
		return nil, err
	}
	return meanSSIM(text)
}

// meanSSIM averages the pictures' figures.
func meanSSIM(text []byte) (*float64, error) {
	found := patternSSIM.FindAllSubmatch(text, -1)
	if len(found) == 0 {
		return nil, os.ErrInvalid
	}
	sum := 0.0
	for _, m := range found {
		v, err := strconv.ParseFloat(string(m[1]), 64)
		if err != nil {
			return nil, err
		}
		sum += v
	}
	mean := math.Round(sum/float64(len(found))*10000) / 10000
	return &mean, nil
}
