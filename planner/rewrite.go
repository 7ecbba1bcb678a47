package planner

import (
	"slices"

	"tidemark/operators/expr"
	"tidemark/planner/plan"
)

// rule is one rewriting of a plan. Rules build new nodes and leave those they
// are given as they are.
type rule struct {
	name  string
	apply func(*graph)
}

// each is a rule that looks at one tree at a time.
func each(f func(plan.Node) plan.Node) func(*graph) { return func(g *graph) { g.apply(f) } }

// rules are applied once each, in this order: each leaves the plan in a form that
// the next ones count on.
var rules = []rule{
	{"fold constants", each(foldConstants)},
	{"push filters down", each(pushFilters)},
	{"merge projections", each(mergeProjects)},
	{"prune columns", (*graph).prune},
	{"drop projections", each(dropProjects)},
	{"share expressions", each(shareExpressions)},
	{"mark time", (*graph).markTime},
	{"fold changes", (*graph).foldChanges},
}

// rewrite improves the bound plans of a script: constants are folded, filters
// stand as low as they can and in the source where it understands them, only
// needed columns are read and computed, and nothing is computed twice. The roots
// keep their kinds.
func rewrite(roots []plan.Node) []plan.Node {
	g := newGraph(roots)
	for _, r := range rules {
		r.apply(g)
	}
	return g.roots
}

// Rewrite improves one bound plan on its own.
func Rewrite(root *plan.Sink) *plan.Sink {
	sink, _ := rewrite([]plan.Node{root})[0].(*plan.Sink) // no rule replaces the root
	return sink
}

// mapInput returns n with its inputs replaced by f of them; a leaf is returned as
// it is, and so is a Shared, whose input is rewritten on its own.
func mapInput(n plan.Node, f func(plan.Node) plan.Node) plan.Node {
	switch n := n.(type) {
	case *plan.Filter:
		c := *n
		c.Input = f(n.Input)
		return &c
	case *plan.Project:
		c := *n
		c.Input = f(n.Input)
		return &c
	case *plan.Aggregate:
		c := *n
		c.Input = f(n.Input)
		return &c
	case *plan.Sink:
		c := *n
		c.Input = f(n.Input)
		return &c
	case *plan.Union:
		c := *n
		c.Branches = make([]plan.Node, len(n.Branches))
		for i, b := range n.Branches {
			c.Branches[i] = f(b)
		}
		return &c
	case *plan.Unnest:
		c := *n
		c.Input = f(n.Input)
		return &c
	case *plan.Sort:
		c := *n
		c.Input = f(n.Input)
		return &c
	case *plan.Upsert:
		c := *n
		c.Input = f(n.Input)
		return &c
	case *plan.Watermark:
		c := *n
		c.Input = f(n.Input)
		return &c
	}
	return n
}

// foldConstants works out what is constant, and takes away filters that let
// everything pass.
func foldConstants(n plan.Node) plan.Node {
	n = mapInput(n, foldConstants)
	switch n := n.(type) {
	case *plan.Filter:
		var kept []expr.Expr
		for _, c := range expr.Conjuncts(fold(n.Pred)) {
			if l, ok := c.(*expr.Literal); !ok || l.IsNull() || !l.Value.Bools[0] {
				kept = append(kept, c)
			}
		}
		if len(kept) == 0 {
			return n.Input
		}
		return &plan.Filter{Input: n.Input, Pred: expr.And(kept)}
	case *plan.Project:
		c := *n
		c.Exprs = foldAll(n.Exprs)
		return &c
	case *plan.Values:
		c := *n
		c.Rows = make([][]expr.Expr, len(n.Rows))
		for i, row := range n.Rows {
			c.Rows[i] = foldAll(row)
		}
		return &c
	}
	return n
}

func fold(e expr.Expr) expr.Expr {
	if f, err := expr.Fold(e); err == nil {
		return f
	}
	return e
}

func foldAll(list []expr.Expr) []expr.Expr {
	out := make([]expr.Expr, len(list))
	for i, e := range list {
		out[i] = fold(e)
	}
	return out
}

// pushFilters moves conditions below projections, into one filter, and those that
// a source understands into the scan. A condition that can fail keeps behind
// those that stood before it.
func pushFilters(n plan.Node) plan.Node { return push(n, nil) }

func push(n plan.Node, preds []expr.Expr) plan.Node {
	switch n := n.(type) {
	case *plan.Filter:
		return push(n.Input, append(expr.Conjuncts(n.Pred), preds...))
	case *plan.Project:
		below := make([]expr.Expr, len(preds))
		for i, p := range preds {
			below[i] = substitute(p, n.Exprs)
		}
		c := *n
		c.Input = push(n.Input, below)
		return &c
	case *plan.Scan:
		c := *n
		c.Filter = append([]expr.Expr(nil), n.Filter...)
		var rest []expr.Expr
		for _, p := range preds {
			if k, ok := plan.Comparison(p); ok && k.Column < len(n.Columns) && !n.IsMetadata(k.Column) {
				c.Filter = append(c.Filter, p)
			} else {
				rest = append(rest, p)
			}
		}
		return filtered(&c, rest)
	case *plan.Union:
		c := *n
		c.Branches = make([]plan.Node, len(n.Branches))
		for i, b := range n.Branches {
			c.Branches[i] = push(b, preds)
		}
		return &c
	case *plan.Watermark: // its rows move the watermark, also those that fail
		return filtered(mapInput(n, pushFilters), preds)
	case *plan.Unnest:
		return pushBelow(n, preds, func(c int) bool { return c < len(n.Input.Schema()) }, nil)
	case *plan.Upsert:
		return pushBelow(n, preds, func(c int) bool { return slices.Contains(n.Key, c) }, nil)
	case *plan.Aggregate:
		first := 0
		if n.Window != nil {
			first = 2
		}
		isKey := func(c int) bool { return c >= first && c < first+len(n.Keys) }
		return pushBelow(n, preds, isKey, func(c int) int { return n.Keys[c-first] })
	}
	return filtered(mapInput(n, pushFilters), preds)
}

// pushBelow moves below n those comparisons that are of columns which n passes on,
// at the places of its input that at gives, the same where that is nil.
// Other conditions might fail for rows that never were in the result.
func pushBelow(n plan.Node, preds []expr.Expr, passes func(int) bool, at func(int) int) plan.Node {
	var below, rest []expr.Expr
	for _, p := range preds {
		k, ok := plan.Comparison(p)
		switch {
		case !ok || !passes(k.Column):
			rest = append(rest, p)
		case at != nil:
			below = append(below, expr.Remap(p, at))
		default:
			below = append(below, p)
		}
	}
	return filtered(mapInput(n, func(in plan.Node) plan.Node { return push(in, below) }), rest)
}

func filtered(n plan.Node, preds []expr.Expr) plan.Node {
	if len(preds) == 0 {
		return n
	}
	return &plan.Filter{Input: n, Pred: expr.And(preds)}
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
