package catalog

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Mistake is one thing that is wrong in the data.
type Mistake struct {
	File string // below the catalogue's folder: channels/email.yaml
	Line int
	Text string
}

// Mistakes is every mistake found in one go; it is the error of Load.
type Mistakes []Mistake

func (m Mistake) String() string { return fmt.Sprintf("%s:%d: %s", m.File, m.Line, m.Text) }

// Error lists all mistakes, one a line, by file and line.
func (m Mistakes) Error() string {
	lines := make([]string, 0, len(m)+1)
	head := "the catalogue has 1 mistake:"
	if len(m) != 1 {
		head = fmt.Sprintf("the catalogue has %d mistakes:", len(m))
	}
	lines = append(lines, head)
	for _, one := range m {
		lines = append(lines, "  "+one.String())
	}
	return strings.Join(lines, "\n")
}

func (m *Mistakes) add(file string, line int, format string, args ...any) {
	*m = append(*m, Mistake{File: file, Line: line, Text: fmt.Sprintf(format, args...)})
}

// err is nil when nothing is wrong.
func (m Mistakes) err() error {
	if len(m) == 0 {
		return nil
	}
	slices.SortStableFunc(m, func(a, b Mistake) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Text, b.Text))
	})
	return slices.Compact(m)
}
