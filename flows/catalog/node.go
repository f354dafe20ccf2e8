package catalog

import (
	"errors"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// shapeOf is what a YAML value looks like.
type shapeOf int

const (
	other shapeOf = iota // anchors, aliases, tags, merge keys: not used here
	scalar
	truth // true or false
	empty // no value
	mapping
	sequence
)

// node is one value of a file: as much of YAML as the catalogue uses.
type node struct {
	shape shapeOf
	line  int
	text  string // scalar and truth: as written, quotes taken off
	pairs []pair // mapping
	items []*node
}

type pair struct {
	key   *node
	value *node
}

// tree reads the one document of a file. The line is of the mistake.
func tree(data []byte) (root *node, line int, err error) {
	file, err := parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		var at yaml.Error
		if errors.As(err, &at) && at.GetToken() != nil && at.GetToken().Position != nil {
			return nil, max(at.GetToken().Position.Line, 1), errors.New("not readable as YAML: " + at.GetMessage())
		}
		text, _, _ := strings.Cut(err.Error(), "\n")
		return nil, 1, errors.New("not readable as YAML: " + text)
	}
	switch {
	case len(file.Docs) == 0 || file.Docs[0].Body == nil:
		return nil, 1, errors.New("the file is empty")
	case len(file.Docs) > 1:
		return nil, max(lineOf(file.Docs[1].Body), 1), errors.New("one file holds one document")
	}
	return convert(file.Docs[0].Body), 0, nil
}

func lineOf(n ast.Node) int {
	if n == nil || n.GetToken() == nil || n.GetToken().Position == nil {
		return 1
	}
	return n.GetToken().Position.Line
}

func convert(n ast.Node) *node {
	out := &node{line: lineOf(n)}
	switch n := n.(type) {
	case nil:
		out.shape = empty
	case *ast.NullNode:
		out.shape = empty
	case *ast.StringNode:
		out.shape, out.text = scalar, n.Value
	case *ast.LiteralNode:
		out.shape, out.text = scalar, n.Value.Value
	case *ast.BoolNode:
		out.shape, out.text = truth, n.GetToken().Value
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		out.shape, out.text = scalar, n.GetToken().Value
	case *ast.MappingValueNode:
		out.shape, out.pairs = mapping, []pair{entryOf(n)}
	case *ast.MappingNode:
		out.shape = mapping
		for _, value := range n.Values {
			out.pairs = append(out.pairs, entryOf(value))
		}
	case *ast.SequenceNode:
		out.shape = sequence
		for _, value := range n.Values {
			out.items = append(out.items, convert(value))
		}
	}
	return out
}

func entryOf(n *ast.MappingValueNode) pair {
	return pair{key: convert(n.Key), value: convert(n.Value)}
}
