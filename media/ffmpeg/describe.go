package ffmpeg

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"clipcase/media"
)

// description is what ffprobe says of a file. Every figure is a claim of the
// file's: those that matter are measured from the packets.
type description struct {
	Streams []stream `json:"streams"`
	Frames  []struct {
		Sides []side `json:"side_data_list"`
	} `json:"frames"` // of pictures: cameras say in the picture how it is turned
	Format struct {
		Name  string `json:"format_name"`
		Start string `json:"start_time"`
	} `json:"format"`

	tooLarge *media.Refusal // a picture over the limit was met and left out
}

type stream struct {
	Index       int    `json:"index"`
	Type        string `json:"codec_type"`
	Codec       string `json:"codec_name"`
	Tag         string `json:"codec_tag_string"`
	Width       int    `json:"width"`
	Height      int    `json:"height"`
	Aspect      string `json:"sample_aspect_ratio"`
	PixFmt      string `json:"pix_fmt"`
	Range       string `json:"color_range"`
	Transfer    string `json:"color_transfer"`
	Field       string `json:"field_order"`
	MeanRate    string `json:"avg_frame_rate"`
	Start       string `json:"start_time"`
	SampleRate  string `json:"sample_rate"`
	Channels    int    `json:"channels"`
	Disposition struct {
		Picture int `json:"attached_pic"`
		Default int `json:"default"`
	} `json:"disposition"`
	Sides []side `json:"side_data_list"`
}

type side struct {
	Rotation float64 `json:"rotation"`
}

func parseDescription(data []byte) (description, error) {
	var d description
	if err := json.Unmarshal(data, &d); err != nil {
		return description{}, fmt.Errorf("ffprobe's answer: %w", err)
	}
	return d, nil
}

// picture is the video stream to take: the first that is not a cover; among
// several the one marked as default, as players do.
func (d description) picture() (stream, media.Choice) {
	return d.choose(func(s stream) bool {
		return s.Type == "video" && s.Disposition.Picture != 1 && s.Width > 0 && s.Height > 0
	})
}

func (d description) sound() (stream, media.Choice) {
	return d.choose(func(s stream) bool { return s.Type == "audio" && s.Codec != "" && s.Channels > 0 })
}

// choose takes among the streams that are wanted.
func (d description) choose(wanted func(stream) bool) (taken stream, which media.Choice) {
	for _, s := range d.Streams {
		if !wanted(s) {
			continue
		}
		which.Of++
		if which.Taken == 0 || taken.Disposition.Default == 0 && s.Disposition.Default == 1 {
			taken, which.Taken = s, which.Of
		}
	}
	return taken, which
}

// fill takes over what can be believed.
func (d description) fill(p *media.Probe) error {
	v, pictures := d.picture()
	sound, sounds := d.sound()
	hasSound := sounds.Of > 0
	if pictures.Of == 0 {
		if d.tooLarge != nil {
			return d.tooLarge
		}
		if hasSound {
			return &media.Refusal{Code: media.RefusedAudioOnly}
		}
		return &media.Refusal{Code: media.RefusedUnreadable, Err: errors.New("no stream with pictures")}
	}
	if v.Codec == "" || v.Codec == "unknown" {
		return &media.Refusal{Code: media.RefusedUnsupported, Err: errors.New("the pictures' codec is not known")}
	}
	p.Format, p.Codec, p.PixFmt, p.Transfer = d.Format.Name, v.Codec, v.PixFmt, v.Transfer
	p.Stream, p.Streams = v.Index, len(d.Streams)
	if p.Kind != media.KindImage {
		p.Pictures, p.Sounds = pictures, sounds
	}
	p.FieldRate = v.Field == "tt" || v.Field == "bb" || v.Field == "tb" || v.Field == "bt"
	if p.Kind == media.KindImage && len(d.Frames) > 0 {
		v.Sides = append(v.Sides, d.Frames[0].Sides...)
	}
	p.Rotation = v.rotation()
	p.Width, p.Height = v.shown(p.Rotation)
	p.FPS = ratio(v.MeanRate)
	if hasSound && p.Kind != media.KindImage {
		rate, err := strconv.Atoi(sound.SampleRate)
		if err != nil || rate <= 0 {
			return nil //nolint:nilerr // sound without a rate cannot be decoded: the piece has none
		}
		p.Audio = &media.Audio{Stream: sound.Index, Codec: sound.Codec, Rate: rate, Channels: sound.Channels, Start: number(sound.Start)}
	}
	return nil
}

// rotation is clockwise, as the picture is turned when shown; ffprobe's counts
// the other way. Odd angles are taken as the nearest quarter.
func (s stream) rotation() int {
	for _, side := range s.Sides {
		if side.Rotation != 0 && !math.IsNaN(side.Rotation) && math.Abs(side.Rotation) <= 360 {
			quarter := int(math.Round(-side.Rotation/90)) * 90
			return ((quarter % 360) + 360) % 360
		}
	}
	return 0
}

// shown is the size on a screen: with square pixels, turned. Stretching goes
// to the longer reading, so that no line of pixels is lost.
func (s stream) shown(rotation int) (int, int) {
	w, h := float64(s.Width), float64(s.Height)
	if a := ratio(strings.ReplaceAll(s.Aspect, ":", "/")); a > 0.1 && a < 10 && a != 1 {
		w *= a
	}
	if rotation%180 != 0 {
		w, h = h, w
	}
	return int(math.Round(w)), int(math.Round(h))
}

// ratio reads "30000/1001"; 0 = none.
func ratio(text string) float64 {
	a, b, ok := strings.Cut(text, "/")
	if !ok {
		return number(text)
	}
	if d := number(b); d != 0 {
		return number(a) / d
	}
	return 0
}

// number reads a decimal; 0 = none ("N/A").
func number(text string) float64 {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return 0
	}
	return v
}
