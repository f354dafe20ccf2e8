package flows

import (
	"slices"
	"strconv"
	"strings"

	"clipcase/flows/catalog"
)

// keep is a choice that stays valid as long as its case exists.
func (c *Case) keep(verb string, label Text) Choice {
	return Choice{ID: verb + "." + c.ID, Label: label}
}

// keepPack is keep for one pack in one of its rounds; packs are only ever added,
// so that a pack's place in the case names it.
func (c *Case) keepPack(verb string, p *Pack, label Text) Choice {
	i := slices.IndexFunc(c.Packs, func(x Pack) bool { return x.Channel == p.Channel })
	return Choice{ID: verb + "." + c.ID + "." + strconv.Itoa(i) + "." + strconv.Itoa(p.Round), Label: label}
}

// kept carries out a press that is not bound to a step: go.<command>, lang.<code>,
// case.<case>, more.<case>, web.<case>, or <verb>.<case>.<pack>.<round>[.<reason>].
func (t *turn) kept(choice string) {
	words := strings.Split(choice, ".")
	verb, rest := words[0], words[1:]
	switch {
	case verb == "go" && len(rest) == 1:
		t.goKept(rest[0])
	case verb == "lang" && len(rest) == 1 && (rest[0] == "zh" || rest[0] == "en"):
		t.language(rest[0])
	case verb == "guide" && len(rest) == 1:
		t.guide(rest[0])
	case verb == "case" && len(rest) == 1:
		t.openCase(rest[0])
	case verb == "more" && len(rest) == 1:
		t.moreChannels(rest[0])
	case verb == "web" && len(rest) == 1:
		if t.submitted(rest[0]) {
			t.enterPage()
		}
	case verb == "quiet" && len(rest) == 0:
		t.session.Quiet = true
		t.alone("note", nil, Block{Text: T("talk.follow.quiet")})
	case len(rest) == 3 || len(rest) == 4 && verb == "why":
		t.keptPack(verb, rest)
	default:
		t.unknown()
	}
}

func (t *turn) goKept(to string) {
	switch to {
	case "on":
		t.reask()
	case "new", "status", "help":
		t.command(to, "", nil)
	default:
		t.unknown()
	}
}

// submitted finds one of the person's own cases that was handed in and may be
// worked on, and puts it in hand. It leaves a draft in hand as it is: that can
// be taken up again from the list.
func (t *turn) submitted(id string) bool {
	c, ok := t.own(id)
	switch {
	case t.waiting():
		return false
	case !ok || c.Quarantined:
		t.toasted(T("talk.absent"))
		t.reask()
		return false
	case !c.Cancelled.IsZero():
		t.alone("note", nil, Block{Text: T("talk.status.cancelled", "case", c.ID, "date", FormatDay(c.Expires))})
		return false
	case c.Submitted.IsZero():
		t.openCase(id)
		return false
	}
	if t.kase == nil || t.kase.ID != id {
		t.fresh()
		t.take(c)
		if resumed := t.kase.Resume(); len(resumed) > 0 {
			t.effects = append(t.effects, resumed...)
		}
	}
	t.changed = true
	return true
}

// moreChannels shows the channels a case was not made ready for yet.
func (t *turn) moreChannels(id string) {
	if !t.submitted(id) {
		return
	}
	if len(t.eligible(t.kase)) == 0 {
		t.alone("note", nil, Block{Text: T("talk.channel.all")})
		return
	}
	t.enter("channel")
	t.ask()
}

// plan sets off the pack for one more channel of a case that was handed in.
func (t *turn) plan(channel string) {
	c := t.kase
	ch, ok := t.cat.Channel(channel)
	if !ok || !ch.Available {
		t.unknown()
		return
	}
	if p := c.Pack(channel); p != nil {
		remake(p, p.Tier, false)
	} else {
		c.Packs = append(c.Packs, Pack{Channel: channel, State: PackPlanned, Fate: FateUnsent})
	}
	t.changed = true
	c.note(t.now, "planned", "channel", channel)
	t.effects = append(t.effects, c.wake()...)
	t.atRest([]Block{
		{Style: StyleTitle, Text: T("talk.working.title", "case", c.ID)},
		{Text: T("talk.working.what", "channel", t.local(ch.Name))},
	}, []Choice{{ID: "status", Label: T("talk.working.status")}})
}

// remake plans a pack anew: a fresh round, so that everything is handed out again.
// What there is of the same tier need not be made again; what there is of another
// was too big.
func remake(p *Pack, tier int, lighter bool) {
	if tier != p.Tier {
		p.Over = nil
		if lighter {
			p.Over = weights(p.Pieces)
		}
		p.Given, p.Extra, p.Pieces = nil, false, nil
	}
	p.Pieces = slices.DeleteFunc(p.Pieces, func(x Piece) bool { return x.Blob == "" })
	p.Parted, p.Handed, p.Told, p.Reworded = false, 0, 0, false
	p.Tier, p.Round, p.State, p.Fate = tier, p.Round+1, PackPlanned, FateUnsent
	p.Attempt, p.Tries, p.Error, p.Exact, p.Stopped = "", 0, nil, false, false
}

// weights are what pieces that exist weigh.
func weights(pieces []Piece) []Weight {
	var all []Weight
	for _, x := range pieces {
		if x.Blob != "" {
			all = append(all, Weight{Exhibit: x.Exhibit, Kind: x.Kind, Codec: x.Codec, Range: x.Range, Bytes: x.Bytes})
		}
	}
	return all
}

// keptPack is a press about one pack that was handed out.
func (t *turn) keptPack(verb string, rest []string) {
	if !t.submitted(rest[0]) {
		return
	}
	c := t.kase
	i, err := strconv.Atoi(rest[1])
	round, err2 := strconv.Atoi(rest[2])
	if err != nil || err2 != nil || i < 0 || i >= len(c.Packs) || round < 0 || round > c.Packs[i].Round {
		t.unknown()
		return
	}
	p := &c.Packs[i]
	ch, ok := t.cat.Channel(p.Channel)
	if !ok {
		t.unknown()
		return
	}
	if round != p.Round || p.State != PackDelivered {
		t.toasted(T("talk.stale"))
		t.status()
		return
	}
	switch verb {
	case "exact":
		t.again(p, ch, true)
	case "twin":
		t.again(p, ch, false)
	case "sent":
		t.sent(p, ch)
	case "mail":
		t.mail(p, ch)
	case "apart":
		t.apart(p)
	case "wait":
		t.effects = append(t.effects, c.followAt(p, t.now.Add(FollowUpAfter)))
		t.alone("note", nil, Block{Text: T("talk.follow.later")})
	case "yes":
		p.Fate = FateAnswered
		c.note(t.now, "answered", "channel", p.Channel)
		t.alone("note", [][]Choice{{{ID: "go.new", Label: T("talk.button.new")}}}, Block{Text: T("talk.follow.answered", "case", c.ID)})
	case "refd":
		t.askWhy(p, ch)
	case "why":
		t.refused(p, ch, rest[3])
	default:
		t.unknown()
	}
}

// again hands a pack out once more: the same pieces byte for byte, or with the
// pieces that are made only when asked for.
func (t *turn) again(p *Pack, ch catalog.Channel, exact bool) {
	c := t.kase
	given := p.Given
	for _, piece := range p.Pieces {
		if !slices.Contains(given, piece.Name) {
			given = append(given, piece.Name)
		}
	}
	if exact {
		p.Round, p.State, p.Exact, p.Parted = p.Round+1, PackReady, true, false
		t.effects = append(t.effects, c.delivery(p))
		c.note(t.now, "exact", "channel", p.Channel)
		t.alone("note", nil, Block{Text: T("talk.again.exact")})
		return
	}
	if !onRequest(ch, p.Tier) || p.Extra {
		t.alone("note", nil, Block{Text: T("talk.again.none")})
		return
	}
	fate := p.Fate
	remake(p, p.Tier, false)
	p.Extra, p.Given, p.Fate = true, given, fate
	c.note(t.now, "twin", "channel", p.Channel)
	t.effects = append(t.effects, c.wake()...)
	t.alone("note", nil, Block{Text: T("talk.again.twin")})
}

// onRequest says whether a tier has pieces that are made only when asked for.
func onRequest(ch catalog.Channel, tier int) bool {
	if tier < 0 || tier >= len(ch.Tiers) {
		return false
	}
	for _, r := range ch.Tiers[tier].Recipes {
		if r.OnRequest {
			return true
		}
	}
	return false
}
