package flows_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
)

// TestWordsCanBeTakenBack: the way to delete what was written stands where there
// is something to delete, and only there.
func TestWordsCanBeTakenBack(t *testing.T) {
	t.Parallel()
	offered := func(c *chat) bool {
		for _, row := range c.seen.Rows {
			for _, choice := range row {
				if choice.ID == "clear" {
					return true
				}
			}
		}
		return false
	}
	c := newChat(t, builtin(t), "zh", flows.Config{})
	c.command("appeal", story)
	c.file(video(1), "")
	c.text(more)
	for c.seen.Step != "review" {
		c.forward()
	}
	c.press("words")
	require.Equal(t, "statement", c.seen.Step)
	require.True(t, offered(c))
	c.press("clear")
	require.Equal(t, "statement", c.seen.Step, "and what is written next takes its place")
	require.False(t, offered(c))
	require.Empty(t, c.kase().Statement)
	require.Empty(t, c.kase().Added)
	require.Empty(t, c.kase().From["statement"])

	c.press("ask")
	require.False(t, offered(c))
	c.text("abc123")
	c.press("back")
	if c.seen.Step != "question" {
		c.press("ask")
	}
	require.Equal(t, "question", c.seen.Step)
	require.True(t, offered(c))
	c.press("clear")
	require.Equal(t, "question", c.seen.Step)
	require.Empty(t, c.kase().Answers)
	require.False(t, offered(c))
}
