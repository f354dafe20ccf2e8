package checkpage

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"strings"
	"time"

	"clipcase/flows/dossier/bag"
)

// Name is where the page stands in a bag: at its top, where people look first.
const Name = "verify.html"

//go:embed page.html.tmpl sha256.js sign.js history.js stamp.js bag.js page.js
var parts embed.FS

// Words are those of the catalogue.
type Words interface {
	// Say is the text of a key in a language.
	Say(lang, key string, args map[string]any) string
}

// keys are the words on the page, in the catalogue with "check." before them.
const keys = "title what folder several made all hand hand.what hand.root limits limits.not limits.page key key.compare from at range " +
	"verdict.good verdict.bad verdict.badsign verdict.badproof verdict.unsigned verdict.unable verdict.notbag state.ok state.changed state.missing state.extra state.record " +
	"proof history.ok history.none history.missing history.begin history.broken history.unread history.short history.other " +
	"stamp.ok stamp.other stamp.unread stamp.missing stamp.none stamp.note stamp.list stamp.nobody"

// File is the page as a file of a bag, in lang first. It is the same in all bags of
// one version: what it says of a bag it finds in the files that it is given.
func File(words Words, lang string, when time.Time) (bag.File, error) {
	page, err := page(words, lang)
	if err != nil {
		return bag.File{}, fmt.Errorf("check page: %w", err)
	}
	return bag.Text(Name, []byte(page), when), nil
}

func page(words Words, lang string) (string, error) {
	all := map[string]any{"first": lang}
	languages := []string{"zh", "en"} // people change between them on the page
	for _, l := range languages {
		said := map[string]string{}
		for key := range strings.FieldsSeq(keys) {
			// What the page itself fills in goes through as it is.
			said[key] = words.Say(l, "check."+key, map[string]any{"name": "{name}", "t": "{t}", "a": "{a}", "b": "{b}", "n": "{n}", "of": "{of}"})
		}
		all[l] = said
	}
	if _, ok := all[lang]; !ok {
		all["first"], lang = languages[0], languages[0]
	}
	doc, err := json.Marshal(all) // with < written otherwise: nothing ends the script
	if err != nil {
		return "", err
	}
	var script strings.Builder
	for _, name := range []string{"sha256.js", "sign.js", "history.js", "stamp.js", "bag.js", "page.js"} {
		raw, err := parts.ReadFile(name)
		if err != nil {
			return "", err
		}
		script.Write(raw)
	}
	frame, err := parts.ReadFile("page.html.tmpl")
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(script.String()))
	return strings.NewReplacer(
		"{{.First}}", lang, "{{.Title}}", html.EscapeString(words.Say(lang, "check.title", nil)), "{{.Words}}", string(doc),
		"{{.Script}}", script.String(), "{{.Hash}}", "sha256-"+base64.StdEncoding.EncodeToString(sum[:]),
	).Replace(string(frame)), nil
}
