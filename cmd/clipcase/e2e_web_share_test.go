package main

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/internal/browsertest"
	"clipcase/media"
)

// shareMenu is a phone's share menu: it takes what is given after a tap, or refuses
// as window.refusal says.
const shareMenu = `
	window.shared = []
	window.asked = 0
	window.refusal = ''
	window.turned = 0
	navigator.canShare = ({ files }) => {
		const can = window.refusal !== 'cannot'
		if (!can) window.turned++
		return can
	}
	navigator.share = async ({ files }) => {
		window.asked++
		if (!navigator.userActivation.isActive) throw new DOMException('no tap', 'NotAllowedError')
		if (window.refusal) throw new DOMException('refused', window.refusal)
		window.shared.push(files.map((f) => f.name.match(/-(\d+)of/)[1] + ' ' + f.type + ' ' + f.size))
	}`

// TestFilesIntoThePhone: files go to the phone's own menu in sets of at most ten and
// 50 MB; where it refuses, every file can be had with one tap.
func TestFilesIntoThePhone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "ACCESS=open")
	const large, small = 20_000_000, 1000
	path := "/case/" + w.caseToken(w.manyPieces(3, large, 12, small))
	p := chromium.Open(t, browsertest.Phone())
	p.Before(shareMenu)
	p.Go("http://" + w.addr + "/login/" + w.newLogin(w.owner.session.Actor))
	p.FollowAt("main form button")
	p.Go("http://" + w.addr + path)
	says := func(key string) {
		t.Helper()
		p.AwaitTrue("document.querySelector('[data-share-text]').textContent === document.querySelector('[data-share]').dataset." + key)
	}
	tap := func(then string) {
		t.Helper()
		p.PressAt("[data-share-button]")
		says(then)
	}
	refuse := func(how string) { browsertest.Eval[string](p, fmt.Sprintf("window.refusal = %q", how)) }
	shared := func() [][]string { return browsertest.Eval[[][]string](p, "window.shared") }
	set := func(from, to int) (all []string) {
		for n := from; n <= to; n++ {
			size := small
			if n <= 3 {
				size = large
			}
			all = append(all, fmt.Sprintf("%d image/jpeg %d", n, size))
		}
		return all
	}

	tap("ready")
	refuse("AbortError") // closed by the person: the set is at hand for the next tap
	p.PressAt("[data-share-button]")
	p.AwaitTrue("window.asked === 1")
	refuse("")
	says("ready")
	tap("more")
	require.Equal(t, [][]string{set(1, 2)}, shared(), "three would be 60 MB")

	tap("ready")
	refuse("NotAllowedError")
	tap("failed")
	refuse("cannot")
	p.PressAt("[data-share-button]")
	p.AwaitTrue("window.turned === 1")
	says("failed")
	require.Len(t, shared(), 1)
	require.Equal(t, 15, browsertest.Eval[int](p, "document.querySelectorAll('.piece a[download]').length"))
	saved, err := os.Stat(p.Save(func() { p.PressAt(".piece:nth-of-type(15) a[download]") }))
	require.NoError(t, err)
	require.EqualValues(t, small, saved.Size(), "one tap, one file")

	refuse("")
	tap("ready")
	tap("more")
	tap("ready")
	tap("done")
	require.Equal(t, [][]string{set(1, 2), set(3, 12), set(13, 15)}, shared())
	require.True(t, browsertest.Eval[bool](p, "document.querySelector('[data-share-button]').hidden"))

	plain := p.Tab() // a browser without such a menu
	plain.Go("http://" + w.addr + path)
	plain.AwaitTrue("document.readyState === 'complete'")
	require.True(t, browsertest.Eval[bool](plain, "document.querySelector('[data-share]').hidden"))
	require.Equal(t, 15, browsertest.Eval[int](plain, "document.querySelectorAll('.piece a[download]').length"))
}

// manyPieces is a case with pictures to hand in: some of one size, then some of
// another.
func (w *world) manyPieces(first, bytes, then, less int) *flows.Case {
	w.t.Helper()
	id, err := w.redis.Cases().ReserveCase(w.ctx())
	require.NoError(w.t, err)
	now, actor := time.Now(), w.owner.session.Actor
	pack := flows.Pack{Channel: "generic", State: flows.PackDelivered, Fate: flows.FateUnsent, Ready: now, Words: "words to paste"}
	for n := 1; n <= first+then; n++ {
		if n > first {
			bytes = less
		}
		name, body := fmt.Sprintf("20261122-%s-%dof%d.jpg", id, n, first+then), strings.Repeat("j", bytes)
		key := "cases/" + id + "/attempts/a/" + name
		w.put(key, body)
		pack.Pieces = append(pack.Pieces, flows.Piece{Name: name, Number: n, Kind: media.KindImage, Blob: key, Bytes: int64(bytes), SHA256: hashOf(body), Width: 4, Height: 3})
	}
	c := &flows.Case{Schema: flows.CaseSchema, ID: id, Actor: actor, Chat: actor, Lang: "en", Scenario: "bug-report", Created: now, Submitted: now, Expires: now.Add(time.Hour), Packs: []flows.Pack{pack}}
	outcome, err := w.redis.Cases().Commit(w.ctx(), flows.Commit{Event: "many:" + id, Case: c, Now: now})
	require.NoError(w.t, err)
	require.Equal(w.t, flows.Saved, outcome)
	return c
}
