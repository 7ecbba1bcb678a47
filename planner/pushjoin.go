package planner

import (
	"tidemark/operators/expr"
	"tidemark/planner/plan"
)

// pushSides moves comparisons to the side of a join that they are about, where a row
// that they leave out makes no difference but that it is left out: not to a side whose
// partners would be emitted without a match then, nor to one of whose rows the first
// that matches is taken, and not all. What ON says of one side alone goes there too,
// unless it decides which of that side's rows have a match. It returns the sides, what
// is left of ON, and the conditions that stay over the join.
func pushSides(l, r plan.Node, kind plan.JoinKind, on expr.Expr, preds []expr.Expr, all bool) (newLeft, newRight plan.Node, newOn expr.Expr, rest []expr.Expr) {
	width := len(l.Schema())
	var left, right []expr.Expr
	give := func(preds []expr.Expr, toLeft, toRight bool) (rest []expr.Expr) {
		down, rest := split(preds, expr.CanFail, func(p expr.Expr) bool {
			k, ok := plan.Comparison(p)
			return ok && (k.Column < width && toLeft || k.Column >= width && toRight)
		})
		for _, p := range down {
			if k, _ := plan.Comparison(p); k.Column < width {
				left = append(left, p)
			} else {
				right = append(right, expr.Remap(p, func(c int) int { return c - width }))
			}
		}
		return rest
	}
	inner := kind == plan.JoinInner
	rest = give(preds, inner || kind == plan.JoinLeft || kind.LeftOnly(), (inner || kind == plan.JoinRight) && all)
	if on != nil {
		if on := give(expr.Conjuncts(on), inner || kind == plan.JoinRight || kind == plan.JoinSemi, inner || kind == plan.JoinLeft || kind.LeftOnly()); len(on) > 0 {
			newOn = expr.And(on)
		}
	}
	return push(l, left), push(r, right), newOn, rest
}
