package planner

import (
	"slices"

	"tidemark/operators/expr"
	"tidemark/planner/plan"
)

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
	case *plan.Stamp: // rows that are left out move the watermark all the same
		return pushBelow(n, preds, func(c int) bool { return c < len(n.Input.Schema()) }, nil)
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
