package flows

import (
	"bytes"
	_ "embed" // the conversation as data
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"

	"clipcase/flows/catalog"
)

//go:embed talk.yaml
var talkYAML []byte

// talk is the conversation as data.
type talk struct {
	Default string    `yaml:"default"` // scenario of those who cannot say
	Steps   []stepDef `yaml:"steps"`
	Forward []string  `yaml:"forward"` // words that mean the way forward
	Back    []string  `yaml:"back"`
	Stop    []string  `yaml:"stop"`
	Bypass  []string  `yaml:"bypass"` // words of requests that are refused

	parts map[string]part
}

// stepDef is one step of the conversation.
type stepDef struct {
	ID       string `yaml:"id"`
	Kind     kind   `yaml:"kind"`
	Optional bool   `yaml:"optional"` // the way forward is to skip
	Next     string `yaml:"next"`
	Back     string `yaml:"back"` // a detour: where it returns to
}

// loadTalk reads the conversation and checks it against the steps that exist.
func loadTalk(cat *catalog.Catalog) (*talk, error) {
	return parseTalk(talkYAML, cat)
}

func parseTalk(raw []byte, cat *catalog.Catalog) (*talk, error) {
	def := &talk{}
	if err := yaml.NewDecoder(bytes.NewReader(raw), yaml.Strict()).Decode(def); err != nil {
		return nil, fmt.Errorf("flows: talk.yaml: %w", err)
	}
	def.parts = parts()
	var wrong []error
	complain := func(format string, args ...any) {
		wrong = append(wrong, fmt.Errorf("flows: talk.yaml: "+format, args...))
	}
	if _, ok := cat.Scenario(def.Default); !ok {
		complain("default: no scenario %q", def.Default)
	}
	seen := map[string]bool{}
	for _, s := range def.Steps {
		p, ok := def.parts[s.ID]
		switch {
		case !ok:
			complain("step %q: nothing is known of it", s.ID)
			continue
		case seen[s.ID]:
			complain("step %q stands twice", s.ID)
		case len(s.ID) > 12:
			complain("step %q: more than 12 characters do not fit behind a button", s.ID)
		}
		seen[s.ID] = true
		if err := s.Kind.fits(p); err != nil {
			complain("step %q: %w", s.ID, err)
		}
		for _, to := range []string{s.Next, s.Back} {
			if to != "" && def.step(to) == nil {
				complain("step %q leads to %q, which does not exist", s.ID, to)
			}
		}
	}
	for id := range def.parts {
		if !seen[id] {
			complain("step %q is missing", id)
		}
	}
	if !def.ends() {
		complain("the way from the first step does not end at a confirm step")
	}
	return def, errors.Join(wrong...)
}

// ends says whether the way forward from the first step comes to a confirm step
// without a next one.
func (d *talk) ends() bool {
	if len(d.Steps) == 0 {
		return false
	}
	at := &d.Steps[0]
	for range d.Steps {
		if at.Next == "" {
			return at.Kind == kindConfirm
		}
		if at = d.step(at.Next); at == nil {
			return false
		}
	}
	return false
}

func (d *talk) step(id string) *stepDef {
	for i := range d.Steps {
		if d.Steps[i].ID == id {
			return &d.Steps[i]
		}
	}
	return nil
}

// before is the step that leads to id on the main way; "" at the start.
func (d *talk) before(id string) string {
	for _, s := range d.Steps {
		if s.Next == id && s.Back == "" {
			return s.ID
		}
	}
	return ""
}

// means says whether a typed line is one of words, punctuation aside.
func means(text string, words []string) bool {
	text = strings.ToLower(strings.Trim(text, " \n.!~,。\uff01\uff5e\uff0c"))
	return slices.Contains(words, text)
}

// requestLength is the most characters a line has that asks for something; a
// longer one tells what happened and is kept whatever words are in it.
const requestLength = 60

// bypasses says whether a line asks for a way round the rules.
func (d *talk) bypasses(text string) bool {
	text = strings.ToLower(text)
	return utf8.RuneCountInString(text) <= requestLength &&
		slices.ContainsFunc(d.Bypass, func(w string) bool { return strings.Contains(text, w) })
}
