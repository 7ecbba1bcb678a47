package planner

import (
	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/parser"
	"tidemark/parser/source"
	"tidemark/planner/plan"
)

// selectQuery binds a SELECT to the plan of its result. The node's schema has
// the result's columns; with an ORDER BY that needs others, the node is a
// *hiddenColumns with these behind them.
func (b *binder) selectQuery(s *parser.Select, order []*parser.SortKey) (plan.Node, []plan.SortKey, bool) {
	rel := b.related
	b.related = nil
	ok := b.refuseClauses(s)
	node, sc, good := b.from(s.From)
	if !good {
		return nil, nil, false
	}
	if node, good = b.stamp(s, order, node, sc); !good {
		return nil, nil, false
	}
	sc.items = s.Items
	var where []expr.Expr
	if s.Where != nil {
		sc.related, sc.before = rel, hasWindow(s.GroupBy)
		pred := (&scoped{binder: b, scope: sc, clause: "WHERE"}).condition(s.Where, "WHERE")
		sc.related, sc.before = nil, false
		if pred != nil {
			where = []expr.Expr{rel.where(pred)}
		}
		ok = ok && pred != nil && b.refuseRelated(rel, s)
	}
	if node, good = b.closeJoins(node, where); !good {
		return nil, nil, false
	}
	node = b.topN(node)
	x := &scoped{binder: b, scope: sc, clause: "the SELECT list", top: changingTop(node)}
	if len(s.GroupBy) > 0 || s.Having != nil || containsAggregate(s.Items) {
		x.group = b.groupBy(s, node, sc)
		x.group.updating = node.Properties().Updating
		ok = ok && !x.group.failed
	}
	ok = x.openOvers(s, order, node) && ok
	exprs, out, good := x.items(s)
	ok = ok && good
	if rel.used() {
		rel.input, rel.items = node, exprs
	}
	var having expr.Expr
	if s.Having != nil {
		h := *x
		h.clause, h.over = "HAVING", nil
		if having = h.condition(s.Having, "HAVING"); having != nil && !x.group.failed {
			having = h.finish(having)
		}
		ok = ok && having != nil
	}
	shown := len(out)
	var keys []plan.SortKey
	if good {
		if keys, exprs, out, good = x.order(s, order, exprs, out); !good {
			ok = false
		}
	}
	var on []int
	if len(s.DistinctOn) > 0 && good {
		if on, exprs, out, good = x.distinctOn(s, exprs, out); !good {
			ok = false
		}
	}
	qualify, good := x.qualify(s)
	if !ok || !good {
		return nil, nil, false
	}
	if g := x.group; g != nil {
		if node, good = b.grouped(s, g, node, having); !good {
			return nil, nil, false
		}
	}
	if node, exprs, good = x.computeOvers(node, exprs, qualify); !good {
		return nil, nil, false
	}
	if node, good = x.finalTop(s, node); !good {
		return nil, nil, false
	}
	in := node.Schema()
	for i, e := range exprs {
		out[i].Time = isTime(e, in, x.group) && !timeless(node)
	}
	p := &plan.Project{Input: node, Exprs: exprs, Out: out}
	switch {
	case on != nil:
		first, good := b.firstOf(s, p, on, keys)
		return &hiddenColumns{first, shown}, keys, good
	case s.Distinct && !p.Properties().Updating && isDistinct(p):
		return p, keys, true
	case s.Distinct:
		return distinct(p), keys, true
	case shown < len(out):
		return &hiddenColumns{p, shown}, keys, true
	}
	return p, keys, true
}

// isDistinct reports whether a key of the rows is among their columns.
func isDistinct(p *plan.Project) bool { return p.Properties().Key != nil }

// grouped adds the Aggregate of a query that groups.
func (b *binder) grouped(s *parser.Select, g *grouping, node plan.Node, having expr.Expr) (plan.Node, bool) {
	updating := g.updating
	node = g.settleWindow(node)
	if w := g.window; w != nil && w.window.Kind == plan.Attached {
		if rows, _ := b.sessionsBelow(node); rows != nil && w.lateness > 0 {
			b.errorf(s.Lateness.Interval.Span(), "group by the session itself, with FILTER (WHERE …) in place of WHERE: GROUP BY SESSION("+rows.input.Schema()[rows.time].Name+", …)",
				"ALLOWED LATENESS does not reach these sessions: their rows come once, when they close")
			return nil, false
		}
		g.sourceWindows = sourceWindowsOf(node, w.time, source.Span{})
		if g.late != nil && !b.lateOfWindows(g, node) {
			return nil, false
		}
	} else if g.late != nil && !plan.OfSource(node) {
		b.warnf(g.late.name.Span(), "write LATE DATA TO behind the window or join that the rows of a source come to first",
			"%s will receive nothing: rows that a query has made are never late", g.late.name.Text)
	}
	a := g.node(node)
	if updating {
		a.Lateness += plan.KeptBelow(node)
	}
	withLate := func(a *plan.Aggregate) plan.Node { return b.withLate(g.late, a, a.Late) }
	var out plan.Node
	if g.sets != nil {
		out = g.union(a, withLate)
	} else {
		out = withLate(a)
	}
	if g.added() > 0 {
		out = g.startFirst(out)
	}
	out = g.withDerived(out)
	if having != nil {
		out = &plan.Filter{Input: out, Pred: having}
	}
	if g.final {
		if !b.needBounded(node, s.Emit.Span(), "EMIT FINAL without a window", "group by a window, or leave EMIT FINAL out") {
			return nil, false
		}
		out = &plan.Sort{Input: out, Limit: -1}
	}
	return out, true
}

// refuseClauses reports the clauses that are yet to come.
func (b *binder) refuseClauses(s *parser.Select) bool {
	ok := true
	refuse := func(at source.Span, hint, what string) {
		b.errorf(at, hint, "%s is not supported yet", what)
		ok = false
	}
	if len(s.DistinctOn) > 0 && (len(s.GroupBy) > 0 || s.Having != nil || containsAggregate(s.Items)) {
		refuse(s.DistinctOn[0].Span(), "group in a query in FROM", "DISTINCT ON in a query that groups")
	}
	return ok
}

// isTime reports whether a computed column is an event-time attribute: one of the
// input's, or the window_time of a grouped result.
func isTime(e expr.Expr, in data.Schema, g *grouping) bool {
	if g == nil {
		c, ok := e.(*expr.Column)
		return ok && in[c.Index].Time
	}
	if c, ok := e.(*expr.Column); ok && c.Name != windowColumns[2] {
		return false // window_end, which is the same as window_time of a session
	}
	return g.window != nil && expr.Equal(e, g.windowTime(1, e.Span()))
}

// condition binds an expression that must be BOOLEAN.
func (x *scoped) condition(e *parser.Expr, clause string) expr.Expr {
	c := x.bind(e)
	if c == nil {
		return nil
	}
	switch t := c.Type(); t.Kind {
	case data.Boolean:
		return c
	case data.Unknown:
		v, err := expr.NewCast(c, data.Of(data.Boolean), false, e.Span())
		return x.check(v, err, e.Span())
	default:
		x.errorf(e.Span(), "compare it with something, as in "+c.String()+" <> …", "%s needs a condition, but %s is %s", clause, c, t)
		return nil
	}
}
