package planner

import (
	"tidemark/operators/expr"
	"tidemark/parser"
	"tidemark/planner/plan"
)

// openOvers binds the clauses that close a SELECT, and makes it ready for its window
// functions, over rows, if it has any.
func (x *scoped) openOvers(s *parser.Select, order []*parser.SortKey, rows plan.Node) bool {
	over := containsOver(s, order)
	if !over && len(s.Windows) == 0 && s.Qualify == nil {
		return x.closing(s)
	}
	var ok bool
	x.over, ok = x.newOvers(s)
	if over && (x.group == nil || !x.group.windowed) {
		ok = x.overClosing(s, rows) && ok
	} else {
		ok = x.closing(s) && ok
		x.over.changes = s.Emit != nil && s.Emit.Mode == "CHANGES"
	}
	if s.Qualify != nil && !over {
		x.errorf(s.Qualify.Span(), "write the condition after WHERE or HAVING", "QUALIFY is for conditions on window functions, and this query has none")
		ok = false
	}
	return x.bindNamed() && ok
}

// closing binds ALLOWED LATENESS and EMIT of a query without window functions.
func (x *scoped) closing(s *parser.Select) bool {
	ok := x.lateness(s.Lateness, x.group)
	return x.emit(s.Emit, x.group) && ok
}

// qualify binds QUALIFY, whose condition may name columns of the result too.
func (x *scoped) qualify(s *parser.Select) (expr.Expr, bool) {
	if s.Qualify == nil || x.over == nil {
		return nil, true
	}
	q := *x
	q.clause, q.aliases = "QUALIFY", s.Items
	e := q.condition(s.Qualify, "QUALIFY")
	if e != nil && x.group != nil {
		if x.group.failed {
			return nil, false
		}
		e = q.finish(e)
	}
	return e, e != nil
}

// alias returns the item of the SELECT list that a name means where it means no
// column of the input; nil when there is none.
func (x *scoped) alias(r *parser.Ref) *parser.Expr {
	if len(r.Parts) != 1 {
		return nil
	}
	for _, it := range x.aliases {
		if it.Alias != nil && sameColumn(it.Alias, r.Parts[0]) {
			if found, _ := x.scope.find(r.Parts[0], -1); len(found) == 0 {
				return it.Expr
			}
		}
	}
	return nil
}

// computeOvers adds the window functions of a query, and what QUALIFY keeps of their
// rows. It returns the expressions over these.
func (x *scoped) computeOvers(node plan.Node, exprs []expr.Expr, qualify expr.Expr) (plan.Node, []expr.Expr, bool) {
	if x.over == nil || len(x.over.calls) == 0 {
		return node, exprs, true
	}
	node, at, ok := x.overNodes(node)
	if !ok {
		return nil, nil, false
	}
	placed := make([]expr.Expr, len(exprs))
	for i, e := range exprs {
		placed[i] = expr.Remap(e, at)
	}
	if qualify != nil {
		node = x.topN(&plan.Filter{Input: node, Pred: expr.Remap(qualify, at)})
	}
	return node, placed, true
}

// timeless reports whether window functions leave a query no event time.
func timeless(n plan.Node) bool {
	for {
		switch o := n.(type) {
		case *plan.Over:
			if o.Timeless {
				return true
			}
		case *plan.TopN:
			if o.Timeless() {
				return true
			}
		case *plan.Filter:
		default:
			return false
		}
		n = n.Inputs()[0]
	}
}
