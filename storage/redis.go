package storage

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// Config says which Redis to use and what to use it with.
type Config struct {
	// RedisURL is redis://, rediss:// (TLS), unix://, or redis+sentinel:// and
	// rediss+sentinel:// with ?master_name=… and more addr=host:port. "" = a
	// private redis-server in DataDir.
	RedisURL string
	// DataDir holds the private Redis; created with mode 0700 if missing.
	DataDir string
	// RedisServer is the program for the private Redis; "" = redis-server, or
	// else valkey-server, in PATH.
	RedisServer string

	Log   *slog.Logger
	Clock func() time.Time
	// IDs gives tokens that never repeat, also not over restarts.
	IDs func() string
	// Random is the source of secrets; nil = crypto/rand.
	Random io.Reader

	// SessionTTL is how long the conversation of someone who does not come back
	// is kept: longer than cases are; 0 = 60 days.
	SessionTTL time.Duration
}

// Redis is one connection pool and, when it is private, the server behind it.
// The parts (Cases, Outbox, Mailbox, …) share it and need no closing of their own.
type Redis struct {
	cfg     Config
	client  *redis.Client
	private *server       // nil = someone else's Redis
	slow    chan struct{} // holds as many as slow hashes are made at once
	close   sync.Once
	closed  error
}

// Open connects, starting the private Redis if cfg names none. It fails if Redis
// cannot be reached, and if another process already uses DataDir.
func Open(ctx context.Context, cfg Config) (*Redis, error) {
	if cfg.Log == nil || cfg.Clock == nil || cfg.IDs == nil {
		return nil, errors.New("storage: Config needs Log, Clock and IDs")
	}
	if cfg.Random == nil {
		cfg.Random = rand.Reader
	}
	if cfg.SessionTTL <= 0 {
		cfg.SessionTTL = 60 * 24 * time.Hour
	}
	redis.SetLogger(driverLog{cfg.Log})
	r := &Redis{cfg: cfg, slow: make(chan struct{}, slowAtOnce)}
	url := cfg.RedisURL
	if url == "" {
		private, err := startServer(ctx, cfg)
		if err != nil {
			return nil, err
		}
		r.private = private
		url = "unix://" + private.socket
	}
	client, err := connect(url)
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	r.client = client
	if err := client.Ping(ctx).Err(); err != nil {
		return nil, errors.Join(fail("reach Redis", err), r.Close())
	}
	if r.private != nil { // its only user: what an earlier process had in hand when it died need not wait
		if err := r.Mailbox().free(ctx); err != nil {
			return nil, errors.Join(err, r.Close())
		}
	}
	return r, nil
}

// OpenBeside is Open for a program that works beside the service: where a running
// clipcase has the private Redis of DataDir, that one is used and left running.
func OpenBeside(ctx context.Context, cfg Config) (*Redis, error) {
	r, err := Open(ctx, cfg)
	var busy *inUse
	if !errors.As(err, &busy) {
		return r, err
	}
	s := &server{dir: filepath.Join(busy.dir, "redis")}
	socket, gone := os.ReadFile(s.record())
	if gone != nil {
		return nil, err // it is just starting, or ending
	}
	cfg.RedisURL = "unix://" + firstLine(string(socket))
	return Open(ctx, cfg)
}

// Client is the shared pool, for asynq; it is closed by Close.
func (r *Redis) Client() redis.UniversalClient { return r.client }

// Close ends the connections, then the private Redis, and waits for it. It may
// be called again.
func (r *Redis) Close() error {
	r.close.Do(func() {
		if r.client != nil {
			r.closed = r.client.Close()
		}
		if r.private != nil {
			r.closed = errors.Join(r.closed, r.private.stop())
		}
	})
	return r.closed
}

// Private says whether the Redis is our own.
func (r *Redis) Private() bool { return r.private != nil }

// Policies reads the settings that losing data depends on: whether every write
// goes to the append-only file, and what happens when memory is full (anything
// but "noeviction" silently deletes). A setting that cannot be read is false or "".
func (r *Redis) Policies(ctx context.Context) (aof bool, eviction, version string, err error) {
	text, err := r.client.Info(ctx).Result()
	if err != nil {
		return false, "", "", fail("read Redis settings", err)
	}
	info := parseInfo(text)
	return info["aof_enabled"] == "1", info["maxmemory_policy"], info["redis_version"], nil
}

// Ping says whether Redis answers.
func (r *Redis) Ping(ctx context.Context) error {
	return fail("reach Redis", r.client.Ping(ctx).Err())
}

// scrub makes the private Redis write its append-only file anew, without what was
// deleted. Other people's Redis does so when its operator likes.
func (r *Redis) scrub(ctx context.Context) error {
	if r.private == nil {
		return nil
	}
	err := r.client.BgRewriteAOF(ctx).Err()
	if err != nil && strings.Contains(err.Error(), "already in progress") {
		return nil
	}
	return fail("write the append-only file anew", err)
}

// secret gives n random bytes.
func (r *Redis) secret(n int) ([]byte, error) {
	b := make([]byte, n)
	if _, err := io.ReadFull(r.cfg.Random, b); err != nil {
		return nil, fmt.Errorf("random bytes: %w", err)
	}
	return b, nil
}

func (r *Redis) now() int64 { return r.cfg.Clock().UnixMilli() }

// driverLog takes what go-redis says. Whatever matters of it also comes back as
// an error, so it is for debugging only.
type driverLog struct{ log *slog.Logger }

// Printf is go-redis' way to log.
func (l driverLog) Printf(ctx context.Context, format string, v ...any) {
	l.log.DebugContext(ctx, "redis driver", slog.String("says", fmt.Sprintf(format, v...)))
}

func parseInfo(text string) map[string]string {
	info := map[string]string{}
	for _, line := range strings.Split(text, "\n") {
		if key, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			info[key] = value
		}
	}
	return info
}

// Socket is the path of the private Redis; "" = someone else's Redis.
func (r *Redis) Socket() string {
	if r.private == nil {
		return ""
	}
	return r.private.socket
}
