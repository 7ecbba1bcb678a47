package planner

import (
	"slices"

	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/parser/source"
	"tidemark/planner/plan"
)

// sourceWindows are rows of a source that have been put into windows, each once for
// each of these.
type sourceWindows struct {
	by      *plan.Windowed
	columns *plan.WindowColumns
	time    int // the column with a row's own time
	// last is true of a row's last window: a row that is late for that one is late for
	// all. It is nil where a row has one window, or where the columns do not tell.
	last expr.Expr
}

// sourceWindowsOf looks at rows that are of windows which end at an expression over
// them; nil where they are not those of a source, and so never late.
func sourceWindowsOf(node plan.Node, end expr.Expr, at source.Span) *sourceWindows {
	w := &sourceWindows{by: windowedBelow(node), columns: plan.WindowColumnsOf(node)}
	if w.by == nil || w.columns == nil {
		return nil
	}
	schema := node.Schema()
	w.time = slices.IndexFunc(schema, func(c data.Column) bool { return c.Time })
	if w.time < 0 || w.isWindow(w.time) {
		return nil
	}
	if w.by.Window.Overlaps() {
		w.last = w.lastOf(expr.NewColumn(w.time, schema[w.time].Name, timestamp, at), end, at)
	}
	return w
}

// isWindow reports whether a column is one of the window.
func (w *sourceWindows) isWindow(col int) bool {
	return col >= 0 && (col == w.columns.Start || col == w.columns.End || col == w.columns.Time)
}

// windowedBelow returns what has put the rows of n into windows, where these are rows of
// a source all the same; nil otherwise.
func windowedBelow(n plan.Node) *plan.Windowed {
	switch n := n.(type) {
	case *plan.Windowed:
		if !plan.OfSource(n.Input) {
			return nil
		}
		return n
	case *plan.Project, *plan.Filter, *plan.Shared:
		return windowedBelow(n.Inputs()[0])
	}
	return nil
}

// lastOf is whether a row, with its own time, comes for the last of its windows, which
// ends at end; nil where the columns do not tell.
func (w *sourceWindows) lastOf(own, end expr.Expr, at source.Span) expr.Expr {
	of := w.by.Window
	call := func(op string, a, b expr.Expr) expr.Expr {
		if a == nil || b == nil {
			return nil
		}
		e, err := expr.NewCall(op, []expr.Expr{a, b}, at)
		if err != nil {
			return nil
		}
		return e
	}
	switch {
	case of.Zone != "":
		return nil
	case of.Kind == plan.Hop:
		return call("<", own, call("-", end, interval(0, of.Size-of.Slide, at)))
	case w.columns.Start < 0:
		return nil
	}
	start := expr.NewColumn(w.columns.Start, windowColumns[0], timestamp, at)
	return call("=", end, call("+", start, interval(0, of.Size, at)))
}

// take lets LATE DATA TO take the bounds of the window from the rows.
func (w *sourceWindows) take(t *lateTarget) {
	for i, c := range t.picks {
		from := -1
		switch c.What {
		case plan.LateStart:
			from = w.columns.Start
		case plan.LateEnd:
			from = w.columns.End
		default:
			continue
		}
		if from >= 0 || c.What == plan.LateStart {
			t.picks[i].LateColumn = plan.LateColumn{What: plan.LateValue, From: [2]int{from, -1}}
		}
	}
}

// rows describes the late rows to the operator, as t takes them, which is nil where they
// are but counted; at gives the place of an expression in its input. It is nil where the
// operator counts them without more.
func (w *sourceWindows) rows(t *lateTarget, at func(expr.Expr) int, own func(int) int) *plan.LateRows {
	if t == nil && w.last == nil {
		return nil
	}
	l := &plan.LateRows{Time: -1, Last: -1}
	if t != nil {
		w.take(t)
		l = t.rows(own)
		l.Time = own(w.time)
	}
	if w.last != nil {
		l.Last = at(w.last)
	}
	return l
}

// lateOfWindows prepares LATE DATA TO for rows that come from windows. It takes those of a
// source: others are never late.
func (b *binder) lateOfWindows(g *grouping, node plan.Node) bool {
	at := g.late.name.Span()
	if rows, columns := b.sessionsBelow(node); rows != nil {
		return b.lateOfSessions(g, rows, columns)
	}
	if g.sourceWindows == nil {
		const hint = "write LATE DATA TO where the rows of a source are put into windows"
		if b.engineMade(node) {
			b.errorf(at, hint, "LATE DATA TO takes rows of a source, and these come from other windows: they are never late")
		} else {
			b.errorf(at, hint+", as with GROUP BY TUMBLE(…)", "LATE DATA TO cannot tell which rows of a source these are: more has been done to them since they were put into windows")
		}
		return false
	}
	return b.tellsLast(g.sourceWindows, at)
}

// tellsLast reports an error where the columns of rows do not tell the last of their windows.
func (b *binder) tellsLast(w *sourceWindows, at source.Span) bool {
	if w.by.Window.Overlaps() && w.last == nil {
		b.errorf(at, "group by the window itself: GROUP BY "+w.by.Window.Kind.String()+"(…)", "LATE DATA TO cannot tell the last window of these rows")
		return false
	}
	return true
}

// engineMade reports whether none of the rows of n is one of a source.
func (b *binder) engineMade(n plan.Node) bool {
	switch n := n.(type) {
	case *plan.Aggregate:
		return true
	case *plan.Project:
		if b.sessions[n] != nil {
			return false
		}
	}
	in := n.Inputs()
	return len(in) > 0 && !slices.ContainsFunc(in, func(n plan.Node) bool { return !b.engineMade(n) })
}
