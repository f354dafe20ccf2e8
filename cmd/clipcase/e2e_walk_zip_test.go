package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/flows/dossier/verify"
)

// archiveSize is the variable that says how many MB the archive of TestArchive
// holds; bench/zip.sh asks for 3000.
const archiveSize = "CLIPCASE_ARCHIVE_MB"

// A case of large recordings comes as one archive: at once, whole, and without
// being held in memory; whoever takes no more of it, or leaves, leaves nothing.
func TestArchive(t *testing.T) {
	t.Parallel()
	mb := 120
	full := os.Getenv(archiveSize) != ""
	if full {
		var err error
		mb, err = strconv.Atoi(os.Getenv(archiveSize))
		require.NoError(t, err)
	}
	w := newWorld(t, "ACCESS=open")
	path := "/dl/" + w.caseToken(w.largeCase(mb)) + "/all.zip"
	require.Equal(t, http.StatusNotFound, w.other.get(path).status)
	before := w.resident()

	file := filepath.Join(w.dir, "all.zip")
	first, took, bytes, grown := w.fetch(path, file)
	t.Logf("%d MB: first byte after %s, all after %s (%.0f MB/s); memory grew by %d MB at most", bytes/1e6, first, took, float64(bytes)/1e6/took.Seconds(), grown>>20)
	require.Greater(t, bytes, int64(mb)*1e6)
	require.Less(t, grown, int64(100<<20))
	if full { // alone on the machine
		require.Less(t, first, 300*time.Millisecond)
	}
	said, err := exec.Command("unzip", "-tq", file).CombinedOutput()
	require.NoError(t, err, "%s", said)
	report, err := verify.Run(t.Context(), file, verify.Options{})
	require.NoError(t, err)
	require.True(t, report.OK, "%+v", report)
	require.Equal(t, verify.OK, report.Signature.State)
	require.NoError(t, os.Remove(file))

	// who leaves in the middle
	for range 5 {
		ctx, leave := context.WithCancel(t.Context())
		resp := w.open(ctx, path)
		_, err := io.CopyN(io.Discard, resp.Body, 1<<20)
		require.NoError(t, err)
		leave()
		_ = resp.Body.Close() // it was left
	}
	w.owner.client.CloseIdleConnections()
	w.settled()
	if full { // who stays and takes nothing: the bound is a minute
		resp := w.open(t.Context(), path)
		_, err := io.CopyN(io.Discard, resp.Body, 1<<20)
		require.NoError(t, err)
		begun := time.Now()
		w.settled()
		t.Logf("a client that took nothing more was cut after %.0f s", time.Since(begun).Seconds())
		require.Greater(t, time.Since(begun), 50*time.Second)
		_ = resp.Body.Close() // cut
	}
	require.Less(t, w.resident()-before, int64(100<<20))
	w.unhurt()
	w.down()
}

// largeCase has three originals of mb MB together.
func (w *world) largeCase(mb int) *flows.Case {
	w.t.Helper()
	id, err := w.redis.Cases().ReserveCase(w.ctx())
	require.NoError(w.t, err)
	now, actor := time.Now(), w.owner.session.Actor
	c := &flows.Case{Schema: flows.CaseSchema, ID: id, Actor: actor, Chat: actor, Lang: "en", Scenario: "bug-report", Created: now, Submitted: now, Expires: now.Add(time.Hour)}
	for i := range 3 {
		size := int64(mb)*1e6/3 + 1
		e := fmt.Sprintf("e%d", i+1)
		side := flows.Sidecar{Case: id, Actor: actor, Chat: actor, Lang: "en", Scenario: c.Scenario, Exhibit: e, Slot: "recording", Received: now}
		stored, err := w.blobs.PutOriginal(w.ctx(), side, io.LimitReader(noise(i), size))
		require.NoError(w.t, err)
		c.Exhibits = append(c.Exhibits, flows.Exhibit{
			ID: e, Slot: "recording", State: flows.ExhibitStored, Blob: stored.Blob, SHA256: stored.SHA256, Bytes: stored.Bytes, Received: now,
			File: flows.File{Ref: "upload:" + e, Name: "录屏.mp4", Bytes: stored.Bytes, Sent: flows.SentUpload},
		})
	}
	outcome, err := w.redis.Cases().Commit(w.ctx(), flows.Commit{Event: "large:" + id, Case: c, Now: now})
	require.NoError(w.t, err)
	require.Equal(w.t, flows.Saved, outcome)
	return c
}

// noise is what no archive can make smaller, different for each seed.
func noise(seed int) io.Reader {
	var key [32]byte
	binary.LittleEndian.PutUint64(key[:], uint64(seed))
	return rand.NewChaCha8(key)
}

func (w *world) open(ctx context.Context, path string) *http.Response {
	w.t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+w.addr+path, nil)
	require.NoError(w.t, err)
	req.AddCookie(&http.Cookie{Name: "clipcase", Value: w.owner.cookie})
	client := &http.Client{Transport: w.owner.client.Transport}
	resp, err := client.Do(req)
	require.NoError(w.t, err)
	require.Equal(w.t, http.StatusOK, resp.StatusCode)
	return resp
}

// fetch saves an archive and says when its first byte came, when the last, how
// many there were, and by how much the program's memory had grown at most.
func (w *world) fetch(path, to string) (first, took time.Duration, bytes, grown int64) {
	w.t.Helper()
	begun, before := time.Now(), w.resident()
	resp := w.open(w.ctx(), path)
	defer func() { _ = resp.Body.Close() }()
	f, err := os.Create(to)
	require.NoError(w.t, err)
	block := make([]byte, 1<<20)
	next := int64(0)
	for {
		n, err := resp.Body.Read(block)
		if n > 0 && bytes == 0 {
			first = time.Since(begun)
		}
		bytes += int64(n)
		_, werr := f.Write(block[:n])
		require.NoError(w.t, werr)
		if bytes >= next {
			next = bytes + 4<<20
			grown = max(grown, w.resident()-before)
		}
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(w.t, err)
	}
	require.NoError(w.t, f.Close())
	return first, time.Since(begun), bytes, grown
}

// settled waits until the program has none of the case's files open.
func (w *world) settled() {
	w.t.Helper()
	fds := fmt.Sprintf("/proc/%d/fd", w.serve.cmd.Process.Pid)
	require.Eventually(w.t, func() bool {
		entries, err := os.ReadDir(fds)
		require.NoError(w.t, err)
		return !slices.ContainsFunc(entries, func(e os.DirEntry) bool {
			file, err := os.Readlink(filepath.Join(fds, e.Name()))
			return err == nil && strings.Contains(file, "/blobs/cases/") // an error: it was closed meanwhile
		})
	}, 3*time.Minute, 50*time.Millisecond, "files stay open")
}
