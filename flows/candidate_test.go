package flows_test

import (
	"path/filepath"
	"slices"
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

// read is what becomes of an exhibit's screen, without a picture of the moments.
func (c *chat) read(moments ...media.Candidate) {
	c.t.Helper()
	c.readWith("e1", false, moments...)
}

func (c *chat) readWith(id string, sheet bool, moments ...media.Candidate) {
	c.t.Helper()
	c.store.Work(c.t, c.kase().ID, func(k *flows.Case) ([]flows.Effect, error) {
		then := *k
		then.Exhibits = slices.Clone(k.Exhibits)
		then.Exhibit(id).Moments = moments
		shown := ""
		if sheet {
			shown = then.SheetBlob()
		}
		return k.ExhibitRead(id, []media.Seen{{At: 42, Text: "您的账号已被封禁"}}, moments, shown, c.now)
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

// With a picture of the moments the buttons bear its numbers; without one, or with
// one that shows others, they are as they were.
func TestMomentsWithAPicture(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"zh", "en"} {
		t.Run(lang, func(t *testing.T) {
			t.Parallel()
			c := asked(t, lang)
			c.log.Reset()
			c.readWith("e1", true, media.Candidate{At: 42, Text: "您的账号已被封禁"}, media.Candidate{At: 175})
			require.Equal(t, c.kase().Sheet, c.seen.Picture)
			require.Contains(t, c.kase().Blobs(), c.seen.Picture)
			c.press("at.e1.1")
			require.Equal(t, 173.0, c.kase().Key.Range.Start)
			require.Empty(t, c.seen.Picture)
			golden(t, filepath.Join("testdata", "transcripts", "moments."+lang+".txt"), c.log.String())
		})
	}
}

func TestNumbersRunThroughAllRecordings(t *testing.T) {
	t.Parallel()
	c := newChat(t, builtin(t), "zh", flows.Config{})
	c.command("start", "s_account-ban")
	for c.seen.Step != "exhibits" {
		c.forward()
	}
	for n := range 2 {
		long := video(n + 1)
		long.Duration = 180
		c.file(long, "")
	}
	c.ingest()
	for c.seen.Step != "key" {
		c.forward()
	}
	c.readWith("e1", true, media.Candidate{At: 42, Text: "您的账号已被封禁"}, media.Candidate{At: 100})
	first := c.seen.Picture
	require.NotEmpty(t, first)
	c.readWith("e2", true, media.Candidate{At: 7, Text: "违规通知"})
	require.NotEmpty(t, c.seen.Picture)
	require.NotEqual(t, first, c.seen.Picture)
	require.Contains(t, c.log.String(), "[3 · 第2段 0:07 违规通知]")
	c.press("at.e2.0")
	require.Equal(t, "e2", c.kase().Key.Exhibit)

	// What is taken out changes what is proposed: the picture is none of that.
	c.store.Work(t, c.kase().ID, func(k *flows.Case) ([]flows.Effect, error) {
		k.Exhibit("e1").Removed, k.Key, k.KeyAsked = true, nil, false
		return nil, nil
	})
	c.press("back")
	require.Equal(t, "key", c.seen.Step)
	require.Empty(t, c.seen.Picture)
	require.Equal(t, "at.e2.0", c.seen.Rows[0][0].ID)
	require.NotContains(t, flows.Render(c.cat, "zh", c.seen.Rows[0][0].Label), " · ")
}

// Nobody but the person in their own chat is shown the picture.
func TestThePictureStaysInTheChat(t *testing.T) {
	t.Parallel()
	c := asked(t, "zh")
	c.readWith("e1", true, media.Candidate{At: 42, Text: "您的账号已被封禁"})
	require.NotEmpty(t, c.seen.Picture)
	page := c.do(flows.Event{Kind: flows.EventChoice, Token: c.seen.Token, Choice: "show", Direct: true})
	require.Equal(t, "key", page.Step)
	require.Empty(t, page.Picture)
	require.NotContains(t, flows.Render(c.cat, "zh", page.Rows[0][0].Label), " · ")
	c.do(flows.Event{Kind: flows.EventText, Text: "嗯", Chat: "tg:-100", Group: true})
	require.Empty(t, c.shown[len(c.shown)-1].Picture)
}
