package planner

import (
	"tidemark/operators/agg"
	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/parser"
	"tidemark/parser/source"
	"tidemark/planner/plan"
)

// subquery binds a subquery of an expression, which must have an end. Where rel is
// not nil it may use the query around it.
func (x *scoped) subquery(q *parser.Query, what string, rel *related) (plan.Node, bool) {
	inner := *x.binder
	inner.outer, inner.related = x.scope, rel
	node, ok := inner.query(q)
	x.take(&inner)
	if !ok {
		return nil, false
	}
	if h, isHidden := node.(*hiddenColumns); isHidden {
		node = shown(h.Project, h.shown)
	}
	if rel.used() {
		return node, true
	}
	if !x.runnable(node) {
		return nil, false
	}
	if r := x.unbounded(node); r != nil {
		x.errorf(q.Span(), "", "%s needs the whole result of the subquery, and %s has no end", what, r.Name)
		return nil, false
	}
	return node, true
}

func (x *scoped) oneColumn(node plan.Node, q *parser.Query, what string) bool {
	if n := len(node.Schema()); n != 1 {
		x.errorf(q.Span(), "select just the column that is meant", "%s must have one column, and has %d", what, n)
		return false
	}
	return true
}

// scalar binds (SELECT …) as a value.
func (x *scoped) scalar(n *parser.Subquery) expr.Expr {
	node, ok := x.subquery(n.Query, "a subquery as a value", nil)
	if !ok || !x.oneColumn(node, n.Query, "a subquery that stands for a value") {
		return nil
	}
	return x.cell(node, n.Query, n.Span())
}

func (x *scoped) cell(node plan.Node, q *parser.Query, at source.Span) expr.Expr {
	c := &expr.Cell{Text: text(x.file, q.Span())}
	t := node.Schema()[0].Type
	x.result.Subqueries = append(x.result.Subqueries, &plan.Subquery{Input: node, Cell: c, Type: t, File: x.file, Span: q.Span()})
	return expr.NewScalar(c, t, at)
}

// exists binds EXISTS (SELECT …): whether counting at most one row gives more
// than none.
func (x *scoped) exists(n *parser.Exists) expr.Expr {
	rel := &related{exists: true}
	node, ok := x.subquery(n.Query, "EXISTS", rel)
	if !ok {
		return nil
	}
	at := n.Span()
	if rel.used() {
		return x.relatedTest(rel, nil, false, n.Query, at)
	}
	count, err := agg.Resolve(agg.Spec{Name: "COUNT", Updating: false})
	if err != nil {
		x.report(err, at)
		return nil
	}
	a := &plan.Aggregate{Input: &plan.Sort{Input: node, Limit: 1}, Time: -1, Emit: plan.EmitChanges,
		Aggs: []plan.AggCall{{Func: count, Filter: -1, Text: "COUNT(*)"}},
		Out:  data.Schema{{Name: "COUNT(*)", Type: count.Result}}}
	some, err := expr.NewCall(">", []expr.Expr{expr.NewColumn(0, "COUNT(*)", count.Result, at), expr.IntLiteral(0, at)}, at)
	if some = x.check(some, err, at); some == nil {
		return nil
	}
	p := &plan.Project{Input: a, Exprs: []expr.Expr{some}, Out: data.Schema{{Name: "exists", Type: some.Type()}}}
	return x.cell(p, n.Query, at)
}

// inQuery binds x IN (SELECT …), and x = ANY (SELECT …), which is the same.
func (x *scoped) inQuery(operand *parser.Expr, q *parser.Query, not bool, at source.Span) expr.Expr {
	v := x.bind(operand)
	rel := &related{}
	node, ok := x.subquery(q, "IN", rel)
	if v == nil || !ok || !x.oneColumn(node, q, "the subquery of IN") {
		return nil
	}
	if rel.used() {
		return x.relatedTest(rel, v, not, q, at)
	}
	column := node.Schema()[0]
	c := &expr.Cell{Text: text(x.file, q.Span())}
	e, want, err := expr.NewInSet(v, c, column.Type, not, at)
	if e = x.check(e, err, at); e == nil {
		return nil
	}
	if column.Type != want {
		cast, err := expr.NewCast(expr.NewColumn(0, column.Name, column.Type, q.Span()), want, false, q.Span())
		if cast = x.check(cast, err, q.Span()); cast == nil {
			return nil
		}
		node = &plan.Project{Input: node, Exprs: []expr.Expr{cast}, Out: data.Schema{{Name: column.Name, Type: want}}}
	}
	x.result.Subqueries = append(x.result.Subqueries, &plan.Subquery{Input: node, Cell: c, Set: true, Type: want, File: x.file, Span: q.Span()})
	return e
}
