package bot

import (
	"context"
	"errors"
	"math"
	"strconv"
	"sync"
	"time"

	"clipcase/flows"
)

// board is what is known of running work and what people see of it.
type board struct {
	*Bot
	wake chan struct{}

	mu    sync.Mutex
	cases map[string]*standing
	away  map[string]bool // chats that cannot be written to
	home  map[string]bool // chats that showed a sign of life since
}

func newBoard(b *Bot) *board {
	return &board{
		Bot: b, cases: map[string]*standing{}, wake: make(chan struct{}, 1),
		away: map[string]bool{}, home: map[string]bool{},
	}
}

// show keeps one message a case up to date with how its work goes, until ctx
// ends.
func (d *board) show(ctx context.Context) {
	var group sync.WaitGroup
	group.Go(func() { d.run(ctx) })
	for try := 0; ctx.Err() == nil; try++ {
		err := d.watch.Watch(ctx, d.put)
		if ctx.Err() != nil {
			break
		}
		d.log.Warn("progress is not heard, trying again", "error", err)
		if sleep(ctx, backoff(d.cfg.Pace.Retry, try)) != nil {
			break
		}
	}
	group.Wait()
}

// standing is one case's line.
type standing struct {
	chat   string
	latest flows.WorkProgress
	fresh  bool // latest was not shown yet
	shown  string
	shows  int       // message it stands in, so that its last word comes also when the case and its notes are deleted; 0 = see the note
	next   time.Time // no edit before
	heard  time.Time
}

const forgetAfter = 6 * time.Hour

// put takes a report; it never waits.
func (d *board) put(chat string, p flows.WorkProgress) {
	d.mu.Lock()
	key := chat + " " + p.Case
	s, ok := d.cases[key]
	if !ok {
		s = &standing{chat: chat, next: d.clock().Add(d.cfg.Pace.First)}
		d.cases[key] = s
	}
	s.latest, s.fresh = p, true
	d.mu.Unlock()
	d.rouse()
}

func (d *board) rouse() {
	select {
	case d.wake <- struct{}{}:
	default: // awake already
	}
}

func (d *board) run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-d.wake:
		case <-timer.C:
		}
		d.welcome(ctx)
		for key, s := range d.due() {
			d.bring(ctx, key, s)
		}
		timer.Reset(d.pause())
	}
}

// due takes the reports that may be shown now.
func (d *board) due() map[string]standing {
	d.mu.Lock()
	defer d.mu.Unlock()
	now, ready := d.clock(), map[string]standing{}
	for key, s := range d.cases {
		switch {
		case s.fresh && !now.Before(s.next):
			s.fresh, s.next, s.heard = false, now.Add(d.cfg.Pace.Edit), now
			ready[key] = *s
		case !s.fresh && now.Sub(s.heard) > forgetAfter: // work that ended without a word
			delete(d.cases, key)
		}
	}
	return ready
}

// pause is how long nothing is due.
func (d *board) pause() time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	now, wait := d.clock(), time.Minute
	for _, s := range d.cases {
		if s.fresh {
			wait = min(wait, s.next.Sub(now))
		}
	}
	return max(wait, 10*time.Millisecond)
}

// bring puts a case's line into its message: a new one the first time. A report
// that fails is lost; the next one makes up for it, but the last is kept.
func (d *board) bring(ctx context.Context, key string, s standing) {
	at, ok := readRef(s.chat)
	if !ok {
		d.forget(ctx, key)
		return
	}
	if d.isAway(s.chat) {
		d.shut(ctx, key, s)
		return
	}
	chat := d.resolve(ctx, at.chat)
	words := d.words(d.spoken(ctx, s.chat), s.latest)
	id := s.shows
	if id == 0 {
		var err error
		if id, err = d.messageOf(ctx, key); err != nil {
			d.retry(key, 0)
			return
		}
	}
	if id == 0 && s.latest.Done { // quick work needs no progress
		d.forget(ctx, key)
		return
	}
	f := fate{outcome: done}
	if words != s.shown {
		if wait := d.pacer.held(chat); wait > 0 {
			d.retry(key, wait)
			return
		}
		if !d.pacer.spare(chat) { // answers and files go first, before the last word too
			d.putOff(key, d.cfg.Pace.PerChat)
			return
		}
		late, cancel := grace(ctx)
		defer cancel()
		id, f = d.write(late, key, chat, id, words)
	}
	switch f.outcome {
	case done:
		if s.latest.Done {
			d.forget(ctx, key)
			return
		}
		d.mu.Lock()
		if now, ok := d.cases[key]; ok {
			now.shown, now.shows = words, id
		}
		d.mu.Unlock()
	case blocked:
		d.shut(ctx, key, s)
	case held:
		d.retry(key, f.after)
	default:
		d.log.Debug("progress was not shown", "error", f.err)
		d.retry(key, 0)
	}
}

// write edits the message, or sends one and notes its number, and says in which it stands.
func (d *board) write(ctx context.Context, key string, chat int64, id int, words string) (int, fate) {
	p := part{html: escape(words), plain: words}
	if id != 0 {
		f := d.edit(ctx, chat, id, p, nil)
		if f.outcome != refused {
			return id, f
		}
	}
	sent, f := d.post(ctx, chat, p, nil, 0)
	if f.outcome == done {
		ctx, cancel := after(ctx)
		defer cancel()
		if err := d.notes.SetNote(ctx, "progress:"+key, strconv.Itoa(sent), 7*24*time.Hour); err != nil {
			d.log.Warn("a progress message could not be noted", "error", err)
		}
	}
	return sent, f
}

func (d *board) messageOf(ctx context.Context, key string) (int, error) {
	value, err := d.notes.Note(ctx, "progress:"+key)
	if err != nil || value == "" {
		return 0, err
	}
	id, err := strconv.Atoi(value)
	if err != nil {
		return 0, errors.New("a progress message's number is unreadable")
	}
	return id, nil
}

// retry puts a report back, for no sooner than the next edit.
func (d *board) retry(key string, wait time.Duration) { d.putOff(key, max(wait, d.cfg.Pace.Edit)) }

// putOff puts a report back unless a newer one came.
func (d *board) putOff(key string, wait time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now, ok := d.cases[key]
	if !ok {
		return
	}
	now.fresh = true
	now.next = d.clock().Add(wait)
}

// forget ends a case's message; a report that came meanwhile starts another.
func (d *board) forget(ctx context.Context, key string) {
	d.mu.Lock()
	if s, ok := d.cases[key]; ok && s.fresh {
		s.shown, s.shows = "", 0
	} else {
		delete(d.cases, key)
	}
	d.mu.Unlock()
	ctx, cancel := after(ctx)
	defer cancel()
	if err := d.notes.SetNote(ctx, "progress:"+key, "", time.Second); err != nil {
		d.log.Debug("a progress message could not be forgotten", "error", err)
	}
}

// words say how the work goes: the place in the queue, or the step with what is
// done and what is left.
func (d *board) words(lang string, p flows.WorkProgress) string {
	args := map[string]any{"case": p.Case, "place": p.Place, "count": p.Place}
	switch {
	case p.Stopped:
		return d.say(lang, "bot.progress.stopped", args)
	case p.Done:
		return d.say(lang, "bot.progress.done", args)
	case p.Place > 0:
		return d.say(lang, "bot.progress.waiting", args)
	}
	step := "bot.progress.step." + p.Step
	if !d.cat.Has(lang, step) {
		step = "bot.progress.step.render"
	}
	args["step"] = d.say(lang, step, nil)
	args["percent"] = int(math.Min(99, math.Max(0, p.Percent)))
	args["left"] = d.left(lang, p.Left)
	return d.say(lang, "bot.progress.working", args)
}

// left is about how long it still takes, in steps that do not flicker.
func (d *board) left(lang string, seconds float64) string {
	switch {
	case seconds < 0 || math.IsNaN(seconds):
		return d.say(lang, "bot.progress.left.unknown", nil)
	case seconds < 55:
		tens := int(math.Ceil(math.Max(1, seconds)/10)) * 10
		return d.say(lang, "bot.progress.left.seconds", map[string]any{"count": tens})
	default:
		return d.say(lang, "bot.progress.left.minutes", map[string]any{"count": int(math.Ceil(seconds / 60))})
	}
}
