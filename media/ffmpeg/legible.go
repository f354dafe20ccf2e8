package ffmpeg

import (
	"context"
	"image"
	_ "image/gif"  // for their sizes
	_ "image/jpeg" // of what we made
	_ "image/png"
	"math"
	"os"
	"strconv"

	"clipcase/media"
)

const (
	looks      = 3    // moments that are tried for one with words
	wholeSame  = 0.02 // by which the shape of a piece may differ from the original's and still show all of it
	fromEdge   = 0.2  // seconds of a piece at its ends that are not looked at
	longSample = 60.0 // seconds of a piece from which on two moments are compared
)

// judged is what is known of a finished file's quality, with its legibility or, where
// no words are read, with the likeness of its edges. A figure that cannot be measured
// is nil, and the piece is as good as before. The caller holds its share of the
// processors.
func (t task) judged(ctx context.Context, f finished) *media.Quality {
	made, err := t.madeFile(f.path)
	if err != nil {
		t.log.Debug("legibility not measured", "reason", err)
		return f.quality
	}
	if !t.showsAll(made) {
		return f.quality
	}
	share, known := t.legible(ctx, made)
	if known {
		return withLegibility(f.quality, share)
	}
	return t.withEdges(ctx, f.quality, made)
}

// withLegibility is a quality with the share of letters that can be read.
func withLegibility(q *media.Quality, share float64) *media.Quality {
	share = math.Round(share*1000) / 1000
	out := media.Quality{Legibility: &share}
	if q != nil {
		out.SSIM = q.SSIM
	}
	return &out
}

// withEdges is a quality with the likeness of a file's edges, if that is known.
func (t task) withEdges(ctx context.Context, q *media.Quality, made finishedFile) *media.Quality {
	share, known, err := t.sharp(ctx, made)
	if err != nil {
		t.log.Debug("edges not compared", "reason", err)
	}
	if err != nil || !known {
		return q
	}
	share = math.Round(share*1000) / 1000
	out := media.Quality{Edges: &share}
	if q != nil {
		out.SSIM = q.SSIM
	}
	return &out
}

// legible is the share, 0 to 1, of the original's letters that are still read in
// the file made of it, at the same moments and with the same settings. known is
// false when nothing can be said: nothing to read with, no words on the screen.
func (t task) legible(ctx context.Context, made finishedFile) (share float64, known bool) {
	if t.text == nil {
		return 0, false
	}
	want := t.wanted()
	sum, count := 0.0, 0
	for _, at := range t.lookAt(want) {
		one, ok, err := t.compare(ctx, made, at)
		if err != nil {
			t.log.Debug("legibility not measured", "reason", err)
			break
		}
		if ok {
			sum, count = sum+one, count+1
		}
		if count == want {
			break
		}
	}
	if count == 0 {
		return 0, false
	}
	return sum / float64(count), true
}

// wanted is at how many moments a piece is compared.
func (t task) wanted() int {
	if t.piece.Range.Length() >= longSample {
		return 2
	}
	return 1
}

// readAhead reads the moments of the original that a piece will be compared at, beside
// its encoding: what is measured afterwards waits less. wait is for its end.
func (t task) readAhead(ctx context.Context) (wait func()) {
	if t.text == nil {
		return func() {}
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		aside := t.aside()
		if aside.enter(ctx) != nil {
			return
		}
		defer aside.leave()
		left := t.wanted()
		for _, at := range t.lookAt(left) {
			page, err := t.page(ctx, t.from, t.probe, at, t.work)
			if err != nil {
				return // measuring will say
			}
			if _, words := media.Legible(page.Lines, nil); words {
				left--
			}
			if left == 0 {
				return
			}
		}
	}()
	return func() { <-done }
}

// finishedFile is a piece as something that can be read.
type finishedFile struct {
	original
	probe media.Probe
	bar   int // pixels at the lower edge that hold a caption
}

// madeFile takes the file as what it was planned to be: it was measured before,
// or is about to be.
func (t task) madeFile(file string) (finishedFile, error) {
	own, err := t.open(file)
	if err != nil {
		return finishedFile{}, err
	}
	f := finishedFile{original: own, probe: media.Probe{
		Kind: media.KindVideo, Format: "mov,mp4", Duration: t.piece.Range.Length(), Width: t.probe.Width, Height: t.probe.Height,
	}}
	switch t.piece.Kind {
	case media.KindVideo: // always the whole picture
		return f, nil
	case media.KindImage:
		f.probe.Kind, f.probe.Format = media.KindImage, own.info.Demuxer
	case media.KindGIF:
		f.probe.Format, f.probe.PixFmt = "gif", "pal8"
		f.probe.Duration += media.GIFLead
	}
	in, err := os.Open(own.path)
	if err != nil {
		return f, err
	}
	defer func() { _ = in.Close() }() // only read
	size, _, err := image.DecodeConfig(in)
	if err != nil {
		return f, err
	}
	f.probe.Width, f.probe.Height = size.Width, size.Height
	if t.piece.Kind == media.KindImage && t.piece.Caption != "" {
		f.bar = media.CaptionBar(size.Width)
	}
	return f, nil
}

// showsAll says whether the file shows the whole picture: of a part, what is
// missing was left out on purpose.
func (t task) showsAll(f finishedFile) bool {
	height := f.probe.Height - f.bar
	if t.probe.Height <= 0 || height <= 0 {
		return false
	}
	whole := float64(t.probe.Width) / float64(t.probe.Height)
	return math.Abs(float64(f.probe.Width)/float64(height)/whole-1) <= wholeSame+2/float64(min(f.probe.Width, height))
}

// lookAt are the moments of the original to compare at, the likeliest first: those
// that are read for the time line too, from the middle of the piece outwards.
func (t task) lookAt(want int) []float64 {
	r := t.piece.Range
	if t.probe.Kind == media.KindImage || r.End <= r.Start {
		return []float64{r.Start}
	}
	if t.piece.Kind == media.KindGIF { // it begins with this one: which others are in it is not known
		return []float64{telling(t.probe, r)}
	}
	var out []float64
	for _, at := range media.ReadAt(t.probe) {
		if at >= r.Start+fromEdge && at <= r.End-fromEdge {
			out = append(out, at)
		}
	}
	if len(out) == 0 {
		return []float64{r.Start + r.Length()/2}
	}
	// From the middle outwards, so that the first few are far from both ends.
	ordered := make([]float64, 0, len(out))
	for low, high := (len(out)-1)/2, (len(out)-1)/2+1; len(ordered) < len(out); low, high = low-1, high+1 {
		if low >= 0 {
			ordered = append(ordered, out[low])
		}
		if high < len(out) {
			ordered = append(ordered, out[high])
		}
	}
	return ordered[:min(len(ordered), want+looks-1)]
}

// compare looks at one moment.
func (t task) compare(ctx context.Context, made finishedFile, at float64) (share float64, known bool, err error) {
	s, known, err := t.sight(ctx, made, at)
	if err != nil || !known {
		return 0, false, err
	}
	read, err := t.read(ctx, []string{s.picture})
	if err != nil || read[0] == nil {
		return 0, false, err
	}
	share, known = media.Legible(s.want, read[0].Lines)
	return share, known, nil
}

// sight is a picture of a finished file and the lines of its original that should
// stand there.
type sight struct {
	picture string
	want    []media.Line
}

// sight is made at a moment of the original. known is false where nothing is to be
// read.
func (t task) sight(ctx context.Context, made finishedFile, at float64) (s sight, known bool, err error) {
	page, err := t.page(ctx, t.from, t.probe, at, t.work)
	if err != nil {
		return s, false, err
	}
	if _, words := media.Legible(page.Lines, nil); !words {
		return s, false, nil // reading the piece would be for nothing
	}
	then, first := t.moment(made, at)
	var look view
	look.width, look.height = readSize(t.probe.Width, t.probe.Height)
	look.top, look.bottom, s.want = media.Passage(page.Lines)
	dir, err := os.MkdirTemp(t.work, "page-")
	if err != nil {
		return s, false, err
	}
	s.picture, err = t.shows(ctx, made.original, made.probe, then, first, look, dir)
	return s, err == nil, err
}

// moment is where a moment of the original is found in a finished file, and what
// brings its picture there.
func (t task) moment(made finishedFile, at float64) (then float64, first []filter) {
	then = at - t.piece.Range.Start
	if made.bar > 0 {
		first = []filter{{"crop", []string{"iw", "ih-" + strconv.Itoa(made.bar), "0", "0"}}}
	}
	if t.piece.Kind == media.KindGIF { // in front, where it stands for a while
		return media.GIFLead / 2, first
	}
	return then, first
}
