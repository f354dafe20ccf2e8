//go:build unix

package cage

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
)

// group gives the command a process group of its own and ends the whole of it
// on cancel.
func group(cmd *exec.Cmd) {
	cmd.SysProcAttr = attributes()
	cmd.Cancel = func() error {
		err := syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM)
		if errors.Is(err, syscall.ESRCH) {
			return os.ErrProcessDone
		}
		return err
	}
}
