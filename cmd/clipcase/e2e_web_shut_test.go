package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/internal/browsertest"
)

// TestShutOutDeletesAll: whoever is banned and never made a return code is shown
// one page by their browser, and has all that is theirs deleted there; nothing else
// opens to them any longer.
func TestShutOutDeletesAll(t *testing.T) {
	t.Parallel()
	h := newWebHouse(t)
	h.start()
	p := h.atExhibits(browsertest.Phone(), h.url(""))
	p.Choose(".slot .upload-input", tinyClip(t))
	p.Await("可以用")
	require.Len(t, h.originals(), 1)
	grant := browsertest.Eval[string](p, "document.querySelector('[data-grant]').dataset.grant")
	h.ban(ownerActor)

	for path, status := range map[string]int{"/cases": 404, "/code": 404, "/upload/" + grant: 404, "/?begin=1": 403, "/": 403} {
		require.Equal(t, status, p.Go(h.url(path)), path)
		require.NotContains(t, p.Text(), "CC0001", path)
	}
	p.Go(h.url("/"))
	p.Follow("删除我的全部文件")
	p.Await("正在删除")
	require.Eventually(t, func() bool { return len(h.originals()) == 0 }, patience, look, "the original is deleted")
	require.Equal(t, 200, p.Go(h.url("/")), "nothing is left that the session was good for")
}

// ban shuts a person out as an admin does in the chat.
func (h *house) ban(actor string) {
	h.t.Helper()
	r := beside(h.t, h.dir)
	require.NoError(h.t, r.Gate(nil).Ban(h.t.Context(), actor, true))
}
