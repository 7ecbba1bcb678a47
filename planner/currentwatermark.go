package planner

import (
	"strings"

	"tidemark/operators/expr"
	"tidemark/parser"
	"tidemark/planner/plan"
)

const currentWatermark = "CURRENT_WATERMARK"

// stamp puts the watermark behind the columns of a query's input where the query
// asks for it with CURRENT_WATERMARK.
func (b *binder) stamp(s *parser.Select, order []*parser.SortKey, node plan.Node, sc *scope) (plan.Node, bool) {
	c := callIn(s, order, currentWatermark)
	if c == nil || b.cat.Function(currentWatermark) != nil || len(sc.schema) == 0 {
		return node, true
	}
	node, ok := b.closeJoins(node, nil)
	if !ok {
		return nil, false
	}
	if node.Properties().Updating {
		b.errorf(c.Span(), "use it before the rows are aggregated or joined, where they only come",
			"CURRENT_WATERMARK cannot be used over rows that change: a row would be taken back with another watermark than it came with")
		return nil, false
	}
	sc.stamped = true
	return &plan.Stamp{Input: node}, true
}

// callIn returns the first call of a function in the clauses of a SELECT that see
// the rows of its FROM, or nil.
func callIn(s *parser.Select, order []*parser.SortKey, name string) *parser.Call {
	var found *parser.Call
	look := func(e *parser.Expr) {
		walk(e, func(e *parser.Expr) {
			if c, ok := e.X.(*parser.Call); ok && found == nil && strings.EqualFold(c.Name.Text, name) {
				found = c
			}
		})
	}
	for _, it := range s.Items {
		look(it.Expr)
	}
	look(s.Where)
	for _, g := range s.GroupBy {
		look(g.Expr)
		for _, set := range g.Sets {
			for _, e := range set {
				look(e)
			}
		}
	}
	look(s.Having)
	for _, e := range s.DistinctOn {
		look(e)
	}
	for _, k := range order {
		look(k.Expr)
	}
	return found
}

// currentWatermark binds CURRENT_WATERMARK(ts): the watermark as it stood before
// the row, whose time column is named to show that it has one.
func (x *scoped) currentWatermark(c *parser.Call) expr.Expr {
	at := c.Span()
	form := "write CURRENT_WATERMARK(" + x.scope.timeName() + ")"
	if len(c.Args) != 1 || c.Args[0].Name != nil || c.Distinct || c.Filter != nil || c.OrderBy != nil || c.WithinGroup != nil || c.Over != nil {
		x.errorf(at, form, "CURRENT_WATERMARK takes the time column and nothing else")
		return nil
	}
	arg := c.Args[0].X
	e := x.bind(arg)
	if e == nil {
		return nil
	}
	if col, ok := e.(*expr.Column); !ok || col.Index >= len(x.scope.schema) || !x.scope.schema[col.Index].Time {
		hint := form
		if !x.scope.hasTime() {
			hint = "declare the stream with WATERMARK FOR ts AS ts - INTERVAL '5' SECOND, and pass ts on as it is"
		}
		x.errorf(arg.Span(), hint, "%s is no time column with a watermark", e)
		return nil
	}
	if !x.scope.stamped {
		x.errorf(at, "use it in the SELECT list or in WHERE, and its column here", "CURRENT_WATERMARK cannot be used in %s", x.clause)
		return nil
	}
	return expr.NewColumn(len(x.scope.schema), "CURRENT_WATERMARK("+e.String()+")", timestamp, at)
}
