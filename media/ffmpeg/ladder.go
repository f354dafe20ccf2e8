package ffmpeg

import (
	"math"

	"clipcase/media"
)

// attempt is one way of encoding a piece.
type attempt struct {
	width, height int
	fps           float64
	crf           float64
	room          float64 // the ceiling, in mean rates that reach the limit
	bits          int64   // a second of picture: the same ceiling; 0 = none
	corrected     bool    // after a miss
	quiet         bool    // hardly any grain is foreseen
}

const (
	// Crf after which the bits have halved: of a screen (measured: 5.0–6.1), and of
	// pictures full of grain (2.2–2.7). What is taken off grain is a little more, and
	// more still where the ceiling held it down already. What is added goes by the
	// least of each, so that it does not pass the limit.
	halving, grainy, grainier, noisy = 5.5, 2.5, 3.0, 4.0
	doubling, steepest               = 5.0, 2.0

	grain     = 0.1 // bits a pixel from which pictures are full of it
	maxTries  = 5
	roomFor   = 0.97 // of a limit: containers and rounding need the rest
	aimFor    = 0.93 // of a limit, after a miss
	tinyBytes = 150_000

	spare      = 0.9 // of what a piece may weigh: a first attempt below it may be raised
	mostRaised = 9.0 // crf
	mostRises  = 2   // attempts that may be raised
	leastRoom  = 1.3 // of the ceiling, until a corrected attempt missed too: busy moments need more than the mean

	generous = 0.2 // bits a pixel that a piece may weigh: with more than grain needs quality begins better
	better   = 1.0 // crf, of H.264
	stillCRF = 2.5 // and of HEVC, for a screen without grain: letters stay as sharp as they were

	shortPiece = 12.0 // seconds up to which a piece has little that is quiet
	bitsEnough = 0.4  // bits a pixel that the first attempt may take: noise at the best quality takes 0.3
)

// codecCRF is where quality begins (nothing visible is lost) and where it ends
// (letters of a phone's screen blur).
func codecCRF(codec string) (best, worst float64) {
	if codec == "hevc" {
		return 23.5, 36
	}
	return 21, 34
}

// ladder finds the attempt after a miss. It knows what a piece may weigh.
type ladder struct {
	piece media.Piece
	audio int64 // bytes of sound
	hard  int64 // bytes that may never be passed; 0 = none
	soft  int64 // bytes wished: the source's share, the channel's wish; 0 = none

	before *result  // of the attempt before; nil = none
	alone  *attempt // the first attempt would be this, were there no twin with less room; nil = it is
}

// result is what an attempt gave.
type result struct {
	at    attempt
	bytes float64 // without the sound
}

// newLadder takes the limits of a piece. share is what the stretch weighs in
// the original: a piece is not to be larger.
func newLadder(p media.Piece, share int64) ladder {
	l := ladder{piece: p, hard: p.MaxBytes, soft: p.Target}
	length := math.Max(p.Range.Length(), 1/math.Max(1, p.FPS))
	if p.Bitrate > 0 {
		l.hard = lesser(l.hard, int64(float64(p.Bitrate)*length/8))
	}
	if share > tinyBytes {
		l.soft = lesser(l.soft, share)
	}
	l.audio = int64(float64(p.Audio) * length / 8)
	return l
}

func lesser(a, b int64) int64 {
	if a == 0 || b > 0 && b < a {
		return b
	}
	return a
}

// aim is what an attempt should weigh at most.
func (l ladder) aim() int64 {
	return lesser(int64(float64(l.hard)*roomFor), l.soft)
}

// first is the best quality, held to a ceiling: close for short pieces, which are
// to land within their limit at once, and wide for longer ones, where busy
// stretches take what quiet ones leave. Screens are quiet most of the time: at
// the mean rate their busy stretches would starve.
func (l ladder) first() attempt {
	best, _ := codecCRF(l.piece.Codec)
	a := attempt{width: l.piece.Width, height: l.piece.Height, fps: l.piece.FPS, crf: best}
	if aim := l.aim(); l.piece.Codec == "h264" && (aim == 0 || float64(aim)*8 > generous*l.pixels(a)) {
		a.crf -= better
	}
	a.room = leastRoom
	if length := l.piece.Range.Length(); length > shortPiece {
		a.room = math.Min(6, length/8)
	}
	return l.held(a)
}

// begin is the first attempt where the best quality is foreseen to weigh so much.
func (l *ladder) begin(foreseen int64) attempt {
	a := l.first()
	if l.hard == 0 || float64(foreseen) < tooMuch*float64(l.hard) {
		return a
	}
	room := a.room
	if better, ok := l.next(a, foreseen); ok {
		a = better
	}
	a.room, a.corrected = room, false
	return l.held(a)
}

// near is the first attempt at a short piece whose pictures are foreseen to weigh so
// much at the best quality: grain that has no room for it begins where it has;
// a screen without grain begins where its letters are sharpest, if that has room by
// far; anything else begins at the best, and what was measured decides.
func (l *ladder) near(pictures float64) attempt {
	a := l.first()
	want := float64(l.aim() - l.audio)
	if a.quiet = !l.grainy(a, pictures); a.quiet && 2*pictures < want {
		a.crf -= stillCRF
	}
	if want < 1 || a.quiet {
		return a
	}
	_, worst := codecCRF(l.piece.Codec)
	a.crf = math.Min(worst, a.crf+math.Max(0, grainy*math.Log2(pictures/(glimpseOver*want))))
	return l.held(a)
}

// held reckons the ceiling. Beyond what any picture needs it would only make
// pieces differ that could be one file.
func (l ladder) held(a attempt) attempt {
	needs := int64(float64(a.width*a.height) * a.fps * bitsEnough)
	if a.bits = l.ceiling(a.room); a.bits == 0 || a.bits > needs {
		a.bits = needs
	}
	return a
}

// step says what follows an attempt that came out at bytes: with more, another
// one; else it stays, if it fits. good tells whether the pictures are already as
// good as their original, and is asked only where that matters.
func (l *ladder) step(a attempt, bytes int64, tries int, good func() bool) (next attempt, more, fits bool) {
	if !l.fits(bytes, tries) {
		l.alone = nil // what is better weighs more still
		if better, ok := l.next(a, bytes); ok && tries < maxTries {
			l.before = &result{a, float64(bytes - l.audio)}
			return better, true, false
		}
		return a, false, l.hard == 0 || bytes <= l.hard
	}
	if tries > mostRises || good() {
		return a, false, true
	}
	better, ok := l.raised(a, bytes)
	if ok {
		l.before = &result{a, float64(bytes - l.audio)}
	}
	return better, ok, true
}

// raised is a better attempt than one that left some of the room a piece has, for
// pictures that are not yet as good as their original.
func (l *ladder) raised(a attempt, bytes int64) (attempt, bool) {
	have, want := float64(bytes-l.audio), float64(l.aim()-l.audio)
	own := l.alone
	l.alone = nil
	if own != nil && (l.aim() == 0 || have <= spare*want) {
		return *own, true
	}
	if l.hard == 0 || have < 1 || have > spare*want {
		return a, false
	}
	slope := doubling
	if l.grainy(a, have) {
		slope = grainy
	}
	if known, ok := l.slope(a, have); ok {
		slope = known
	}
	a.crf -= math.Min(mostRaised, slope*math.Log2(aimFor/roomFor*want/have))
	return l.held(a), true
}

// slope is the crf that doubles the bytes, where two attempts have shown it.
func (l *ladder) slope(a attempt, have float64) (float64, bool) {
	b := l.before
	if b == nil || b.at.width != a.width || b.at.fps != a.fps || b.bytes == have || l.full(b.at, b.bytes) || l.full(a, have) {
		return 0, false
	}
	known := (b.at.crf - a.crf) / math.Log2(have/b.bytes)
	return math.Max(steepest, math.Min(mostRaised, known)), known > 0
}

// full says that the ceiling, not the quality, decided what came out.
func (l *ladder) full(a attempt, bytes float64) bool {
	return a.bits > 0 && bytes*8 > 0.9*float64(a.bits)*l.piece.Range.Length()
}

// lowered says that an attempt gives up what the piece was planned to have.
func (l *ladder) lowered(a attempt) bool {
	first := l.first()
	return a.crf > first.crf || a.width < first.width
}

// grainy says whether pictures that take so many bytes are full of grain.
func (l ladder) grainy(a attempt, bytes float64) bool {
	return bytes*8 > grain*l.pixels(a)
}

// pixels are those of all of an attempt's pictures.
func (l ladder) pixels(a attempt) float64 {
	return float64(a.width*a.height) * a.fps * l.piece.Range.Length()
}

// ceiling is the rate at which aim is reached, times room.
func (l ladder) ceiling(room float64) int64 {
	aim := l.aim()
	if aim == 0 {
		return 0
	}
	length := math.Max(l.piece.Range.Length(), 0.5)
	return max(20_000, int64(float64(max(1, aim-l.audio))*8/length*room))
}

// fits says whether bytes need no further try.
func (l ladder) fits(bytes int64, tries int) bool {
	if l.hard > 0 && bytes > l.hard {
		return false
	}
	return l.soft == 0 || bytes <= l.soft || tries >= 3
}

// next is the attempt after one that came out at bytes; false means that
// nothing legible is left to try. Pictures a second go first, then bits, then
// size: letters suffer least in that order. A wish alone, or being larger than
// the original, costs bits but neither pictures nor size.
func (l *ladder) next(a attempt, bytes int64) (attempt, bool) {
	best, worst := codecCRF(l.piece.Codec)
	missed := l.hard > 0 && bytes > l.hard
	have := math.Max(1, float64(bytes-l.audio))
	want := float64(l.aim())*aimFor/roomFor - float64(l.audio)
	if missed && want < 1 {
		return a, false
	}
	want = math.Max(1, want)
	start := a.crf
	slope := halving
	switch {
	case l.grainy(a, have) && l.full(a, have):
		slope = noisy
	case l.grainy(a, have):
		slope = grainier
	}
	if known, ok := l.slope(a, have); ok {
		slope = known
	}
	step := func() float64 { return start + slope*math.Max(0.12, math.Log2(have/want)) }
	slower := func(floor float64) {
		rate := math.Max(floor, a.fps/2)
		have *= math.Sqrt(rate / a.fps)
		a.fps = rate
	}
	smaller := func() {
		width, height := media.FitSize(a.width, a.height, max(media.MinShortSide, min(a.width, a.height)*4/5), 0)
		have *= math.Pow(float64(width*height)/float64(a.width*a.height), 0.75)
		a.width, a.height = width, height
	}
	if missed && a.fps > 20 && step() > best+8 {
		slower(15)
	}
	for missed && step() > worst {
		switch {
		case a.fps > media.MinFPS*1.2:
			slower(media.MinFPS)
		case min(a.width, a.height) > media.MinShortSide:
			smaller()
		default:
			lowest := a.crf >= worst
			a.crf, a.room = worst, 0.9
			return l.held(a), !lowest
		}
	}
	lowest := a.crf >= worst && !missed
	room := leastRoom
	if a.corrected {
		room = 1
	}
	before, full := float64(a.bits), l.full(a, float64(bytes-l.audio))
	a.crf, a.room, a.corrected = math.Min(step(), worst), math.Max(math.Min(room, a.room), a.room/2), true
	a = l.held(a)
	if full { // what decided is lowered too
		a.bits = min(a.bits, int64(before*want/have))
	}
	return a, !lowest
}
