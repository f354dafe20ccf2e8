package stamp_test

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows/dossier/stamp"
	"clipcase/internal/tsatest"
)

func asker(t *testing.T, urls ...string) *stamp.Asker {
	t.Helper()
	a, err := stamp.New(stamp.Config{URLs: urls, Random: rand.Reader, Timeout: 10 * time.Second}, &http.Client{})
	require.NoError(t, err)
	return a
}

func TestStampsHoldForOpenssl(t *testing.T) {
	t.Parallel()
	tsa := tsatest.New(t, "Test Authority")
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	require.NoError(t, os.WriteFile(data, []byte("what was stamped"), 0o600))
	digest := sha256.Sum256([]byte("what was stamped"))
	s, err := asker(t, tsa.URL).Ask(t.Context(), tsa.URL, digest[:])
	require.NoError(t, err)
	require.Equal(t, "CN=Test Authority", s.Token.Authority)
	require.Equal(t, "Test Authority", s.Token.Name)
	require.WithinDuration(t, time.Now(), s.Token.Time, time.Minute)
	require.Len(t, s.Token.Root, 64)
	require.False(t, s.Token.Trusted)

	require.NoError(t, os.WriteFile(filepath.Join(dir, "tsr"), s.Reply, 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "pem"), s.Chain, 0o600))
	for _, ca := range []string{tsa.Root, filepath.Join(dir, "pem")} {
		said, err := exec.Command("openssl", "ts", "-verify", "-data", data, "-in", filepath.Join(dir, "tsr"), "-CAfile", ca).CombinedOutput()
		require.NoError(t, err, "%s", said)
	}
	roots := x509.NewCertPool()
	raw, err := os.ReadFile(tsa.Root)
	require.NoError(t, err)
	require.True(t, roots.AppendCertsFromPEM(raw))
	token, err := stamp.Check(s.Reply, roots)
	require.NoError(t, err)
	require.True(t, token.Trusted)
	token, err = stamp.Check(s.Reply, x509.NewCertPool())
	require.NoError(t, err)
	require.False(t, token.Trusted)

	// No change of any byte makes it say something else and hold.
	for i := range s.Reply {
		spoilt := bytes.Clone(s.Reply)
		spoilt[i] ^= 1 << (i % 8)
		if token, err := stamp.Check(spoilt, nil); err == nil {
			require.Equal(t, digest[:], token.Digest, "byte %d", i)
			require.Equal(t, s.Token.Time, token.Time, "byte %d", i)
			require.Equal(t, s.Token.Authority, token.Authority, "byte %d", i)
		}
	}
	for length := range s.Reply {
		_, err := stamp.Check(s.Reply[:length], nil)
		require.Error(t, err)
	}
}

func TestAnswersThatAreNone(t *testing.T) {
	t.Parallel()
	good := tsatest.New(t, "A")
	one, other := sha256.Sum256([]byte("one")), sha256.Sum256([]byte("other"))
	kept, err := asker(t, good.URL).Ask(t.Context(), good.URL, other[:])
	require.NoError(t, err)
	for name, answer := range map[string]func(w http.ResponseWriter){
		"down":           func(w http.ResponseWriter) { w.WriteHeader(http.StatusServiceUnavailable) },
		"a page":         func(w http.ResponseWriter) { _, _ = io.WriteString(w, "<html>hello</html>") },
		"nothing":        func(http.ResponseWriter) {},
		"too long":       func(w http.ResponseWriter) { _, _ = io.WriteString(w, strings.Repeat("x", 1<<20)) },
		"of another day": func(w http.ResponseWriter) { _, _ = w.Write(kept.Reply) },
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { answer(w) }))
		t.Cleanup(server.Close)
		_, err := asker(t, server.URL).Ask(t.Context(), server.URL, one[:])
		require.Error(t, err, name)
		_, err = asker(t, server.URL).Ask(t.Context(), server.URL, other[:])
		require.Error(t, err, "%s: the same hash once more has another number", name)
	}
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	for _, address := range []string{gone.URL + "/?key=hidden", "http://[::1/?key=hidden"} {
		_, err = asker(t, good.URL).Ask(t.Context(), address, one[:])
		require.Error(t, err)
		require.NotContains(t, err.Error(), "hidden", "an address may carry a key")
	}
	require.Equal(t, []string{good.URL, gone.URL}, asker(t, good.URL, gone.URL, good.URL).URLs(), "each once")
	_, err = stamp.New(stamp.Config{URLs: []string{"file:///etc/passwd"}, Random: rand.Reader}, &http.Client{})
	require.Error(t, err)
	require.Equal(t, "tsa.example-1", asker(t, "https://TSA.example:8443/a?b=c").Name("https://TSA.example:8443/a?b=c"))
}

// An authority may leave its root out: the chain is made whole from the roots that
// are known here, or said not to be.
func TestChainsWithoutTheirRoot(t *testing.T) {
	t.Parallel()
	tsa := tsatest.New(t, "Bare Authority")
	tsa.Bare.Store(true)
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	require.NoError(t, os.WriteFile(data, []byte("x"), 0o600))
	digest := sha256.Sum256([]byte("x"))
	verify := func(s stamp.Stamp) error {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "tsr"), s.Reply, 0o600))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "pem"), s.Chain, 0o600))
		return exec.Command("openssl", "ts", "-verify", "-data", data, "-in", filepath.Join(dir, "tsr"), "-CAfile", filepath.Join(dir, "pem")).Run()
	}
	s, err := asker(t, tsa.URL).Ask(t.Context(), tsa.URL, digest[:])
	require.NoError(t, err, "what it says holds all the same")
	require.Empty(t, s.Token.Root, "it is said that the chain is not whole")
	require.Error(t, verify(s))

	raw, err := os.ReadFile(tsa.Root)
	require.NoError(t, err)
	roots := x509.NewCertPool()
	require.True(t, roots.AppendCertsFromPEM(raw))
	knowing, err := stamp.New(stamp.Config{URLs: []string{tsa.URL}, Random: rand.Reader, Roots: roots}, &http.Client{})
	require.NoError(t, err)
	s, err = knowing.Ask(t.Context(), tsa.URL, digest[:])
	require.NoError(t, err)
	require.NotEmpty(t, s.Token.Root)
	require.NoError(t, verify(s), "the root that is known here stands in the chain")
}

// Status 1 says that something was granted otherwise than asked; 2 that it was not.
func TestAnswersGrantedWithModifications(t *testing.T) {
	t.Parallel()
	tsa := tsatest.New(t, "A")
	digest := sha256.Sum256([]byte("x"))
	s, err := asker(t, tsa.URL).Ask(t.Context(), tsa.URL, digest[:])
	require.NoError(t, err)
	at := bytes.Index(s.Reply, []byte{0x30, 0x03, 0x02, 0x01, 0x00})
	require.Positive(t, at)
	dir := t.TempDir()
	for status, holds := range []bool{true, true, false} {
		changed := bytes.Clone(s.Reply)
		changed[at+4] = byte(status)
		token, err := stamp.Check(changed, nil)
		require.NoError(t, os.WriteFile(filepath.Join(dir, "tsr"), changed, 0o600))
		said, openssl := exec.Command("openssl", "ts", "-verify", "-digest", hex.EncodeToString(digest[:]), "-in", filepath.Join(dir, "tsr"), "-CAfile", tsa.Root).CombinedOutput()
		require.Equal(t, holds, openssl == nil, "status %d: %s", status, said)
		if !holds {
			require.ErrorIs(t, err, stamp.ErrStamp)
			continue
		}
		require.NoError(t, err, "status %d", status)
		require.Equal(t, digest[:], token.Digest)
	}
}
