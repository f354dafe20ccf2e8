package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// judge measures how like the original the files are: every picture of a video
// against the original sampled and scaled alike (SSIM), and how much of the text
// that is read in the original is read in the file too. The upper and lower
// eighth, where words may be burnt in, are left out on all sides.
func (b *bench) judge(ctx context.Context, c clip, dir string, files []file) error {
	for i := range files {
		f := &files[i]
		path := filepath.Join(dir, f.Name)
		var err error
		if f.Kind == "video" {
			if f.SSIM, err = ssim(ctx, c, *f, path); err != nil {
				return err
			}
		}
		if f.Kind == "video" || f.Kind == "gif" {
			if f.Read, err = b.read(ctx, c, *f, path); err != nil {
				return err
			}
		}
	}
	return nil
}

// middleOf is the part of a picture that is compared.
const middleOf = "crop=iw:trunc(ih*3/8)*2:0:trunc(ih/16)*2"

var patternSSIM = regexp.MustCompile(`SSIM .*All:([0-9.]+)`)

func ssim(ctx context.Context, c clip, f file, path string) (*float64, error) {
	rate := decimal(f.FPS)
	graph := fmt.Sprintf("[0:v]fps=%s:start_time=0,scale=%d:%d:flags=bicubic,format=yuv420p,%s[r];[1:v]setpts=PTS-STARTPTS,fps=%s:start_time=0,format=yuv420p,%s[m];[m][r]ssim=shortest=1",
		rate, f.Width, f.Height, middleOf, rate, middleOf)
	args := []string{"-nostdin", "-hide_banner", "-nostats", "-v", "info", "-ss", decimal(f.Start), "-t", decimal(f.End - f.Start), "-i", c.path, "-i", path, "-filter_complex", graph, "-f", "null", "-"}
	out, err := exec.CommandContext(ctx, "ffmpeg", args...).CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("ssim: %w: %s", err, out[max(0, len(out)-tail):])
	}
	m := patternSSIM.FindSubmatch(out)
	if m == nil {
		return nil, errors.New("ssim: no figure")
	}
	v, err := strconv.ParseFloat(string(m[1]), 64)
	if err != nil {
		return nil, err
	}
	return &v, nil
}

// read compares the texts of three pictures: of a video 1 − the share of letters
// that would have to be changed; of a GIF, which may show only a part, the share
// of the original's pairs of letters that are there. Where the words of a page are
// known only these count. A picture in which the original has hardly any text
// does not count; nil = none counts.
func (b *bench) read(ctx context.Context, c clip, f file, path string) (*float64, error) {
	total, count := 0.0, 0
	for _, share := range []float64{0.15, 0.5, 0.85} {
		at := (f.End - f.Start) * share
		want, err := b.text(ctx, c.path, f.Start+at, c.width, middleOf)
		if err != nil {
			return nil, err
		}
		if len(want) < 12 {
			continue
		}
		if f.Kind == "gif" {
			got, err := b.text(ctx, path, at+f.Lead, c.width, "null")
			if err != nil {
				return nil, err
			}
			total += found(want, got, c.words)
			count++
			continue
		}
		got, err := b.text(ctx, path, at, c.width, middleOf)
		if err != nil {
			return nil, err
		}
		total += math.Max(0, 1-float64(distance(want, got))/float64(len(want)))
		count++
	}
	if count == 0 {
		return nil, nil
	}
	mean := math.Round(total/float64(count)*1000) / 1000
	return &mean, nil
}

// found is the share of want's pairs of letters, known ones if any are known,
// that stand in got.
func found(want, got []rune, known string) float64 {
	all, there := map[string]bool{}, 0
	for i := range len(want) - 1 {
		if pair := string(want[i : i+2]); known == "" || strings.Contains(known, pair) {
			all[pair] = true
		}
	}
	for pair := range all {
		if strings.Contains(string(got), pair) {
			there++
		}
	}
	return float64(there) / math.Max(1, float64(len(all)))
}

// text reads the picture of a file at a time, brought to the recording's size.
func (b *bench) text(ctx context.Context, path string, at float64, width int, crop string) ([]rune, error) {
	picture := filepath.Join(b.dir, "read.png")
	filters := fmt.Sprintf("scale=%d:-2:flags=lanczos,%s", width, crop)
	for _, from := range []float64{at, math.Max(0, at-1.5), 0} { // a GIF's last picture may stand long before
		if err := os.RemoveAll(picture); err != nil {
			return nil, err
		}
		out, err := exec.CommandContext(ctx, "ffmpeg", "-nostdin", "-v", "error", "-y", "-ss", decimal(from), "-i", path, "-vf", filters, "-frames:v", "1", picture).CombinedOutput()
		if err != nil {
			return nil, fmt.Errorf("a picture to read: %w: %s", err, out)
		}
		if stat, err := os.Stat(picture); err == nil && stat.Size() > 0 {
			break
		}
	}
	cmd := exec.CommandContext(ctx, "tesseract", picture, "stdout", "-l", "chi_sim+eng", "--psm", "6")
	cmd.Env = append(os.Environ(), "OMP_THREAD_LIMIT=1")
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("tesseract: %w: %s", err, said.Bytes())
	}
	return letters(string(out)), nil
}

// letters are what is compared of a text.
func letters(text string) []rune {
	return []rune(strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, text))
}

// distance is how many letters must be changed, added or left out.
func distance(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range a {
		before := row[0]
		row[0] = i + 1
		for j, y := range b {
			change := before
			if x != y {
				change++
			}
			before = row[j+1]
			row[j+1] = min(change, row[j]+1, before+1)
		}
	}
	return row[len(b)]
}
