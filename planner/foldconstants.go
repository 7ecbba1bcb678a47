package planner

import (
	"tidemark/operators/expr"
	"tidemark/planner/plan"
)

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
