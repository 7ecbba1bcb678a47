package engine

import (
	"fmt"
	"strings"
	"time"

	"tidemark/operators/data"
	"tidemark/planner/catalog"
	"tidemark/planner/plan"
	"tidemark/runtime/build"
	"tidemark/runtime/dataflow"
)

// TimeText says how far time has come in the job, for people: where each watermark
// stands, who holds it and in what state that is, and what would make the next window
// of each statement fire. It may be called while the job runs and after.
func (j *Job) TimeText() string {
	st := j.Status()
	var b strings.Builder
	if st.Holder < 0 && st.Watermark != data.MaxTime {
		b.WriteString("W stands still: no source is active")
	} else {
		fmt.Fprintf(&b, "W %s", watermarkText(st.Watermark))
	}
	if st.Holder >= 0 && len(st.Sources) > 1 {
		fmt.Fprintf(&b, ", held by %s", st.Sources[st.Holder].Name)
	}
	if st.Watched {
		fmt.Fprintf(&b, " · confidence %.2f", st.Confidence)
	}
	b.WriteByte('\n')
	for _, s := range st.Sources {
		sourceTime(&b, s)
	}
	for _, s := range j.program.Statements {
		for _, f := range j.firings(s, st) {
			fmt.Fprintf(&b, "%s: %s\n", s.Query.Name, f)
		}
	}
	return b.String()
}

// watermarkText writes a watermark.
func watermarkText(t int64) string {
	switch t {
	case data.MinTime:
		return "has not begun"
	case data.MaxTime:
		return "at the end of time"
	}
	return string(data.AppendTimestamp(nil, t))
}

// sourceTime writes how far the time of a source has come.
func sourceTime(b *strings.Builder, s dataflow.SourceStatus) {
	if !s.Timed {
		fmt.Fprintf(b, "%s: no watermark before the end of its input\n", s.Name)
		return
	}
	one := func(w int64, state fmt.Stringer, silence time.Duration) {
		fmt.Fprintf(b, "W %s · %s", watermarkText(w), state)
		if silence >= time.Second {
			fmt.Fprintf(b, " · silent for %s", silence.Round(time.Second))
		}
	}
	fmt.Fprintf(b, "%s: ", s.Name)
	one(s.Watermark, s.State, s.Silence)
	if s.Lagging {
		b.WriteString(" · lagging")
	}
	if s.Holder >= 0 && len(s.Partitions) > 1 {
		fmt.Fprintf(b, " · held by %s", s.Partitions[s.Holder].Name)
	}
	b.WriteByte('\n')
	if len(s.Partitions) < 2 {
		return
	}
	for _, p := range s.Partitions {
		fmt.Fprintf(b, "  %s: ", p.Name)
		one(p.Watermark, p.State, p.Silence)
		b.WriteByte('\n')
	}
}

// firings say of each window of a statement what would make the next one fire.
func (j *Job) firings(s *build.Statement, st dataflow.Status) []string {
	var list []string
	seen := map[plan.Node]bool{}
	var visit func(n plan.Node)
	visit = func(n plan.Node) {
		if _, late := n.(*plan.LateData); late || seen[n] {
			return // others wait for those windows
		}
		seen[n] = true
		if a, ok := n.(*plan.Aggregate); ok && a.Window != nil {
			if text := firing(a, st); text != "" {
				list = append(list, text)
			}
		}
		for _, in := range n.Inputs() {
			visit(in)
		}
	}
	visit(s.Query.Root)
	return list
}

// firing says what would make the next window of an aggregate fire; "" where its time
// is not that of a source.
func firing(a *plan.Aggregate, st dataflow.Status) string {
	w, holder, known := inputTime(a.Input, st)
	if !known {
		return ""
	}
	what := a.Window.Describe(a.Input.Schema()[a.Time].Name)
	switch {
	case w == data.MaxTime:
		return what + ": time has ended, and every window has been closed"
	case w == data.MinTime:
		return what + ": no window can close before the watermark has begun" + waitingFor(holder)
	case a.Window.Kind == plan.Session:
		return fmt.Sprintf("%s: a session whose last row is at t fires when W > t + %s; W is %s%s", what, plan.Duration(a.Window.Gap), watermarkText(w), waitingFor(holder))
	}
	grid := a.Window.Grid()
	end := grid.NextEnd(w)
	at := end
	when := "W >= "
	if a.Emit == plan.EmitFinal && a.Lateness > 0 {
		at, when = data.AddTime(end, a.Lateness), "W > "
	}
	window := "ends at " + watermarkText(end)
	if a.Window.Kind != plan.Attached {
		window = "is [" + watermarkText(grid.Start(end)) + ", " + watermarkText(end) + ")"
	}
	return fmt.Sprintf("%s: the next window %s, and fires when %s%s%s; W is %s%s",
		what, window, when, watermarkText(at), wouldDo(a.Input, holder, at), watermarkText(w), waitingFor(holder))
}

// wouldDo says which row of the holder would move the watermark to a time; "" where
// that cannot be told.
func wouldDo(n plan.Node, holder *dataflow.SourceStatus, at int64) string {
	if holder == nil {
		return ""
	}
	text := ""
	plan.Walk(n, func(n plan.Node) {
		s, ok := n.(*plan.Scan)
		if !ok || s.Relation.Name != holder.Name || s.Time < 0 || s.Timing.Generator != catalog.Bounded || s.Marks != nil {
			return
		}
		text = fmt.Sprintf(", that is with a row of %s at %s or later", holder.Name, watermarkText(data.AddTime(at, s.Timing.Delay)))
		if s.Timing.Clock {
			text = ", that is when the clock is at " + watermarkText(data.AddTime(at, s.Timing.Delay))
		}
	})
	return text
}

// inputTime returns the least watermark of the sources below a node that count, and the
// source that holds it, nil for none; known is false where no source has a watermark.
func inputTime(n plan.Node, st dataflow.Status) (w int64, holder *dataflow.SourceStatus, known bool) {
	w, ended := int64(data.MinTime), true
	for _, r := range inputs(n) {
		for i := range st.Sources {
			s := &st.Sources[i]
			if s.Name != r.Name || !s.Timed {
				continue
			}
			known = true
			ended = ended && s.Watermark == data.MaxTime
			if s.State.String() == "active" || s.State.String() == "stalled" {
				if holder == nil || s.Watermark < w {
					w, holder = s.Watermark, s
				}
			} else if holder == nil && s.Watermark != data.MaxTime {
				w = max(w, s.Watermark)
			}
		}
	}
	if ended && holder == nil {
		return data.MaxTime, nil, known
	}
	return w, holder, known
}

// waitingFor says which source has to move, and by what.
func waitingFor(s *dataflow.SourceStatus) string {
	if s == nil {
		return ", and no source is active"
	}
	text := ", held by " + s.Name
	if s.Holder >= 0 && len(s.Partitions) > 1 {
		text += "/" + s.Partitions[s.Holder].Name
	}
	return text + " (" + s.State.String() + ")"
}
