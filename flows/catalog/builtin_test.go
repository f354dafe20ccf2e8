package catalog

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"

	"clipcase/media"
)

// TestEveryIDIsThere holds the ids that others rely on; what is added stands in a
// file of its own, named after it.
func TestEveryIDIsThere(t *testing.T) {
	t.Parallel()
	c := builtInCatalog(t)
	var scenarios, channels, files []string
	for _, s := range c.Scenarios() {
		scenarios = append(scenarios, s.ID+" /"+s.Command)
	}
	for _, ch := range c.Channels() {
		channels = append(channels, ch.ID)
	}
	require.Subset(t, scenarios, []string{
		"account-ban /appeal", "account-theft /stolen", "copyright /copyright", "minor-refund /refund",
		"live-dispute /live", "ad-review /ads", "shop-dispute /order", "bug-report /bug",
	})
	require.Subset(t, channels, []string{
		"douyin-app", "douyin-dm", "email", "email-25mb", "weibo", "zhihu", "xiaohongshu", "wechat",
		"douyin-ads", "douyin-shop", "douyin-copyright", "booklet", "generic",
	})
	names, err := entries(builtIn, "channels")
	require.NoError(t, err)
	for _, name := range names {
		files = append(files, strings.TrimSuffix(path.Base(name), ".yaml"))
	}
	require.ElementsMatch(t, files, channels)
	for _, ch := range c.Channels() {
		require.True(t, ch.Available, ch.ID)
	}
	require.Len(t, c.Version(), 64)
}

// TestClocksOfTheSeed pins the hours the source document names.
func TestClocksOfTheSeed(t *testing.T) {
	t.Parallel()
	c := builtInCatalog(t)
	for id, want := range map[string]string{
		"account-theft": "urgent 24 false", "minor-refund": "urgent 72 false", "live-dispute": "urgent 48 false",
		"ad-review": "normal 4 true", "shop-dispute": "normal 8 true", "copyright": "normal 12 true",
		"account-ban": "normal", "bug-report": "normal",
	} {
		s, ok := c.Scenario(id)
		require.True(t, ok, id)
		got := s.Priority
		if s.Clock != nil {
			got += fmt.Sprintf(" %d %t", s.Clock.Hours, s.Clock.Working)
		}
		require.Equal(t, want, got, id)
	}
	for id, hours := range map[string]int{"weibo": 12, "zhihu": 72, "xiaohongshu": 24, "douyin-ads": 4, "douyin-shop": 8, "douyin-copyright": 12} {
		ch, ok := c.Channel(id)
		require.True(t, ok, id)
		require.Equal(t, hours, ch.Follow.Hours, id)
	}
}

// TestLimitsOfTheSeed pins the figures the pieces are made by.
func TestLimitsOfTheSeed(t *testing.T) {
	t.Parallel()
	c := builtInCatalog(t)
	for _, want := range []struct {
		channel, limit string
		value          media.Size
	}{
		{"douyin-app", "gif_bytes", 2e6},
		{"douyin-app", "pictures", 4},
		{"douyin-app", "long_side", 1499},
		{"douyin-dm", "message_bytes", 25e6},
		{"douyin-dm", "want_total_bytes", 15e6},
		{"douyin-dm", "total_bytes", 18e6},
		{"douyin-dm", "piece_bytes", 6e6},
		{"douyin-dm", "segment_seconds", 10},
		{"email", "encoded_bytes", 50e6},
		{"email", "video_bytes", 36e6},
		{"email", "link_days", 7},
		{"email-25mb", "video_bytes", 18e6},
		{"wechat", "gif_bytes", 2e6},
		{"generic", "short_side", 480},
		{"generic", "fps", 30},
		{"generic", "bitrate", 1.5e6},
		{"xiaohongshu", "title", 20},
		{"booklet", "pdf_bytes", 10e6},
	} {
		ch, ok := c.Channel(want.channel)
		require.True(t, ok, want.channel)
		l, ok := ch.Limit(want.limit)
		require.True(t, ok, "%s has no limit %s", want.channel, want.limit)
		require.Equal(t, want.value, l.Value, "%s %s", want.channel, want.limit)
	}
}

func TestRulesOfTheChannels(t *testing.T) {
	t.Parallel()
	c := builtInCatalog(t)
	for _, id := range []string{"weibo", "zhihu", "xiaohongshu"} {
		ch, _ := c.Channel(id)
		require.True(t, ch.WordsOnly, "%s: a public place gets no media before masks exist", id)
		require.Empty(t, ch.Tiers, id)
		require.False(t, ch.Links, id)
		require.Equal(t, "none", ch.Overlay, id)
	}
	dm, _ := c.Channel("douyin-dm")
	require.Equal(t, Local{"zh": "客服专用-申诉材料", "en": "客服专用-申诉材料"}, dm.Label)
	require.False(t, dm.Links)
	normal := dm.Tiers[0].Recipes
	require.Equal(t, "hevc", normal[0].Codec)
	require.True(t, normal[0].Label)
	require.True(t, normal[1].OnRequest)
	require.Equal(t, "h264", normal[1].Codec)
	app, _ := c.Channel("douyin-app")
	require.Equal(t, []media.Kind{media.KindImage, media.KindGIF}, app.Order, "a GIF never replaces the stills")
	for _, tier := range app.Tiers {
		require.Equal(t, media.KindImage, tier.Recipes[0].Kind)
	}
	ads, _ := c.Channel("douyin-ads")
	require.True(t, ads.Tiers[0].Recipes[0].Timecode)
	require.Equal(t, media.TakeWhole, ads.Tiers[0].Recipes[0].Take)
	for _, id := range []string{"email", "email-25mb"} {
		ch, _ := c.Channel(id)
		for _, lang := range c.Languages() {
			subject, err := c.Fill(ch.Words.Title.In(lang), SamplePaste(lang))
			require.NoError(t, err)
			require.True(t, strings.HasPrefix(subject, "[视频工单] CC0042"), subject)
		}
	}
}

func TestConsentIsAskedForPeople(t *testing.T) {
	t.Parallel()
	c := builtInCatalog(t)
	got := map[string]string{}
	for _, s := range c.Scenarios() {
		for _, slot := range s.Exhibits {
			if slot.Consent != "" {
				got[s.ID+"/"+slot.ID] = slot.Consent
			}
		}
	}
	require.Equal(t, map[string]string{"account-theft/face": "face", "minor-refund/guardianship": "minor"}, got)
}

// TestRecommendedFits sees that the first channel someone reaches is one that
// needs no more than they can do.
func TestRecommendedFits(t *testing.T) {
	t.Parallel()
	c := builtInCatalog(t)
	for _, s := range c.Scenarios() {
		for can, want := range map[string]string{"form": "douyin-app", "message": "douyin-dm", "mail": "email", "": "wechat"} {
			var got string
			for _, id := range s.Channels {
				if ch, _ := c.Channel(id); ch.Available && ch.Reachable([]string{can}) {
					got = id
					break
				}
			}
			require.Equal(t, want, got, "%s for someone who can %q", s.ID, can)
		}
	}
}

// TestWordsAgree walks every key of every file: same keys, same arguments.
func TestWordsAgree(t *testing.T) {
	t.Parallel()
	c := builtInCatalog(t)
	require.Equal(t, []string{"zh", "en"}, c.Languages())
	for _, key := range c.Keys() {
		var wants []string
		for i, lang := range c.Languages() {
			if !c.Has(lang, key) {
				t.Errorf("%s: no words in %s", key, lang)
				break
			}
			m := c.words.said[lang][key]
			names, err := m.arguments()
			require.NoError(t, err, "%s: %s", m.doc.file, key)
			// A plural form may leave the number out in one language only.
			names = without(names, "count")
			if i == 0 {
				wants = names
			} else if strings.Join(wants, " ") != strings.Join(names, " ") {
				t.Errorf("%s: arguments %v in %s, %v in %s", key, wants, c.Languages()[0], names, lang)
			}
		}
	}
}

func without(names []string, name string) []string {
	var out []string
	for _, n := range names {
		if n != name {
			out = append(out, n)
		}
	}
	return out
}

// TestLinksAreASCII looks at every address in the words: a full-width sign in one,
// as a Chinese keyboard types it, makes a link that leads nowhere. An address ends
// at a space or at what closes a sentence or a bracket.
func TestLinksAreASCII(t *testing.T) {
	t.Parallel()
	c := builtInCatalog(t)
	address := regexp.MustCompile(`(?:https?|tg)://[^\s"'<>，。；（）、”]*`)
	links := 0
	look := func(where, text string) {
		for _, link := range address.FindAllString(text, -1) {
			links++
			for _, r := range link {
				if r > unicode.MaxASCII {
					t.Errorf("%s: %q in the address %s", where, r, link)
				}
			}
		}
	}
	for _, lang := range c.Languages() {
		for key, m := range c.words.said[lang] {
			look(m.doc.file+" "+key, m.one+" "+m.other)
		}
	}
	for _, s := range c.Scenarios() {
		for where, text := range localsOf(s) {
			look(s.ID+" "+where, text)
		}
	}
	for _, ch := range c.Channels() {
		for where, text := range localsOf(ch) {
			look(ch.ID+" "+where, text)
		}
	}
	require.Greater(t, links, 10)
}

// TestWordsStandInTheSameFile keeps the two languages side by side.
func TestWordsStandInTheSameFile(t *testing.T) {
	t.Parallel()
	c := builtInCatalog(t)
	for _, key := range c.Keys() {
		zh, en := c.words.said["zh"][key], c.words.said["en"][key]
		if zh != nil && en != nil {
			require.Equal(t, strings.TrimPrefix(zh.doc.file, "words/zh/"), strings.TrimPrefix(en.doc.file, "words/en/"), key)
		}
	}
}

// TestEveryRefusalHasWords reads the codes from the source, so that a new one
// without words is noticed.
func TestEveryRefusalHasWords(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(token.NewFileSet(), "../../media/refused.go", nil, 0)
	require.NoError(t, err)
	c := builtInCatalog(t)
	args := map[string]any{"limit": 2e9, "actual": 3e9, "width": 8190, "height": 8192}
	codes := 0
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 || !strings.HasPrefix(spec.Names[0].Name, "Refused") {
			return true
		}
		code, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		require.NoError(t, err)
		codes++
		for _, lang := range c.Languages() {
			require.True(t, c.Has(lang, "refused."+code), "refused.%s in %s", code, lang)
			if code == "too-long" {
				continue // its figures are seconds
			}
			said := c.Say(lang, "refused."+code, args)
			require.NotContains(t, said, "{{")
			require.NotEqual(t, "refused."+code, said)
		}
		return true
	})
	require.GreaterOrEqual(t, codes, 14)
	require.Contains(t, c.Say("zh", "refused.too-large", args), "3 GB")
	require.Contains(t, c.Say("zh", "refused.too-long", map[string]any{"limit": 14400, "actual": 36000.4}), "10:00:00")
}

// TestPlainWords keeps the trade's words and promises out of everything people
// read, and ASCII commas out of the Chinese of scenarios and channels.
func TestPlainWords(t *testing.T) {
	t.Parallel()
	c := builtInCatalog(t)
	comma := regexp.MustCompile(`[\x{4e00}-\x{9fff}][,;:?!][\x{4e00}-\x{9fff}“]`)
	jargon := regexp.MustCompile(`案件|管线|渠道包|渠道件|流水线|成功率|一定会|保证|pipeline|channel pack|success rate|guarantee`)
	seen := 0
	look := func(where, text string) {
		seen++
		if bad := jargon.FindString(text); bad != "" {
			t.Errorf("%s: people do not say %q", where, bad)
		}
		for _, r := range text {
			if unicode.Is(unicode.Cf, r) {
				t.Errorf("%s: invisible character %U", where, r)
			}
		}
	}
	for _, lang := range c.Languages() {
		for key, m := range c.words.said[lang] {
			if !operators(key) {
				look(m.doc.file+" "+key, m.one+m.other)
			}
		}
	}
	data := func(id string, value any) {
		for where, text := range localsOf(value) {
			look(id+" "+where, text)
			if bad := comma.FindString(text); bad != "" {
				t.Errorf("%s%s: ASCII punctuation in Chinese: %q", id, where, bad)
			}
		}
	}
	for _, s := range c.Scenarios() {
		data(s.ID, s)
	}
	for _, ch := range c.Channels() {
		data(ch.ID, ch)
	}
	require.Greater(t, seen, 500)
}

// operators says whether a key's words are for whoever runs the service: they
// may use the words of the trade.
func operators(key string) bool {
	for _, prefix := range []string{"cli.mend.", "recover.", "config."} {
		if strings.HasPrefix(key, prefix) {
			return true
		}
	}
	return false
}
