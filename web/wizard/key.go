package wizard

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"clipcase/flows"
	"clipcase/media"
	"clipcase/web/entry"
)

// keyView is the choice of the few seconds that matter.
type keyView struct {
	Recordings []recording
	Auto       bool // nothing is named yet: we choose
	File       string
	From, To   string
}

// recording is one video with its small pictures.
type recording struct {
	Number int
	Name   string
	Length string
	URL    string // plays it; "" = no player
	Thumbs []thumbView
}

// thumbView is one small picture and the time it shows.
type thumbView struct {
	Value string // <recording>:<n>
	At    string
	Text  string // what stands there, of a moment that is proposed
	URL   string
}

// thumbsWithin is how long after a recording came its small pictures are waited
// for: one from a messenger has none, nor has one whose making failed.
const thumbsWithin = 30 * time.Minute

func (z *Wizard) keyMoment(ctx context.Context, v entry.Visitor, state flows.State, l look, p *sheet) error {
	view := &keyView{Auto: true, File: "1"}
	p.Key = view
	p.Ahead.Label = z.word(v.Lang, "next")
	// What the chat has buttons for is chosen here among the pictures.
	p.Others = slices.DeleteFunc(p.Others, func(b button) bool { return strings.HasPrefix(b.Value, "at.") })
	p.scripts = []string{"wizard.js"}
	c := state.Case
	if c == nil {
		return nil
	}
	token := ""
	if z.cfg.Original != nil {
		var err error
		if token, err = z.doors.CaseToken(ctx, c.ID); err != nil {
			return fmt.Errorf("case token: %w", err)
		}
	}
	for i, e := range recordings(c) {
		r := recording{Number: i + 1, Name: z.fileName(v.Lang, e.File.Name)}
		if e.Probe != nil {
			r.Length = flows.FormatClock(e.Probe.Duration)
			r.Thumbs = z.thumbs(ctx, c, e, i+1)
			p.Live = p.Live || len(r.Thumbs) == 0 && z.cfg.Clock().Sub(e.Received) < thumbsWithin
		} else {
			p.Live = true
		}
		if token != "" && e.Blob != "" {
			r.URL = z.cfg.Original(token, c, e.ID)
		}
		if c.Key != nil && c.Key.Exhibit == e.ID {
			view.File, view.From, view.To, view.Auto = strconv.Itoa(i+1), flows.FormatClock(c.Key.Range.Start), flows.FormatClock(c.Key.Range.End), false
		}
		view.Recordings = append(view.Recordings, r)
	}
	if l.typed != nil {
		view.File, view.From, view.To = l.typed["file"], l.typed["from"], l.typed["to"]
		view.Auto = view.From == "" && view.To == ""
	}
	return nil
}

// thumbs is the strip of a recording; none unless all of it was made.
func (z *Wizard) thumbs(ctx context.Context, c *flows.Case, e *flows.Exhibit, number int) []thumbView {
	last, _, err := z.files.Open(ctx, flows.PreviewBlob(c.ID, e.ID, flows.Previews-1))
	if err != nil {
		if flows.ClassOf(err) != flows.NotFound {
			z.cfg.Log.Warn("small pictures cannot be read", "case", c.ID, "err", err)
		}
		return nil
	}
	if err := last.Close(); err != nil {
		z.cfg.Log.Warn("small picture does not close", "case", c.ID, "err", err)
	}
	all := z.proposed(ctx, c, e, number)
	for n := range flows.Previews {
		all = append(all, thumbView{
			Value: strconv.Itoa(number) + ":" + strconv.Itoa(n), At: flows.FormatClock(flows.PreviewAt(*e.Probe, n)),
			URL: "/thumb/" + url.PathEscape(e.ID) + "/" + strconv.Itoa(n) + "?case=" + url.QueryEscape(c.ID),
		})
	}
	return all
}

// proposed are the moments of a recording that may be the one that matters, as far
// as there are pictures of them.
func (z *Wizard) proposed(ctx context.Context, c *flows.Case, e *flows.Exhibit, number int) []thumbView {
	var all []thumbView
	for i, m := range e.Moments {
		n := flows.Previews + i
		picture, _, err := z.files.Open(ctx, flows.PreviewBlob(c.ID, e.ID, n))
		if err != nil {
			return nil
		}
		if err := picture.Close(); err != nil {
			z.cfg.Log.Warn("small picture does not close", "case", c.ID, "err", err)
		}
		text, _ := flows.Clean(m.Text, 40)
		all = append(all, thumbView{
			Value: strconv.Itoa(number) + ":" + strconv.Itoa(n), At: flows.FormatClock(m.At), Text: text,
			URL: "/thumb/" + url.PathEscape(e.ID) + "/" + strconv.Itoa(n) + "?case=" + url.QueryEscape(c.ID),
		})
	}
	return all
}

// recordings lists the videos of a case in the order in which the conversation
// numbers them.
func recordings(c *flows.Case) []*flows.Exhibit {
	var all []*flows.Exhibit
	for _, e := range c.Usable() {
		if e.Probe != nil && e.Probe.Kind == media.KindVideo || e.Probe == nil && flows.FileKind(e.File) == media.KindVideo {
			all = append(all, e)
		}
	}
	return all
}

// moment is what was filled in as the conversation reads it, "2#0:42-0:52"; "" =
// we choose. ok is false for what is no time.
func moment(form url.Values, c *flows.Case) (text string, ok bool) {
	from, to := strings.TrimSpace(form.Get("from")), strings.TrimSpace(form.Get("to"))
	if from == "" && to == "" {
		number, n, found := strings.Cut(form.Get("moment"), ":")
		if !found || c == nil {
			return "", true
		}
		all := recordings(c)
		i, err := strconv.Atoi(number)
		at, errAt := strconv.Atoi(n)
		if err != nil || errAt != nil || i < 1 || i > len(all) || at < 0 || all[i-1].Probe == nil || at >= flows.Previews+len(all[i-1].Moments) {
			return "", false
		}
		second := flows.PreviewAt(*all[i-1].Probe, at)
		if at >= flows.Previews {
			second = all[i-1].Moments[at-flows.Previews].At
		}
		return number + "#" + flows.FormatClock(second), true
	}
	file, err := strconv.Atoi(form.Get("file"))
	if err != nil || file < 1 || file > 99 {
		file = 1
	}
	text = from
	if to != "" {
		text += "-" + to
	}
	if _, ok := media.ReadMoment(text); from == "" || !ok {
		return "", false
	}
	return strconv.Itoa(file) + "#" + text, true
}
