package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"clipcase/flows"
	"clipcase/flows/prepare"
)

// show tells a person at a terminal how far the work is: a bar with the time
// left, or plain lines where there is no terminal. It implements
// prepare.Observer.
type show struct {
	a       *app
	bar     *progressbar.ProgressBar // nil = plain lines
	percent float64                  // of the last plain line
	step    string
	channel string
}

func newShow(a *app, req prepare.Request) *show {
	s := &show{a: a, percent: -100}
	a.tell(a.say("cli.prepare.begin", "case", req.Case, "count", len(req.Exhibits), "dir", req.Dir))
	if f, ok := a.err.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		s.bar = progressbar.NewOptions(1000,
			progressbar.OptionSetWriter(f), progressbar.OptionSetWidth(30), progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionSetPredictTime(false), progressbar.OptionSetElapsedTime(false), progressbar.OptionClearOnFinish())
	}
	return s
}

// Progress moves the bar, or prints a line when something changed.
func (s *show) Progress(p flows.WorkProgress) {
	what := s.a.say("cli.step." + p.Step)
	if channel, ok := s.a.words.Channel(p.Channel); ok && (p.Step == "render" || p.Step == "verify") {
		what += " " + channel.Name.In(s.a.lang)
	}
	if p.Left >= 1 && p.Percent < 100 {
		what += " · " + s.a.say("cli.left", "time", flows.FormatClock(p.Left))
	}
	if s.bar != nil {
		s.bar.Describe(what)
		_ = s.bar.Set(int(p.Percent * 10)) // a terminal that went away stops no work
		return
	}
	if p.Step == "verify" || p.Percent-s.percent < 10 && p.Channel == s.channel && p.Step == s.step {
		return
	}
	s.percent, s.channel, s.step = p.Percent, p.Channel, p.Step
	s.a.tell(fmt.Sprintf("%3.0f %%  %s", p.Percent, what))
}

// Pack needs nothing: the pieces stand where they belong.
func (s *show) Pack(context.Context, flows.Pack) error { return nil }

// end takes the bar away.
func (s *show) end() {
	if s.bar != nil {
		_ = s.bar.Finish() // as above
	}
}
