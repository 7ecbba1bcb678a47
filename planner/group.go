package planner

import (
	"strings"

	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/parser"
	"tidemark/parser/source"
	"tidemark/planner/plan"
)

// The expressions of a grouped query are first bound over the query's input; its
// windows', keys' and aggregates' columns stand in them at positions from these
// bases on. When all are known they are moved to the places they have in the
// output of the Aggregate.
const (
	windowBase = 1 << 24 // 0 is window_start, 1 is window_end
	aggBase    = 1 << 25
	keyBase    = 1 << 26
	// groupingBase is the column that tells which grouping set a row is of.
	groupingBase = 1 << 27
)

// grouping is the GROUP BY of a query, with the aggregates that its expressions
// turn out to need.
type grouping struct {
	window   *windowSpec
	windowed bool        // there is a window, also one that could not be bound
	from     *fromWindow // set where it is the one that the rows of the input are of
	keys     []groupKey
	derived  map[int]bool // those of keys that the window alone tells
	keyIndex *expr.Index  // of keys
	sets     groupingSets // nil: one, of all keys
	calls    []aggregateCall
	byText   map[string][]int // of calls
	explicit bool             // there is a GROUP BY
	early    bool             // EMIT EVERY
	updating bool             // the input takes rows back
	final    bool             // EMIT FINAL without a window
	late     *lateTarget      // of LATE DATA TO; nil without
	// sourceWindows are the windows of rows that are grouped by them, nil where these
	// are not those of a source.
	sourceWindows *sourceWindows
	// approximate is set by ON LATE APPROXIMATE.
	approximate bool
	time        int  // of the input: the event time, or -1
	failed      bool // the GROUP BY could not be bound: what depends on it is not reported
}

// groupKey is one expression of GROUP BY.
type groupKey struct {
	e    expr.Expr
	name string
}

var timestamp = data.Of(data.Timestamp)

// windowColumn returns what window_start, window_end or window_time means; nil
// for other names and without a window.
func (g *grouping) windowColumn(n *parser.Name, at source.Span) expr.Expr {
	if !g.windowed || g.from != nil {
		return nil
	}
	for k, w := range windowColumns[:2] {
		if n.Text == w || !n.Quoted && strings.EqualFold(n.Text, w) {
			return expr.NewColumn(windowBase+k, w, timestamp, at)
		}
	}
	if w := windowColumns[2]; n.Text == w || !n.Quoted && strings.EqualFold(n.Text, w) {
		return g.windowTime(windowBase+1, at)
	}
	return nil
}

// sessions reports whether the window is one of sessions.
func (g *grouping) sessions() bool { return g.window != nil && g.window.window.Kind == plan.Session }

// overlapping reports whether windows are put together from slices of time: where
// those of a row may overlap, and where open ones are emitted.
func (g *grouping) overlapping() bool {
	return g.window != nil && !g.sessions() && (g.early || g.window.window.Overlaps())
}

// windowTime is the latest instant a row of a window may have: its end, a column,
// less a microsecond, and of a session its end. It is the event-time attribute of a
// windowed result.
func (g *grouping) windowTime(end int, at source.Span) expr.Expr {
	if g.window != nil && g.window.window.ToTheEnd() {
		return expr.NewColumn(end, windowColumns[2], timestamp, at)
	}
	e, err := expr.NewCall("-", []expr.Expr{expr.NewColumn(end, "window_end", timestamp, at), interval(0, 1, at)}, at)
	if err != nil {
		return nil // TIMESTAMP - INTERVAL is always there
	}
	return e
}

// replaceKeys puts a column in place of every part of e that is a key, the largest
// first: lower(a) || b before lower(a).
func (g *grouping) replaceKeys(e expr.Expr) expr.Expr {
	return expr.Replace(e, func(part expr.Expr) expr.Expr {
		if c, isColumn := part.(*expr.Column); isColumn {
			if e := g.standIn(c); e != nil {
				return e
			}
		}
		if k := g.keyIndex.Find(part); k >= 0 {
			return expr.NewColumn(keyBase+k, g.keys[k].name, part.Type(), part.Span())
		}
		return nil
	})
}

// finish turns an expression bound over the input into one over the output of
// the Aggregate. It reports columns that have no one value in a group.
func (x *scoped) finish(e expr.Expr) expr.Expr {
	g := x.group
	e = g.replaceKeys(e)
	ok := true
	expr.Walk(e, func(part expr.Expr) bool {
		c, isColumn := part.(*expr.Column)
		if isColumn && c.Index < windowBase && ok {
			ok = false
			hint := "add " + display(c.Name) + " to GROUP BY, or aggregate it, as in MAX(" + display(c.Name) + ")"
			if !g.explicit {
				hint = "group by it: GROUP BY " + display(c.Name) + "; or aggregate it, as in MAX(" + display(c.Name) + ")"
			}
			if g.window != nil && c.Index == g.window.column {
				hint = "use window_start or window_end, or aggregate it, as in MAX(" + display(c.Name) + ")"
			}
			x.errorf(c.Span(), hint, "column %s is neither grouped by nor aggregated", c.Name)
		}
		return ok
	})
	if !ok {
		return nil
	}
	return expr.Remap(e, g.place)
}

// place returns where a stand-in is in the output of the Aggregate.
func (g *grouping) place(i int) int {
	first := 0
	if g.window != nil {
		first = 2
	}
	switch {
	case i >= overBase:
		return i // it gets its place later
	case i >= groupingBase:
		return first + len(g.keys)
	case i >= keyBase:
		return first + i - keyBase
	case i >= aggBase && g.sets != nil: // behind the column that tells the set
		return first + len(g.keys) + 1 + i - aggBase
	case i >= aggBase:
		return first + len(g.keys) + i - aggBase
	case i >= windowBase:
		return i - windowBase
	}
	return i
}

// added returns how many keys the Aggregate has before those of the query: one where
// the start of the window is one.
func (g *grouping) added() int {
	if g.window != nil && g.window.window.Starts {
		return 1
	}
	return 0
}

// startFirst puts the start of the window, a key, into its place.
func (g *grouping) startFirst(n plan.Node) plan.Node {
	p := &plan.Project{Input: n}
	for i, c := range n.Schema() {
		switch i {
		case 0:
			c, i = n.Schema()[2], 2
		case 2:
			continue
		}
		p.Exprs, p.Out = append(p.Exprs, expr.NewColumn(i, c.Name, c.Type, source.Span{})), append(p.Out, c)
	}
	return p
}

// node builds the Aggregate over a projection that computes its keys and
// arguments, each once.
func (g *grouping) node(input plan.Node) *plan.Aggregate {
	p := &plan.Project{Input: input}
	in := input.Schema()
	index := expr.NewIndex()
	column := func(e expr.Expr) int {
		if i := index.Add(e); i < len(p.Exprs) {
			return i
		}
		p.Exprs = append(p.Exprs, e)
		c := data.Column{Name: e.String(), Type: e.Type()}
		if col, ok := e.(*expr.Column); ok {
			c.Time = in[col.Index].Time
		}
		p.Out = append(p.Out, c)
		return len(p.Exprs) - 1
	}
	a := &plan.Aggregate{Input: p, Time: -1, Emit: plan.EmitChanges}
	if w := g.window; w != nil {
		a.Window, a.Lateness, a.Emit, a.Every, a.Approximate = w.window, w.lateness, w.emit, w.every, g.approximate
		a.Time = column(w.time)
		if w.window.Kind == plan.Attached && w.every > 0 {
			a.Time = column(g.lastInstant())
		}
		// The end of a session is its window_time, too.
		a.Out = data.Schema{{Name: "window_start", Type: timestamp}, {Name: "window_end", Type: timestamp, Time: w.window.ToTheEnd()}}
		if w.window.Kind == plan.Attached {
			a.Out[0].Name = "window_end" // which is all that is known of it here
		}
	}
	if g.added() > 0 {
		start := in[g.from.columns.Start]
		a.Keys = append(a.Keys, column(expr.NewColumn(g.from.columns.Start, start.Name, start.Type, source.Span{})))
		a.Out = append(a.Out, data.Column{Name: "window_start", Type: timestamp})
	}
	for i, k := range g.keys {
		if g.derived[i] {
			continue
		}
		a.Keys = append(a.Keys, column(k.e))
		a.Out = append(a.Out, data.Column{Name: k.name, Type: k.e.Type()})
	}
	for _, c := range g.calls {
		call := plan.AggCall{Func: c.fn, Filter: -1, Text: c.text}
		for _, e := range c.args {
			call.Cols = append(call.Cols, column(e))
		}
		if c.filter != nil {
			call.Filter = column(c.filter)
		}
		a.Aggs = append(a.Aggs, call)
		a.Out = append(a.Out, data.Column{Name: c.text, Type: c.fn.Result})
	}
	own := func(c int) int { return column(expr.NewColumn(c, in[c].Name, in[c].Type, source.Span{})) }
	switch {
	case g.sourceWindows != nil:
		a.Late = g.sourceWindows.rows(g.late, column, own)
	case g.late != nil:
		a.Late = g.late.rows(own)
	}
	return a
}
