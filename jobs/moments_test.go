package jobs

import (
	"image"
	"image/jpeg"
	"os"
	"path"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/media"
)

// choosing is a draft with recordings of which nothing is known but their lengths.
func (b *bundle) choosing(ids ...string) *flows.Case {
	b.t.Helper()
	c := draft("CC0001", "mem:e1", 2000)
	c.Exhibits = nil
	for _, id := range ids {
		key := "cases/CC0001/originals/" + id
		b.blobs.write(b.t, key, []byte("recording"))
		c.Exhibits = append(c.Exhibits, flows.Exhibit{ID: id, State: flows.ExhibitProbed, Blob: key, File: flows.File{Sent: flows.SentFile},
			Probe: &media.Probe{Kind: media.KindVideo, Duration: 180, Width: 1080, Height: 2340}})
	}
	b.put(c)
	return c
}

// reading gives what reads a recording.
func (b *bundle) reading(shots Previewer) (read func(id string)) {
	b.t.Helper()
	deps := b.deps()
	deps.Previewer, deps.Reader, deps.Words = shots, &memReader{}, func(string) []string { return []string{"封禁"} }
	j := b.startWith(b.cfg, deps)
	return func(id string) {
		b.t.Helper()
		require.NoError(b.t, j.queue.add(b.t.Context(), readTask("CC0001", id)))
		b.until(func() bool { return b.get("CC0001").Exhibit(id).Read }, id+" is read")
	}
}

// dimensions of a picture in the store.
func (b *bundle) dimensions(key string) image.Point {
	b.t.Helper()
	file, err := os.Open(b.blobs.path(key))
	require.NoError(b.t, err)
	defer func() { _ = file.Close() }()
	found, err := jpeg.DecodeConfig(file)
	require.NoError(b.t, err)
	return image.Pt(found.Width, found.Height)
}

// In a chat one picture shows all that can be chosen; another recording makes
// another picture, and the case names the one that is of now.
func TestSheetOfMoments(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.choosing("e1", "e2")
	read := b.reading(&shooter{})
	read("e1")
	c := b.get("CC0001")
	first := c.Sheet
	require.NotEmpty(t, first)
	require.Equal(t, c.SheetBlob(), first)
	require.Equal(t, image.Pt(908, 900), b.dimensions(first), "two moments beside each other")
	require.Contains(t, c.Blobs(), first)
	require.True(t, strings.HasPrefix(first, casePrefix("CC0001")), "it is deleted with its case")

	read("e2")
	c = b.get("CC0001")
	require.Len(t, c.Proposals(), 4)
	require.Equal(t, c.SheetBlob(), c.Sheet)
	require.NotEqual(t, first, c.Sheet)
	require.Equal(t, image.Pt(644, 1280), b.dimensions(c.Sheet), "four of them")
}

// Whatever becomes of the picture, what was read is kept and can be pressed.
func TestNoSheetStopsNothing(t *testing.T) {
	t.Parallel()
	t.Run("no picture can be taken", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.choosing("e1")
		b.reading(&shooter{bad: 2})("e1")
		c := b.get("CC0001")
		require.Len(t, c.Exhibits[0].Moments, 2)
		require.Empty(t, c.Sheet)
	})
	t.Run("a picture of another recording is gone", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.choosing("e1", "e2")
		read := b.reading(&shooter{})
		read("e1")
		require.NoError(t, os.Remove(b.blobs.path(flows.MomentBlob("CC0001", "e1", 1))))
		read("e2")
		c := b.get("CC0001")
		require.Len(t, c.Proposals(), 4)
		require.NotEqual(t, c.SheetBlob(), c.Sheet, "the old one does not show what is proposed now")
	})
	t.Run("handed in meanwhile", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		c := b.choosing("e1")
		c.Submitted = b.cfg.Clock()
		b.put(c)
		b.reading(&shooter{})("e1")
		require.Empty(t, b.get("CC0001").Sheet)
		require.Empty(t, sheets(b.blobs.keys(t, "cases/CC0001/preview/")))
	})
}

func sheets(keys []string) (found []string) {
	for _, key := range keys {
		if strings.HasPrefix(path.Base(key), "sheet-") {
			found = append(found, key)
		}
	}
	return found
}

// A case that is deleted while its pictures are taken stays deleted, with them.
func TestDeletedWhilePicturesAreTaken(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c := b.choosing("e1")
	deps, shots := b.deps(), &blocked{free: make(chan struct{})}
	deps.Previewer, deps.Reader, deps.Words = shots, &memReader{}, func(string) []string { return nil }
	j := b.startWith(b.cfg, deps)
	require.NoError(t, j.queue.add(t.Context(), readTask(c.ID, "e1")))
	b.until(func() bool { return shots.asked.Load() == 1 }, "a picture is being taken")
	b.outbox.add([]flows.Effect{work1(flows.EffectForget, c)})
	b.until(func() bool { _, err := b.cases.Case(t.Context(), c.ID); return absent(err) }, "the case is gone")
	close(shots.free)
	b.until(func() bool {
		waiting, running, err := j.Lengths()
		return err == nil && waiting[queueRead]+running[queueRead] == 0
	}, "reading is over")
	b.now.Store(int64(2 * secondPass))
	b.until(func() bool { return len(b.blobs.keys(t, "cases/CC0001/")) == 0 }, "nothing of it is left")
	require.True(t, absent(func() error { _, err := b.cases.Case(t.Context(), c.ID); return err }()))
}
