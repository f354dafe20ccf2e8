package catalog

import (
	"errors"
	"fmt"
	"strings"
	"text/template"
	"text/template/parse"
)

// The bounds of Fill, in bytes.
const (
	templateMax = 16 << 10
	filledMax   = 256 << 10
)

var errTooLong = errors.New("the text becomes too long")

// Fill fills a template of Paste with data. Only fields, if, with, range over a
// field, comparisons and len are allowed; a missing field, any other function
// or more than 256 KiB of text is an error.
func (c *Catalog) Fill(text string, data any) (string, error) {
	t, err := paste(text)
	if err != nil {
		return "", err
	}
	out := &bounded{left: filledMax}
	if err := t.Execute(out, data); err != nil {
		return "", fmt.Errorf("fill template: %w", err)
	}
	return out.String(), nil
}

// paste parses and checks a template of Paste.
func paste(text string) (*template.Template, error) {
	if len(text) > templateMax {
		return nil, fmt.Errorf("template of %d bytes: at most %d", len(text), templateMax)
	}
	t, err := template.New("words").Option("missingkey=error").Parse(text)
	if err != nil {
		return nil, fmt.Errorf("template: %w", err)
	}
	for _, one := range t.Templates() {
		if one.Name() != "words" {
			return nil, errors.New("template: define and block are not used here")
		}
	}
	if t.Tree == nil { // only comments or nothing
		return t, nil
	}
	return t, allowed(t.Root)
}

// allowed refuses what could call out or run without end.
func allowed(n parse.Node) error {
	var err error
	walk(n, func(n parse.Node) {
		switch n := n.(type) {
		case *parse.TemplateNode:
			err = errors.New("template: template and block are not used here")
		case *parse.IdentifierNode:
			switch n.Ident {
			case "eq", "ne", "lt", "le", "gt", "ge", "and", "or", "not", "len":
			default:
				err = fmt.Errorf("template: function %q is not used here", n.Ident)
			}
		case *parse.RangeNode:
			// A range over a number would let a typing mistake run for ever.
			for _, command := range n.Pipe.Cmds {
				for _, arg := range command.Args {
					if _, ok := arg.(*parse.FieldNode); !ok {
						err = errors.New("template: range goes over a field only, as in {{range .Pieces}}")
					}
				}
			}
		}
	})
	return err
}

// bounded collects text up to a limit.
type bounded struct {
	strings.Builder
	left int
}

func (b *bounded) Write(p []byte) (int, error) {
	if b.left -= len(p); b.left < 0 {
		return 0, errTooLong
	}
	return b.Builder.Write(p)
}

// WriteString keeps text/template from going round Write.
func (b *bounded) WriteString(s string) (int, error) { return b.Write([]byte(s)) }
