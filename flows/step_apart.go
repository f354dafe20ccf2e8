package flows

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"clipcase/media"
)

// compares says whether a pack shows two recordings next to each other.
func (p *Pack) compares() bool {
	return slices.ContainsFunc(p.Pieces, func(x Piece) bool { return x.Blob != "" && x.Beside != nil })
}

// Aligns says whether the person may say how far apart the two sides of the pack
// are: see PressPack's apart.
func (p *Pack) Aligns() bool { return p.State == PackDelivered && p.compares() }

// aligned is the pack whose two sides are to be laid anew; nil when there is none
// any more.
func (t *turn) aligned() *Pack {
	if t.kase == nil || t.session.Apart == "" {
		return nil
	}
	if p := t.kase.Pack(t.session.Apart); p != nil && p.Aligns() {
		return p
	}
	return nil
}

// apart begins to ask how far apart the two sides of a comparison are.
func (t *turn) apart(p *Pack) {
	if !p.Aligns() {
		t.alone("note", nil, Block{Text: T("talk.apart.none")})
		return
	}
	t.session.Apart = p.Channel
	t.enter("apart")
	t.ask()
}

// ReadApart reads by how many seconds the right side shows the same later, to a
// tenth, as people type it; false for anything else and for more than is compared.
func ReadApart(text string) (float64, bool) {
	text = strings.NewReplacer(" ", "", "−", "-", "–", "-", "—", "-", "。", ".").Replace(halfWidth(strings.ToLower(text)))
	found := regexp.MustCompile(`^(晚|早)?([+-]?)([0-9]{1,3}(?:\.[0-9]{1,6})?)(?:秒钟?|s|sec|seconds?)?$`).FindStringSubmatch(text)
	if found == nil || found[1] != "" && found[2] != "" {
		return 0, false
	}
	v, err := strconv.ParseFloat(found[3], 64)
	if err != nil || v > media.TraceLongest {
		return 0, false
	}
	v = math.Round(v*10) / 10
	if found[1] == "早" || found[2] == "-" {
		v = 0 - v // not -0
	}
	return v, true
}

// lay has the comparison made anew: offset seconds apart, nil = as it is found.
func (t *turn) lay(offset *float64) {
	p, c := t.aligned(), t.kase
	ch, ok := t.cat.Channel(t.session.Apart)
	if p == nil || !ok {
		t.leaveApart()
		return
	}
	t.session.Apart, c.Offset, t.changed = "", offset, true
	remake(p, p.Tier, false)
	p.Given = nil // all of it is handed out anew
	c.note(t.now, "planned", "channel", p.Channel)
	t.effects = append(t.effects, c.wake()...)
	said := T("talk.apart.found")
	if offset != nil {
		said = T("talk.apart.set", "lag", lag(*offset))
	}
	t.atRest([]Block{
		{Style: StyleTitle, Text: T("talk.working.title", "case", c.ID)},
		{Text: said}, {Text: T("talk.working.what", "channel", t.local(ch.Name))},
	}, []Choice{{ID: "status", Label: T("talk.working.status")}})
}

// lag is an offset in words.
func lag(offset float64) Text {
	key := "talk.apart.later"
	if offset < 0 {
		key = "talk.apart.earlier"
	}
	return T(key, "seconds", strconv.FormatFloat(math.Abs(offset), 'f', -1, 64))
}

// leaveApart leaves the comparison as it is.
func (t *turn) leaveApart() bool {
	t.session.Apart, t.session.Step = "", ""
	t.hint(T("talk.apart.kept"))
	t.status()
	return false
}

func apartPart() part {
	return part{
		blocks: func(t *turn) []Block {
			blocks := []Block{{Style: StyleTitle, Text: T("talk.apart.ask")}, {Text: T("talk.apart.what")}}
			if t.kase.Offset != nil {
				blocks = append(blocks, Block{Style: StyleNote, Text: T("talk.apart.now", "lag", lag(*t.kase.Offset))})
			}
			return blocks
		},
		options: func(t *turn) [][]Choice {
			if t.kase.Offset == nil {
				return nil
			}
			return [][]Choice{{{ID: "found", Label: T("talk.apart.find")}}}
		},
		pick: func(t *turn, _ string) { t.lay(nil) },
		take: func(t *turn, text string) {
			v, ok := ReadApart(text)
			if !ok {
				t.say(T("talk.apart.unclear"))
				t.ask()
				return
			}
			t.lay(&v)
		},
		forward: func(*turn) Text { return T("talk.apart.leave") },
		ahead:   (*turn).leaveApart,
		returns: true,
	}
}
