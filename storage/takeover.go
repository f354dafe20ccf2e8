package storage

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/redis/go-redis/v9"
)

// An old server is looked at every takeOverStep. For askSteps of them it is asked
// over its socket to end, at the killStep it is killed.
const (
	takeOverStep = 50 * time.Millisecond
	askSteps     = 30
	killStep     = 80
)

// errLocked says that another process holds a lock.
var errLocked = errors.New("locked")

// lock takes an exclusive lock that ends with the last process that holds the
// open file, however it ends.
func lock(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		return f, nil
	}
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = errLocked
	}
	return nil, errors.Join(err, f.Close())
}

// takeOver returns the lock that the next redis-server will inherit. While an
// earlier one lives, left behind when its owner was killed, it holds that lock;
// it is ended first. So there are never two on one append-only file.
func (s *server) takeOver(ctx context.Context) (*os.File, error) {
	path := filepath.Join(s.dir, "redis.lock")
	held, err := lock(path)
	if !errors.Is(err, errLocked) {
		return held, err
	}
	s.log.Warn("a private Redis outlived its clipcase; it is ended first")
	again := time.NewTicker(takeOverStep)
	defer again.Stop()
	asked := false
	for step := range int(stopTime / takeOverStep) {
		switch {
		case step < askSteps && step%10 == 0 && !asked:
			asked = s.askToEnd(ctx)
		case step == askSteps && !asked:
			s.endByPid(ctx, syscall.SIGTERM)
		case step == killStep: // it loses nothing: every write is on disk before its answer
			s.endByPid(ctx, syscall.SIGKILL)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-again.C:
		}
		held, err = lock(path)
		if !errors.Is(err, errLocked) {
			return held, err
		}
	}
	return nil, fmt.Errorf("a redis-server (pid %d) still holds %s and does not end: end it by hand", s.pid(), s.dir)
}

// askToEnd ends the server that answers on the recorded socket, if it is the one
// of the pid file. It says whether it did.
func (s *server) askToEnd(ctx context.Context) bool {
	recorded, err := os.ReadFile(s.record())
	if err != nil {
		return false
	}
	client := oneConnection(firstLine(string(recorded)))
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	info, err := client.Info(ctx, "server").Result()
	if err := errors.Join(err, client.Close()); err != nil {
		return false
	}
	pid, err := strconv.Atoi(parseInfo(info)["process_id"])
	if err != nil || pid != s.pid() {
		return false
	}
	return syscall.Kill(pid, syscall.SIGTERM) == nil
}

// oneConnection is a client that tries once.
func oneConnection(socket string) *redis.Client {
	return redis.NewClient(&redis.Options{
		Network: "unix", Addr: socket, MaxRetries: -1, DialerRetries: 1, PoolSize: 1,
		ContextTimeoutEnabled: true, DisableIdentity: true,
	})
}

// endByPid signals the process of the pid file if it is a Redis on this folder.
func (s *server) endByPid(ctx context.Context, sig syscall.Signal) {
	pid := s.pid()
	if pid <= 1 {
		return
	}
	recorded, err := os.ReadFile(s.record())
	if err != nil || !strings.Contains(commandOf(ctx, pid), firstLine(string(recorded))) {
		return // the number belongs to somebody else by now
	}
	err = syscall.Kill(pid, sig)
	s.log.Warn("the old private Redis does not answer and is signalled",
		slog.Int("pid", pid), slog.String("signal", sig.String()), slog.Any("error", err))
}

// commandOf is the command line of a process; "" = unknown. redis-server shows
// its socket in it.
func commandOf(ctx context.Context, pid int) string {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err == nil {
		return string(text)
	}
	text, err = exec.CommandContext(ctx, "ps", "-o", "command=", "-p", strconv.Itoa(pid)).Output()
	if err != nil {
		return ""
	}
	return string(text)
}

// findServer finds the program of the private Redis.
func findServer(name string) (string, error) {
	names := []string{"redis-server", "valkey-server"}
	if name != "" {
		names = []string{name}
	}
	for _, n := range names {
		if path, err := exec.LookPath(n); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("no %s found: install Redis (Debian, Ubuntu: apt-get install redis-server; macOS: brew install redis), or set REDIS_URL", strings.Join(names, " or "))
}
