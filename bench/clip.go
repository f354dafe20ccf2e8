package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"clipcase/internal/testclips"
)

// clip is an input.
type clip struct {
	name, path    string
	version       string // of its content
	width, height int
	fps, seconds  float64
	words         string // letters that stand on its pages; "" = not known
}

// middle are the ten seconds that stand for the recording's key moment.
func (c clip) middle() (start, length float64) {
	length = math.Min(10, c.seconds)
	return math.Round((c.seconds-length)/2*10) / 10, length
}

// maker makes an input at a path.
type maker struct {
	words string
	make  func(ctx context.Context, b *bench, to string) error
}

func makers() map[string]maker {
	words := string(letters(strings.Join(append(chat(), append(orders(), notice()...)...), "")))
	return map[string]maker{
		reference: {make: recording},
		"screen":  {words, phone(1080, 2340, 3, 30, 32_500_000, all)},
		"chat":    {words, phone(1080, 2340, 3, 12, 0, chatOnly)},
		"orders":  {words, phone(1080, 2340, 3, 12, 0, ordersOnly)},
		"long":    {words, phone(720, 1280, 2, 180, 5_000_000, all)},
		"vfr":     {words, vfr},
		"camera":  {make: camera},
	}
}

// clip finds an input, and makes it if it is not there yet.
func (b *bench) clip(ctx context.Context, name string) (clip, error) {
	if name == "none" {
		return clip{name: name, version: fmt.Sprint(b.odd)}, nil
	}
	m, ok := makers()[name]
	if !ok {
		return clip{}, fmt.Errorf("no input is called %q", name)
	}
	c := clip{name: name, words: m.words, path: filepath.Join(b.dir, "in", name+".mp4")}
	if name == reference {
		c.path = b.reference(c.path)
	}
	if stat, err := os.Stat(c.path); err != nil || stat.Size() == 0 {
		if err := b.say("making the input %s: once, some minutes", name); err != nil {
			return clip{}, err
		}
		if err := os.MkdirAll(filepath.Dir(c.path), 0o755); err != nil {
			return clip{}, err
		}
		making := strings.TrimSuffix(c.path, ".mp4") + ".making.mp4"
		if err := m.make(ctx, b, making); err != nil {
			return clip{}, err
		}
		if err := os.Rename(making, c.path); err != nil {
			return clip{}, err
		}
	}
	return c, c.look(ctx)
}

// reference is the given recording, the demo's if it is there, or one of ours.
func (b *bench) reference(own string) string {
	if b.video != "" {
		return b.video
	}
	const demo = "demo/recording.mp4"
	if stat, err := os.Stat(demo); err == nil && stat.Size() > 0 {
		return demo
	}
	return own
}

func (c *clip) look(ctx context.Context) error {
	path, err := filepath.Abs(c.path)
	if err != nil {
		return err
	}
	c.path = path
	if c.version, err = sum(path); err != nil {
		return err
	}
	out, err := exec.CommandContext(ctx, "ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", "stream=width,height,avg_frame_rate:format=duration", "-of", "default=nw=1:nk=1", path).Output()
	if err != nil {
		return fmt.Errorf("%s: %w", c.name, err)
	}
	var over, under float64
	if n, err := fmt.Sscanf(string(out), "%d\n%d\n%f/%f\n%f", &c.width, &c.height, &over, &under, &c.seconds); err != nil || n != 5 || under == 0 {
		return fmt.Errorf("%s: ffprobe said %q", c.name, out)
	}
	c.fps = over / under
	return nil
}

func recording(ctx context.Context, _ *bench, to string) error {
	return testclips.Generate(ctx, testclips.Reference(), to)
}

// vfr is the first minute of the long recording as a phone writes it: a picture
// only when something has changed.
func vfr(ctx context.Context, b *bench, to string) error {
	long, err := b.clip(ctx, "long")
	if err != nil {
		return err
	}
	return runFFmpeg(ctx, "-t", "60", "-i", long.path, "-vf", "mpdecimate", "-vsync", "vfr", "-c:v", "libx264", "-preset", "ultrafast", "-crf", "20", "-c:a", "copy", to)
}

// camera is a picture in a restless hand, with grain: what a camera's film asks
// of an encoder. Real footage is not to be had without someone's rights.
func camera(ctx context.Context, _ *bench, to string) error {
	return runFFmpeg(ctx, "-f", "lavfi", "-i", "mandelbrot=s=1344x784:rate=30:start_scale=1.2:end_scale=0.002:end_pts=900",
		"-f", "lavfi", "-i", "anoisesrc=c=pink:a=0.1:r=44100",
		"-vf", "crop=1280:720:32+24*sin(2*PI*t/1.7)+6*sin(2*PI*t*3.1):32+20*cos(2*PI*t/2.3)+5*sin(2*PI*t*4.3),gblur=0.7,noise=alls=12:allf=t,format=yuv420p",
		"-t", "50", "-c:v", "libx264", "-preset", "veryfast", "-b:v", "12M", "-c:a", "aac", to)
}

func runFFmpeg(ctx context.Context, args ...string) error {
	out, err := exec.CommandContext(ctx, "ffmpeg", append([]string{"-nostdin", "-hide_banner", "-v", "error", "-y"}, args...)...).CombinedOutput()
	if err != nil {
		return errors.Join(fmt.Errorf("ffmpeg: %w: %s", err, out[max(0, len(out)-tail):]), ctx.Err())
	}
	return nil
}
