package detect

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"time"

	"clipcase/media/ffmpeg/cage"
)

var (
	errTooMuch = errors.New("more words than a picture can hold")
	errHung    = errors.New("the reading did not come to an end and was ended")
)

const killAfter = 500 * time.Millisecond // between asking the tool to stop and making it

// run is how the tool is started. Its limits are those of one picture for each.
type run struct {
	nice     int
	read     []string
	pictures int
}

// run starts the tool in the cage and gives what it printed, with the processor
// time it took. A cancelled ctx gives its own error.
func (r *Reader) run(ctx context.Context, how run, args ...string) ([]byte, time.Duration, error) {
	if err := ctx.Err(); err != nil {
		return nil, 0, err
	}
	many := max(1, how.pictures)
	wait := r.wait * time.Duration(many)
	if how.nice > niceness {
		wait *= standsBack
	}
	patient, cancel := context.WithTimeoutCause(ctx, wait, errHung)
	defer cancel()
	cmd, err := r.cage.Command(patient, cage.Spec{
		Read: how.read, CPU: r.page * time.Duration(many), File: fileBytes, Nice: how.nice,
		Env: []string{"OMP_THREAD_LIMIT=1"}, // more threads cost twice the time for the same words
	}, r.tool, args...)
	if err != nil {
		return nil, 0, err
	}
	cmd.WaitDelay = killAfter
	out, said := &bounded{most: tableBytes * many}, &bounded{most: 4 << 10}
	cmd.Stdout, cmd.Stderr = out, said
	err = cmd.Run()
	spent := time.Duration(0)
	if cmd.ProcessState != nil {
		spent = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	}
	switch {
	case ctx.Err() != nil:
		return nil, spent, ctx.Err() // the exit code of a stopped tool says nothing
	case errors.Is(context.Cause(patient), errHung) && err != nil:
		return nil, spent, errHung
	case out.over:
		return nil, spent, errTooMuch
	case err != nil:
		var exit *exec.ExitError
		if errors.As(err, &exit) && exit.ExitCode() == cage.ExitCage {
			return nil, spent, fmt.Errorf("%w: %s", err, said.buf.String())
		}
		return nil, spent, err // what it complains of may hold words of the picture
	}
	if out.buf.Len() == 0 { // old versions answer on stderr
		return said.buf.Bytes(), spent, nil
	}
	return out.buf.Bytes(), spent, nil
}

// bounded keeps the beginning of what is written and drops the rest, so that a
// tool that floods us ends by its own limit and fills no memory.
type bounded struct {
	buf  bytes.Buffer
	most int
	over bool
}

func (b *bounded) Write(p []byte) (int, error) {
	room := b.most - b.buf.Len()
	if len(p) > room {
		b.over = true
		b.buf.Write(p[:max(0, room)])
		return len(p), nil
	}
	return b.buf.Write(p)
}
