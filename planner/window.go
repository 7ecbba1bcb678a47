package planner

import (
	"slices"
	"strings"

	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/parser"
	"tidemark/planner/plan"
)

// windowSpec is the window of a GROUP BY and what the query says about when it
// emits.
type windowSpec struct {
	window   *plan.Window
	time     expr.Expr
	column   int // of the input: the time
	lateness int64
	emit     plan.EmitMode
	every    int64 // of EMIT EVERY
}

// windowFunctions are the names of windows, as other systems write them too, and of
// what belongs to them.
var windowFunctions = map[string]bool{
	"TUMBLE": true, "HOP": true, "SESSION": true, "CUMULATE": true,
	"TUMBLE_PROCTIME": true, "HOP_PROCTIME": true, "SESSION_PROCTIME": true, "SLIDE": true, "TUMBLING": true, "HOPPING": true,
}

// windowHint returns how to write what a function is for that is no window here.
func windowHint(name string) string {
	switch {
	case name == "TUMBLING":
		return "write TUMBLE(ts, INTERVAL '5' MINUTE)"
	case strings.HasSuffix(name, "TIME"):
		return "use the column window_time"
	}
	return "write HOP(ts, INTERVAL '1' MINUTE, INTERVAL '5' MINUTE)"
}

// windowCall returns the call in e when it is one of a window, which GROUP BY
// may hold.
func windowCall(e *parser.Expr) (*parser.Call, string) {
	c, ok := e.X.(*parser.Call)
	if !ok {
		return nil, ""
	}
	name := strings.ToUpper(c.Name.Text)
	if !windowFunctions[name] || isFunction(name) {
		return nil, ""
	}
	return c, name
}

// timeColumn binds the time of a window and checks that it has a watermark.
func (x *scoped) timeColumn(e *parser.Expr, w *windowSpec) bool {
	t := x.bind(e)
	if t == nil {
		return false
	}
	if t.Type().Kind != data.Timestamp {
		hint := "name the event-time column"
		if name := x.scope.timeName(); name != "ts" || x.scope.schema.Find("ts") >= 0 {
			hint = "use " + name
		}
		if t.Type().Kind == data.String {
			hint = "declare the column as TIMESTAMP, with a WATERMARK, in its CREATE STREAM"
		}
		x.errorf(e.Span(), hint, "the time of a window must be a TIMESTAMP, but %s is %s", t, describeType(t.Type()))
		return false
	}
	c, isColumn := t.(*expr.Column)
	if isColumn && x.scope.schema[c.Index].Time {
		w.time, w.column = t, c.Index
		return true
	}
	known := ""
	for _, col := range x.scope.schema {
		if col.Time {
			known = display(col.Name)
		}
	}
	rel := x.scope.relation
	switch {
	case !isColumn && known != "":
		x.errorf(e.Span(), "use the column "+known+" itself; an offset is the third argument of TUMBLE", "the time of a window must be a column that has a watermark, and an expression has none")
	case known != "":
		x.errorf(e.Span(), "use "+known+", which has one", "column %s has no watermark, so that no window over it would ever close", c.Name)
	case rel != nil:
		col := "ts"
		if isColumn {
			col = display(c.Name)
		}
		x.errorf(e.Span(), "add WATERMARK FOR "+col+" AS "+col+" - INTERVAL '5' SECOND to CREATE STREAM "+rel.Name,
			"%s has no watermark, so that no window over it would ever close", t)
	default:
		hint := "select the event-time column in the view as it is"
		if isColumn && (strings.EqualFold(c.Name, "window_start") || strings.EqualFold(c.Name, "window_end")) {
			hint = "select window_time in the view, and use that"
		}
		x.errorf(e.Span(), hint, "%s has no watermark, so that no window over it would ever close", t)
	}
	return false
}

// lateness binds ALLOWED LATENESS; g is nil when the query does not group.
func (x *scoped) lateness(l *parser.Lateness, g *grouping) bool {
	if l == nil {
		return true
	}
	ok := true
	if l.OnLate == "APPROXIMATE" && g != nil {
		g.approximate = true
		if g.updating {
			x.errorf(l.Span(), "leave ON LATE APPROXIMATE out: late rows then correct the exact result", "ON LATE APPROXIMATE is for rows that stay, and the input of this query takes rows back")
			ok = false
		}
	}
	if l.DataTo != nil && g != nil && g.window != nil {
		row := slices.DeleteFunc(x.lateRow(), func(c lateColumn) bool { return g.from.is(c.From[0]) }) // without the window
		g.late = x.lateTarget(l.DataTo, row)
		ok = ok && g.late != nil
	}
	if l.Interval == nil {
		if g == nil || g.window == nil {
			if g == nil || !g.explicit || !g.failed {
				x.errorf(l.Span(), "group by a window: GROUP BY TUMBLE("+x.scope.timeName()+", INTERVAL '5' MINUTE)", "LATE DATA TO needs a window whose rows can be late")
			}
			return false
		}
		return ok
	}
	n, good := x.constantLength(l.Interval, "ALLOWED LATENESS", "write ALLOWED LATENESS INTERVAL '3' MINUTE")
	if good && n < 0 {
		x.errorf(l.Interval.Span(), "write ALLOWED LATENESS INTERVAL '3' MINUTE", "ALLOWED LATENESS cannot be negative")
		good = false
	}
	if g == nil || g.window == nil {
		if g == nil || !g.explicit || !g.failed {
			x.errorf(l.Span(), x.scope.groupHint(), "ALLOWED LATENESS needs a window whose rows can be late")
		}
		return false
	}
	g.window.lateness = n
	return ok && good
}

// groupHint says how to group by a window.
func (s *scope) groupHint() string {
	if s.schema.Find("window_start") >= 0 && s.schema.Find("window_end") >= 0 {
		return "group by the window of its rows: GROUP BY window_start, window_end"
	}
	return "group by a window: GROUP BY TUMBLE(" + s.timeName() + ", INTERVAL '5' MINUTE)"
}

// emit binds the EMIT clause; g is nil when the query does not group.
func (x *scoped) emit(e *parser.Emit, g *grouping) bool {
	if e == nil {
		return true
	}
	windowed := g != nil && g.window != nil
	if e.Mode == "EVERY" {
		every, ok := x.constantLength(e.Every, "the interval of EMIT EVERY", "write EMIT EVERY INTERVAL '1' MINUTE")
		switch {
		case !ok:
			return false
		case every <= 0:
			x.errorf(e.Every.Span(), "write EMIT EVERY INTERVAL '1' MINUTE", "the interval of EMIT EVERY must be more than nothing, not %s", plan.Duration(every))
			return false
		case windowed:
			g.window.every = every
			return true
		case g == nil || !g.failed:
			x.errorf(e.Span(), x.scope.groupHint()+"; or use EMIT CHANGES", "EMIT EVERY needs a window that is open for a while")
		}
		return false
	}
	switch {
	case g != nil && g.failed:
	case windowed && e.Mode == "FINAL":
		g.window.emit = plan.EmitFinal
	case windowed && e.Mode == "CHANGES":
		g.window.emit = plan.EmitChanges
	case windowed, e.Mode == "CHANGES":
	case g != nil && e.Mode == "FINAL":
		g.final = true
	case g == nil && x.top && e.Mode == "FINAL":
	default:
		x.warnf(e.Span(), "leave it out, or group by a window", "EMIT %s changes nothing: this query has no window to close", e.Mode)
	}
	return true
}
