package planner

import (
	"slices"

	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/planner/plan"
)

// shareExpressions computes once what a filter and the projection over it, the
// parts of one filter, or the columns of one projection have in common: a
// projection below the first that needs it adds it as a column.
//
// What is computed for some rows only, behind a CASE, AND or OR, is taken out
// only where it is computed for every row anyway: else it might fail for a row
// that its guard keeps from it. For the same reason a condition stands between
// what is computed before and after it.
func shareExpressions(n plan.Node) plan.Node {
	switch n := n.(type) {
	case *plan.Project:
		if f, ok := n.Input.(*plan.Filter); ok {
			return shareSteps(n, shareExpressions(f.Input), expr.Conjuncts(f.Pred), n)
		}
		return shareSteps(n, shareExpressions(n.Input), nil, n)
	case *plan.Filter:
		return shareSteps(n, shareExpressions(n.Input), expr.Conjuncts(n.Pred), nil)
	}
	return mapInput(n, shareExpressions)
}

// step is what is computed for the same rows: a condition, the columns of a
// projection over the conditions, or columns for those that follow.
type step struct {
	exprs []expr.Expr
	// shared are the parts that are computed before exprs.
	shared []expr.Expr
}

// shareSteps returns the conditions over a node, and the projection top over
// these unless it is nil, with their common parts shared. n is what they were.
func shareSteps(n, in plan.Node, conditions []expr.Expr, top *plan.Project) plan.Node {
	steps := make([]step, 0, len(conditions)+1)
	for _, c := range conditions {
		steps = append(steps, step{exprs: []expr.Expr{c}})
	}
	if top != nil {
		steps = append(steps, step{exprs: top.Exprs})
	}
	if !findCommon(steps) {
		return mapInput(n, func(below plan.Node) plan.Node {
			if _, ok := below.(*plan.Filter); ok && top != nil {
				return filtered(in, conditions)
			}
			return in
		})
	}
	// The columns that are passed on to no end are pruned; what is below is not
	// looked at again.
	base := &plan.Shared{Input: in}
	width := len(in.Schema())
	node := plan.Node(base)
	var ready []expr.Expr // conditions
	for i, s := range steps {
		if len(s.shared) > 0 {
			node, ready = shareColumns(filtered(node, ready), steps[i:]), nil
		}
		if i < len(conditions) {
			ready = append(ready, steps[i].exprs...)
		}
	}
	node = filtered(node, ready)
	if top != nil {
		node = &plan.Project{Input: node, Exprs: steps[len(conditions)].exprs, Out: top.Out, Once: top.Once}
	} else {
		p := passing(node)
		node = &plan.Project{Input: node, Exprs: p.Exprs[:width], Out: p.Out[:width]}
	}
	narrow := &pruner{shared: func(s *plan.Shared, _ set) (plan.Node, []int) { return s.Input, identity(width) }}
	node, _ = narrow.node(node, everything(len(node.Schema())))
	return node
}

// findCommon notes with each step the parts to be computed before it: those that
// it computes for all its rows, and that it or later steps compute once more.
func findCommon(steps []step) bool {
	type part struct {
		times int // from the first step that computes it for all its rows
		first int // that step, -1 before it is known
	}
	index := expr.NewIndex()
	var parts []*part // by their numbers
	find := func(e expr.Expr) *part {
		k := index.Add(e)
		if k == len(parts) {
			parts = append(parts, &part{first: -1})
		}
		return parts[k]
	}
	for i, s := range steps {
		guardedHere := map[*part]int{} // times behind a guard, while first is not known
		for _, e := range s.exprs {
			expr.WalkGuarded(e, func(e expr.Expr, guarded bool) bool {
				if expr.IsCheap(e) {
					return true // its operands are columns and constants
				}
				p := find(e)
				switch {
				case p.first >= 0:
					p.times++
				case guarded:
					guardedHere[p]++
				default:
					p.first, p.times = i, 1+guardedHere[p]
				}
				// What is in a repeated part is repeated with it.
				return p.times+guardedHere[p] == 1
			})
		}
	}
	found := false
	for k, p := range parts {
		if p.first >= 0 && p.times > 1 {
			steps[p.first].shared = append(steps[p.first].shared, index.At(k))
			found = true
		}
	}
	return found
}

// shareColumns adds the parts that the first of the steps shares to the columns
// of a node, and makes that step and those after it read them there.
func shareColumns(in plan.Node, steps []step) plan.Node {
	p := passing(in)
	p.Once = true
	width := len(p.Out)
	common := expr.NewIndex()
	for _, e := range steps[0].shared {
		common.Add(e)
		p.Exprs = append(p.Exprs, e)
		p.Out = append(p.Out, data.Column{Name: e.String(), Type: e.Type()})
	}
	read := func(part expr.Expr) expr.Expr {
		if k := common.Find(part); k >= 0 {
			return expr.NewComputed(width+k, part)
		}
		return nil
	}
	for i := range steps {
		steps[i].exprs = replaceAll(steps[i].exprs, read)
		if i > 0 {
			steps[i].shared = replaceAll(steps[i].shared, read)
		}
	}
	// The parts may have parts in common.
	return shareSteps(p, in, nil, p)
}

func replaceAll(list []expr.Expr, f func(expr.Expr) expr.Expr) []expr.Expr {
	out := slices.Clone(list)
	for i, e := range out {
		out[i] = expr.Replace(e, f)
	}
	return out
}
