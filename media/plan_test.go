package media

import (
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden files anew")

// recipes are likenesses of the catalogue's, one of each built kind.
func recipes() map[string]Wish {
	caption := func(source, number, of int, at float64) string {
		return fmt.Sprintf("%d: %d/%d at %.2f", source+1, number, of, at)
	}
	still := Recipe{Kind: KindImage, Count: 4, LongSide: 1440, Caption: true, Label: true}
	return map[string]Wish{
		"dm": {Label: "客服专用-申诉材料", Recipes: []Recipe{
			{Kind: KindVideo, Codec: "hevc", Take: TakeKey, SegmentSeconds: 10, ShortSide: 720, FPS: 30, Audio: 64000, MaxBytes: 6e6, WantTotalBytes: 15e6, MaxTotalBytes: 18e6, Label: true},
			{Kind: KindVideo, Codec: "h264", Take: TakeKey, SegmentSeconds: 10, ShortSide: 720, FPS: 30, Audio: 64000, MaxBytes: 6e6, Label: true, OnRequest: true},
		}},
		"app":     {Recipes: []Recipe{still, {Kind: KindGIF, Take: TakeKey, MaxBytes: 2e6}}, Caption: caption},
		"email":   {Recipes: []Recipe{{Kind: KindVideo, Codec: "h264", Take: TakeWhole, ShortSide: 720, FPS: 30, Audio: 96000, MaxBytes: 36e6}, still}, Caption: caption},
		"generic": {Recipes: []Recipe{{Kind: KindVideo, Codec: "h264", Take: TakeWhole, ShortSide: 480, FPS: 30, Bitrate: 1_500_000, Audio: 64000}}},
		"ads":     {Recipes: []Recipe{{Kind: KindVideo, Codec: "h264", Take: TakeWhole, ShortSide: 720, FPS: 25, Audio: 96000, Timecode: true}}},
	}
}

func sourcesForGolden() map[string][]Source {
	sound := &Audio{Stream: 1, Codec: "aac", Rate: 44100, Channels: 2}
	phone := Probe{Kind: KindVideo, Duration: 30, Width: 1080, Height: 2340, FPS: 60, Frames: 1800, Bytes: 120e6, Audio: sound, Settled: []float64{0.4, 4, 9.5, 17, 22, 28.8}}
	long := phone
	long.Duration, long.Frames, long.Settled = 185.2, 11112, nil
	land := Probe{Kind: KindVideo, Duration: 20.3, Width: 1920, Height: 1080, FPS: 29.97, Frames: 609, Bytes: 40e6, Audio: sound}
	turned := land
	turned.Rotation, turned.Width, turned.Height = 90, 1080, 1920
	vfr := Probe{Kind: KindVideo, Duration: 12, Width: 719, Height: 1277, FPS: 14.2, VFR: true, Frames: 170, Bytes: 3e6}
	short := Probe{Kind: KindVideo, Duration: 0.3, Width: 320, Height: 240, FPS: 10, Frames: 3, Bytes: 20e3}
	picture := Probe{Kind: KindImage, Width: 1170, Height: 2532, Bytes: 400e3}
	paper := Probe{Kind: KindDocument, Bytes: 1e5}
	return map[string][]Source{
		"portrait": {{Probe: phone}}, "long": {{Probe: long, Key: &Range{Start: 42, End: 57}}}, "landscape": {{Probe: land}}, "rotated": {{Probe: turned}},
		"vfr": {{Probe: vfr}}, "short": {{Probe: short}}, "several": {{Probe: picture}, {Probe: paper}, {Probe: phone, Key: &Range{Start: 8, End: 18}}, {Probe: land}},
	}
}

func TestPlanGolden(t *testing.T) {
	t.Parallel()
	for channel, wish := range recipes() {
		for name, sources := range sourcesForGolden() {
			t.Run(channel+"/"+name, func(t *testing.T) {
				t.Parallel()
				w := wish
				w.Prefix, w.Source = "20261122-CC0042", "catalogue"
				plan, err := Plan(sources, w)
				require.NoError(t, err)
				text, err := json.MarshalIndent(plan, "", " ")
				require.NoError(t, err)
				golden := filepath.Join("testdata", channel+"-"+name+".json")
				if *update {
					require.NoError(t, os.WriteFile(golden, append(text, '\n'), 0o644))
				}
				want, err := os.ReadFile(golden)
				require.NoError(t, err)
				require.Equal(t, string(want), string(text)+"\n")
			})
		}
	}
}

// TestPlanHolds plans random recordings for random limits: what must always be
// true of a plan.
func TestPlanHolds(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(42, 7))
	for range 3000 {
		p := Probe{Kind: KindVideo, Duration: random.Float64()*300 + 0.02, Width: 16 + random.IntN(4000), Height: 16 + random.IntN(4000),
			FPS: 1 + random.Float64()*119, VFR: random.IntN(4) == 0, Bytes: 1e6, Frames: 2 + random.IntN(1000)}
		r := Recipe{Kind: []Kind{KindVideo, KindVideo, KindGIF, KindImage}[random.IntN(4)], Codec: "h264", Take: []Take{TakeWhole, TakeKey}[random.IntN(2)],
			SegmentSeconds: []float64{0, 10, 3}[random.IntN(3)], ShortSide: random.IntN(1200), LongSide: random.IntN(2000), FPS: float64(random.IntN(61)),
			MaxBytes: Size(random.IntN(6e6)), MaxTotalBytes: Size(random.IntN(18e6)), WantTotalBytes: Size(random.IntN(15e6)), Count: random.IntN(9), Caption: random.IntN(2) == 0}
		if r.LongSide > 0 && r.LongSide < 64 {
			r.LongSide = 64
		}
		var key *Range
		if random.IntN(2) == 0 {
			start := random.Float64() * p.Duration
			key = &Range{Start: start, End: start + 15}
		}
		plan, err := Plan([]Source{{Probe: p, Key: key}}, Wish{Recipes: []Recipe{r}, Prefix: "p", Caption: func(int, int, int, float64) string { return "words" }})
		require.NoError(t, err)
		pieces := plan[0]
		require.NotEmpty(t, pieces)
		sum, total := 0.0, int64(0)
		for i, x := range pieces {
			require.Zero(t, x.Width%2)
			require.Zero(t, x.Height%2)
			bar := 0
			if x.Caption != "" {
				bar = CaptionBar(x.Width)
			}
			require.LessOrEqual(t, x.Width, max(2, p.Width))
			require.LessOrEqual(t, x.Height-bar, max(2, p.Height))
			if r.LongSide > 0 {
				require.LessOrEqual(t, max(x.Width, x.Height), r.LongSide)
			}
			if !p.VFR && r.Kind != KindImage {
				require.LessOrEqual(t, x.FPS, math.Max(1, p.FPS+0.5))
			}
			if r.MaxBytes > 0 {
				require.LessOrEqual(t, x.MaxBytes, int64(r.MaxBytes))
			}
			require.GreaterOrEqual(t, x.Range.Start, 0.0)
			require.LessOrEqual(t, x.Range.End, p.Duration+1e-9)
			sum, total = sum+x.Range.Length(), total+x.MaxBytes
			if r.Kind != KindImage && i > 0 {
				require.InDelta(t, pieces[i-1].Range.End, x.Range.Start, 1e-9, "neither gap nor overlap")
				require.GreaterOrEqual(t, x.Range.Length(), TailJoins-1e-9)
			}
		}
		if r.MaxTotalBytes > 0 {
			require.LessOrEqual(t, total, int64(r.MaxTotalBytes))
		}
		if r.Kind == KindVideo {
			require.InDelta(t, stretch(Source{Probe: p, Key: key}, r.Take).Length(), sum, 1e-6)
		}
	}
}

// Pictures of all exhibits come before the first animation, and names, labels
// and captions count alike.
func TestPlanNumbersInTheOrderOfHandingIn(t *testing.T) {
	t.Parallel()
	video := Source{Probe: Probe{Kind: KindVideo, Duration: 8, Width: 320, Height: 568, FPS: 30, Frames: 240}}
	plan, err := Plan([]Source{video, video}, Wish{Prefix: "p", Label: "L", Caption: func(_, number, of int, _ float64) string { return fmt.Sprintf("%d/%d", number, of) },
		Recipes: []Recipe{{Kind: KindImage, Count: 4, Caption: true, Label: true}, {Kind: KindGIF, MaxPieces: 1, Label: true}}})
	require.NoError(t, err)
	var got [][]string
	for _, pieces := range plan {
		var names []string
		for _, p := range pieces {
			names = append(names, p.Name)
			require.Equal(t, fmt.Sprintf("L %d/6", p.Number), p.Label)
			require.Equal(t, 6, p.Of)
			if p.Kind == KindImage {
				require.Equal(t, fmt.Sprintf("%d/6", p.Number), p.Caption)
			}
		}
		got = append(got, names)
	}
	require.Equal(t, [][]string{{"p-1of6.jpg", "p-2of6.jpg", "p-5of6.gif"}, {"p-3of6.jpg", "p-4of6.jpg", "p-6of6.gif"}}, got)
}

func TestMissingTellsWhatFewPiecesLeaveOut(t *testing.T) {
	t.Parallel()
	source := Source{Probe: Probe{Kind: KindVideo, Duration: 120, FPS: 30}, Key: &Range{Start: 10, End: 100}}
	recipe := Recipe{Kind: KindVideo, Take: TakeKey, SegmentSeconds: 10, MaxPieces: 6}
	rest, some := Missing(source, recipe)
	require.True(t, some)
	require.Equal(t, Range{Start: 70, End: 100}, rest)
	source.Key.End = 70.4 // the remainder joins the last piece
	_, some = Missing(source, recipe)
	require.False(t, some)
	_, some = Missing(Source{Probe: Probe{Kind: KindImage}}, recipe)
	require.False(t, some)
}

func TestPlanRefusesWrongWishes(t *testing.T) {
	t.Parallel()
	good := Source{Probe: Probe{Kind: KindVideo, Width: 10, Height: 10, Duration: 1, FPS: 10}}
	for name, w := range map[string]Wish{
		"no prefix":     {Recipes: []Recipe{{Kind: KindVideo}}},
		"folder":        {Prefix: "../x", Recipes: []Recipe{{Kind: KindVideo}}},
		"not ascii":     {Prefix: "案件", Recipes: []Recipe{{Kind: KindVideo}}},
		"no recipes":    {Prefix: "p"},
		"unknown kind":  {Prefix: "p", Recipes: []Recipe{{Kind: KindPDF}}},
		"missing kinds": {Prefix: "p", Recipes: []Recipe{{}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Plan([]Source{good}, w)
			require.Error(t, err)
		})
	}
}
