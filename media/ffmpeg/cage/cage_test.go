//go:build linux

package cage_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"clipcase/media/ffmpeg/cage"
)

func TestMain(m *testing.M) {
	cage.Enter()
	if tool := os.Getenv(blindly); tool != "" {
		panic(become(tool)) // it returns only if it failed
	}
	os.Exit(m.Run())
}

// probe builds the program that stands in the tool's place.
func probe(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "probe")
	build := exec.Command("go", "build", "-o", path, "./testdata/probe")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=")
	out, err := build.CombinedOutput()
	require.NoError(t, err, string(out))
	return path
}

func open(t *testing.T, cfg cage.Config) *cage.Cage {
	t.Helper()
	c, err := cage.New(cfg)
	require.NoError(t, err)
	return c
}

func TestNothingForeignSucceeds(t *testing.T) {
	t.Parallel()
	tool, dir, foreign := probe(t), t.TempDir(), t.TempDir()
	secret := filepath.Join(foreign, "secret")
	require.NoError(t, os.WriteFile(secret, []byte("secret"), 0o644))
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, tcp.Close()) })
	udp, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, udp.Close()) })
	socket, err := net.Listen("unix", filepath.Join(foreign, "s"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, socket.Close()) })
	parent := fmt.Sprint(os.Getpid())

	tries := []string{
		"read=" + secret, "read=/etc/passwd", "read=/etc/hostname", "read=/proc/" + parent + "/environ", "read=" + os.Args[0],
		"list=/", "list=" + foreign, "list=/proc",
		"write=" + filepath.Join(foreign, "new"), "write=" + secret, "write=/dev/shm/clipcase-probe", "write=/tmp/clipcase-probe",
		"dial=tcp," + tcp.Addr().String(), "dial=udp," + udp.LocalAddr().String(), "dial=unix," + socket.Addr().String(),
		fmt.Sprintf("syscall=%d", unix.SYS_IO_URING_SETUP), fmt.Sprintf("syscall=%d", unix.SYS_SOCKETPAIR),
		fmt.Sprintf("syscall=%d", unix.SYS_USERFAULTFD), fmt.Sprintf("syscall=%d", unix.SYS_BPF), fmt.Sprintf("syscall=%d", unix.SYS_UNSHARE),
		"trace=" + parent, "signal=" + parent, "start=/bin/true", "memory=" + fmt.Sprint(8<<30), "file=" + dir + ",3000000",
	}
	cmd, err := open(t, cage.Config{}).Command(t.Context(), cage.Spec{Write: []string{dir}, Memory: 4 << 30, File: 2_000_000}, tool, append([]string{"try"}, tries...)...)
	require.NoError(t, err)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	require.Len(t, lines, len(tries), string(out))
	for i, line := range lines {
		require.Contains(t, line, "failed:", "try %s", tries[i])
		require.Contains(t, line, tries[i])
	}
	require.NoFileExists(t, filepath.Join(foreign, "new"))
}

// The same tries without the layers must work, or the test above proves nothing.
func TestTriesSucceedWithoutLayers(t *testing.T) {
	t.Parallel()
	tool, dir := probe(t), t.TempDir()
	udp, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, udp.Close()) })
	off := cage.Config{Off: []string{cage.LayerNoNewPrivs, cage.LayerLandlock, cage.LayerSeccomp, cage.LayerRlimits}}
	tries := []string{
		"read=/etc/passwd", "list=/", "write=" + filepath.Join(dir, "new"), "dial=udp," + udp.LocalAddr().String(),
		"start=/bin/true", "memory=" + fmt.Sprint(8<<30), "signal=" + fmt.Sprint(os.Getpid()),
	}
	cmd, err := open(t, off).Command(t.Context(), cage.Spec{File: 2_000_000}, tool, append([]string{"try"}, tries...)...)
	require.NoError(t, err)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	require.NotContains(t, string(out), "failed:")
	layers, err := open(t, off).Layers(t.Context())
	require.NoError(t, err)
	for _, l := range layers {
		require.False(t, l.Holds, l.Name)
	}
}

// Each layer alone keeps its own, so that one missing on a machine does not
// take the others with it.
func TestLayersStandAlone(t *testing.T) {
	t.Parallel()
	for _, off := range []string{cage.LayerNoNewPrivs, cage.LayerLandlock, cage.LayerSeccomp, cage.LayerRlimits} {
		layers, err := open(t, cage.Config{Off: []string{off}}).Layers(t.Context())
		require.NoError(t, err, off)
		require.Len(t, layers, 4)
		for _, l := range layers {
			// Landlock brings no_new_privs with it.
			want := l.Name != off || off == cage.LayerNoNewPrivs
			require.Equal(t, want, l.Holds, "off %s: %s (%s)", off, l.Name, l.Detail)
		}
	}
	_, err := cage.New(cage.Config{Off: []string{"walls"}})
	require.ErrorContains(t, err, "walls")
}

func TestOwnFilesWork(t *testing.T) {
	t.Parallel()
	tool, in, dir := probe(t), t.TempDir(), t.TempDir()
	file := filepath.Join(in, "original")
	require.NoError(t, os.WriteFile(file, []byte("x"), 0o600))
	cmd, err := open(t, cage.Config{}).Command(t.Context(), cage.Spec{Read: []string{file}, Write: []string{dir}, Memory: 4 << 30}, tool,
		"try", "read="+file, "write="+filepath.Join(dir, "piece"), "list="+dir, "read=/dev/null", "write="+file, "list="+in)
	require.NoError(t, err)
	require.Equal(t, dir, cmd.Dir)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	for _, line := range lines[:4] {
		require.Contains(t, line, "done")
	}
	require.Contains(t, lines[4], "failed:", "an original is never written")
	require.Contains(t, lines[5], "failed:", "what lies beside an original stays unseen")
	_, err = open(t, cage.Config{}).Command(t.Context(), cage.Spec{Read: []string{filepath.Join(in, "absent")}}, tool)
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = open(t, cage.Config{}).Command(t.Context(), cage.Spec{}, "no-such-tool")
	require.Error(t, err)
}

func TestCleanEnvironmentAndPipe(t *testing.T) {
	t.Parallel()
	tool := probe(t)
	c := open(t, cage.Config{})
	cmd, err := c.Command(t.Context(), cage.Spec{Memory: 4 << 30, Env: []string{"ONLY=this"}}, tool, "env")
	require.NoError(t, err)
	out, err := cmd.Output()
	require.NoError(t, err)
	require.Equal(t, "GOGC=off\nPATH=/usr/local/bin:/usr/bin:/bin\nLANG=C.UTF-8\nLC_ALL=C.UTF-8\nHOME=/nonexistent\nONLY=this\n", string(out))

	r, w, err := os.Pipe()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, r.Close()) })
	cmd, err = c.Command(t.Context(), cage.Spec{Memory: 4 << 30}, tool, "progress")
	require.NoError(t, err)
	cmd.ExtraFiles = []*os.File{w}
	require.NoError(t, cmd.Start())
	require.NoError(t, w.Close())
	line, _ := bufio.NewReader(r).ReadString(0)
	require.Equal(t, "done", line)
	require.NoError(t, cmd.Wait())
}

func TestCancelEndsEvenTheDeaf(t *testing.T) {
	t.Parallel()
	tool := probe(t)
	for _, mode := range []string{"wait", "deaf"} {
		ctx, cancel := context.WithCancel(t.Context())
		cmd, err := open(t, cage.Config{}).Command(ctx, cage.Spec{Memory: 4 << 30}, tool, mode)
		require.NoError(t, err)
		cmd.WaitDelay = 300 * time.Millisecond
		out, err := cmd.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, cmd.Start())
		_, err = bufio.NewReader(out).ReadString('\n')
		require.NoError(t, err)
		pgid, err := syscall.Getpgid(cmd.Process.Pid)
		require.NoError(t, err)
		require.Equal(t, cmd.Process.Pid, pgid)
		begun := time.Now()
		cancel()
		require.Error(t, cmd.Wait())
		require.Less(t, time.Since(begun), 15*time.Second)
		require.ErrorIs(t, syscall.Kill(-pgid, 0), syscall.ESRCH, mode)
	}
}

func TestProcessorTimeEnds(t *testing.T) {
	t.Parallel()
	cmd, err := open(t, cage.Config{}).Command(t.Context(), cage.Spec{Memory: 4 << 30, CPU: time.Second}, probe(t), "burn")
	require.NoError(t, err)
	require.Error(t, cmd.Run())
	require.Less(t, cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime(), 5*time.Second)
}

func TestToolsWorkInside(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cmd, err := open(t, cage.Config{}).Command(t.Context(), cage.Spec{Write: []string{dir}}, "ffmpeg", "-nostdin", "-hide_banner", "-f", "lavfi",
		"-i", "testsrc=d=1:s=320x240:r=10", "-vf", "drawtext=font=Sans:text=hello,format=yuv420p", "-c:v", "libx265", "-tag:v", "hvc1", "out.mp4")
	require.NoError(t, err)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	require.Contains(t, string(out), "Thread pool created", "x265 must see the processors")
	require.FileExists(t, filepath.Join(dir, "out.mp4"))
}

func TestChildSaysWhyItFailed(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "no-program")
	require.NoError(t, os.WriteFile(file, []byte("no program"), 0o700))
	cmd, err := open(t, cage.Config{}).Command(t.Context(), cage.Spec{}, file)
	require.NoError(t, err)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit)
	require.Equal(t, cage.ExitCage, exit.ExitCode())
	require.True(t, strings.HasPrefix(string(out), "cage:"), string(out))
}
