package flows_test

import (
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
)

// TestGuideOfEveryMatter: what to record, how, and what not, in the chat, by the
// help's buttons and by its words, and never too long for a message.
func TestGuideOfEveryMatter(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"zh", "en"} {
		c := newChat(t, builtin(t), lang, flows.Config{})
		c.command("start", "")
		for _, s := range c.cat.Scenarios() {
			c.command("help", s.Command)
			typed := transcribe(c.cat, c.seen)
			require.Equal(t, "guide", c.seen.Step, s.ID)
			for _, slot := range s.Exhibits {
				require.Contains(t, typed, slot.Hint.In(lang))
				require.Contains(t, typed, slot.Avoid.In(lang))
			}
			require.Contains(t, typed, flows.Render(c.cat, lang, flows.T("guide.send.1")))
			require.Less(t, utf8.RuneCountInString(typed), 4000)

			c.command("help", "")
			c.press("guide." + s.ID)
			require.Equal(t, typed, transcribe(c.cat, c.seen))
		}
		c.command("help", "something else")
		require.Equal(t, "help", c.seen.Step)
		_, ok := flows.Guide(c.cat, "nothing", lang)
		require.False(t, ok)
	}
}
