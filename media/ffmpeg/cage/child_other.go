//go:build !linux

package cage

import (
	"context"
	"fmt"
	"os/exec"
	"runtime"
)

// Enter has nothing to do here: tools are started directly.
func Enter() {}

func selfExe() string { return "" }

// command runs the tool as it is: none of the layers exists on this system.
func (c *Cage) command(ctx context.Context, o order, args []string) (*exec.Cmd, error) {
	return exec.CommandContext(ctx, o.Tool, args...), nil
}

// Layers says that nothing holds.
func (c *Cage) Layers(context.Context) ([]Layer, error) {
	var layers []Layer
	for _, name := range names() {
		layers = append(layers, Layer{Name: name, Detail: fmt.Sprintf("not available on %s", runtime.GOOS)})
	}
	return layers, nil
}
