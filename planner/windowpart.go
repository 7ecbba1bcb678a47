package planner

import (
	"strings"

	"tidemark/operators/expr"
	"tidemark/parser"
)

// windowParts are what follows the name of a window in the functions by which
// Flink's SQL selects the columns of the window that a query groups by.
var windowParts = map[string]string{"START": "window_start", "END": "window_end", "ROWTIME": "window_time"}

// windowPart returns the window that a function such as TUMBLE_START is of, and
// the column that it stands for; ok is false when it is none.
func windowPart(name string) (window, column string, ok bool) {
	window, part, _ := strings.Cut(name, "_")
	column = windowParts[part]
	return window, column, windowForms[window] != nil && column != ""
}

func isWindowPart(name string) bool {
	_, _, ok := windowPart(name)
	return ok
}

// windowPartOf binds TUMBLE_START(ts, INTERVAL '5' MINUTE) and its like: a column
// of the window that the query groups by. The arguments may be left out.
func (x *scoped) windowPartOf(c *parser.Call, name string) expr.Expr {
	kind, column, _ := windowPart(name)
	group := "group by it: GROUP BY " + windowForms[kind].example
	switch {
	case x.group == nil || !x.group.windowed:
		x.errorf(c.Span(), group, "%s is known only in a query that groups by %s", name, kind)
		return nil
	case x.inside != "":
		x.errorf(c.Span(), "", "%s cannot stand inside of %s", name, x.inside)
		return nil
	case x.group.from != nil:
		x.errorf(c.Span(), "use the column "+column, "%s is known only in a query that groups by %s", name, kind)
		return nil
	case x.group.window == nil:
		return nil // it could not be bound
	}
	w := x.group.window
	if len(c.Args) > 0 {
		same := x.windowFromCall(c, kind)
		if same == nil {
			return nil
		}
		if !expr.Equal(same.time, w.time) || *same.window != *w.window {
			x.errorf(c.Span(), "give it the arguments of the window in GROUP BY, or use the column "+column,
				"the query groups by %s, which is another window", w.window.Describe(w.time.String()))
			return nil
		}
	} else if w.window.Kind != windowForms[kind].kind {
		x.errorf(c.Span(), "use the column "+column, "the query groups by %s, not by %s", w.window.Kind, kind)
		return nil
	}
	return x.group.windowColumn(&parser.Name{Text: column}, c.Span())
}
