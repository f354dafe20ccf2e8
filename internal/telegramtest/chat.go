package telegramtest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-telegram/bot/models"
)

// Message is a message as the chat shows it now.
type Message struct {
	models.Message
	File      *File  // nil = none
	Method    string // the bot's call that sent it; "" = a person wrote it
	Edits     int
	Silent    bool // sent without a sound
	NoPreview bool
}

// Mine says whether the bot wrote it.
func (m Message) Mine() bool { return m.Method != "" }

// Words are its text or caption.
func (m Message) Words() string {
	if m.Text != "" {
		return m.Text
	}
	return m.Caption
}

// Buttons are its inline buttons, row after row.
func (m Message) Buttons() []models.InlineKeyboardButton {
	if m.ReplyMarkup == nil {
		return nil
	}
	return slices.Concat(m.ReplyMarkup.InlineKeyboard...)
}

// Chat is a private chat or a group.
type Chat struct {
	s        *Server
	info     models.Chat
	messages []*Message
	lastID   int
	actions  []string
	started  bool // the bot may write
	blocked  bool
	gone     bool
	kicked   bool
	left     bool
	admin    bool // the bot sees everything in the group
	movedTo  int64
}

// Chat gives the chat with this id; it must exist.
func (s *Server) Chat(id int64) *Chat {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.chats[id]
	if c == nil {
		s.fail("there is no chat %d", id)
	}
	return c
}

// ID is the chat's id.
func (c *Chat) ID() int64 { return c.info.ID }

func (c *Chat) append(m *Message) {
	c.lastID++
	m.ID = c.lastID
	m.Chat = c.info
	m.Date = int(c.s.cfg.now().Unix())
	c.messages = append(c.messages, m)
	c.s.wake()
}

func (c *Chat) find(id int) *Message {
	for _, m := range c.messages {
		if m.ID == id {
			return m
		}
	}
	return nil
}

// Messages are the messages in the chat now, in order, edits applied.
func (c *Chat) Messages() []Message {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	return c.copies()
}

func (c *Chat) copies() []Message {
	out := make([]Message, len(c.messages))
	for i, m := range c.messages {
		out[i] = *m
	}
	return out
}

// FromBot are the messages of the bot.
func (c *Chat) FromBot() []Message {
	return slices.DeleteFunc(c.Messages(), func(m Message) bool { return !m.Mine() })
}

// Last is the newest message of the bot; the zero Message if there is none.
func (c *Chat) Last() Message {
	all := c.FromBot()
	if len(all) == 0 {
		return Message{}
	}
	return all[len(all)-1]
}

// Actions are the chat actions (typing, upload_video …) so far.
func (c *Chat) Actions() []string {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	return slices.Clone(c.actions)
}

// WaitMessage waits until the chat shows a message of the bot for which want is
// true, and gives the newest such; an edit can make one so.
func (c *Chat) WaitMessage(ctx context.Context, want func(Message) bool) (Message, error) {
	for {
		c.s.mu.Lock()
		all, changed := c.copies(), c.s.changed
		c.s.mu.Unlock()
		for _, m := range slices.Backward(all) {
			if m.Mine() && want(m) {
				return m, nil
			}
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return Message{}, fmt.Errorf("no such message in chat %d: %w", c.info.ID, ctx.Err())
		case <-c.s.done:
			return Message{}, fmt.Errorf("no such message in chat %d: the server was closed", c.info.ID)
		}
	}
}

// Await is WaitMessage for tests: it fails the test with the transcript after timeout.
func (c *Chat) Await(timeout time.Duration, want func(Message) bool) Message {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	m, err := c.WaitMessage(ctx, want)
	if err != nil {
		c.s.fail("%v\n%s", err, c.Transcript())
	}
	return m
}

// AwaitText waits for a message of the bot newer than message after that contains part.
func (c *Chat) AwaitText(timeout time.Duration, after int, part string) Message {
	return c.Await(timeout, func(m Message) bool { return m.ID > after && strings.Contains(m.Words(), part) })
}

// Transcript is the chat as one reads it: who, words, files, buttons.
func (c *Chat) Transcript() string {
	var b strings.Builder
	for _, m := range c.Messages() {
		who := "bot"
		if !m.Mine() {
			who = m.From.FirstName
		}
		fmt.Fprintf(&b, "%s:", who)
		if m.ForwardOrigin != nil {
			b.WriteString(" (forwarded)")
		}
		if m.File != nil {
			fmt.Fprintf(&b, " [%s %s, %d bytes]", strings.ToLower(m.File.Kind), m.File.Name, m.File.Size)
		}
		if words := m.Words(); words != "" {
			b.WriteString(" " + strings.ReplaceAll(words, "\n", "\n    "))
		}
		b.WriteString("\n")
		if m.ReplyMarkup != nil {
			for _, row := range m.ReplyMarkup.InlineKeyboard {
				b.WriteString("   ")
				for _, button := range row {
					fmt.Fprintf(&b, " [%s]", button.Text)
				}
				b.WriteString("\n")
			}
		}
	}
	return b.String()
}

func originOf(from *models.User, date int) *models.MessageOrigin {
	return &models.MessageOrigin{Type: models.MessageOriginTypeUser, MessageOriginUser: &models.MessageOriginUser{
		Type: models.MessageOriginTypeUser, Date: date, SenderUser: *from}}
}
