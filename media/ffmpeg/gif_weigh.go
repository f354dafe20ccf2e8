package ffmpeg

import (
	"bytes"
	"context"
	"math"
	"strconv"
	"strings"

	"clipcase/media"
)

// shape is one way of making a GIF.
type shape struct {
	width, height int
	fps           float64
	colours       int
	lossy         int // gifsicle's
}

// model reckons what a shape weighs.
type model struct {
	first   float64 // bytes of the first picture at the size that was weighed
	changes float64 // bytes of all further ones
	pixels  float64 // of the size that was weighed
	bits    float64 // per pixel and picture: text has few, grain has many
	fps     float64
	plain   bool    // nothing squeezes it afterwards
	seen    float64 // what was made, against what had been reckoned
}

const (
	weighPart = 0.5 // of the sides: a quarter of the work
	settleFPS = 4.0 // pictures a second that still show what was done; below, colours and size share the loss
	rateSlope = 0.85
)

// weigh codes the clip's pictures as a GIF would at half the size, and keeps
// nothing but their sizes and their palette.
func (t task) weigh(ctx context.Context, b excerpt) (model, error) {
	s := shape{fps: t.piece.FPS, colours: fineColours}
	s.width, s.height = media.FitSize(b.width, b.height, int(weighPart*float64(min(b.width, b.height))), 0)
	words, err := t.labelled(s)
	if err != nil {
		return model{}, err
	}
	var out bytes.Buffer
	g := graph{
		inputs: []input{b.input()},
		chains: coloured(b.frames(s, words), s.colours, 2),
		output: output{path: "-", take: []string{"g"}, options: []option{{"-f", "framecrc"}, {"-c:v", "gif"}, {"-vsync", "vfr"}}},
		more: []output{{path: "file:" + t.paletteFile(), take: []string{"p1"}, options: []option{
			{"-f", "image2"}, {"-c:v", "png"}, {"-frames:v", "1"}, {"-update", "1"}, {"-map_metadata", "-1"}, {"-fflags", "+bitexact"}, {"-flags:v", "+bitexact"},
		}}},
	}
	if err := t.excerptRun(ctx, g, command{stdout: &out}); err != nil {
		return model{}, err
	}
	sizes := packetSizes(out.String())
	m := model{pixels: float64(s.width * s.height), fps: s.fps, seen: 1, plain: t.gifsicle == ""}
	for i, size := range sizes {
		if i == 0 {
			m.first = size
		} else {
			m.changes += size
		}
	}
	pictures := math.Max(1, math.Round((t.piece.Range.Length()+media.GIFLead)*s.fps))
	m.bits = (m.first + m.changes) * 8 / (m.pixels * pictures)
	return m, nil
}

// packetSizes reads framecrc: stream, dts, pts, duration, size, checksum.
func packetSizes(text string) []float64 {
	var out []float64
	for line := range strings.Lines(text) {
		fields := strings.Split(line, ",")
		if strings.HasPrefix(line, "#") || len(fields) < 6 {
			continue
		}
		if size, err := strconv.ParseFloat(strings.TrimSpace(fields[4]), 64); err == nil {
			out = append(out, size)
		}
	}
	return out
}

// bytes is what a shape is reckoned to weigh.
func (m model) bytes(s shape) float64 {
	grain := math.Min(1, math.Max(0, (m.bits-0.6)/1.4)) // 0 = text, 1 = a film with grain
	size := math.Pow(float64(s.width*s.height)/m.pixels, (1.4+0.6*grain)/2)
	rate := math.Pow(math.Min(1, s.fps/m.fps), rateSlope)
	colours := math.Pow(float64(s.colours)/fineColours, 0.25)
	total := (m.first + m.changes*rate) * size * colours
	if !m.plain {
		// Measured: what is left after 60 and after 200.
		least, most := 0.53-0.06*grain, 0.45-0.13*grain
		total *= least + (most-least)*math.Min(1, float64(s.lossy-lossyLeast)/(lossyMost-lossyLeast))
	}
	return total * m.seen
}

// learn takes what a shape really weighs.
func (m *model) learn(s shape, bytes int64) {
	m.seen *= float64(bytes) / math.Max(1, m.bytes(s))
}

// solve gives up what reading misses least until the aim is reached: pictures a
// second first, then fine colours, then width down to what can be read,
// and at last movement itself: a slide show, of which each slide can be read.
func (m model) solve(s shape, aim float64) shape {
	full := s
	return m.give(s, aim, []func(shape) shape{
		func(s shape) shape { return s.slower(math.Min(full.fps, settleFPS)) },
		func(s shape) shape { s.lossy = min(s.lossy+10, 110); return s },
		func(s shape) shape { return s.smaller(full) },
		func(s shape) shape { return s.slower(math.Min(full.fps, media.MinGIFFPS)) },
		func(s shape) shape { s.lossy = min(s.lossy+10, lossyMost); s.colours = max(48, s.colours-10); return s },
	})
}

// sharp is solve for letters that became too small: movement goes before size.
func (m model) sharp(s shape, aim float64) shape {
	full := s
	return m.give(s, aim, []func(shape) shape{
		func(s shape) shape { return s.slower(math.Min(full.fps, media.MinGIFFPS)) },
		func(s shape) shape { s.lossy = min(s.lossy+10, 110); return s },
		func(s shape) shape { return s.smaller(full) },
		func(s shape) shape { s.lossy = min(s.lossy+10, lossyMost); s.colours = max(48, s.colours-10); return s },
	})
}

// give takes the steps in turn, each as far as it goes, until the aim is reached.
func (m model) give(s shape, aim float64, steps []func(shape) shape) shape {
	for _, step := range steps {
		for m.bytes(s) > aim {
			next := step(s)
			if next == s {
				break
			}
			s = next
		}
	}
	return s
}

func (s shape) slower(least float64) shape {
	s.fps = math.Max(least, s.fps*0.94)
	return s
}

// smaller is one step down; floor is of the shorter side.
func (s shape) smaller(full shape) shape {
	short := max(min(s.width, s.height)-8, min(media.MinGIFShortSide, full.width, full.height))
	s.width, s.height = media.FitSize(full.width, full.height, short, 0)
	return s
}
