package storage_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/storage/storagetest"
)

// BenchmarkCommit is one step of a conversation on the private Redis, each synced
// to disk before it is answered.
func BenchmarkCommit(b *testing.B) {
	clock := storagetest.NewClock()
	r := open(b, config(b, clock))
	s := &flows.Session{Actor: "tg:42"}
	for b.Loop() {
		outcome, err := r.Cases().Commit(b.Context(), flows.Commit{
			Event: fmt.Sprint("u", s.Revision), Session: s, Now: clock.Now(),
			Effects: []flows.Effect{{Kind: flows.EffectShow, Chat: "tg:42", Slot: "step", Screen: &flows.Screen{}}},
		})
		require.NoError(b, err)
		require.Equal(b, flows.Saved, outcome)
		s.Revision++
	}
}

// BenchmarkIdle is a look at an empty outbox and an empty mailbox.
func BenchmarkIdle(b *testing.B) {
	r := open(b, config(b, storagetest.NewClock()))
	for b.Loop() {
		_, err := r.Outbox().Pull(b.Context(), 10, 0)
		require.NoError(b, err)
		_, _, err = r.Mailbox().Take(b.Context(), 0, time.Minute)
		require.NoError(b, err)
	}
}
