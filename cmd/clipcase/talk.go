package main

import (
	"context"
	"sync/atomic"
	"time"

	"clipcase/flows"
)

// lateTalk is the conversation, whose links name the bot as soon as Telegram
// has told its name. The engine holds nothing between events, so that a new one
// can take over at any time.
type lateTalk struct {
	make   func(botName string) (*flows.Engine, error)
	engine atomic.Pointer[flows.Engine]
}

func newLateTalk(make func(botName string) (*flows.Engine, error)) (*lateTalk, error) {
	t := &lateTalk{make: make}
	return t, t.rename("")
}

// Handle implements the bot's and the jobs' Talk.
func (t *lateTalk) Handle(ctx context.Context, e flows.Event) (flows.Screen, error) {
	return t.engine.Load().Handle(ctx, e)
}

func (t *lateTalk) rename(botName string) error {
	engine, err := t.make(botName)
	if err == nil {
		t.engine.Store(engine)
	}
	return err
}

// nameEvery is how often is looked whether the bot's name is known.
const nameEvery = 100 * time.Millisecond

// acquaint waits for the bot's name, gives it to the conversation and offers the
// claim link if nobody is an admin. It ends when ctx does.
func (s *service) acquaint(ctx context.Context) {
	tick := time.NewTicker(nameEvery)
	defer tick.Stop()
	for s.bot.Username() == "" {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
	if err := s.talk.rename(s.bot.Username()); err != nil {
		s.log.Error("conversation goes on without the bot's name", "err", err)
	}
	has, err := s.gate.HasAdmin(ctx)
	if err != nil || has {
		return
	}
	code, err := s.gate.NewClaim(ctx)
	if err != nil {
		s.log.Error("no claim code", "err", err)
		return
	}
	s.app.line("serve.claim")
	s.app.line("serve.claim.link", "bot", s.bot.Username(), "code", code)
}
