package s3test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The server's only user. Tests give them to the program as AWS_ACCESS_KEY_ID and
// AWS_SECRET_ACCESS_KEY.
const (
	AccessKey = "clipcase-test"
	SecretKey = "clipcase-test-secret"
)

// Region of the server.
const Region = "us-east-1"

// Server is an S3 server on loopback that keeps buckets in a folder.
type Server struct {
	Endpoint string // http://127.0.0.1:port
	Folder   string // one folder for each bucket

	t       testing.TB
	sidecar string
	cmd     *exec.Cmd
	ended   chan struct{} // closed when the process is gone
}

// New starts a server that ends with the test.
func New(t testing.TB) *Server {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := l.Addr().String()
	require.NoError(t, l.Close())
	s := &Server{Endpoint: "http://" + address, Folder: t.TempDir(), sidecar: t.TempDir(), t: t}
	t.Cleanup(s.Kill)
	s.Start()
	return s
}

// Bucket makes an empty bucket and gives the BLOB_URL for it, reached at endpoint
// ("" = the server itself).
func (s *Server) Bucket(name, endpoint string) string {
	s.t.Helper()
	require.NoError(s.t, os.Mkdir(filepath.Join(s.Folder, name), 0o700))
	return s.URL(name, endpoint)
}

// URL is the BLOB_URL of a bucket that need not exist.
func (s *Server) URL(name, endpoint string) string {
	if endpoint == "" {
		endpoint = s.Endpoint
	}
	return fmt.Sprintf("s3://%s?region=%s&endpoint=%s", name, Region, endpoint)
}

// Start starts the server (again) at the same address and waits until it answers.
func (s *Server) Start() {
	s.t.Helper()
	program := filepath.Join(repository(s.t), "bin", "versitygw")
	if _, err := os.Stat(program); err != nil {
		s.t.Fatalf("no S3 server for tests at bin/versitygw: run make deps-test")
	}
	cmd := exec.Command(program, "--port", strings.TrimPrefix(s.Endpoint, "http://"), "--access", AccessKey, "--secret", SecretKey,
		"--region", Region, "--quiet", "posix", "--sidecar", s.sidecar, s.Folder)
	require.NoError(s.t, cmd.Start())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.t.Logf("the S3 server ended: %v", cmd.Wait())
	}()
	s.cmd, s.ended = cmd, ended
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	require.Eventually(s.t, func() bool {
		answer, err := client.Get(s.Endpoint)
		if err != nil {
			return false
		}
		_, err = io.Copy(io.Discard, answer.Body)
		return err == nil && answer.Body.Close() == nil
	}, 20*time.Second, 20*time.Millisecond, "the S3 server does not answer")
}

// Kill ends the server at once, as kill -9 does. It may be called again.
func (s *Server) Kill() {
	if s.cmd == nil {
		return
	}
	if err := s.cmd.Process.Kill(); err != nil {
		s.t.Logf("kill the S3 server: %v", err)
	}
	<-s.ended
	s.cmd = nil
}

// repository is the folder of go.mod.
func repository(t testing.TB) string {
	dir, err := os.Getwd()
	require.NoError(t, err)
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		require.NotEqual(t, dir, filepath.Dir(dir), "tests run inside the repository")
		dir = filepath.Dir(dir)
	}
}
