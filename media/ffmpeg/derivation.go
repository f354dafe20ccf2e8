package ffmpeg

import (
	"context"
	"fmt"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"clipcase/media"
)

// trail is what was run for one piece, in order.
type trail struct{ done []command }

// naming are the arguments of the runs of a tool that name a file, in order.
func (t *trail) naming(tool, file string) (runs [][]string) {
	for _, c := range t.done {
		if c.tool == tool && names(c.args, file) {
			runs = append(runs, c.args)
		}
	}
	return runs
}

func names(args []string, file string) bool {
	return slices.ContainsFunc(args, func(a string) bool { return a == file || a == "file:"+file })
}

// run starts a tool for the piece and remembers that it went well.
func (t task) run(ctx context.Context, c command) error {
	err := t.Engine.run(ctx, c)
	if err == nil && t.ran != nil {
		t.ran.done = append(t.ran.done, command{tool: c.tool, args: c.args})
	}
	return err
}

// derivation reads out of what was really run how the finished file came to be.
// The same piece made alone and together with others is told in the same way.
func (t task) derivation(f finished) (media.Derivation, error) {
	d := media.Derivation{Plan: t.piece, Masks: []media.Mask{}}
	made, err := told(f.command, f.wrote)
	if err != nil {
		return d, err
	}
	d.Filters, d.Sound, d.Encoder = made.filters, made.sound, made.encoder
	if t.piece.Kind != media.KindGIF {
		return d, nil
	}
	plain := filepath.Join(t.work, plainGIF)
	tries := t.ran.naming(t.ffmpeg, plain)
	if len(tries) == 0 {
		return d, fmt.Errorf("%s: no run wrote the GIF", t.piece.Name)
	}
	args := tries[len(tries)-1]
	last, err := told(args, "")
	if err != nil {
		return d, err
	}
	if palette := t.paletteFile(); names(args, palette) { // the first run that names it wrote it
		found, err := told(t.ran.naming(t.ffmpeg, palette)[0], palette)
		if err != nil {
			return d, err
		}
		d.Filters = append(d.Filters, found.filters...)
	}
	d.Filters, d.Encoder = append(d.Filters, last.filters...), last.encoder
	d.Encoder.Name = "gif"
	if squeezed := t.ran.naming(t.gifsicle, plain); len(squeezed) > 0 {
		for _, a := range squeezed[len(squeezed)-1] {
			if strings.HasPrefix(a, "-") && a != "-o" {
				d.Encoder.Settings = append(d.Encoder.Settings, "gifsicle "+a)
			}
		}
	}
	return d, nil
}

// account is one file of one run of ffmpeg as a record tells it.
type account struct {
	filters, sound []string
	encoder        media.Encoder
}

// told is the account of the file that a run wrote; "" = the one it wrote.
func told(args []string, wrote string) (account, error) {
	at := slices.Index(args, "-filter_complex")
	if at < 0 || at+1 >= len(args) {
		return account{}, fmt.Errorf("a run of %d arguments has no filters", len(args))
	}
	steps := stepsOf(args[at+1])
	var options, maps []string
	rest := args[at+2:]
	for i := 0; i < len(rest); i++ {
		switch a := rest[i]; {
		case !strings.HasPrefix(a, "-") || len(a) == 1: // where an output ends
			if wrote == "" || a == "file:"+wrote {
				return tell(steps, options, maps), nil
			}
			options, maps = nil, nil
		case a == "-map" && i+1 < len(rest):
			i++
			maps = append(maps, strings.Trim(rest[i], "[]"))
		default:
			value := ""
			if i+1 < len(rest) && valued(a) {
				i++
				value = rest[i]
			}
			options = append(options, strings.TrimSpace(a+" "+value))
		}
	}
	return account{}, fmt.Errorf("a run of %d arguments did not write the file", len(args))
}

// valued says whether an option takes a value; of ours these do not.
func valued(name string) bool { return !slices.Contains([]string{"-sn", "-dn", "-an"}, name) }

func tell(steps []step, options, maps []string) account {
	var a account
	for _, m := range maps {
		found := leading(steps, m)
		if slices.ContainsFunc(found, func(f string) bool { return strings.HasPrefix(f, "aformat") }) {
			a.sound = found
		} else {
			a.filters = append(a.filters, found...)
		}
	}
	slices.Sort(options)
	for _, o := range options {
		if name, ok := strings.CutPrefix(o, "-c:v "); ok {
			a.encoder.Name = name
			continue
		}
		a.encoder.Settings = append(a.encoder.Settings, o)
	}
	return a
}

// step is one filter of a compiled graph with the streams it takes and gives.
type step struct {
	from, to []string
	filter   string
}

// leading are the filters a stream comes through, without those that only part it.
func leading(steps []step, stream string) []string {
	wanted, take := []string{stream}, make([]bool, len(steps))
	for len(wanted) > 0 {
		name := wanted[0]
		wanted = wanted[1:]
		for i, s := range steps {
			if !take[i] && slices.Contains(s.to, name) {
				take[i] = true
				wanted = append(wanted, s.from...)
			}
		}
	}
	var out []string
	for i, s := range steps {
		if take[i] && !strings.HasPrefix(s.filter, "split=") && !strings.HasPrefix(s.filter, "asplit=") {
			out = append(out, placeless(s.filter))
		}
	}
	return out
}

// stepsOf parts a graph as the compiler writes it: [a]filter[b];[b]filter[c].
func stepsOf(graph string) []step {
	var out []step
	for _, text := range parted(graph, ';') {
		var s step
		for strings.HasPrefix(text, "[") {
			name, after, ok := strings.Cut(text[1:], "]")
			if !ok {
				break
			}
			s.from, text = append(s.from, name), after
		}
		for strings.HasSuffix(text, "]") && !strings.HasSuffix(text, `\]`) {
			open := strings.LastIndexByte(text, '[')
			if open < 0 {
				break
			}
			s.to, text = append(s.to, text[open+1:len(text)-1]), text[:open]
		}
		s.filter = text
		out = append(out, s)
	}
	return out
}

// parted cuts text at a character that no backslash stands before.
func parted(text string, at byte) []string {
	var out []string
	from := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case at:
			out, from = append(out, text[from:i]), i+1
		}
	}
	return append(out, text[from:])
}

// placeless is a filter without the places of this machine: of files only the
// names are told.
func placeless(filter string) string {
	return regexp.MustCompile(`\b(fontfile|textfile|stats_file)=((?:\\.|[^:\\])*)`).ReplaceAllStringFunc(filter, func(found string) string {
		key, value, _ := strings.Cut(found, "=")
		return key + "=" + path.Base(value)
	})
}
