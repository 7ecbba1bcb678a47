package planner

import (
	"slices"
	"strings"

	"tidemark/operators/expr"
	"tidemark/parser"
	"tidemark/parser/source"
	"tidemark/planner/plan"
)

// overBase is from where on the columns stand that stand in for window functions in
// the expressions of a query, until these have their places.
const overBase = 1 << 28

// overs is the window functions of a SELECT.
type overs struct {
	windows []*parser.NamedWindow // of the WINDOW clause
	named   map[*parser.NamedWindow]*overWindow
	calls   []*overCall

	changes  bool        // EMIT CHANGES
	lateness int64       // ALLOWED LATENESS, microseconds
	late     *lateTarget // of LATE DATA TO; nil without
	closing  source.Span
}

// overWindow is what stands behind OVER, bound.
type overWindow struct {
	partition []expr.Expr
	order     []overKey
	frame     *parser.Frame // nil without
	at        source.Span
}

// overKey is one expression of the ORDER BY of a window.
type overKey struct {
	e                expr.Expr
	desc, nullsFirst bool
}

// same reports whether two windows have the same partitions in the same order.
func (w *overWindow) same(v *overWindow) bool {
	return slices.EqualFunc(w.partition, v.partition, expr.Equal) && slices.EqualFunc(w.order, v.order, func(a, b overKey) bool {
		return expr.Equal(a.e, b.e) && a.desc == b.desc && a.nullsFirst == b.nullsFirst
	})
}

// overs returns the collector of a SELECT's window functions. The windows that it
// names are bound with their first use, the others now, for what is wrong with them.
func (x *scoped) newOvers(s *parser.Select) (*overs, bool) {
	o := &overs{windows: s.Windows, named: map[*parser.NamedWindow]*overWindow{}}
	ok := true
	for i, w := range s.Windows {
		for _, other := range s.Windows[:i] {
			if sameColumn(w.Name, other.Name) {
				x.errorf(w.Name.Span(), "give one of them another name", "the WINDOW clause names %s twice", w.Name.Text)
				ok = false
			}
		}
	}
	return o, ok
}

// bindNamed binds the windows of the WINDOW clause, also those that nobody uses.
func (x *scoped) bindNamed() bool {
	ok := true
	for _, w := range x.over.windows {
		ok = x.namedWindow(w) != nil && ok
	}
	return ok
}

// namedWindow binds a window of the WINDOW clause, once. It returns nil when it is
// wrong.
func (x *scoped) namedWindow(w *parser.NamedWindow) *overWindow {
	if bound, done := x.over.named[w]; done {
		return bound
	}
	x.over.named[w] = nil // it may not extend itself
	bound := x.window(w.Spec, slices.Index(x.over.windows, w))
	x.over.named[w] = bound
	return bound
}

// window binds what stands behind OVER, or window number self of the WINDOW clause,
// which may extend those before it; self is -1 behind OVER.
func (x *scoped) window(s *parser.WindowSpec, self int) *overWindow {
	w := &overWindow{at: s.Span()}
	ok := true
	if s.Base != nil {
		base := x.base(s, self)
		if base == nil {
			return nil
		}
		if len(s.PartitionBy) == 0 && len(s.OrderBy) == 0 && s.Frame == nil {
			return base
		}
		switch {
		case len(s.PartitionBy) > 0:
			x.errorf(s.PartitionBy[0].Span(), "leave PARTITION BY out: the window has that of "+s.Base.Text, "a window that extends another cannot change its PARTITION BY")
			return nil
		case len(s.OrderBy) > 0 && len(base.order) > 0:
			x.errorf(s.OrderBy[0].Span(), "leave ORDER BY out: the window has that of "+s.Base.Text, "a window that extends another cannot change its ORDER BY")
			return nil
		case base.frame != nil:
			x.errorf(s.Base.Span(), "name a window without a frame, or write the window in full", "the window %s has a frame, and cannot be extended", s.Base.Text)
			return nil
		}
		w.partition, w.order = base.partition, base.order
	}
	for _, p := range s.PartitionBy {
		e := x.windowExpr(p)
		if e == nil {
			ok = false
			continue
		}
		if !expr.IsConst(e) && !slices.ContainsFunc(w.partition, func(have expr.Expr) bool { return expr.Equal(have, e) }) {
			w.partition = append(w.partition, e)
		}
	}
	for _, k := range s.OrderBy {
		e := x.windowExpr(k.Expr)
		if e == nil {
			ok = false
			continue
		}
		key := sortKey(k, 0)
		if !expr.IsConst(e) {
			w.order = append(w.order, overKey{e, key.Desc, key.NullsFirst})
		}
	}
	if !ok {
		return nil
	}
	w.frame = s.Frame
	if s.Frame != nil && !x.frameIsSound(s.Frame) {
		return nil
	}
	return w
}

// base finds the window that another one names.
func (x *scoped) base(s *parser.WindowSpec, self int) *overWindow {
	var names []string
	for i, w := range x.over.windows {
		if sameColumn(w.Name, s.Base) && i != self {
			if self >= 0 && i > self {
				x.errorf(s.Base.Span(), "name it before "+x.over.windows[self].Name.Text, "the window %s comes later in the WINDOW clause", s.Base.Text)
				return nil
			}
			return x.namedWindow(w)
		}
		names = append(names, w.Name.Text)
	}
	hint := "write OVER (PARTITION BY … ORDER BY …), or add WINDOW " + s.Base.Text + " AS (…)"
	if near := source.Near(s.Base.Text, names); near != "" {
		hint = "did you mean " + near + "?"
	}
	x.errorf(s.Base.Span(), hint, "there is no window %s", s.Base.Text)
	return nil
}

// windowExpr binds an expression of a window, or an argument of its function, over
// the rows that the window functions see.
func (x *scoped) windowExpr(e *parser.Expr) expr.Expr {
	inner := *x
	inner.over, inner.clause = nil, "a window"
	v := inner.aggregated(e)
	if v != nil && x.group != nil && !x.group.failed {
		v = inner.finish(v)
	}
	return v
}

// containsOver reports whether a SELECT with its ORDER BY calls window functions.
func containsOver(s *parser.Select, order []*parser.SortKey) bool {
	return callOf(s, order, func(c *parser.Call) bool { return c.Over != nil }) != nil
}

// callOf returns the first call that is one of those looked for in the clauses where
// window functions may stand.
func callOf(s *parser.Select, order []*parser.SortKey, is func(*parser.Call) bool) *parser.Call {
	var found *parser.Call
	look := func(e *parser.Expr) {
		walk(e, func(e *parser.Expr) {
			if c, ok := e.X.(*parser.Call); ok && found == nil && is(c) {
				found = c
			}
		})
	}
	for _, it := range s.Items {
		look(it.Expr)
	}
	look(s.Qualify)
	for _, e := range s.DistinctOn {
		look(e)
	}
	for _, k := range order {
		look(k.Expr)
	}
	return found
}

// overClosing binds the clauses that close a SELECT with window functions and no
// window of GROUP BY.
func (x *scoped) overClosing(s *parser.Select, rows plan.Node) bool {
	ok := true
	if l := s.Lateness; l != nil {
		x.over.closing = l.Span()
		if l.DataTo != nil {
			row := x.lateRow()
			if w := sourceWindowsOf(rows, nil, l.Span()); w != nil { // whose bounds are added
				row = slices.DeleteFunc(row, func(c lateColumn) bool { return w.isWindow(c.From[0]) })
			}
			x.over.late = x.lateTarget(l.DataTo, row)
			ok = x.over.late != nil
		}
		if l.OnLate == "APPROXIMATE" {
			x.errorf(l.Span(), "leave ON LATE APPROXIMATE out", "ON LATE APPROXIMATE is for windows of GROUP BY, which keep summaries")
			ok = false
		}
		if l.Interval != nil {
			n, good := x.constantLength(l.Interval, "ALLOWED LATENESS", "write ALLOWED LATENESS INTERVAL '3' MINUTE")
			if good && n < 0 {
				x.errorf(l.Interval.Span(), "write ALLOWED LATENESS INTERVAL '3' MINUTE", "ALLOWED LATENESS cannot be negative")
				good = false
			}
			x.over.lateness, ok = n, ok && good
		}
	}
	if e := s.Emit; e != nil {
		switch e.Mode {
		case "CHANGES":
			x.over.changes = true
		case "EVERY":
			x.errorf(e.Span(), "use EMIT CHANGES for every change, or leave it out for a row when the watermark has passed it", "EMIT EVERY is for windows of GROUP BY")
			ok = false
		}
	}
	return ok
}

// isWindowFunction reports whether a name is that of a function which needs OVER.
func isWindowFunction(name string) bool {
	_, ok := findOver(name)
	return ok && !isAggregate(strings.ToUpper(name))
}
