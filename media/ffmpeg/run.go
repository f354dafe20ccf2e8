package ffmpeg

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"clipcase/media"
	"clipcase/media/ffmpeg/cage"
)

const (
	tailBytes = 64 << 10               // of a tool's complaints that are kept
	killAfter = 500 * time.Millisecond // between asking a tool to stop and making it

	// keepMemory has glibc keep the memory of pictures for the next ones instead of
	// giving each back to the kernel: a fortieth of the time. Other libraries of C
	// do not know it.
	keepMemory = "GLIBC_TUNABLES=glibc.malloc.mmap_threshold=1073741824:glibc.malloc.trim_threshold=4294967296"
)

// command is one run of a tool in the cage.
type command struct {
	tool     string
	args     []string
	read     []string
	write    []string          // the first folder is the working folder
	stdout   io.Writer         // nil = dropped
	said     *tail             // takes the complaints; nil = kept for the failure alone
	progress func(out float64) // seconds written so far; ffmpeg only
	started  func(pid int)     // for tests that watch the process
	wall     time.Duration     // by the clock; 0 = a short look's
}

// failure is a tool that ended badly. Said is the end of what it printed: for
// the operator, never for people, for it holds paths.
type failure struct {
	Tool   string
	Code   int            // -1 when a signal ended it
	Signal syscall.Signal // that ended it; 0 = none
	Hung   bool           // we ended it, because it did not go on
	Said   string
	Err    error
}

func (f *failure) Error() string {
	return fmt.Sprintf("%s: %v: %s", f.Tool, f.Err, lastLine(f.Said))
}

func (f *failure) Unwrap() error { return f.Err }

// died says that the tool fell over, or got stuck on, what it was given.
func (f *failure) died() bool { return f.Hung || fatal(f.Signal) }

// ours says that the failure is not the file's fault: no room, no memory, no
// cage, a tool that cannot do what we ask or that somebody ended.
func (f *failure) ours() bool {
	if f.Code == cage.ExitCage || f.Code == -1 && !f.died() || f.Code == 127 {
		return true
	}
	for _, sign := range []string{"No space left on device", "File too large", "Read-only file system", "Permission denied",
		"Unknown encoder", "No such filter", "Error initializing output stream", "Error parsing", "Unrecognized option"} {
		if strings.Contains(f.Said, sign) {
			return true
		}
	}
	return false
}

// unreadable turns a failure that is the file's into a *media.Refusal; nil stays
// nil, everything else stays as it is.
func unreadable(err error) error {
	var f *failure
	if errors.As(err, &f) && !f.ours() {
		return &media.Refusal{Code: media.RefusedUnreadable, Err: err}
	}
	return err
}

// run starts the tool and waits for its end, or ends it when it does not go on.
// A cancelled ctx gives its own error.
func (e *Engine) run(ctx context.Context, c command) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	watched, grown, stop := e.watched(ctx, c)
	defer stop()
	if e.watch != nil {
		e.watch(&c)
	}
	args := c.args
	if c.progress != nil {
		args = append([]string{"-progress", "pipe:3", "-stats_period", "0.5"}, args...)
	}
	cmd, err := e.cage.Command(watched, cage.Spec{Read: c.read, Write: c.write, Nice: e.nice, Env: []string{keepMemory}}, c.tool, args...)
	if err != nil {
		return err
	}
	cmd.WaitDelay = killAfter
	said := c.said
	if said == nil {
		said = &tail{}
	}
	cmd.Stdout, cmd.Stderr = c.stdout, said
	listening := make(chan error, 1)
	if c.progress == nil {
		listening <- nil
		err = start(cmd, c.started)
	} else {
		err = listen(cmd, grown, c.started, listening)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", base(c.tool), err)
	}
	heard := <-listening // the pipe ends with the process, or the reader gives up and drains
	err = cmd.Wait()
	if ctx.Err() != nil {
		return ctx.Err() // the exit code of a stopped tool says nothing
	}
	if err == nil {
		return heard
	}
	f := &failure{Tool: base(c.tool), Code: -1, Said: said.String(), Err: err}
	if cause := context.Cause(watched); errors.Is(cause, errHung) {
		f.Hung, f.Err = true, cause
		return f
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		f.Code = exit.ExitCode()
		if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
			f.Signal = status.Signal()
		}
	}
	return f
}

func start(cmd *exec.Cmd, started func(int)) error {
	if err := cmd.Start(); err != nil {
		return err
	}
	if started != nil {
		started(cmd.Process.Pid)
	}
	return nil
}

// listen starts cmd with a pipe for its progress and reads that in a goroutine
// which ends with the pipe: when the process has ended, or been killed.
func listen(cmd *exec.Cmd, report func(float64), started func(int), done chan<- error) error {
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	cmd.ExtraFiles = []*os.File{w}
	err = start(cmd, started)
	err = errors.Join(err, w.Close()) // ours would keep the pipe open for ever
	if err != nil {
		return errors.Join(err, r.Close())
	}
	go func() {
		err := readProgress(r, report)
		done <- errors.Join(err, r.Close())
	}()
	return nil
}

// tail keeps the end of what is written to it.
type tail struct{ buf []byte }

func (t *tail) Write(p []byte) (int, error) {
	t.buf = append(t.buf, p...)
	if len(t.buf) > 2*tailBytes {
		t.buf = append(t.buf[:0], t.buf[len(t.buf)-tailBytes:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	return string(t.buf[max(0, len(t.buf)-tailBytes):])
}

func lastLine(text string) string {
	text = strings.TrimSpace(text)
	return text[strings.LastIndexByte(text, '\n')+1:]
}

func base(tool string) string { return tool[strings.LastIndexByte(tool, '/')+1:] }
