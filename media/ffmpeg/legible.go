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

// judged is what is known of a finished file's quality, with its legibility. A figure
// that cannot be measured is nil, and the piece is as good as before.
func (t task) judged(ctx context.Context, f finished) *media.Quality {
	share, known := t.legible(ctx, f.path)
	return withLegibility(f.quality, share, known)
}

// withLegibility is a quality with the share of letters that can be read, where that is known.
func withLegibility(q *media.Quality, share float64, known bool) *media.Quality {
	if !known {
		return q
	}
	share = math.Round(share*1000) / 1000
	out := media.Quality{Legibility: &share}
	if q != nil {
		out.SSIM = q.SSIM
	}
	return &out
}

// legible is the share, 0 to 1, of the original's letters that are still read in
// the file made of it, at the same moments and with the same settings. known is
// false when nothing can be said: nothing to read with, no words on the screen,
// a file that shows a part of the picture only. The caller holds its share of
// the processors.
func (t task) legible(ctx context.Context, file string) (share float64, known bool) {
	if t.text == nil {
		return 0, false
	}
	made, err := t.madeFile(file)
	if err != nil {
		t.log.Debug("legibility not measured", "reason", err)
		return 0, false
	}
	if !t.showsAll(made) {
		return 0, false
	}
	want := 1
	if t.piece.Range.Length() >= longSample {
		want = 2
	}
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
	var first []filter
	if made.bar > 0 {
		first = []filter{{"crop", []string{"iw", "ih-" + strconv.Itoa(made.bar), "0", "0"}}}
	}
	then := at - t.piece.Range.Start
	if t.piece.Kind == media.KindGIF {
		// What follows the picture in front; every picture stands until the next, and
		// the last one to the end.
		then += media.GIFLead
		first = []filter{{"fps", []string{"fps=20"}}, {"tpad", []string{"stop_mode=clone", "stop_duration=1.2"}}}
	}
	look := view{bottom: 1}
	s.want = page.Lines
	look.width, look.height = readSize(t.probe.Width, t.probe.Height)
	if t.piece.Kind != media.KindGIF { // its picture may be of a moment before, with the page scrolled elsewhere
		look.top, look.bottom, s.want = media.Passage(page.Lines)
	}
	dir, err := os.MkdirTemp(t.work, "page-")
	if err != nil {
		return s, false, err
	}
	s.picture, err = t.shows(ctx, made.original, made.probe, then, first, look, dir)
	return s, err == nil, err
}
