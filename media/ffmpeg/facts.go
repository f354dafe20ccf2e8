package ffmpeg

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"clipcase/media/ffmpeg/cage"
)

// Facts are what the tools say of themselves, for the operator.
type Facts struct {
	FFmpeg      string // version; "" = could not be asked
	FFprobe     string
	Gifsicle    string       // "" = not there: GIFs come out larger
	HeifConvert string       // "" = not there: HEIC pictures are refused
	Font        string       // path
	Layers      []cage.Layer // what confines the tools on this machine
	Err         error        // what went wrong while asking
}

// needed are the encoders and filters without which pieces cannot be made.
func needed() (encoders, filters []string) {
	return []string{"libx264", "libx265", "aac", "mjpeg", "gif"},
		[]string{"drawtext", "scale", "fps", "zscale", "tonemap", "yadif", "palettegen", "paletteuse", "mpdecimate", "aresample", "ssim", "hstack"}
}

// Facts asks every tool, in the cage.
func (e *Engine) Facts(ctx context.Context) Facts {
	f := Facts{Font: e.font}
	var errs [4]error
	f.FFmpeg, errs[0] = e.version(ctx, e.ffmpeg, "-version")
	f.FFprobe, errs[1] = e.version(ctx, e.ffprobe, "-version")
	if e.gifsicle != "" {
		f.Gifsicle, errs[2] = e.version(ctx, e.gifsicle, "--version")
	}
	if e.heif != "" {
		f.HeifConvert = e.heif // old versions cannot say which they are
	}
	f.Layers, errs[3] = e.cage.Layers(ctx)
	f.Err = errors.Join(errs[:]...)
	return f
}

// abilities checks that ffmpeg has what is needed.
func (e *Engine) abilities() error {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	encoders, err := e.listed(ctx, "-encoders")
	if err != nil {
		return fmt.Errorf("ffmpeg does not run: %w", err)
	}
	filters, err := e.listed(ctx, "-filters")
	if err != nil {
		return fmt.Errorf("ffmpeg does not run: %w", err)
	}
	wantEncoders, wantFilters := needed()
	var missing []string
	for _, name := range wantEncoders {
		if !slices.Contains(encoders, name) {
			missing = append(missing, "encoder "+name)
		}
	}
	for _, name := range wantFilters {
		if !slices.Contains(filters, name) {
			missing = append(missing, "filter "+name)
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("this ffmpeg lacks %s: install a full build (Debian, Ubuntu and Homebrew have one)", strings.Join(missing, ", "))
	}
	return nil
}

func (e *Engine) version(ctx context.Context, tool, flag string) (string, error) {
	var out bytes.Buffer
	if err := e.run(ctx, command{tool: tool, args: []string{flag}, stdout: &out}); err != nil {
		return "", err
	}
	line, _, _ := strings.Cut(out.String(), "\n")
	fields := strings.Fields(line)
	if i := slices.Index(fields, "version"); i >= 0 && i+1 < len(fields) {
		return fields[i+1], nil
	}
	return strings.TrimSpace(line), nil
}

// listed reads the names of ffmpeg's tables, which stand in the second column.
func (e *Engine) listed(ctx context.Context, table string) ([]string, error) {
	var out bytes.Buffer
	if err := e.run(ctx, command{tool: e.ffmpeg, args: []string{"-hide_banner", table}, stdout: &out}); err != nil {
		return nil, err
	}
	var names []string
	for line := range strings.Lines(out.String()) {
		if fields := strings.Fields(line); len(fields) >= 2 && len(fields[0]) >= 3 {
			names = append(names, fields[1])
		}
	}
	return names, nil
}
