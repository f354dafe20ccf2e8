package cage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// selfExe names this binary in a way that survives its replacement on disk.
func selfExe() string { return "/proc/self/exe" }

func attributes() *syscall.SysProcAttr {
	// Pdeathsig is a net, not the plan: it follows the thread that started us.
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

func (c *Cage) command(ctx context.Context, o order, args []string) (*exec.Cmd, error) {
	return c.confined(ctx, o, args)
}

// Enter must be the first call of main, and of TestMain where tests use a Cage.
// It returns at once in an ordinary process. In a process that Command started
// it applies the layers and becomes the tool; it never returns then.
func Enter() {
	if os.Args[0] != childName {
		return
	}
	err := become(os.Args[1:])
	_, _ = os.Stderr.WriteString("cage: " + err.Error() + "\n") // the exit code says it too
	os.Exit(ExitCage)
}

// become returns only if it failed.
func become(args []string) error {
	if len(args) == 0 {
		return errors.New("no order")
	}
	var o order
	if err := json.Unmarshal([]byte(args[0]), &o); err != nil {
		return fmt.Errorf("order: %w", err)
	}
	// Some of what follows binds the calling thread only; exec must happen on it.
	runtime.LockOSThread()
	if o.Tool == "" {
		return report(o)
	}
	if err := unix.Setpriority(unix.PRIO_PROCESS, 0, o.Nice); o.Nice > 0 && err != nil {
		return fmt.Errorf("priority: %w", err)
	}
	if err := confine(o); err != nil {
		return err
	}
	// Last, because our own runtime must still breathe until here.
	if err := limit(o); err != nil {
		return err
	}
	//nolint:gosec // the order comes from Command, which resolved the tool
	err := syscall.Exec(o.Tool, append([]string{o.Tool}, args[1:]...), os.Environ())
	return fmt.Errorf("start tool: %w", err)
}

// confine applies all layers but rlimits. A layer that the kernel does not have
// is left out, which Layers reports; any other failure stops the tool.
func confine(o order) error {
	if o.on(LayerNoNewPrivs) {
		if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
			return fmt.Errorf("no_new_privs: %w", err)
		}
	}
	if o.on(LayerLandlock) {
		if err := restrictFiles(o); err != nil {
			return fmt.Errorf("landlock: %w", err)
		}
	}
	if o.on(LayerSeccomp) {
		if err := restrictCalls(); err != nil && !errors.Is(err, errAbsent) {
			return fmt.Errorf("seccomp: %w", err)
		}
	}
	return nil
}

var errAbsent = errors.New("not available on this machine")

// limit sets the resource limits. syscall.Setrlimit, not unix's own: the
// runtime must learn that NOFILE is ours now and not put its old value back.
func limit(o order) error {
	if !o.on(LayerRlimits) {
		return nil
	}
	for _, l := range []struct {
		name     string
		resource int
		soft     uint64
		hard     uint64
	}{
		{"core", syscall.RLIMIT_CORE, 0, 0},
		{"nofile", syscall.RLIMIT_NOFILE, openFiles, openFiles},
		{"fsize", syscall.RLIMIT_FSIZE, o.File, o.File},
		{"cpu", syscall.RLIMIT_CPU, o.CPU, o.CPU + 2}, // SIGXCPU first, SIGKILL two seconds on
		{"as", syscall.RLIMIT_AS, o.Memory, o.Memory},
	} {
		var old syscall.Rlimit
		if err := syscall.Getrlimit(l.resource, &old); err != nil {
			return fmt.Errorf("rlimit %s: %w", l.name, err)
		}
		// Never above what we were given ourselves.
		set := syscall.Rlimit{Cur: min(l.soft, old.Max), Max: min(l.hard, old.Max)}
		if err := syscall.Setrlimit(l.resource, &set); err != nil {
			return fmt.Errorf("rlimit %s: %w", l.name, err)
		}
	}
	return nil
}
