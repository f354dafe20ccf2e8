package catalog

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// check notes what is wrong between values that are well formed each.
func (l *loader) check() {
	for id, e := range l.abilities {
		shape(e.doc, join(e.path, "id"), id)
		local(e.doc, join(e.path, "name"), e.value.Name)
	}
	for id, e := range l.wording {
		shape(e.doc, join(e.path, "id"), id)
		local(e.doc, join(e.path, "name"), e.value.Name)
		for i, item := range e.value.Items {
			e.doc.wordingItem(fmt.Sprintf("%s.items[%d]", e.path, i), item)
		}
	}
	for _, e := range l.channels {
		channelCheck{Channel: e.value, doc: e.doc, abilities: l.abilities}.run()
	}
	commands := map[string]string{}
	for _, id := range sorted(l.scenarios) {
		e := l.scenarios[id]
		scenarioCheck{Scenario: e.value, doc: e.doc, channels: l.channels, abilities: l.abilities}.run()
		if other, ok := commands[e.value.Command]; ok {
			e.doc.wrong("command", "command %q is taken by scenario %s", e.value.Command, other)
		}
		commands[e.value.Command] = id
	}
	l.checkOverriddenWords()
}

// wordingItem checks one entry of wording.yaml.
func (d *document) wordingItem(path string, item WordingItem) {
	optional(d, join(path, "say"), item.Say)
	if (len(item.Find) > 0) == (item.Pattern != "") {
		d.wrong(path, "%s: want either find or pattern", label(path))
	}
	for i, words := range item.Find {
		if strings.TrimSpace(words) != words || utf8.RuneCountInString(words) < 2 {
			d.wrong(fmt.Sprintf("%s.find[%d]", path, i), "%q: want at least two characters, without spaces around", words)
		}
	}
	if item.Pattern == "" {
		return
	}
	if expression, err := regexp.Compile(item.Pattern); err != nil {
		d.wrong(join(path, "pattern"), "%s: %v", label(join(path, "pattern")), err)
	} else if expression.MatchString("") {
		d.wrong(join(path, "pattern"), "%s fits nothing at all too", label(join(path, "pattern")))
	}
}

// checkOverriddenWords looks at words from the operator's folder: a key that
// nothing asks for, or an argument that nobody passes, would never show.
func (l *loader) checkOverriddenWords() {
	for lang, said := range l.words.said {
		for key, m := range said {
			if m.doc.layer == 0 {
				continue
			}
			base, ok := l.words.builtIn[key]
			if !ok {
				m.doc.wrong(key, "unknown key %q: nothing shows these words", key)
				continue
			}
			given, _ := base.arguments() // parsed when the built-in words were read
			needs, err := m.arguments()
			if err != nil {
				continue // noted by finish
			}
			for _, name := range needs {
				if !slices.Contains(given, name) {
					m.doc.wrong(key, "%s (%s): unknown argument %q; known are %s", key, lang, name, orNone(given))
				}
			}
		}
	}
}

func orNone(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// shape checks an id: lower case letters, digits and hyphens, as they stand in
// file names, addresses and callback data.
func shape(d *document, path, id string) {
	if !only(id, "-") || len(id) > 24 || strings.HasPrefix(id, "-") || strings.HasSuffix(id, "-") {
		d.wrong(path, "id %q: want up to 24 lower case letters, digits and hyphens", id)
	}
}

// only says whether text is not empty and holds nothing but a-z, 0-9 and more.
func only(text, more string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && !strings.ContainsRune(more, r)
	})
}

// local checks that words stand in both languages.
func local(d *document, path string, words Local) {
	for _, lang := range []string{first, "en"} {
		if strings.TrimSpace(words[lang]) == "" {
			d.wrong(path, "%s has no words in %s", label(path), lang)
		}
	}
	for lang := range words {
		if base, _, _ := strings.Cut(lang, "-"); !only(base, "") || len(base) > 3 {
			d.wrong(path, "%s: %q is no language code", label(path), lang)
		}
	}
}

// optional is local for words that may be missing altogether.
func optional(d *document, path string, words Local) {
	if len(words) > 0 {
		local(d, path, words)
	}
}

// provenance checks where a fact comes from. One with no source is allowed only
// where people are told that it is unverified.
func provenance(d *document, path string, p Provenance, unverified bool) {
	if p.Source == "" {
		switch {
		case !unverified:
			d.wrong(path, "%s has no source", label(path))
		case p != Provenance{}:
			d.wrong(path, "%s has no source: leave verified_at and confidence out too", label(path))
		}
		return
	}
	if _, err := time.Parse(time.DateOnly, p.VerifiedAt); err != nil {
		d.wrong(join(path, "verified_at"), "%s: verified_at %q is no date like 2026-11-22", label(path), p.VerifiedAt)
	}
	oneOf(d, join(path, "confidence"), p.Confidence, "low", "medium", "high")
}

func oneOf[T ~string](d *document, path string, value T, known ...T) {
	if !slices.Contains(known, value) {
		d.wrong(path, "%s %q: want one of %s", label(path), value, list(known))
	}
}

func list[T ~string](values []T) string {
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = string(v)
	}
	return strings.Join(words, ", ")
}

// needs checks a list of ability ids.
func needs(d *document, path string, ids []string, abilities map[string]entry[Ability]) {
	for i, id := range ids {
		if _, ok := abilities[id]; !ok {
			d.wrong(fmt.Sprintf("%s[%d]", path, i), "unknown ability %q", id)
		}
	}
}

// clock checks a clock; nil is none.
func clock(d *document, path string, c *Clock, abilities map[string]entry[Ability]) {
	if c == nil {
		return
	}
	if c.Hours < 1 || c.Hours > 30*24 {
		d.wrong(join(path, "hours"), "%s: %d hours, want 1 to 720", label(path), c.Hours)
	}
	local(d, join(path, "text"), c.Text)
	needs(d, join(path, "needs"), c.Needs, abilities)
	provenance(d, path, c.Provenance, false)
}
