package catalog

import "text/template/parse"

// walk visits every node of a template.
func walk(n parse.Node, visit func(parse.Node)) {
	if n == nil {
		return
	}
	visit(n)
	each := func(list *parse.ListNode) {
		if list != nil {
			walk(list, visit)
		}
	}
	branch := func(b *parse.BranchNode) {
		walk(b.Pipe, visit)
		each(b.List)
		each(b.ElseList)
	}
	switch n := n.(type) {
	case *parse.ListNode:
		for _, one := range n.Nodes {
			walk(one, visit)
		}
	case *parse.ActionNode:
		walk(n.Pipe, visit)
	case *parse.PipeNode:
		for _, command := range n.Cmds {
			for _, arg := range command.Args {
				walk(arg, visit)
			}
		}
	case *parse.ChainNode:
		walk(n.Node, visit)
	case *parse.IfNode:
		branch(&n.BranchNode)
	case *parse.WithNode:
		branch(&n.BranchNode)
	case *parse.RangeNode:
		branch(&n.BranchNode)
	}
}

// fieldsOf notes the names a template takes from its arguments. Inside range
// and with the dot is something else: there only $.name counts.
func fieldsOf(n parse.Node, top bool, names map[string]bool) {
	each := func(list *parse.ListNode, top bool) {
		if list != nil {
			fieldsOf(list, top, names)
		}
	}
	switch n := n.(type) {
	case *parse.FieldNode:
		if top {
			names[n.Ident[0]] = true
		}
	case *parse.VariableNode:
		if n.Ident[0] == "$" && len(n.Ident) > 1 {
			names[n.Ident[1]] = true
		}
	case *parse.ListNode:
		for _, one := range n.Nodes {
			fieldsOf(one, top, names)
		}
	case *parse.ActionNode:
		fieldsOf(n.Pipe, top, names)
	case *parse.PipeNode:
		for _, command := range n.Cmds {
			for _, arg := range command.Args {
				fieldsOf(arg, top, names)
			}
		}
	case *parse.ChainNode:
		fieldsOf(n.Node, top, names)
	case *parse.IfNode:
		fieldsOf(n.Pipe, top, names)
		each(n.List, top)
		each(n.ElseList, top)
	case *parse.WithNode:
		fieldsOf(n.Pipe, top, names)
		each(n.List, false)
		each(n.ElseList, top)
	case *parse.RangeNode:
		fieldsOf(n.Pipe, top, names)
		each(n.List, false)
		each(n.ElseList, top)
	}
}
