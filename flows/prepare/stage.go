package prepare

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"clipcase/flows"
	"clipcase/flows/dossier"
	"clipcase/media"
)

// exhibit is one original on its way through a run.
type exhibit struct {
	Exhibit
	shown    string // its name as people see it
	file     string // below Request.Dir, begins with data/
	path     string // what is read
	sha256   string
	bytes    int64
	probe    media.Probe
	key      *media.Range
	seen     []media.Seen // its time line, as far as it is known
	read     bool         // all of it was read
	readings []media.Reading
	glanced  []float64 // moments that were read ahead of the whole
	refusal  *media.Refusal
}

func (e *exhibit) usable() bool { return e.refusal == nil }

// stage hashes every original. For the command line it is copied in the same
// breath, under a name of ours, and from then on only the copy is read: what is
// rendered is what was hashed.
func (w *work) stage(ctx context.Context) error {
	for i, given := range w.req.Exhibits {
		e := &exhibit{Exhibit: given, path: given.Path, sha256: given.SHA256}
		e.shown, _ = flows.Clean(given.Name, 80)
		w.exhibits = append(w.exhibits, e)
		if err := w.take(ctx, e); err != nil {
			return err
		}
		w.meter.part(0, shareStage, i+1, len(w.req.Exhibits))
	}
	if w.req.Arrived == nil {
		return nil
	}
	var all []dossier.Original
	for _, e := range w.exhibits {
		all = append(all, dossier.Original{File: e.file, Name: dossier.GivenName(e.Name), SHA256: e.sha256, Bytes: e.bytes})
	}
	var err error
	w.req.History, w.req.Stamped, err = w.req.Arrived(ctx, all)
	return err
}

func (w *work) take(ctx context.Context, e *exhibit) error {
	if !w.req.Original && e.sha256 != "" {
		info, err := os.Stat(e.path)
		if err != nil {
			return fmt.Errorf("original: %w", err)
		}
		e.bytes = info.Size()
		e.file = dossier.OriginalFile(e.ID, e.Name, e.sha256)
		return nil
	}
	to := ""
	if w.req.Original {
		dir := filepath.Join(w.data, "original")
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("original: %w", err)
		}
		to = filepath.Join(dir, e.ID)
	}
	var err error
	if e.sha256, e.bytes, err = copyFile(ctx, e.path, to); err != nil {
		return err
	}
	e.file = dossier.OriginalFile(e.ID, e.Name, e.sha256)
	if to != "" {
		e.path = filepath.Join(w.req.Dir, filepath.FromSlash(e.file))
		return os.Rename(to, e.path) // its hash is known now
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
