package engine

import (
	"slices"
	"strings"

	"tidemark/planner/catalog"
	"tidemark/planner/plan"
	"tidemark/runtime/dataflow"
)

// use is a window or join over a stream while its rows are read.
type use struct {
	statement, what string
	window          *plan.Window        // nil for a join, and for the rows themselves
	due             func(t int64) int64 // the end of the last window of a row
	rows            plan.Node           // that it sees, nil for all of the stream
	time            int                 // the column of rows with their time
	delay, lateness int64               // as written
	// lags are by how much delay and lateness together must reach for a row to be
	// used; exceed, by how much they must exceed it where there is no lateness.
	lags, exceed *dataflow.Lags
}

// usesOf finds what goes by the event time of a stream alone.
func usesOf(r *catalog.Relation, queries []*plan.Query) []*use {
	delay := r.Watermark.Delay
	var list []*use
	add := func(u *use) {
		u.delay = delay
		u.lags, u.exceed = dataflow.NewLags(delay, delay+u.lateness), dataflow.NewLags(delay)
		list = append(list, u)
	}
	seen := map[plan.Node]bool{}
	for _, q := range queries {
		plan.Walk(q.Root, func(n plan.Node) {
			if in := inputs(n); seen[n] || !slices.Contains(in, r) {
				return
			}
			switch n := n.(type) {
			case *plan.Aggregate:
				if n.Window != nil && len(inputs(n)) == 1 && firstWindow(n.Input) {
					seen[n] = true
					add(windowUse(q.Name, n.Window, n.Input, n.Time, n.Lateness))
				}
			case *plan.Over:
				if u := overUse(q.Name, n.Input, n.Emit, n.Time, n.Lateness); u != nil {
					seen[n] = true
					add(u)
				}
			case *plan.TopN:
				if u := overUse(q.Name, n.Input, n.Emit, n.Time, n.Lateness); u != nil {
					seen[n] = true
					add(u)
				}
			case *plan.IntervalJoin:
				seen[n] = true
				add(&use{statement: q.Name, what: strings.ToLower(n.Kind.String()) + " join", lateness: n.Lateness})
			case *plan.FrameJoin:
				seen[n] = true
				add(&use{statement: q.Name, what: "temporal join", lateness: n.Lateness})
			case *plan.Join:
				if n.LeftTime >= 0 {
					seen[n] = true
					add(&use{statement: q.Name, what: "ASOF join", lateness: n.Lateness})
				}
			}
		})
	}
	if len(list) == 0 {
		add(&use{what: "every row"})
	}
	return list
}

// windowUse is the use of rows that are summed up by a window, which goes by one of their
// columns.
func windowUse(statement string, w *plan.Window, rows plan.Node, time int, lateness int64) *use {
	if by := windowedIn(rows); by != nil { // each is judged by all of its windows
		w, rows, time = by.Window, by.Input, by.Time
	}
	return &use{statement: statement, what: w.Describe(rows.Schema()[time].Name), window: w, due: w.LastEnd(), rows: rows, time: time, lateness: lateness}
}

// windowedIn returns what has put rows into windows; nil where nothing has.
func windowedIn(n plan.Node) *plan.Windowed {
	switch n := n.(type) {
	case *plan.Windowed:
		return n
	case *plan.Project, *plan.Filter, *plan.Shared:
		return windowedIn(n.Inputs()[0])
	}
	return nil
}

// overUse is the use of rows by window functions that are computed when a row, or the
// window that it is of, has been passed; nil where no row is late for them.
func overUse(statement string, rows plan.Node, emit plan.OverEmit, time int, lateness int64) *use {
	switch {
	case len(inputs(rows)) != 1 || !firstWindow(rows):
		return nil
	case emit == plan.OverPassed:
		return &use{statement: statement, what: "window functions by " + rows.Schema()[time].Name, rows: rows, time: time, lateness: lateness}
	case emit == plan.OverClosed && windowedIn(rows) != nil:
		return windowUse(statement, nil, rows, time, lateness)
	}
	return nil
}

// query reads the rows that u sees; nil for all of the stream. It is called like another.
func (u *use) query(like *plan.Query) *plan.Query {
	if u.rows == nil {
		return nil
	}
	return plan.LagQuery(like, u.rows, u.time)
}

// firstWindow reports whether no window stands below n: others get rows that are
// never late.
func firstWindow(n plan.Node) bool {
	first := true
	plan.Walk(n, func(n plan.Node) {
		if a, ok := n.(*plan.Aggregate); ok && a.Window != nil {
			first = false
		}
	})
	return first
}

// count counts a row at t when the greatest time before it is latest.
func (u *use) count(t, latest int64) {
	lag := latest - t // it is used while t >= W - L
	if u.due != nil {
		lag = latest - u.due(t) // while W <= end + L
	}
	u.lags.Add(lag)
	if u.due != nil && u.window.Kind != plan.Session {
		lag++ // without lateness while W < end
	}
	u.exceed.Add(lag)
}

// of returns the count that tells for a lateness.
func (u *use) of(lateness int64) *dataflow.Lags {
	if lateness > 0 {
		return u.lags
	}
	return u.exceed
}
