package rederive

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"

	"clipcase/flows/dossier"
	"clipcase/media"
)

// file makes one file again and compares.
func (w *work) file(ctx context.Context, p *dossier.Piece) (File, error) {
	out := File{File: p.File, State: Unknown, Expected: Alike, Recipe: Same}
	w.rooms++
	there := filepath.Join(w.dir, fmt.Sprint("there", w.rooms))
	sum, err := w.bag.Copy(ctx, p.File, there)
	if ctx.Err() != nil {
		return out, ctx.Err()
	}
	defer func() { _ = os.Remove(there) }() // goes with the folder anyway
	if err != nil {
		out.State, out.Why = Other, "it is not in the bag, or cannot be read"
		return out, nil
	}
	if sum != p.SHA256 {
		out.State, out.Why = Other, "it is not the file that the record names"
		return out, nil
	}
	switch p.Kind {
	case media.KindDocument, media.KindPDF:
		return w.document(p, out, sum), nil
	case media.KindEML:
		return w.mail(p, out, there), nil
	case media.KindVideo, media.KindGIF, media.KindImage:
	default:
		out.Why = "nobody knows this kind of file"
		return out, nil
	}
	switch {
	case p.Original != nil:
	case p.Beside != nil: // a comparison, its pictures
		out.State, out.Why = Unchecked, whyBeside
		return out, nil
	case p.Kind == media.KindImage: // the long picture
		out.State, out.Why = Unchecked, whyDrawn
		return out, nil
	default:
		out.State, out.Why = Other, "no original is named that it was made from"
		return out, nil
	}
	return w.piece(ctx, p, out, sum, there)
}

// document is an original that went along as it is.
func (w *work) document(p *dossier.Piece, out File, sum string) File {
	switch {
	case p.Original == nil:
		out.State, out.Why = Unchecked, whyDrawn
	case *p.Original == sum:
		out.State, out.Expected = Same, Same
	default:
		out.State, out.Why = Other, "it is not the original that it is said to be"
	}
	return out
}

func (w *work) piece(ctx context.Context, p *dossier.Piece, out File, sum, there string) (File, error) {
	o, r := w.originals[*p.Original], p.Recipe
	switch {
	case o == nil:
		out.Why = "its original is not in the bag"
		return out, nil
	case o.bad != "":
		out.Why = o.bad
		return out, nil
	case r == nil:
		out.Why = "the record does not say how it was made"
		return out, nil
	}
	tools := w.record.Tools
	if r.Tools != nil {
		tools = *r.Tools
	}
	// Encoders that keep a ceiling with several threads write other bytes from one time
	// to the next (measured with x264: half of the runs on a busy machine).
	if w.report.Here.Made(tools) && (p.Kind != media.KindVideo || tools.Threads == 1) {
		out.Expected = Same
	}
	plan, why := planned(p, o.probe)
	if why != "" {
		out.State, out.Why = Other, why
		return out, nil
	}
	room := filepath.Join(w.dir, fmt.Sprint("room", w.rooms))
	if err := os.Mkdir(room, 0o700); err != nil {
		return out, err
	}
	defer func() { _ = os.RemoveAll(room) }() // goes with the folder anyway
	made, err := w.engine.Render(ctx, media.Job{Path: o.path, Probe: o.probe, Pieces: []media.Piece{plan}, Dir: room}, nil, nil)
	if ctx.Err() != nil {
		return out, ctx.Err()
	}
	if err != nil || len(made) != 1 {
		var refused *media.Refusal
		if err != nil && !errors.As(err, &refused) {
			return out, err
		}
		out.State, out.Why = Other, "nothing can be made of that part of the original"
		return out, nil
	}
	m := made[0]
	if !slices.Equal(m.How.Filters, r.Filters) || !slices.Equal(m.How.Sound, r.Sound) ||
		m.How.Encoder.Name != r.Encoder.Name || !slices.Equal(m.How.Encoder.Settings, r.Encoder.Settings) {
		out.Recipe = Other
	}
	if m.SHA256 == sum {
		out.State = Same
		return out, nil
	}
	return w.likeness(ctx, out, filepath.Join(room, plan.Name), there, m)
}

// likeness decides where the bytes are not the same.
func (w *work) likeness(ctx context.Context, out File, again, there string, m media.Made) (File, error) {
	l, err := w.engine.Likeness(ctx, again, there)
	var refused *media.Refusal
	switch {
	case ctx.Err() != nil:
		return out, ctx.Err()
	case errors.As(err, &refused):
		out.State, out.Why = Other, "it is no file that can be shown: "+string(refused.Code)
		return out, nil
	case err != nil:
		return out, err
	}
	out.State, out.Likeness = Alike, &l
	if !l.Same() {
		out.State, out.Why = Other, "it shows something else than this part of the original"
		return out, nil
	}
	if m.Piece.Kind == media.KindImage {
		return out, nil
	}
	probe, err := w.engine.Inspect(ctx, there)
	if err != nil {
		return out, err // it could be shown a moment ago
	}
	if math.Abs(probe.Duration-m.Duration) > longer {
		out.State, out.Why = Other, fmt.Sprintf("it lasts %.2f s and not %.2f s", probe.Duration, m.Duration)
	}
	return out, nil
}

// longer is by how many seconds the ends of two encoders' files may differ.
const longer = 0.3

// hashOf is the SHA-256 of what is read.
func hashOf(in io.Reader) (string, error) {
	sum := sha256.New()
	if _, err := io.Copy(sum, in); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
