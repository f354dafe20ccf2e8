package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/internal/browsertest"
)

// TestBadPhoneNetwork goes the way with 400 kbit/s, loads every step anew, goes back
// as browsers do, and writes in a tab that was left behind and in one whose session
// is over: nothing that was written or sent is lost without a word.
func TestBadPhoneNetwork(t *testing.T) {
	t.Parallel()
	h := newWebHouse(t)
	h.start()
	p := h.atExhibits(browsertest.Phone(), h.url(""))
	p.Slow()
	anew := func(step string) {
		t.Helper()
		p.Reload()
		p.AwaitTrue("document.readyState === 'complete'")
		require.Equal(t, step, browsertest.Eval[string](p, shown))
	}
	anew("exhibits")
	p.Choose(".slot .upload-input", tinyClip(t))
	p.AwaitTrue("document.querySelector('.slot .files .good')")
	anew("exhibits")
	require.True(t, browsertest.Eval[bool](p, "Boolean(document.querySelector('.slot .files .good'))"))
	onward(p)
	anew("statement")

	const first, second, third = "账号昨天被封。", "在另一个窗口里写的话", "退出以后才写完的话"
	other := p.Tab()
	other.Go(h.url("/"))
	p.Type("#text", first)
	onward(p)
	anew("review")
	p.Back()
	require.Contains(t, []string{"statement", "review"}, browsertest.Eval[string](p, shown), "the page before is there, or the step in hand")
	other.Type("#text", second)
	onward(other)
	other.Await("还没有放进材料里", "账号昨天被封")
	require.Contains(t, browsertest.Eval[string](other, "document.querySelector('textarea').value"), second)

	p.Go(h.url("/"))
	p.FollowAt("button[value=words]")
	p.Type("#text", third)
	other.Go(h.url("/logout"))
	other.FollowAt("form[action='/logout'] button")
	onward(p)
	p.Await("刚才写的没有存下来")
	require.Contains(t, browsertest.Eval[string](p, "document.querySelector('textarea').value"), third)
}
