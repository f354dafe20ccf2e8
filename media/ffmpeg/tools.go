package ffmpeg

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"regexp"
	"runtime"
	"strings"

	"clipcase/media"
)

// Tools are the versions of all that pieces are made with, asked in the cage. The
// encoders are within ffmpeg and say theirs only in what they write: each codes
// one small picture. What does not answer is left out and stands in the error.
func (e *Engine) Tools(ctx context.Context) (media.Tools, error) {
	t := media.Tools{Threads: e.threads, Machine: runtime.GOARCH}
	var errs [4]error
	t.FFmpeg, errs[0] = e.version(ctx, e.ffmpeg, "-version")
	t.X264, errs[1] = e.encoderVersion(ctx, "libx264", "h264", regexp.MustCompile(`x264 - core ([^-]+?) - `))
	t.X265, errs[2] = e.encoderVersion(ctx, "libx265", "hevc", regexp.MustCompile(`x265 \(build \d+\) - ([^:\s]+)`))
	if e.gifsicle != "" {
		t.Gifsicle, errs[3] = e.version(ctx, e.gifsicle, "--version")
		t.Gifsicle = strings.TrimPrefix(t.Gifsicle, "LCDF Gifsicle ")
	}
	return t, errors.Join(errs[:]...)
}

func (e *Engine) encoderVersion(ctx context.Context, encoder, format string, says *regexp.Regexp) (string, error) {
	var out bytes.Buffer
	args := []string{"-nostdin", "-hide_banner", "-v", "error", "-f", "lavfi", "-i", "color=s=64x64:d=0.1", "-frames:v", "1", "-c:v", encoder, "-threads", "1"}
	if encoder == "libx265" {
		args = append(args, "-x265-params", "log-level=error:pools=1")
	}
	if err := e.run(ctx, command{tool: e.ffmpeg, args: append(args, "-f", format, "-"), stdout: &out}); err != nil {
		return "", err
	}
	found := says.FindSubmatch(out.Bytes())
	if found == nil {
		return "", fmt.Errorf("%s does not say its version", encoder)
	}
	return string(found[1]), nil
}
