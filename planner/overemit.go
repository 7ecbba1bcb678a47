package planner

import (
	"tidemark/operators/data"
	"tidemark/parser/source"
	"tidemark/planner/plan"
)

// overEmit decides when an Over emits: a row when the watermark has passed it, if
// rows are in order of time; else when its partition is complete; or at once.
func (x *scoped) overEmit(n *plan.Over, w *overWindow, whole bool) bool {
	schema := n.Input.Schema()
	kept, settles := plan.Settles(n.Input)
	inTime := n.Peers > 0 && schema[n.Order[0].Column].Time && !n.Order[0].Desc
	updating := n.Input.Properties().Updating
	switch {
	case x.over.changes:
		n.Emit, n.Corrects = plan.OverChanges, true
		if inTime && settles {
			n.Time, n.Lateness = n.Order[0].Column, x.over.lateness+kept
		}
	case inTime && settles && !whole:
		n.Emit, n.Time, n.Lateness = plan.OverPassed, n.Order[0].Column, x.over.lateness+kept
	case n.WindowEnd >= 0:
		n.Emit, n.Lateness = plan.OverClosed, x.over.lateness+plan.KeptBelow(n.Input)
		n.Corrects = updating || n.Lateness > 0
		n.Inclusive = plan.WindowColumnsOf(n.Input).Inclusive
	case x.unbounded(n.Input) == nil:
		n.Emit = plan.OverAtEnd
	default:
		n.Emit, n.Corrects = plan.OverRefused, updating
		x.refuse(n, w, inTime, settles)
	}
	if n.Time < 0 && n.Emit != plan.OverClosed && n.Emit != plan.OverRefused && x.over.lateness > 0 {
		x.errorf(x.over.closing, "leave it out, or order by "+x.scope.timeName(), "ALLOWED LATENESS needs rows in order of their event time: here none is ever late")
		return false
	}
	return true
}

// overProblem says why an Over can not be run as it stands.
type overProblem struct {
	file          *source.File
	at            source.Span
	message, hint string
	told          bool
}

// refuse notes why no row of an Over would ever be final. It is said when the Over
// is to be run: nobody may read it.
func (x *scoped) refuse(n *plan.Over, w *overWindow, inTime, settles bool) {
	input := x.unbounded(n.Input).Name
	p := &overProblem{file: x.file, at: w.at}
	const changes = "add EMIT CHANGES to emit each row at once, and corrections"
	time := ""
	for _, c := range n.Input.Schema() {
		if c.Time {
			time = display(c.Name)
		}
	}
	switch {
	case inTime && !settles:
		p.message = "the rows that this window is computed over may change at any time, so that none is ever final"
		p.hint = changes
	case inTime:
		p.message = "this window needs all rows of its partition, and " + input + " has no end"
		p.hint = "end the frame at CURRENT ROW or a distance behind it; or PARTITION BY window_start, window_end of a query that groups by a window; or " + changes
	case n.Peers == 0:
		p.message = "this window has no ORDER BY, so that it needs all rows of its partition, and " + input + " has no end"
		p.hint = orderHint(time) + "; or " + changes
	default:
		k := n.Order[0]
		c := n.Input.Schema()[k.Column]
		p.message = "this window is not in order of event time, so that no row is final before the end of " + input + ", which has none"
		p.hint = orderHint(time) + "; or " + changes
		switch {
		case c.Time && k.Desc:
			p.hint = "leave DESC out; or " + changes
		case time == "" && c.Type.Kind == data.Timestamp:
			p.message = display(c.Name) + " has no watermark, so that no row is final before the end of " + input + ", which has none"
			p.hint = "add WATERMARK FOR " + display(c.Name) + " AS " + display(c.Name) + " - INTERVAL '5' SECOND to its CREATE STREAM; or " + changes
		}
	}
	x.refused[n] = p
}

func orderHint(time string) string {
	if time == "" {
		return "order by a column that has a watermark"
	}
	return "write ORDER BY " + time
}

// runnable reports what keeps a plan from being run that looked well part by part.
func (b *binder) runnable(n plan.Node) bool {
	ok := true
	plan.Walk(n, func(n plan.Node) {
		o, isOver := n.(*plan.Over)
		if !isOver || o.Emit != plan.OverRefused {
			return
		}
		ok = false
		if p := b.refused[o]; p != nil && !p.told {
			p.told = true
			b.errs.Errorf(p.file, p.at, p.hint, "%s", p.message)
		}
	})
	return ok
}
