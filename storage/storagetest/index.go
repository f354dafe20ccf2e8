package storagetest

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
)

func indexChecks() []check {
	return []check{
		{"an unknown case is not found", func(t *testing.T, f *Fixture) {
			_, err := f.Cases.Case(t.Context(), "CC0404")
			class(t, flows.NotFound, err)
			_, err = f.Cases.Update(t.Context(), "CC0404", func(*flows.Case) ([]flows.Effect, error) { return nil, nil })
			class(t, flows.NotFound, err)
		}},
		{"the error of a change is returned and nothing is written", func(t *testing.T, f *Fixture) {
			c := newCase(t, f)
			save(t, f, flows.Commit{Event: "u1", Case: c})
			mine := errors.New("mine")
			_, err := f.Cases.Update(t.Context(), c.ID, func(c *flows.Case) ([]flows.Effect, error) {
				c.Statement = "never"
				return []flows.Effect{job("never", flows.EffectProcess, c.ID)}, mine
			})
			require.Equal(t, mine, err)
			got, err := f.Cases.Case(t.Context(), c.ID)
			require.NoError(t, err)
			require.EqualValues(t, 1, got.Revision)
			require.Empty(t, got.Statement)
			require.Empty(t, pulled(t, f))
		}},
		{"an update gives the new revision, an empty one the old", func(t *testing.T, f *Fixture) {
			c := newCase(t, f)
			save(t, f, flows.Commit{Event: "u1", Case: c})
			got, err := f.Cases.Update(t.Context(), c.ID, func(c *flows.Case) ([]flows.Effect, error) {
				c.Statement = "新"
				return nil, nil
			})
			require.NoError(t, err)
			require.EqualValues(t, 2, got.Revision)
			got, err = f.Cases.Update(t.Context(), c.ID, func(*flows.Case) ([]flows.Effect, error) { return nil, nil })
			require.NoError(t, err)
			require.EqualValues(t, 2, got.Revision)
		}},
		{"the newest ten cases are recent", func(t *testing.T, f *Fixture) {
			want := []string{}
			for range 12 {
				c := newCase(t, f)
				save(t, f, flows.Commit{Event: c.ID, Case: c})
				want = append([]string{c.ID}, want...)
			}
			got := []string{}
			for _, c := range load(t, f).Recent {
				got = append(got, c.ID)
			}
			require.Equal(t, want[:10], got)
		}},
		{"unfinished follows the states", unfinishedStates},
		{"ending lists what expires before", func(t *testing.T, f *Fixture) {
			now := f.Clock.Now()
			early, late, never := newCase(t, f), newCase(t, f), newCase(t, f)
			early.Expires, late.Expires = now.Add(time.Hour), now.Add(2*time.Hour)
			for _, c := range []*flows.Case{late, early, never} {
				save(t, f, flows.Commit{Event: c.ID, Case: c})
			}
			for _, row := range []struct {
				at   time.Duration
				want []string
			}{{time.Hour, []string{}}, {time.Hour + time.Millisecond, []string{early.ID}}, {3 * time.Hour, []string{early.ID, late.ID}}} {
				got, err := f.Cases.Ending(t.Context(), now.Add(row.at))
				require.NoError(t, err)
				require.Equal(t, row.want, got)
			}
			_, err := f.Cases.Update(t.Context(), early.ID, func(c *flows.Case) ([]flows.Effect, error) {
				c.Expires = time.Time{}
				return nil, nil
			})
			require.NoError(t, err)
			got, err := f.Cases.Ending(t.Context(), now.Add(3*time.Hour))
			require.NoError(t, err)
			require.Equal(t, []string{late.ID}, got)
		}},
		{"forget leaves nothing of the case", forget},
	}
}

func unfinishedStates(t *testing.T, f *Fixture) {
	c := newCase(t, f)
	save(t, f, flows.Commit{Event: "u1", Case: c})
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	rows := []struct {
		name   string
		change func(*flows.Case)
		want   bool
	}{
		{"nothing yet", func(*flows.Case) {}, false},
		{"fetching", func(c *flows.Case) {
			c.Exhibits = []flows.Exhibit{{ID: "e1", State: flows.ExhibitFetching}}
		}, true},
		{"stored", func(c *flows.Case) { c.Exhibits[0].State = flows.ExhibitStored }, true},
		{"removed", func(c *flows.Case) { c.Exhibits[0].Removed = true }, false},
		{"back", func(c *flows.Case) { c.Exhibits[0].Removed = false }, true},
		{"probed", func(c *flows.Case) { c.Exhibits[0].State = flows.ExhibitProbed }, false},
		{"planned", func(c *flows.Case) { c.Packs = []flows.Pack{{Channel: "email", State: flows.PackPlanned}} }, true},
		{"quarantined", func(c *flows.Case) { c.Quarantined = true }, false},
		{"let go", func(c *flows.Case) { c.Quarantined = false }, true},
		{"rendering", func(c *flows.Case) { c.Packs[0].State = flows.PackRendering }, true},
		{"ready", func(c *flows.Case) { c.Packs[0].State = flows.PackReady }, true},
		{"delivering", func(c *flows.Case) { c.Packs[0].State = flows.PackDelivering }, true},
		{"delivered", func(c *flows.Case) { c.Packs[0].State = flows.PackDelivered }, false},
		{"another planned", func(c *flows.Case) {
			c.Packs = append(c.Packs, flows.Pack{Channel: "wechat", State: flows.PackPlanned})
		}, true},
		{"failed", func(c *flows.Case) { c.Packs[1].State = flows.PackFailed }, false},
		{"cancelled", func(c *flows.Case) { c.Packs[1].State = flows.PackPlanned; c.Cancelled = at }, false},
	}
	for _, row := range rows {
		_, err := f.Cases.Update(t.Context(), c.ID, func(c *flows.Case) ([]flows.Effect, error) {
			row.change(c)
			return nil, nil
		})
		require.NoError(t, err, row.name)
		got, err := f.Cases.Unfinished(t.Context())
		require.NoError(t, err)
		want := []string{}
		if row.want {
			want = append(want, c.ID)
		}
		require.Equal(t, want, got, row.name)
	}
}

// leftWords puts what holds words of a case wherever it can be, and returns what
// looks that it went with the case and took nothing along.
func leftWords(t *testing.T, f *Fixture, id, other string) (gone func()) {
	about := func(e flows.Effect, id string) flows.Effect { e.Case = id; return e }
	late := about(show("late", actor, ""), id)
	late.After = f.Clock.Now().Add(time.Hour)
	s := newSession()
	s.Revision, s.Case, s.Step, s.Last = 1, id, "review", flows.Screen{Step: "review"}
	s.Noted, s.Batch = flows.Noted{Text: "words"}, flows.Batch{Case: id}
	save(t, f, flows.Commit{Event: "u3", Session: s, Effects: []flows.Effect{
		show("welcome", actor, ""), about(show("words", actor, ""), id), late, about(show("another's", actor, ""), other),
		about(show("group", "tg:-1", "step"), id), show("before", "tg:-1", ""),
	}})
	// a screen with words from before the case, begun, then replaced
	save(t, f, flows.Commit{Event: "u4", Effects: []flows.Effect{show("draft", "tg:-2", "step")}})
	for {
		l, ok, err := f.Mailbox.Take(t.Context(), 0, time.Second)
		require.NoError(t, err)
		require.True(t, ok)
		if l.ID == "draft" {
			require.NoError(t, f.Mailbox.Begin(t.Context(), l))
			break
		}
	}
	save(t, f, flows.Commit{Event: "u5", Effects: []flows.Effect{about(show("later draft", "tg:-2", "step"), id), show("step", actor, "step")}})
	note := "file:video:cases/" + id + "/originals/abc"
	require.NoError(t, f.Notes.SetNote(t.Context(), note, "AgAC", time.Hour))
	require.NoError(t, f.Notes.SetNote(t.Context(), "lang:"+actor, "zh", time.Hour))
	return func() {
		value, err := f.Notes.Note(t.Context(), note)
		require.NoError(t, err)
		require.Empty(t, value)
		value, err = f.Notes.Note(t.Context(), "lang:"+actor)
		require.NoError(t, err)
		require.Equal(t, "zh", value)
		now := load(t, f).Session
		require.Equal(t, flows.Session{Schema: now.Schema, Actor: actor, Chat: actor, Lang: "zh", Revision: now.Revision}, now)
	}
}

func forget(t *testing.T, f *Fixture) {
	c, other := newCase(t, f), newCase(t, f)
	c.Expires = f.Clock.Now().Add(time.Hour)
	c.Packs = []flows.Pack{{Channel: "email", State: flows.PackPlanned}, {Channel: "wechat", State: flows.PackFailed}}
	timer := job("t1", flows.EffectTimer, c.ID)
	timer.After = f.Clock.Now().Add(48 * time.Hour)
	s := newSession()
	s.Case = c.ID
	save(t, f, flows.Commit{Event: "u1", Session: s, Case: c, Effects: []flows.Effect{
		job("j1", flows.EffectProcess, c.ID), timer, job("j2", flows.EffectProcess, other.ID), show("bye", actor, ""),
	}})
	save(t, f, flows.Commit{Event: "u2", Case: other})
	_, err := f.Ledger.Begin(t.Context(), c.ID+":email:0", "head")
	require.NoError(t, err)
	words := leftWords(t, f, c.ID, other.ID)
	f.Progress.Publish(t.Context(), actor, flows.WorkProgress{Case: c.ID})

	for range 2 { // it may be repeated
		require.NoError(t, f.Cases.Forget(t.Context(), c.ID))
		_, err = f.Cases.Case(t.Context(), c.ID)
		class(t, flows.NotFound, err)
		state := load(t, f)
		require.Nil(t, state.Case)
		require.Len(t, state.Recent, 1)
		require.Equal(t, other.ID, state.Recent[0].ID)
		unfinished, err := f.Cases.Unfinished(t.Context())
		require.NoError(t, err)
		require.Empty(t, unfinished)
		ending, err := f.Cases.Ending(t.Context(), f.Clock.Now().Add(time.Hour*24))
		require.NoError(t, err)
		require.Empty(t, ending)
		report, err := f.Gate.Queue(t.Context())
		require.NoError(t, err)
		require.Empty(t, report.Failed)
	}
	words()
	f.Clock.Advance(72 * time.Hour)
	require.Equal(t, []string{"j2"}, pulled(t, f))
	require.ElementsMatch(t, []string{"bye", "before", "welcome", "another's", "step"}, drain(t, f))
	mark, err := f.Ledger.Begin(t.Context(), c.ID+":email:0", "head")
	require.NoError(t, err)
	require.Equal(t, flows.MarkNew, mark)

	// What worked on the case meanwhile cannot bring it back.
	c.Revision = 1
	outcome, err := f.Cases.Commit(t.Context(), flows.Commit{Event: "u9", Case: c, Now: f.Clock.Now()})
	require.NoError(t, err)
	require.Equal(t, flows.Stale, outcome)
	id, err := f.Cases.ReserveCase(t.Context())
	require.NoError(t, err)
	require.Equal(t, "CC0003", id)
}
