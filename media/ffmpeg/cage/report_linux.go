package cage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"

	ll "github.com/landlock-lsm/go-landlock/landlock/syscall"
	"golang.org/x/sys/unix"
)

// Layers starts a confined copy of ourselves that tries what each layer must
// forbid, and says which hold on this machine.
func (c *Cage) Layers(ctx context.Context) ([]Layer, error) {
	if os.Args[0] == childName {
		return nil, errNested
	}
	cmd, err := c.confined(ctx, order{Off: c.off, Memory: DefaultMemory, CPU: 60, File: 1 << 20}, nil)
	if err != nil {
		return nil, err
	}
	var complaint strings.Builder
	cmd.Env, cmd.Dir, cmd.WaitDelay, cmd.Stderr = environment(nil, nil), "/", killAfter, &complaint
	group(cmd)
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("cage: try the layers: %w (%s)", err, strings.TrimSpace(complaint.String()))
	}
	var layers []Layer
	if err := json.Unmarshal(out, &layers); err != nil {
		return nil, fmt.Errorf("cage: try the layers: %w", err)
	}
	return layers, nil
}

// report runs in the child: it confines itself, tries, writes and exits.
func report(o order) error {
	size, err := addressSpace()
	if err != nil {
		return err
	}
	if err := confine(o); err != nil {
		return err
	}
	layers := []Layer{tryPrivs(), tryFiles(), tryCalls()}
	// The limit is put a little above what this runtime holds already.
	o.Memory = size + 256<<20
	if err := limit(o); err != nil {
		return err
	}
	if err := json.NewEncoder(os.Stdout).Encode(append(layers, tryMemory())); err != nil {
		return err
	}
	os.Exit(0)
	return nil
}

func tryPrivs() Layer {
	on, err := unix.PrctlRetInt(unix.PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0)
	return Layer{Name: LayerNoNewPrivs, Holds: err == nil && on == 1, Detail: "asked the kernel"}
}

func tryFiles() Layer {
	abi, err := ll.LandlockGetABIVersion()
	if err != nil || abi <= 0 {
		return Layer{Name: LayerLandlock, Detail: "the kernel has no Landlock, or it is not enabled"}
	}
	_, err = os.ReadDir("/")
	return Layer{Name: LayerLandlock, Holds: errors.Is(err, os.ErrPermission), Detail: fmt.Sprintf("ABI %d, tried to list /", abi)}
}

func tryCalls() Layer {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	if err == nil {
		_ = unix.Close(fd) // this process ends now
	}
	return Layer{Name: LayerSeccomp, Holds: errors.Is(err, os.ErrPermission), Detail: "tried to open a socket"}
}

func tryMemory() Layer {
	mem, err := unix.Mmap(-1, 0, 1<<30, unix.PROT_NONE, unix.MAP_PRIVATE|unix.MAP_ANON|unix.MAP_NORESERVE)
	if err == nil {
		_ = unix.Munmap(mem) // this process ends now
	}
	return Layer{Name: LayerRlimits, Holds: errors.Is(err, syscall.ENOMEM), Detail: "tried to take more memory than allowed"}
}

// addressSpace is the bytes of address space this process holds.
func addressSpace() (uint64, error) {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, err
	}
	var pages uint64
	if _, err := fmt.Sscan(string(text), &pages); err != nil {
		return 0, fmt.Errorf("/proc/self/statm: %w", err)
	}
	return pages * uint64(os.Getpagesize()), nil
}
