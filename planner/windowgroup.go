package planner

import (
	"slices"

	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/parser"
	"tidemark/parser/source"
	"tidemark/planner/plan"
)

// fromWindow is the window of a query that groups rows of windows by these.
type fromWindow struct {
	columns *plan.WindowColumns // of the input
	starts  bool                // the start is grouped by
	// direct is the input before its rows were put into windows, at the same places
	// but for the columns of the window, and its time; nil where the rows must be
	// grouped as they are, by attached.
	direct    plan.Node
	rows      *windowRows
	time      int
	partition []int // of direct: of what each session is; -1 for a column that is gone
	attached  *windowSpec
}

// windowOfInput looks for the columns of the window that the rows of the input are of
// among what a query groups by: then each group closes with it. It returns nil where
// the query does not group by a window so.
func (x *scoped) windowOfInput(s *parser.Select, node plan.Node) *fromWindow {
	c := plan.WindowColumnsOf(node)
	if c == nil || hasWindow(s.GroupBy) {
		return nil
	}
	if _, settles := plan.Settles(node); !settles {
		return nil
	}
	var start, end bool
	for _, item := range s.GroupBy {
		if item.Expr == nil {
			continue
		}
		col := x.columnOf(s, item.Expr)
		if col < 0 {
			continue
		}
		start = start || col == c.Start
		end = end || col == c.End || col == c.Time
	}
	if !end && !(start && c.Fixed && (c.End >= 0 || c.Time >= 0 || c.Size > 0)) {
		return nil
	}
	w := &fromWindow{columns: c, starts: start || c.Fixed && c.Start >= 0, attached: &windowSpec{window: c.Attach(start || c.Fixed && c.Start >= 0)}}
	at := s.GroupBy[0].Span()
	if w.attached.time = w.endOf(node, at); w.attached.time == nil {
		return nil
	}
	w.attached.column = -1
	if b := newUnwindowed(x.binder); b.peel(node) {
		w.direct, w.rows, w.time, w.partition = b.node, b.rows, b.time, b.partition
	}
	return w
}

// groupWindow makes the window of the input, if there is one, that of the query.
func (g *grouping) groupWindow(w *fromWindow) {
	if w == nil {
		return
	}
	g.from, g.windowed, g.window = w, true, &windowSpec{window: w.attached.window, time: w.attached.time, column: -1}
	if w.direct != nil {
		time := w.direct.Schema()[w.time]
		g.window.window, g.window.time = w.rows.window, expr.NewColumn(w.time, time.Name, time.Type, source.Span{})
	}
}

// columnOf returns the column of the input that an item of GROUP BY is, or -1.
func (x *scoped) columnOf(s *parser.Select, e *parser.Expr) int {
	if l, isLiteral := e.X.(*parser.Literal); isLiteral {
		if l.Kind != parser.IntegerLiteral || len(l.Text) != 1 || int(l.Text[0]-'0') > len(s.Items) || l.Text == "0" || s.Items[l.Text[0]-'1'].Star {
			return -1
		}
		e = s.Items[l.Text[0]-'1'].Expr
	}
	ref, isRef := e.X.(*parser.Ref)
	if !isRef {
		return -1
	}
	name, table := ref.Parts[len(ref.Parts)-1], -1
	switch len(ref.Parts) {
	case 1:
	case 2:
		if table = x.scope.table(ref.Parts[0]); table < 0 {
			return -1
		}
	default:
		return -1
	}
	found, exact := x.scope.find(name, table)
	switch {
	case len(found) == 1:
		return found[0]
	case exact >= 0:
		return exact
	case len(found) == 0 && table < 0:
		for _, it := range s.Items {
			if it.Alias != nil && it.Expr != nil && it.Expr != e && sameColumn(it.Alias, name) {
				if r, ok := it.Expr.X.(*parser.Ref); ok && !sameColumn(it.Alias, r.Parts[len(r.Parts)-1]) {
					return x.columnOf(s, it.Expr)
				}
			}
		}
	}
	return -1
}

// endOf is the end of the window, over the columns of the input; nil where they do
// not tell it.
func (w *fromWindow) endOf(node plan.Node, at source.Span) expr.Expr {
	c, in := w.columns, node.Schema()
	plus := func(col int, micros int64) expr.Expr {
		e := expr.Expr(expr.NewColumn(col, in[col].Name, timestamp, at))
		if micros == 0 {
			return e
		}
		e, err := expr.NewCall("+", []expr.Expr{e, interval(0, micros, at)}, at)
		if err != nil {
			return nil // TIMESTAMP + INTERVAL is always there
		}
		return e
	}
	switch {
	case c.End >= 0:
		return plus(c.End, 0)
	case c.Time >= 0 && c.Inclusive:
		return plus(c.Time, 0)
	case c.Time >= 0:
		return plus(c.Time, 1)
	case c.Start >= 0 && c.Size > 0:
		return plus(c.Start, c.Size)
	}
	return nil
}

// is reports whether a column of the input is one of the window.
func (w *fromWindow) is(col int) bool {
	return w != nil && col >= 0 && (col == w.columns.Start || col == w.columns.End || col == w.columns.Time)
}

// uses reports whether an expression reads columns of the window.
func (w *fromWindow) uses(e expr.Expr) bool {
	return e != nil && slices.ContainsFunc(expr.Columns(e), w.is)
}

// standIn returns what a column of the window becomes behind the grouping; nil for
// others.
func (g *grouping) standIn(c *expr.Column) expr.Expr {
	w := g.from
	switch {
	case w == nil || c.Index < 0:
	case c.Index == w.columns.Start && w.starts:
		return expr.NewColumn(windowBase, c.Name, timestamp, c.Span())
	case c.Index == w.columns.End:
		return expr.NewColumn(windowBase+1, c.Name, timestamp, c.Span())
	case c.Index == w.columns.Time:
		return g.windowTime(windowBase+1, c.Span())
	}
	return nil
}

// settleWindow decides how rows of windows are grouped: by the window that they were
// put into, from the rows before that, or else by the columns that tell it.
func (g *grouping) settleWindow(node plan.Node) plan.Node {
	w := g.from
	if w == nil {
		return node
	}
	if w.direct != nil && g.isDirect() {
		for i, k := range g.keys {
			if w.uses(k.e) {
				if g.derived == nil {
					g.derived = map[int]bool{}
				}
				g.derived[i] = true
			}
		}
		return w.direct
	}
	g.window.window, g.window.time, g.window.column = w.attached.window, w.attached.time, -1
	return node
}

// tells reports whether an expression can be computed from the window alone, once it is
// known: behind the grouping.
func (w *fromWindow) tells(e expr.Expr) bool {
	for _, c := range expr.Columns(e) {
		if !w.is(c) || c == w.columns.Start && !w.starts {
			return false
		}
	}
	return true
}

// withDerived adds to the rows of an Aggregate the keys that the window tells, each in its
// place.
func (g *grouping) withDerived(n plan.Node) plan.Node {
	if len(g.derived) == 0 {
		return n
	}
	p, in := &plan.Project{Input: n}, n.Schema()
	take := func(i int) {
		p.Exprs, p.Out = append(p.Exprs, expr.NewColumn(i, in[i].Name, in[i].Type, source.Span{})), append(p.Out, in[i])
	}
	take(0)
	take(1)
	next := 2
	for i, k := range g.keys {
		if !g.derived[i] {
			take(next)
			next++
			continue
		}
		e := expr.Replace(k.e, func(part expr.Expr) expr.Expr {
			if c, isColumn := part.(*expr.Column); isColumn {
				return g.standIn(c)
			}
			return nil
		})
		p.Exprs = append(p.Exprs, expr.Remap(e, g.place))
		p.Out = append(p.Out, data.Column{Name: k.name, Type: k.e.Type()})
	}
	for ; next < len(in); next++ {
		take(next)
	}
	return p
}

// lastInstant is the last instant of the window that the rows come from, as EMIT EVERY goes
// by it.
func (g *grouping) lastInstant() expr.Expr {
	at := g.window.time.Span()
	e, err := expr.NewCall("-", []expr.Expr{g.window.time, interval(0, 1, at)}, at)
	if err != nil {
		return g.window.time // TIMESTAMP - INTERVAL is always there
	}
	return e
}

// isDirect reports whether nothing but keys that the window tells is computed from it before
// the grouping, and sessions are of what the query groups by.
func (g *grouping) isDirect() bool {
	w := g.from
	keys := 0
	for _, k := range g.keys {
		switch {
		case !w.uses(k.e):
			keys++
		case g.sets != nil || !w.tells(k.e):
			return false
		}
	}
	for _, c := range g.calls {
		if w.uses(c.filter) || slices.ContainsFunc(c.args, w.uses) {
			return false
		}
	}
	if w.rows.window.Kind != plan.Session {
		return true
	}
	if keys != len(w.partition) || g.sets != nil {
		return false
	}
	for _, k := range g.keys {
		if w.uses(k.e) {
			continue
		}
		c, isColumn := k.e.(*expr.Column)
		if !isColumn || !slices.Contains(w.partition, c.Index) {
			return false
		}
	}
	return true
}

// unwindowed finds the rows that a plan has put into windows, as they were before.
type unwindowed struct {
	*binder
	node      plan.Node
	rows      *windowRows
	time      int
	partition []int
}

func newUnwindowed(b *binder) *unwindowed { return &unwindowed{binder: b} }

// peel takes the windows out of n; ok is false where something looks at them.
func (u *unwindowed) peel(n plan.Node) (ok bool) {
	switch n := n.(type) {
	case *plan.Windowed:
		u.begin(&windowRows{input: n.Input, window: n.Window, time: n.Time}, n)
		return true
	case *plan.Shared:
		return u.peel(n.Input)
	case *plan.Filter:
		c := plan.WindowColumnsOf(n.Input)
		if c == nil || (&fromWindow{columns: c}).uses(n.Pred) || !u.peel(n.Input) || !u.leavesWindows(n.Pred) {
			return false
		}
		u.node = &plan.Filter{Input: u.node, Pred: n.Pred}
		return true
	case *plan.Project:
		if rows := u.sessions[n]; rows != nil {
			u.begin(rows, n)
			return true
		}
		return u.project(n)
	}
	return false
}

// leavesWindows reports whether windows are the same without the rows that a condition
// leaves out: sessions are where it leaves all rows of one out or none.
func (u *unwindowed) leavesWindows(pred expr.Expr) bool {
	if u.rows.window.Kind != plan.Session {
		return true
	}
	return !slices.ContainsFunc(expr.Columns(pred), func(c int) bool { return !slices.Contains(u.partition, c) })
}

// begin stands rows in for n, which has put them into windows.
func (u *unwindowed) begin(rows *windowRows, n plan.Node) {
	u.rows, u.time, u.partition = rows, rows.time, rows.partition
	p := &plan.Project{Input: rows.input}
	in := rows.input.Schema()
	for i, c := range n.Schema() {
		if i < len(in) {
			p.Exprs = append(p.Exprs, expr.NewColumn(i, c.Name, c.Type, source.Span{}))
			c.Time = in[i].Time
		} else {
			p.Exprs = append(p.Exprs, expr.NullLiteral(timestamp, source.Span{}))
			c.Time = false
		}
		p.Out = append(p.Out, c)
	}
	u.node = p
}

// project peels what is below a projection, and lets the time through.
func (u *unwindowed) project(n *plan.Project) bool {
	c := plan.WindowColumnsOf(n.Input)
	if c == nil {
		return false
	}
	w := &fromWindow{columns: c}
	for _, e := range n.Exprs {
		if col, isColumn := e.(*expr.Column); w.uses(e) && !(isColumn && w.is(col.Index)) {
			return false
		}
	}
	if !u.peel(n.Input) {
		return false
	}
	in := u.node.Schema()
	p := &plan.Project{Input: u.node, Once: n.Once}
	for i, e := range n.Exprs {
		col := n.Out[i]
		if from, isColumn := e.(*expr.Column); isColumn {
			col.Time = in[from.Index].Time
		}
		p.Exprs, p.Out = append(p.Exprs, e), append(p.Out, col)
	}
	for k, from := range u.partition {
		at := slices.IndexFunc(n.Exprs, func(e expr.Expr) bool {
			col, isColumn := e.(*expr.Column)
			return isColumn && from >= 0 && col.Index == from
		})
		u.partition = slices.Clone(u.partition)
		u.partition[k] = at
	}
	time := in[u.time]
	p.Exprs = append(p.Exprs, expr.NewColumn(u.time, time.Name, time.Type, source.Span{}))
	u.time = len(p.Out)
	p.Out = append(p.Out, time)
	u.node = p
	return true
}
