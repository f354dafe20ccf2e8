package dossier

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"clipcase/media"
)

// JSON is the record as one indented document with a line break at its end.
// Markup in people's words stays as it is; missing lists are empty, never null.
func (r *Record) JSON() ([]byte, error) {
	full := *r
	if full.Originals == nil {
		full.Originals = []Original{}
	}
	full.Pieces = append([]Piece{}, r.Pieces...)
	for i := range full.Pieces {
		if full.Pieces[i].Fit == nil {
			full.Pieces[i].Fit = []media.Fit{}
		}
	}
	if full.Answers == nil {
		full.Answers = []Answer{}
	}
	if full.Timeline == nil {
		full.Timeline = []Seen{}
	}
	if full.Warnings == nil {
		full.Warnings = []string{}
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(full); err != nil {
		return nil, fmt.Errorf("record: %w", err)
	}
	return out.Bytes(), nil
}

// Write puts case.json, summary.md and summary.html into the existing folder dir.
func Write(dir string, r *Record, s Summary) error {
	record, err := r.JSON()
	if err != nil {
		return err
	}
	page, err := s.HTML()
	if err != nil {
		return err
	}
	for name, content := range map[string][]byte{"case.json": record, "summary.md": []byte(s.Markdown()), "summary.html": []byte(page)} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	return nil
}
