package entry

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
)

func TestTwoTapsAtOnceAreOne(t *testing.T) {
	t.Parallel()
	p := newRepeats(func() time.Time { return now })
	var n atomic.Int32
	begun, go1 := make(chan struct{}), make(chan struct{})
	do := func(ctx context.Context) outcome {
		n.Add(1)
		close(begun)
		<-go1
		return outcome{to: "/there", err: ctx.Err()}
	}
	left, leave := context.WithCancel(context.Background())
	first, second := make(chan outcome, 1), make(chan outcome, 1)
	go func() { first <- p.once(left, []string{"a"}, do) }()
	<-begun
	leave() // the browser forgets the first
	go func() { second <- p.once(context.Background(), []string{"a"}, do) }()
	gone, stop := context.WithCancel(context.Background())
	stop()
	require.Equal(t, flows.Unavailable, flows.ClassOf(p.once(gone, []string{"a"}, do).err), "nobody waits for ever")
	close(go1)
	require.Equal(t, outcome{to: "/there"}, <-first)
	require.Equal(t, outcome{to: "/there"}, <-second)
	require.Equal(t, int32(1), n.Load())
}

func TestWhatFailedMayBeTriedAgain(t *testing.T) {
	t.Parallel()
	p := newRepeats(func() time.Time { return now })
	fails := errors.New("fails")
	answer := func(err error) func(context.Context) outcome {
		return func(context.Context) outcome { return outcome{err: err} }
	}
	require.Equal(t, fails, p.once(t.Context(), []string{"a"}, answer(fails)).err)
	require.NoError(t, p.once(t.Context(), []string{"a"}, answer(nil)).err)
	require.NoError(t, p.once(t.Context(), []string{"a"}, answer(fails)).err, "done is done")
	require.Equal(t, fails, p.once(t.Context(), []string{"a", ""}, answer(fails)).err, "another key")
	require.Panics(t, func() { p.once(t.Context(), []string{"b"}, func(context.Context) outcome { panic("x") }) })
	require.NoError(t, p.once(t.Context(), []string{"b"}, answer(nil)).err, "nobody waits for what broke off")
}

func TestRepeatsAreForgotten(t *testing.T) {
	t.Parallel()
	at := now
	p := newRepeats(func() time.Time { return at })
	for i := range repeatsMost + 10 {
		o := p.once(t.Context(), []string{fmt.Sprint(i)}, func(context.Context) outcome { return outcome{to: fmt.Sprint(i)} })
		require.Equal(t, fmt.Sprint(i), o.to)
	}
	require.Len(t, p.made, repeatsMost)
	at = at.Add(repeatsKept + time.Second)
	p.once(t.Context(), []string{"x"}, func(context.Context) outcome { return outcome{} })
	require.Len(t, p.made, 1)
}
