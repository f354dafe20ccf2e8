package testclips

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Make returns the path of a sample, made once for every spec and kept in the
// user's cache. Callers read it and never change it.
func Make(t testing.TB, spec Spec) string {
	t.Helper()
	path, err := cached(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func cached(ctx context.Context, spec Spec) (string, error) {
	spec = spec.withDefaults()
	key, err := spec.key()
	if err != nil {
		return "", err
	}
	root, err := os.UserCacheDir()
	if err != nil {
		root = os.TempDir()
	}
	dir := filepath.Join(root, "clipcase-testclips")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	path := filepath.Join(dir, key+"."+spec.Ext)
	if stat, err := os.Stat(path); err == nil && stat.Size() > 0 {
		return path, nil
	}
	return path, Generate(ctx, spec, path)
}

// Generate makes a sample at path: complete or not at all.
func Generate(ctx context.Context, spec Spec, path string) (err error) {
	spec = spec.withDefaults()
	// ffmpeg runs in a folder of its own, where a relative path means another file.
	if path, err = filepath.Abs(path); err != nil {
		return fmt.Errorf("testclips: %w", err)
	}
	work, err := os.MkdirTemp(filepath.Dir(path), ".making-")
	if err != nil {
		return fmt.Errorf("testclips: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	made := filepath.Join(work, "clip."+spec.Ext)
	if err := ffmpeg(ctx, work, spec.arguments(made)); err != nil {
		return err
	}
	if spec.Rotate != 0 {
		if made, err = rotated(ctx, work, made, spec); err != nil {
			return err
		}
	}
	if spec.Cover {
		if made, err = covered(ctx, work, made, spec); err != nil {
			return err
		}
	}
	return os.Rename(made, path)
}

// rotated writes the matrix that turns the picture when it is shown; the option
// counts against the clock.
func rotated(ctx context.Context, work, from string, spec Spec) (string, error) {
	to := filepath.Join(work, "rotated."+spec.Ext)
	return to, ffmpeg(ctx, work, []string{"-i", from, "-map", "0", "-c", "copy", "-metadata:s:v:0", fmt.Sprintf("rotate=%d", spec.Rotate), to})
}

func covered(ctx context.Context, work, from string, spec Spec) (string, error) {
	cover := filepath.Join(work, "cover.jpg")
	if err := ffmpeg(ctx, work, []string{"-f", "lavfi", "-i", "color=magenta:s=200x200", "-frames:v", "1", cover}); err != nil {
		return "", err
	}
	to := filepath.Join(work, "covered."+spec.Ext)
	return to, ffmpeg(ctx, work, []string{"-i", cover, "-i", from, "-map", "0:v", "-map", "1", "-c", "copy", "-disposition:v:0", "attached_pic", to})
}

func ffmpeg(ctx context.Context, work string, args []string) error {
	cmd := exec.CommandContext(ctx, "ffmpeg", append([]string{"-nostdin", "-hide_banner", "-v", "error", "-y"}, args...)...)
	cmd.Dir = work
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Run(); err != nil {
		return errors.Join(fmt.Errorf("testclips: ffmpeg: %w: %s", err, said.String()), ctx.Err())
	}
	return nil
}
