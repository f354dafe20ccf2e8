package storage_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/storage"
	"clipcase/storage/storagetest"
)

func TestOutageIsUnavailableAndPasses(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	cfg := config(t, storagetest.NewClock())
	cfg.RedisURL = "redis://" + server.Addr()
	r := open(t, cfg)

	ctx, cancel := context.WithCancel(t.Context())
	heard, ended := make(chan string, 100), make(chan error, 1)
	go func() {
		ended <- r.Progress().Watch(ctx, func(_ string, p flows.WorkProgress) { heard <- p.Step })
	}()

	server.Close()
	for name, try := range map[string]func(context.Context) error{
		"load":   func(ctx context.Context) error { _, err := r.Cases().Load(ctx, "tg:42", time.Now()); return err },
		"case":   func(ctx context.Context) error { _, err := r.Cases().Case(ctx, "CC0001"); return err },
		"commit": func(ctx context.Context) error { _, err := r.Cases().Commit(ctx, flows.Commit{}); return err },
		"pull":   func(ctx context.Context) error { _, err := r.Outbox().Pull(ctx, 1, 0); return err },
		"take":   func(ctx context.Context) error { _, _, err := r.Mailbox().Take(ctx, 0, time.Second); return err },
		"ledger": func(ctx context.Context) error { _, err := r.Ledger().Begin(ctx, "CC0001:x:0", "head"); return err },
		"redeem": func(ctx context.Context) error { return r.Gate(nil).Redeem(ctx, "code", "tg:42", time.Now()) },
		"queue":  func(ctx context.Context) error { _, err := r.Gate(nil).Queue(ctx); return err },
		"ping":   r.Ping,
	} {
		short, stop := context.WithTimeout(t.Context(), 300*time.Millisecond)
		err := try(short)
		stop()
		require.Equal(t, flows.Unavailable, flows.ClassOf(err), "%s: %v", name, err)
	}

	require.NoError(t, server.Restart())
	back := time.Now()
	require.Eventually(t, func() bool { return r.Ping(t.Context()) == nil }, 10*time.Second, 10*time.Millisecond)
	require.Eventually(t, func() bool { // whoever watches hears again, too
		r.Progress().Publish(t.Context(), "tg:42", flows.WorkProgress{Case: "CC0001", Step: "render"})
		return len(heard) > 0
	}, 10*time.Second, 50*time.Millisecond)
	require.Less(t, time.Since(back), 10*time.Second)
	cancel()
	require.NoError(t, <-ended)
}

func TestStatesOfRedisAreUnavailable(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	cfg := config(t, storagetest.NewClock())
	cfg.RedisURL = "redis://" + server.Addr() + "?max_retries=-1"
	r := open(t, cfg)
	for answer, want := range map[string]flows.Class{
		"LOADING Redis is loading the dataset in memory":       flows.Unavailable,
		"READONLY You can't write against a read only replica": flows.Unavailable,
		"MISCONF Errors writing to the AOF file":               flows.Unavailable,
		"OOM command not allowed when used memory > maxmemory": flows.Unavailable,
		"BUSY Redis is busy running a script":                  flows.Unavailable,
		"WRONGTYPE Operation against a key":                    flows.Internal,
		"ERR syntax error":                                     flows.Internal,
	} {
		server.SetError(answer)
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		_, err := r.Cases().ReserveCase(ctx)
		cancel()
		require.Equal(t, want, flows.ClassOf(err), "%s: %v", answer, err)
	}
	server.SetError("")
}

func TestPoliciesTellAnEvictingRedis(t *testing.T) {
	t.Parallel()
	server := open(t, config(t, storagetest.NewClock()))
	require.NoError(t, server.Client().ConfigSet(t.Context(), "maxmemory-policy", "allkeys-lru").Err())
	require.NoError(t, server.Client().ConfigSet(t.Context(), "appendonly", "no").Err())
	cfg := config(t, storagetest.NewClock())
	cfg.RedisURL = "unix://" + server.Socket()
	aof, eviction, _, err := open(t, cfg).Policies(t.Context())
	require.NoError(t, err)
	require.False(t, aof)
	require.Equal(t, "allkeys-lru", eviction)
}

func TestBadAddressesAreRefusedWithoutThePassword(t *testing.T) {
	t.Parallel()
	for _, url := range []string{
		"http://:hunter2@127.0.0.1", "redis://:hunter2@127.0.0.1:notaport", "redis://:hunter2@[::1", "redis://:hunter2@127.0.0.1:1/x",
		"redis+sentinel://:hunter2@127.0.0.1:1", "redis://:hunter2@127.0.0.1:1?nonsense=1",
	} {
		cfg := config(t, storagetest.NewClock())
		cfg.RedisURL = url
		_, err := storage.Open(t.Context(), cfg)
		require.Error(t, err, url)
		require.NotContains(t, err.Error(), "hunter2")
		require.Contains(t, err.Error(), "REDIS_URL", url)
	}
	cfg := config(t, storagetest.NewClock())
	cfg.RedisURL = "redis://:hunter2@127.0.0.1:1"
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err := storage.Open(ctx, cfg)
	require.Equal(t, flows.Unavailable, flows.ClassOf(err))
	require.False(t, strings.Contains(err.Error(), "hunter2"))
}
