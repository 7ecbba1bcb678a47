package planner

import (
	"slices"

	"tidemark/operators/expr"
	"tidemark/parser/source"
	"tidemark/planner/plan"
)

// mergeProjects makes one projection of two, and of one over constants a row of
// constants. Two stay apart where the upper one needs a column of the lower one
// whole.
func mergeProjects(n plan.Node) plan.Node {
	n = mapInput(n, mergeProjects)
	p, ok := n.(*plan.Project)
	if !ok {
		return n
	}
	switch in := p.Input.(type) {
	case *plan.Project:
		if slices.Contains(neededWhole(p.Exprs, in.Exprs), true) {
			return n
		}
		merged := &plan.Project{Input: in.Input, Out: p.Out, Exprs: foldAll(substituteAll(p.Exprs, in.Exprs))}
		return mergeProjects(merged)
	case *plan.Values:
		rows := make([][]expr.Expr, len(in.Rows))
		for i, row := range in.Rows {
			if slices.Contains(neededWhole(p.Exprs, row), true) {
				return n
			}
			rows[i] = foldAll(substituteAll(p.Exprs, row))
		}
		return &plan.Values{Rows: rows, Out: p.Out}
	}
	return n
}

// substitute puts the expressions of a projection in the place of its columns.
func substitute(e expr.Expr, exprs []expr.Expr) expr.Expr {
	return expr.Map(e, func(part expr.Expr) expr.Expr {
		if c, ok := part.(*expr.Column); ok {
			return exprs[c.Index]
		}
		return part
	})
}

func substituteAll(list, exprs []expr.Expr) []expr.Expr {
	out := make([]expr.Expr, len(list))
	for i, e := range list {
		out[i] = substitute(e, exprs)
	}
	return out
}

// neededWhole tells which expressions of inner must be computed on their own
// rather than inside those of outer that read them: those that would be computed
// more than once, and those that can fail and would be computed for some rows only.
func neededWhole(outer, inner []expr.Expr) []bool {
	uses, guards := make([]int, len(inner)), make([]bool, len(inner))
	for _, e := range outer {
		expr.WalkGuarded(e, func(part expr.Expr, guarded bool) bool {
			if c, ok := part.(*expr.Column); ok {
				uses[c.Index]++
				guards[c.Index] = guards[c.Index] || guarded
			}
			return true
		})
	}
	whole := make([]bool, len(inner))
	for i, e := range inner {
		switch e.(type) {
		case *expr.Column, *expr.Literal:
		default:
			whole[i] = uses[i] > 1 || guards[i] && expr.CanFail(e)
		}
	}
	return whole
}

// passing returns a projection that passes on all columns of a node.
func passing(n plan.Node) *plan.Project {
	p := &plan.Project{Input: n, Out: slices.Clone(n.Schema())}
	for i, c := range p.Out {
		p.Exprs = append(p.Exprs, expr.NewColumn(i, c.Name, c.Type, source.Span{}))
	}
	return p
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
		c.Late = n.Late.Moved(at, nil)
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
