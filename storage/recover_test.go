package storage_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/media"
	"clipcase/storage"
	"clipcase/storage/storagetest"
)

const retention = 30 * 24 * time.Hour

type evidence struct {
	t     *testing.T
	r     *storage.Redis
	dir   string
	blobs *storage.Blobs
	clock *storagetest.Clock
}

func newEvidence(t *testing.T) *evidence {
	clock := storagetest.NewClock()
	dir := t.TempDir()
	return &evidence{t: t, r: open(t, config(t, clock)), dir: dir, blobs: openBlobs(t, dir), clock: clock}
}

// receive stores an original and, if known, a case that has it.
func (e *evidence) receive(id, owner, exhibit, content string) flows.Stored {
	e.t.Helper()
	stored, err := e.blobs.PutOriginal(e.t.Context(), flows.Sidecar{
		Case: id, Actor: owner, Chat: owner, Lang: "en", Scenario: "copyright", Exhibit: exhibit, Slot: "script",
		File: flows.File{Ref: "tg:x", Name: "a.mp4"}, Received: e.clock.Now(),
	}, strings.NewReader(content))
	require.NoError(e.t, err)
	e.clock.Advance(time.Second)
	return stored
}

func (e *evidence) recover() storage.Recovered {
	e.t.Helper()
	report, err := storage.Recover(e.t.Context(), e.blobs, e.r.Cases(), retention)
	require.NoError(e.t, err)
	return report
}

func TestRecoverFindsEverythingAfterFlush(t *testing.T) {
	t.Parallel()
	e := newEvidence(t)
	const cases = 30
	want := map[string]flows.Stored{}
	ids := []string{}
	for i := 1; i <= cases; i++ {
		id := fmt.Sprintf("CC%04d", 300*i)
		owner := fmt.Sprint("tg:", i%7)
		mustSave(t, e.r, id)
		for x := range i%3 + 1 {
			exhibit := fmt.Sprintf("e%d", x+1)
			want[id+exhibit] = e.receive(id, owner, exhibit, fmt.Sprint("recording", i%5, x))
		}
		ids = append(ids, id)
	}
	require.NoError(t, e.r.Client().FlushAll(t.Context()).Err())

	report := e.recover()
	require.Equal(t, storage.Recovered{Cases: cases, Rebuilt: ids}, report)
	found := 0
	for i, id := range ids {
		c, err := e.r.Cases().Case(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, fmt.Sprint("tg:", (i+1)%7), c.Actor)
		require.Equal(t, "en", c.Lang)
		require.Equal(t, "copyright", c.Scenario)
		require.Equal(t, flows.CaseDraft, c.State(e.clock.Now()))
		require.Equal(t, e.clock.Now().Add(retention), c.Expires)
		for _, x := range c.Exhibits {
			stored := want[id+x.ID]
			require.Equal(t, flows.ExhibitStored, x.State)
			require.Equal(t, stored, flows.Stored{Blob: x.Blob, SHA256: x.SHA256, Bytes: x.Bytes})
			found++
		}
	}
	require.Len(t, want, found)
	unfinished, err := e.r.Cases().Unfinished(t.Context())
	require.NoError(t, err)
	require.ElementsMatch(t, ids, unfinished, "the sweep looks at all of them")
	state, err := e.r.Cases().Load(t.Context(), "tg:1", e.clock.Now())
	require.NoError(t, err)
	require.Equal(t, "CC8700", state.Recent[0].ID)
	require.True(t, state.Person.Allowed)
	id, err := e.r.Cases().ReserveCase(t.Context())
	require.NoError(t, err)
	require.Equal(t, "CC9001", id)

	require.Equal(t, storage.Recovered{Cases: cases}, e.recover(), "again it has nothing to do")
}

func TestRecoverTellsWhatIsDamaged(t *testing.T) {
	t.Parallel()
	e := newEvidence(t)
	good := e.receive("CC0001", "tg:1", "e1", "good")
	flipped := e.receive("CC0001", "tg:1", "e2", "flipped")
	gone := e.receive("CC0002", "tg:1", "e1", "gone")
	garbled := e.receive("CC0003", "tg:1", "e1", "garbled")
	foreign := e.receive("CC0004", "tg:1", "e1", "foreign")
	path := func(key string) string { return filepath.Join(e.dir, key) }
	require.NoError(t, os.WriteFile(path(flipped.Blob), []byte("fLipped"), 0o600))
	require.NoError(t, os.Remove(path(gone.Blob)))
	require.NoError(t, os.WriteFile(path(garbled.Blob+".e1.json"), []byte("{"), 0o600))
	require.NoError(t, os.WriteFile(path(garbled.Blob+".e2.json"), []byte(`{"case":"CC0003","bytes":"many"}`), 0o600))
	body, err := os.ReadFile(path(foreign.Blob + ".e1.json"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path(foreign.Blob+".e1.json"), []byte(strings.Replace(string(body), "CC0004", "CC0001", 1)), 0o600))

	report := e.recover()
	require.Equal(t, []string{"CC0001", "CC0002"}, report.Rebuilt)
	require.ElementsMatch(t, []storage.Damaged{
		{Blob: flipped.Blob, Why: "its hash is no longer its name"},
		{Blob: gone.Blob, Why: "the original is gone"},
		{Blob: garbled.Blob + ".e1.json", Why: "the sidecar cannot be read"},
		{Blob: garbled.Blob + ".e2.json", Why: "the sidecar cannot be read"},
		{Blob: foreign.Blob + ".e1.json", Why: "the sidecar cannot be read"},
	}, report.Damaged)
	c, err := e.r.Cases().Case(t.Context(), "CC0001")
	require.NoError(t, err)
	require.Len(t, c.Exhibits, 2)
	require.Equal(t, flows.ExhibitStored, c.Exhibits[0].State)
	require.Equal(t, good.SHA256, c.Exhibits[0].SHA256)
	require.Equal(t, flows.ExhibitRefused, c.Exhibits[1].State)
	require.Equal(t, media.RefusedUnreadable, c.Exhibits[1].Refusal.Code)
}

func TestRecoverMendsKnownCases(t *testing.T) {
	t.Parallel()
	e := newEvidence(t)
	kept := &flows.Case{
		ID: "CC0001", Actor: "tg:1", Statement: "kept",
		Exhibits: []flows.Exhibit{
			{ID: "e1", State: flows.ExhibitFetching}, {ID: "e2", State: flows.ExhibitProbed, SHA256: "known"},
			{ID: "e3", State: flows.ExhibitFetching, Removed: true},
		},
	}
	_, err := e.r.Cases().Commit(t.Context(), flows.Commit{Event: "u1", Case: kept, Now: e.clock.Now()})
	require.NoError(t, err)
	for i := range 4 {
		e.receive("CC0001", "tg:1", fmt.Sprintf("e%d", i+1), fmt.Sprint(i))
	}
	require.Equal(t, storage.Recovered{Cases: 1, Mended: []string{"CC0001"}}, e.recover())
	c, err := e.r.Cases().Case(t.Context(), "CC0001")
	require.NoError(t, err)
	require.Equal(t, "kept", c.Statement)
	states := []flows.ExhibitState{}
	for _, x := range c.Exhibits {
		states = append(states, x.State)
	}
	require.Equal(t, []flows.ExhibitState{flows.ExhibitStored, flows.ExhibitProbed, flows.ExhibitFetching, flows.ExhibitStored}, states)
	require.Equal(t, "known", c.Exhibits[1].SHA256)
	require.Equal(t, storage.Recovered{Cases: 1}, e.recover())
}

func TestRecoverEndsWithItsContext(t *testing.T) {
	t.Parallel()
	e := newEvidence(t)
	e.receive("CC0001", "tg:1", "e1", "x")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := storage.Recover(ctx, e.blobs, e.r.Cases(), 0)
	require.ErrorIs(t, err, context.Canceled)
}
