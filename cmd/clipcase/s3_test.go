package main

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/internal/s3test"
	"clipcase/internal/telegramtest"
)

// s3Keys are the variables of someone who may use the test's server.
func s3Keys(id, secret string) []string {
	return []string{
		"AWS_ACCESS_KEY_ID=" + id, "AWS_SECRET_ACCESS_KEY=" + secret, "AWS_EC2_METADATA_DISABLED=true",
		"AWS_CONFIG_FILE=" + os.DevNull, "AWS_SHARED_CREDENTIALS_FILE=" + os.DevNull,
	}
}

func TestTroubleWithS3IsOneSentence(t *testing.T) {
	t.Parallel()
	server := s3test.New(t)
	good := server.Bucket("evidence", "")
	gone := httptest.NewServer(nil)
	gone.Close()
	for name, c := range map[string]struct {
		url, id, secret, says string
		fine                  bool
	}{
		"good":        {good, s3test.AccessKey, s3test.SecretKey, "✓ S3 server for files", true},
		"bucket":      {server.URL("absent", ""), s3test.AccessKey, s3test.SecretKey, "There is no bucket “absent” at " + server.Endpoint, false},
		"secret":      {good, s3test.AccessKey, "not-the-secret", "does not accept the access key", false},
		"no key":      {good, "", "", "there is no access key", false},
		"unreachable": {server.URL("evidence", gone.URL), s3test.AccessKey, s3test.SecretKey, gone.URL + " does not answer", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, addr := place(t)
			environ := append(s3Keys(c.id, c.secret), "DATA_DIR="+dir, "LISTEN_ADDR="+addr, "BLOB_URL="+c.url)
			doctor := launch(t, environ, "doctor")
			<-doctor.done
			require.Contains(t, doctor.words(), c.says)
			require.NotContains(t, doctor.words(), "not-the-secret")
			serve := launch(t, environ, "serve")
			if c.fine {
				ready(t, addr)
				serve.end(syscall.SIGTERM)
				require.NoError(t, serve.err)
				return
			}
			require.Equal(t, codeFailed, serve.code())
			require.Contains(t, serve.words(), c.says)
			require.NotContains(t, serve.words(), "not-the-secret")
			last := strings.TrimSpace(serve.words())
			require.Equal(t, 1, strings.Count(last[strings.LastIndex(last, "clipcase: "):]+"\n", "\n"), "one line says it: %s", last)
		})
	}
}

// TestPiecesOverS3 is the main job with files on a server that is killed when the
// recording comes and fails one request in five: all comes back, and nothing stays
// on the local disk.
func TestPiecesOverS3(t *testing.T) {
	t.Parallel()
	server := s3test.New(t)
	proxy := s3test.NewProxy(t, server.Endpoint, 5)
	h := newHouse(t, telegramtest.New(t), append(s3Keys(s3test.AccessKey, s3test.SecretKey), "BLOB_URL="+server.Bucket("evidence", proxy.URL))...)
	h.start()
	proxy.Fail(0.2)
	dead := make(chan struct{})
	var once sync.Once
	proxy.Before(func(r *http.Request) {
		if r.Method == http.MethodPut && strings.Contains(r.URL.Path, "/originals/") {
			once.Do(func() { server.Kill(); close(dead) })
		}
	})
	p := h.person(42)
	p.user.Forward(telegramtest.Media{Path: shortClip(t), Caption: "/appeal 账号被误封", From: "小林"})
	<-dead
	server.Start()
	for !strings.Contains(p.press(""), "开始做文件") {
		require.Less(t, p.taps, 4, "handed in takes more than four taps:\n%s", lateTranscript{p.chat})
	}
	p.text("正在做")
	p.files(4)
	p.text("文件指纹")
	h.noViolations()
	require.Less(t, h.stop(), unhurried)

	originals, pieces := 0, 0
	for _, path := range filesIn(t, filepath.Join(server.Folder, "evidence", "cases")) {
		if strings.Contains(path, "/originals/") {
			originals++
		} else {
			pieces++
		}
	}
	require.Equal(t, 2, originals, "the recording and its sidecar")
	require.GreaterOrEqual(t, pieces, 4)
	require.Empty(t, filesIn(t, filepath.Join(h.dir, "transit")))
	require.NoDirExists(t, filepath.Join(h.dir, "blobs"))
	require.Positive(t, proxy.Count("failed"))
	t.Logf("%d PUT, %d GET, %d of all failed", proxy.Count("PUT"), proxy.Count("GET"), proxy.Count("failed"))
}

// filesIn are the paths of all files under a folder.
func filesIn(t *testing.T, dir string) (found []string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			found = append(found, path)
		}
		return err
	}))
	return found
}
