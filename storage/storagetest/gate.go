package storagetest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
)

func gateChecks() []check {
	return []check{
		{"an invite lets in as many as it says", func(t *testing.T, f *Fixture) {
			code, err := f.Gate.Invite(t.Context(), "tg:1", 2, f.Clock.Now().Add(time.Hour))
			require.NoError(t, err)
			require.Regexp(t, `^[A-Za-z0-9_-]{26,60}$`, code)
			for range 3 {
				require.NoError(t, f.Gate.Redeem(t.Context(), code, actor, f.Clock.Now()))
			}
			require.True(t, load(t, f).Person.Allowed)
			require.NoError(t, f.Gate.Redeem(t.Context(), code, "tg:43", f.Clock.Now()))
			class(t, flows.NotFound, f.Gate.Redeem(t.Context(), code, "tg:44", f.Clock.Now()))
			require.NoError(t, f.Gate.Redeem(t.Context(), code, actor, f.Clock.Now()))
		}},
		{"wrong, expired and used up look alike", func(t *testing.T, f *Fixture) {
			code, err := f.Gate.Invite(t.Context(), "tg:1", 1, f.Clock.Now().Add(time.Hour))
			require.NoError(t, err)
			wrong := f.Gate.Redeem(t.Context(), "wrong", actor, f.Clock.Now())
			expired := f.Gate.Redeem(t.Context(), code, actor, f.Clock.Now().Add(time.Hour))
			require.NoError(t, f.Gate.Redeem(t.Context(), code, "tg:1", f.Clock.Now()))
			used := f.Gate.Redeem(t.Context(), code, actor, f.Clock.Now())
			class(t, flows.NotFound, wrong)
			require.Equal(t, wrong, expired)
			require.Equal(t, wrong, used)
			require.False(t, load(t, f).Person.Allowed)
		}},
		{"a race for the last use has one winner", func(t *testing.T, f *Fixture) {
			code, err := f.Gate.Invite(t.Context(), "tg:1", 1, f.Clock.Now().Add(time.Hour))
			require.NoError(t, err)
			won := make([]bool, 30)
			var wg sync.WaitGroup
			for i := range won {
				wg.Go(func() {
					won[i] = f.Gate.Redeem(t.Context(), code, fmt.Sprint("tg:", i), f.Clock.Now()) == nil
				})
			}
			wg.Wait()
			n := 0
			for _, w := range won {
				if w {
					n++
				}
			}
			require.Equal(t, 1, n)
		}},
		{"a lost answer to redeem counts once", func(t *testing.T, f *Fixture) {
			code, err := f.Gate.Invite(t.Context(), "tg:1", 2, f.Clock.Now().Add(time.Hour))
			require.NoError(t, err)
			f.LoseReply()
			require.NoError(t, f.Gate.Redeem(t.Context(), code, actor, f.Clock.Now()))
			require.NoError(t, f.Gate.Redeem(t.Context(), code, "tg:43", f.Clock.Now()))
		}},
		{"a senseless invite is refused", func(t *testing.T, f *Fixture) {
			_, err := f.Gate.Invite(t.Context(), "tg:1", 0, f.Clock.Now().Add(time.Hour))
			class(t, flows.Invalid, err)
			_, err = f.Gate.Invite(t.Context(), "tg:1", 1, f.Clock.Now())
			class(t, flows.Invalid, err)
		}},
		{"allow, ban and unban", func(t *testing.T, f *Fixture) {
			steps := []struct {
				do   func() error
				want flows.Person
			}{
				{func() error { return f.Gate.Allow(t.Context(), actor) }, flows.Person{Allowed: true}},
				{func() error { return f.Gate.Ban(t.Context(), actor, true) }, flows.Person{Allowed: true, Banned: true}},
				{func() error { return f.Gate.Ban(t.Context(), actor, true) }, flows.Person{Allowed: true, Banned: true}},
				{func() error { return f.Gate.Ban(t.Context(), actor, false) }, flows.Person{Allowed: true}},
			}
			for _, s := range steps {
				require.NoError(t, s.do())
				got := load(t, f).Person
				require.Equal(t, s.want.Allowed, got.Allowed)
				require.Equal(t, s.want.Banned, got.Banned)
			}
		}},
		{"the claim code makes one admin", claim},
		{"the operator's list of admins is the whole list", func(t *testing.T, f *Fixture) {
			admin := func() bool { return load(t, f).Person.Admin }
			require.NoError(t, f.Gate.SetAdmins(t.Context(), actor, "tg:1"))
			require.True(t, admin())
			require.NoError(t, f.Gate.SetAdmins(t.Context(), "tg:1"))
			require.False(t, admin())
			require.NoError(t, f.Gate.SetAdmins(t.Context()))
			has, err := f.Gate.HasAdmin(t.Context())
			require.NoError(t, err)
			require.False(t, has)
		}},
		{"quarantine marks the case", func(t *testing.T, f *Fixture) {
			c := newCase(t, f)
			c.Exhibits = []flows.Exhibit{{ID: "e1", State: flows.ExhibitProbed, Blob: "cases/" + c.ID + "/originals/a"}}
			save(t, f, flows.Commit{Event: "u1", Case: c})
			for _, step := range []struct{ on, asked bool }{{true, false}, {true, false}, {false, true}, {false, true}} {
				require.NoError(t, f.Gate.Quarantine(t.Context(), c.ID, step.on))
				got, err := f.Cases.Case(t.Context(), c.ID)
				require.NoError(t, err)
				require.Equal(t, step.on, got.Quarantined)
				asked, err := f.Outbox.Pull(t.Context(), 10, 0)
				require.NoError(t, err)
				require.Equal(t, step.asked, len(asked) == 1, "%v", asked)
				if step.asked { // once: what was let go before lacks nothing
					require.Equal(t, []any{flows.EffectStamp, c.ID}, []any{asked[0].Kind, asked[0].Case})
				}
			}
			class(t, flows.NotFound, f.Gate.Quarantine(t.Context(), "CC0404", true))
		}},
		{"a mail that came back is noted", func(t *testing.T, f *Fixture) {
			c := newCase(t, f)
			c.Packs = []flows.Pack{{Channel: "email", State: flows.PackDelivered, Post: &flows.Post{N: 1, To: "kefu@platform.example", State: flows.PostSent}}}
			save(t, f, flows.Commit{Event: "u1", Case: c})
			f.LoseReply()
			require.NoError(t, f.Gate.Bounced(t.Context(), c.ID))
			got, err := f.Cases.Case(t.Context(), c.ID)
			require.NoError(t, err)
			require.Equal(t, flows.PostRefused, got.Packs[0].Post.State)
			class(t, flows.NotFound, f.Gate.Bounced(t.Context(), c.ID))
			class(t, flows.NotFound, f.Gate.Bounced(t.Context(), "CC0404"))
		}},
		{"the queue shows what waits, how long, and what failed", queue},
		{"what channels did not take is counted once an event", refusals},
	}
}

func claim(t *testing.T, f *Fixture) {
	has, err := f.Gate.HasAdmin(t.Context())
	require.NoError(t, err)
	require.False(t, has)
	class(t, flows.NotFound, f.Gate.Claim(t.Context(), "", actor))
	old, err := f.Gate.NewClaim(t.Context())
	require.NoError(t, err)
	code, err := f.Gate.NewClaim(t.Context())
	require.NoError(t, err)
	require.Regexp(t, `^[A-Za-z0-9_-]{26,60}$`, code)
	class(t, flows.NotFound, f.Gate.Claim(t.Context(), old, actor))
	f.LoseReply()
	require.NoError(t, f.Gate.Claim(t.Context(), code, actor))
	class(t, flows.NotFound, f.Gate.Claim(t.Context(), code, "tg:43"))
	require.True(t, load(t, f).Person.Admin)
	require.NoError(t, f.Gate.SetAdmins(t.Context(), "tg:1"))
	require.True(t, load(t, f).Person.Admin, "the operator's list does not take away a claim")
	has, err = f.Gate.HasAdmin(t.Context())
	require.NoError(t, err)
	require.True(t, has)
}

func queue(t *testing.T, f *Fixture) {
	packs := func(states ...flows.PackState) []flows.Pack {
		var out []flows.Pack
		for _, s := range states {
			out = append(out, flows.Pack{State: s})
		}
		return out
	}
	want := []string{}
	for range 12 {
		c := newCase(t, f)
		c.Packs = packs(flows.PackFailed)
		save(t, f, flows.Commit{Event: c.ID, Case: c})
		want = append([]string{c.ID}, want...)
		f.Clock.Advance(time.Second)
	}
	busy := newCase(t, f)
	busy.Packs = packs(flows.PackRendering, flows.PackDelivering)
	save(t, f, flows.Commit{Event: "busy", Case: busy})
	f.Clock.Advance(time.Hour)
	waiting := newCase(t, f)
	waiting.Exhibits = []flows.Exhibit{{ID: "e1", State: flows.ExhibitFetching}, {ID: "e2", State: flows.ExhibitFetching, Removed: true}}
	waiting.Packs = packs(flows.PackPlanned, flows.PackPlanned, flows.PackReady)
	save(t, f, flows.Commit{Event: "waiting", Case: waiting})
	f.Clock.Advance(time.Minute)

	got, err := f.Gate.Queue(t.Context())
	require.NoError(t, err)
	require.Equal(t, map[string]int{"ingest": 1, "process": 2, "deliver": 1}, got.Waiting)
	require.Equal(t, map[string]int{"process": 1, "deliver": 1}, got.Running)
	require.Equal(t, time.Minute, got.Oldest)
	require.Equal(t, want[:10], got.Failed)
	require.Greater(t, got.Disk, 0.0)
	require.Less(t, got.Disk, 1.0)
}

// refusals counts what channels did not take once for each event, with the least
// that was refused.
func refusals(t *testing.T, f *Fixture) {
	big := func(value int64) *flows.Refusal {
		return &flows.Refusal{Channel: "email", Reason: "too-big", Limit: "video_bytes", Value: value}
	}
	for _, c := range []flows.Commit{
		{Event: "u1", Refusal: big(900)}, {Event: "u2", Refusal: big(800)}, {Event: "u3", Refusal: big(1000)}, {Event: "u4", Refusal: big(0)},
		{Event: "u5", Refusal: &flows.Refusal{Channel: "wechat", Reason: "other"}}, {Event: "u6"},
	} {
		save(t, f, c)
	}
	outcome, err := f.Cases.Commit(t.Context(), flows.Commit{Event: "u1", Refusal: big(1), Now: f.Clock.Now()})
	require.NoError(t, err)
	require.Equal(t, flows.Repeated, outcome)
	report, err := f.Gate.Queue(t.Context())
	require.NoError(t, err)
	require.Equal(t, []flows.RefusalCount{
		{Refusal: *big(800), Times: 4}, {Refusal: flows.Refusal{Channel: "wechat", Reason: "other"}, Times: 1},
	}, report.Refused)
}
