package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"clipcase/flows/dossier/booklet"
	"clipcase/media/detect"
	"clipcase/media/ffmpeg"
	"clipcase/media/ffmpeg/cage"
)

// toolFindings asks the media tools, in the cage, what they are and can do.
func (a *app) toolFindings(ctx context.Context) []finding {
	engine, err := ffmpeg.New(ffmpeg.Config{})
	if err != nil {
		var out []finding
		for line := range strings.Lines(err.Error()) {
			out = append(out, finding{bad, a.say("cli.doctor.tools"), strings.TrimSpace(line), a.say("cli.mend.tools")})
		}
		return append(out, a.layerFindings(ctx)...)
	}
	facts := engine.Facts(ctx)
	if facts.Err != nil {
		return append([]finding{{bad, a.say("cli.doctor.tools"), facts.Err.Error(), a.say("cli.mend.tools")}}, a.layerFindings(ctx)...)
	}
	out := []finding{
		{good, "ffmpeg", facts.FFmpeg, ""},
		{good, "ffprobe", facts.FFprobe, ""},
		{good, a.say("cli.doctor.encoders"), "libx264, libx265, aac, gif, mjpeg", ""}, // New refuses without them
		{good, a.say("cli.doctor.glyphs"), filepath.Base(facts.Font), ""},
		optional(a.say("cli.doctor.booklet"), bookletFont(), a.say("cli.mend.booklet")),
		optional("gifsicle", facts.Gifsicle, a.say("cli.mend.gifsicle")),
		optional("heif-convert", filepath.Base(facts.HeifConvert), a.say("cli.mend.heif")),
		a.reading(ctx),
	}
	return append(out, a.asFindings(facts.Layers)...)
}

// optional is a tool without which some things work less well.
func optional(name, seen, mend string) finding {
	if seen == "" || seen == "." {
		return finding{poor, name, "", mend}
	}
	return finding{good, name, seen, ""}
}

// bookletFont is the font that booklets are written in; "" = there is none.
func bookletFont() string {
	font, err := booklet.FindFont("")
	if err != nil {
		return ""
	}
	return font.Name()
}

// reading says what words on pictures are read with, and names what is missing.
func (a *app) reading(ctx context.Context) finding {
	reader, err := detect.New(ctx, detect.Config{})
	if err != nil {
		return finding{poor, "tesseract", err.Error(), a.say("cli.mend.tesseract")}
	}
	facts, err := reader.Facts(ctx)
	if err != nil {
		return finding{poor, "tesseract", err.Error(), a.say("cli.mend.tesseract")}
	}
	return finding{good, "tesseract", facts.Version + " (" + strings.Join(facts.Languages, ", ") + ")", ""}
}

func (a *app) layerFindings(ctx context.Context) []finding {
	c, err := cage.New(cage.Config{})
	if err != nil {
		return []finding{{bad, a.say("cli.doctor.cage"), err.Error(), ""}}
	}
	layers, err := c.Layers(ctx)
	if err != nil {
		return []finding{{bad, a.say("cli.doctor.cage"), err.Error(), a.say("cli.mend.cage")}}
	}
	return a.asFindings(layers)
}

// asFindings: a missing layer is told, not forbidden; the others still stand.
func (a *app) asFindings(layers []cage.Layer) []finding {
	var out []finding
	for _, l := range layers {
		f := finding{good, fmt.Sprintf("%s: %s", a.say("cli.doctor.cage"), l.Name), l.Detail, ""}
		if !l.Holds {
			f.mark, f.mend = poor, a.say("cli.mend.cage")
		}
		out = append(out, f)
	}
	return out
}
