package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/tus/tusd/v2/pkg/filestore"
	"github.com/tus/tusd/v2/pkg/handler"
	"github.com/tus/tusd/v2/pkg/memorylocker"
	expslog "golang.org/x/exp/slog"

	"clipcase/internal/uploadtest"
)

const part = 8 << 20 // bytes in a request, as the page sends them

func main() {
	size := flag.Int64("bytes", 512<<20, "size of one upload")
	runs := flag.Int("runs", 7, "uploads to each server; the first does not count")
	memory := flag.String("memory", "/dev/shm", "folder in memory")
	disk := flag.String("disk", os.TempDir(), "folder on the disk")
	flag.Parse()
	if err := measure(context.Background(), os.Stdout, *size, *runs, *memory, *disk); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func measure(ctx context.Context, out io.Writer, size int64, runs int, memory, disk string) error {
	body := make([]byte, part)
	if _, err := rand.NewChaCha8([32]byte{}).Read(body); err != nil {
		return err
	}
	say(out, "one upload: %d MB in parts of 8 MB, %d runs in turn, median\n", size/1e6, runs)
	for _, place := range []struct{ name, dir string }{{"in memory", memory}, {"on disk", disk}} {
		if _, err := os.Stat(place.dir); err != nil {
			say(out, "%-10s %v\n", place.name, err)
			continue
		}
		if err := compare(ctx, out, place.name, place.dir, body, size, runs); err != nil {
			return fmt.Errorf("%s: %w", place.name, err)
		}
	}
	return syncs(out, disk, body, size)
}

// compare uploads to both servers in turn and prints the median of the ratios.
func compare(ctx context.Context, out io.Writer, name, dir string, body []byte, size int64, runs int) error {
	dir, err := os.MkdirTemp(dir, "bench-upload")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }() // a folder of ours in a place for such
	bare, err := newBare(filepath.Join(dir, "bare"))
	if err != nil {
		return err
	}
	ours, err := newOurs(filepath.Join(dir, "ours"))
	if err != nil {
		return err
	}
	var ratios, speeds, bareSpeeds []float64
	for i := range runs {
		b, err := one(ctx, bare, filepath.Join(dir, "bare"), body, size)
		if err != nil {
			return fmt.Errorf("bare tusd: %w", err)
		}
		o, err := one(ctx, ours, filepath.Join(dir, "ours"), body, size)
		if err != nil {
			return fmt.Errorf("clipcase: %w", err)
		}
		if i > 0 {
			speeds, bareSpeeds, ratios = append(speeds, o), append(bareSpeeds, b), append(ratios, o/b)
		}
	}
	say(out, "%-10s clipcase %4.0f MB/s, bare tusd %4.0f MB/s, ratio %.2f (%.2f to %.2f)\n",
		name, median(speeds), median(bareSpeeds), median(ratios), slices.Min(ratios), slices.Max(ratios))
	return nil
}

func median(all []float64) float64 {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}

func newBare(dir string) (http.Handler, error) {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	composer := handler.NewStoreComposer()
	filestore.New(dir).UseIn(composer)
	memorylocker.New().UseIn(composer)
	tus, err := handler.NewHandler(handler.Config{
		StoreComposer: composer, BasePath: "/files/", Logger: expslog.New(expslog.NewTextHandler(io.Discard, nil)),
	})
	if err != nil {
		return nil, err
	}
	return http.StripPrefix("/files/", tus), nil
}

func newOurs(dir string) (http.Handler, error) {
	world := uploadtest.New()
	world.Limit(1<<50, 1<<30)
	_, h, err := world.Start(dir, slog.New(slog.DiscardHandler), nil)
	return h, err
}

// one uploads size bytes over loopback and gives MB (10⁶) in a second; what came
// is removed.
func one(ctx context.Context, h http.Handler, dir string, body []byte, size int64) (speed float64, err error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	server := &http.Server{Handler: h, ReadHeaderTimeout: time.Minute}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	transport := &http.Transport{}
	defer func() {
		transport.CloseIdleConnections()
		if serr := errors.Join(server.Close(), <-ended); !errors.Is(serr, http.ErrServerClosed) {
			err = errors.Join(err, serr)
		}
		err = errors.Join(err, empty(dir))
	}()

	at := "http://" + listener.Addr().String() + "/files/"
	begun := time.Now()
	made, err := ask(ctx, transport, http.MethodPost, at, nil, http.StatusCreated, "Upload-Length", strconv.FormatInt(size, 10))
	if err != nil {
		return 0, err
	}
	for offset := int64(0); offset < size; offset += part {
		n := min(part, size-offset)
		_, err := ask(ctx, transport, http.MethodPatch, made, body[:n], http.StatusNoContent,
			"Upload-Offset", strconv.FormatInt(offset, 10), "Content-Type", "application/offset+octet-stream")
		if err != nil {
			return 0, err
		}
	}
	return float64(size) / 1e6 / time.Since(begun).Seconds(), nil
}

func ask(ctx context.Context, by http.RoundTripper, method, url string, body []byte, want int, header ...string) (location string, err error) {
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	req.Header.Set("Tus-Resumable", "1.0.0")
	req.Header.Set("Upload-Grant", uploadtest.Mine)
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := by.RoundTrip(req)
	if err != nil {
		return "", err
	}
	if err := res.Body.Close(); err != nil {
		return "", err
	}
	if res.StatusCode != want {
		return "", fmt.Errorf("%s: %s", method, res.Status)
	}
	if at, err := res.Location(); err == nil {
		location = at.String()
	}
	return location, nil
}

// say prints one line of the result.
func say(out io.Writer, format string, args ...any) {
	_, _ = fmt.Fprintf(out, format, args...) // whoever reads may be gone
}

func empty(dir string) error {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		err = errors.Join(err, os.Remove(filepath.Join(dir, e.Name())))
	}
	return err
}

// syncs prints what it costs alone to have every part on disk before the next.
func syncs(out io.Writer, dir string, body []byte, size int64) (err error) {
	f, err := os.CreateTemp(dir, "bench-upload")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(f.Name())) }()
	var spent time.Duration
	parts := int64(0)
	for offset := int64(0); offset < size; offset += part {
		if _, err := f.Write(body); err != nil {
			return err
		}
		begun := time.Now()
		if err := f.Sync(); err != nil {
			return err
		}
		spent += time.Since(begun)
		parts++
	}
	say(out, "fsync      %.1f ms for each part of 8 MB, %.0f MB/s at most on this disk\n",
		float64(spent.Microseconds())/1e3/float64(parts), float64(size)/1e6/spent.Seconds())
	return nil
}
