package catalog

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	texttemplate "text/template"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"github.com/nicksnyder/go-i18n/v2/i18n/template"
	"golang.org/x/text/language"
)

// first is the language everything is written in first.
const first = "zh"

// words is every text people see, by language and key.
type words struct {
	said       map[string]map[string]*message
	builtIn    map[string]*message // every key of the built-in words, for checking others against
	bundle     *i18n.Bundle
	localizers map[string]*i18n.Localizer
	languages  []string
}

// message is one text: its forms and where it stands.
type message struct {
	one   string // "" = the same as other
	other string
	doc   *document
}

// read takes one file of words: a flat map of keys to a text, or to one and
// other. A key of a later layer takes the place of the same key of an earlier one.
func (w *words) read(lang string, d *document) {
	if d.root.shape != mapping {
		d.wrong("", "want lines of key: text")
		return
	}
	d.lines[""] = d.root.line
	if w.said[lang] == nil {
		w.said[lang] = map[string]*message{}
	}
	for key, value := range d.pairs(d.root, "") {
		m := &message{doc: d}
		d.lines[key] = keyLine(d.root, key)
		switch value.shape {
		case scalar, truth:
			m.other = value.text
		case mapping:
			for form, text := range d.pairs(value, key) {
				switch {
				case text.shape != scalar || text.text == "":
					d.found.add(d.file, text.line, "%s.%s: want words", key, form)
				case form == "one":
					m.one = text.text
				case form == "other":
					m.other = text.text
				default:
					d.found.add(d.file, text.line, "%s: unknown form %q; known are one, other", key, form)
				}
			}
		}
		if m.other == "" {
			d.wrong(key, "%s: want a text, or one: and other:", key)
			continue
		}
		if earlier := w.said[lang][key]; earlier != nil && earlier.doc.layer == d.layer {
			d.wrong(key, "%s stands in %s too", key, earlier.doc.file)
			continue
		}
		w.said[lang][key] = m
		if d.layer == 0 && (lang == first || w.builtIn[key] == nil) {
			w.builtIn[key] = m
		}
	}
}

// finish makes the bundle; afterwards the words are only read.
func (w *words) finish(found *Mistakes) {
	w.bundle = i18n.NewBundle(language.Chinese)
	w.localizers = map[string]*i18n.Localizer{}
	w.languages = slices.SortedFunc(maps.Keys(w.said), func(a, b string) int {
		return strings.Compare(languageRank(a), languageRank(b))
	})
	for _, lang := range w.languages {
		tag, err := language.Parse(lang)
		if err != nil {
			found.add("words/"+lang, 1, "%q is no language code", lang)
			continue
		}
		for _, key := range slices.Sorted(maps.Keys(w.said[lang])) {
			m := w.said[lang][key]
			if _, err := m.arguments(); err != nil {
				m.doc.wrong(key, "%s: %v", key, err)
				continue
			}
			if err := w.bundle.AddMessages(tag, &i18n.Message{ID: key, One: m.one, Other: m.other}); err != nil {
				m.doc.wrong(key, "%s: %v", key, err)
			}
		}
		w.localizers[lang] = i18n.NewLocalizer(w.bundle, lang)
	}
}

// languageRank puts Chinese first, then English, then the rest by code.
func languageRank(lang string) string {
	switch lang {
	case first:
		return "0"
	case "en":
		return "1"
	}
	return "2" + lang
}

// Say is the words of a key in lang, filled with args. The argument "count"
// chooses between one and other. Templates may use {{mb .x}} for bytes (18 MB)
// and {{clock .x}} for seconds (0:42). A language, key or argument that is
// missing never shows as an error: another language speaks, at last the key.
func (c *Catalog) Say(lang, key string, args map[string]any) string {
	lang = c.words.match(lang)
	if said, ok := c.words.say(lang, key, args); ok {
		return said
	}
	for _, other := range c.words.languages {
		if other == lang {
			continue
		}
		if said, ok := c.words.say(other, key, args); ok {
			return said
		}
	}
	return key
}

// Has says whether a key has words of its own in a language.
func (c *Catalog) Has(lang, key string) bool {
	_, ok := c.words.said[lang][key]
	return ok
}

// Keys is every key that has words in any language, sorted.
func (c *Catalog) Keys() []string {
	all := map[string]bool{}
	for _, said := range c.words.said {
		for key := range said {
			all[key] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// Languages is every language there are words in, Chinese first, then English.
func (c *Catalog) Languages() []string { return slices.Clone(c.words.languages) }

// match is the language of ours for a hint like zh-CN or EN; Chinese for any other.
func (w *words) match(hint string) string {
	if _, ok := w.said[hint]; ok {
		return hint
	}
	base, _, _ := strings.Cut(strings.ReplaceAll(strings.ToLower(hint), "_", "-"), "-")
	if _, ok := w.said[base]; ok {
		return base
	}
	return first
}

func (w *words) say(lang, key string, args map[string]any) (string, bool) {
	m, ok := w.said[lang][key]
	if !ok {
		return "", false
	}
	config := &i18n.LocalizeConfig{
		MessageID:      key,
		TemplateData:   wholeNumbers(args),
		TemplateParser: wordParser{},
	}
	if m.one != "" {
		count, ok := whole(args["count"])
		if !ok {
			return "", false
		}
		config.PluralCount = count
	}
	said, err := w.localizers[lang].Localize(config)
	return said, err == nil
}

// wordParser reads the templates of words: a missing argument is an error, so that
// nobody ever reads "<no value>".
type wordParser struct{}

func (wordParser) Cacheable() bool { return true }

func (wordParser) Parse(text, left, right string) (template.ParsedTemplate, error) {
	return (&template.TextParser{LeftDelim: left, RightDelim: right, Funcs: wordFuncs(), Option: "missingkey=error"}).Parse(text, left, right)
}

func wordFuncs() texttemplate.FuncMap {
	return texttemplate.FuncMap{"mb": sayBytes, "clock": sayClock}
}

// arguments is the names of what the text needs; an error if it does not parse.
func (m *message) arguments() ([]string, error) {
	names := map[string]bool{}
	for _, text := range []string{m.one, m.other} {
		if !strings.Contains(text, "{{") {
			continue
		}
		tree, err := texttemplate.New("").Funcs(wordFuncs()).Parse(text)
		if err != nil {
			return nil, fmt.Errorf("template: %w", err)
		}
		if tree.Tree != nil { // nil where there are only definitions
			fieldsOf(tree.Root, true, names)
		}
	}
	if m.one != "" {
		names["count"] = true
	}
	return slices.Sorted(maps.Keys(names)), nil
}
