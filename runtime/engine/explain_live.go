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
		switch n := n.(type) {
		case *plan.Aggregate:
			if text := j.firing(n, st); n.Window != nil && text != "" {
				list = append(list, text)
			}
		case *plan.IntervalJoin:
			list = append(list, j.misses(n, st)...)
		}
		for _, in := range n.Inputs() {
			visit(in)
		}
	}
	visit(s.Query.Root)
	return list
}

// misses say what a join waits for before it emits rows that have no match.
func (j *Job) misses(n *plan.IntervalJoin, st dataflow.Status) []string {
	w, holder, known := j.timeAt(n, st)
	if !known || w == data.MaxTime {
		return nil
	}
	var list []string
	for _, wait := range plan.Waits(n) {
		list = append(list, fmt.Sprintf("%s: waits for %s; W is %s%s", plan.Title(n), wait, watermarkText(w), waitingFor(holder)))
	}
	return list
}

// timeAt returns how far time has come at the input of a node: as the operator has seen it,
// or before it has, by the sources below. holder is the one of these that holds it.
func (j *Job) timeAt(n plan.Node, st dataflow.Status) (w int64, holder *dataflow.SourceStatus, known bool) {
	w, holder, known = inputTime(n, st)
	if seen, begun := j.program.InputWatermark(n); begun && known {
		w = seen
	}
	return w, holder, known
}

// firing says what would make the next window of an aggregate fire; "" where its time
// is not that of a source.
func (j *Job) firing(a *plan.Aggregate, st dataflow.Status) string {
	w, holder, known := j.timeAt(a, st)
	if !known || a.Window == nil {
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
	if a.Window.Kind == plan.Attached && a.Window.Slide == 0 {
		return fmt.Sprintf("%s: fires when W > that end; W is %s%s", what, watermarkText(w), waitingFor(holder))
	}
	grid := a.Window.Grid()
	end := grid.NextEnd(w)
	at, when, past := end, "W >= ", end
	if a.Window.ToTheEnd() {
		when, past = "W > ", data.AddTime(end, 1)
	}
	if a.Emit == plan.EmitFinal && a.Lateness > 0 {
		at, when = data.AddTime(end, a.Lateness), "W > "
		past = data.AddTime(at, 1)
	}
	window := "ends at " + watermarkText(end)
	if a.Window.Kind != plan.Attached {
		window = "is [" + watermarkText(grid.Start(end)) + ", " + watermarkText(end) + ")"
	}
	return fmt.Sprintf("%s: the next window %s, and fires when %s%s%s; W is %s%s",
		what, window, when, watermarkText(at), wouldDo(a.Input, holder, past), watermarkText(w), waitingFor(holder))
}

// wouldDo says which row of the holder would move the watermark of what n makes to a time; ""
// where that cannot be told.
func wouldDo(n plan.Node, holder *dataflow.SourceStatus, at int64) string {
	if holder == nil {
		return ""
	}
	at, ok := neededOf(n, holder.Name, at)
	if !ok {
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

// neededOf returns to where the watermark of a source must move so that what n makes has one
// of a time or later; ok is false where that cannot be told.
func neededOf(n plan.Node, name string, at int64) (needed int64, ok bool) {
	switch n := n.(type) {
	case *plan.Scan:
		return at, n.Relation.Name == name
	case *plan.IntervalJoin:
		at = data.AddTime(at, max(n.Before, n.After, 0)+n.Lateness)
	case *plan.Aggregate:
		if at, ok = heldBack(n, at); !ok {
			return 0, false
		}
	case *plan.Over, *plan.TopN:
		return 0, false
	case *plan.Join:
		if n.Mode != plan.JoinWindows {
			return 0, false
		}
	}
	for _, in := range n.Inputs() {
		if needed, ok = neededOf(in, name, at); ok {
			return needed, true
		}
	}
	return 0, false
}

// heldBack returns the watermark that an aggregate needs to pass on one of a time.
func heldBack(n *plan.Aggregate, at int64) (needed int64, ok bool) {
	w := n.Window
	switch {
	case w == nil, n.Emit != plan.EmitFinal || n.Lateness == 0:
		return at, w != nil && n.Every == 0
	case w.Kind == plan.Session:
		return data.AddTime(at, n.Lateness), true
	case w.Zone != "" || w.Kind == plan.Attached:
		return 0, false
	}
	// The windows that end up to then must be gone.
	last := w.Grid().NextEnd(data.AddTime(at, -w.Slide))
	return max(at, data.AddTime(last, n.Lateness+1)), true
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
