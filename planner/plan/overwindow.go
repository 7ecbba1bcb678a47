package plan

import (
	"tidemark/operators/data"
	"tidemark/operators/expr"
)

// WindowColumns are the output columns of a node that tell the window which a row is
// of; -1 where there is none.
type WindowColumns struct {
	Start, End, Time int
	// Fixed says that the start tells the end, Size, where it is not 0, by how much:
	// microseconds.
	Fixed bool
	Size  int64
	// Inclusive says that a row at the very end belongs to the window.
	Inclusive bool
	// Windows end at Offset and every Step from there on, microseconds; at any time
	// where Step is 0.
	Step, Offset int64
}

// WindowColumnsOf returns the columns with the window of each row of a node, nil when
// its rows are of none.
func WindowColumnsOf(n Node) *WindowColumns {
	switch n := n.(type) {
	case *Aggregate:
		if n.Window == nil {
			return nil
		}
		return n.Window.columns()
	case *Windowed:
		w := n.Window.columns()
		w.Start = len(n.Out) - 3
		w.End, w.Time = w.Start+1, w.Start+2
		return w
	case *Project:
		return n.windowColumns()
	case *Union:
		first := WindowColumnsOf(n.Branches[0])
		for _, b := range n.Branches[1:] {
			if w := WindowColumnsOf(b); w == nil || first == nil || *w != *first {
				return nil
			}
		}
		return first
	case *Join:
		return n.windowColumns()
	case *Filter, *Shared, *Over, *TopN, *Unnest, *Stamp, *First:
		return WindowColumnsOf(n.Inputs()[0])
	}
	return nil
}

// columns describes the first two columns of an Aggregate by the window.
func (w *Window) columns() *WindowColumns {
	c := &WindowColumns{Start: 0, End: 1, Time: -1, Fixed: w.Fixed || w.Kind == Tumble || w.Kind == Hop, Inclusive: w.ToTheEnd()}
	if c.Fixed && w.Zone == "" {
		c.Size = w.Size
	}
	switch {
	case w.Kind == Attached:
		c.Start, c.Step, c.Offset = -1, w.Slide, w.Offset
		if w.Starts {
			c.Start = 2
		}
	case w.Zone != "" || w.Kind == Session:
	case w.Kind == Tumble:
		c.Step, c.Offset = w.Size, w.Offset
	default:
		c.Step, c.Offset = w.Slide, (w.Offset+w.Size)%w.Slide
	}
	return c
}

func (n *Project) windowColumns() *WindowColumns {
	in := WindowColumnsOf(n.Input)
	if in == nil {
		return nil
	}
	w := *in
	w.Start, w.End, w.Time = -1, -1, -1
	for i, e := range n.Exprs {
		switch c, isColumn := e.(*expr.Column); {
		case isColumn && c.Index == in.Start:
			w.Start = i
		case isColumn && c.Index == in.End && !n.Out[i].Time:
			w.End = i
		case isColumn && (c.Index == in.Time || c.Index == in.End), isWindowTime(e, in.End):
			w.Time = i // of a session it is the same as the end
		}
	}
	if w.Start < 0 && w.End < 0 && w.Time < 0 {
		return nil
	}
	return &w
}

// isWindowTime reports whether e is the last instant before the time in a column.
func isWindowTime(e expr.Expr, end int) bool {
	c, ok := e.(*expr.Call)
	if !ok || c.Func.Name != "-" || len(c.Args) != 2 {
		return false
	}
	col, isColumn := c.Args[0].(*expr.Column)
	l, isLiteral := c.Args[1].(*expr.Literal)
	return isColumn && isLiteral && col.Index == end && l.Type().Kind == data.Interval && !l.IsNull() && l.Value.Wides[0] == data.NewInterval(0, 1)
}
