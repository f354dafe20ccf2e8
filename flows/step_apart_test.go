package flows_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
)

// compared brings a chat to a case whose comparison was handed out.
func compared(t *testing.T, lang string) *chat {
	t.Helper()
	c := newChat(t, builtin(t), lang, flows.Config{})
	c.command("copyright", "他搬运了我的作品，请帮我看看")
	c.file(video(1), "")
	c.file(video(2), "")
	c.ingest()
	for c.seen.Step != "review" {
		c.forward()
	}
	c.press("channel")
	c.press("douyin-copyright")
	c.forward()
	c.process()
	c.beside()
	return c
}

// beside makes what was handed out a comparison.
func (c *chat) beside() {
	c.store.Work(c.t, c.kase().ID, func(k *flows.Case) ([]flows.Effect, error) {
		k.Pack("douyin-copyright").Pieces[0].Beside = &flows.Beside{Left: "e1", Right: "e2", By: "picture", Confidence: "middle"}
		return nil, nil
	})
}

func (c *chat) apart() flows.Screen {
	k := c.kase()
	return c.do(flows.Event{Kind: flows.EventChoice, Token: flows.TokenKeep, Choice: k.PressPack("apart", k.Pack("douyin-copyright"))})
}

// TestApart: the person says how far apart both sides are, and the comparison is
// made again; or has it aligned by itself again.
func TestApart(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"zh", "en"} {
		c := compared(t, lang)
		k := c.kase()
		pack := k.Pack("douyin-copyright")
		var offered []string
		for _, item := range flows.NewPacker(c.cat).Items(k, pack) {
			if item.Screen == nil {
				continue
			}
			for _, row := range item.Screen.Rows {
				for _, choice := range row {
					offered = append(offered, choice.ID)
				}
			}
		}
		require.Contains(t, offered, k.PressPack("apart", pack))

		c.apart()
		require.Equal(t, "apart", c.seen.Step)
		for _, wrong := range []string{"不知道", "601", "-600.1", "1:20", "nan", "inf", "1e2", "早-3", "12,3,4", "--3"} {
			c.text(wrong)
			require.Equal(t, "apart", c.seen.Step, wrong)
			require.Nil(t, c.kase().Offset, wrong)
		}
		c.text(" -12.34 秒")
		k = c.kase()
		pack = k.Pack("douyin-copyright")
		require.InDelta(t, -12.3, *k.Offset, 1e-9)
		require.Equal(t, []any{flows.PackPlanned, 1, 0}, []any{pack.State, pack.Round, pack.Tier})
		require.Empty(t, c.session().Step)
		require.Contains(t, transcribe(c.cat, c.seen), "12.3")
		shown := len(c.shown)
		c.process()
		require.Equal(t, flows.PackDelivered, c.kase().Pack("douyin-copyright").State)
		require.Greater(t, len(c.shown), shown, "all is handed out anew")

		c.beside()
		c.apart()
		require.Contains(t, transcribe(c.cat, c.seen), "12.3", "what was said stands there")
		c.press("found")
		require.Nil(t, c.kase().Offset)
		require.Equal(t, 2, c.kase().Pack("douyin-copyright").Round)
	}
}

// TestApartLeft: nothing is made again when nothing was said, when there is no
// comparison, or when it is no longer the one that was asked about.
func TestApartLeft(t *testing.T) {
	t.Parallel()
	c := compared(t, "zh")
	c.apart()
	c.forward()
	require.Empty(t, c.session().Step)
	require.Equal(t, 0, c.kase().Pack("douyin-copyright").Round)

	c.apart()
	k := c.kase()
	c.do(flows.Event{Kind: flows.EventChoice, Token: flows.TokenKeep, Choice: k.PressPack("exact", k.Pack("douyin-copyright"))})
	c.text("12.3")
	require.Nil(t, c.kase().Offset, "the same files are on their way once more")
	require.Empty(t, c.session().Step)
	c.deliver()

	c.store.Work(t, c.kase().ID, func(k *flows.Case) ([]flows.Effect, error) {
		k.Pack("douyin-copyright").Pieces[0].Beside = nil
		return nil, nil
	})
	c.apart()
	require.Empty(t, c.session().Step)
}

func TestReadApart(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]float64{
		"12.3": 12.3, "-12.3": -12.3, "+5": 5, "１２．３秒": 12.3, "晚 3 秒": 3, "早0.5秒": -0.5, "−2": -2, "－2 s": -2, "600": 600, "-600": -600,
		"0": 0, "-0.04": 0, "7 Seconds": 7, "3秒钟": 3,
	} {
		v, ok := flows.ReadApart(text)
		require.True(t, ok, text)
		require.InDelta(t, want, v, 1e-9, text)
	}
}
