package prepare

import (
	"cmp"

	"clipcase/media"
)

// price reckons what each file that is still to be made costs, and with that the
// whole: what is made together is read once, and the first of it pays for that.
func (w *work) price() {
	paid := map[*file]bool{}
	left := 0.0
	for _, p := range w.packs {
		for _, f := range p.files {
			if f.story != nil || f.ended {
				continue
			}
			if f.open() { // else it keeps what it cost in the job under way
				f.quiet = coding(f.plan)
				if !paid[f] {
					f.quiet += f.exhibit.readingCost(f.plan)
				}
				f.cost = f.quiet * w.effort(f)
			}
			left += f.cost
			if f.quiet > coding(f.plan) {
				for _, x := range w.alike(f) {
					paid[x] = true
				}
			}
		}
	}
	if w.reading != nil && !w.reading.counted {
		left += w.reading.cost
	}
	for _, p := range w.packs {
		for _, f := range p.which(func(f *file) bool { return f.story != nil && f.story.Compare && f.made == nil && f.refused == nil }) {
			if f.plan.Kind == media.KindVideo {
				size := media.Piece{Kind: media.KindVideo, Range: f.plan.Range, Width: 1280, Height: 720, FPS: 30}
				f.cost = coding(size) + w.pair.left.readingCost(size) + w.pair.right.readingCost(size)
				left += f.cost
			}
		}
	}
	w.meter.cost = w.meter.spent + left
}

// effort is what is known of a file, else the mean of the other videos of the same
// original and of some quiet screens.
func (w *work) effort(f *file) float64 {
	if f.effort > 0 || f.plan.Kind != media.KindVideo {
		return cmp.Or(f.effort, 1)
	}
	sum, known := believedQuiet, believedQuiet
	for _, p := range w.packs {
		for _, x := range p.files {
			if x.exhibit == f.exhibit && x.effort > 0 {
				sum, known = sum+x.effort, known+1
			}
		}
	}
	return sum / known
}

// reckon takes what the engine found a file to be, and reckons anew what is still to be
// made of its original.
func (w *work) reckon(f *file, effort float64) {
	if effort <= 0 || effort == f.effort {
		return
	}
	f.effort = effort
	for _, p := range w.packs {
		for _, x := range p.which((*file).open) {
			if x.exhibit == f.exhibit {
				before := x.cost
				x.cost = x.quiet * w.effort(x)
				w.meter.cost += x.cost - before
			}
		}
	}
}

const (
	believedQuiet = 2.0 // videos that were quiet count beside those that are known
	readingEach   = 0.4 // cost of reading the words of one picture
	processors    = 1.8 // that everything together keeps busy, of two
)

// Costs are about seconds on two processors, of which everything together keeps nine
// tenths busy, measured on recordings of a phone's screen. Only the proportions
// matter.

// readingCost is that of bringing the stretch of a piece to pictures, whatever
// is made of them. Stills and animations have theirs in coding.
func (e *exhibit) readingCost(p media.Piece) float64 {
	if p.Kind != media.KindVideo {
		return 0
	}
	pixels := float64(e.probe.Width*e.probe.Height) * max(1, e.probe.FPS) / 1e6
	return p.Range.Length() * (0.02 + 0.0013*pixels)
}

// coding is that of encoding and measuring a piece.
func coding(p media.Piece) float64 {
	length, size := p.Range.Length(), float64(p.Width*p.Height)/(640*480)*max(p.FPS, 1)/30
	switch {
	case p.Kind == media.KindDocument || p.Kind == media.KindPDF || p.Kind == media.KindEML:
		return 0
	case p.Kind == media.KindImage:
		return 0.5
	case p.Kind == media.KindGIF:
		return 1 + 0.15*length
	case p.Codec == "hevc":
		return 1 + length*0.1*size
	}
	return 1 + length*(0.02+0.03*size)
}
