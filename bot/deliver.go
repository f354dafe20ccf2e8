package bot

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"clipcase/flows"
)

// Deliver brings items to a chat, in order and each once: it sends what the
// ledger does not know as sent. An item whose sending was begun and never
// answered is sent once more, marked so. Errors are of class Unavailable (go on
// later), Forbidden (the person blocked the chat) or Invalid (no chat of ours).
// An item Telegram will not take is told of in its place and does not stop the
// others.
func (b *Bot) Deliver(ctx context.Context, chat, ledger string, items []flows.Item) error {
	at, ok := readRef(chat)
	if !ok {
		return &flows.Error{Class: flows.Invalid, Err: errors.New("deliver: the chat is not Telegram's")}
	}
	d := &delivery{Bot: b, chat: b.resolve(ctx, at.chat), ledgerID: ledger, lang: b.spoken(ctx, chat)}
	for _, item := range items {
		if item.Screen != nil && item.Screen.Lang != "" {
			d.lang = item.Screen.Lang
			b.remember(ctx, chat, d.lang)
			break
		}
	}
	for _, item := range items {
		if err := d.item(ctx, item); err != nil {
			return err
		}
	}
	return nil
}

// delivery is one run of Deliver.
type delivery struct {
	*Bot
	chat     int64
	ledgerID string
	lang     string
}

func (d *delivery) item(ctx context.Context, item flows.Item) error {
	if item.Screen != nil {
		m := d.message(item.Screen)
		for i, p := range m.parts {
			id, keys := item.ID, (*keyboard)(nil)
			if i > 0 {
				id += "#" + strconv.Itoa(i+1)
			}
			if i == len(m.parts)-1 {
				keys = m.keys
			}
			err := d.settle(ctx, id, func(ctx context.Context, again bool) (int, fate) {
				words := p
				if again {
					words = p.again(d.say(d.lang, "bot.again", nil))
				}
				return d.post(ctx, d.chat, words, keys, 0)
			})
			if err != nil {
				return err
			}
		}
	}
	if item.File == nil {
		return nil
	}
	id := item.ID
	if item.Screen != nil {
		id += "#file"
	}
	return d.settle(ctx, id, func(ctx context.Context, again bool) (int, fate) {
		return d.sendFile(ctx, d.chat, d.lang, item.File, again)
	})
}

// settle sends one thing under its ledger entry until it is there, or must wait
// for later.
func (d *delivery) settle(ctx context.Context, id string, send func(ctx context.Context, again bool) (int, fate)) error {
	for try := 0; ; try++ {
		if wait := d.pacer.held(d.chat); wait > d.cfg.Pace.Patience {
			return later(fmt.Errorf("silence of %s is asked for", wait))
		}
		if err := d.pacer.wait(ctx, d.chat); err != nil { // before the mark: whoever dies waiting has sent nothing
			return later(err)
		}
		mark, err := d.ledger.Begin(ctx, d.ledgerID, id)
		if err != nil {
			d.pacer.back(d.chat)
			return later(fmt.Errorf("begin: %w", err))
		}
		if mark == flows.MarkSent || mark == flows.MarkUncertainTwice {
			d.pacer.back(d.chat)
			return nil
		}
		message, f := send(ctx, mark == flows.MarkUncertain)
		switch f.outcome {
		case done:
			return d.sent(ctx, id, messageRef(d.chat, message))
		case refused, tooLarge:
			d.log.Error("an item could not be delivered", "incident", d.cfg.IDs(), "item", id, "error", f.err)
			return d.sent(ctx, id, "")
		case doubtful:
			if mark == "" { // the mark stays: what is sent from now on says that it may be there twice
				if err := sleep(ctx, backoff(d.cfg.Pace.Retry, try)); err != nil {
					return later(err)
				}
				continue
			}
		case uncertain: // the mark stays
			if ctx.Err() != nil {
				return later(f.err)
			}
			d.log.Warn("a sending was not answered", "item", id, "again", mark == flows.MarkUncertain, "error", f.err)
			continue
		}
		if err := d.unsent(ctx, id); err != nil {
			return err
		}
		switch f.outcome {
		case blocked:
			return &flows.Error{Class: flows.Forbidden, Err: f.err}
		case moved:
			d.chat = f.chat
		case held:
			if f.after > d.cfg.Pace.Patience {
				return later(f.err)
			}
		default:
			if try >= 2 || f.outcome == rejected {
				return later(f.err)
			}
			if err := sleep(ctx, backoff(d.cfg.Pace.Retry, try)); err != nil {
				return later(err)
			}
		}
	}
}

// sent writes down that an item arrived, insisting a little: if that fails the
// person gets it twice.
func (d *delivery) sent(ctx context.Context, id, message string) error {
	ctx, cancel := after(ctx)
	defer cancel()
	for try := 0; ; try++ {
		err := d.ledger.Sent(ctx, d.ledgerID, id, message)
		if err == nil {
			return nil
		}
		if try >= 3 {
			return later(fmt.Errorf("sent: %w", err))
		}
		if sleep(ctx, backoff(d.cfg.Pace.Retry/4, try)) != nil {
			return later(fmt.Errorf("sent: %w", err))
		}
	}
}

func (d *delivery) unsent(ctx context.Context, id string) error {
	ctx, cancel := after(ctx)
	defer cancel()
	if err := d.ledger.Unsent(ctx, d.ledgerID, id); err != nil {
		return later(fmt.Errorf("unsent: %w", err))
	}
	return nil
}

// later is the error of a delivery that goes on another time.
func later(err error) error { return &flows.Error{Class: flows.Unavailable, Err: err} }
