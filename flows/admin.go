package flows

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Bounds of an invitation.
const (
	inviteUses    = 1
	inviteDays    = 7
	maxInviteUses = 1000
	maxInviteDays = 365
)

// admin does an operator's command. It stands outside the steps: the operator's
// own conversation stays where it is.
func (t *turn) admin(name string, args []string) {
	switch name {
	case "invite":
		t.invite(args)
	case "allow", "ban", "unban":
		t.people(name, args)
	case "quarantine":
		t.quarantine(args)
	case "queue":
		t.queue()
	case "bounce":
		t.bounce(args)
	}
}

func (t *turn) invite(args []string) {
	uses, ok1 := bounded(args, 0, inviteUses, maxInviteUses)
	days, ok2 := bounded(args, 1, inviteDays, maxInviteDays)
	if !ok1 || !ok2 || len(args) > 2 {
		t.alone("note", nil, Block{Text: T("talk.admin.invite.how", "uses", maxInviteUses, "days", maxInviteDays)})
		return
	}
	said := t.gate(request{what: "invite", uses: uses, days: days})
	switch {
	case said == nil:
	case said.absent:
		t.alone("note", nil, Block{Text: T("talk.admin.failed")})
	default:
		blocks := []Block{{Text: T("talk.admin.invite", "count", uses, "days", days)}}
		for _, link := range t.inviteLinks(said.code) {
			blocks = append(blocks, Block{Style: StyleCode, Text: Text{Plain: link}})
		}
		t.alone("note", nil, blocks...)
	}
}

// inviteLinks are the ways in by a code: the bot, and the pages for people
// without a messenger.
func (t *turn) inviteLinks(code string) []string {
	var links []string
	if t.cfg.BotName != "" {
		links = append(links, "https://t.me/"+t.cfg.BotName+"?start=i_"+code)
	}
	if t.cfg.PublicURL != "" {
		links = append(links, t.cfg.PublicURL+"/i/"+code)
	}
	if len(links) == 0 {
		links = append(links, "/start i_"+code)
	}
	return links
}

// bounded reads a number from 1 to most; without one it is the usual.
func bounded(args []string, i, usual, most int) (int, bool) {
	if i >= len(args) {
		return usual, true
	}
	n, err := strconv.Atoi(args[i])
	return n, err == nil && n >= 1 && n <= most
}

func (t *turn) people(name string, args []string) {
	if len(args) != 1 {
		t.alone("note", nil, Block{Text: T("talk.admin.who", "command", name)})
		return
	}
	who := args[0]
	if front, _, ok := strings.Cut(t.event.Actor, ":"); ok && !strings.Contains(who, ":") {
		who = front + ":" + who
	}
	if !plainID(who) || name == "ban" && who == t.event.Actor {
		t.alone("note", nil, Block{Text: T("talk.admin.who", "command", name)})
		return
	}
	said := t.gate(request{what: name, arg: who})
	if said == nil {
		return
	}
	done := map[string]Text{
		"allow": T("talk.admin.allowed", "who", who),
		"ban":   T("talk.admin.banned", "who", who),
		"unban": T("talk.admin.unbanned", "who", who),
	}[name]
	if said.absent {
		done = T("talk.admin.failed")
	}
	t.alone("note", nil, Block{Text: done})
}

// plainID says whether a person's id is one a front end could have made.
func plainID(who string) bool {
	ok := func(r rune) bool {
		return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == ':' || r == '-' || r == '_'
	}
	return len(who) <= 64 && strings.IndexFunc(who, func(r rune) bool { return !ok(r) }) < 0
}

func (t *turn) quarantine(args []string) {
	off := len(args) == 2 && args[1] == "off"
	if len(args) == 0 || len(args) > 2 || len(args) == 2 && !off || !caseNumber(strings.ToUpper(args[0])) {
		t.alone("note", nil, Block{Text: T("talk.admin.quarantine.how")})
		return
	}
	id, what := strings.ToUpper(args[0]), "quarantine"
	if off {
		what = "release"
	}
	said := t.gate(request{what: what, arg: id})
	switch {
	case said == nil:
	case said.absent:
		t.alone("note", nil, Block{Text: T("talk.admin.nocase", "case", id)})
	case off:
		t.alone("note", nil, Block{Text: T("talk.admin.released", "case", id)})
	default:
		t.alone("note", nil, Block{Text: T("talk.admin.quarantined", "case", id)})
	}
}

// bounce notes that a case's mail came back to the operator's mailbox.
func (t *turn) bounce(args []string) {
	if len(args) != 1 || !caseNumber(strings.ToUpper(args[0])) {
		t.alone("note", nil, Block{Text: T("talk.admin.bounce.how")})
		return
	}
	id := strings.ToUpper(args[0])
	said := t.gate(request{what: "bounce", arg: id})
	switch {
	case said == nil:
	case said.absent:
		t.alone("note", nil, Block{Text: T("talk.admin.nocase", "case", id)})
	default:
		t.alone("note", nil, Block{Text: T("talk.admin.bounced", "case", id)})
	}
}

func (t *turn) queue() {
	said := t.gate(request{what: "queue"})
	if said == nil {
		return
	}
	if said.absent {
		t.alone("note", nil, Block{Text: T("talk.admin.failed")})
		return
	}
	q := said.queue
	blocks := []Block{{Style: StyleTitle, Text: T("talk.admin.queue")}}
	names := slices.Sorted(maps.Keys(q.Waiting))
	for name := range q.Running {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for _, name := range limited(names, 12) {
		blocks = append(blocks, Block{Style: StyleItem, Text: T("talk.admin.queue.line",
			"name", name, "waiting", q.Waiting[name], "running", q.Running[name])})
	}
	blocks = append(blocks, Block{Style: StyleItem, Text: T("talk.admin.queue.oldest", "minutes", int(q.Oldest.Minutes()))},
		Block{Style: StyleItem, Text: T("talk.admin.queue.disk", "share", fmt.Sprintf("%.0f", q.Disk*100))})
	if len(q.Failed) > 0 {
		blocks = append(blocks, Block{Style: StyleItem, Text: T("talk.admin.queue.failed", "cases", strings.Join(limited(q.Failed, 10), ", "))})
	}
	for _, r := range q.Refused[:min(len(q.Refused), maxRefused)] {
		blocks = append(blocks, Block{Style: StyleItem, Text: t.refusedLine(r)})
	}
	t.alone("note", nil, blocks...)
}

// maxRefused bounds what the queue's answer tells of refusals.
const maxRefused = 8

func (t *turn) refusedLine(r RefusalCount) Text {
	name, why := Text{Plain: r.Channel}, Text{Plain: r.Reason}
	if ch, ok := t.cat.Channel(r.Channel); ok {
		name = t.local(ch.Name)
	}
	for _, known := range reasons() {
		if known.kept == r.Reason {
			why = known.label
		}
	}
	if r.Limit == "" {
		return T("talk.admin.queue.refused", "channel", name, "why", why, "count", r.Times)
	}
	return T("talk.admin.queue.refused.limit", "channel", name, "why", why, "count", r.Times, "limit", r.Limit, "value", r.Value)
}

func limited(all []string, most int) []string { return all[:min(len(all), most)] }
