package telegramtest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-telegram/bot/models"
)

// User is a person in a chat: their private one with the bot or, after In, a group.
type User struct {
	*Chat // where they write
	s     *Server
	info  models.User
}

// User gives the person with this id, made when first asked for. lang is the
// language of their app, "" = not told. Until they write or Start, the bot
// cannot write to them.
func (s *Server) User(id int64, lang string) *User {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u := s.users[id]; u != nil {
		return u
	}
	info := models.User{ID: id, FirstName: fmt.Sprintf("Person %d", id), LanguageCode: lang}
	c := &Chat{s: s, info: models.Chat{ID: id, Type: models.ChatTypePrivate, FirstName: info.FirstName}}
	u := &User{Chat: c, s: s, info: info}
	s.users[id], s.chats[id] = u, c
	return u
}

// private is the person's own chat; mu is held.
func (u *User) private() *Chat { return u.s.chats[u.info.ID] }

// Named sets the person's first name as the bot sees it.
func (u *User) Named(name string) *User {
	u.s.mu.Lock()
	defer u.s.mu.Unlock()
	u.info.FirstName = name
	u.private().info.FirstName = name
	return u
}

// Started lets the bot write to the person though they wrote nothing.
func (u *User) Started() *User {
	u.s.mu.Lock()
	defer u.s.mu.Unlock()
	u.private().started = true
	return u
}

// say posts a message of the person and tells the bot; it gives the message's id.
func (u *User) say(m *Message) int {
	u.s.mu.Lock()
	defer u.s.mu.Unlock()
	return u.sayLocked(m)
}

func (u *User) sayLocked(m *Message) int {
	c := u.Chat
	if c.blocked {
		c.blocked = false
		u.s.push("my_chat_member", line(c), u.membership("kicked", "member"))
	}
	c.started = true
	from := u.info
	m.From = &from
	c.append(m)
	if c.sees(m) {
		u.s.push("message", line(c), m.Message)
	}
	return m.ID
}

func line(c *Chat) string { return fmt.Sprintf("chat %d", c.info.ID) }

// sees applies privacy mode: in a group a bot that is no admin gets commands,
// replies to it and texts that name it.
func (c *Chat) sees(m *Message) bool {
	if c.info.Type == models.ChatTypePrivate || c.admin {
		return !c.left && !c.kicked
	}
	bot := c.s.cfg.bot
	for _, e := range slices.Concat(m.Entities, m.CaptionEntities) {
		if e.Type == models.MessageEntityTypeBotCommand {
			return true
		}
	}
	if m.ReplyToMessage != nil && m.ReplyToMessage.From != nil && m.ReplyToMessage.From.ID == bot.ID {
		return true
	}
	return strings.Contains(m.Words(), "@"+bot.Username)
}

// Text writes a text; commands in it are marked as Telegram marks them.
func (u *User) Text(text string) int {
	m := &Message{}
	m.Text, m.Entities = text, commandsIn(text)
	return u.say(m)
}

// Command writes a command with or without words after it.
func (u *User) Command(command string) int { return u.Text("/" + strings.TrimPrefix(command, "/")) }

// StartLink opens the link t.me/<bot>?start=payload.
func (u *User) StartLink(payload string) int { return u.Text(strings.TrimSpace("/start " + payload)) }

// Reply answers a message in the chat where the person writes now.
func (u *User) Reply(to int, text string) int {
	m := &Message{}
	m.Text, m.Entities = text, commandsIn(text)
	return u.say(u.quoting(m, to))
}

func (u *User) quoting(m *Message, to int) *Message {
	if to == 0 {
		return m
	}
	u.s.mu.Lock()
	defer u.s.mu.Unlock()
	quoted := u.find(to)
	if quoted == nil {
		u.s.fail("there is no message %d to reply to", to)
	}
	copied := quoted.Message
	copied.ReplyToMessage = nil
	m.ReplyToMessage = &copied
	return m
}

// Edit changes the text or caption of the person's own message.
func (u *User) Edit(message int, words string) {
	u.s.mu.Lock()
	defer u.s.mu.Unlock()
	m := u.find(message)
	if m == nil || m.Mine() {
		u.s.fail("there is no message %d of person %d", message, u.info.ID)
	}
	if m.File == nil {
		m.Text, m.Entities = words, commandsIn(words)
	} else {
		m.Caption, m.CaptionEntities = words, commandsIn(words)
	}
	m.Edits++
	m.EditDate = int(u.s.cfg.now().Unix())
	if u.sees(m) {
		u.s.push("edited_message", line(u.Chat), m.Message)
	}
	u.s.wake()
}

// Delete takes the person's message away; the bot is not told.
func (u *User) Delete(message int) {
	u.s.mu.Lock()
	defer u.s.mu.Unlock()
	u.messages = slices.DeleteFunc(u.messages, func(m *Message) bool { return m.ID == message })
}

// Block stops the bot; it is told by my_chat_member.
func (u *User) Block() {
	u.s.mu.Lock()
	defer u.s.mu.Unlock()
	u.private().blocked = true
	u.s.push("my_chat_member", line(u.private()), u.membership("member", "kicked"))
}

// Unblock lets it write again.
func (u *User) Unblock() {
	u.s.mu.Lock()
	defer u.s.mu.Unlock()
	u.private().blocked = false
	u.s.push("my_chat_member", line(u.private()), u.membership("kicked", "member"))
}

// Deactivate deletes the person's account: the bot gets 403 from now on.
func (u *User) Deactivate() {
	u.s.mu.Lock()
	defer u.s.mu.Unlock()
	u.private().gone = true
}

func (u *User) membership(before, after string) map[string]any {
	member := func(status string) map[string]any {
		m := map[string]any{"status": status, "user": u.s.cfg.bot}
		if status == "kicked" {
			m["until_date"] = 0
		}
		return m
	}
	return map[string]any{"chat": u.private().info, "from": u.info, "date": u.s.cfg.now().Unix(),
		"old_chat_member": member(before), "new_chat_member": member(after)}
}

// Group makes a supergroup with the bot in it. admin: the bot sees everything.
func (s *Server) Group(id int64, title string, admin bool) *Chat {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := &Chat{s: s, info: models.Chat{ID: id, Type: models.ChatTypeSupergroup, Title: title}, started: true, admin: admin}
	s.chats[id] = c
	return c
}

// In gives the person as they write in a group.
func (u *User) In(group *Chat) *User {
	return &User{Chat: group, s: u.s, info: u.info}
}

// Upgrade gives the group another id; calls to the old one are told so.
func (c *Chat) Upgrade(id int64) *Chat {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	moved := &Chat{s: c.s, info: c.info, started: true, admin: c.admin}
	moved.info.ID = id
	c.movedTo = id
	c.s.chats[id] = moved
	return moved
}

// Kick throws the bot out of the group.
func (c *Chat) Kick() {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	c.kicked = true
}

// forwarded is the origin of something that person sent first, an hour ago.
func (s *Server) forwarded(from string) *models.MessageOrigin {
	return &models.MessageOrigin{Type: models.MessageOriginTypeHiddenUser,
		MessageOriginHiddenUser: &models.MessageOriginHiddenUser{Type: models.MessageOriginTypeHiddenUser,
			Date: int(s.cfg.now().Add(-time.Hour).Unix()), SenderUserName: from}}
}
