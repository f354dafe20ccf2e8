package storage_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/flows/pass"
	"clipcase/internal/s3test"
	"clipcase/storage"
)

func TestOrphansOnAFolder(t *testing.T) {
	t.Parallel()
	orphans(t, newEvidence(t))
}

// TestOrphansOfAnotherService: the numbers of two services are the same, their files
// are not.
func TestOrphansOfAnotherService(t *testing.T) {
	t.Parallel()
	e, staging := newEvidence(t), newEvidence(t)
	kept := e.holding("CC0001", "tg:1", "evidence")
	staging.holding("CC0001", "tg:9", "a try")
	for _, wrong := range []int64{2, 4000} {
		require.NoError(t, staging.r.Cases().RaiseCounter(t.Context(), wrong))
		_, err := storage.FindOrphans(t.Context(), staging.r, e.blobs, storage.Folders{Work: t.TempDir(), Uploads: t.TempDir()})
		require.ErrorIs(t, err, storage.ErrOtherRedis)
	}
	_, release, err := e.blobs.Stage(t.Context(), kept.Blob)
	require.NoError(t, err)
	release()
}

func TestOrphansOnS3(t *testing.T) {
	t.Parallel()
	e := newEvidence(t)
	e.blobs, _ = openS3(t, s3test.New(t).Bucket("orphans", ""))
	orphans(t, e)
}

// orphans leaves one of everything behind, and beside each what looks like it and
// is somebody's.
func orphans(t *testing.T, e *evidence) {
	ctx := t.Context()
	e.clock.Advance(time.Since(e.clock.Now())) // files have the time of the machine
	local := storage.Folders{Work: t.TempDir(), Uploads: t.TempDir()}
	file := filepath.Join(t.TempDir(), "piece")
	require.NoError(t, os.WriteFile(file, []byte("piece"), 0o600))
	put := func(key string) {
		require.NoError(t, e.blobs.PutPiece(ctx, key, file))
	}
	whole := e.holding("CC0001", "tg:1", "one")
	_, err := e.r.Cases().Update(ctx, "CC0001", func(c *flows.Case) ([]flows.Effect, error) {
		c.Packs = []flows.Pack{
			{Channel: "email", State: flows.PackDelivered, Pieces: []flows.Piece{{Blob: "cases/CC0001/attempts/used/a.mp4", Thumb: "cases/CC0001/attempts/thumb/a.jpg"}}},
			{Channel: "wechat", State: flows.PackRendering, Attempt: "working"},
			{Channel: "email-25mb", State: flows.PackPlanned, Post: &flows.Post{N: 1, State: flows.PostSending, Blob: "cases/CC0001/attempts/mail/m.eml"}},
		}
		return nil, nil
	})
	require.NoError(t, err)
	for _, key := range []string{"used/a.mp4", "used/record.json", "thumb/a.jpg", "working/b.mp4", "mail/m.eml", "left/a.mp4", "left/sub/b.mp4", "given/d.mp4"} {
		put("cases/CC0001/attempts/" + key)
	}
	put("cases/CC0001/preview/e1/0.jpg")
	put("stray.txt")
	hole := e.holding("CC0002", "tg:2", "two")
	require.NoError(t, e.blobs.DeletePrefix(ctx, hole.Blob))
	e.receive("CC0003", "tg:3", "e1", "three")
	put("cases/CC0003/attempts/x/a.mp4")
	require.NoError(t, e.r.Notes().SetNote(ctx, "file:video:cases/CC0004/a", "x", time.Hour*100))
	require.NoError(t, e.r.Notes().SetNote(ctx, "file:video:cases/CC0001/a", "x", time.Hour*100))
	links := map[string]pass.Link{}
	for _, blob := range []string{whole.Blob, "cases/CC0001/attempts/gone/c.mp4", "cases/CC0001/attempts/given/d.mp4"} {
		l, err := e.r.Doors().NewLink(ctx, pass.Link{Case: "CC0001", Blob: blob})
		require.NoError(t, err)
		links[blob] = l
	}
	id := strings.Repeat("a", 26)
	for _, name := range []string{id, id + ".json", "notes.txt"} {
		require.NoError(t, os.WriteFile(filepath.Join(local.Uploads, name), []byte("x"), 0o600))
	}
	for _, name := range []string{"CC0001-dead", "CC0001-alive", "preview-7"} {
		require.NoError(t, os.MkdirAll(filepath.Join(local.Work, name, "data"), 0o700))
	}
	require.NoError(t, e.r.Client().Set(ctx, "clipcase:jobs:lease:process:CC0001", "alive", 0).Err())

	look := func() (found []storage.Orphan, names []string) {
		found, err := storage.FindOrphans(ctx, e.r, e.blobs, local)
		require.NoError(t, err)
		for _, o := range found {
			names = append(names, string(o.Kind)+" "+strings.TrimPrefix(strings.TrimPrefix(o.Name, local.Work), local.Uploads))
		}
		slices.Sort(names)
		return found, names
	}
	_, err = storage.FindOrphans(ctx, e.r, e.blobs, local)
	require.ErrorIs(t, err, storage.ErrOtherRedis, "a Redis that never gave these numbers out")
	require.NoError(t, e.r.Cases().RaiseCounter(ctx, 4))

	told := []string{"lacking CC0002", "unknown stray.txt"}
	all := append([]string{
		"attempt cases/CC0001/attempts/left", "files cases/CC0003", "files cases/CC0003/attempts/x", "folder /CC0001-dead", "folder /preview-7",
		"link CC0001", "state CC0004", "upload /" + id, "upload /" + id + ".json",
	}, told...)
	slices.Sort(all)
	found, names := look()
	require.Equal(t, all, names)
	for _, o := range found {
		require.Equal(t, o.Kind != storage.OrphanState && !o.Told(), o.Young, "%+v", o)
		if o.Young {
			require.NoError(t, o.Remove(ctx))
		}
	}
	_, names = look()
	require.Equal(t, all, names, "nothing young is removed")

	e.clock.Advance(storage.OrphanAge + time.Hour)
	found, names = look()
	require.Equal(t, all, names, "looking removes nothing")
	for _, o := range found {
		require.False(t, o.Young)
		for range 2 {
			require.NoError(t, o.Remove(ctx))
		}
	}
	_, names = look()
	require.Equal(t, told, names)

	require.Equal(t, "one", content(t, e.blobs, whole.Blob))
	for _, key := range []string{"used/a.mp4", "used/record.json", "thumb/a.jpg", "working/b.mp4", "mail/m.eml"} {
		require.Equal(t, "piece", content(t, e.blobs, "cases/CC0001/attempts/"+key))
	}
	require.Equal(t, "piece", content(t, e.blobs, "cases/CC0001/preview/e1/0.jpg"))
	_, err = e.r.Doors().OpenLink(ctx, links[whole.Blob].Token, false)
	require.NoError(t, err)
	note, err := e.r.Notes().Note(ctx, "file:video:cases/CC0001/a")
	require.NoError(t, err)
	require.Equal(t, "x", note)
	require.FileExists(t, filepath.Join(local.Uploads, "notes.txt"))
	require.DirExists(t, filepath.Join(local.Work, "CC0001-alive"))
}

// What is taken up between the look and the removal stays.
func TestOrphansThatComeHome(t *testing.T) {
	t.Parallel()
	e := newEvidence(t)
	e.clock.Advance(time.Since(e.clock.Now()) + storage.OrphanAge + time.Hour)
	require.NoError(t, e.r.Cases().RaiseCounter(t.Context(), 2))
	e.holding("CC0002", "tg:2", "two")
	stored := e.receive("CC0001", "tg:1", "e1", "one")
	found, err := storage.FindOrphans(t.Context(), e.r, e.blobs, storage.Folders{})
	require.NoError(t, err)
	require.Len(t, found, 1)
	e.holding("CC0001", "tg:1", "one")
	require.NoError(t, found[0].Remove(t.Context()))
	require.Equal(t, "one", content(t, e.blobs, stored.Blob))
}
