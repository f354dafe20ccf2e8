package jobs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"clipcase/flows"
	"clipcase/flows/pass"
	"clipcase/media"
	"clipcase/media/sheet"
)

// pictures makes the pictures of an exhibit's moments: small ones for pages, and for
// a chat one sheet with all of the case, whose key it returns; "" = there is none.
func (s *screens) pictures(ctx context.Context, c *flows.Case, e *flows.Exhibit, path string, moments []media.Candidate) (string, error) {
	if len(moments) == 0 || s.small.made == nil {
		return "", nil
	}
	if err := os.MkdirAll(s.small.dir, 0o700); err != nil {
		return "", fmt.Errorf("folder: %w", err)
	}
	dir, err := os.MkdirTemp(s.small.dir, "preview-")
	if err != nil {
		return "", fmt.Errorf("folder: %w", err)
	}
	shots := moment{screens: s, dir: dir, path: path, exhibit: e, moments: moments}
	shown := ""
	if s.small.wanted(c, e) {
		err = shots.take(ctx, flows.PreviewSide, func(n int) string { return flows.PreviewBlob(c.ID, e.ID, flows.Previews+n) })
	}
	if err == nil && !pass.IsWeb(c.Chat) {
		shown, err = shots.sheet(ctx, c.ID)
	}
	return shown, errors.Join(err, os.RemoveAll(dir))
}

// moment takes pictures of an exhibit's moments in a folder.
type moment struct {
	*screens
	dir     string
	path    string
	exhibit *flows.Exhibit
	moments []media.Candidate
}

// take stores a picture of each moment, its longer side at most side, under its key.
func (m *moment) take(ctx context.Context, side int, key func(n int) string) error {
	for n, at := range m.moments {
		to := filepath.Join(m.dir, strconv.Itoa(side)+"-"+strconv.Itoa(n)+".jpg")
		if err := m.small.made.Thumbnail(ctx, m.path, *m.exhibit.Probe, at.At, side, to); err != nil {
			return fmt.Errorf("picture of moment %d: %w", n, err)
		}
		if err := m.blobs.PutPiece(ctx, key(n), to); err != nil {
			return fmt.Errorf("store picture of moment %d: %w", n, err)
		}
	}
	return nil
}

// sheet shows what can be chosen of the case from now on: what was found in its other
// recordings stands on it, too. Nobody is asked any more in one that was handed in.
func (m *moment) sheet(ctx context.Context, id string) (string, error) {
	err := m.take(ctx, flows.MomentSide, func(n int) string { return flows.MomentBlob(id, m.exhibit.ID, n) })
	if err != nil {
		return "", err
	}
	c, err := m.cases.Case(ctx, id) // reading took a while
	if err != nil {
		return "", fmt.Errorf("read case: %w", err)
	}
	e := c.Exhibit(m.exhibit.ID)
	if e == nil || e.Removed || !c.Submitted.IsZero() {
		return "", nil
	}
	e.Moments = m.moments
	var pictures []string
	for _, p := range c.Proposals() {
		picture, release, err := m.blobs.Stage(ctx, flows.MomentBlob(id, p.Exhibit.ID, p.Number))
		if err != nil {
			return "", fmt.Errorf("stage picture of moment: %w", err)
		}
		defer release()
		pictures = append(pictures, picture)
	}
	to := filepath.Join(m.dir, "sheet.jpg")
	if err := sheet.Draw(pictures, to); err != nil {
		return "", err
	}
	key := c.SheetBlob()
	if err := m.blobs.PutPiece(ctx, key, to); err != nil {
		return "", fmt.Errorf("store sheet: %w", err)
	}
	return key, nil
}
