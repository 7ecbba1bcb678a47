package planner

import (
	"tidemark/operators/expr"
	"tidemark/planner/plan"
)

// pushReach says what conditions may go to the right side of a join.
type pushReach uint8

const (
	allOfRight  pushReach = iota
	onOfRight             // those of ON alone
	noneOfRight           // a foreign table that rows are looked up in
)

// pushReachOf returns the reach of a kind of join.
func pushReachOf(mode plan.JoinMode) pushReach {
	switch mode {
	case plan.JoinAsof:
		return onOfRight
	case plan.JoinLookup:
		return noneOfRight
	}
	return allOfRight
}

// pushSides moves comparisons to the side of a join that they are about, where a row
// that they leave out makes no difference but that it is left out: not to a side whose
// partners would be emitted without a match then, nor to one of whose rows the first
// that matches is taken, and not all (reached says), nor into what is looked up. What ON says of one side alone goes there too,
// unless it decides which of that side's rows have a match. It returns the sides, what
// is left of ON, and the conditions that stay over the join.
func pushSides(l, r plan.Node, kind plan.JoinKind, on expr.Expr, preds []expr.Expr, reached pushReach) (newLeft, newRight plan.Node, newOn expr.Expr, rest []expr.Expr) {
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
	rest = give(preds, inner || kind == plan.JoinLeft || kind.LeftOnly(), (inner || kind == plan.JoinRight) && reached == allOfRight)
	if on != nil {
		if on := give(expr.Conjuncts(on), inner || kind == plan.JoinRight || kind == plan.JoinSemi, (inner || kind == plan.JoinLeft || kind.LeftOnly()) && reached != noneOfRight); len(on) > 0 {
			newOn = expr.And(on)
		}
	}
	return push(l, left), push(r, right), newOn, rest
}
