package bot

import (
	"context"
	"encoding/json"
	"time"

	"github.com/go-telegram/bot/models"

	"clipcase/flows"
)

// awayTTL is how long the last word for a person who blocked the bot is kept: as
// long as the message it belongs into is known.
const awayTTL = 7 * 24 * time.Hour

// heard is told of every sign of life of a chat; someone who blocked the bot and
// comes back then sees how the work stands now.
func (d *board) heard(u *models.Update) {
	chat := person(chatOf(u))
	m := u.MyChatMember
	back := m != nil && m.OldChatMember.Type == models.ChatMemberTypeBanned && m.NewChatMember.Type != models.ChatMemberTypeBanned
	left := m != nil && m.NewChatMember.Type == models.ChatMemberTypeBanned
	d.mu.Lock()
	if back || d.away[chat] && !left {
		d.home[chat] = true
	}
	wake := len(d.home) > 0
	d.mu.Unlock()
	if wake {
		d.rouse()
	}
}

// shut keeps a report for a person who cannot be written to now.
func (d *board) shut(ctx context.Context, key string, s standing) {
	d.mu.Lock()
	d.away[s.chat] = true
	if now, ok := d.cases[key]; ok && s.latest.Done && !now.fresh {
		delete(d.cases, key)
	}
	d.mu.Unlock()
	kept := d.kept(ctx, s.chat)
	kept[s.latest.Case] = s.latest
	text, err := json.Marshal(kept)
	if err == nil {
		err = d.notes.SetNote(ctx, "away:"+s.chat, string(text), awayTTL)
	}
	if err != nil {
		d.log.Warn("progress of someone away could not be kept", "error", err)
	}
}

func (d *board) isAway(chat string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.away[chat]
}

// kept are the last words for a person who is away, by case.
func (d *board) kept(ctx context.Context, chat string) map[string]flows.WorkProgress {
	kept := map[string]flows.WorkProgress{}
	text, err := d.notes.Note(ctx, "away:"+chat)
	if err == nil && text != "" {
		err = json.Unmarshal([]byte(text), &kept)
	}
	if err != nil {
		d.log.Warn("progress of someone away could not be read", "error", err)
	}
	return kept
}

// welcome puts what was kept for people who are back where it is shown. Only run
// calls it, as it does shut: so no word kept is lost in between.
func (d *board) welcome(ctx context.Context) {
	d.mu.Lock()
	home := d.home
	d.home = map[string]bool{}
	for chat := range home {
		delete(d.away, chat)
	}
	d.mu.Unlock()
	for chat := range home {
		kept := d.kept(ctx, chat)
		if len(kept) == 0 {
			continue
		}
		for id, p := range kept {
			key := chat + " " + id
			at, err := d.messageOf(ctx, key)
			d.again(key, chat, p, err == nil && at != 0)
		}
		if err := d.notes.SetNote(ctx, "away:"+chat, "", 0); err != nil {
			d.log.Warn("progress of someone who is back could not be forgotten", "error", err)
		}
	}
}

// again makes a case's line due at once: with what was heard last, or with what
// was kept if the line stands and nothing else is known.
func (d *board) again(key, chat string, p flows.WorkProgress, stands bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s, ok := d.cases[key]
	if !ok {
		if !stands {
			return
		}
		s = &standing{chat: chat, latest: p}
		d.cases[key] = s
	}
	s.fresh, s.next = true, time.Time{}
}
