package planner

import (
	"strings"

	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/planner/plan"
)

// shareExpressions lets a projection under another one compute what the upper
// one's expressions have in common, so that it is computed once. What is
// computed for some rows only, behind a CASE, AND or OR, is taken out only where
// it is computed for every row anyway: else it might fail for a row that its
// guard keeps from it.
func shareExpressions(n plan.Node) plan.Node {
	n = mapInput(n, shareExpressions)
	p, ok := n.(*plan.Project)
	if !ok {
		return n
	}
	prints := expr.NewFingerprints()
	common := commonParts(p.Exprs, prints)
	if len(common) == 0 {
		return n
	}
	in := p.Input.Schema()
	lower := &plan.Project{Input: p.Input}
	for i, c := range in {
		lower.Exprs = append(lower.Exprs, expr.NewColumn(i, c.Name, c.Type, common[0].Span()))
		lower.Out = append(lower.Out, c)
	}
	for _, e := range common {
		lower.Exprs = append(lower.Exprs, e)
		lower.Out = append(lower.Out, data.Column{Name: partName(e), Type: e.Type()})
	}
	place := map[uint64][]int{} // of the common parts, by fingerprint
	for k, c := range common {
		place[prints.Of(c)] = append(place[prints.Of(c)], k)
	}
	upper := &plan.Project{Input: lower, Out: p.Out, Exprs: make([]expr.Expr, len(p.Exprs))}
	for i, e := range p.Exprs {
		upper.Exprs[i] = expr.Replace(e, func(part expr.Expr) expr.Expr {
			for _, k := range place[prints.Of(part)] {
				if expr.Equal(part, common[k]) {
					at := len(in) + k
					return expr.NewColumn(at, lower.Out[at].Name, part.Type(), part.Span())
				}
			}
			return nil
		})
	}
	return narrowed(upper, lower)
}

// narrowed is upper over only those columns of lower that it uses.
func narrowed(upper, lower *plan.Project) plan.Node {
	need := newSet(len(lower.Out))
	for _, e := range upper.Exprs {
		for _, c := range expr.Columns(e) {
			need.add(c)
		}
	}
	narrow := &plan.Project{Input: lower.Input}
	at := make([]int, len(lower.Out))
	for i, n := range need {
		at[i] = -1
		if n {
			at[i] = len(narrow.Out)
			narrow.Exprs, narrow.Out = append(narrow.Exprs, lower.Exprs[i]), append(narrow.Out, lower.Out[i])
		}
	}
	upper.Input = narrow
	for i, e := range upper.Exprs {
		upper.Exprs[i] = moved(e, at)
	}
	return upper
}

// partName is what a computed column is called where it stands in an expression.
func partName(e expr.Expr) string {
	if text := e.String(); !strings.Contains(text, " ") {
		return text
	}
	return "(" + e.String() + ")"
}

// commonParts returns the largest computations that the expressions have more
// than once, at least once where no guard stands before it.
func commonParts(exprs []expr.Expr, prints *expr.Fingerprints) []expr.Expr {
	type seen struct {
		e         expr.Expr
		times     int
		unguarded bool
	}
	byPrint := map[uint64][]*seen{}
	var order []*seen
	find := func(e expr.Expr) *seen {
		key := prints.Of(e)
		for _, s := range byPrint[key] {
			if expr.Equal(s.e, e) {
				return s
			}
		}
		s := &seen{e: e}
		byPrint[key], order = append(byPrint[key], s), append(order, s)
		return s
	}
	for _, e := range exprs {
		expr.WalkGuarded(e, func(part expr.Expr, guarded bool) bool {
			if !worthSharing(part) {
				return true
			}
			s := find(part)
			s.times++
			s.unguarded = s.unguarded || !guarded
			return s.times == 1 // what is in a repeated part is repeated with it
		})
	}
	var common []expr.Expr
	for _, s := range order {
		if s.times > 1 && s.unguarded {
			common = append(common, s.e)
		}
	}
	return common
}

// worthSharing reports whether e costs more than to copy its result: it computes
// something, from columns.
func worthSharing(e expr.Expr) bool {
	switch e := e.(type) {
	case *expr.Column, *expr.Literal, *expr.Scalar:
		return false
	case *expr.Cast:
		return !e.Implicit && worthSharing(e.X) || e.X.Type().Kind == data.String
	}
	return true // constants have been worked out before
}
