package catalog

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// document is one YAML file with the line of every value in it, by path:
// "tiers[0].recipes[1].codec".
type document struct {
	file  string
	root  *node
	lines map[string]int
	layer int
	found *Mistakes
}

// open reads one file; nil means that a mistake was noted.
func open(file string, data []byte, found *Mistakes) *document {
	root, line, err := tree(data)
	if err != nil {
		found.add(file, line, "%v", err)
		return nil
	}
	return &document{file: file, root: root, lines: map[string]int{}, found: found}
}

// line is where path stands, or the nearest value around it.
func (d *document) line(path string) int {
	for {
		if line, ok := d.lines[path]; ok {
			return line
		}
		if path == "" {
			return 1
		}
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
	}
}

// wrong notes a mistake at path.
func (d *document) wrong(path, format string, args ...any) {
	d.found.add(d.file, d.line(path), format, args...)
}

// into fills target, a pointer, and notes every value that does not belong. It
// is stricter than the library: an unknown field, a repeated key, an anchor or
// an empty value is a mistake, and all of a file are found at once.
func (d *document) into(target any) {
	d.fill(d.root, reflect.ValueOf(target).Elem(), "")
}

func (d *document) fill(n *node, v reflect.Value, path string) {
	d.lines[path] = n.line
	switch n.shape {
	case other:
		d.wrong(path, "%s: anchors, aliases and tags are not used here", label(path))
		return
	case empty:
		d.wrong(path, "%s has no value: write one or leave the line out", label(path))
		return
	}
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		if n.shape != scalar {
			d.wrong(path, "%s: want a single value", label(path))
		} else if err := u.UnmarshalText([]byte(n.text)); err != nil {
			d.wrong(path, "%s: %v", label(path), err)
		}
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		d.fill(n, v.Elem(), path)
	case reflect.Struct:
		d.fillStruct(n, v, path)
	case reflect.Map:
		d.fillMap(n, v, path)
	case reflect.Slice:
		if n.shape != sequence {
			d.wrong(path, "%s: want a list", label(path))
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), len(n.items), len(n.items)))
		for i, item := range n.items {
			d.fill(item, v.Index(i), fmt.Sprintf("%s[%d]", path, i))
		}
	default:
		d.fillScalar(n, v, path)
	}
}

func (d *document) fillScalar(n *node, v reflect.Value, path string) {
	if n.shape != scalar && n.shape != truth {
		d.wrong(path, "%s: want a single value", label(path))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(n.text)
	case reflect.Bool:
		if n.shape != truth {
			d.wrong(path, "%s: want true or false, not %q", label(path), n.text)
			return
		}
		v.SetBool(strings.EqualFold(n.text, "true"))
	case reflect.Int, reflect.Int64:
		number, err := strconv.ParseInt(n.text, 10, 64)
		if err != nil {
			d.wrong(path, "%s: want a whole number, not %q", label(path), n.text)
			return
		}
		v.SetInt(number)
	case reflect.Float64:
		number, err := strconv.ParseFloat(n.text, 64)
		if err != nil {
			d.wrong(path, "%s: want a number, not %q", label(path), n.text)
			return
		}
		v.SetFloat(number)
	default:
		d.wrong(path, "%s: no reading of %s", label(path), v.Type())
	}
}

func (d *document) fillMap(n *node, v reflect.Value, path string) {
	if n.shape != mapping {
		d.wrong(path, "%s: want words for each language, as in {zh: …, en: …}", label(path))
		return
	}
	v.Set(reflect.MakeMap(v.Type()))
	for key, value := range d.pairs(n, path) {
		item := reflect.New(v.Type().Elem()).Elem()
		d.fill(value, item, join(path, key))
		v.SetMapIndex(reflect.ValueOf(key), item)
	}
}

func (d *document) fillStruct(n *node, v reflect.Value, path string) {
	if n.shape != mapping {
		d.wrong(path, "%s: want named fields", label(path))
		return
	}
	fields := map[string]reflect.Value{}
	collect(v, fields)
	for key, value := range d.pairs(n, path) {
		field, ok := fields[key]
		if !ok {
			known := make([]string, 0, len(fields))
			for name := range fields {
				known = append(known, name)
			}
			slices.Sort(known)
			d.found.add(d.file, keyLine(n, key), "unknown field %q; known are %s", key, strings.Join(known, ", "))
			continue
		}
		d.fill(value, field, join(path, key))
	}
}

// collect finds the fields of a struct by their YAML names, inline ones too.
func collect(v reflect.Value, fields map[string]reflect.Value) {
	for i := range v.NumField() {
		name, options, _ := strings.Cut(v.Type().Field(i).Tag.Get("yaml"), ",")
		switch {
		case options == "inline":
			collect(v.Field(i), fields)
		case name != "" && name != "-":
			fields[name] = v.Field(i)
		}
	}
}

// pairs yields the keys of a mapping in their order, each once.
func (d *document) pairs(n *node, path string) func(func(string, *node) bool) {
	return func(yield func(string, *node) bool) {
		seen := map[string]int{}
		for _, p := range n.pairs {
			if p.key.shape != scalar {
				d.found.add(d.file, p.key.line, "%s: a key must be a plain word", label(path))
				continue
			}
			if first, ok := seen[p.key.text]; ok {
				d.found.add(d.file, p.key.line, "%q stands twice, first in line %d", p.key.text, first)
				continue
			}
			seen[p.key.text] = p.key.line
			if !yield(p.key.text, p.value) {
				return
			}
		}
	}
}

// keyLine is the line of a key: a value may begin further down.
func keyLine(n *node, key string) int {
	for _, p := range n.pairs {
		if p.key.text == key {
			return p.key.line
		}
	}
	return n.line
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// label is a path as people say it.
func label(path string) string {
	if path == "" {
		return "the file"
	}
	return path
}
