package storage_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/internal/s3test"
	"clipcase/storage"
)

// bytesOf gives n bytes that follow from the seed.
func bytesOf(seed int64, n int) []byte {
	b := make([]byte, n)
	rand.New(rand.NewSource(seed)).Read(b)
	return b
}

func sidecarOf(exhibit string) flows.Sidecar {
	return flows.Sidecar{Case: "CC0001", Actor: "web:a", Chat: "web:a", Exhibit: exhibit}
}

func fetched(t *testing.T, b *storage.Blobs, key string) []byte {
	t.Helper()
	path, release, err := b.Stage(t.Context(), key)
	require.NoError(t, err)
	defer release()
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	return got
}

func TestS3LosesNothingWhenOneInTenRequestsFails(t *testing.T) {
	t.Parallel()
	server := s3test.New(t)
	proxy := s3test.NewProxy(t, server.Endpoint, 7)
	b, dir := openS3(t, server.Bucket("flaky", proxy.URL))
	proxy.Fail(0.10)
	sizes := []int{0, 1, 1000, 70_000, 3 << 20, 20 << 20} // the last one goes in parts
	keys := make([]string, 4*len(sizes))
	content := func(i int) []byte { return bytesOf(int64(i), sizes[i%len(sizes)]) }
	var wg sync.WaitGroup
	gate := make(chan struct{}, 4)
	for i := range keys {
		wg.Go(func() {
			gate <- struct{}{}
			defer func() { <-gate }()
			for { // as the job that stores it does
				stored, err := b.PutOriginal(t.Context(), sidecarOf(fmt.Sprint("e", i)), bytes.NewReader(content(i)))
				if err == nil {
					keys[i] = stored.Blob
					return
				}
				if flows.ClassOf(err) != flows.Unavailable {
					t.Errorf("%v", err)
					return
				}
			}
		})
	}
	wg.Wait()
	for i, key := range keys {
		require.Equal(t, sum(content(i)), sum(fetched(t, b, key)), i)
		r, _, err := b.Open(t.Context(), key)
		require.NoError(t, err)
		h := sha256.New()
		_, err = io.Copy(h, r)
		require.NoError(t, err)
		require.NoError(t, r.Close())
		require.Equal(t, sum(content(i)), hex.EncodeToString(h.Sum(nil)))
	}
	require.Empty(t, left(t, dir))
	require.Greater(t, proxy.Count("failed"), 10)
	t.Logf("%d PUT, %d GET, %d of all failed", proxy.Count("PUT"), proxy.Count("GET"), proxy.Count("failed"))
}

func sum(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

func TestS3GoneInTheMiddleLosesNothing(t *testing.T) {
	t.Parallel()
	server := s3test.New(t)
	proxy := s3test.NewProxy(t, server.Endpoint, 1)
	b, dir := openS3(t, server.Bucket("gone", proxy.URL))
	content := bytesOf(1, 20<<20)
	key := "cases/CC0001/originals/" + sum(content)

	var once sync.Once
	proxy.Before(func(r *http.Request) {
		if r.URL.Query().Get("partNumber") == "2" {
			once.Do(server.Kill)
		}
	})
	_, err := b.PutOriginal(t.Context(), sidecarOf("e1"), bytes.NewReader(content))
	require.Equal(t, flows.Unavailable, flows.ClassOf(err), "%v", err)
	require.Equal(t, []string{"unsent/" + strings.ReplaceAll(key, "/", "@")}, left(t, dir))
	kept, err := os.ReadFile(filepath.Join(dir, left(t, dir)[0]))
	require.NoError(t, err)
	require.Equal(t, sum(content), sum(kept), "what the server never got is still here")
	_, _, err = b.Open(t.Context(), key)
	require.Equal(t, flows.Unavailable, flows.ClassOf(err), "%v", err)
	_, _, err = b.Stage(t.Context(), key)
	require.Equal(t, flows.Unavailable, flows.ClassOf(err), "%v", err)

	server.Start()
	_, _, err = b.Open(t.Context(), key)
	require.Equal(t, flows.NotFound, flows.ClassOf(err), "half an upload is none: %v", err)
	stored, err := b.PutOriginal(t.Context(), sidecarOf("e1"), bytes.NewReader(content))
	require.NoError(t, err)
	require.Equal(t, key, stored.Blob)
	require.Empty(t, left(t, dir))
	require.Equal(t, sum(content), sum(fetched(t, b, key)))

	// In the middle of a download: it goes on where it was.
	r, size, err := b.Open(t.Context(), key)
	require.NoError(t, err)
	require.EqualValues(t, len(content), size)
	half := make([]byte, 4<<20)
	_, err = io.ReadFull(r, half)
	require.NoError(t, err)
	server.Kill()
	server.Start()
	rest, err := io.ReadAll(r)
	require.NoError(t, err)
	require.NoError(t, r.Close())
	require.Equal(t, sum(content), sum(append(half, rest...)))
}

func TestS3CopyStaysUntilItWasReadBack(t *testing.T) {
	t.Parallel()
	server := s3test.New(t)
	proxy := s3test.NewProxy(t, server.Endpoint, 1)
	b, dir := openS3(t, server.Bucket("altered", proxy.URL))
	proxy.Alter(true)
	_, err := b.PutOriginal(t.Context(), sidecarOf("e1"), strings.NewReader("recording"))
	require.Equal(t, flows.Unavailable, flows.ClassOf(err), "%v", err)
	require.Len(t, left(t, dir), 1)
	piece := filepath.Join(t.TempDir(), "piece")
	require.NoError(t, os.WriteFile(piece, []byte("piece"), 0o600))
	require.Error(t, b.PutPiece(t.Context(), "cases/CC0001/attempts/a/piece", piece))
	require.FileExists(t, piece)

	proxy.Alter(false)
	stored, err := b.PutOriginal(t.Context(), sidecarOf("e1"), strings.NewReader("recording"))
	require.NoError(t, err)
	require.Empty(t, left(t, dir))

	proxy.Alter(true)
	_, _, err = b.Stage(t.Context(), stored.Blob)
	require.Equal(t, flows.Internal, flows.ClassOf(err), "%v", err)
	require.Empty(t, left(t, dir))
	_, err = b.PutOriginal(t.Context(), sidecarOf("e2"), strings.NewReader("another"))
	require.Error(t, err)
	require.Len(t, left(t, dir), 1)
	require.NoError(t, b.DeletePrefix(t.Context(), "cases/CC0001"), "what was never sent goes with its case")
	require.Empty(t, left(t, dir))
}

func TestS3TellsWhatIsDamaged(t *testing.T) {
	t.Parallel()
	server := s3test.New(t)
	e := newEvidence(t)
	e.blobs, _ = openS3(t, server.Bucket("damaged", ""))
	stored := e.receive("CC0001", "tg:1", "e1", "original")
	other := e.receive("CC0001", "tg:1", "e2", "intact")
	require.NoError(t, os.WriteFile(filepath.Join(server.Folder, "damaged", stored.Blob), []byte("changed!"), 0o600))
	_, _, err := e.blobs.Stage(t.Context(), stored.Blob)
	require.Equal(t, flows.Internal, flows.ClassOf(err), "%v", err)
	require.Equal(t, "intact", string(fetched(t, e.blobs, other.Blob)))
	report := e.recover()
	require.Equal(t, []string{"CC0001"}, report.Rebuilt)
	require.Equal(t, []storage.Damaged{{Blob: stored.Blob, Why: "its hash is no longer its name"}}, report.Damaged)
}

func TestS3StagesOnceForAllWhoAskAtOneTime(t *testing.T) {
	t.Parallel()
	server := s3test.New(t)
	proxy := s3test.NewProxy(t, server.Endpoint, 1)
	b, dir := openS3(t, server.Bucket("shared", proxy.URL))
	stored, err := b.PutOriginal(t.Context(), sidecarOf("e1"), strings.NewReader("recording"))
	require.NoError(t, err)

	asked, goOn := make(chan struct{}), make(chan struct{})
	var once sync.Once
	proxy.Before(func(*http.Request) {
		once.Do(func() { close(asked); <-goOn })
	})
	reads := proxy.Count("GET")
	ctx, cancel := context.WithCancel(t.Context())
	first := make(chan error, 1)
	go func() { _, _, err := b.Stage(ctx, stored.Blob); first <- err }()
	<-asked // the first is on its way
	const others = 5
	paths, errs, releases := make([]string, others), make([]error, others), make([]func(), others)
	var wg sync.WaitGroup
	for i := range others {
		wg.Go(func() { paths[i], releases[i], errs[i] = b.Stage(t.Context(), stored.Blob) })
	}
	gone, giveUp := context.WithTimeout(t.Context(), time.Millisecond)
	defer giveUp()
	_, _, err = b.Stage(gone, stored.Blob)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	cancel() // and gives up
	require.ErrorIs(t, <-first, context.Canceled)
	close(goOn)
	wg.Wait()
	for i := range others {
		require.NoError(t, errs[i])
		require.Equal(t, paths[0], paths[i])
	}
	require.LessOrEqual(t, proxy.Count("GET")-reads, 2, "one for who gave up, one for all others")
	require.Len(t, left(t, dir), 1)
	for i := range others {
		require.FileExists(t, paths[i])
		releases[i]()
	}
	require.Empty(t, left(t, dir))
}

func TestS3SaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	server := s3test.New(t)
	answer := func(status int, code string) string {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, code)
		}))
		t.Cleanup(s.Close)
		return s.URL
	}
	xml := func(code string) string { return "<Error><Code>" + code + "</Code><Message>m</Message></Error>" }
	gone := httptest.NewServer(nil)
	gone.Close()
	server.Bucket("good", "")
	for name, c := range map[string]struct {
		url, text string
		class     flows.Class
	}{
		"bucket":      {server.URL("absent", ""), "storage.s3.bucket", flows.Invalid},
		"anonymous":   {server.URL("good", "") + "&anonymous=true", "storage.s3.right", flows.Invalid},
		"wrong key":   {server.URL("good", answer(403, xml("InvalidAccessKeyId"))), "storage.s3.key", flows.Invalid},
		"wrong sum":   {server.URL("good", answer(403, xml("SignatureDoesNotMatch"))), "storage.s3.key", flows.Invalid},
		"no right":    {server.URL("good", answer(403, xml("AccessDenied"))), "storage.s3.right", flows.Invalid},
		"region":      {server.URL("good", answer(301, xml("PermanentRedirect"))), "storage.s3.region", flows.Invalid},
		"clock":       {server.URL("good", answer(403, xml("RequestTimeTooSkewed"))), "storage.s3.clock", flows.Invalid},
		"unreachable": {server.URL("good", gone.URL), "storage.s3.reach", flows.Unavailable},
		"busy":        {server.URL("good", answer(503, xml("SlowDown"))), "storage.s3.reach", flows.Unavailable},
		"a web site":  {server.URL("good", answer(200, "<html>hello</html>")), "storage.s3.reach", flows.Unavailable},
	} {
		_, err := storage.OpenBlobs(t.Context(), storage.BlobConfig{URL: c.url, Dir: t.TempDir(), Wait: time.Millisecond})
		var told *flows.Error
		require.True(t, errors.As(err, &told), "%s: %v", name, err)
		require.Equal(t, c.text, told.Text.Key, "%s: %v", name, err)
		require.Equal(t, c.class, told.Class, "%s: %v", name, err)
		require.NotContains(t, err.Error(), s3test.SecretKey)
	}
}

func TestS3WithAWrongKey(t *testing.T) {
	server := s3test.New(t)
	url := server.Bucket("good", "")
	for _, c := range []struct{ id, secret, text string }{
		{"stranger", s3test.SecretKey, "storage.s3.key"}, {s3test.AccessKey, "wrong", "storage.s3.key"}, {"", "", "storage.url.no_key"},
	} {
		t.Setenv("AWS_ACCESS_KEY_ID", c.id)
		t.Setenv("AWS_SECRET_ACCESS_KEY", c.secret)
		_, err := storage.OpenBlobs(t.Context(), storage.BlobConfig{URL: url, Dir: t.TempDir(), Wait: time.Millisecond})
		var told *flows.Error
		require.True(t, errors.As(err, &told), "%v", err)
		require.Equal(t, c.text, told.Text.Key, "%v", err)
		require.Equal(t, flows.Invalid, told.Class)
	}
}
