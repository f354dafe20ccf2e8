package prepare

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"clipcase/flows"
	"clipcase/flows/dossier"
	"clipcase/media"
)

// frameShare is the part of a booklet that its pictures may take.
const frameShare = 0.8

// frameLine is how many characters of the screen a caption quotes.
const frameLine = 26

// speakMost is how many lines of a recording decide where pictures are taken.
const speakMost = 3

// apart is how many seconds lie between two frames of one recording at least.
const apart = 0.5

// frames makes the pictures of the story board: where the words on the screen say
// most about the matter, over the whole of each recording and, where a key moment
// is known, as many within it. They cost a seek each; what cannot be read is left
// out.
func (p *pack) frames(ctx context.Context, recipe media.Recipe) ([]dossier.Frame, error) {
	jobs, err := p.frameJobs(recipe)
	if err != nil {
		return nil, err
	}
	var out []dossier.Frame
	told := map[string]bool{}
	for i, job := range jobs {
		job.Dir = filepath.Join(p.work.rooms, fmt.Sprintf("%s-frames-%d", p.channel.ID, i+1))
		if err := os.Mkdir(job.Dir, 0o700); err != nil {
			return nil, err
		}
		made, err := p.cfg.Engine.Render(ctx, job.Job, func(media.Progress) {}, func(media.Made) {})
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if _, rest := split(err); rest != nil {
			return nil, rest
		}
		slices.SortFunc(made, func(a, b media.Made) int { return cmp.Compare(a.Piece.Range.Start, b.Piece.Range.Start) })
		for _, m := range made {
			f := p.frame(job.exhibit, m, filepath.Join(job.Dir, m.Piece.Name), len(out)+1)
			if line := p.fresh(job.exhibit, m.Piece.Range.Start, told); line != "" {
				f.Line = p.say(flows.T("booklet.frame.line", "line", flows.Shorten(line, frameLine)))
			}
			if len(jobs) > 1 || f.Line == "" {
				f.Caption = p.slotName(job.exhibit)
			}
			out = append(out, f)
		}
	}
	return out, nil
}

// frameJob is the frames of one original.
type frameJob struct {
	media.Job
	exhibit *exhibit
}

func (p *pack) frameJobs(recipe media.Recipe) ([]frameJob, error) {
	still := media.Recipe{
		Kind: media.KindImage, Take: media.TakeWhole, Count: recipe.Count, LongSide: recipe.LongSide,
		MaxBytes: min(500_000, media.Size(frameShare*float64(recipe.MaxBytes))/media.Size(max(1, recipe.Count))),
	}
	var whole, keyed, told []media.Source
	var of []*exhibit
	named := false
	for _, e := range p.exhibits {
		if !e.usable() || e.probe.Kind == media.KindDocument {
			continue
		}
		of = append(of, e)
		whole = append(whole, media.Source{Probe: e.probe})
		keyed = append(keyed, media.Source{Probe: e.probe, Key: e.key, Blind: e.key == nil})
		told = append(told, p.speaking(e))
		named = named || e.key != nil
	}
	wish := func(sources []media.Source, take media.Take, count int, prefix string) ([][]media.Piece, error) {
		r := still
		r.Take, r.Count = take, max(1, count)
		return media.Plan(sources, media.Wish{Recipes: []media.Recipe{r}, Prefix: prefix})
	}
	speaking := 0
	if slices.ContainsFunc(told, func(s media.Source) bool { return !s.Blind }) {
		speaking = recipe.Count / 3
	}
	inKey := 0
	if named {
		inKey = (recipe.Count - speaking) / 2
	}
	all, err := wish(whole, media.TakeWhole, recipe.Count-speaking-inKey, "frame")
	if err != nil {
		return nil, err
	}
	for _, more := range []struct {
		sources []media.Source
		take    media.Take
		count   int
		prefix  string
	}{{keyed, media.TakeKey, inKey, "key"}, {told, media.TakeWhole, speaking, "told"}} {
		if more.count == 0 {
			continue
		}
		found, err := wish(more.sources, more.take, more.count, more.prefix)
		if err != nil {
			return nil, err
		}
		for i := range all {
			all[i] = spaced(found[i], all[i])
		}
	}
	var jobs []frameJob
	for i, pieces := range all {
		if len(pieces) > 0 {
			jobs = append(jobs, frameJob{media.Job{Path: of[i].path, Probe: of[i].probe, Pieces: pieces}, of[i]})
		}
	}
	return jobs, nil
}

// speaking is a recording with only those moments in which the words on the screen
// say most about the matter: blind where they say nothing.
func (p *pack) speaking(e *exhibit) media.Source {
	out := media.Source{Probe: e.probe, Blind: true}
	if e.probe.Kind != media.KindVideo {
		return out
	}
	out.Probe.Settled, out.Probe.Changed = nil, nil
	for _, s := range media.Highlights(e.seen, p.scenario.Moments, speakMost) {
		if n := len(out.Probe.Settled); n == 0 || s.At-out.Probe.Settled[n-1] >= apart {
			out.Probe.Settled = append(out.Probe.Settled, s.At)
		}
	}
	out.Blind = len(out.Probe.Settled) == 0
	return out
}

// spaced adds those of more that are not as good as among pieces already.
func spaced(pieces, more []media.Piece) []media.Piece {
	out := slices.Clone(pieces)
	for _, m := range more {
		if !slices.ContainsFunc(out, func(x media.Piece) bool {
			return max(x.Range.Start-m.Range.Start, m.Range.Start-x.Range.Start) < apart
		}) {
			out = append(out, m)
		}
	}
	return out
}

func (p *pack) frame(e *exhibit, m media.Made, path string, number int) dossier.Frame {
	title := flows.T("booklet.frame", "number", number, "at", flows.FormatClock(m.Piece.Range.Start))
	if e.probe.Kind == media.KindImage {
		title = flows.T("booklet.frame.picture", "number", number)
	}
	return dossier.Frame{Path: path, Width: m.Width, Height: m.Height, Title: p.say(title)}
}

// fresh is the line on the screen at a moment that says most about the matter, if
// it can be one that stands under no picture yet: told. Lines that differ by figures
// count as one that goes on, so figures are quoted only where they were read.
func (p *pack) fresh(e *exhibit, at float64, told map[string]bool) string {
	there := func(s media.Seen) bool {
		return math.Abs(s.At-at) <= sameMoment || !strings.ContainsFunc(s.Text, unicode.IsDigit)
	}
	line := p.telling(e, at, func(s media.Seen) bool { return there(s) && !told[s.Text] })
	if line == "" {
		line = p.telling(e, at, there)
	}
	told[line] = true
	if !p.channel.Links {
		line = unlinked(line)
	}
	return line
}
