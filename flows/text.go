package flows

import (
	"bytes"
	"encoding/json"
	"maps"
	"strconv"

	"clipcase/flows/catalog"
)

// UnmarshalJSON reads what Marshal wrote: arguments that were Text become Text
// again and whole numbers int, so that a stored screen renders as it did.
func (t *Text) UnmarshalJSON(raw []byte) error {
	var stored struct {
		Key   string         `json:"k"`
		Args  map[string]any `json:"a"`
		Plain string         `json:"p"`
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if err := decoder.Decode(&stored); err != nil {
		return err
	}
	t.Key, t.Args, t.Plain = stored.Key, nil, stored.Plain
	for name, value := range stored.Args {
		if t.Args == nil {
			t.Args = map[string]any{}
		}
		t.Args[name] = revive(value)
	}
	return nil
}

func revive(value any) any {
	switch v := value.(type) {
	case json.Number:
		if n, err := strconv.Atoi(v.String()); err == nil {
			return n
		}
		f, err := v.Float64()
		if err != nil {
			return v.String()
		}
		return f
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = revive(v[i])
		}
		return list
	case map[string]any:
		return reviveText(v)
	}
	return value
}

func reviveText(v map[string]any) Text {
	text := Text{}
	text.Key, _ = v["k"].(string)
	text.Plain, _ = v["p"].(string)
	if args, ok := v["a"].(map[string]any); ok {
		text.Args = make(map[string]any, len(args))
		for name, value := range args {
			text.Args[name] = revive(value)
		}
	}
	return text
}

// Render puts t into words: plain text, arguments that are Text rendered first,
// lists of Text joined.
func Render(c *catalog.Catalog, lang string, t Text) string {
	if t.Key == "" {
		return t.Plain
	}
	args := maps.Clone(t.Args)
	for name, value := range args {
		args[name] = renderArg(c, lang, value)
	}
	return c.Say(lang, t.Key, args)
}

func renderArg(c *catalog.Catalog, lang string, value any) any {
	switch v := value.(type) {
	case Text:
		return Render(c, lang, v)
	case *Text:
		return Render(c, lang, *v)
	case []Text:
		return joinTexts(c, lang, v)
	case []any:
		texts := make([]Text, 0, len(v))
		for _, one := range v {
			if text, ok := one.(Text); ok {
				texts = append(texts, text)
			}
		}
		return joinTexts(c, lang, texts)
	}
	return value
}

func joinTexts(c *catalog.Catalog, lang string, texts []Text) string {
	joined := ""
	for i, text := range texts {
		if i > 0 {
			joined += c.Say(lang, "talk.list.comma", nil)
		}
		joined += Render(c, lang, text)
	}
	return joined
}
