package ffmpeg

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// kind is what footage shows.
type kind string

const (
	cuts   kind = "cuts"   // shots of one to five seconds in which things move
	room   kind = "room"   // one person before one background, with comments that come in
	screen kind = "screen" // pages of text, scrolled and left at rest
)

// How footage is made: small, for ffmpeg enlarges it.
const (
	footageWide, footageHigh = 54, 96
	footageRate              = 12
	footageTones             = 32000
	footageLasts             = 95 // seconds
)

// footage is what happened, before anybody recorded it: files without any coding.
type footage struct{ pictures, sound string }

// shoot makes it up. Of one scene the backgrounds and pages are the same; what
// happens there, and what is said, is of the take.
func shoot(t *testing.T, k kind, scene, take uint64) footage {
	t.Helper()
	random, dir := rand.New(rand.NewPCG(take, 11)), t.TempDir()
	f := footage{pictures: filepath.Join(dir, "pictures"), sound: filepath.Join(dir, "sound")}
	require.NoError(t, os.WriteFile(f.sound, talk(random), 0o600))
	draw := map[kind]func(uint64, *rand.Rand) func([]byte, float64){cuts: drawCuts, room: drawRoom, screen: drawScreen}[k](scene, random)
	const size = footageWide * footageHigh
	pictures := make([]byte, size*footageRate*footageLasts)
	for n := range footageRate * footageLasts {
		draw(pictures[n*size:(n+1)*size], float64(n)/footageRate)
	}
	require.NoError(t, os.WriteFile(f.pictures, pictures, 0o600))
	return f
}

// seen and heard are ffmpeg's inputs of it from a moment on.
func (f footage) seen(from float64) []string {
	return []string{"-ss", decimal(from), "-f", "rawvideo", "-pix_fmt", "gray", "-s", fmt.Sprintf("%dx%d", footageWide, footageHigh), "-r", strconv.Itoa(footageRate), "-i", f.pictures}
}

func (f footage) heard(from float64) []string {
	return []string{"-ss", decimal(from), "-f", "s16le", "-ar", strconv.Itoa(footageTones), "-ac", "1", "-i", f.sound}
}

// talk is syllables of two tones and breath, with pauses. The race detector,
// which would take most of the time, need not look at what one goroutine makes.
//
//go:norace
func talk(random *rand.Rand) []byte {
	out := make([]byte, 2*footageTones*footageLasts)
	for at := 0.0; at < footageLasts; {
		length, pause, loud := 0.08+0.2*random.Float64(), 0.15*random.Float64(), 500+6000*random.Float64()
		if random.Float64() < 0.15 {
			pause += 0.6
		}
		pitch, formant := 90+150*random.Float64(), 400+2600*random.Float64()
		for i := int(at * footageTones); i < min(len(out)/2, int((at+length)*footageTones)); i++ {
			t := float64(i)/footageTones - at
			v := int16(loud * math.Sin(math.Pi*t/length) *
				(0.5*math.Sin(2*math.Pi*pitch*t) + 0.3*math.Sin(2*math.Pi*formant*t) + 0.2*(2*random.Float64()-1)))
			out[2*i], out[2*i+1] = byte(v), byte(uint16(v)>>8)
		}
		at += length + pause
	}
	return out
}

// disc is a round thing that is sharp at its edge.
//
//go:norace
func disc(p []byte, x, y, r float64, gray byte) {
	for v := max(0, int(y-r)); v <= min(footageHigh-1, int(y+r)); v++ {
		for u := max(0, int(x-r)); u <= min(footageWide-1, int(x+r)); u++ {
			if (float64(u)-x)*(float64(u)-x)+(float64(v)-y)*(float64(v)-y) <= r*r {
				p[v*footageWide+u] = gray
			}
		}
	}
}

//go:norace
func drawCuts(_ uint64, random *rand.Rand) func([]byte, float64) {
	var things [6][6]float64 // x, y, their speeds, radius, gray
	began, until, paper := 0.0, 0.0, 0.0
	return func(p []byte, t float64) {
		if t >= until {
			began, until, paper = t, t+1+4*random.Float64(), 40+170*random.Float64()
			for i := range things {
				things[i] = [6]float64{footageWide * random.Float64(), footageHigh * random.Float64(), 5 * random.NormFloat64(), 5 * random.NormFloat64(), 4 + 14*random.Float64(), 255 * random.Float64()}
			}
		}
		for i := range p {
			p[i] = byte(paper + float64(i/footageWide)/4)
		}
		for _, d := range things {
			disc(p, d[0]+d[2]*(t-began), d[1]+d[3]*(t-began), d[4], byte(d[5]))
		}
	}
}

//go:norace
func drawRoom(scene uint64, random *rand.Rand) func([]byte, float64) {
	back, still := make([]byte, footageWide*footageHigh), rand.New(rand.NewPCG(scene, 13))
	for range 12 {
		disc(back, footageWide*still.Float64(), footageHigh*still.Float64(), 8+14*still.Float64(), byte(60+120*still.Float64()))
	}
	x, y, toX, toY, next, comment := 27.0, 40.0, 27.0, 40.0, 0.0, 2.0
	rows := make([]int, 6) // how long each comment is
	return func(p []byte, t float64) {
		if t >= next { // the head turns to somewhere else, or a hand goes up
			toX, toY, next = 27+6*random.NormFloat64(), 40+3*random.NormFloat64(), t+0.5+3*random.Float64()
		}
		if t >= comment {
			rows, comment = append(rows[1:], 10+random.IntN(36)), t+0.4+4*random.Float64()
		}
		x, y = x+(toX-x)*0.2, y+(toY-y)*0.2
		copy(p, back)
		disc(p, x, y+32, 20, 70)
		disc(p, x, y, 11, 200)
		for i, long := range rows {
			for v := 66 + i*5; v < 69+i*5; v++ {
				for u := 2; u < 2+long; u++ {
					p[v*footageWide+u] = 235
				}
			}
		}
	}
}

//go:norace
func drawScreen(scene uint64, random *rand.Rand) func([]byte, float64) {
	const long = 1200
	still := rand.New(rand.NewPCG(scene, 17))
	page := make([]byte, footageWide*long)
	for v := 0; v < long; v++ {
		if v%5 == 0 && still.Float64() < 0.1 { // a picture in the text
			end, gray := min(long, v+20), byte(40+180*still.Float64())
			for ; v < end-5; v++ {
				for u := range footageWide {
					page[v*footageWide+u] = gray
				}
			}
		}
		width := 10 + still.IntN(42)
		for u := range footageWide {
			page[v*footageWide+u] = 245
			if v%5 < 3 && u > 2 && u < width && still.Float64() < 0.55 {
				page[v*footageWide+u] = 30
			}
		}
	}
	at, to, next := 0.0, 0.0, 0.0
	return func(p []byte, t float64) {
		if t >= next { // a finger pushes the page on, or back to its top
			if to, next = to+20+70*random.Float64(), t+0.8+4*random.Float64(); to > long-footageHigh {
				to = 0
			}
		}
		at += (to - at) * 0.3
		copy(p, page[int(at)*footageWide:])
		for i := range 7 * footageWide { // the bar above
			p[i] = 250
		}
	}
}
