package page

import (
	"maps"

	"clipcase/flows"
	"clipcase/flows/catalog"
)

// Words is a text in words. The conversation is written for a chat; where pages
// have other words for the same key, "web." before it, those are taken.
func (p *Pages) Words(lang string, t flows.Text) string {
	return flows.Render(p.cat, lang, forPages(p.cat, lang, t))
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
