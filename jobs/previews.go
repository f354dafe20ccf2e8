package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"

	"clipcase/flows"
	"clipcase/flows/pass"
	"clipcase/media"
)

// Previewer makes one small picture of a recording.
type Previewer interface {
	// Thumbnail writes a JPEG of the picture at a time, longer side at most side pixels.
	Thumbnail(ctx context.Context, path string, probe media.Probe, at float64, side int, to string) error
}

// previews makes the small pictures a page shows to point at a moment. They are
// a convenience: whatever fails is logged, and the page does without.
type previews struct {
	dir   string
	made  Previewer
	cases Cases
	blobs Blobs
	log   *slog.Logger
}

// wanted says whether anyone will look at them: only pages show previews.
func (p *previews) wanted(c *flows.Case, e *flows.Exhibit) bool {
	return p.made != nil && e.Probe != nil && e.Probe.Kind == media.KindVideo && !e.Removed &&
		(pass.IsWeb(c.Chat) || e.File.Sent == flows.SentUpload)
}

func (p *previews) make(ctx context.Context, c *flows.Case, id string) {
	e := c.Exhibit(id)
	if e == nil || !p.wanted(c, e) {
		return
	}
	if err := p.each(ctx, c, e); err != nil && ctx.Err() == nil && !dropped(ctx, p.cases, c.ID) {
		p.log.Warn("previews were not made", "case", c.ID, "exhibit", e.ID, "err", err)
	}
}

// again makes previews that a process which died in between did not come to: only
// then does a task find its recording measured already.
func (p *previews) again(ctx context.Context, c *flows.Case, e *flows.Exhibit) {
	if !p.wanted(c, e) {
		return
	}
	_, release, err := p.blobs.Stage(ctx, flows.PreviewBlob(c.ID, e.ID, flows.Previews-1))
	if err == nil {
		release()
		return
	}
	p.make(ctx, c, e.ID)
}

func (p *previews) each(ctx context.Context, c *flows.Case, e *flows.Exhibit) error {
	path, release, err := p.blobs.Stage(ctx, e.Blob)
	if err != nil {
		return fmt.Errorf("stage original: %w", err)
	}
	defer release()
	if err := os.MkdirAll(p.dir, 0o700); err != nil {
		return fmt.Errorf("folder: %w", err)
	}
	dir, err := os.MkdirTemp(p.dir, "preview-")
	if err != nil {
		return fmt.Errorf("folder: %w", err)
	}
	defer func() {
		if err := os.RemoveAll(dir); err != nil {
			p.log.Warn("folder of previews stays", "err", err)
		}
	}()
	for n := range flows.Previews {
		to := filepath.Join(dir, strconv.Itoa(n)+".jpg")
		if err := p.made.Thumbnail(ctx, path, *e.Probe, flows.PreviewAt(*e.Probe, n), flows.PreviewSide, to); err != nil {
			return fmt.Errorf("picture %d: %w", n, err)
		}
		if err := p.blobs.PutPiece(ctx, flows.PreviewBlob(c.ID, e.ID, n), to); err != nil {
			return fmt.Errorf("store picture %d: %w", n, err)
		}
	}
	return nil
}
