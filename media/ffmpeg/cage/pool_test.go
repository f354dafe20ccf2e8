//go:build linux

package cage_test

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/landlock-lsm/go-landlock/landlock"
	"github.com/stretchr/testify/require"

	"clipcase/media/ffmpeg/cage"
)

// blindly names a tool that this binary is to become without a look at the machine.
const blindly = "CAGE_TEST_BLINDLY"

// x265 asks the system for its processors. Where it may not look it works with
// one thread, or complains of its mask, and exits with 0: only its log tells.
func TestX265HasItsThreads(t *testing.T) {
	t.Parallel()
	for name, params := range map[string]string{"as many as there are": "log-level=info", "two": "log-level=info:pools=2"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := []string{"-nostdin", "-v", "info", "-f", "lavfi", "-i", "testsrc2=s=128x128:r=10", "-frames:v", "3", "-c:v", "libx265", "-preset", "ultrafast",
				"-x265-params", params, "-f", "null", "-"}
			cmd, err := open(t, cage.Config{}).Command(t.Context(), cage.Spec{Write: []string{t.TempDir()}}, "ffmpeg", args...)
			require.NoError(t, err)
			out, err := cmd.CombinedOutput()
			require.NoError(t, err, string(out))
			require.True(t, threaded(string(out)), string(out))

			tool, err := exec.LookPath("ffmpeg")
			require.NoError(t, err)
			blind := exec.Command(os.Args[0], args...)
			blind.Env = append(os.Environ(), blindly+"="+tool)
			out, err = blind.CombinedOutput()
			require.NoError(t, err, string(out))
			require.Contains(t, string(out), "x265 [info]")
			require.False(t, threaded(string(out)), "without a look at the machine it is not well, or the test proves nothing:\n%s", out)
		})
	}
}

// threaded says whether x265's log tells of threads on processors it could find.
func threaded(said string) bool {
	return strings.Contains(said, "Thread pool created using") && !strings.Contains(said, "CPU mask") && !strings.Contains(said, "numa_sched_setaffinity")
}

// become starts a tool with all a program needs to start, and no more.
func become(tool string) error {
	err := landlock.V1.BestEffort().RestrictPaths(landlock.RODirs("/usr", "/lib", "/lib64", "/bin").IgnoreIfMissing(),
		landlock.ROFiles("/etc/ld.so.cache", "/proc/cpuinfo").IgnoreIfMissing(), landlock.RWFiles("/dev/null"))
	if err != nil {
		return err
	}
	return syscall.Exec(tool, append([]string{tool}, os.Args[1:]...), os.Environ())
}
