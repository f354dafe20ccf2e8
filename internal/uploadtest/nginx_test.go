package uploadtest_test

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/internal/browsertest"
	"clipcase/internal/uploadtest"
)

// proxied runs nginx with server blocks in front of nothing else, on loopback,
// until the test ends.
func proxied(t *testing.T, servers string) {
	t.Helper()
	nginx, err := exec.LookPath("nginx")
	if err != nil {
		nginx = "/usr/sbin/nginx" // not in everybody's path
	}
	dir := t.TempDir()
	user := ""
	if os.Getuid() == 0 {
		user = "user root;"
	}
	conf := fmt.Sprintf(`%s worker_processes 1; daemon off; pid %[2]s/pid; error_log %[2]s/error.log;
events { worker_connections 64; }
http { access_log off; client_body_temp_path %[2]s/body; proxy_temp_path %[2]s/proxy;
fastcgi_temp_path %[2]s/f; uwsgi_temp_path %[2]s/u; scgi_temp_path %[2]s/s;
%s }`, user, dir, servers)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "nginx.conf"), []byte(conf), 0o600))
	var out bytes.Buffer
	cmd := exec.CommandContext(t.Context(), nginx, "-p", dir, "-e", dir+"/error.log", "-c", dir+"/nginx.conf")
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGQUIT) }
	cmd.WaitDelay = 5 * time.Second
	require.NoError(t, cmd.Start(), "nginx is installed by make deps-test")
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // it may be gone
		_ = cmd.Wait()
	})
}

func listening(t *testing.T, at string) {
	t.Helper()
	require.Eventually(t, func() bool {
		c, err := net.Dial("tcp", at)
		return err == nil && c.Close() == nil
	}, 20*time.Second, 20*time.Millisecond)
}

// proxied is the page on a phone, through nginx with these settings and no others.
func (s *site) proxied(settings string) *browsertest.Page {
	s.t.Helper()
	at := browsertest.Address(s.t)
	proxied(s.t, fmt.Sprintf("server { listen %s; %s location / { proxy_pass %s; } }", at, settings, s.url))
	listening(s.t, at)
	p := browser.Open(s.t, browsertest.Phone())
	p.Go("http://" + at + address)
	return p
}

// nginx as it is installed lets 1 MB through: the page finds out and remembers.
func TestPageThroughNginxAsItIs(t *testing.T) {
	t.Parallel()
	s := open(t)
	path, sum := recording(t, some)
	p := s.proxied("")
	p.Choose(field, path)
	p.Await("改成每次 1 MB")
	s.arrived(p, sum)
	require.Len(t, s.offsets(), 20, "19 whole MB of 2^20 bytes and a rest")
	require.Equal(t, "1048576", browsertest.Eval[string](p, "localStorage.getItem('clipcase.chunk')"))
}

// A proxy that ends every request above 100 MB, as some providers' do, is never met by
// a file larger than that: the parts stay as they are.
func TestPageThroughAProxyOf100MB(t *testing.T) {
	t.Parallel()
	s := open(t)
	const size = 104 << 20
	path, sum := recording(t, size)
	p := s.proxied("client_max_body_size 100m;")
	p.Choose(field, path)
	s.arrived(p, sum)
	require.Len(t, s.offsets(), size/(8<<20))
	require.Empty(t, browsertest.Eval[string](p, "localStorage.getItem('clipcase.chunk') || ''"))
}

// The settings that are recommended let whole parts and whole forms through.
func TestRecommendedNginx(t *testing.T) {
	t.Parallel()
	s := open(t)
	at := browsertest.Address(t)
	raw, err := os.ReadFile("../../deploy/nginx.conf")
	require.NoError(t, err)
	conf := strings.NewReplacer("listen 443 ssl", "listen "+at, "http://127.0.0.1:8080", s.url).Replace(string(raw))
	proxied(t, regexp.MustCompile(`(?m)^\s*ssl_.*$`).ReplaceAllString(conf, ""))
	listening(t, at)

	ask := func(method, path string, body []byte, header ...string) *http.Response {
		req, err := http.NewRequestWithContext(t.Context(), method, "http://"+at+path, bytes.NewReader(body))
		require.NoError(t, err)
		for i := 0; i < len(header); i += 2 {
			req.Header.Set(header[i], header[i+1])
		}
		req.Header.Set("Tus-Resumable", "1.0.0")
		req.Header.Set("Upload-Grant", uploadtest.Mine)
		res, err := http.DefaultTransport.RoundTrip(req)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		return res
	}
	part := make([]byte, 8<<20)
	made := ask("POST", "/files/", nil, "Upload-Length", fmt.Sprint(len(part)+1))
	require.Equal(t, http.StatusCreated, made.StatusCode)
	sent := ask("PATCH", made.Header.Get("Location"), part, "Upload-Offset", "0", "Content-Type", "application/offset+octet-stream")
	require.Equal(t, http.StatusNoContent, sent.StatusCode)

	whole := append([]byte("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.mp4\"\r\n\r\n"), make([]byte, 20<<20)...)
	form := ask("POST", address, append(whole, "\r\n--x--\r\n"...), "Content-Type", "multipart/form-data; boundary=x")
	require.Equal(t, http.StatusSeeOther, form.StatusCode)
	require.Len(t, s.world.Exhibits(), 1)
}
