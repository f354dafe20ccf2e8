package booklet

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"time"

	"github.com/signintech/gopdf"

	"clipcase/flows/dossier"
)

// family names the font in the file; six letters and a plus say that it is a subset.
const family = "CLIPCA+Text"

// PDF writes the book as A4 pages to a new file. Pictures stand in it as they
// are, the font as far as it is used; every word can be copied out. The same book
// gives the same bytes.
func (f *Font) PDF(ctx context.Context, book dossier.Book, made time.Time, to string) error {
	s := set(paper{width: 595, height: 842, margin: 50, size: 10.5, columns: 3}, f, book)
	pdf := &gopdf.GoPdf{}
	pdf.Start(gopdf.Config{PageSize: gopdf.Rect{W: s.width, H: s.height}})
	pdf.SetInfo(gopdf.PdfInfo{Title: book.Title, Creator: "clipcase", Producer: "clipcase", CreationDate: made})
	if err := pdf.AddTTFFontData(family, f.data); err != nil {
		return fmt.Errorf("booklet: font: %w", err)
	}
	for _, page := range s.pages {
		if err := ctx.Err(); err != nil {
			return err
		}
		pdf.AddPage()
		for _, b := range page.bookmarks {
			pdf.SetXY(s.left(), b.y)
			pdf.AddOutlineWithPosition(b.title)
		}
		for _, m := range page.marks {
			if err := onPage(pdf, m); err != nil {
				return fmt.Errorf("booklet: %w", err)
			}
		}
	}
	var out bytes.Buffer
	if _, err := pdf.WriteTo(&out); err != nil {
		return fmt.Errorf("booklet: %w", err)
	}
	if err := os.WriteFile(to, out.Bytes(), 0o600); err != nil {
		return fmt.Errorf("booklet: %w", err)
	}
	return nil
}

func onPage(pdf *gopdf.GoPdf, m mark) error {
	switch {
	case m.picture != "":
		holder, err := gopdf.ImageHolderByPath(m.picture)
		if err != nil {
			return err
		}
		return pdf.ImageByHolder(holder, m.x, m.y, &gopdf.Rect{W: m.w, H: m.h})
	case m.text != "":
		if err := pdf.SetFont(family, "", m.size); err != nil {
			return err
		}
		pdf.SetTextColor(m.colour.r, m.colour.g, m.colour.b)
		pdf.SetXY(m.x, m.y)
		return pdf.Text(m.text)
	case m.w > 0:
		pdf.SetFillColor(m.colour.r, m.colour.g, m.colour.b)
		pdf.RectFromUpperLeftWithStyle(m.x, m.y, m.w, m.h, "F")
	}
	return nil
}
