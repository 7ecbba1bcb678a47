package planner

import (
	"tidemark/operators/expr"
	"tidemark/planner/plan"
)

// mergeProjects makes one projection of two, and of one over constants a row of
// constants. Two stay apart where merging would compute something twice.
func mergeProjects(n plan.Node) plan.Node {
	n = mapInput(n, mergeProjects)
	p, ok := n.(*plan.Project)
	if !ok {
		return n
	}
	switch in := p.Input.(type) {
	case *plan.Project:
		if computesTwice(p.Exprs, in.Exprs) {
			return n
		}
		merged := &plan.Project{Input: in.Input, Out: p.Out, Exprs: substituteAll(p.Exprs, in.Exprs)}
		return mergeProjects(merged)
	case *plan.Values:
		rows := make([][]expr.Expr, len(in.Rows))
		for i, row := range in.Rows {
			if computesTwice(p.Exprs, row) {
				return n
			}
			rows[i] = foldAll(substituteAll(p.Exprs, row))
		}
		return &plan.Values{Rows: rows, Out: p.Out}
	}
	return n
}

func substituteAll(list, exprs []expr.Expr) []expr.Expr {
	out := make([]expr.Expr, len(list))
	for i, e := range list {
		out[i] = substitute(e, exprs)
	}
	return out
}

// computesTwice reports whether the expressions of outer use one of inner that
// is more than a column or constant more than once.
func computesTwice(outer, inner []expr.Expr) bool {
	uses := make([]int, len(inner))
	for _, e := range outer {
		expr.Walk(e, func(part expr.Expr) bool {
			if c, ok := part.(*expr.Column); ok {
				uses[c.Index]++
			}
			return true
		})
	}
	for i, e := range inner {
		switch e.(type) {
		case *expr.Column, *expr.Literal:
		default:
			if uses[i] > 1 {
				return true
			}
		}
	}
	return false
}

// dropProjects takes away projections that only rename and reorder, where the
// node above can name the columns below itself.
func dropProjects(n plan.Node) plan.Node {
	n = mapInput(n, dropProjects)
	switch n := n.(type) {
	case *plan.Aggregate:
		p, ok := n.Input.(*plan.Project)
		if !ok {
			return n
		}
		at, ok := columnsOf(p)
		if !ok {
			return n
		}
		c := *n
		c.Input = p.Input
		if n.Time >= 0 {
			c.Time = at[n.Time]
		}
		c.Keys = make([]int, len(n.Keys))
		for i, k := range n.Keys {
			c.Keys[i] = at[k]
		}
		c.Aggs = append([]plan.AggCall(nil), n.Aggs...)
		for i, a := range c.Aggs {
			c.Aggs[i] = a.Moved(at)
		}
		return &c
	case *plan.Sink:
		p, ok := n.Input.(*plan.Project)
		if !ok {
			return n
		}
		at, ok := columnsOf(p)
		if !ok || n.Relation == nil && !isIdentity(p, at) {
			return n
		}
		c := *n
		c.Input = p.Input
		if n.Columns != nil {
			c.Columns = make([]int, len(n.Columns))
			for i, k := range n.Columns {
				c.Columns[i] = k
				if k >= 0 {
					c.Columns[i] = at[k]
				}
			}
		}
		return &c
	}
	return n
}

// columnsOf returns the input columns that p consists of, if it computes nothing.
func columnsOf(p *plan.Project) ([]int, bool) {
	at := make([]int, len(p.Exprs))
	for i, e := range p.Exprs {
		c, ok := e.(*expr.Column)
		if !ok {
			return nil, false
		}
		at[i] = c.Index
	}
	return at, true
}

// isIdentity reports whether p passes on just what it gets, under the same names.
func isIdentity(p *plan.Project, at []int) bool {
	in := p.Input.Schema()
	if len(in) != len(at) {
		return false
	}
	for i, c := range at {
		if c != i || in[i] != p.Out[i] {
			return false
		}
	}
	return true
}
