package wizard

import (
	"maps"

	"clipcase/flows"
	"clipcase/flows/catalog"
)

// say is a text in words. The conversation is written for a chat; where a page
// has other words for the same key, "web." before it, those are taken.
func (z *Wizard) say(lang string, t flows.Text) string {
	return flows.Render(z.cat, lang, forPages(z.cat, lang, t))
}

// word is say for a key of the wizard's own.
func (z *Wizard) word(lang, key string, pairs ...any) string {
	return z.say(lang, flows.T("web.wizard."+key, pairs...))
}

// forPages puts the pages' keys where there are any, in arguments too.
func forPages(cat *catalog.Catalog, lang string, t flows.Text) flows.Text {
	if t.Key == "" {
		return t
	}
	if own := "web." + t.Key; cat.Has(lang, own) {
		t.Key = own
	}
	if len(t.Args) == 0 {
		return t
	}
	args := maps.Clone(t.Args)
	for name, value := range args {
		switch value := value.(type) {
		case flows.Text:
			args[name] = forPages(cat, lang, value)
		case *flows.Text:
			args[name] = forPages(cat, lang, *value)
		case []flows.Text:
			list := make([]flows.Text, len(value))
			for i := range value {
				list[i] = forPages(cat, lang, value[i])
			}
			args[name] = list
		case []any:
			list := make([]any, len(value))
			for i, one := range value {
				if text, ok := one.(flows.Text); ok {
					one = forPages(cat, lang, text)
				}
				list[i] = one
			}
			args[name] = list
		}
	}
	t.Args = args
	return t
}
