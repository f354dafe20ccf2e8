package ffmpeg

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	graphs "github.com/u2takey/ffmpeg-go"
)

// graph is one run of ffmpeg: inputs, each file once, and outputs fed by chains
// of filters.
type graph struct {
	inputs []input
	chains []chain
	output output
	more   []output // of the same run
}

func (g graph) outputs() []output { return append([]output{g.output}, g.more...) }

type input struct {
	path    string
	options []option // before -i
}

// chain leads streams through filters. Its streams are selectors of inputs
// ("0:1") or names of chains before it; what it makes is called name. A chain
// named in output.take goes into the file; a chain is taken exactly once, or
// split first.
type chain struct {
	name    string
	from    []string
	filters []filter
	split   int  // > 1: gives name+"0", name+"1", … after the filters
	sound   bool // what is split is sound
}

// filter is one step with its arguments in order: "key=value" or a plain value,
// each escaped by arg.
type filter struct {
	name string
	args []string
}

type output struct {
	path    string
	take    []string // chains, in the order of the file's streams
	options []option
}

// arg is one argument of a filter, escaped for the filter's own reading; the
// graph's escaping is added by the compiler.
func arg(key, value string) string {
	return key + "=" + strings.NewReplacer(`\`, `\\`, `'`, `\'`, `:`, `\:`).Replace(value)
}

// compile turns the graph into ffmpeg's arguments by u2takey/ffmpeg-go and
// checks them against what was asked for: the library merges inputs of one
// file, joins equal nodes and panics on mistakes, so nothing is taken on trust.
// Only the arguments are used; it starts, logs and cancels nothing.
func (g graph) compile() (args []string, err error) {
	defer func() {
		if r := recover(); r != nil {
			args, err = nil, fmt.Errorf("graph: %v", r)
		}
	}()
	if err := g.inputsOnce(); err != nil {
		return nil, err
	}
	streams := map[string]*graphs.Stream{}
	opened := make([]*graphs.Stream, len(g.inputs))
	for i, in := range g.inputs {
		opened[i] = graphs.Input(in.path, words(in.options))
	}
	source := func(name string) (*graphs.Stream, error) {
		if s, ok := streams[name]; ok {
			return s, nil
		}
		var index int
		var selector string
		if n, err := fmt.Sscanf(name, "%d:%s", &index, &selector); err != nil || n != 2 || index < 0 || index >= len(opened) {
			return nil, fmt.Errorf("graph: nothing is called %q", name)
		}
		return opened[index].Get(selector), nil
	}
	filters := 0
	for _, c := range g.chains {
		var from []*graphs.Stream
		for _, name := range c.from {
			s, err := source(name)
			if err != nil {
				return nil, err
			}
			from = append(from, s)
		}
		for _, f := range c.filters {
			from = []*graphs.Stream{graphs.Filter(from, f.name, graphs.Args(slices.Clone(f.args)))}
			filters++
		}
		if len(from) != 1 {
			return nil, fmt.Errorf("graph: the chain %q ends in %d streams", c.name, len(from))
		}
		if c.split > 1 {
			node := from[0].Split
			if c.sound {
				node = from[0].ASplit
			}
			parts := node()
			for i := range c.split {
				streams[fmt.Sprint(c.name, i)] = parts.Get(fmt.Sprint(i))
			}
			filters++
			continue
		}
		streams[c.name] = from[0]
	}
	var files []*graphs.Stream
	for _, o := range g.outputs() {
		var take []*graphs.Stream
		for _, name := range o.take {
			s, err := source(name)
			if err != nil {
				return nil, err
			}
			take = append(take, s)
		}
		files = append(files, graphs.Output(take, o.path, words(o.options)))
	}
	all := files[0]
	if len(files) > 1 {
		all = graphs.MergeOutputs(files...)
	}
	args = all.GetArgs()
	return args, g.check(args, filters)
}

func (g graph) inputsOnce() error {
	seen := map[string]bool{}
	for _, in := range g.inputs {
		if seen[in.path] {
			return errors.New("graph: one file is opened twice")
		}
		seen[in.path] = true
	}
	return nil
}

// words are options as the library takes them; an option may stand once.
func words(options []option) graphs.KwArgs {
	out := graphs.KwArgs{}
	for _, o := range options {
		name := strings.TrimPrefix(o.name, "-")
		if name == "f" {
			name = "format"
		}
		if _, twice := out[name]; twice {
			panic(fmt.Sprintf("option %s is given twice", o.name))
		}
		out[name] = o.value
	}
	return out
}

// check counts what came out.
func (g graph) check(args []string, filters int) error {
	inputs, maps := 0, 0
	complex := ""
	for i, a := range args {
		switch {
		case a == "-i":
			inputs++
		case a == "-map":
			maps++
		case a == "-filter_complex" && i+1 < len(args):
			complex = args[i+1]
		}
	}
	found := 0
	if complex != "" {
		found = 1 + strings.Count(complex, ";") - strings.Count(complex, `\;`)
	}
	outputs, streams, wanted := 0, 0, map[string]bool{}
	for _, o := range g.outputs() {
		wanted[o.path] = true
		streams += len(o.take)
	}
	for _, a := range args {
		if wanted[a] {
			outputs++
		}
	}
	if inputs != len(g.inputs) || outputs != len(g.more)+1 || len(wanted) != outputs || found != filters || maps != streams && maps+1 != streams {
		return fmt.Errorf("graph: compiled to %d inputs, %d outputs, %d filters, %d streams; planned %d, %d, %d, %d",
			inputs, outputs, found, maps, len(g.inputs), len(g.more)+1, filters, streams)
	}
	for _, in := range g.inputs {
		if !slices.Contains(args, in.path) {
			return errors.New("graph: an input was lost")
		}
	}
	return nil
}
