package flows_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
)

// TestWordsThatFiltersStop: they are named with a neutral wording before handing
// in, nothing changes unless the person wants it, and it can be taken back.
func TestWordsThatFiltersStop(t *testing.T) {
	t.Parallel()
	const own = "这个垃圾平台封了我的号，请打 13800138000 找我"
	for lang, want := range map[string]struct{ item, neutral string }{
		"zh": {"“垃圾平台” → “平台”", "这个平台封了我的号，请打 （手机号） 找我"},
		"en": {"“垃圾平台” → “platform”", "这个platform封了我的号，请打 (phone number) 找我"},
	} {
		t.Run(lang, func(t *testing.T) {
			t.Parallel()
			c := newChat(t, builtin(t), lang, flows.Config{})
			c.command("appeal", own)
			c.file(video(1), "")
			for c.seen.Step != "review" {
				c.forward()
			}
			shown := transcribe(c.cat, c.seen)
			require.Contains(t, shown, own)
			require.Contains(t, shown, want.item)

			c.press("wording")
			shown = transcribe(c.cat, c.seen)
			require.Contains(t, shown, want.neutral)
			require.NotContains(t, shown, "13800138000")
			require.True(t, c.kase().Neutral)
			require.Equal(t, own, c.kase().Statement, "the person's own words stay")

			c.press("wording")
			require.Contains(t, transcribe(c.cat, c.seen), own)
			require.False(t, c.kase().Neutral)
		})
	}
}

// TestPlainWordsAreLeftAlone: where a filter has nothing to stop, nothing is offered.
func TestPlainWordsAreLeftAlone(t *testing.T) {
	t.Parallel()
	c := newChat(t, builtin(t), "zh", flows.Config{})
	c.command("appeal", "我的账号被误封，对方是诈骗")
	c.file(video(1), "")
	for c.seen.Step != "review" {
		c.forward()
	}
	for _, row := range c.seen.Rows {
		for _, choice := range row {
			require.NotEqual(t, "wording", choice.ID)
		}
	}
}
