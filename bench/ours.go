package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"clipcase/flows/dossier"
	"clipcase/media"
)

// ours prepares a case for the channels.
func ours(channels ...string) side {
	return side{name: sideOurs, ours: true, do: func(ctx context.Context, j job) (result, error) {
		return j.prepare(ctx, j.input.path, channels)
	}}
}

// oursKey prepares 10 s from the middle.
func oursKey(channels ...string) side {
	return side{name: sideOurs, ours: true, do: func(ctx context.Context, j job) (result, error) {
		start, length := j.input.middle()
		return j.prepare(ctx, j.input.path, channels, "--key", decimal(start)+"-"+decimal(start+length))
	}}
}

// prepare runs the program as a person does and reads its answer.
func (j job) prepare(ctx context.Context, path string, channels []string, more ...string) (result, error) {
	var answer bytes.Buffer
	args := append([]string{"prepare", "--json", "--channel", strings.Join(channels, ","), "--out", filepath.Join(j.dir, "case")}, more...)
	cmd := exec.CommandContext(ctx, j.clipcase, append(args, "--", path)...)
	cmd.Stdout = &answer
	c, runs, err := measure(cmd)
	if err != nil {
		return result{}, err
	}
	var record dossier.Record
	if err := json.Unmarshal(answer.Bytes(), &record); err != nil {
		return result{}, fmt.Errorf("the answer: %w", err)
	}
	r := result{Cost: c, Files: j.files(record)}
	over, gifs := 0, 0
	for _, f := range r.Files {
		over += len(f.Over)
		if f.Kind == string(media.KindGIF) {
			gifs++
		}
	}
	r.Facts = map[string]float64{"over_cap": float64(over), "own_share": c.Own / math.Max(c.CPU, 0.001), "peak": float64(c.Peak)}
	if record.Timings.Total > 0 {
		r.Facts["first_piece"] = record.Timings.FirstPiece
		r.Facts["first_piece_share"] = record.Timings.FirstPiece / record.Timings.Total
	}
	if record.Timings.Render > 0 {
		r.Facts["documents_share"] = record.Timings.Document / record.Timings.Render
	}
	if gifs > 0 {
		r.Facts["tries_a_gif"] = float64(gifTries(runs)) / float64(gifs)
	}
	return r, nil
}

// gifTries counts encodings to a GIF among the processes that were seen; what
// gifsicle squeezes afterwards is the same try.
func gifTries(runs [][]string) int {
	n := 0
	for _, args := range runs {
		if strings.HasSuffix(args[0], "ffmpeg") && strings.HasSuffix(args[len(args)-1], ".gif") {
			n++
		}
	}
	return n
}

// files are the media of a record, with the limits that are not kept: by what
// the record says, and by the size on disk.
func (j job) files(record dossier.Record) []file {
	var out []file
	for _, p := range record.Pieces {
		if p.Original == nil || p.Width == nil || p.Range == nil {
			continue
		}
		f := file{Name: filepath.Join("case", p.File), Channel: p.Channel, Kind: string(p.Kind), Bytes: p.Bytes, Width: *p.Width, Height: *p.Height, Start: p.Range[0], End: p.Range[1]}
		if p.FPS != nil {
			f.FPS = *p.FPS
		}
		if p.Kind == media.KindGIF {
			f.Lead = media.GIFLead // the picture of the whole that stands in front
		}
		for _, fit := range p.Fit {
			if !fit.OK() {
				f.Over = append(f.Over, fmt.Sprintf("%s %g > %g", fit.Limit, fit.Value, fit.Max))
			}
		}
		stat, err := os.Stat(filepath.Join(j.dir, f.Name))
		switch {
		case err != nil:
			f.Over = append(f.Over, err.Error())
		case stat.Size() != p.Bytes:
			f.Over = append(f.Over, fmt.Sprintf("%d bytes on disk, %d in the record", stat.Size(), p.Bytes))
		}
		for _, fit := range p.Fit {
			if err == nil && fit.Limit == "bytes" && float64(stat.Size()) > fit.Max {
				f.Over = append(f.Over, fmt.Sprintf("%d bytes on disk > %g", stat.Size(), fit.Max))
			}
		}
		out = append(out, f)
	}
	return out
}
