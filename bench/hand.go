package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
)

// What a careful person types: one ffmpeg command for each output, ffmpeg's own
// threads, preset medium, at most 720 wide and 30 pictures a second.

func hand(do func(context.Context, job) (result, error)) side { return side{name: sideHand, do: do} }

// encode is one output of a careful person.
type encode struct {
	name, channel string
	codec         string // x265 or x264
	width         int    // at most
	kbps          int    // of the pictures
	audio         int    // kbit/s
	start, length float64
}

func (e encode) size(c clip) (w, h int) {
	w = min(e.width, c.width) / 2 * 2
	return w, int(math.Round(float64(c.height)*float64(w)/float64(c.width)/2)) * 2
}

func (e encode) rate(c clip) float64 { return math.Min(30, c.fps) }

func (e encode) file(c clip, bytes int64) file {
	w, h := e.size(c)
	return file{Name: e.name, Channel: e.channel, Kind: "video", Bytes: bytes, Width: w, Height: h, FPS: e.rate(c), Start: e.start, End: e.start + e.length}
}

// messages are the pieces of 10 s at the rate that makes 15 MB of them all.
func messages(c clip) []encode {
	var out []encode
	const audio = 96
	kbps := int(15e6*8/c.seconds/1000) - audio
	for at, n := 0.0, 1; at < c.seconds-0.5; at, n = at+10, n+1 {
		out = append(out, encode{fmt.Sprintf("dm-%d.mp4", n), "douyin-dm", "x265", 720, kbps, audio, at, math.Min(10, c.seconds-at)})
	}
	return out
}

func mail(c clip) encode {
	return encode{"email.mp4", "email", "x264", 720, int(36e6*8/c.seconds/1000) - 128, 128, 0, c.seconds}
}

func generic(c clip, kbps int) encode {
	return encode{"generic.mp4", "generic", "x264", 480, kbps, 128, 0, c.seconds}
}

// twoPass are the two commands of an encode.
func (e encode) twoPass(j job) [][]string {
	w, h := e.size(j.input)
	to := filepath.Join(j.dir, e.name)
	log := filepath.Join(j.dir, e.name+".log")
	base := []string{"ffmpeg", "-nostdin", "-v", "error", "-y"}
	if e.start > 0 || e.length < j.input.seconds {
		base = append(base, "-ss", decimal(e.start), "-t", decimal(e.length))
	}
	base = append(base, "-i", j.input.path, "-vf", fmt.Sprintf("fps=%s,scale=%d:%d,format=yuv420p", decimal(e.rate(j.input)), w, h), "-preset", "medium", "-b:v", strconv.Itoa(e.kbps)+"k")
	var out [][]string
	for pass := 1; pass <= 2; pass++ {
		c := append([]string{}, base...)
		if e.codec == "x265" {
			c = append(c, "-c:v", "libx265", "-tag:v", "hvc1", "-x265-params", fmt.Sprintf("pass=%d:stats=%s:log-level=error", pass, log))
		} else {
			c = append(c, "-c:v", "libx264", "-pass", strconv.Itoa(pass), "-passlogfile", log)
		}
		if pass == 1 {
			c = append(c, "-an", "-f", "null", "-")
		} else {
			c = append(c, "-c:a", "aac", "-b:a", strconv.Itoa(e.audio)+"k", "-movflags", "+faststart", to)
		}
		out = append(out, c)
	}
	return out
}

// encodes runs all and measures the sizes.
func encodes(ctx context.Context, j job, all ...encode) (result, error) {
	var r result
	for _, e := range all {
		c, err := series(ctx, e.twoPass(j)...)
		if err != nil {
			return r, err
		}
		r.Cost = r.Cost.plus(c)
		stat, err := os.Stat(filepath.Join(j.dir, e.name))
		if err != nil {
			return r, err
		}
		r.Files = append(r.Files, e.file(j.input, stat.Size()))
	}
	return r, nil
}

func handSet(ctx context.Context, j job) (result, error) {
	r, err := encodes(ctx, j, append(messages(j.input), mail(j.input), generic(j.input, 1500))...)
	if err != nil {
		return r, err
	}
	if err := handGIF(ctx, j, &r); err != nil {
		return r, err
	}
	stills := []string{"ffmpeg", "-nostdin", "-v", "error", "-y", "-i", j.input.path, "-vf", fmt.Sprintf("fps=12/%s,scale='min(720,iw)':-2", decimal(j.input.seconds)),
		"-q:v", "3", "-frames:v", "12", filepath.Join(j.dir, "still-%02d.jpg")}
	c, err := series(ctx, stills)
	r.Cost = r.Cost.plus(c)
	return r, err
}

// handGIF goes down its steps until the GIF is small enough: 10 s from the middle.
func handGIF(ctx context.Context, j job, r *result) error {
	start, length := j.input.middle()
	name := "app.gif"
	to := filepath.Join(j.dir, name)
	for _, step := range [][2]int{{12, 360}, {10, 320}, {10, 240}, {8, 200}, {6, 160}, {5, 120}} {
		c, err := series(ctx, []string{"ffmpeg", "-nostdin", "-v", "error", "-y", "-ss", decimal(start), "-t", decimal(length), "-i", j.input.path, "-filter_complex",
			fmt.Sprintf("fps=%d,scale=%d:-1:flags=lanczos,split[a][b];[a]palettegen[p];[b][p]paletteuse", step[0], step[1]), to})
		if err != nil {
			return err
		}
		r.Cost = r.Cost.plus(c)
		stat, err := os.Stat(to)
		if err != nil {
			return err
		}
		if stat.Size() <= 2_000_000 || step[0] == 5 {
			r.Files = append(r.Files, file{Name: name, Channel: "douyin-app", Kind: "gif", Bytes: stat.Size(), Width: step[1],
				Height: j.input.height * step[1] / j.input.width, FPS: float64(step[0]), Start: start, End: start + length})
			return nil
		}
	}
	return nil
}

// handMessage is the piece from the middle, by the same rate as in the set.
func handMessage(ctx context.Context, j job) (result, error) {
	return encodes(ctx, j, middleMessage(j.input))
}

func middleMessage(c clip) encode {
	e := messages(c)[0]
	e.start, e.length = c.middle()
	return e
}

// handGeneric takes the size that clipcase's piece came out at.
func handGeneric(ctx context.Context, j job) (result, error) {
	e, err := equalSize(j)
	if err != nil {
		return result{}, err
	}
	return encodes(ctx, j, e)
}

func equalSize(j job) (encode, error) {
	r, ok := j.other(sideOurs)
	if !ok || len(r.Files) == 0 {
		return encode{}, fmt.Errorf("the size is clipcase's: that side is needed too")
	}
	e := generic(j.input, 0)
	e.audio = 64
	e.kbps = int(float64(r.Files[0].Bytes)*8/j.input.seconds/1000) - e.audio
	return e, nil
}

// floor is what no tool can do without: every picture decoded, and scaled once.
func floor(ctx context.Context, j job) (result, error) {
	c, _, err := measure(exec.CommandContext(ctx, "ffmpeg", "-nostdin", "-v", "error", "-i", j.input.path, "-vf", "fps=30,scale='min(720,iw)':-2", "-an", "-f", "null", "-"))
	return result{Cost: c}, err
}

func decimal(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
