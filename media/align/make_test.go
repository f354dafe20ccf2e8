package align_test

import (
	"math"
	"math/rand/v2"

	"clipcase/media"
)

// world is what can be recorded: sound and pictures at every moment of some
// minutes, as made up by its number.
type world struct {
	sound []float64 // of media.TraceRate
	shots []shot
}

type shot struct {
	until float64
	spots [6][5]float64 // x, y, their speeds, gray
	paper float64
}

const (
	lasts = 125.0 // seconds of a world
	zero  = 32.0  // its moment at which left recordings begin
)

// It is made by one goroutine and never changed, so the race detector, which would
// take most of the time of these tests, need not look at its making.
//
//go:norace
func newWorld(number uint64) *world {
	random := rand.New(rand.NewPCG(number, 7))
	w := &world{sound: make([]float64, int(lasts*media.TraceRate))}
	for at := 0.0; at < lasts; { // syllables of several tones, with pauses
		length, pause, loud := 0.08+0.2*random.Float64(), 0.15*random.Float64(), 500+4000*random.Float64()
		if random.Float64() < 0.15 {
			pause += 0.6
		}
		pitch, formant := 90+150*random.Float64(), 400+2600*random.Float64()
		for i := int(at * media.TraceRate); i < int(min(lasts, at+length)*media.TraceRate); i++ {
			t := float64(i)/media.TraceRate - at
			shape := math.Sin(math.Pi * t / length)
			w.sound[i] = loud * shape * (0.5*math.Sin(2*math.Pi*pitch*t) + 0.3*math.Sin(2*math.Pi*formant*t) + 0.2*random.NormFloat64())
		}
		at += length + pause
	}
	for at := 0.0; at < lasts; {
		s := shot{paper: 40 + 170*random.Float64()}
		for i := range s.spots {
			s.spots[i] = [5]float64{random.Float64(), random.Float64(), 0.1 * random.NormFloat64(), 0.1 * random.NormFloat64(), 255 * random.Float64()}
		}
		at += 1 + 4*random.Float64()
		s.until = at
		w.shots = append(w.shots, s)
	}
	return w
}

// gray is the picture at a moment and a place, 0..1 each way.
//
//go:norace
func (w *world) gray(at, x, y float64) float64 {
	began := 0.0
	for i := range w.shots {
		s := &w.shots[i]
		if at >= s.until {
			began = s.until
			continue
		}
		gray := s.paper
		for i := range s.spots {
			p := &s.spots[i]
			cx, cy := p[0]+p[2]*(at-began), p[1]+p[3]*(at-began)
			d := (x-cx)*(x-cx) + (y-cy)*(y-cy)
			gray += (p[4] - gray) / (1 + 2500*d*d)
		}
		return gray
	}
	return 0
}

// camera is how a world is recorded.
type camera struct {
	from, length   float64 // seconds after zero
	rate           float64 // pictures a second; 0 = all
	part           [4]float64
	mirrored, dark bool
	noise, grain   float64 // of the sound and of the pictures
	soft           bool    // the sound without its high tones, as of half the rate
	mute           bool
	over           *world // another world's sound
}

//go:norace
func (w *world) record(c camera) media.Trace {
	random := rand.New(rand.NewPCG(uint64(1000+100*c.from), 3))
	if c.part[2] == 0 {
		c.part = [4]float64{0, 0, 1, 1}
	}
	var t media.Trace
	voice, last := w, 0.0
	if c.over != nil {
		voice = c.over
	}
	if !c.mute {
		t.Sound = make([]int16, int(c.length*media.TraceRate))
	}
	for i := range t.Sound {
		v := voice.sound[int((zero+c.from)*media.TraceRate)+i] + c.noise*random.NormFloat64()
		if c.soft {
			last += 0.5 * (v - last)
			v = 0.4 * last
		}
		t.Sound[i] = int16(max(-32768, min(32767, v)))
	}
	for k := range int(c.length * media.TracePictures) {
		at := float64(k) / media.TracePictures
		if c.rate > 0 {
			at = math.Floor(at*c.rate+1e-6) / c.rate
		}
		began := len(t.Pictures)
		t.Pictures = append(t.Pictures, make([]byte, media.TraceSide*media.TraceSide)...)
		for i := range media.TraceSide * media.TraceSide {
			x, y := i%media.TraceSide, i/media.TraceSide
			above := began + (y-y%2)*media.TraceSide + x - x%2
			if began+i != above { // half as fine is fine enough, and quicker
				t.Pictures[began+i] = t.Pictures[above]
				continue
			}
			u, v := (float64(x)+1)/media.TraceSide, (float64(y)+1)/media.TraceSide
			if c.mirrored {
				u = 1 - u
			}
			g := w.gray(zero+c.from+at, c.part[0]+u*c.part[2], c.part[1]+v*c.part[3]) + c.grain*random.NormFloat64()
			if c.dark {
				g = 0.6*g + 10
			}
			t.Pictures[above] = byte(max(0, min(255, g)))
		}
	}
	return t
}
