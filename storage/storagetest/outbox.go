package storagetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
)

func outboxChecks() []check {
	return []check{
		{"effects come in the order of their commit until dropped", func(t *testing.T, f *Fixture) {
			want := []string{}
			for i := range 5 {
				a, b := fmt.Sprintf("%d-a", 9-i), fmt.Sprintf("%d-b", 9-i)
				save(t, f, flows.Commit{Event: a, Effects: []flows.Effect{job(a, flows.EffectIngest, "CC0001"), job(b, flows.EffectProcess, "")}})
				want = append(want, a, b)
			}
			require.Equal(t, want, pulled(t, f))
			require.Equal(t, want, pulled(t, f))
			first, err := f.Outbox.Pull(t.Context(), 3, 0)
			require.NoError(t, err)
			require.Len(t, first, 3)
			for range 2 {
				require.NoError(t, f.Outbox.Drop(t.Context(), want[0], want[2]))
			}
			require.NoError(t, f.Outbox.Drop(t.Context()))
			require.Equal(t, append([]string{want[1]}, want[3:]...), pulled(t, f))
		}},
		{"an effect with a time is handed over when it is due", func(t *testing.T, f *Fixture) {
			late, soon := job("late", flows.EffectTimer, "CC0001"), job("soon", flows.EffectTimer, "CC0001")
			late.After, soon.After = f.Clock.Now().Add(48*time.Hour), f.Clock.Now().Add(time.Second)
			save(t, f, flows.Commit{Event: "u1", Effects: []flows.Effect{late, soon, job("now", flows.EffectProcess, "CC0001")}})
			require.Equal(t, []string{"now"}, pulled(t, f))
			f.Clock.Advance(time.Second)
			require.Equal(t, []string{"now", "soon"}, pulled(t, f))
			f.Clock.Advance(48 * time.Hour)
			require.Equal(t, []string{"now", "soon", "late"}, pulled(t, f))
			require.NoError(t, f.Outbox.Drop(t.Context(), "now", "soon", "late"))
			require.Empty(t, pulled(t, f))
		}},
		{"screens and alerts do not come here", func(t *testing.T, f *Fixture) {
			save(t, f, flows.Commit{Event: "u1", Effects: []flows.Effect{show("s", actor, ""), {ID: "a", Kind: flows.EffectAlert}}})
			require.Empty(t, pulled(t, f))
			require.ElementsMatch(t, []string{"s", "a"}, drain(t, f))
		}},
		{"a waiting pull gets what is committed meanwhile", func(t *testing.T, f *Fixture) {
			got := make(chan []flows.Effect, 1)
			go func() {
				effects, err := f.Outbox.Pull(t.Context(), 10, time.Minute)
				if err != nil {
					effects = nil
				}
				got <- effects
			}()
			save(t, f, flows.Commit{Event: "u1", Effects: []flows.Effect{job("j", flows.EffectProcess, "CC0001")}})
			select {
			case effects := <-got:
				require.Len(t, effects, 1)
			case <-time.After(10 * time.Second):
				t.Fatal("the pull did not see it")
			}
		}},
		{"the end of the context ends a wait", func(t *testing.T, f *Fixture) {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			_, err := f.Outbox.Pull(ctx, 1, time.Hour)
			class(t, flows.Unavailable, err)
			_, _, err = f.Mailbox.Take(ctx, time.Hour, time.Second)
			class(t, flows.Unavailable, err)
		}},
	}
}
