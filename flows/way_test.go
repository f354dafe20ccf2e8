package flows_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/flows/catalog"
)

// TestForwardOnly: from any entry with a video, pressing only the first button of
// the last row reaches "handed in".
func TestForwardOnly(t *testing.T) {
	t.Parallel()
	cat := builtin(t)
	entries := map[string]func(*chat){
		"bare video":     func(c *chat) { c.file(video(1), "") },
		"forwarded":      func(c *chat) { f := video(1); f.Forwarded, f.Sent = true, flows.SentVideo; c.file(f, "") },
		"round":          func(c *chat) { f := video(1); f.Sent, f.Name, f.MIME = flows.SentRound, "", ""; c.file(f, "") },
		"animation":      func(c *chat) { f := video(1); f.Sent = flows.SentAnimation; c.file(f, "") },
		"with caption":   func(c *chat) { c.file(video(1), "我的账号被误封了，请帮忙看看") },
		"after start":    func(c *chat) { c.command("start", ""); c.file(video(1), "") },
		"after new":      func(c *chat) { c.command("new", "说明在这里写了一段"); c.file(video(1), "") },
		"after comment":  func(c *chat) { c.text("看这个"); c.file(video(1), "") },
		"after a story":  func(c *chat) { c.text("昨天晚上我的号突然登不上去了"); c.file(video(1), "") },
		"unknown length": func(c *chat) { f := video(1); f.Duration, f.Bytes = 0, 0; c.file(f, "") },
		"very short":     func(c *chat) { f := video(1); f.Duration = 3; c.file(f, "") },
		"album": func(c *chat) {
			for i := range 4 {
				f := video(i + 1)
				c.do(flows.Event{Kind: flows.EventFile, File: &f, Album: "tg:a1"})
			}
		},
		"after status, lang and cancel": func(c *chat) {
			c.command("status", "")
			c.command("lang", c.lang)
			c.command("cancel", "")
			c.file(video(1), "")
		},
	}
	for _, s := range cat.Scenarios() {
		entries["command "+s.ID] = func(c *chat) {
			f := video(1)
			c.do(flows.Event{Kind: flows.EventCommand, Command: s.Command, Text: "账号被误封", File: &f})
		}
		entries["command then forward "+s.ID] = func(c *chat) {
			c.command(s.Command, "账号被误封")
			c.now = c.now.Add(4 * time.Second)
			c.file(video(1), "")
		}
		entries["deep link "+s.ID] = func(c *chat) { c.command("start", "s_"+s.ID); c.file(video(1), "") }
	}
	for name, enter := range entries {
		for _, lang := range []string{"zh", "en"} {
			t.Run(name+" "+lang, func(t *testing.T) {
				t.Parallel()
				c := newChat(t, cat, lang, flows.Config{})
				enter(c)
				taps := 0
				for !c.handed() {
					c.forward()
					taps++
					require.LessOrEqual(t, taps, 12, c.log.String())
				}
				if strings.HasPrefix(name, "command account-ban") {
					require.LessOrEqual(t, taps, 4, c.log.String())
				}
				c.ingest()
				c.process()
				require.Equal(t, flows.PackDelivered, c.kase().Packs[0].State)
			})
		}
	}
}

// TestFourTaps names the taps of the shortest way.
func TestFourTaps(t *testing.T) {
	t.Parallel()
	c := newChat(t, builtin(t), "zh", flows.Config{})
	f := video(1)
	f.Forwarded, f.Sent = true, flows.SentVideo
	c.do(flows.Event{Kind: flows.EventCommand, Command: "appeal", Text: "账号被误封", File: &f})
	var steps []string
	for !c.handed() {
		steps = append(steps, c.seen.Step)
		c.forward()
	}
	require.Equal(t, []string{"can", "exhibits", "key", "review"}, steps)
	require.Equal(t, "账号被误封", c.kase().Statement)
}

// TestAnyEvents throws random events at conversations: nothing panics, every
// screen can be shown in both languages, /cancel and /status always answer, and
// a stored session and case always read back. CLIPCASE_CONVERSATIONS asks for
// more than the usual number of conversations of 100 events each.
func TestAnyEvents(t *testing.T) {
	t.Parallel()
	cat := builtin(t)
	conversations := uint64(4) // both languages, each with and without an admin
	if raw := os.Getenv("CLIPCASE_CONVERSATIONS"); raw != "" {
		n, err := strconv.ParseUint(raw, 10, 32)
		require.NoError(t, err)
		conversations = n
	}
	for seed := range conversations {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			r, rubbish := rand.New(rand.NewPCG(seed, 7)), rude()
			c := newChat(t, cat, []string{"zh", "en"}[seed%2], flows.Config{
				BotName: "clipcase_bot", DailyBytes: 400_000_000, DailySeconds: 3000, FetchLimit: 20 << 20,
			})
			c.store.change(c.actor, func(p *flows.Person) { p.Admin = seed%4 < 2 })
			for range 100 {
				c.now = c.now.Add(time.Duration(r.IntN(20)) * time.Second)
				c.do(anything(r, cat, c, rubbish))
				c.sound()
				if r.IntN(12) == 0 {
					c.ingest()
				}
				if r.IntN(15) == 0 {
					c.processLoosely()
				}
				if r.IntN(60) == 0 {
					c.clock(time.Duration(r.IntN(90)) * time.Hour)
				}
				if r.IntN(25) == 0 {
					before := len(c.shown)
					c.command([]string{"cancel", "status"}[r.IntN(2)], "")
					require.Greater(t, len(c.shown), before, "no answer")
				}
				c.log.Reset()
			}
		})
	}
}

// sound holds after every event: the steps only ever work on a draft, and what
// was handed in keeps its scenario and its words.
func (c *chat) sound() {
	k := c.kase()
	if k == nil || k.Submitted.IsZero() && k.Cancelled.IsZero() {
		return
	}
	require.Contains(c.t, []string{"", "channel", "forget"}, c.session().Step, "case %s is %s", k.ID, k.State(c.now))
	if len(k.Packs) > 0 {
		require.NotEmpty(c.t, k.Scenario)
	}
}

// processLoosely is process for cases that may have ended in the meantime.
func (c *chat) processLoosely() {
	for _, e := range c.store.Take(flows.EffectProcess) {
		k, err := c.store.Case(c.t.Context(), e.Case)
		if err != nil || !k.Cancelled.IsZero() || k.Pending() || k.Quarantined {
			continue
		}
		c.store.Return(c.t, e)
	}
	if len(c.store.Effects) > 0 {
		for _, e := range c.store.Take(flows.EffectProcess) {
			c.store.Work(c.t, e.Case, func(k *flows.Case) ([]flows.Effect, error) {
				if ok, err := k.ClaimPacks("w"); err != nil || !ok {
					return nil, err
				}
				var effects []flows.Effect
				for _, p := range k.Packs {
					if p.State == flows.PackRendering {
						more, err := k.PackReady("w", made(c.cat, k, p.Channel), c.now)
						if err != nil {
							return nil, err
						}
						effects = append(effects, more...)
					}
				}
				return effects, nil
			})
		}
	}
	for _, e := range c.store.Take(flows.EffectDeliver) {
		k, err := c.store.Case(c.t.Context(), e.Case)
		if err != nil || !k.Cancelled.IsZero() || k.Pack(e.Channel).Round != e.Round || k.Quarantined {
			continue
		}
		for _, item := range flows.NewPacker(c.cat).Items(k, k.Pack(e.Channel)) {
			if item.Screen != nil {
				c.screen(*item.Screen)
			}
		}
		c.store.Work(c.t, e.Case, func(k *flows.Case) ([]flows.Effect, error) {
			return k.Delivered(e.Channel, e.Round, c.now)
		})
	}
}

// anything is a random event: mostly presses of what is on the screens, else
// commands, files, words and rubbish, which is rude words among others.
func anything(r *rand.Rand, cat *catalog.Catalog, c *chat, rubbish []string) flows.Event {
	pick := func(all []string) string { return all[r.IntN(len(all))] }
	some := pick(append(slices.Clone(rubbish), "好了", "返回", "取消", "00:42", "0:42-0:52", "你好", "帮我抓包", "第2个 1:00", "昨天我的账号被误封了请帮忙"))
	switch n := r.IntN(20); {
	case n < 10 && len(c.shown) > 0:
		s := c.shown[max(0, len(c.shown)-1-r.IntN(4))]
		if len(s.Rows) == 0 {
			return flows.Event{Kind: flows.EventText, Text: some}
		}
		row := s.Rows[r.IntN(len(s.Rows))]
		return flows.Event{Kind: flows.EventChoice, Choice: row[r.IntN(len(row))].ID, Token: s.Token, Press: "q"}
	case n < 12:
		before, after := flows.Commands()
		commands := slices.Concat(before, after, flows.AdminCommands())
		for _, s := range cat.Scenarios() {
			commands = append(commands, s.Command)
		}
		text := pick([]string{"", "", some, "i_x", "c_x", "s_bug-report", "case_CC0042", "case_CC9999", "en", "zh", "2 3", "CC0042 off", "tg:7"})
		return flows.Event{Kind: flows.EventCommand, Command: pick(append(commands, "nothing")), Text: text, Group: r.IntN(15) == 0}
	case n < 15:
		f := video(r.IntN(8))
		f.Sent = []flows.Sent{flows.SentFile, flows.SentVideo, flows.SentPhoto, flows.SentAnimation, ""}[r.IntN(5)]
		f.TooBig, f.Name = r.IntN(10) == 0, some
		return flows.Event{Kind: flows.EventFile, File: &f, Text: pick([]string{"", some}), Album: pick([]string{"", "tg:a"})}
	case n < 17:
		return flows.Event{Kind: flows.EventText, Text: some}
	case n < 18:
		return flows.Event{Kind: flows.EventOther, Other: pick([]string{"voice", "sticker", "forged", "location", ""})}
	case n < 19:
		return flows.Event{Kind: flows.EventEdit, Text: some, Message: fmt.Sprintf("tg:42:%d", 1000+r.IntN(c.events+1))}
	default:
		return flows.Event{Kind: flows.EventChoice, Press: "q", Token: pick([]string{"keep", "", "old"}), Choice: pick([]string{
			"sent.CC0042.0.0", "why.CC0042.0.0.big", "twin.CC0043.0.0", "exact.CC0042.9.9", "more.CC0042", "go.on", "lang.xx",
			"sent.CC0042.-1.x", "why.CC0042.0.0", ".", "next", "s99", "s", "yes.CC0001", "quiet", some,
		})}
	}
}

// rude is hostile without the longest ones, which have a test of their own.
func rude() []string {
	return slices.DeleteFunc(hostile(), func(w string) bool { return len(w) > 20_000 })
}

// hostile is words nobody means well with.
func hostile() []string {
	return []string{
		"", " \n\t ", "\x00\x01\x02", strings.Repeat("长", 100_000), strings.Repeat("😀", 3000), "👨‍👩‍👧‍👦🇨🇳🏴󠁧󠁢󠁥󠁮󠁧󠁿",
		"\u202Eevil\u202C\u2066x\u2069", "a" + strings.Repeat("\u0301", 5000), "<b>x</b> & <script>alert(1)</script>", "*_`[x](y)`_*",
		"{{.case}} {{template \"x\"}} %s %d", "⟦key⟧", "\xff\xfe\xfd", "../../etc/passwd", "\u200B\u200B\u200B", "١٢:٣٤", "٤٢",
	}
}
