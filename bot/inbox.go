package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	telegram "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"clipcase/flows"
)

// arrival is one update as it came.
type arrival struct {
	id     int64
	chat   int64
	update *models.Update // nil: could not be read
	broken error
}

// arrive reads an update. An error means that it is none at all; one that the
// library cannot read still has its number, and is passed over with a note.
func arrive(raw []byte) (arrival, error) {
	var head struct {
		ID      *int64 `json:"update_id"`
		Message *struct {
			Chat struct {
				ID int64 `json:"id"`
			} `json:"chat"`
		} `json:"message"`
	}
	if err := json.Unmarshal(raw, &head); err != nil {
		return arrival{}, fmt.Errorf("no update: %w", err)
	}
	if head.ID == nil {
		return arrival{}, errors.New("no update: it has no update_id")
	}
	a := arrival{id: *head.ID}
	if head.Message != nil {
		a.chat = head.Message.Chat.ID
	}
	var u models.Update
	if a.broken = json.Unmarshal(raw, &u); a.broken == nil {
		a.update, a.chat = &u, chatOf(&u)
	}
	return a, nil
}

// handle does all of an update: it returns nil when the event is committed, or
// given up after it failed again and again; an error when it must come again.
// Presses are acknowledged as soon as there is an answer, at the latest after
// two seconds.
func (b *Bot) handle(ctx context.Context, a arrival) error {
	if a.broken != nil {
		b.giveUp(ctx, a, a.broken)
		return nil
	}
	b.board.heard(a.update)
	toast := b.acknowledge(a.update) //nolint:contextcheck // ends with the bot, not with the webhook request
	defer toast("")
	for try := 1; ; try++ {
		screen, err := b.attempt(ctx, a.update)
		if err == nil {
			if screen.Toast != nil {
				toast(shorten(oneLine(b.render(screen.Lang, *screen.Toast)), 200))
			}
			return nil
		}
		if ctx.Err() != nil {
			return errors.Join(err, ctx.Err())
		}
		away := flows.ClassOf(err) == flows.Unavailable || errors.Is(err, context.DeadlineExceeded)
		if !away && try >= b.cfg.Pace.Tries {
			b.giveUp(ctx, a, err)
			return nil
		}
		b.log.Warn("an update could not be handled, trying again", "update", a.id, "try", try, "class", flows.ClassOf(err))
		if err := sleep(ctx, backoff(b.cfg.Pace.Retry/4, try)); err != nil {
			return err
		}
	}
}

// attempt turns the update into an event and has it handled; a panic in there
// is an error like any other.
func (b *Bot) attempt(ctx context.Context, u *models.Update) (screen flows.Screen, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic in %T at %s", p, where(debug.Stack()))
		}
	}()
	event, ok := b.event(u)
	if !ok {
		return flows.Screen{}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	return b.talk.Handle(ctx, event)
}

// where is the first place of ours in a stack after the panic, without values.
func where(stack []byte) string {
	lines := strings.Split(string(stack), "\n")
	passed := false
	for _, line := range lines {
		passed = passed || strings.HasPrefix(line, "panic(")
		if passed && strings.Contains(line, "clipcase/") && !strings.HasPrefix(line, "\t") {
			name, _, _ := strings.Cut(line, "(")
			return name
		}
	}
	return "unknown"
}

// giveUp passes over an update that can never be handled: the operator finds it
// by its incident number, which the person is told.
func (b *Bot) giveUp(ctx context.Context, a arrival, err error) {
	incident := b.cfg.IDs()
	b.log.Error("an update was passed over", "incident", incident, "update", a.id, "error", err)
	if a.chat <= 0 {
		return
	}
	words := part{plain: b.say(b.spoken(ctx, person(a.chat)), "bot.trouble", map[string]any{"incident": incident})}
	words.html = escape(words.plain)
	if err := b.pacer.wait(ctx, a.chat); err != nil {
		return
	}
	if _, f := b.post(ctx, a.chat, words, nil, 0); f.outcome != done {
		b.log.Warn("the person could not be told", "incident", incident, "error", f.err)
	}
}

// acknowledge answers a press: with the words given to the function returned,
// or with none after two seconds. Only the first counts.
func (b *Bot) acknowledge(u *models.Update) func(words string) {
	if u.CallbackQuery == nil {
		return func(string) {}
	}
	root, end, ok := b.begin()
	if !ok {
		return func(string) {}
	}
	toast := make(chan string, 2)
	query := u.CallbackQuery.ID
	go func() {
		defer end()
		words := ""
		timer := time.NewTimer(2 * time.Second)
		defer timer.Stop()
		select {
		case words = <-toast:
		case <-timer.C:
		case <-root.Done():
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(root), 3*time.Second)
		defer cancel()
		if _, err := b.api.AnswerCallbackQuery(ctx, &telegram.AnswerCallbackQueryParams{CallbackQueryID: query, Text: words}); err != nil {
			b.log.Debug("a press could not be acknowledged", "error", mask(err.Error(), b.cfg.Token))
		}
	}()
	return func(words string) {
		select {
		case toast <- words:
		default: // answered already
		}
	}
}
