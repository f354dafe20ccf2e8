package ffmpeg

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"unicode"

	"clipcase/media"
)

const (
	labelShare  = 24.0  // letters are this part of the short side
	mostCovered = 0.028 // of the picture, by the box of one line; label and time stay under 6 % together
	leastLetter = 9     // pixels: smaller Chinese cannot be read
	boxOpacity  = "0.7"
)

// ems is about how wide words are, in letters of a Chinese font.
func ems(text string) float64 {
	width := 0.0
	for _, r := range text {
		switch {
		case r < 0x20 || unicode.Is(unicode.Mn, r):
		case r < 0x2000:
			width += 0.58
		default:
			width++
		}
	}
	return width
}

// letters is the size, in pixels, for words over a picture: readable on a phone,
// within nine tenths of the width, their box within mostCovered.
func letters(text string, width, height int) int {
	wide := math.Max(1, ems(text)) + 0.7 // the box's edges
	size := math.Max(float64(min(width, height))/labelShare, 12)
	size = math.Min(size, 0.9*float64(width)/wide)
	return int(math.Min(size, math.Sqrt(mostCovered*float64(width)*float64(height)/(wide*1.75))))
}

// writeWords writes what the font has of a text into a file of ours in the working
// folder: drawtext reads it as it is, so nothing in it is ever an option or an
// expression.
func (e *Engine) writeWords(work, name, text string) error {
	return os.WriteFile(filepath.Join(work, name), []byte(e.glyphs.drawable(text)), 0o600)
}

// label are the filters that burn the label in at the middle of the upper edge,
// where phones have nothing but the status bar, and the running time at the lower
// edge; a dark box makes them readable on anything.
func (e *Engine) label(work string, p media.Piece, width, height int) ([]filter, error) {
	var out []filter
	if words, size := legible(p.Label, width, height); words != "" {
		if err := e.writeWords(work, "label.txt", words); err != nil {
			return nil, err
		}
		out = append(out, e.draw("label.txt", "none", size, "(w-text_w)/2", strconv.Itoa(size/2)))
	}
	if p.Timecode {
		time, err := e.timecode(work, p.Range.Start, width, height)
		if err != nil {
			return nil, err
		}
		out = append(out, time...)
	}
	return out, nil
}

// legible are the words of a label that can be read on a picture of this size,
// and their size: on a small one the number alone, on a tiny one none.
func legible(label string, width, height int) (string, int) {
	words := strings.Fields(label)
	for len(words) > 0 {
		line := strings.Join(words, " ")
		if size := letters(line, width, height); size >= leastLetter {
			return line, size
		}
		words = words[min(len(words), max(1, len(words)-1)):]
	}
	return "", 0
}

// timecode are the filters that burn in the running time from start on, in
// seconds of the original, at the middle of the lower edge.
func (e *Engine) timecode(work string, start float64, width, height int) ([]filter, error) {
	size := letters("00:00:00.0", width, height)
	if size < leastLetter {
		return nil, nil
	}
	if err := e.writeWords(work, "time.txt", clock(start)); err != nil {
		return nil, err
	}
	return []filter{e.draw("time.txt", "normal", size, "(w-text_w)/2", fmt.Sprintf("h-text_h-%d", size))}, nil
}

func (e *Engine) draw(file, expansion string, size int, x, y string) filter {
	return filter{"drawtext", []string{
		arg("fontfile", e.font), arg("textfile", file), "expansion=" + expansion,
		"fontsize=" + strconv.Itoa(size), "fontcolor=white", "box=1", "boxcolor=black@" + boxOpacity, "boxborderw=" + strconv.Itoa(max(2, size/4)),
		arg("x", x), arg("y", y),
	}}
}

// clock is drawtext's own words for the running time hh:mm:ss.d that begins at
// start; t is the time within the piece.
func clock(start float64) string {
	// The small addition keeps 1.9999 from showing as 1.9.
	t := fmt.Sprintf("(t+%s)", decimal(start+0.001))
	part := func(expression string, digits int) string {
		return fmt.Sprintf(`%%{eif:%s:d:%d}`, expression, digits)
	}
	return part("floor("+t+"/3600)", 2) + ":" + part("mod(floor("+t+"/60),60)", 2) + ":" + part("mod(floor("+t+"),60)", 2) + "." + part("mod(floor("+t+"*10),10)", 1)
}

// caption are the filters that put one line of words into a bar under a
// picture of this size; words that are too long for a line are cut.
func (e *Engine) caption(work, text string, width, height int) ([]filter, error) {
	bar := media.CaptionBar(width)
	size := int(float64(bar) * 0.5)
	if fit := 0.94 * float64(width) / math.Max(1, ems(text)); fit < float64(size) {
		size = int(math.Max(fit, float64(bar)*0.32))
	}
	text = shorten(text, 0.94*float64(width)/float64(size))
	if err := e.writeWords(work, "caption.txt", text); err != nil {
		return nil, err
	}
	return []filter{
		{"pad", []string{strconv.Itoa(width), strconv.Itoa(height + bar), "0", "0", "color=white"}},
		{"drawtext", []string{
			arg("fontfile", e.font), "textfile=caption.txt", "expansion=none", "fontsize=" + strconv.Itoa(size), "fontcolor=black",
			arg("x", "(w-text_w)/2"), arg("y", fmt.Sprintf("%d+(%d-line_h)/2", height, bar)),
		}},
	}, nil
}

// shorten cuts words that are wider than room, in letters, and makes one line
// of them.
func shorten(text string, room float64) string {
	var line []rune
	for _, r := range text {
		if unicode.IsControl(r) {
			r = ' '
		}
		line = append(line, r)
	}
	if ems(string(line)) <= room {
		return string(line)
	}
	for len(line) > 0 && ems(string(line))+1 > room {
		line = line[:len(line)-1]
	}
	return string(line) + "…"
}
