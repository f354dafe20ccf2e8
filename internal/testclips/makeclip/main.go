// Command makeclip writes the reference recording to a file: half a minute of
// a phone's screen, about 120 MB. It is what the demo and the benchmark take
// when they are given none.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"clipcase/internal/testclips"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "makeclip:", err)
		os.Exit(1)
	}
}

func run() error {
	spec := testclips.Reference()
	out := flag.String("o", "recording.mp4", "file to write")
	flag.Float64Var(&spec.Seconds, "seconds", spec.Seconds, "length")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := os.MkdirAll(filepath.Dir(*out), 0o755); err != nil {
		return err
	}
	return testclips.Generate(ctx, spec, *out)
}
