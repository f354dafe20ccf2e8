package prepare

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"clipcase/flows"
	"clipcase/flows/dossier"
	"clipcase/flows/dossier/booklet"
	"clipcase/flows/dossier/mail"
	"clipcase/media"
)

// The names of what is written of a whole case, where they are not numbered.
const (
	bookletFile = "booklet.pdf"
	draftFile   = "message.eml"
)

// everything stands where a file has no one original: it is made of the case.
func (p *pack) everything(kind media.Kind) *exhibit {
	return &exhibit{shown: p.say(flows.T("booklet.name." + string(kind)))}
}

// written are the recipes of the pack's tier for what is written of the whole
// case, rendered those for what is made of one original each.
func (p *pack) written() []media.Recipe {
	return slices.DeleteFunc(p.recipes(), func(r media.Recipe) bool { return !r.Story || r.Compare })
}

func (p *pack) rendered() []media.Recipe {
	return slices.DeleteFunc(p.recipes(), func(r media.Recipe) bool { return r.Story })
}

// typeset says whether the pack needs a font.
func (p *pack) typeset() bool {
	return slices.ContainsFunc(p.written(), func(r media.Recipe) bool { return r.Kind != media.KindEML })
}

// stories are the planned files that are written of the whole case; they come
// after the others, but a booklet has numbers of its own. They are written anew each
// time: the person's words stand in them, which may have changed since.
func (p *pack) stories() []*file {
	var out []*file
	all := p.written()
	of := len(slices.DeleteFunc(slices.Clone(all), func(r media.Recipe) bool { return r.Kind == media.KindEML }))
	for i, r := range all {
		f := &file{pack: p, exhibit: p.everything(r.Kind), story: &all[i], plan: media.Piece{
			Kind: r.Kind, Number: len(p.files) + i + 1, Of: of, MaxBytes: int64(r.MaxBytes), Source: p.source(),
		}}
		switch r.Kind {
		case media.KindPDF:
			f.plan.Name = bookletFile
		case media.KindEML:
			f.plan.Name = draftFile
		default:
			f.plan.Name, f.plan.Codec, f.plan.Width = fmt.Sprintf("%s-%dof%d.jpg", p.prefix(), i+1, of), "mjpeg", r.ShortSide
		}
		p.lighten(f.exhibit, &f.plan)
		out = append(out, f)
	}
	return out
}

// write makes what is written of the whole case. What comes out too big is left
// out and said.
func (p *pack) write(ctx context.Context) error {
	waiting := p.which(func(f *file) bool { return f.story != nil && !f.story.Compare && f.made == nil && f.refused == nil })
	if len(waiting) == 0 {
		return nil
	}
	begun := p.meter.elapsed()
	defer func() { p.writing += p.meter.elapsed() - begun }()
	var frames []dossier.Frame
	if p.typeset() {
		var err error
		if frames, err = p.frames(ctx, *waiting[0].story); err != nil {
			return err
		}
	}
	for _, f := range waiting {
		made, err := p.author(ctx, f, frames)
		var refusal *media.Refusal
		switch {
		case errors.As(err, &refusal):
			f.refused = refusal
		case err != nil:
			return err
		default:
			f.made = made
		}
	}
	return nil
}

// author writes one file and measures it.
func (p *pack) author(ctx context.Context, f *file, frames []dossier.Frame) (*media.Made, error) {
	to := filepath.Join(p.work.rooms, p.channel.ID+"-"+f.plan.Name)
	m := media.Made{Piece: f.plan, File: filepath.Join(p.dir(), f.plan.Name), How: p.byHand(f, dossier.ByClipcase)}
	var err error
	switch f.plan.Kind {
	case media.KindPDF:
		err = p.font.PDF(ctx, p.book(frames), p.req.Now, to)
	case media.KindEML:
		err = p.draft(ctx, to)
	default:
		m.Width, m.Codec = f.plan.Width, f.plan.Codec
		m.Height, err = p.picture(ctx, f, frames, to)
	}
	if err != nil {
		return nil, err
	}
	if m.SHA256, m.Bytes, err = copyFile(ctx, to, ""); err != nil {
		return nil, err
	}
	m.Fit = p.proof(media.Made{Piece: f.plan, Fit: []media.Fit{{Limit: "bytes", Max: float64(f.plan.MaxBytes), Value: float64(m.Bytes)}}})
	if m.Bytes > f.plan.MaxBytes {
		return nil, &media.Refusal{Code: media.RefusedCannotFit}
	}
	if err := os.Rename(to, m.File); err != nil {
		return nil, err
	}
	return &m, nil
}

// picture draws the long picture, with fewer frames until it fits.
func (p *pack) picture(ctx context.Context, f *file, frames []dossier.Frame, to string) (height int, err error) {
	for {
		height, err = p.font.Picture(ctx, p.book(frames), f.plan.Width, f.plan.MaxBytes, to)
		if !errors.Is(err, booklet.ErrTooLong) {
			return height, err
		}
		if len(frames) == 0 {
			return 0, &media.Refusal{Code: media.RefusedCannotFit, Err: err}
		}
		frames = thin(frames, len(frames)/2)
	}
}

// thin keeps about n of the frames, evenly.
func thin(frames []dossier.Frame, n int) []dossier.Frame {
	out := make([]dossier.Frame, 0, n)
	for i := range n {
		out = append(out, frames[i*len(frames)/n])
	}
	return out
}

// book is the case as it is known now.
func (p *pack) book(frames []dossier.Frame) dossier.Book {
	story := p.story()
	record := *p.record
	record.Originals = nil
	for _, e := range p.exhibits {
		record.Originals = append(record.Originals, p.original(e))
	}
	story.Record, story.Frames = &record, frames
	if p.channel.Links {
		story.Link = p.req.Link
		p.warnLinked()
	}
	return story.Book(p.cfg.Catalog, p.req.Lang)
}

// warnLinked says that what is handed in leads to a recording, and how to end that.
func (p *pack) warnLinked() {
	if p.req.Link != "" {
		p.warn(p, flows.T("dossier.warn.linked"))
	}
}

// draft writes the pack's mail: its words, its pictures in them, everything else
// attached.
func (p *pack) draft(ctx context.Context, to string) error {
	if err := p.compose(); err != nil {
		return err
	}
	d := mail.Draft{Lang: p.req.Lang, Subject: p.subject, Text: p.body, Date: p.req.Now.In(p.cfg.Zone)}
	if p.channel.Links && p.req.Link != "" {
		d.Link, d.LinkText = p.req.Link, p.say(flows.T("booklet.link.mail"))
		p.warnLinked()
	}
	for _, f := range p.finished() {
		path, release, err := p.local(ctx, f)
		if err != nil {
			return err
		}
		defer release()
		part := mail.File{Path: path, Name: f.plan.Name, Line: f.line}
		if f.plan.Kind == media.KindImage {
			d.Pictures = append(d.Pictures, part)
		} else {
			d.Files = append(d.Files, part)
		}
	}
	_, err := d.Write(ctx, to)
	return err
}

// local is a path where a finished file can be read: an earlier attempt's is
// fetched.
func (p *pack) local(ctx context.Context, f *file) (string, func(), error) {
	if f.kept == nil {
		return f.made.File, func() {}, nil
	}
	if p.req.Fetch == nil {
		return "", nil, fmt.Errorf("%s was made before and cannot be fetched", f.plan.Name)
	}
	path, release, err := p.req.Fetch(ctx, f.kept.Blob)
	if err != nil {
		return "", nil, fmt.Errorf("fetch %s: %w", f.plan.Name, err)
	}
	return path, release, nil
}
