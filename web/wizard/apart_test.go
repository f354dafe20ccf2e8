package wizard_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
)

// TestApartOnThePages: how far apart a comparison's sides are is asked with a field
// of one line, and what cannot be read is asked again.
func TestApartOnThePages(t *testing.T) {
	t.Parallel()
	b := at(t, "zh", "review")
	b.primary()
	id := b.state().Case.ID
	b.store.make(t, id, b.now)
	b.store.handOut(t, id, b.now)
	b.store.Work(t, id, func(c *flows.Case) ([]flows.Effect, error) {
		c.Packs[0].Pieces = []flows.Piece{{Name: "1of1.mp4", Blob: "b", Beside: &flows.Beside{Left: "e1", Right: "e2"}}}
		return nil, nil
	})
	c := b.state().Case
	b.do(http.MethodPost, "/", url.Values{"csrf": {b.csrf}, "nonce": {"apart1"}, "kept": {c.PressPack("apart", &c.Packs[0])}})
	require.Equal(t, "apart", b.step())
	form := b.form(b.button("choice", "next"))
	form.Set("text", "不清楚")
	b.do(http.MethodPost, "/", form)
	require.Equal(t, "apart", b.step())
	require.Contains(t, b.text(), "看不懂")
	form = b.form(b.button("choice", "next"))
	require.Equal(t, "不清楚", form.Get("text"), "what was typed stays, to be mended")
	form.Set("text", "12.3")
	b.do(http.MethodPost, "/", form)
	require.Equal(t, "work", b.step())
	require.InDelta(t, 12.3, *b.state().Case.Offset, 1e-9)
	require.Equal(t, flows.PackPlanned, b.state().Case.Packs[0].State)

	// What is typed beside another answer is nobody's.
	b.store.make(t, id, b.now)
	b.store.handOut(t, id, b.now)
	b.store.Work(t, id, func(c *flows.Case) ([]flows.Effect, error) {
		c.Packs[0].Pieces = []flows.Piece{{Name: "1of1.mp4", Blob: "b", Beside: &flows.Beside{Left: "e1", Right: "e2"}}}
		return nil, nil
	})
	c = b.state().Case
	b.do(http.MethodPost, "/", url.Values{"csrf": {b.csrf}, "nonce": {"apart2"}, "kept": {c.PressPack("apart", &c.Packs[0])}})
	require.Contains(t, b.text(), "晚 12.3 秒")
	form = b.form(b.button("choice", "found"))
	form.Set("text", "99")
	b.do(http.MethodPost, "/", form)
	require.Nil(t, b.state().Case.Offset)
	require.Equal(t, 2, b.state().Case.Packs[0].Round)
}
