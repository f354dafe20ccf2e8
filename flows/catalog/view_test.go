package catalog

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestChannelsGolden shows every channel as the program understands it: limits,
// tiers and filled words. A new channel is one YAML file and, with -update, one
// golden file to read through.
func TestChannelsGolden(t *testing.T) {
	t.Parallel()
	c := builtInCatalog(t)
	for _, ch := range c.Channels() {
		t.Run(ch.ID, func(t *testing.T) {
			t.Parallel()
			golden(t, "channels/"+ch.ID+".golden", viewChannel(t, c, ch))
		})
	}
}

func viewChannel(t *testing.T, c *Catalog, ch Channel) string {
	t.Helper()
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("%s · %s · %s", ch.ID, ch.Name["zh"], ch.Name["en"])
	line("available %t, words only %t, needs %v, overlay %s, label %q, links %t", ch.Available, ch.WordsOnly, ch.Needs, ch.Overlay, ch.Label.In("zh"), ch.Links)
	line("files at most %d, formats %v, order %v, entrance verified %t", ch.MaxFiles, ch.Formats, ch.Order, !ch.WhereFrom.Unverified())
	if ch.Documents {
		line("takes documents beside them")
	}
	if ch.Follow != nil {
		line("asks after %d h (working hours %t), %v", ch.Follow.Hours, ch.Follow.Working, ch.Follow.Needs)
	}
	line("\nlimits")
	for _, l := range ch.Limits {
		line("  %-16s %10d %-15s %s, %s · %s", l.Name, l.Value, l.Unit, l.Confidence, l.VerifiedAt, l.Source)
	}
	for i, tier := range ch.Tiers {
		line("\ntier %d · %s · %s", i, tier.Name["zh"], tier.Name["en"])
		if len(tier.Answers) > 0 {
			line("  answers %v", tier.Answers)
		}
		for _, r := range tier.Recipes {
			line("  %s", fields(r))
		}
	}
	for _, lang := range []string{"zh", "en"} {
		data := SamplePaste(lang)
		data.Pieces = nil
		if !ch.WordsOnly {
			said, err := c.Fill(ch.Words.PieceLine.In(lang), SamplePiece(lang))
			require.NoError(t, err)
			data.Pieces = []PastePiece{{Line: said}}
		}
		for _, part := range []struct {
			name, text string
			most       int
		}{{"title", ch.Words.Title.In(lang), ch.Words.TitleMax}, {"body", ch.Words.Body.In(lang), ch.Words.BodyMax}} {
			if part.text == "" {
				continue
			}
			said, err := c.Fill(part.text, data)
			require.NoError(t, err)
			line("\n%s in %s, at most %d characters\n%s", part.name, lang, part.most, strings.TrimSpace(said))
		}
	}
	return b.String()
}

// fields is every field of a struct that is not empty.
func fields(value any) string {
	v := reflect.ValueOf(value)
	var out []string
	for i := range v.NumField() {
		if !v.Field(i).IsZero() {
			out = append(out, fmt.Sprintf("%s=%v", v.Type().Field(i).Tag.Get("yaml"), v.Field(i).Interface()))
		}
	}
	return strings.Join(out, " ")
}

// localsOf finds all words in a scenario or channel, by their path.
func localsOf(value any) map[string]string {
	out := map[string]string{}
	var walk func(path string, v reflect.Value)
	walk = func(path string, v reflect.Value) {
		switch {
		case v.Type() == reflect.TypeFor[Local]():
			for lang, text := range v.Interface().(Local) {
				out[path+"."+lang] = text
			}
		case v.Kind() == reflect.Pointer && !v.IsNil():
			walk(path, v.Elem())
		case v.Kind() == reflect.Struct:
			for i := range v.NumField() {
				walk(path+"."+v.Type().Field(i).Name, v.Field(i))
			}
		case v.Kind() == reflect.Slice:
			for i := range v.Len() {
				walk(fmt.Sprintf("%s[%d]", path, i), v.Index(i))
			}
		}
	}
	walk("", reflect.ValueOf(value))
	return out
}

// TestScenariosGolden shows what every scenario asks and where it leads.
func TestScenariosGolden(t *testing.T) {
	t.Parallel()
	c := builtInCatalog(t)
	for _, s := range c.Scenarios() {
		var b strings.Builder
		fmt.Fprintf(&b, "/%s %s, %s · channels %v\nmoments %v\n", s.Command, s.ID, s.Priority, s.Channels, s.Moments)
		all := localsOf(s)
		paths := make([]string, 0, len(all))
		for path := range all {
			paths = append(paths, path)
		}
		slices.Sort(paths)
		for _, path := range paths {
			fmt.Fprintf(&b, "%s: %s\n", path, all[path])
		}
		golden(t, "scenarios/"+s.ID+".golden", b.String())
	}
}
