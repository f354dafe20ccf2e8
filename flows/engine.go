package flows

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"clipcase/flows/catalog"
)

// Config is what the operator decides about the conversation.
type Config struct {
	Operator      string     // who runs this service, as people read it; "" = words that say so
	RetentionDays int        // files are deleted this many days later; 0 = 30
	DraftDays     int        // the same of what was never handed in, at most RetentionDays; 0 = RetentionDays
	DeliveredDays int        // counted from when everything was handed out, at most RetentionDays; 0 = RetentionDays
	ClosedDays    int        // counted from when a case was cancelled or answered, at most RetentionDays; 0 = RetentionDays
	PublicURL     string     // address of the web pages; "" = the chat shows no links
	Access        AccessMode // "" = invite
	DailyBytes    int64      // a person and day (Asia/Shanghai); 0 = no limit
	DailySeconds  float64    // of recordings, as announced, then as measured; 0 = no limit
	FetchLimit    int64      // bytes the front end can fetch (20 MB at the messenger's own server); 0 = no limit
	BotName       string     // user name of the bot for links; "" = none
	Mailbox       string     // from which mails are sent if the person wants it; "" = none are
	Links         Links      // makes links to the pages; nil = the chat shows none
}

// attempts is how often a step is taken again when something else changed the
// person's state in between.
const attempts = 5

// Engine is the conversation: one event in, one committed step and a screen out.
// It holds nothing between events and may be used by any number of callers.
type Engine struct {
	cfg   Config
	cat   *catalog.Catalog
	talk  *talk
	store Store
	gate  Gate
	clock func() time.Time
	ids   func() string
}

// New checks the configuration and the embedded description of the conversation.
func New(cfg Config, cat *catalog.Catalog, store Store, gate Gate, clock func() time.Time, ids func() string) (*Engine, error) {
	if cat == nil || store == nil || gate == nil || clock == nil || ids == nil {
		return nil, errors.New("flows: catalogue, store, gate, clock and ids are needed")
	}
	cfg, err := cfg.checked()
	if err != nil {
		return nil, err
	}
	def, err := loadTalk(cat)
	if err != nil {
		return nil, err
	}
	return &Engine{cfg: cfg, cat: cat, talk: def, store: store, gate: gate, clock: clock, ids: ids}, nil
}

func (c Config) checked() (Config, error) {
	if c.RetentionDays == 0 {
		c.RetentionDays = 30
	}
	shorter := []*int{&c.DraftDays, &c.DeliveredDays, &c.ClosedDays}
	for _, days := range shorter {
		if *days == 0 {
			*days = c.RetentionDays
		}
	}
	if c.Access == "" {
		c.Access = AccessInvite
	}
	switch c.Access {
	case AccessInvite, AccessList, AccessOpen:
	default:
		return c, fmt.Errorf("flows: access %q: want invite, list or open", c.Access)
	}
	if c.RetentionDays < 1 || slices.ContainsFunc(shorter, func(days *int) bool { return *days < 1 || *days > c.RetentionDays }) || c.DailyBytes < 0 || c.DailySeconds < 0 || c.FetchLimit < 0 {
		return c, errors.New("flows: limits must not be negative and files are kept at least one day")
	}
	c.BotName = strings.TrimPrefix(c.BotName, "@")
	return c, nil
}

// Handle takes one step: load, decide, commit. It returns the screen that was
// committed; a repeated event changes nothing and returns the screen shown last.
// An error means that nothing was committed and the event must come again.
func (e *Engine) Handle(ctx context.Context, event Event) (Screen, error) {
	if event.ID == "" || event.Actor == "" {
		return Screen{}, &Error{Class: Invalid, Text: T("talk.conflict"), Err: errors.New("an event needs an id and an actor")}
	}
	need := supply{token: shortToken(e.ids())}
	for range attempts {
		now := e.clock()
		state, err := e.store.Load(ctx, event.Actor, now)
		if err != nil {
			return Screen{}, fmt.Errorf("load: %w", err)
		}
		t, err := e.step(ctx, state, event, &need, now)
		if err != nil {
			return Screen{}, err
		}
		outcome, err := e.store.Commit(ctx, t.commit())
		if err != nil {
			return Screen{}, fmt.Errorf("commit: %w", err)
		}
		switch outcome {
		case Saved:
			return t.answer(), nil
		case Repeated:
			return state.Session.Last, nil
		}
		need.loaded = nil
	}
	return Screen{}, &Error{Class: Unavailable, Text: T("talk.busy"), Err: fmt.Errorf("%d steps in a row found the state changed", attempts)}
}

// supply is what a step cannot make itself: it says what it lacks and is taken
// again with it.
type supply struct {
	token  string
	number string // a fresh case number
	loaded map[string]*Case
	answer *answer // of the gate
}

// step fulfils what the pure step asks for until it has all it needs.
func (e *Engine) step(ctx context.Context, state State, event Event, have *supply, now time.Time) (*turn, error) {
	for {
		t := newTurn(e.cfg, e.cat, e.talk, state, event, have, now)
		t.run()
		switch {
		case t.lacks.number:
			number, err := e.store.ReserveCase(ctx)
			if err != nil {
				return nil, fmt.Errorf("case number: %w", err)
			}
			have.number = number
		case t.lacks.load != "":
			found, err := e.store.Case(ctx, t.lacks.load)
			if err != nil && ClassOf(err) != NotFound {
				return nil, fmt.Errorf("case: %w", err)
			}
			if have.loaded == nil {
				have.loaded = map[string]*Case{}
			}
			have.loaded[t.lacks.load] = found
		case t.lacks.gate != nil:
			said, err := e.ask(ctx, event, *t.lacks.gate, now)
			if err != nil {
				return nil, err
			}
			have.answer = said
		default:
			return t, nil
		}
	}
}

// shortToken makes a screen's token of an id: at most 8 letters and digits, the
// id's last ones, which differ most.
func shortToken(id string) string {
	kept := make([]byte, 0, len(id))
	for i := range len(id) {
		if c := id[i]; c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' {
			kept = append(kept, c)
		}
	}
	if len(kept) > 8 {
		kept = kept[len(kept)-8:]
	}
	if string(kept) == tokenKeep {
		kept = append(kept, '0')
	}
	return string(kept)
}
