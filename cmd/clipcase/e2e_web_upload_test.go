package main

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/internal/browsertest"
	"clipcase/internal/testclips"
	"clipcase/media"
)

// mostMemory is what the server may hold, in bytes, whatever is uploaded.
const mostMemory = 200 << 20

// padded is a real recording made as large as wanted: a box that players leave out
// follows it. The hash is the file's SHA-256 in hex.
func padded(t *testing.T, bytes int64) (path, hash string) {
	t.Helper()
	clip, err := os.ReadFile(tinyClip(t))
	require.NoError(t, err)
	path = filepath.Join(t.TempDir(), "录屏 large.mp4")
	f, err := os.Create(path)
	require.NoError(t, err)
	sum := sha256.New()
	both := io.MultiWriter(f, sum)
	_, err = both.Write(clip)
	require.NoError(t, err)
	box := append([]byte{0, 0, 0, 1}, "free"...)
	rest := bytes - int64(len(clip))
	box = binary.BigEndian.AppendUint64(box, uint64(rest))
	_, err = both.Write(box)
	require.NoError(t, err)
	_, err = io.CopyN(both, rand.NewChaCha8([32]byte{7}), rest-int64(len(box)))
	require.NoError(t, err)
	require.NoError(t, f.Close())
	return path, hex.EncodeToString(sum.Sum(nil))
}

var peakPattern = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

// peak is the most memory that the process in hand has held, in bytes.
func (h *house) peak() int64 {
	h.t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", h.cmd.Process.Pid))
	require.NoError(h.t, err)
	found := peakPattern.FindSubmatch(status)
	require.NotNil(h.t, found)
	kb, err := strconv.ParseInt(string(found[1]), 10, 64)
	require.NoError(h.t, err)
	return kb << 10
}

// atExhibits goes in by the owner's link and on to the step where files are
// handed in; base is the address of the pages.
func (h *house) atExhibits(d browsertest.Device, base string) *browsertest.Page {
	h.t.Helper()
	p := chromium.Open(h.t, d)
	p.Go(base + h.ownerLink())
	p.FollowAt("main form button")
	p.FollowAt(".go a, .go button")
	p.FollowAt("button[value=account-ban]")
	onward(p)
	p.AwaitTrue("document.querySelector('.upload-input')")
	return p
}

// originals are the blobs of what was handed in, by their hash.
func (h *house) originals() []string {
	var found []string
	for _, path := range h.kept() {
		if filepath.Base(filepath.Dir(path)) == "originals" && len(filepath.Base(path)) == sha256.Size*2 {
			found = append(found, filepath.Base(path))
		}
	}
	return found
}

// TestUploadThroughDeathsAndACut sends a large recording from a browser while the
// server is killed twice and the network breaks once: it goes on by itself and
// ends with the right hash, in little memory. Sent once more, it is in the case
// once. make big sends 2 GB.
func TestUploadThroughDeathsAndACut(t *testing.T) {
	t.Parallel()
	bytes, within := media.Size(40<<20), patience
	if big := os.Getenv("CLIPCASE_BIG"); big != "" {
		require.NoError(t, bytes.UnmarshalText([]byte(big)))
		within = 20 * time.Minute
	}
	path, hash := padded(t, int64(bytes))
	h := newWebHouse(t)
	h.start()
	wire := browsertest.NewWire(t, h.addr)
	p := h.atExhibits(browsertest.Phone(), "http://"+wire.Address())
	grant := browsertest.Eval[string](p, "document.querySelector('[data-grant]').dataset.grant")
	page := "http://" + wire.Address() + "/upload/" + grant
	p.Go(page)
	p.AwaitTrue("document.querySelector('.upload-input')")

	var most int64
	wire.HoldAfter(int64(bytes) / 4)
	p.Choose(".upload-input", path)
	for range 2 {
		require.True(t, wire.Held())
		most = max(most, h.peak())
		h.kill()
		wire.Release()
		h.start()
		wire.HoldAfter(int64(bytes) / 4)
	}
	require.True(t, wire.Held())
	wire.Cut()
	wire.Release()
	p.AwaitTrue("!/^(发送中|正在上传|Sending)/.test(document.querySelector('.upload-status').innerText)")
	wire.Mend()
	p.AwaitFor(within, "完全一样", "0:03、240×426")
	require.Equal(t, []string{hash}, h.originals())
	require.Less(t, wire.Sent(), int64(bytes)*2, "what had arrived was not sent again")

	p.Reload()
	p.AwaitTrue("document.querySelector('.upload-input')")
	p.Choose(".upload-input", path)
	p.AwaitTrue("document.querySelectorAll('.upload-list .upload-status.good').length === 2")
	p.Go(h.url("/"))
	p.AwaitTrue("document.querySelectorAll('.files > li').length === 1")
	require.Equal(t, []string{hash}, h.originals())
	most = max(most, h.peak())
	t.Logf("%d bytes, memory of the server at most %d MB", bytes, most>>20)
	require.Less(t, most, int64(mostMemory))
}

// TestTwoUploadsAtOnce sends two recordings into one case from two pages at the
// same time.
func TestTwoUploadsAtOnce(t *testing.T) {
	t.Parallel()
	h := newWebHouse(t)
	h.start()
	wire := browsertest.NewWire(t, h.addr)
	one := h.atExhibits(browsertest.Desktop(), "http://"+wire.Address())
	two := one.Tab()
	two.Go("http://" + wire.Address() + "/")
	two.AwaitTrue("document.querySelector('.upload-input')")
	wire.HoldAfter(16 << 10) // less than either
	one.Choose(".slot:nth-of-type(1) .upload-input", tinyClip(t))
	two.Choose(".slot:nth-of-type(2) .upload-input", askedClip(t))
	one.AwaitTrue("document.querySelector('.upload-status')")
	two.AwaitTrue("document.querySelector('.upload-status')")
	require.True(t, wire.Held())
	wire.Release()
	pages := []*browsertest.Page{one, two}
	for _, p := range pages {
		p.AwaitTrue("document.querySelector('.files .good')")
	}
	for _, p := range pages { // what the other page sent later is seen when it is looked at again
		p.Reload()
		p.AwaitTrue("document.querySelectorAll('.files .good').length === 2")
		p.Await("0:03", "0:17", "完全一样")
	}
	require.Len(t, h.originals(), 2)
}

// TestWhatTheDayHasNoRoomForIsNotSent: a browser knows how long a recording is
// before it sends it, and people read at once why it was not taken.
func TestWhatTheDayHasNoRoomForIsNotSent(t *testing.T) {
	t.Parallel()
	h := newWebHouse(t, "DAILY_MINUTES=1")
	h.start()
	p := h.atExhibits(browsertest.Phone(), h.url(""))
	p.Choose(".slot .upload-input", testclips.Make(t, testclips.Spec{Width: 64, Height: 64, FPS: 2, Seconds: 75}))
	p.AwaitTrue("document.querySelector('.upload-status.bad')")
	said := browsertest.Eval[string](p, "document.querySelector('.upload-status.bad').textContent")
	require.Contains(t, said, "这段录屏长 1:15，今天只能再交 1:00")
	require.Contains(t, said, "没有开始传")
	require.Zero(t, browsertest.Eval[float64](p, "document.querySelector('.upload-list progress').value"))
	require.Empty(t, h.originals())
}
