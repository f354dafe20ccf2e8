package flows_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/flows/catalog"
	"clipcase/media"
)

// chat is one person talking to an engine in memory, written down as they see it.
type chat struct {
	t      testing.TB
	cat    *catalog.Catalog
	cfg    flows.Config
	store  *memory
	engine *flows.Engine
	now    time.Time
	actor  string
	lang   string
	events int
	ids    int
	seen   flows.Screen    // the newest screen
	shown  []flows.Screen  // everything shown, oldest first
	ledger map[string]bool // what was handed out
	log    strings.Builder
}

func newChat(t testing.TB, cat *catalog.Catalog, lang string, cfg flows.Config) *chat {
	t.Helper()
	if cfg.Access == "" {
		cfg.Access = flows.AccessOpen
	}
	if cfg.Operator == "" {
		cfg.Operator = "小林工作室"
	}
	c := &chat{t: t, cat: cat, cfg: cfg, store: newMemory(), now: noon(), actor: "tg:42", lang: lang, ledger: map[string]bool{}}
	engine, err := flows.New(cfg, cat, c.store, c.store, func() time.Time { return c.now }, func() string {
		c.ids++
		return fmt.Sprintf("t%d", c.ids)
	})
	require.NoError(t, err)
	c.engine = engine
	return c
}

// event fills in what every event of this person has.
func (c *chat) event(e flows.Event) flows.Event {
	c.events++
	if e.ID == "" {
		e.ID = fmt.Sprintf("tg:%d", c.events)
	}
	if e.Actor == "" {
		e.Actor = c.actor
	}
	if e.Chat == "" {
		e.Chat = e.Actor
	}
	if e.Lang == "" && c.lang == "en" {
		e.Lang = "en"
	}
	if e.Message == "" && e.Kind != flows.EventChoice && e.Kind != flows.EventTimer {
		e.Message = fmt.Sprintf("%s:%d", e.Chat, 1000+c.events)
	}
	e.At = c.now
	return e
}

// do handles an event and shows what it caused.
func (c *chat) do(e flows.Event) flows.Screen {
	c.t.Helper()
	e = c.event(e)
	screen, err := c.engine.Handle(context.Background(), e)
	require.NoError(c.t, err)
	c.show()
	return screen
}

// show writes down the screens that are due or soon will be.
func (c *chat) show() {
	c.t.Helper()
	for _, e := range c.store.Take(flows.EffectShow) {
		require.NotNil(c.t, e.Screen)
		c.screen(*e.Screen)
	}
}

func (c *chat) screen(s flows.Screen) {
	c.t.Helper()
	c.check(s)
	c.shown = append(c.shown, s)
	if len(s.Rows) > 0 {
		c.seen = s
	}
	c.log.WriteString(transcribe(c.cat, s))
}

// check holds for every screen there is: words in both languages, buttons that
// fit, nothing too long.
func (c *chat) check(s flows.Screen) {
	c.t.Helper()
	for _, lang := range []string{"zh", "en"} {
		total := 0
		for _, b := range s.Blocks {
			words := flows.Render(c.cat, lang, b.Text)
			require.NotEmpty(c.t, strings.TrimSpace(words), "a block of %s says nothing: %+v", s.Step, b)
			c.plain(words, b.Text)
			total += len([]rune(words))
		}
		require.LessOrEqual(c.t, total, 3500, "words of screen %s", s.Step)
		for _, row := range s.Rows {
			for _, choice := range row {
				label := flows.Render(c.cat, lang, choice.Label)
				require.NotEmpty(c.t, label)
				c.plain(label, choice.Label)
			}
		}
	}
	require.NotEmpty(c.t, s.Blocks)
	require.LessOrEqual(c.t, len(s.Step), 12)
	require.LessOrEqual(c.t, len(s.Token), 8)
	seen := map[string]bool{}
	for _, row := range s.Rows {
		require.NotEmpty(c.t, row)
		require.LessOrEqual(c.t, len(row), 8)
		for _, choice := range row {
			if choice.URL != "" || choice.Copy != "" {
				require.Empty(c.t, choice.ID)
				continue
			}
			require.NotEmpty(c.t, choice.ID)
			require.LessOrEqual(c.t, len(choice.ID), 24, "choice %q", choice.ID)
			require.False(c.t, seen[choice.ID], "choice %q twice on %s", choice.ID, s.Step)
			seen[choice.ID] = true
		}
	}
}

// plain says that words are words: no key, no hole, no leftover of a template.
func (c *chat) plain(words string, text flows.Text) {
	c.t.Helper()
	for _, bad := range []string{"<no value>", "map[", "%!"} {
		require.NotContains(c.t, words, bad)
	}
	if text.Key != "" {
		require.NotEqual(c.t, text.Key, words, "no words for the key")
	}
}

// transcribe writes a screen as a person sees it.
func transcribe(cat *catalog.Catalog, s flows.Screen) string {
	var b strings.Builder
	b.WriteString("\n")
	if s.Picture != "" {
		b.WriteString("(picture)\n")
	}
	for _, block := range s.Blocks {
		words := flows.Render(cat, s.Lang, block.Text)
		switch block.Style {
		case flows.StyleTitle:
			words = "【" + words + "】"
		case flows.StyleQuote:
			words = "  | " + strings.ReplaceAll(words, "\n", "\n  | ")
		case flows.StyleCode:
			words = "```\n" + words + "\n```"
		case flows.StyleNote:
			words = "(" + words + ")"
		}
		b.WriteString(words + "\n")
	}
	for _, row := range s.Rows {
		for i, choice := range row {
			if i > 0 {
				b.WriteString("  ")
			}
			label := flows.Render(cat, s.Lang, choice.Label)
			if choice.On {
				label = "✓ " + label
			}
			b.WriteString("[" + label + "]")
		}
		b.WriteString("\n")
	}
	if s.Toast != nil {
		b.WriteString("⋯ " + flows.Render(cat, s.Lang, *s.Toast) + "\n")
	}
	return b.String()
}

// note writes down what the person does.
func (c *chat) note(format string, args ...any) {
	c.log.WriteString("\n" + strings.TrimRight(fmt.Sprintf(">>> "+format, args...), " ") + "\n")
}

func (c *chat) command(name, text string) flows.Screen {
	c.t.Helper()
	c.note("%s", strings.TrimSpace("/"+name+" "+text))
	return c.do(flows.Event{Kind: flows.EventCommand, Command: name, Text: text})
}

func (c *chat) text(words string) flows.Screen {
	c.t.Helper()
	c.note("%s", words)
	return c.do(flows.Event{Kind: flows.EventText, Text: words})
}

func (c *chat) file(f flows.File, caption string) flows.Screen {
	c.t.Helper()
	c.note("[%s %s] %s", f.Sent, f.Name, caption)
	return c.do(flows.Event{Kind: flows.EventFile, File: &f, Text: caption})
}

// press presses a choice of the newest screen that has it.
func (c *chat) press(id string) flows.Screen {
	c.t.Helper()
	for i := len(c.shown) - 1; i >= 0; i-- {
		for _, row := range c.shown[i].Rows {
			for _, choice := range row {
				if choice.ID == id {
					c.note("[%s]", flows.Render(c.cat, c.shown[i].Lang, choice.Label))
					return c.do(flows.Event{Kind: flows.EventChoice, Choice: id, Token: c.shown[i].Token, Press: "q1"})
				}
			}
		}
	}
	c.t.Fatalf("no screen has the choice %q", id)
	return flows.Screen{}
}

// forward presses the first button of the last row of the newest screen.
func (c *chat) forward() flows.Screen {
	c.t.Helper()
	require.NotEmpty(c.t, c.seen.Rows)
	choice := c.seen.Rows[len(c.seen.Rows)-1][0]
	c.note("[%s]", flows.Render(c.cat, c.seen.Lang, choice.Label))
	return c.do(flows.Event{Kind: flows.EventChoice, Choice: choice.ID, Token: c.seen.Token, Press: "q1"})
}

func (c *chat) session() flows.Session {
	c.t.Helper()
	var s flows.Session
	if raw, ok := c.store.Sessions[c.actor]; ok {
		require.NoError(c.t, json.Unmarshal(raw, &s))
	}
	return s
}

// kase is the case in hand; nil if there is none.
func (c *chat) kase() *flows.Case {
	c.t.Helper()
	id := c.session().Case
	if _, ok := c.store.Cases[id]; !ok {
		return nil
	}
	k, err := c.store.Case(c.t.Context(), id)
	require.NoError(c.t, err)
	return k
}

// handed says whether the case in hand was handed in.
func (c *chat) handed() bool {
	k := c.kase()
	return k != nil && !k.Submitted.IsZero()
}

func video(n int) flows.File {
	return flows.File{
		Ref: fmt.Sprintf("tg:file%d", n), Unique: fmt.Sprintf("u%d", n), Name: fmt.Sprintf("录屏%d.mp4", n), MIME: "video/mp4",
		Bytes: 12_000_000, Sent: flows.SentFile, Width: 1080, Height: 2340, Duration: 30,
	}
}

// ingest does what the workers do with every exhibit that is on its way.
func (c *chat) ingest() {
	c.t.Helper()
	for _, e := range c.store.Take(flows.EffectIngest) {
		if k, err := c.store.Case(c.t.Context(), e.Case); err != nil || !k.Cancelled.IsZero() {
			continue // over before it was fetched
		}
		c.store.Work(c.t, e.Case, func(k *flows.Case) ([]flows.Effect, error) {
			x := k.Exhibit(e.Exhibit)
			return k.ExhibitStored(e.Exhibit, flows.Stored{Blob: "cases/" + k.ID + "/originals/x", SHA256: strings.Repeat("0a1b2c3d", 8), Bytes: x.File.Bytes}, c.now)
		})
		c.store.Work(c.t, e.Case, func(k *flows.Case) ([]flows.Effect, error) {
			x := k.Exhibit(e.Exhibit)
			return k.ExhibitProbed(e.Exhibit, media.Probe{
				Kind: flows.FileKind(x.File), Duration: x.File.Duration, Width: 1080, Height: 2340, FPS: 30, Codec: "h264",
			}, c.now)
		})
	}
	c.show()
}

// process does what the workers do with planned packs: the pictures are handed out
// first, then each piece that takes longer, as it is made.
func (c *chat) process() {
	c.t.Helper()
	for _, e := range c.store.Take(flows.EffectProcess) {
		c.store.Work(c.t, e.Case, func(k *flows.Case) ([]flows.Effect, error) {
			ok, err := k.ClaimPacks("w1")
			require.True(c.t, ok)
			return nil, err
		})
		k, err := c.store.Case(context.Background(), e.Case)
		require.NoError(c.t, err)
		for _, p := range k.Packs {
			if p.State == flows.PackRendering {
				c.produce(k, p.Channel)
			}
		}
	}
	c.deliver()
}

func (c *chat) produce(k *flows.Case, channel string) {
	c.t.Helper()
	whole := made(c.cat, k, channel)
	early := slices.IndexFunc(whole.Pieces, func(p flows.Piece) bool { return p.Kind == media.KindImage }) >= 0
	there := func(n int) flows.Pack {
		part := whole
		part.Pieces = slices.Clone(whole.Pieces)
		for i := range part.Pieces {
			if p := &part.Pieces[i]; early && p.Kind == media.KindImage {
				continue
			} else if n--; n < 0 {
				p.Blob = ""
			}
		}
		return part
	}
	for n := range whole.Pieces {
		part := there(n)
		if made := part.Made(); made > 0 && made < len(part.Pieces) {
			c.store.Work(c.t, k.ID, func(k *flows.Case) ([]flows.Effect, error) { return k.PackPart("w1", part) })
			c.deliver()
		}
	}
	c.store.Work(c.t, k.ID, func(k *flows.Case) ([]flows.Effect, error) { return k.PackReady("w1", whole, c.now) })
}

// deliver hands out what is ready, but for what was handed out before.
func (c *chat) deliver() {
	c.t.Helper()
	c.show()
	packer := flows.NewPacker(c.cat)
	for _, e := range c.store.Take(flows.EffectDeliver) {
		c.store.Work(c.t, e.Case, func(k *flows.Case) ([]flows.Effect, error) {
			return k.DeliveryBegun(e.Channel, e.Round, c.now)
		})
		k, err := c.store.Case(context.Background(), e.Case)
		require.NoError(c.t, err)
		pack := k.Pack(e.Channel)
		for _, item := range packer.Items(k, pack) {
			entry := fmt.Sprintf("%s:%s:%d:%s", e.Case, e.Channel, e.Round, item.ID)
			if c.ledger[entry] {
				continue
			}
			c.ledger[entry] = true
			if item.File != nil {
				fmt.Fprintf(&c.log, "\n<<< (%s, %s) %s\n", item.File.Name, flows.FormatBytes(item.File.Bytes), flows.Render(c.cat, k.Lang, item.File.Line))
				continue
			}
			c.screen(*item.Screen)
		}
		c.store.Work(c.t, e.Case, func(k *flows.Case) ([]flows.Effect, error) {
			if pack.State == flows.PackRendering {
				return k.PartDelivered(e.Channel, e.Round, pack.Made())
			}
			return k.Delivered(e.Channel, e.Round, c.now)
		})
	}
}

// made is a pack as preparing makes it: small, but every field that is shown.
func made(cat *catalog.Catalog, k *flows.Case, channel string) flows.Pack {
	ch, _ := cat.Channel(channel)
	pack := flows.Pack{Channel: channel, Subject: "求助 " + k.ID, Words: "账号情况说明\n编号 " + k.ID}
	if ch.WordsOnly {
		return pack
	}
	tier, extra := k.Pack(channel).Tier, k.Pack(channel).Extra
	s, _ := cat.Scenario(k.Scenario)
	recipes := ch.Tiers[min(tier, len(ch.Tiers)-1)].Recipes
	many := func(r media.Recipe) int {
		return map[media.Kind]int{media.KindImage: max(1, r.Count), media.KindVideo: 3, media.KindGIF: 1}[r.Kind]
	}
	total, number := map[bool]int{}, map[bool]int{} // those made on request are counted among themselves
	for _, r := range recipes {
		total[r.OnRequest] += many(r)
	}
	for _, r := range recipes {
		if r.OnRequest && !extra {
			continue
		}
		ending := map[media.Kind]string{media.KindImage: "jpg", media.KindVideo: "mp4", media.KindGIF: "gif"}[r.Kind]
		for i := range many(r) {
			number[r.OnRequest]++
			of, n := total[r.OnRequest], number[r.OnRequest]
			name := fmt.Sprintf("20261122-%s-%dof%d", k.ID, n, of)
			if r.OnRequest {
				name += "-h264"
			}
			piece := catalog.PieceData{Number: n, Of: of, Name: name, From: flows.FormatClock(float64(10 * i)), To: flows.FormatClock(float64(10 * i))}
			if r.Kind != media.KindImage {
				piece.To = flows.FormatClock(float64(10*i + 10))
			}
			if len(s.Exhibits) > 0 {
				piece.Slot = s.Exhibits[0].Name.In(k.Lang)
			}
			line, err := cat.Fill(ch.Words.PieceLine.In(k.Lang), piece)
			if err != nil {
				panic(err)
			}
			pack.Pieces = append(pack.Pieces, flows.Piece{
				Name: name + "." + ending, Number: n, Kind: r.Kind, Bytes: 1_400_000, Blob: "b/" + name, Width: 720, Height: 1560,
				Line: line, Exhibit: "e1",
			})
		}
	}
	return pack
}

// clock makes the timers that are due into events.
func (c *chat) clock(after time.Duration) {
	c.t.Helper()
	c.now = c.now.Add(after)
	for _, e := range c.store.Take(flows.EffectTimer) {
		if e.After.After(c.now) {
			c.store.Return(c.t, e)
			continue
		}
		subject := e.Case
		if e.Channel != "" {
			subject = fmt.Sprintf("%s:%s:%d", e.Case, e.Channel, e.Round)
		}
		c.do(flows.Event{ID: "timer:" + e.ID, Kind: flows.EventTimer, Choice: e.Timer, Other: subject, Actor: e.Actor, Chat: e.Chat})
	}
}
