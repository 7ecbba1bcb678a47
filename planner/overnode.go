package planner

import (
	"slices"
	"strings"

	"tidemark/operators/agg"
	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/parser/source"
	"tidemark/planner/plan"
)

// overNodes adds what computes the window functions of a SELECT to the plan of the
// rows that they see: one Over for each partitioning and order. at gives the places
// of the columns that stand in for the functions.
func (x *scoped) overNodes(node plan.Node) (out plan.Node, at func(int) int, ok bool) {
	o := x.over
	p := newOverInput(node, x.group)
	groups := o.groups()
	closing := make([]int, len(groups))
	for i, g := range groups {
		for _, k := range g {
			o.calls[k].collect(p)
		}
		closing[i] = p.closing(o.calls[g[0]].window)
	}
	windows := make([]*plan.LateRows, len(groups))
	for i, end := range closing {
		if end >= 0 {
			windows[i] = x.lateOver(p, end)
		}
	}
	node = p.node()
	width, late := len(node.Schema()), o.late
	places := make([]int, len(o.calls))
	for i, g := range groups {
		n, good := x.overNode(node, p, g, closing[i])
		if !good {
			return nil, nil, false
		}
		for j, k := range g {
			places[k] = width + j
		}
		width += len(g)
		node = n
		switch {
		case n.Emit == plan.OverClosed:
			n.Late = windows[i]
		case late != nil && n.Time >= 0:
			n.Late = late.rows(func(c int) int { return c }) // the rows' columns come first
		}
		if late != nil && n.Late != nil && n.Late.To != "" { // the others get only what this one uses
			node, late = x.withLate(late, n, n.Late), nil
		}
	}
	if late != nil {
		x.errorf(late.name.Span(), "leave it out, or order by "+x.scope.timeName(), "LATE DATA TO needs rows in order of their event time: here none is ever late")
		return nil, nil, false
	}
	return node, func(c int) int {
		if c >= overBase {
			return places[c-overBase]
		}
		return c
	}, true
}

// lateOver describes the late rows of window functions whose partitions close with the
// window that ends at a column; nil where there is nothing to say of them.
func (x *scoped) lateOver(p *overInput, end int) *plan.LateRows {
	c := p.extra.Out[end]
	w := sourceWindowsOf(p.in, expr.NewColumn(end, c.Name, c.Type, source.Span{}), source.Span{})
	if w == nil || x.over.late != nil && !x.tellsLast(w, x.over.late.name.Span()) {
		return nil
	}
	return w.rows(x.over.late, p.column, func(c int) int { return c })
}

// groups lists the calls by their windows. The last group is one that only numbers
// rows, if there is one: a limit on the number then becomes a Top-N.
func (o *overs) groups() [][]int {
	var groups [][]int
	for k, c := range o.calls {
		i := slices.IndexFunc(groups, func(g []int) bool { return o.calls[g[0]].window.same(c.window) })
		if i < 0 {
			groups = append(groups, []int{k})
		} else {
			groups[i] = append(groups[i], k)
		}
	}
	for i, g := range groups {
		if len(g) == 1 && isRank(o.calls[g[0]].fn) {
			groups = append(slices.Delete(groups, i, i+1), g)
			break
		}
	}
	return groups
}

func isRank(f plan.OverFunc) bool {
	return f == plan.OverRowNumber || f == plan.OverRank || f == plan.OverDenseRank
}

// overInput is the rows that window functions see, with the columns that these are
// computed over behind their own.
type overInput struct {
	in    plan.Node
	group *grouping // nil where the query does not group
	extra *plan.Project
}

func newOverInput(in plan.Node, g *grouping) *overInput {
	p := &plan.Project{Input: in}
	for i, c := range in.Schema() {
		p.Exprs, p.Out = append(p.Exprs, expr.NewColumn(i, c.Name, c.Type, source.Span{})), append(p.Out, c)
	}
	return &overInput{in: in, group: g, extra: p}
}

// column returns the column that has the values of e.
func (p *overInput) column(e expr.Expr) int {
	windowTime := p.isWindowTime(e)
	for i, have := range p.extra.Exprs {
		if expr.Equal(have, e) && (!windowTime || p.extra.Out[i].Time) {
			return i
		}
	}
	c := data.Column{Name: e.String(), Type: e.Type(), Time: windowTime}
	if windowTime {
		c.Name = windowColumns[2]
	}
	p.extra.Exprs, p.extra.Out = append(p.extra.Exprs, e), append(p.extra.Out, c)
	return len(p.extra.Exprs) - 1
}

// isWindowTime reports whether e is the window_time of the query's own groups.
func (p *overInput) isWindowTime(e expr.Expr) bool {
	return p.group != nil && isTime(e, p.in.Schema(), p.group)
}

func (p *overInput) node() plan.Node {
	if len(p.extra.Exprs) == len(p.in.Schema()) {
		return p.in
	}
	return p.extra
}

// collect puts all that a call is computed over among the columns.
func (c *overCall) collect(p *overInput) {
	for _, e := range c.window.partition {
		p.column(e)
	}
	for _, k := range c.window.order {
		p.column(k.e)
	}
	for _, e := range c.args {
		p.column(e)
	}
	if c.filter != nil {
		p.column(c.filter)
	}
}

// closing returns the column with the end of the window that all rows of a partition
// belong to, -1 where they belong to none: the partitions are complete when it has
// closed.
func (p *overInput) closing(w *overWindow) int {
	c := plan.WindowColumnsOf(p.in)
	if c == nil {
		return -1
	}
	by := func(col int) bool {
		return col >= 0 && slices.ContainsFunc(w.partition, func(e expr.Expr) bool {
			have, ok := e.(*expr.Column)
			return ok && have.Index == col
		})
	}
	byTime := slices.ContainsFunc(w.partition, p.isWindowTime)
	if !by(c.End) && !by(c.Time) && !byTime && !(c.Fixed && by(c.Start)) {
		return -1
	}
	plus := func(col int, micros int64) int {
		in := p.in.Schema()[col]
		e, err := expr.NewCall("+", []expr.Expr{expr.NewColumn(col, in.Name, in.Type, w.at), interval(0, micros, w.at)}, w.at)
		if err != nil {
			return -1 // TIMESTAMP + INTERVAL is always there
		}
		return p.column(e)
	}
	switch {
	case c.End >= 0:
		return c.End
	case c.Time >= 0 && c.Inclusive:
		return c.Time
	case c.Time >= 0:
		return plus(c.Time, 1)
	case c.Size > 0:
		return plus(c.Start, c.Size)
	}
	return -1
}

// windowRank puts the columns of the window before others.
func (p *overInput) windowRank(col int) int {
	c := plan.WindowColumnsOf(p.in)
	switch {
	case col == c.End || p.extra.Out[col].Time:
		return 0
	case col == c.Start:
		return 1
	}
	return 2
}

// overNode makes the Over of calls of one window, whose partitions close with the
// window that ends at column closing.
func (x *scoped) overNode(in plan.Node, p *overInput, group []int, closing int) (*plan.Over, bool) {
	w := x.over.calls[group[0]].window
	schema, props := in.Schema(), in.Properties()
	n := &plan.Over{Input: in, Time: -1, WindowEnd: closing, Peers: len(w.order)}
	for _, e := range w.partition {
		n.Partition = append(n.Partition, p.column(e))
	}
	for _, k := range w.order {
		c := p.column(k.e)
		n.Order = append(n.Order, plan.SortKey{Column: c, Desc: k.desc, NullsFirst: k.nullsFirst})
		if schema[c].Time {
			n.ArrivalDesc = k.desc // as time goes on, so do rows arrive
		}
	}
	if props.Updating { // what is in the result and not how it came there shall tell the order
		for _, c := range props.Key {
			if !slices.ContainsFunc(n.Order, func(k plan.SortKey) bool { return k.Column == c }) {
				n.Order = append(n.Order, plan.SortKey{Column: c})
			}
		}
	}
	whole := false
	for _, k := range group {
		c := x.over.calls[k]
		whole = whole || c.fn.Whole() || c.fn.Framed() && c.frame.End.Kind == plan.FromLast
	}
	if closing >= 0 { // rows are emitted window by window
		slices.SortStableFunc(n.Partition, func(a, b int) int { return p.windowRank(a) - p.windowRank(b) })
	}
	x.ownColumns[n] = len(p.in.Schema())
	if !x.overEmit(n, w, whole) {
		return nil, false
	}
	n.Out = append(data.Schema(nil), schema...)
	n.Timeless = n.Emit == plan.OverChanges && (n.Time < 0 || x.looksAtRowsAhead(group))
	for i := range n.Out {
		n.Out[i].Time = n.Out[i].Time && !n.Timeless
	}
	for _, k := range group {
		call, ok := x.planCall(x.over.calls[k], p, n.Corrects)
		if !ok {
			return nil, false
		}
		n.Calls = append(n.Calls, call)
		n.Out = append(n.Out, data.Column{Name: x.over.calls[k].name, Type: x.over.calls[k].result})
	}
	return n, true
}

// looksAtRowsAhead reports whether a row's result may hang on rows behind it however
// far they are in time.
func (x *scoped) looksAtRowsAhead(group []int) bool {
	for _, k := range group {
		c := x.over.calls[k]
		if c.fn == plan.OverLead || c.fn.Whole() || c.fn.Framed() && (c.frame.End.Kind == plan.FromLast || c.frame.Rows && c.frame.End.Rows > 0) {
			return true
		}
	}
	return false
}

// planCall puts a call over the columns of the input. Results that change need
// aggregates that take rows back, and so do frames that rows leave.
func (x *scoped) planCall(c *overCall, p *overInput, corrects bool) (plan.OverCall, bool) {
	call := plan.OverCall{Func: c.fn, N: c.n, IgnoreNulls: c.nulls, Frame: c.frame, Text: c.text, Filter: -1, Default: -1}
	for _, e := range c.args {
		call.Cols = append(call.Cols, p.column(e))
	}
	if c.filter != nil {
		call.Filter = p.column(c.filter)
	}
	switch c.fn {
	case plan.OverLag, plan.OverLead:
		if len(call.Cols) == 2 {
			call.Cols, call.Default = call.Cols[:1], call.Cols[1]
		}
	case plan.OverAggregate:
		spec := c.spec
		spec.Updating = corrects || c.frame.Start.Kind != plan.FromFirst
		fn, err := agg.Resolve(spec)
		if err != nil {
			message, hint, _ := strings.Cut(err.Error(), "; ")
			if !corrects {
				message, _, _ = strings.Cut(message, ", and its input")
				message += ", and rows leave its frame"
			}
			x.errorf(c.at, hint, "%s", message)
			return call, false
		}
		call.Agg = fn
	}
	return call, true
}
