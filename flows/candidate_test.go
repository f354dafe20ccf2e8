package flows_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/media"
)

// asked is a chat that is being asked for the key moment of its recording.
func asked(t *testing.T, lang string) *chat {
	t.Helper()
	c := newChat(t, builtin(t), lang, flows.Config{})
	c.command("start", "s_account-ban")
	for c.seen.Step != "exhibits" {
		c.forward()
	}
	long := video(1)
	long.Duration = 180
	c.file(long, "")
	c.ingest()
	for c.seen.Step != "key" {
		c.forward()
	}
	return c
}

func (c *chat) read(moments ...media.Candidate) {
	c.t.Helper()
	c.store.Work(c.t, c.kase().ID, func(k *flows.Case) ([]flows.Effect, error) {
		return k.ExhibitRead("e1", []media.Seen{{At: 42, Text: "您的账号已被封禁"}}, moments, c.now)
	})
	c.clock(0)
	c.show()
}

// What was found while the person is asked comes by itself; one press is the
// answer, and the way forward is where it always is.
func TestMomentsAreProposed(t *testing.T) {
	t.Parallel()
	c := asked(t, "zh")
	require.Len(t, c.seen.Rows, 1, "nothing is proposed before it is known")
	c.read(media.Candidate{At: 42, Text: "您的账号已被封禁，" + strings.Repeat("请", 40)}, media.Candidate{At: 175})
	require.Equal(t, "key", c.seen.Step)
	require.Len(t, c.seen.Rows, 3)
	require.Equal(t, "next", c.seen.Rows[2][0].ID)
	require.Contains(t, c.log.String(), "[0:42 您的账号已被封禁")
	require.Contains(t, c.log.String(), "[2:55 画面变化最多]")
	c.press("at.e1.1")
	require.Equal(t, &flows.KeyMoment{Exhibit: "e1", Range: media.Range{Start: 173, End: 180}}, c.kase().Key)
	require.NotEqual(t, "key", c.seen.Step)
}

func TestNothingIsProposedTwice(t *testing.T) {
	t.Parallel()
	c := asked(t, "en")
	c.read()
	require.Len(t, c.seen.Rows, 1, "without moments the step is as ever")
	before := len(c.shown)
	c.read(media.Candidate{At: 42, Text: "您的账号已被封禁"})
	require.Len(t, c.shown, before, "a screen is read once")
	c.press("next")
	require.Nil(t, c.kase().Key)

	c = asked(t, "en")
	c.press("next")
	before = len(c.shown)
	c.read(media.Candidate{At: 42, Text: "您的账号已被封禁"})
	require.Len(t, c.shown, before, "whoever has answered is not asked again")
}
