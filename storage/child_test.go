package storage_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/storage"
	"clipcase/storage/storagetest"
)

const childFolder = "STORAGE_TEST_FOLDER"

// child is the second process of a test: it opens the private Redis in a folder,
// commits a case, says so and waits to be killed.
func child() bool {
	dir := os.Getenv(childFolder)
	if dir == "" {
		return false
	}
	ctx, clock := context.Background(), storagetest.NewClock()
	r, err := storage.Open(ctx, storage.Config{
		DataDir: dir, Log: slog.New(slog.DiscardHandler), Clock: clock.Now, IDs: counter(),
	})
	if err != nil {
		say("failed:", err)
		return true
	}
	c := &flows.Case{ID: "CC0001", Actor: "tg:42", Statement: "committed"}
	outcome, err := r.Cases().Commit(ctx, flows.Commit{Event: "u1", Case: c, Now: clock.Now()})
	say("committed", outcome, err)
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		return true
	}
	return true
}

// say writes a line to the test that started this process.
func say(what ...any) {
	if _, err := fmt.Fprintln(os.Stdout, what...); err != nil {
		panic(err)
	}
}

// startChild runs child on dir and kills it, as kill -9 does, when kill is
// called.
func startChild(t *testing.T, dir string) (kill func()) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childFolder+"="+dir)
	_, err := cmd.StdinPipe() // open until the end
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "committed 0 <nil>\n", line)
	return func() {
		require.NoError(t, cmd.Process.Kill())
		require.Error(t, cmd.Wait())
	}
}
