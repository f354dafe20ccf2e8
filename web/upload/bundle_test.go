package upload_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"clipcase/internal/uploadtest"
	"clipcase/web/upload"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		// tusd lets the context of a request live on for ten seconds after it.
		goleak.IgnoreAnyFunction("github.com/tus/tusd/v2/pkg/handler.newDelayedContext.func1"))
}

// bundle is a service of uploads in a world in memory.
type bundle struct {
	t       *testing.T
	world   *uploadtest.World
	dir     string
	uploads *upload.Uploads
	server  *httptest.Server
	change  func(*upload.Config)
}

func start(t *testing.T) *bundle {
	t.Helper()
	b := &bundle{t: t, world: uploadtest.New(), dir: filepath.Join(t.TempDir(), "uploads")}
	b.restart()
	return b
}

// restart is a new process on the same folder and records.
func (b *bundle) restart() {
	b.t.Helper()
	if b.server != nil {
		b.server.Close()
	}
	u, handler, err := b.world.Start(b.dir, quiet(), b.change)
	require.NoError(b.t, err)
	b.uploads, b.server = u, httptest.NewServer(handler)
	b.t.Cleanup(b.server.Close)
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// run starts the sweep's loop; stop ends it.
func (b *bundle) run() (stop func(), done chan error) {
	ctx, cancel := context.WithCancel(b.t.Context())
	done = make(chan error, 1)
	go func() { done <- b.uploads.Run(ctx) }()
	return cancel, done
}

func (b *bundle) sweep() {
	b.t.Helper()
	require.NoError(b.t, b.uploads.Sweep(b.t.Context()))
}

// answer is what a request was answered.
type answer struct {
	status int
	header http.Header
	body   string
}

// ask sends a request of the protocol; pairs are header names and values, an empty
// value leaves the header out.
func (b *bundle) ask(method, path string, body io.Reader, pairs ...string) answer {
	b.t.Helper()
	got, err := b.try(b.t.Context(), method, path, body, pairs...)
	require.NoError(b.t, err)
	return got
}

func (b *bundle) try(ctx context.Context, method, path string, body io.Reader, pairs ...string) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, method, b.server.URL+path, body)
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("Tus-Resumable", "1.0.0")
	req.Header.Set("Upload-Grant", uploadtest.Mine)
	for i := 0; i+1 < len(pairs); i += 2 {
		req.Header.Set(pairs[i], pairs[i+1])
		if pairs[i+1] == "" {
			req.Header.Del(pairs[i])
		}
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	defer client.CloseIdleConnections()
	res, err := client.Do(req)
	if err != nil {
		return answer{}, err
	}
	raw, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	return answer{res.StatusCode, res.Header, string(raw)}, err
}

// meta is the header with what a browser says about a file.
func meta(pairs ...string) string {
	var parts []string
	for i := 0; i+1 < len(pairs); i += 2 {
		parts = append(parts, pairs[i]+" "+base64.StdEncoding.EncodeToString([]byte(pairs[i+1])))
	}
	return strings.Join(parts, ",")
}

// begin creates an upload of n bytes and gives its address.
func (b *bundle) begin(n int64, pairs ...string) string {
	b.t.Helper()
	got := b.ask("POST", "/files/", nil, append([]string{
		"Upload-Length", strconv.FormatInt(n, 10), "Upload-Metadata", meta("filename", "录屏.mp4", "filetype", "video/mp4"),
	}, pairs...)...)
	require.Equal(b.t, http.StatusCreated, got.status, got.body)
	at := got.header.Get("Location")
	require.Regexp(b.t, `^/files/[a-z2-7]{26}$`, at)
	return at
}

// patch sends bytes at an offset.
func (b *bundle) patch(at string, offset int, data []byte, pairs ...string) answer {
	b.t.Helper()
	return b.ask("PATCH", at, bytes.NewReader(data), append([]string{
		"Upload-Offset", strconv.Itoa(offset), "Content-Type", "application/offset+octet-stream",
	}, pairs...)...)
}

// offset is what HEAD says.
func (b *bundle) offset(at string) int {
	b.t.Helper()
	got := b.ask("HEAD", at, nil)
	require.Equal(b.t, http.StatusOK, got.status)
	n, err := strconv.Atoi(got.header.Get("Upload-Offset"))
	require.NoError(b.t, err)
	return n
}

// send uploads all of data in one go and gives the upload's id.
func (b *bundle) send(data []byte, pairs ...string) string {
	b.t.Helper()
	at := b.begin(int64(len(data)))
	require.Equal(b.t, http.StatusNoContent, b.patch(at, 0, data, pairs...).status)
	return strings.TrimPrefix(at, "/files/")
}

func (b *bundle) files() []string {
	b.t.Helper()
	entries, err := os.ReadDir(b.dir)
	require.NoError(b.t, err)
	names := []string{}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func sumOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// noise is n bytes without a pattern, the same in every run.
func noise(n int) []byte {
	out := make([]byte, n)
	x := uint32(2463534242)
	for i := range out {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
		out[i] = byte(x)
	}
	return out
}

func (b *bundle) size(name string) int64 {
	b.t.Helper()
	info, err := os.Stat(filepath.Join(b.dir, name))
	require.NoError(b.t, err)
	return info.Size()
}
