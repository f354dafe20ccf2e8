package storage_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/storage"
	"clipcase/storage/storagetest"
)

// pidOf is the process of the private Redis in a data folder.
func pidOf(t *testing.T, dir string) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "redis", "redis.pid"))
	require.NoError(t, err)
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	require.NoError(t, err)
	return pid
}

// alive says whether a process runs; one that only waits to be reaped does not.
func alive(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err != nil || !strings.Contains(string(stat), ") Z ")
}

func mustSave(t *testing.T, r *storage.Redis, id string) {
	t.Helper()
	c := &flows.Case{ID: id, Actor: "tg:42"}
	outcome, err := r.Cases().Commit(t.Context(), flows.Commit{Event: "of-" + id, Case: c, Now: time.Unix(1e9, 0)})
	require.NoError(t, err)
	require.Equal(t, flows.Saved, outcome)
}

func TestPrivateStartsKeepsAndStops(t *testing.T) {
	t.Parallel()
	cfg := config(t, storagetest.NewClock())
	r, err := storage.Open(t.Context(), cfg)
	require.NoError(t, err)
	require.True(t, r.Private())
	aof, eviction, version, err := r.Policies(t.Context())
	require.NoError(t, err)
	require.True(t, aof)
	require.Equal(t, "noeviction", eviction)
	require.NotEmpty(t, version)
	mustSave(t, r, "CC0001")

	pid := pidOf(t, cfg.DataDir)
	group, err := syscall.Getpgid(pid)
	require.NoError(t, err)
	require.NotEqual(t, syscall.Getpgrp(), group, "a Ctrl-C for us must not end it first")
	info, err := os.Stat(filepath.Join(cfg.DataDir, "redis"))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o700), info.Mode().Perm())

	for range 2 {
		require.NoError(t, r.Close())
		require.False(t, alive(pid))
		require.NoFileExists(t, r.Socket())
	}
	again := open(t, cfg)
	_, err = again.Cases().Case(t.Context(), "CC0001")
	require.NoError(t, err)
}

// Who opens the private Redis is its only user: what an earlier process held when
// it was killed, and the Redis with it, is handed on at once.
func TestClaimsEndWithTheirProcess(t *testing.T) {
	t.Parallel()
	cfg := config(t, storagetest.NewClock())
	r, err := storage.Open(t.Context(), cfg)
	require.NoError(t, err)
	effects := []flows.Effect{}
	for _, id := range []string{"a1", "a2", "b1"} {
		effects = append(effects, flows.Effect{ID: id, Kind: flows.EffectShow, Chat: "tg:" + id[:1]})
	}
	_, err = r.Cases().Commit(t.Context(), flows.Commit{Event: "e", Effects: effects, Now: cfg.Clock()})
	require.NoError(t, err)
	held := map[string]flows.Letter{}
	for range 2 {
		l, ok, err := r.Mailbox().Take(t.Context(), 0, time.Hour)
		require.NoError(t, err)
		require.True(t, ok)
		held[l.ID] = l
	}
	require.NoError(t, r.Mailbox().Begin(t.Context(), held["a1"]))
	require.NoError(t, syscall.Kill(pidOf(t, cfg.DataDir), syscall.SIGKILL))
	require.NoError(t, r.Close())

	again := open(t, cfg)
	for _, want := range []struct {
		id    string
		begun bool
	}{{"a1", true}, {"a2", false}, {"b1", false}} {
		l, ok, err := again.Mailbox().Take(t.Context(), 0, time.Hour)
		require.NoError(t, err)
		require.True(t, ok, "the chat of %s waits for a sender that is gone", want.id)
		require.Equal(t, want.id, l.ID)
		require.Equal(t, want.begun, l.Begun)
		require.NoError(t, again.Mailbox().Begin(t.Context(), l))
		require.NoError(t, again.Mailbox().Sent(t.Context(), l))
	}
}

func TestSecondOpenOfAFolderIsRefused(t *testing.T) {
	t.Parallel()
	cfg := config(t, storagetest.NewClock())
	r := open(t, cfg)
	_, err := storage.Open(t.Context(), cfg)
	require.ErrorContains(t, err, "another clipcase already uses the data folder "+cfg.DataDir)
	require.NoError(t, r.Ping(t.Context()))
}

func TestKilledRedisIsBackWithoutLoss(t *testing.T) {
	t.Parallel()
	cfg := config(t, storagetest.NewClock())
	r := open(t, cfg)
	n := 0
	for round := range 3 {
		for range 20 {
			n++
			mustSave(t, r, fmt.Sprintf("CC%04d", n))
		}
		pid := pidOf(t, cfg.DataDir)
		require.NoError(t, syscall.Kill(pid, syscall.SIGKILL))
		// Nobody restarts anything: the next commit waits it out or fails as Unavailable.
		require.Eventually(t, func() bool {
			id, err := r.Cases().ReserveCase(t.Context())
			if err != nil {
				require.Equal(t, flows.Unavailable, flows.ClassOf(err), err)
				return false
			}
			return id != ""
		}, 10*time.Second, 10*time.Millisecond, "round %d", round)
		for i := 1; i <= n; i++ {
			_, err := r.Cases().Case(t.Context(), fmt.Sprintf("CC%04d", i))
			require.NoError(t, err)
		}
	}
}

func TestOrphanIsEndedAndItsDataKept(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name  string
		maim  func(t *testing.T, pid int, dir string)
		heals bool
	}{
		{"answering", func(*testing.T, int, string) {}, true},
		{"without its socket", func(t *testing.T, _ int, dir string) {
			require.NoError(t, os.Remove(filepath.Join(dir, "redis", "redis.sock")))
		}, true},
		{"stopped", func(t *testing.T, pid int, _ string) {
			require.NoError(t, syscall.Kill(pid, syscall.SIGSTOP))
		}, true},
		{"unknown", func(t *testing.T, _ int, dir string) {
			require.NoError(t, os.Remove(filepath.Join(dir, "redis", "redis.pid")))
		}, false},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			cfg := config(t, storagetest.NewClock())
			kill := startChild(t, cfg.DataDir)
			orphan := pidOf(t, cfg.DataDir)
			t.Cleanup(func() { // whatever failed, it does not outlive the test
				if alive(orphan) {
					require.NoError(t, syscall.Kill(orphan, syscall.SIGKILL))
				}
			})
			_, err := storage.Open(t.Context(), cfg)
			require.ErrorContains(t, err, "another clipcase", "its owner still lives")
			kill()
			require.True(t, alive(orphan))
			row.maim(t, orphan, cfg.DataDir)

			if !row.heals { // never two on one file: rather none
				ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
				defer cancel()
				_, err := storage.Open(ctx, cfg)
				require.Error(t, err)
				return
			}
			r := open(t, cfg)
			require.False(t, alive(orphan))
			require.NotEqual(t, orphan, pidOf(t, cfg.DataDir))
			got, err := r.Cases().Case(t.Context(), "CC0001")
			require.NoError(t, err)
			require.Equal(t, "committed", got.Statement)
		})
	}
}

func TestForgottenWordsLeaveTheDisk(t *testing.T) {
	t.Parallel()
	cfg := config(t, storagetest.NewClock())
	r := open(t, cfg)
	const words = "unmistakable-words-of-a-person"
	c := &flows.Case{ID: "CC0001", Actor: "tg:42", Statement: words}
	_, err := r.Cases().Commit(t.Context(), flows.Commit{Event: "u1", Case: c, Now: time.Unix(1e9, 0)})
	require.NoError(t, err)
	onDisk := func() bool {
		files, err := filepath.Glob(filepath.Join(cfg.DataDir, "redis", "appendonlydir", "*"))
		require.NoError(t, err)
		require.NotEmpty(t, files)
		for _, path := range files {
			if body, err := os.ReadFile(path); err == nil && strings.Contains(string(body), words) {
				return true
			}
		}
		return false
	}
	require.True(t, onDisk())
	require.NoError(t, r.Cases().Forget(t.Context(), "CC0001"))
	require.Eventually(t, func() bool { return !onDisk() }, 20*time.Second, 50*time.Millisecond)
}

func TestLongFolderGetsAShortSocket(t *testing.T) {
	t.Parallel()
	cfg := config(t, storagetest.NewClock())
	cfg.DataDir = filepath.Join(cfg.DataDir, strings.Repeat("长 folder'\"$", 10))
	r, err := storage.Open(t.Context(), cfg)
	require.NoError(t, err)
	mustSave(t, r, "CC0001")
	require.LessOrEqual(t, len(r.Socket()), 103)
	info, err := os.Stat(filepath.Dir(r.Socket()))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o700), info.Mode().Perm())
	require.NoError(t, r.Close())
	require.NoDirExists(t, filepath.Dir(r.Socket()))
	_, err = open(t, cfg).Cases().Case(t.Context(), "CC0001")
	require.NoError(t, err)
}

func TestPrivateThatCannotStartSaysWhy(t *testing.T) {
	t.Parallel()
	cfg := config(t, storagetest.NewClock())
	cfg.RedisServer = filepath.Join(cfg.DataDir, "absent")
	_, err := storage.Open(t.Context(), cfg)
	require.ErrorContains(t, err, "install Redis")

	cfg.RedisServer = "false"
	_, err = storage.Open(t.Context(), cfg)
	require.ErrorContains(t, err, "the private Redis")

	cfg.RedisServer = ""
	broken := filepath.Join(cfg.DataDir, "redis", "appendonlydir")
	require.NoError(t, os.WriteFile(broken, []byte("not a folder"), 0o600))
	_, err = storage.Open(t.Context(), cfg)
	require.ErrorContains(t, err, "appendonlydir", "the last words of its log")

	require.NoError(t, os.Remove(broken)) // and all of that left nothing behind
	require.NoError(t, open(t, cfg).Ping(t.Context()))
}
