package catalog

import (
	"cmp"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
)

//go:embed abilities.yaml wording.yaml scenarios channels words
var builtIn embed.FS

// fileMax is the size of a catalogue file at most, bytes.
const fileMax = 1 << 20

// Catalog is all data, read once and checked. It may be used by any number of
// goroutines; what it returns must not be changed.
type Catalog struct {
	scenarios map[string]Scenario
	channels  map[string]Channel
	abilities []Ability
	wording   []Wording
	words     words
	version   string
}

// Load reads the built-in data and, unless dir is "", the files below dir:
// scenarios/*.yaml, channels/*.yaml, abilities.yaml, wording.yaml,
// words/<lang>/*.yaml. A scenario, channel, ability or class of wording with the id
// of a built-in one takes its place whole, any other is added; words take their
// place key by key. Mistakes in the
// data are a Mistakes error with all of them.
func Load(dir string) (*Catalog, error) {
	layers := []fs.FS{builtIn}
	if dir != "" {
		info, err := os.Stat(dir)
		if err != nil {
			return nil, fmt.Errorf("catalogue folder: %w", err)
		}
		if !info.IsDir() {
			return nil, fmt.Errorf("catalogue folder: %s is not a folder", dir)
		}
		layers = append(layers, os.DirFS(dir))
	}
	return load(layers...)
}

func load(layers ...fs.FS) (*Catalog, error) {
	l := &loader{
		scenarios: map[string]entry[Scenario]{},
		channels:  map[string]entry[Channel]{},
		abilities: map[string]entry[Ability]{},
		wording:   map[string]entry[Wording]{},
		words:     words{said: map[string]map[string]*message{}, builtIn: map[string]*message{}},
		sum:       sha256.New(),
	}
	for i, layer := range layers {
		l.layer = i
		if err := l.read(layer); err != nil {
			return nil, err
		}
	}
	l.words.finish(&l.found)
	l.check()
	if err := l.found.err(); err != nil {
		return nil, err
	}
	return l.catalog(), nil
}

// entry is a value with the file it stands in; path is where in the file.
type entry[T any] struct {
	value T
	doc   *document
	path  string
}

type loader struct {
	layer     int
	scenarios map[string]entry[Scenario]
	channels  map[string]entry[Channel]
	abilities map[string]entry[Ability]
	wording   map[string]entry[Wording]
	words     words
	found     Mistakes
	sum       interface {
		io.Writer
		Sum([]byte) []byte
	}
}

// read takes one layer. Only a folder that cannot be read is an error; mistakes are noted.
func (l *loader) read(layer fs.FS) error {
	err := l.file(layer, "abilities.yaml", func(d *document) {
		putAll(l.abilities, d, func(a Ability) string { return a.ID })
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	err = l.file(layer, "wording.yaml", func(d *document) {
		putAll(l.wording, d, func(w Wording) string { return w.ID })
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	err = l.folder(layer, "scenarios", func(d *document) {
		var s Scenario
		d.into(&s)
		put(l.scenarios, s.ID, entry[Scenario]{s, d, ""})
	})
	if err != nil {
		return err
	}
	err = l.folder(layer, "channels", func(d *document) {
		var c Channel
		d.into(&c)
		put(l.channels, c.ID, entry[Channel]{c, d, ""})
	})
	if err != nil {
		return err
	}
	languages, err := entries(layer, "words")
	if err != nil {
		return err
	}
	for _, lang := range languages {
		if err := l.folder(layer, path.Join("words", lang), func(d *document) { l.words.read(lang, d) }); err != nil {
			return err
		}
	}
	return nil
}

// put keeps the latest layer's value; the same id twice in one layer is a mistake.
func put[T any](all map[string]entry[T], id string, e entry[T]) {
	if earlier, ok := all[id]; ok && earlier.doc.layer == e.doc.layer && id != "" {
		e.doc.wrong(join(e.path, "id"), "id %q is taken by %s", id, earlier.doc.file)
		return
	}
	if id == "" {
		e.doc.wrong(e.path, "id is missing")
		return
	}
	all[id] = e
}

// putAll puts every value of a file that is one list.
func putAll[T any](all map[string]entry[T], d *document, id func(T) string) {
	var list []T
	d.into(&list)
	for i, value := range list {
		put(all, id(value), entry[T]{value, d, fmt.Sprintf("[%d]", i)})
	}
}

// folder reads every .yaml file of a folder; there may be none.
func (l *loader) folder(layer fs.FS, folder string, use func(*document)) error {
	names, err := entries(layer, folder)
	if err != nil {
		return err
	}
	for _, name := range names {
		switch path.Ext(name) {
		case ".yaml":
			if err := l.file(layer, path.Join(folder, name), use); err != nil {
				return err
			}
		case ".yml":
			l.found.add(path.Join(folder, name), 1, "the name must end in .yaml")
		}
	}
	return nil
}

// entries is the sorted names in a folder, none if there is no such folder.
// Names that begin with a dot are the file system's own business.
func entries(layer fs.FS, folder string) ([]string, error) {
	list, err := fs.ReadDir(layer, folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("catalogue: %w", err)
	}
	var names []string
	for _, one := range list {
		if !strings.HasPrefix(one.Name(), ".") {
			names = append(names, one.Name())
		}
	}
	return names, nil
}

func (l *loader) file(layer fs.FS, name string, use func(*document)) error {
	f, err := layer.Open(name)
	if err != nil {
		return fmt.Errorf("catalogue: %w", err)
	}
	data, err := io.ReadAll(io.LimitReader(f, fileMax+1))
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("catalogue: %s: %w", name, err)
	}
	if len(data) > fileMax {
		l.found.add(name, 1, "the file is larger than %d bytes", fileMax)
		return nil
	}
	if _, err := fmt.Fprintf(l.sum, "%d %s %d\n%s", l.layer, name, len(data), data); err != nil {
		return fmt.Errorf("catalogue: %w", err)
	}
	if d := open(name, data, &l.found); d != nil {
		d.layer = l.layer
		use(d)
	}
	return nil
}

func (l *loader) catalog() *Catalog {
	c := &Catalog{
		scenarios: values(l.scenarios),
		channels:  values(l.channels),
		words:     l.words,
		version:   hex.EncodeToString(l.sum.Sum(nil)),
	}
	for _, e := range l.abilities {
		c.abilities = append(c.abilities, e.value)
	}
	for _, id := range sorted(l.wording) {
		c.wording = append(c.wording, l.wording[id].value)
	}
	slices.SortFunc(c.abilities, func(a, b Ability) int {
		return cmp.Or(cmp.Compare(a.Rank, b.Rank), cmp.Compare(a.ID, b.ID))
	})
	return c
}

func sorted[T any](all map[string]entry[T]) []string { return slices.Sorted(maps.Keys(all)) }

func values[T any](all map[string]entry[T]) map[string]T {
	out := make(map[string]T, len(all))
	for id, e := range all {
		out[id] = e.value
	}
	return out
}
