package ffmpeg

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"

	"clipcase/media"
	"clipcase/media/box"
)

// patternPixels is what ffmpeg says of a picture beyond -max_pixels.
var patternPixels = regexp.MustCompile(`Picture size (\d{1,9})x(\d{1,9}) exceeds`)

// Inspect measures a file. It looks at the outside first (media/box), then
// lets ffprobe read the streams and every packet's time and size, and decodes
// one picture. What cannot be used gives a *media.Refusal.
func (e *Engine) Inspect(ctx context.Context, path string) (media.Probe, error) {
	s, err := e.open(path)
	if err != nil {
		return media.Probe{}, err
	}
	probe := media.Probe{Kind: s.info.Kind, Format: string(s.info.Format), Bytes: s.bytes}
	if s.info.Kind == media.KindDocument {
		return probe, nil
	}
	work, err := os.MkdirTemp(e.dir, "clipcase-inspect-")
	if err != nil {
		return media.Probe{}, err
	}
	defer e.remove(work)
	if err := e.convert(ctx, &s, work); err != nil {
		return media.Probe{}, err
	}
	told, err := e.describe(ctx, s)
	if err != nil {
		return media.Probe{}, err
	}
	if err := told.fill(&probe); err != nil {
		return media.Probe{}, err
	}
	if probe.Kind != media.KindImage {
		sound := none
		if probe.Audio != nil {
			sound = probe.Audio.Stream
		}
		found, broken, err := e.packets(ctx, s, probe.Stream, sound)
		if err != nil {
			return media.Probe{}, err
		}
		if err := found.fill(&probe, told); err != nil {
			return media.Probe{}, err
		}
		probe.Damaged = broken
	}
	if err := e.caps.allow(probe); err != nil {
		return media.Probe{}, err
	}
	return probe, e.firstPicture(ctx, s, probe, work)
}

// original is a file as the tools are to see it.
type original struct {
	path  string
	bytes int64
	info  box.Info
}

// open takes the first look.
func (e *Engine) open(path string) (original, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return original{}, err
	}
	f, err := os.Open(abs)
	if err != nil {
		return original{}, err
	}
	defer func() { _ = f.Close() }() // only read
	stat, err := f.Stat()
	if err != nil {
		return original{}, err
	}
	info, err := box.Check(f, stat.Size(), e.caps.box())
	if err != nil {
		return original{}, err
	}
	if info.Kind == media.KindGIF {
		info.Kind = media.KindVideo // an animation is a recording without sound
	}
	return original{path: abs, bytes: stat.Size(), info: info}, nil
}

// convert makes a picture that ffmpeg cannot read into one it can.
func (e *Engine) convert(ctx context.Context, s *original, work string) error {
	if s.info.Demuxer != "" {
		return nil
	}
	if s.info.Kind != media.KindImage || e.heif == "" {
		return &media.Refusal{Code: media.RefusedUnsupported, Err: fmt.Errorf("%s needs heif-convert", s.info.Format)}
	}
	// The tool goes by the name's ending and knows only its own.
	link := filepath.Join(work, "original.heic")
	if err := os.Symlink(s.path, link); err != nil {
		return err
	}
	to := filepath.Join(work, "converted.jpg")
	if err := twice(func() error {
		return e.run(ctx, command{tool: e.heif, args: []string{"-q", "95", link, to}, read: []string{s.path}, write: []string{work}})
	}); err != nil {
		return unreadable(err)
	}
	if _, err := os.Stat(to); err != nil {
		return &media.Refusal{Code: media.RefusedUnreadable, Err: err}
	}
	s.path, s.info.Demuxer = to, "jpeg_pipe"
	return nil
}

// reading are the options that stand before every original, in ffprobe's and
// ffmpeg's words: no other protocol, no other format, bounded looks.
func (e *Engine) reading(s original) []option {
	return []option{
		{"-protocol_whitelist", "file"},
		{"-format_whitelist", s.info.Demuxer},
		{"-f", s.info.Demuxer},
		{"-max_streams", strconv.Itoa(e.caps.Streams)},
		{"-max_pixels", strconv.FormatInt(e.caps.Pixels, 10)},
		{"-probesize", "20M"},
		{"-analyzeduration", "20M"},
	}
}

// option is one option of a tool with its value.
type option struct{ name, value string }

func flat(options []option) []string {
	out := make([]string, 0, 2*len(options))
	for _, o := range options {
		out = append(out, o.name)
		if o.value != "" {
			out = append(out, o.value)
		}
	}
	return out
}

func (e *Engine) describe(ctx context.Context, s original) (description, error) {
	var out bytes.Buffer
	args := append([]string{"-hide_banner", "-v", "error"}, flat(e.reading(s))...)
	args = append(args, "-show_format", "-show_streams", "-of", "json")
	if s.info.Kind == media.KindImage {
		args = append(args, "-show_frames")
	}
	args = append(args, "file:"+s.path)
	said := &tail{}
	err := twice(func() error {
		out.Reset()
		return e.run(ctx, command{tool: e.ffprobe, args: args, read: []string{s.path}, stdout: &out, said: said})
	})
	tooLarge := e.caps.tooLarge(said.String())
	if err != nil && tooLarge != nil {
		return description{}, tooLarge
	}
	if err != nil {
		return description{}, unreadable(err)
	}
	told, err := parseDescription(out.Bytes())
	if err != nil {
		return description{}, &media.Refusal{Code: media.RefusedUnreadable, Err: err}
	}
	told.tooLarge = tooLarge
	return told, nil
}

// tooLarge finds in a tool's complaints that a picture is over the limit of
// pixels, which the tools keep themselves; nil = they do not say so. Depending
// on the container they then fail, or go on as if there were no picture.
func (c Caps) tooLarge(said string) *media.Refusal {
	m := patternPixels.FindStringSubmatch(said)
	if m == nil {
		return nil
	}
	return media.TooManyPixels(int64(number(m[1])), int64(number(m[2])), c.Pixels)
}

// allow refuses what is beyond the caps.
func (c Caps) allow(p media.Probe) error {
	switch {
	case p.Width < 2 || p.Height < 2:
		return &media.Refusal{Code: media.RefusedTooShort, Err: fmt.Errorf("%d×%d pixels", p.Width, p.Height)}
	case int64(p.Width)*int64(p.Height) > c.Pixels:
		return media.TooManyPixels(int64(p.Width), int64(p.Height), c.Pixels)
	case p.Duration > c.Seconds:
		return &media.Refusal{Code: media.RefusedTooLong, Args: map[string]any{"limit": c.Seconds, "actual": math.Round(p.Duration)}}
	}
	return nil
}

// firstPicture decodes one picture: a file whose streams can be listed may
// still hold nothing that can be shown.
func (e *Engine) firstPicture(ctx context.Context, s original, p media.Probe, work string) error {
	args := append([]string{"-nostdin", "-hide_banner", "-v", "error", "-threads", "1"}, flat(e.reading(s))...)
	args = append(args, "-i", "file:"+s.path, "-map", "0:"+strconv.Itoa(p.Stream), "-frames:v", "1", "-f", "framecrc", "-")
	var out bytes.Buffer
	err := twice(func() error {
		out.Reset()
		return e.run(ctx, command{tool: e.ffmpeg, args: args, read: []string{s.path}, write: []string{work}, stdout: &out})
	})
	if err != nil {
		return unreadable(err)
	}
	for line := range bytes.Lines(out.Bytes()) {
		if len(line) > 0 && line[0] != '#' {
			return nil
		}
	}
	return &media.Refusal{Code: media.RefusedUnreadable, Err: errors.New("not one picture could be decoded")}
}
