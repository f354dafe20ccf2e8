package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"clipcase/flows/dossier"
	"clipcase/internal/testclips"
)

// oddFiles makes recordings of every size, rate, length, codec and container by
// chance (always the same ones), prepares each for two channels, and looks
// whether anything came out over its limit. Each file is a result of its own, so
// that a sitting that is stopped loses one at most.
func oddFiles(ctx context.Context, j job) (result, error) {
	facts := map[string]float64{"over_cap": 0, "files": 0, "pieces": 0, "refused": 0, "failed": 0}
	var out result
	for i := range j.odd {
		like := result{Row: "odd", Input: fmt.Sprint("file", i), Side: "file", Version: j.build}
		got, ok := j.store.get(like)
		if !ok {
			var err error
			if got, err = j.oddFile(ctx, i); err != nil {
				return result{}, err
			}
			got.Row, got.Input, got.Side, got.Version, got.Sitting = like.Row, like.Input, like.Side, like.Version, j.sitting
			if err := j.store.put(got); err != nil {
				return result{}, err
			}
			if (i+1)%20 == 0 {
				if err := j.say("odd: %d of %d", i+1, j.odd); err != nil {
					return result{}, err
				}
			}
		}
		for name, v := range got.Facts {
			facts[name] += v
		}
		out.Cost = out.Cost.plus(got.Cost)
		for _, f := range got.Files {
			if len(f.Over) > 0 {
				out.Files = append(out.Files, f)
			}
		}
	}
	out.Facts = facts
	return out, nil
}

// stressed: one recording in so many is long and full of grain.
const stressed = 10

// oddSpec is the i-th recording and its channels.
func oddSpec(i int) (testclips.Spec, []string) {
	random := rand.New(rand.NewPCG(uint64(i), 2026)) //nolint:gosec // the same files every time
	one := func(values ...float64) float64 { return values[random.IntN(len(values))] }
	kinds := []struct {
		codec testclips.Codec
		ext   []string
	}{
		{testclips.H264, []string{"mp4", "mov", "mkv", "ts", "flv"}}, {testclips.HEVC, []string{"mp4", "mkv", "mov"}}, {testclips.HEVC10, []string{"mp4", "mov"}},
		{testclips.HDR10, []string{"mp4"}}, {testclips.HLG, []string{"mov"}}, {testclips.VP9, []string{"webm", "mkv"}}, {testclips.MPEG4, []string{"avi", "mp4"}},
		{testclips.MJPEG, []string{"mov", "avi"}},
	}
	kind := kinds[random.IntN(len(kinds))]
	s := testclips.Spec{Codec: kind.codec, Ext: kind.ext[random.IntN(len(kind.ext))], Width: 34 + random.IntN(700), Height: 34 + random.IntN(900),
		FPS: one(5, 12, 15, 23.976, 24, 25, 29.97, 30, 48, 59.94, 60, 90, 120), Seconds: one(0.1, 0.3, 0.5, 0.9, 1, 1.7, 2.5, 4),
		Silent: random.IntN(3) == 0, VFR: random.IntN(4) == 0, GOP: int(one(1, 10, 30, 300))}
	if s.Codec != testclips.H264 || s.Ext == "flv" || s.Ext == "ts" {
		s.Width, s.Height = s.Width/2*2, s.Height/2*2 // these encoders and containers know no odd sizes
	}
	if s.Ext == "mp4" || s.Ext == "mov" {
		s.Rotate = int(one(0, 0, 90, 180, 270))
		if s.Codec == testclips.H264 {
			s.Aspect = []string{"", "", "4/3", "8/9"}[random.IntN(4)]
		}
	}
	if s.Seconds > 0.9 && !s.Silent {
		s.SoundStart = one(0, 0, 0.4)
	}
	s.Cover = s.Ext == "mp4" && s.Codec == testclips.H264 && random.IntN(6) == 0
	s.Interlaced = s.Codec == testclips.H264 && !s.Cover && s.Height%4 == 0 && s.Width%2 == 0 && random.IntN(6) == 0
	if i%stressed == stressed-1 { // long and full of grain: what strains the limits
		s = testclips.Spec{Noise: true, Codec: testclips.H264, Ext: s.Ext, Width: 2 * (180 + random.IntN(180)), Height: 2 * (320 + random.IntN(320)),
			FPS: one(24, 30, 60), Seconds: one(12, 25, 45), Silent: s.Silent, GOP: 300}
		if s.Ext == "webm" {
			s.Ext = "mkv"
		}
	}
	all := []string{"douyin-dm", "douyin-app", "email", "email-25mb", "generic", "wechat", "douyin-ads", "douyin-shop"}
	first := random.IntN(len(all))
	return s, []string{all[first], all[(first+1+random.IntN(len(all)-1))%len(all)]}
}

// oddFile makes and prepares one.
func (j job) oddFile(ctx context.Context, i int) (result, error) {
	spec, channels := oddSpec(i)
	dir := filepath.Join(j.dir, "odd")
	if err := errors.Join(os.RemoveAll(dir), os.MkdirAll(dir, 0o755)); err != nil {
		return result{}, err
	}
	path := filepath.Join(dir, "odd."+spec.Ext)
	if err := testclips.Generate(ctx, spec, path); err != nil {
		return result{}, fmt.Errorf("file %d: %w", i, err)
	}
	cmd := exec.CommandContext(ctx, j.clipcase, "prepare", "--json", "--channel", strings.Join(channels, ","), "--out", filepath.Join(dir, "case"), "--", path)
	var answer, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &answer, &said
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || ctx.Err() != nil) {
		return result{}, errors.Join(err, ctx.Err())
	}
	r := result{Facts: map[string]float64{"files": 1}}
	switch code := cmd.ProcessState.ExitCode(); code {
	case 0, 3:
		var record dossier.Record
		if err := json.Unmarshal(answer.Bytes(), &record); err != nil {
			return result{}, fmt.Errorf("file %d: the answer: %w", i, err)
		}
		j.dir = dir
		r.Files = j.files(record)
		for n := range r.Files {
			r.Facts["over_cap"] += float64(len(r.Files[n].Over))
			r.Files[n].Name = fmt.Sprintf("%d (%+v): %s", i, spec, r.Files[n].Name)
		}
		if code == 3 {
			r.Facts["refused"]++
		}
	default:
		r.Facts["failed"]++
		if err := j.say("file %d (%+v, %v) failed: exit %d: %s", i, spec, channels, code, said.Bytes()[max(0, said.Len()-tail):]); err != nil {
			return result{}, err
		}
	}
	r.Facts["pieces"] = float64(len(r.Files))
	return r, nil
}
