package storagetest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/media"
)

func commitChecks() []check {
	return []check{
		{"a new person has schema 0 and nothing else", func(t *testing.T, f *Fixture) {
			state := load(t, f)
			require.Equal(t, flows.Session{Actor: actor}, state.Session)
			require.Nil(t, state.Case)
			require.Empty(t, state.Recent)
			require.Equal(t, flows.Person{Actor: actor}, state.Person)
		}},
		{"all of a commit is there afterwards", allOfACommit},
		{"a stale session changes nothing", func(t *testing.T, f *Fixture) {
			save(t, f, flows.Commit{Event: "u1", Session: newSession()})
			changesNothing(t, f, flows.Stale, flows.Commit{Event: "u2", Session: newSession(), Case: newCase(t, f)})
		}},
		{"a stale case changes nothing", func(t *testing.T, f *Fixture) {
			c := newCase(t, f)
			save(t, f, flows.Commit{Event: "u1", Case: c})
			changesNothing(t, f, flows.Stale, flows.Commit{Event: "u2", Session: newSession(), Case: c})
		}},
		{"a repeated event changes nothing", func(t *testing.T, f *Fixture) {
			save(t, f, flows.Commit{Event: "u1", Session: newSession()})
			s := load(t, f).Session
			s.Step = "elsewhere"
			changesNothing(t, f, flows.Repeated, flows.Commit{Event: "u1", Session: &s, Case: newCase(t, f)})
		}},
		{"the very same commit with an event is repeated", func(t *testing.T, f *Fixture) {
			c := flows.Commit{Event: "u1", Session: newSession(), Now: f.Clock.Now()}
			outcomes := []flows.Outcome{}
			for range 2 {
				outcome, err := f.Cases.Commit(t.Context(), c)
				require.NoError(t, err)
				outcomes = append(outcomes, outcome)
			}
			require.Equal(t, []flows.Outcome{flows.Saved, flows.Repeated}, outcomes)
		}},
		{"the very same commit without an event is saved once", func(t *testing.T, f *Fixture) {
			c := flows.Commit{Case: newCase(t, f), Effects: []flows.Effect{job("j1", flows.EffectProcess, "CC0001")}, Now: f.Clock.Now(),
				Spend: flows.Spend{Actor: actor, Bytes: 7}}
			for range 3 {
				outcome, err := f.Cases.Commit(t.Context(), c)
				require.NoError(t, err)
				require.Equal(t, flows.Saved, outcome)
			}
			require.Equal(t, []string{"j1"}, pulled(t, f))
			require.EqualValues(t, 7, load(t, f).Person.BytesUsed)
			got, err := f.Cases.Case(t.Context(), c.Case.ID)
			require.NoError(t, err)
			require.EqualValues(t, 1, got.Revision)
		}},
		{"a lost answer to a commit with an event is saved, once", func(t *testing.T, f *Fixture) {
			lostAnswer(t, f, "u1")
		}},
		{"a lost answer to a commit without an event is saved, once", func(t *testing.T, f *Fixture) {
			lostAnswer(t, f, "")
		}},
		{"of 50 racing writers one wins", racingWriters},
		{"50 racing updates all happen", racingUpdates},
		{"case numbers never repeat", caseNumbers},
		{"a malformed case is refused", func(t *testing.T, f *Fixture) {
			for _, id := range []string{"", "CC12", "CC00a1", "XX0001", "CC0001/..", "CC٠٠٠١"} {
				c := newCase(t, f)
				c.ID = id
				_, err := f.Cases.Commit(t.Context(), flows.Commit{Case: c, Now: f.Clock.Now()})
				class(t, flows.Invalid, err)
			}
		}},
		{"quotas count by the day in Shanghai", quotaDays},
		{"a job's change counts against the day with the case", measuredShare},
	}
}

func allOfACommit(t *testing.T, f *Fixture) {
	c := newCase(t, f)
	c.Statement = "账号被误封 <b>\"引号\"</b> \u202e 💬"
	c.Exhibits = []flows.Exhibit{{
		ID: "e1", Slot: "screen", State: flows.ExhibitFetching, Received: f.Clock.Now(),
		File:  flows.File{Ref: "tg:file", Name: "录屏.mp4", Bytes: 1 << 40},
		Probe: &media.Probe{Duration: 30.03, Width: 1080},
	}}
	s := newSession()
	s.Case = c.ID
	s.Told = map[string]bool{"send-as-file": true}
	save(t, f, flows.Commit{
		Event: "u1", Session: s, Case: c, Spend: flows.Spend{Actor: actor, Bytes: 5, Seconds: 1.5},
		Effects: []flows.Effect{job("j1", flows.EffectIngest, c.ID), show("s1", actor, "step")},
	})

	state := load(t, f)
	want := *s
	want.Revision = 1
	require.Equal(t, want, state.Session)
	wantCase := *c
	wantCase.Revision = 1
	require.Equal(t, &wantCase, state.Case)
	require.Equal(t, []*flows.Case{&wantCase}, state.Recent)
	require.EqualValues(t, 5, state.Person.BytesUsed)
	require.InDelta(t, 1.5, state.Person.SecondsUsed, 1e-9)
	effects, err := f.Outbox.Pull(t.Context(), 10, 0)
	require.NoError(t, err)
	require.Equal(t, []flows.Effect{job("j1", flows.EffectIngest, c.ID)}, effects)
	letter, ok, err := f.Mailbox.Take(t.Context(), 0, time.Minute)
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, show("s1", actor, "step"), letter.Effect)
	require.Equal(t, f.Clock.Now(), letter.Since)
}

// changesNothing adds effects and a spend to c, commits it and wants the outcome
// with no trace of any of it.
func changesNothing(t *testing.T, f *Fixture, want flows.Outcome, c flows.Commit) {
	t.Helper()
	before := load(t, f)
	jobs := pulled(t, f)
	c.Now = f.Clock.Now()
	c.Effects = []flows.Effect{job("never", flows.EffectProcess, "CC0001"), show("never-shown", actor, "")}
	c.Spend = flows.Spend{Actor: actor, Bytes: 1000}
	outcome, err := f.Cases.Commit(t.Context(), c)
	require.NoError(t, err)
	require.Equal(t, want, outcome)
	require.Equal(t, before, load(t, f))
	require.Equal(t, jobs, pulled(t, f))
	require.Empty(t, drain(t, f))
}

func lostAnswer(t *testing.T, f *Fixture, event string) {
	c := newCase(t, f)
	f.LoseReply()
	save(t, f, flows.Commit{
		Event: event, Session: newSession(), Case: c, Spend: flows.Spend{Actor: actor, Bytes: 3},
		Effects: []flows.Effect{{Kind: flows.EffectProcess, Case: c.ID}, {Kind: flows.EffectShow, Chat: actor}},
	})
	state := load(t, f)
	require.EqualValues(t, 1, state.Session.Revision)
	require.EqualValues(t, 1, state.Recent[0].Revision)
	require.EqualValues(t, 3, state.Person.BytesUsed)
	require.Len(t, pulled(t, f), 1)
	require.Len(t, drain(t, f), 1)
}

func racingWriters(t *testing.T, f *Fixture) {
	const writers = 50
	save(t, f, flows.Commit{Event: "u0", Session: newSession()})
	outcomes := make([]flows.Outcome, writers)
	errs := make([]error, writers)
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			s := newSession()
			s.Revision = 1
			outcomes[i], errs[i] = f.Cases.Commit(t.Context(), flows.Commit{
				Event: fmt.Sprint("race", i), Session: s, Now: f.Clock.Now(),
				Effects: []flows.Effect{job(fmt.Sprint("j", i), flows.EffectProcess, "")},
			})
		})
	}
	wg.Wait()
	count := map[flows.Outcome]int{}
	for i := range writers {
		require.NoError(t, errs[i])
		count[outcomes[i]]++
	}
	require.Equal(t, map[flows.Outcome]int{flows.Saved: 1, flows.Stale: writers - 1}, count)
	require.Len(t, pulled(t, f), 1)
}

func racingUpdates(t *testing.T, f *Fixture) {
	const writers = 50
	c := newCase(t, f)
	save(t, f, flows.Commit{Event: "u0", Case: c})
	errs := make([]error, writers)
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			_, errs[i] = f.Cases.Update(t.Context(), c.ID, func(c *flows.Case) ([]flows.Effect, error) {
				c.History = append(c.History, flows.Entry{What: fmt.Sprint(i)})
				return []flows.Effect{job(fmt.Sprint("j", i), flows.EffectProcess, c.ID)}, nil
			})
		})
	}
	wg.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	got, err := f.Cases.Case(t.Context(), c.ID)
	require.NoError(t, err)
	seen := map[string]bool{}
	for _, e := range got.History {
		seen[e.What] = true
	}
	require.Len(t, seen, writers)
	require.Len(t, got.History, writers)
	require.Len(t, pulled(t, f), writers)
}

func caseNumbers(t *testing.T, f *Fixture) {
	const n = 40
	ids := make([]string, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { ids[i], _ = f.Cases.ReserveCase(t.Context()) })
	}
	wg.Wait()
	seen := map[string]bool{}
	for _, id := range ids {
		require.Regexp(t, `^CC\d{4}$`, id)
		seen[id] = true
	}
	require.Len(t, seen, n)

	require.NoError(t, f.Cases.RaiseCounter(t.Context(), 9999))
	require.NoError(t, f.Cases.RaiseCounter(t.Context(), 50)) // never lowers it
	id, err := f.Cases.ReserveCase(t.Context())
	require.NoError(t, err)
	require.Equal(t, "CC10000", id)
}

func measuredShare(t *testing.T, f *Fixture) {
	c := newCase(t, f)
	save(t, f, flows.Commit{Event: "u1", Case: c})
	for range 2 { // the second changes nothing and counts nothing
		_, err := f.Cases.Update(t.Context(), c.ID, func(c *flows.Case) ([]flows.Effect, error) {
			if c.Told {
				return nil, nil
			}
			c.Told, c.Spend = true, flows.Spend{Actor: actor, Bytes: 7, Seconds: 2.5}
			return nil, nil
		})
		require.NoError(t, err)
	}
	require.EqualValues(t, 7, load(t, f).Person.BytesUsed)
	require.InDelta(t, 2.5, load(t, f).Person.SecondsUsed, 1e-9)
}

func quotaDays(t *testing.T, f *Fixture) {
	spend := flows.Spend{Actor: actor, Bytes: 100, Seconds: 0.25}
	save(t, f, flows.Commit{Event: "u1", Spend: spend})
	f.Clock.Advance(11*time.Hour + 59*time.Minute) // 23:59 in Shanghai
	save(t, f, flows.Commit{Event: "u2", Spend: spend})
	require.EqualValues(t, 200, load(t, f).Person.BytesUsed)
	require.InDelta(t, 0.5, load(t, f).Person.SecondsUsed, 1e-9)
	f.Clock.Advance(time.Minute) // midnight, though it is still the same day in UTC
	require.Zero(t, load(t, f).Person.BytesUsed)
	require.Zero(t, load(t, f).Person.SecondsUsed)
}
