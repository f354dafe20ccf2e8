package catalog

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// document is one YAML file with the line of every value in it, by path:
// "tiers[0].recipes[1].codec".
type document struct {
	file  string
	root  *yaml.Node
	lines map[string]int
	layer int
	found *Mistakes
}

// open reads one file; nil means that a mistake was noted.
func open(file string, data []byte, found *Mistakes) *document {
	d := &document{file: file, lines: map[string]int{}, found: found}
	var node yaml.Node
	if err := yaml.Unmarshal(data, &node); err != nil {
		line, text := yamlError(err)
		found.add(file, line, "%s", text)
		return nil
	}
	if len(node.Content) != 1 {
		found.add(file, 1, "the file is empty")
		return nil
	}
	d.root = node.Content[0]
	return d
}

// yamlError takes the line out of yaml.v3's "yaml: line 3: …". The library
// counts from 0 where its parser speaks ("did not find expected …") and from 1
// where its scanner does.
func yamlError(err error) (int, string) {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	line := 0
	if rest, ok := strings.CutPrefix(text, "line "); ok {
		if number, tail, ok := strings.Cut(rest, ": "); ok {
			if n, err := strconv.Atoi(number); err == nil {
				line, text = n, tail
			}
		}
	}
	if strings.HasPrefix(text, "did not find expected") {
		line++
	}
	return max(line, 1), "not readable as YAML: " + text
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

func (d *document) fill(n *yaml.Node, v reflect.Value, path string) {
	d.lines[path] = n.Line
	switch {
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		d.wrong(path, "anchors and aliases are not used here")
		return
	case n.Kind == yaml.ScalarNode && n.Tag == "!!null":
		d.wrong(path, "%s has no value: write one or leave the line out", label(path))
		return
	}
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		if n.Kind != yaml.ScalarNode {
			d.wrong(path, "%s: want a single value", label(path))
		} else if err := u.UnmarshalText([]byte(n.Value)); err != nil {
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
		if n.Kind != yaml.SequenceNode {
			d.wrong(path, "%s: want a list", label(path))
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content)))
		for i, item := range n.Content {
			d.fill(item, v.Index(i), fmt.Sprintf("%s[%d]", path, i))
		}
	default:
		d.fillScalar(n, v, path)
	}
}

func (d *document) fillScalar(n *yaml.Node, v reflect.Value, path string) {
	if n.Kind != yaml.ScalarNode {
		d.wrong(path, "%s: want a single value", label(path))
		return
	}
	var err error
	switch v.Kind() {
	case reflect.String:
		v.SetString(n.Value)
	case reflect.Bool:
		if n.Tag != "!!bool" {
			d.wrong(path, "%s: want true or false, not %q", label(path), n.Value)
			return
		}
		err = n.Decode(v.Addr().Interface())
	case reflect.Int, reflect.Int64, reflect.Float64:
		if err = n.Decode(v.Addr().Interface()); err != nil {
			d.wrong(path, "%s: want a number, not %q", label(path), n.Value)
			return
		}
	default:
		err = fmt.Errorf("no reading of %s", v.Type())
	}
	if err != nil {
		d.wrong(path, "%s: %v", label(path), err)
	}
}

func (d *document) fillMap(n *yaml.Node, v reflect.Value, path string) {
	if n.Kind != yaml.MappingNode {
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

func (d *document) fillStruct(n *yaml.Node, v reflect.Value, path string) {
	if n.Kind != yaml.MappingNode {
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
func (d *document) pairs(n *yaml.Node, path string) func(func(string, *yaml.Node) bool) {
	return func(yield func(string, *yaml.Node) bool) {
		seen := map[string]int{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := n.Content[i]
			if key.Kind != yaml.ScalarNode {
				d.found.add(d.file, key.Line, "%s: a key must be a plain word", label(path))
				continue
			}
			if first, ok := seen[key.Value]; ok {
				d.found.add(d.file, key.Line, "%q stands twice, first in line %d", key.Value, first)
				continue
			}
			seen[key.Value] = key.Line
			if !yield(key.Value, n.Content[i+1]) {
				return
			}
		}
	}
}

func keyLine(n *yaml.Node, key string) int {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i].Line
		}
	}
	return n.Line
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
