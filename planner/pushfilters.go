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
	case *plan.IntervalJoin:
		return pushJoin(n, preds)
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

// pushJoin moves comparisons to the side that they are about, where a row that they
// leave out makes no difference but that it is left out: not to a side whose
// partners would be emitted without a match then. What ON says of one side alone
// goes there too, unless it decides which of that side's rows have a match.
func pushJoin(n *plan.IntervalJoin, preds []expr.Expr) plan.Node {
	width := len(n.Left.Schema())
	var left, right, rest, on []expr.Expr
	give := func(p expr.Expr, toLeft, toRight bool, keep *[]expr.Expr) {
		k, ok := plan.Comparison(p)
		switch {
		case ok && k.Column < width && toLeft:
			left = append(left, p)
		case ok && k.Column >= width && toRight:
			right = append(right, expr.Remap(p, func(c int) int { return c - width }))
		default:
			*keep = append(*keep, p)
		}
	}
	inner := n.Kind == plan.JoinInner
	for _, p := range preds {
		give(p, inner || n.Kind == plan.JoinLeft || n.Kind.LeftOnly(), inner || n.Kind == plan.JoinRight, &rest)
	}
	if n.On != nil {
		for _, p := range expr.Conjuncts(n.On) {
			give(p, inner || n.Kind == plan.JoinRight || n.Kind == plan.JoinSemi, inner || n.Kind == plan.JoinLeft || n.Kind.LeftOnly(), &on)
		}
	}
	c := *n
	c.Left, c.Right, c.On = push(n.Left, left), push(n.Right, right), nil
	if len(on) > 0 {
		c.On = expr.And(on)
	}
	return filtered(&c, rest)
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
