package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// cost is what a command and everything it started took.
type cost struct {
	Wall float64 `json:"wall"` // seconds
	CPU  float64 `json:"cpu"`  // seconds, user and system, with all children
	Own  float64 `json:"own"`  // of these the first process's own
	Peak int64   `json:"peak"` // bytes: the largest sum over all processes at one time
}

func (c cost) plus(d cost) cost {
	return cost{Wall: c.Wall + d.Wall, CPU: c.CPU + d.CPU, Own: c.Own + d.Own, Peak: max(c.Peak, d.Peak)}
}

// every is how often memory is looked at.
const every = 40 * time.Millisecond

// tail is what is shown of a command that failed.
const tail = 2000

// measure runs cmd to its end. runs are the arguments of every process below it
// that was seen: one that lived for less than the interval may be missing.
func measure(cmd *exec.Cmd) (cost, [][]string, error) {
	var said bytes.Buffer
	if cmd.Stderr == nil {
		cmd.Stderr = &said
	}
	cmd.WaitDelay = 5 * time.Second
	begun := time.Now()
	if err := cmd.Start(); err != nil {
		return cost{}, nil, err
	}
	w := &watch{root: cmd.Process.Pid, seen: map[int][]string{}}
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			w.look()
			select {
			case <-stop:
				return
			case <-tick.C:
			}
		}
	}()
	err := cmd.Wait()
	c := cost{Wall: time.Since(begun).Seconds()}
	close(stop)
	<-done
	if err != nil {
		text := said.Bytes()
		return cost{}, nil, fmt.Errorf("%s: %w: %s", filepath.Base(cmd.Path), err, text[max(0, len(text)-tail):])
	}
	c.CPU = (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
	c.Own, c.Peak = w.own, w.peak
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		c.Peak = max(c.Peak, usage.Maxrss*1024) // what ended before the first look
	}
	return c, w.runs(), nil
}

// watch looks at a process and those below it, as Linux shows them.
type watch struct {
	root int
	own  float64
	peak int64
	seen map[int][]string
	ids  []int
}

func (w *watch) look() {
	sum := int64(0)
	for _, pid := range below(w.root, nil) {
		pages, err := field(filepath.Join("/proc", strconv.Itoa(pid), "statm"), 1)
		if err != nil {
			continue // it has ended
		}
		sum += pages * int64(os.Getpagesize())
		line, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "cmdline"))
		if err != nil || len(line) == 0 {
			continue
		}
		// A process in the making still has its maker's arguments: the last ones count.
		if _, known := w.seen[pid]; !known {
			w.ids = append(w.ids, pid)
		}
		w.seen[pid] = strings.Split(strings.TrimSuffix(string(line), "\x00"), "\x00")
	}
	w.peak = max(w.peak, sum)
	if used, err := processor(w.root); err == nil {
		w.own = max(w.own, used)
	}
}

func (w *watch) runs() [][]string {
	var out [][]string
	for _, pid := range w.ids {
		out = append(out, w.seen[pid])
	}
	return out
}

// below are pid and all it started that still run.
func below(pid int, found []int) []int {
	if slices.Contains(found, pid) {
		return found
	}
	found = append(found, pid)
	lists, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	if err != nil {
		return found
	}
	for _, list := range lists {
		text, err := os.ReadFile(list)
		if err != nil {
			continue // the thread has ended
		}
		for _, child := range strings.Fields(string(text)) {
			if id, err := strconv.Atoi(child); err == nil {
				found = below(id, found)
			}
		}
	}
	return found
}

// processor is the time a process itself has used, seconds. Its children's is
// not in it. The kernel counts in hundredths for everyone who asks here.
func processor(pid int) (float64, error) {
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return 0, err
	}
	// The name stands in brackets and may hold anything.
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	if len(fields) < 13 {
		return 0, errors.New("stat is too short")
	}
	ticks := 0.0
	for _, f := range fields[11:13] {
		n, err := strconv.ParseFloat(f, 64)
		if err != nil {
			return 0, err
		}
		ticks += n
	}
	return ticks / 100, nil
}

// field is a number in a file of words.
func field(path string, at int) (int64, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(text))
	if at >= len(fields) {
		return 0, fmt.Errorf("%s is too short", path)
	}
	return strconv.ParseInt(fields[at], 10, 64)
}

// series runs commands one after the other and adds up.
func series(ctx context.Context, commands ...[]string) (cost, error) {
	var total cost
	for _, c := range commands {
		one, _, err := measure(exec.CommandContext(ctx, c[0], c[1:]...))
		if err != nil {
			return cost{}, err
		}
		total = total.plus(one)
	}
	return total, nil
}
