package catalog

import (
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

func wordsOnly(t *testing.T) *Catalog {
	t.Helper()
	c, err := load(overlay(map[string]string{
		"words/zh/a.yaml": "files: '{{.count}} 个文件'\nhello: 你好 {{.name}}\nonly: 只有中文\nsize: '{{mb .bytes}}，{{clock .at}}'\n",
		"words/en/a.yaml": "files: {one: one file, other: '{{.count}} files'}\nhello: hello {{.name}}, {{.extra}}\nsize: '{{mb .bytes}}, {{clock .at}}'\n",
	}))
	require.NoError(t, err)
	return c
}

func TestSay(t *testing.T) {
	t.Parallel()
	c := wordsOnly(t)
	for name, one := range map[string]struct {
		lang, key string
		args      map[string]any
		want      string
	}{
		"one":                       {"en", "files", map[string]any{"count": 1}, "one file"},
		"many":                      {"en", "files", map[string]any{"count": 3}, "3 files"},
		"none":                      {"en", "files", map[string]any{"count": 0}, "0 files"},
		"stored as JSON":            {"en", "files", map[string]any{"count": 1.0}, "one file"},
		"other number types":        {"en", "files", map[string]any{"count": int64(2)}, "2 files"},
		"no plural in Chinese":      {"zh", "files", map[string]any{"count": 1}, "1 个文件"},
		"count missing everywhere":  {"en", "files", nil, "files"},
		"count is no number":        {"en", "files", map[string]any{"count": "two"}, "two 个文件"},
		"argument missing":          {"en", "hello", map[string]any{"name": "Li"}, "你好 Li"},
		"argument missing in both":  {"en", "hello", nil, "hello"},
		"key missing":               {"zh", "nothing", nil, "nothing"},
		"key missing in one":        {"en", "only", nil, "只有中文"},
		"region":                    {"zh-Hans-CN", "only", nil, "只有中文"},
		"capitals and underscore":   {"EN_us", "files", map[string]any{"count": 1}, "one file"},
		"unknown language":          {"fr", "hello", map[string]any{"name": "Li"}, "你好 Li"},
		"no language":               {"", "hello", map[string]any{"name": "Li"}, "你好 Li"},
		"large whole float":         {"zh", "hello", map[string]any{"name": 12345678.0}, "你好 12345678"},
		"markup is not ours":        {"zh", "hello", map[string]any{"name": "<b>{{.x}}</b>"}, "你好 <b>{{.x}}</b>"},
		"size and time":             {"zh", "size", map[string]any{"bytes": 18_000_000, "at": 42.1}, "18 MB，0:42"},
		"size and long time":        {"en", "size", map[string]any{"bytes": int64(1_500_000), "at": 3723}, "1.5 MB, 1:02:03"},
		"size that is none":         {"en", "size", map[string]any{"bytes": "big", "at": 1}, "size"},
		"size just under the next":  {"zh", "size", map[string]any{"bytes": 999_900, "at": 0}, "1 MB，0:00"},
		"size of a text":            {"zh", "size", map[string]any{"bytes": 512, "at": 0}, "512 B，0:00"},
		"size in gigabytes":         {"zh", "size", map[string]any{"bytes": 2e9, "at": 0}, "2 GB，0:00"},
		"argument that nobody uses": {"zh", "only", map[string]any{"x": 1}, "只有中文"},
	} {
		require.Equal(t, one.want, c.Say(one.lang, one.key, one.args), name)
	}
	require.True(t, c.Has("zh", "only"))
	require.False(t, c.Has("en", "only"))
	require.Equal(t, []string{"files", "hello", "only", "size"}, c.Keys())
}

func TestSayLeavesArgumentsAlone(t *testing.T) {
	t.Parallel()
	args := map[string]any{"name": 1e7}
	wordsOnly(t).Say("zh", "hello", args)
	require.Equal(t, map[string]any{"name": 1e7}, args)
}

func TestSayFromManyAtOnce(t *testing.T) {
	t.Parallel()
	c := wordsOnly(t)
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			for range 200 {
				lang := []string{"zh", "en"}[i%2]
				if said := c.Say(lang, "files", map[string]any{"count": 7}); !strings.HasPrefix(said, "7 ") {
					t.Errorf("said %q", said)
				}
			}
		})
	}
	all.Wait()
}

func TestFill(t *testing.T) {
	t.Parallel()
	c := wordsOnly(t)
	data := SamplePaste("en")
	for name, one := range map[string]struct{ text, want, err string }{
		"fields":              {text: "{{.Case}} {{.Date}}", want: "CC0042 2026-11-22"},
		"range and if":        {text: "{{range $i, $p := .Pieces}}{{if eq $i 0}}{{.Line}}{{end}}{{end}}", want: "1/4 screen 00:42–00:52"},
		"else and len":        {text: "{{if not .Statement}}a{{else}}{{len .Answers}}{{end}}", want: "3"},
		"nothing":             {text: "", want: ""},
		"comment only":        {text: "{{/* x */}}", want: ""},
		"missing field":       {text: "{{.Nope}}", err: "can't evaluate field Nope"},
		"bad template":        {text: "{{", err: "template: "},
		"call":                {text: "{{call .Case}}", err: `function "call" is not used here`},
		"html":                {text: "{{html .Case}}", err: `function "html" is not used here`},
		"define":              {text: `{{define "x"}}{{end}}{{.Case}}`, err: "define and block are not used here"},
		"template":            {text: `{{template "words" .}}`, err: "template and block are not used here"},
		"range over a number": {text: "{{range 1000000000}}{{end}}", err: "range goes over a field only"},
		"range over a pipe":   {text: "{{range (len .Pieces)}}{{end}}", err: "range goes over a field only"},
		"long template":       {text: strings.Repeat("a", templateMax+1), err: "at most"},
		"long text":           {text: strings.Repeat("{{.Statement}}", 1000), err: ""},
	} {
		got, err := c.Fill(one.text, data)
		switch {
		case name == "long text":
			require.NoError(t, err)
			require.LessOrEqual(t, len(got), filledMax)
		case one.err != "":
			require.ErrorContains(t, err, one.err, name)
		default:
			require.NoError(t, err, name)
			require.Equal(t, one.want, got, name)
		}
	}
	long := data
	long.Statement = strings.Repeat("字", filledMax)
	_, err := c.Fill("{{.Statement}}", long)
	require.ErrorIs(t, err, errTooLong)
	_, err = c.Fill("{{.Case}}", map[string]any{})
	require.Error(t, err, "a missing key of a map is a mistake too")
}

func TestLocalIn(t *testing.T) {
	t.Parallel()
	require.Equal(t, "b", Local{"zh": "a", "en": "b"}.In("en"))
	require.Equal(t, "a", Local{"zh": "a", "en": "b"}.In("ja"))
}
