package prepare

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"

	"clipcase/flows"
	"clipcase/media"
)

// exhibit is one original on its way through a run.
type exhibit struct {
	Exhibit
	shown   string // its name as people see it
	file    string // below Request.Dir, begins with data/
	path    string // what is read
	sha256  string
	bytes   int64
	probe   media.Probe
	key     *media.Range
	seen    []media.Seen // its time line
	refusal *media.Refusal
}

func (e *exhibit) usable() bool { return e.refusal == nil }

// stage hashes every original. For the command line it is copied in the same
// breath, under a name of ours, and from then on only the copy is read: what is
// rendered is what was hashed.
func (w *work) stage(ctx context.Context) error {
	taken := map[string]bool{}
	for i, given := range w.req.Exhibits {
		e := &exhibit{Exhibit: given, path: given.Path, sha256: given.SHA256}
		e.shown, _ = flows.Clean(given.Name, 80)
		name := fileName(given.Name, taken)
		e.file = "data/original/" + name
		w.exhibits = append(w.exhibits, e)
		if err := w.take(ctx, e, name); err != nil {
			return err
		}
		w.meter.part(0, shareStage, i+1, len(w.req.Exhibits))
	}
	return nil
}

func (w *work) take(ctx context.Context, e *exhibit, name string) error {
	if !w.req.Original && e.sha256 != "" {
		info, err := os.Stat(e.path)
		if err != nil {
			return fmt.Errorf("original: %w", err)
		}
		e.bytes = info.Size()
		return nil
	}
	to := ""
	if w.req.Original {
		dir := filepath.Join(w.data, "original")
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("original: %w", err)
		}
		to = filepath.Join(dir, name)
	}
	var err error
	if e.sha256, e.bytes, err = copyFile(ctx, e.path, to); err != nil {
		return err
	}
	if to != "" {
		e.path = to
	}
	return nil
}

// copyFile hashes a file while it copies it to a new one; to "" only hashes it.
// It ends with ctx.
func copyFile(ctx context.Context, from, to string) (sha string, bytes int64, err error) {
	in, err := os.Open(from)
	if err != nil {
		return "", 0, fmt.Errorf("original: %w", err)
	}
	defer func() { _ = in.Close() }() // only read
	sum := sha256.New()
	out := io.Writer(sum)
	if to != "" {
		file, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return "", 0, fmt.Errorf("original: %w", err)
		}
		out = io.MultiWriter(sum, file)
		defer func() {
			if closing := file.Close(); closing != nil && err == nil {
				err = fmt.Errorf("original: %w", closing)
			}
		}()
	}
	stop := context.AfterFunc(ctx, func() { _ = in.Close() }) // ends the copy
	defer stop()
	bytes, err = io.Copy(out, in)
	if ctx.Err() != nil {
		return "", 0, ctx.Err()
	}
	if err != nil {
		return "", 0, fmt.Errorf("original: %w", err)
	}
	return hex.EncodeToString(sum.Sum(nil)), bytes, nil
}

// fileName makes a name that is safe everywhere and still known again: letters
// and digits of any script, -, _ and one point before a short ending. No name
// is given twice in one case, whatever the case of its letters.
func fileName(name string, taken map[string]bool) string {
	name, _ = flows.Clean(path.Base(strings.ReplaceAll(name, `\`, "/")), 120)
	ext := strings.ToLower(path.Ext(name))
	stem := strings.TrimSuffix(name, path.Ext(name))
	if len(ext) > 6 || strings.ContainsFunc(strings.TrimPrefix(ext, "."), func(r rune) bool { return r > 'z' || !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		ext = ""
	}
	stem = strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_' {
			return r
		}
		return '_'
	}, stem)
	for len(stem) > 100 {
		_, size := utf8.DecodeLastRuneInString(stem)
		stem = stem[:len(stem)-size]
	}
	if stem = strings.TrimLeft(stem, "-_"); stem == "" {
		stem = "original"
	}
	out := stem + ext
	for n := 2; taken[strings.ToLower(out)]; n++ {
		out = fmt.Sprintf("%s-%d%s", stem, n, ext)
	}
	taken[strings.ToLower(out)] = true
	return out
}
