package ffmpeg

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"unicode"

	"clipcase/media"
)

const (
	labelShare  = 24.0 // the label's letters are this part of the short side
	smallLetter = 12   // pixels
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

// letters is the size for words over a picture: readable on a phone, within
// nine tenths of the width and 6 % of the picture.
func letters(text string, width, height int) int {
	wide := math.Max(1, ems(text))
	size := float64(min(width, height)) / labelShare
	size = math.Min(size, 0.9*float64(width)/(wide+1))
	size = math.Min(size, math.Sqrt(0.055*float64(width)*float64(height)/((wide+1)*1.6)))
	return int(math.Max(size, math.Min(smallLetter, float64(min(width, height))/8)))
}

// words writes text into a file of ours in the working folder: drawtext reads
// it as it is, so nothing in it is ever an option or an expression.
func writeWords(work, name, text string) error {
	return os.WriteFile(filepath.Join(work, name), []byte(text), 0o600)
}

// label are the filters that burn the label in at the middle of the upper edge,
// where phones have nothing but the status bar; a dark box makes it readable
// on anything.
func (e *Engine) label(work string, p media.Piece, width, height int) ([]filter, error) {
	var out []filter
	if p.Label != "" {
		if err := writeWords(work, "label.txt", p.Label); err != nil {
			return nil, err
		}
		size := letters(p.Label, width, height)
		out = append(out, e.draw("label.txt", "none", size, "(w-text_w)/2", strconv.Itoa(size/2)))
	}
	if p.Timecode {
		if err := writeWords(work, "time.txt", clock(p.Range.Start)); err != nil {
			return nil, err
		}
		size := letters("00:00:00.0", width, height)
		out = append(out, e.draw("time.txt", "normal", size, "(w-text_w)/2", fmt.Sprintf("h-text_h-%d", size)))
	}
	return out, nil
}

func (e *Engine) draw(file, expansion string, size int, x, y string) filter {
	return filter{"drawtext", []string{
		arg("fontfile", e.font), arg("textfile", file), "expansion=" + expansion,
		"fontsize=" + strconv.Itoa(size), "fontcolor=white", "box=1", "boxcolor=black@0.65", "boxborderw=" + strconv.Itoa(max(2, size/4)),
		arg("x", x), arg("y", y),
	}}
}

// clock is drawtext's own words for the running time hh:mm:ss.d that begins at
// start; t is the time within the piece.
func clock(start float64) string {
	// The small addition keeps 1.9999 from showing as 1.9.
	t := fmt.Sprintf("(t+%s)", decimal(start+0.001))
	part := func(expression string, digits int) string {
		return fmt.Sprintf(`%%{eif\:%s\:d\:%d}`, expression, digits)
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
	if err := writeWords(work, "caption.txt", text); err != nil {
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
