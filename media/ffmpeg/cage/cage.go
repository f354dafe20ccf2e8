package cage

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"
)

// The layers, from the outside in.
const (
	LayerNoNewPrivs = "no_new_privs" // no set-uid program gives anything back
	LayerLandlock   = "landlock"     // files: only what Spec names; no TCP, no signals outward
	LayerSeccomp    = "seccomp"      // no sockets, no io_uring, no ptrace, no child processes, no foreign calls
	LayerRlimits    = "rlimits"      // memory, processor time, file size, open files, no core
)

// ExitCage is the exit code of a child that could not be confined or whose tool
// could not be started; its stderr says why and begins with "cage:".
const ExitCage = 125

// What a tool gets when its Spec does not say.
const (
	DefaultMemory = 3 << 30 // bytes of address space: enough for 4K HEVC, half of what a bomb wants
	DefaultCPU    = 4 * time.Hour
	DefaultFile   = 4 << 30
	openFiles     = 256
	killAfter     = 5 * time.Second
)

// childName is the first argument of a process that is to become a tool.
const childName = "clipcase-cage"

// Config says how to confine. The zero value is right for production.
type Config struct {
	Off []string      // layers the operator turned off, by name
	Exe string        // the binary whose main calls Enter; "" = this one
	CPU time.Duration // processor time of a run that says none; 0 = DefaultCPU
}

// Spec is what one run may touch. The system's libraries, fonts, their
// configuration and caches, and a few harmless devices can always be read.
type Spec struct {
	Read   []string      // existing files or folders the tool reads
	Write  []string      // existing folders (or files) it writes; the first is its working folder and TMPDIR
	Memory uint64        // bytes of address space; 0 = DefaultMemory
	CPU    time.Duration // processor time, whole seconds, rounded up; 0 = the cage's
	File   uint64        // bytes of the largest file it may write; 0 = DefaultFile
	Env    []string      // added to the clean environment: NAME=value
	Nice   int           // 0..19: how far the tool stands back behind others; its children too
}

// Cage makes confined commands. It holds no process and needs no closing.
type Cage struct {
	off []string
	exe string
	cpu time.Duration
}

// New checks the configuration.
func New(cfg Config) (*Cage, error) {
	for _, name := range cfg.Off {
		if !slices.Contains(names(), name) {
			return nil, fmt.Errorf("cage: no layer is called %q", name)
		}
	}
	exe := cfg.Exe
	if exe == "" {
		exe = selfExe()
	}
	return &Cage{off: slices.Clone(cfg.Off), exe: exe, cpu: cfg.CPU}, nil
}

func names() []string {
	return []string{LayerNoNewPrivs, LayerLandlock, LayerSeccomp, LayerRlimits}
}

// errNested means that main, or TestMain, of the running binary does not begin
// with Enter: without this stop every child would run the whole program again.
var errNested = errors.New("cage: this process is itself a cage child; its main must call cage.Enter first")

// Command prepares tool (a name on PATH or a path) with args under s. The
// command has a process group of its own, a clean environment, no input, and
// dies with us; cancelling ctx sends SIGTERM to the group and, WaitDelay later,
// SIGKILL. ExtraFiles reach the tool as 3, 4, …. The caller sets Stdout, Stderr
// and ExtraFiles, may shorten WaitDelay, and runs it. After a cancel, Wait's
// error is the tool's: look at ctx.Err() first.
func (c *Cage) Command(ctx context.Context, s Spec, tool string, args ...string) (*exec.Cmd, error) {
	if os.Args[0] == childName {
		return nil, errNested
	}
	path, err := exec.LookPath(tool)
	if err != nil {
		return nil, fmt.Errorf("cage: %w", err)
	}
	if path, err = filepath.Abs(path); err != nil {
		return nil, fmt.Errorf("cage: %w", err)
	}
	o := order{Tool: path, Memory: s.Memory, CPU: seconds(cmp.Or(s.CPU, c.cpu)), File: s.File, Nice: s.Nice, Off: c.off}
	if o.Memory == 0 {
		o.Memory = DefaultMemory
	}
	if o.File == 0 {
		o.File = DefaultFile
	}
	if o.Read, err = existing(s.Read); err != nil {
		return nil, err
	}
	if o.Write, err = existing(s.Write); err != nil {
		return nil, err
	}
	cmd, err := c.command(ctx, o, args)
	if err != nil {
		return nil, err
	}
	cmd.Env = environment(o.Write, s.Env)
	cmd.Dir = workingDir(o.Write)
	cmd.WaitDelay = killAfter
	group(cmd)
	return cmd, nil
}

// order is what the child is told, as its second argument.
type order struct {
	Tool   string   `json:"tool,omitempty"` // absolute; "" = report the layers
	Read   []string `json:"read,omitempty"`
	Write  []string `json:"write,omitempty"`
	Memory uint64   `json:"memory"`
	CPU    uint64   `json:"cpu"` // seconds
	File   uint64   `json:"file"`
	Nice   int      `json:"nice,omitempty"`
	Off    []string `json:"off,omitempty"`
}

func (o order) on(layer string) bool { return !slices.Contains(o.Off, layer) }

// confined is the command that re-executes our binary with the order.
func (c *Cage) confined(ctx context.Context, o order, args []string) (*exec.Cmd, error) {
	text, err := json.Marshal(o)
	if err != nil {
		return nil, fmt.Errorf("cage: %w", err)
	}
	cmd := exec.CommandContext(ctx, c.exe)
	cmd.Args = append([]string{childName, string(text)}, args...)
	return cmd, nil
}

func existing(paths []string) ([]string, error) {
	out := make([]string, 0, len(paths))
	for _, p := range paths {
		abs, err := filepath.Abs(p)
		if err != nil {
			return nil, fmt.Errorf("cage: %w", err)
		}
		if _, err := os.Stat(abs); err != nil {
			return nil, fmt.Errorf("cage: %w", err)
		}
		out = append(out, abs)
	}
	return out, nil
}

func seconds(d time.Duration) uint64 {
	if d <= 0 {
		d = DefaultCPU
	}
	return uint64((d + time.Second - 1) / time.Second)
}

// environment has nothing of ours: no tokens, no home, no locale of the operator.
// What builds the cage lives too short to collect its garbage.
func environment(write, extra []string) []string {
	env := []string{"GOGC=off", "PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8", "LC_ALL=C.UTF-8", "HOME=/nonexistent"}
	if dir := workingDir(write); dir != "/" {
		env = append(env, "TMPDIR="+dir)
	}
	return append(env, extra...)
}

func workingDir(write []string) string {
	for _, p := range write {
		if info, err := os.Stat(p); err == nil && info.IsDir() {
			return p
		}
	}
	return "/"
}
