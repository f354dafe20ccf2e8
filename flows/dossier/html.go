package dossier

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"strings"
)

//go:embed summary.html.tmpl
var pageText string

// HTML writes the summary as one page that needs nothing else: no script, no
// picture, no font from anywhere, and a policy that keeps it so.
func (s Summary) HTML() (string, error) {
	page, err := template.New("summary").Parse(pageText)
	if err != nil {
		return "", fmt.Errorf("summary page: %w", err)
	}
	view := struct {
		Lang, Title string
		Blocks      []htmlBlock
	}{s.lang, s.title, nil}
	for _, b := range s.blocks {
		view.Blocks = append(view.Blocks, asHTML(b))
	}
	var out bytes.Buffer
	if err := page.Execute(&out, view); err != nil {
		return "", fmt.Errorf("summary page: %w", err)
	}
	return out.String(), nil
}

// htmlBlock is a block as the page's template asks for it; every word is
// escaped by the template.
type htmlBlock struct {
	Kind    string
	Text    string
	Lines   []string
	Items   []string
	Ordered bool
	Head    []string
	Rows    [][]string
}

func asHTML(b block) htmlBlock {
	names := map[kind]string{paragraph: "p", quote: "quote", list: "list", table: "table", code: "code", note: "note"}
	out := htmlBlock{Kind: names[b.kind], Text: b.text, Lines: strings.Split(b.text, "\n"), Items: b.items, Ordered: b.ordered, Rows: b.rows}
	if b.kind == heading {
		out.Kind = fmt.Sprintf("h%d", b.level)
	}
	if b.header && len(b.rows) > 0 {
		out.Head, out.Rows = b.rows[0], b.rows[1:]
	}
	return out
}
