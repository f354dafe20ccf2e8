package bot

import (
	"context"
	"strconv"
	"time"

	"clipcase/flows"
)

const (
	takeWithin = 2 * time.Second
	holdShort  = 2 * time.Second // a chat held for longer goes back to the mailbox
)

// sendLetters carries letters from the mailbox until ctx ends; what is on its
// way then is finished.
func (b *Bot) sendLetters(ctx context.Context) {
	for try := 0; ctx.Err() == nil; {
		letter, ok, err := b.mail.Take(ctx, takeWithin, b.cfg.Pace.Claim)
		if err != nil {
			if ctx.Err() != nil {
				return
			}
			b.log.Warn("no letters from the mailbox, trying again", "error", err)
			if sleep(ctx, backoff(b.cfg.Pace.Retry, try)) != nil {
				return
			}
			try++
			continue
		}
		try = 0
		if ok {
			b.sendLetter(ctx, letter)
		}
	}
}

// sendLetter sends one letter and tells the mailbox what became of it.
func (b *Bot) sendLetter(ctx context.Context, l flows.Letter) {
	if _, ok := b.closing.Load(l.ID); ok { // shown already, but the mailbox could not be told
		b.close(ctx, l)
		return
	}
	ctx, release := b.hold(ctx, l)
	defer release()
	chat, ok := b.address(l)
	if l.Kind == flows.EffectAlert && !ok && l.Screen != nil && len(l.Screen.Blocks) > 0 { // no staff chat: the log must do
		b.log.Warn("alert", "words", l.Screen.Blocks[0].Text.Key)
		b.close(ctx, l)
		return
	}
	if !ok || l.Screen == nil {
		b.log.Error("a letter nobody can receive was dropped", "kind", l.Kind, "slot", l.Slot)
		b.close(ctx, l)
		return
	}
	chat = b.resolve(ctx, chat)
	if d := b.pacer.held(chat); d > holdShort {
		b.later(ctx, l, d, true)
		return
	}
	if err := b.pacer.wait(ctx, chat); err != nil { // the bot stops
		b.later(ctx, l, 0, true)
		return
	}
	if l.Kind == flows.EffectShow {
		b.remember(ctx, l.Chat, l.Screen.Lang)
	}
	late, cancel := grace(ctx)
	defer cancel()
	f := b.bring(late, chat, l)
	switch f.outcome {
	case done:
		b.close(ctx, l)
		if at, ok := b.replaces(l, chat); ok && (at.picture || l.Screen.Picture != "") {
			b.retire(ctx, at)
		}
	case held:
		b.later(ctx, l, f.after, true)
	case moved:
		b.later(ctx, l, 0, true)
	case blocked:
		b.tellBlocked(ctx, l)
		b.close(ctx, l)
	case uncertain:
		if l.Begun { // sent once more already: a third copy helps nobody
			b.log.Warn("a letter was sent twice and neither time answered", "error", f.err)
			b.close(ctx, l)
			return
		}
		b.later(ctx, l, b.cfg.Pace.Retry, false)
	case doubtful: // never given up, and marked from now on
		b.log.Warn("a letter may not have been sent, trying again", "error", f.err)
		b.later(ctx, l, b.retry(l), false)
	case refused, tooLarge:
		b.log.Error("Telegram refuses a letter in every form", "incident", b.cfg.IDs(), "step", l.Screen.Step, "error", f.err)
		b.close(ctx, l)
	case rejected:
		b.log.Error("Telegram does not accept the bot token")
		b.later(ctx, l, 30*time.Second, true)
	case unsent:
		if flows.ClassOf(f.err) == flows.Conflict { // a newer screen took its place, or another sender has the chat
			b.later(ctx, l, 0, true)
			return
		}
		b.log.Warn("a letter could not be sent, trying again", "error", f.err)
		b.later(ctx, l, b.retry(l), true)
	}
}

// retry is how long a letter waits before it is tried again: the older, the longer.
func (b *Bot) retry(l flows.Letter) time.Duration {
	return min(max(b.clock().Sub(l.Since)/4, b.cfg.Pace.Retry), 30*time.Second)
}

// hold keeps the claim on a letter's chat for as long as the letter is on its
// way, until release. What hold returns ends when another sender has the chat.
func (b *Bot) hold(ctx context.Context, l flows.Letter) (held context.Context, release func()) {
	held, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(b.cfg.Pace.Claim / 3)
		defer tick.Stop()
		for {
			select {
			case <-held.Done():
				return
			case <-tick.C:
			}
			err := b.mail.Extend(held, l, b.cfg.Pace.Claim)
			if flows.ClassOf(err) == flows.Conflict { // any other error may pass before the claim does
				cancel()
			}
		}
	}()
	return held, func() { cancel(); <-ended }
}

// bring shows a letter: in place of the screen that was pressed, if that is
// wanted and possible, else as new messages. An edit may be repeated freely, so
// only new messages are marked as begun.
func (b *Bot) bring(ctx context.Context, chat int64, l flows.Letter) fate {
	m := b.message(l.Screen)
	if at, ok := b.replaces(l, chat); ok && len(m.parts) == 1 && !at.picture && m.parts[0].picture == "" && !l.Begun && !b.screenBelow(ctx, at) {
		f := b.edit(ctx, chat, at.message, m.parts[0], m.keys)
		switch f.outcome {
		case refused:
			b.log.Debug("a screen could not be replaced", "error", f.err)
			if b.pacer.wait(ctx, chat) != nil {
				return fate{outcome: unsent, err: ctx.Err()}
			}
		case uncertain, doubtful:
			return fate{outcome: unsent, err: f.err}
		default:
			return f
		}
	}
	if err := b.mail.Begin(ctx, l); err != nil {
		return fate{outcome: unsent, err: err}
	}
	reply := 0
	if at, ok := readRef(l.Reply); ok && at.chat == chat {
		reply = at.message
	}
	from := b.partsSent(ctx, l, len(m.parts))
	for i := from; i < len(m.parts); i++ {
		p, keys := m.parts[i], (*keyboard)(nil)
		if i == len(m.parts)-1 {
			keys = m.keys
		}
		if l.Begun && p.plain == "" { // a picture that may be there
			from++
			continue
		}
		if l.Begun && i == from {
			p = p.again(b.say(l.Screen.Lang, "bot.again", nil))
		}
		if i > from && b.pacer.wait(ctx, chat) != nil {
			return fate{outcome: unsent, err: ctx.Err()}
		}
		id, f := b.post(ctx, chat, p, keys, reply)
		if f.outcome != done {
			return f
		}
		if i < len(m.parts)-1 {
			b.notePart(ctx, l, i+1)
		} else if (l.Begun || l.Slot == "step") && keys != nil {
			b.noteScreen(ctx, chat, id)
		}
	}
	return fate{outcome: done}
}

// replaces is the message in the chat whose place a letter's screen is to take.
func (b *Bot) replaces(l flows.Letter, chat int64) (press, bool) {
	at, ok := readRef(l.Press)
	return at, ok && l.Screen.Replace && at.message != 0 && at.chat == chat
}

// screenBelow says whether a later screen stands below the one that was pressed,
// such as the same once more: what took its place up there would not be seen.
func (b *Bot) screenBelow(ctx context.Context, at press) bool {
	value, err := b.notes.Note(ctx, "screen:"+person(at.chat))
	if err != nil || value == "" {
		return false
	}
	id, err := strconv.Atoi(value)
	return err == nil && id > at.message
}

// noteScreen remembers the last message that shows a step of the conversation.
func (b *Bot) noteScreen(ctx context.Context, chat int64, id int) {
	ctx, cancel := after(ctx)
	defer cancel()
	if err := b.notes.SetNote(ctx, "screen:"+person(chat), strconv.Itoa(id), 7*24*time.Hour); err != nil {
		b.log.Warn("where the last screen stands could not be noted", "error", err)
	}
}

// partsSent says how many messages of a long screen arrived before.
func (b *Bot) partsSent(ctx context.Context, l flows.Letter, of int) int {
	if of < 2 {
		return 0
	}
	value, err := b.notes.Note(ctx, "parts:"+l.ID)
	if err != nil || value == "" {
		return 0
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < 0 || n >= of {
		return 0
	}
	return n
}

func (b *Bot) notePart(ctx context.Context, l flows.Letter, n int) {
	ctx, cancel := after(ctx)
	defer cancel()
	if err := b.notes.SetNote(ctx, "parts:"+l.ID, strconv.Itoa(n), 24*time.Hour); err != nil {
		b.log.Warn("the parts sent could not be noted", "error", err)
	}
}

// address is the chat a letter goes to; alerts go to the staff.
func (b *Bot) address(l flows.Letter) (int64, bool) {
	if l.Kind == flows.EffectAlert {
		return b.cfg.StaffChat, b.cfg.StaffChat != 0
	}
	at, ok := readRef(l.Chat)
	return at.chat, ok
}

// close takes a letter out of the mailbox. One that stays in there comes again
// when the claim ends: this process remembers that it is done.
func (b *Bot) close(ctx context.Context, l flows.Letter) {
	ctx, cancel := after(ctx)
	defer cancel()
	if err := b.mail.Sent(ctx, l); err != nil {
		b.closing.Store(l.ID, struct{}{})
		b.log.Error("a letter sent could not be taken out of the mailbox", "error", err)
		return
	}
	b.closing.Delete(l.ID)
}

// later puts a letter back. unsent: this try showed nothing; a mark left by an
// earlier one stays.
func (b *Bot) later(ctx context.Context, l flows.Letter, d time.Duration, unsent bool) {
	ctx, cancel := after(ctx)
	defer cancel()
	if err := b.mail.Later(ctx, l, b.clock().Add(d), unsent && !l.Begun); err != nil {
		b.log.Error("a letter could not be put back", "error", err)
	}
}

// tellBlocked tells the conversation that the person does not want the bot.
func (b *Bot) tellBlocked(ctx context.Context, l flows.Letter) {
	if l.Kind != flows.EffectShow || l.Actor == "" {
		return
	}
	ctx, cancel := after(ctx)
	defer cancel()
	event := flows.Event{ID: "tg:blocked:" + l.ID, Actor: l.Actor, Chat: l.Chat, At: b.clock(), Kind: flows.EventBlocked, Direct: true}
	if _, err := b.talk.Handle(ctx, event); err != nil {
		b.log.Warn("that a chat is closed could not be recorded", "error", err)
	}
}
