package planner

import (
	"slices"

	"tidemark/parser"
)

// containsAggregate reports whether the SELECT list calls an aggregate.
func containsAggregate(items []*parser.SelectItem) bool {
	found := false
	for _, it := range items {
		if it.Expr != nil {
			walk(it.Expr, func(e *parser.Expr) {
				if c, ok := e.X.(*parser.Call); ok && c.Over == nil && isAggregateCall(c) {
					found = true
				}
			})
		}
	}
	return found
}

// walk calls f for e and every expression in it.
func walk(e *parser.Expr, f func(*parser.Expr)) {
	todo := []*parser.Expr{e}
	for len(todo) > 0 {
		e := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if e == nil {
			continue
		}
		f(e)
		switch n := e.X.(type) {
		case *parser.Unary:
			todo = append(todo, n.X)
		case *parser.Binary:
			todo = append(todo, n.L, n.R)
		case *parser.Is:
			todo = append(todo, n.X)
		case *parser.In:
			todo = append(append(todo, n.X), n.List...)
		case *parser.Between:
			todo = append(todo, n.X, n.Lo, n.Hi)
		case *parser.Like:
			todo = append(todo, n.X, n.Pattern, n.Escape)
		case *parser.Case:
			todo = append(todo, n.Operand, n.Else)
			for _, w := range n.Whens {
				todo = append(todo, w.Cond, w.Then)
			}
		case *parser.Cast:
			todo = append(todo, n.X)
		case *parser.Call:
			todo = append(todo, n.Filter)
			for _, a := range n.Args {
				todo = append(todo, a.X)
			}
			for _, k := range slices.Concat(n.OrderBy, n.WithinGroup) {
				todo = append(todo, k.Expr)
			}
			for _, b := range n.JSON.Behaviors() {
				todo = append(todo, b.Default)
			}
			if n.Over != nil {
				todo = append(todo, n.Over.PartitionBy...)
				for _, k := range n.Over.OrderBy {
					todo = append(todo, k.Expr)
				}
			}
		case *parser.Quantified:
			todo = append(todo, n.X, n.Array)
		case *parser.Array:
			todo = append(todo, n.Elems...)
		case *parser.Map:
			todo = append(todo, n.Elems...)
		case *parser.Row:
			todo = append(todo, n.Elems...)
		case *parser.Subscript:
			todo = append(todo, n.X, n.Index, n.To)
		case *parser.Field:
			todo = append(todo, n.X)
		case *parser.AtTimeZone:
			todo = append(todo, n.X, n.Zone)
		}
	}
}
