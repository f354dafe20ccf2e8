package ffmpeg

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"

	"clipcase/media"
)

// measure reads a finished file as a stranger would and demands what every
// piece must have: nothing of it is taken from the plan.
func (t task) measure(ctx context.Context, f finished) (media.Made, error) {
	stat, err := os.Stat(f.path)
	if err != nil {
		return media.Made{}, err
	}
	sum, err := hash(f.path)
	if err != nil {
		return media.Made{}, err
	}
	own, err := t.open(f.path)
	if err != nil {
		return media.Made{}, fmt.Errorf("the finished file: %w", err)
	}
	told, err := t.describe(ctx, own)
	if err != nil {
		return media.Made{}, fmt.Errorf("the finished file: %w", err)
	}
	made := media.Made{Piece: t.piece, File: t.piece.Name, Bytes: stat.Size(), SHA256: sum, Quality: f.quality, Damaged: t.damaged.Load()}
	if made.How, err = t.derivation(f); err != nil {
		return media.Made{}, err
	}
	v, which := told.picture()
	if which.Of == 0 {
		return media.Made{}, errors.New("the finished file has no picture")
	}
	made.Width, made.Height, made.Codec = v.Width, v.Height, v.Codec
	if t.piece.Kind == media.KindVideo || t.piece.Kind == media.KindGIF {
		found, broken, err := t.packets(ctx, own, v.Index, none)
		if err != nil || broken {
			return media.Made{}, errors.Join(errors.New("the finished file cannot be read to its end"), err)
		}
		probe := media.Probe{}
		if err := found.fill(&probe, told); err != nil {
			return media.Made{}, err
		}
		made.Duration, made.FPS = probe.Duration, probe.FPS
		if t.piece.Kind == media.KindGIF {
			made.FPS = min(made.FPS, t.piece.FPS) // repeated pictures were dropped, delays are whole hundredths
		}
		if !found.pictures[0].key {
			return media.Made{}, errors.New("the first picture is not a key picture")
		}
	}
	if t.piece.Kind == media.KindVideo {
		if err := playable(told, v, f.path); err != nil {
			return media.Made{}, err
		}
	}
	made.Fit = media.Fits(t.piece, made)
	return made, nil
}

// playable is what phones and forms ask of a video beyond its codec.
func playable(told description, v stream, path string) error {
	var errs []error
	if v.PixFmt != "yuv420p" || v.Range != "tv" {
		errs = append(errs, fmt.Errorf("pictures are %s, range %q", v.PixFmt, v.Range))
	}
	if v.Codec == "hevc" && v.Tag != "hvc1" {
		errs = append(errs, fmt.Errorf("the tag is %q", v.Tag))
	}
	if v.rotation() != 0 {
		errs = append(errs, errors.New("the picture still has to be turned"))
	}
	for _, s := range told.Streams {
		if s.Type != "video" && s.Type != "audio" {
			errs = append(errs, fmt.Errorf("a stream of %q is left", s.Type))
		}
	}
	first, err := indexFirst(path)
	if err != nil || !first {
		errs = append(errs, fmt.Errorf("the index does not stand in front (%w)", err))
	}
	return errors.Join(errs...)
}

// indexFirst says whether moov comes before mdat.
func indexFirst(path string) (bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer func() { _ = f.Close() }() // only read
	head := make([]byte, 16)
	for at := int64(0); ; {
		if _, err := f.ReadAt(head[:8], at); err != nil {
			return false, err
		}
		size := int64(binary.BigEndian.Uint32(head))
		switch {
		case bytes.Equal(head[4:8], []byte("moov")):
			return true, nil
		case bytes.Equal(head[4:8], []byte("mdat")):
			return false, nil
		case size == 1:
			if _, err := f.ReadAt(head, at); err != nil {
				return false, err
			}
			size = int64(binary.BigEndian.Uint64(head[8:]))
		}
		if size < 8 {
			return false, errors.New("a box without size")
		}
		at += size
	}
}
