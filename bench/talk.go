package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"time"
)

// talk is how long a person writes between sending the recording and handing in.
const talk = time.Minute

var patternWaited = regexp.MustCompile(`recommended place: the last of \d+ files after ([0-9.]+) s`)

// waiting hands the recording in through the service as it runs, in a chat of a
// pretended Telegram on this machine, so long after sending it. Its wall time is
// the wait from handing in to the last file of the recommended place; processor
// time is not counted.
func waiting(name string, after time.Duration) side {
	return side{name: name, ours: true, do: func(ctx context.Context, j job) (result, error) {
		cmd := exec.CommandContext(ctx, "go", "test", "-count=1", "-timeout", "60m", "-run", "^TestTimes$", "-v", "./cmd/clipcase")
		cmd.Env = append(os.Environ(), "CLIPCASE_RECORDING="+j.input.path, "CLIPCASE_TALK="+after.String())
		var said bytes.Buffer
		cmd.Stdout, cmd.Stderr = &said, &said
		if err := cmd.Run(); err != nil {
			return result{}, fmt.Errorf("the service: %w: %s", err, said.Bytes()[max(0, said.Len()-tail):])
		}
		m := patternWaited.FindSubmatch(said.Bytes())
		if m == nil {
			return result{}, errors.New("the service: no figure")
		}
		wall, err := strconv.ParseFloat(string(m[1]), 64)
		return result{Cost: cost{Wall: wall}}, err
	}}
}
