package upload_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"clipcase/internal/uploadtest"
)

// FuzzPaths sends any path below /files/ with any method: without a record of
// ours nothing but 404, 405 and redirects to a cleaned path come back, and the
// folder and what is around it stay as they are.
func FuzzPaths(f *testing.F) {
	for _, s := range []string{"..%2f", "%2e%2e/x", strings.Repeat("a", 26), strings.Repeat("a", 26) + "%00", "a/b", "", "/", "%", "..\\..\\x", "aaaa.json"} {
		f.Add("HEAD", s)
		f.Add("PATCH", s)
		f.Add("DELETE", s)
	}
	root := f.TempDir()
	_, handler, err := uploadtest.New().Start(filepath.Join(root, "in", "uploads"), quiet(), nil)
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, method, path string) {
		if method != "HEAD" && method != "PATCH" && method != "DELETE" && method != "GET" {
			method = "PATCH"
		}
		req, err := http.NewRequestWithContext(t.Context(), method, "http://h/files/"+path, strings.NewReader("x"))
		if err != nil || req.URL.Path == "/files/" || !strings.HasPrefix(req.URL.EscapedPath(), "/files/") {
			return // not a request
		}
		req.Header.Set("Tus-Resumable", "1.0.0")
		req.Header.Set("Upload-Grant", uploadtest.Mine)
		req.Header.Set("Upload-Offset", "0")
		req.Header.Set("Content-Type", "application/offset+octet-stream")
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, req)
		require.Contains(t, []int{http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusMovedPermanently, http.StatusTemporaryRedirect}, w.Code)
		left, err := filepath.Glob(filepath.Join(root, "in", "uploads", "*"))
		require.NoError(t, err)
		around, err := os.ReadDir(filepath.Join(root, "in"))
		require.NoError(t, err)
		require.Empty(t, left)
		require.Len(t, around, 1)
	})
}

// FuzzMetadata creates uploads with any metadata: what is kept is short, valid and
// one line, whatever a browser says.
func FuzzMetadata(f *testing.F) {
	f.Add("filename YQ==", "x")
	f.Add(meta("filename", "../../etc/passwd", "filetype", "text/html; x", "slot", "../x", "print", "zz"), "")
	f.Add(meta("filename", "a\x00b\nc\u202e.mp4"), "录屏")
	f.Add("filename", "\xff\xfe")
	f.Add(meta("filename", strings.Repeat("长", 500)+".mp4"), "")
	world := uploadtest.New()
	world.Limit(1<<50, 1<<30)
	_, handler, err := world.Start(f.TempDir(), quiet(), nil)
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, header, name string) {
		for _, h := range []string{header, meta("filename", name, "slot", name, "filetype", name)} {
			req := httptest.NewRequestWithContext(t.Context(), "POST", "/files/", nil)
			req.Header["Upload-Metadata"] = []string{h}
			req.Header.Set("Tus-Resumable", "1.0.0")
			req.Header.Set("Upload-Grant", uploadtest.Mine)
			req.Header.Set("Upload-Length", "5")
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, req)
			require.Equal(t, http.StatusCreated, w.Code, w.Body)
			at := w.Header().Get("Location")
			rec, ok := world.Record(strings.TrimPrefix(at, "/files/"))
			require.True(t, ok)
			require.LessOrEqual(t, len(rec.Name), 255)
			require.True(t, utf8.ValidString(rec.Name))
			require.False(t, strings.ContainsAny(rec.Name, "/\\\x00\n\r\u202e\u2028"), "%q", rec.Name)
			require.Regexp(t, `^([a-z0-9_-]{1,40})?$`, rec.Slot)
			require.Regexp(t, `^([a-z0-9.+-]+/[a-z0-9.+-]+)?$`, rec.MIME)
			req = httptest.NewRequestWithContext(t.Context(), "DELETE", at, nil)
			req.Header.Set("Tus-Resumable", "1.0.0")
			req.Header.Set("Upload-Grant", uploadtest.Mine)
			w = httptest.NewRecorder()
			handler.ServeHTTP(w, req)
			require.Equal(t, http.StatusNoContent, w.Code)
		}
	})
}
