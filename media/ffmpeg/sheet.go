package ffmpeg

import (
	"context"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // the pictures are ours
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"clipcase/media"
)

const (
	sheetMost = 40 // pictures
	sheetGap  = 8  // pixels
)

// ContactSheet writes one JPEG that shows pictures side by side, each with its
// number from 1 in its corner, width pixels across and never over limit bytes (0 =
// none). The pictures are JPEGs made by Render; equal pictures give an equal
// sheet. What cannot be brought under the limit is a *media.Refusal.
func (e *Engine) ContactSheet(ctx context.Context, pictures []string, width int, limit int64, to string) error {
	if len(pictures) == 0 || len(pictures) > sheetMost {
		return fmt.Errorf("a contact sheet of %d pictures: 1 to %d can be shown", len(pictures), sheetMost)
	}
	work, err := os.MkdirTemp(filepath.Dir(to), ".sheet-")
	if err != nil {
		return err
	}
	defer e.remove(work)
	if err := e.budget.Acquire(ctx, 1); err != nil {
		return err
	}
	defer e.budget.Release(1)
	made := filepath.Join(work, "sheet.jpg")
	for quality := 3; ; {
		if err := e.sheet(ctx, pictures, width, quality, work, made); err != nil {
			return err
		}
		stat, err := os.Stat(made)
		if err != nil {
			return err
		}
		switch {
		case limit == 0 || stat.Size() <= limit:
			return publish(made, to)
		case quality < worstStill:
			quality += 4
		case width > 400:
			width = width * 4 / 5
		default:
			return &media.Refusal{Code: media.RefusedCannotFit, Args: map[string]any{"limit": limit, "actual": stat.Size(), "name": filepath.Base(to)},
				Err: errors.New("the contact sheet is too large")}
		}
	}
}

// cells are how many stand in a row, and the size of each.
func cells(pictures []string, width int) (across int, size image.Point, err error) {
	tallest := 0.0
	for _, path := range pictures {
		shape, err := jpegSize(path)
		if err != nil {
			return 0, size, err
		}
		tallest = math.Max(tallest, math.Min(2.4, float64(shape.Y)/float64(shape.X)))
	}
	across = min(len(pictures), 4)
	if tallest < 0.9 { // wide ones
		across = min(len(pictures), 2)
	}
	size.X = max(32, (width-(across-1)*sheetGap)/across/2*2)
	size.Y = max(32, int(float64(size.X)*tallest)/2*2)
	return across, size, nil
}

func jpegSize(path string) (image.Point, error) {
	f, err := os.Open(path)
	if err != nil {
		return image.Point{}, err
	}
	defer func() { _ = f.Close() }() // only read
	head, _, err := image.DecodeConfig(f)
	if err != nil || head.Width < 1 || head.Height < 1 {
		return image.Point{}, fmt.Errorf("%s: not a picture: %w", filepath.Base(path), err)
	}
	return image.Pt(head.Width, head.Height), nil
}

func (e *Engine) sheet(ctx context.Context, pictures []string, width, quality int, work, to string) error {
	across, cell, err := cells(pictures, width)
	if err != nil {
		return err
	}
	var g graph
	var names, places []string
	w, h := strconv.Itoa(cell.X), strconv.Itoa(cell.Y)
	read := []string{e.font}
	for i, path := range pictures {
		link := filepath.Join(work, fmt.Sprintf("in%d.jpg", i)) // one picture may stand twice; a file is opened once
		if err := os.RemoveAll(link); err != nil {
			return err
		}
		if err := os.Symlink(path, link); err != nil {
			return err
		}
		number := fmt.Sprintf("n%d.txt", i)
		if err := writeWords(work, number, strconv.Itoa(i+1)); err != nil {
			return err
		}
		g.inputs = append(g.inputs, input{path: "file:" + link, options: []option{{"-protocol_whitelist", "file"}, {"-f", "jpeg_pipe"}}})
		name := fmt.Sprintf("c%d", i)
		size := max(leastLetter, cell.X/14)
		g.chains = append(g.chains, chain{name: name, from: []string{fmt.Sprintf("%d:0", i)}, filters: []filter{
			{"scale", []string{w, h, "force_original_aspect_ratio=decrease", "flags=lanczos", "out_range=pc"}},
			{"format", []string{"yuvj444p"}},
			{"pad", []string{w, h, "0", "0", "color=white"}}, {"setsar", []string{"1"}},
			e.draw(number, "none", size, strconv.Itoa(size/2), strconv.Itoa(size/2)),
		}})
		names = append(names, name)
		places = append(places, fmt.Sprintf("%d_%d", i%across*(cell.X+sheetGap), i/across*(cell.Y+sheetGap)))
		read = append(read, path)
	}
	last := names[0]
	if len(names) > 1 {
		last = "sheet"
		g.chains = append(g.chains, chain{name: last, from: names, filters: []filter{
			{"xstack", []string{"inputs=" + strconv.Itoa(len(names)), "layout=" + strings.Join(places, "|"), "fill=white"}}}})
	}
	g.output = output{path: "file:" + to, take: []string{last}, options: []option{
		{"-f", "mjpeg"}, {"-c:v", "mjpeg"}, {"-frames:v", "1"}, {"-q:v", strconv.Itoa(quality)}, {"-map_metadata", "-1"}, {"-fflags", "+bitexact"}, {"-flags:v", "+bitexact"},
	}}
	args, err := g.compile()
	if err != nil {
		return err
	}
	args = append([]string{"-nostdin", "-hide_banner", "-nostats", "-v", "error", "-y"}, args...)
	if err := e.run(ctx, command{tool: e.ffmpeg, args: args, read: read, write: []string{work}}); err != nil {
		return fmt.Errorf("contact sheet: %w", err)
	}
	return nil
}
