package storage_test

import (
	"fmt"
	"log/slog"
	"os"
	"sync/atomic"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"clipcase/internal/s3test"
	"clipcase/storage"
	"clipcase/storage/storagetest"
)

func TestMain(m *testing.M) {
	if child() {
		return
	}
	for name, value := range map[string]string{
		"AWS_ACCESS_KEY_ID": s3test.AccessKey, "AWS_SECRET_ACCESS_KEY": s3test.SecretKey,
		"AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull, "AWS_EC2_METADATA_DISABLED": "true",
	} {
		if err := os.Setenv(name, value); err != nil {
			panic(err)
		}
	}
	goleak.VerifyTestMain(m)
}

// counter gives tokens that do not repeat in this process.
func counter() func() string {
	var n atomic.Int64
	return func() string { return fmt.Sprintf("id%d", n.Add(1)) }
}

func config(t testing.TB, clock *storagetest.Clock) storage.Config {
	return storage.Config{
		DataDir: t.TempDir(), Log: slog.New(slog.DiscardHandler), Clock: clock.Now, IDs: counter(),
	}
}

func open(t testing.TB, cfg storage.Config) *storage.Redis {
	t.Helper()
	r, err := storage.Open(t.Context(), cfg)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, r.Close()) })
	return r
}

func openBlobs(t testing.TB, dir string) *storage.Blobs {
	t.Helper()
	b, err := storage.OpenBlobs(t.Context(), storage.BlobConfig{URL: dir, Reserve: 1})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, b.Close()) })
	return b
}

func fixture(t *testing.T, proxy *storagetest.Proxy) *storagetest.Fixture {
	clock := storagetest.NewClock()
	cfg := config(t, clock)
	cfg.RedisURL = proxy.URL
	r := open(t, cfg)
	blobs := openBlobs(t, t.TempDir())
	losses := 0
	t.Cleanup(func() { require.Equal(t, losses, proxy.Lost(), "an answer that should get lost was not") })
	return &storagetest.Fixture{
		Cases: r.Cases(), Outbox: r.Outbox(), Mailbox: r.Mailbox(), Ledger: r.Ledger(), Notes: r.Notes(),
		Progress: r.Progress(), Gate: r.Gate(blobs.Usage), Blobs: blobs, Doors: r.Doors(), Clock: clock,
		LoseReply: func() { losses++; proxy.LoseReply() },
	}
}

func TestSuiteOnMiniredis(t *testing.T) {
	t.Parallel()
	storagetest.Suite(t, func(t *testing.T) *storagetest.Fixture {
		return fixture(t, storagetest.NewProxy(t, "tcp", miniredis.RunT(t).Addr()))
	})
}

func TestSuiteOnRedis(t *testing.T) {
	t.Parallel()
	server := open(t, config(t, storagetest.NewClock()))
	storagetest.Suite(t, func(t *testing.T) *storagetest.Fixture {
		require.NoError(t, server.Client().FlushAll(t.Context()).Err())
		return fixture(t, storagetest.NewProxy(t, "unix", server.Socket()))
	})
}
