package plan

import (
	"strings"

	"tidemark/operators/data"
)

// FrameJoin computes window functions over the rows of the right side as of the time of
// each left row. Its columns are those of the left side, then one for each call.
type FrameJoin struct {
	Left, Right         Node
	LeftKeys, RightKeys []int // of each input, alike in pairs
	LeftTime, RightTime int   // of each input
	// Calls are over the right side's columns; their frames go by RightTime and end at
	// the instant or before it.
	Calls []OverCall
	// Lateness is how far below the watermark a left row's time may be, microseconds.
	Lateness int64
	// Late are the rows that are not used, of a join with LATE DATA TO; else nil.
	Late *LateRows
	// NeedTime is set when an operator above looks at the watermark.
	NeedTime bool
	// Texts are the conditions as EXPLAIN shows them.
	Texts JoinTexts
	Out   data.Schema
}

// Schema returns the columns of the left side and of the calls.
func (n *FrameJoin) Schema() data.Schema { return n.Out }

// Inputs returns the two sides.
func (n *FrameJoin) Inputs() []Node { return []Node{n.Left, n.Right} }

// SetSchema makes the output's columns those of the left side and results. Of the event
// times that stays by which rows are emitted.
func (n *FrameJoin) SetSchema(results data.Schema) {
	n.Out = append(append(data.Schema(nil), n.Left.Schema()...), results...)
	for i := range n.Out {
		n.Out[i].Time = i == n.LeftTime
	}
}

// Properties of a FrameJoin: it inserts a row for each of the left side.
func (n *FrameJoin) Properties() Properties {
	state := "left rows until the watermark has passed them"
	if span := n.span(); span > 0 {
		state += ", right rows for " + Duration(span) + " longer"
	}
	if n.runs() {
		state += ", one result of each key"
	}
	return Properties{Key: key(n), Time: TimeOf(n.Out), State: state}
}

// span is how far back the frames reach, of those that do not begin with the first row.
func (n *FrameJoin) span() int64 {
	most := int64(0)
	for _, c := range n.Calls {
		if c.Frame.Start.Kind == FromOffset {
			most = max(most, -c.Frame.Start.By.Ints[0])
		}
	}
	return most
}

// runs reports whether frames begin with the first row of all.
func (n *FrameJoin) runs() bool {
	for _, c := range n.Calls {
		if c.Frame.Start.Kind == FromFirst {
			return true
		}
	}
	return false
}

func describeFrameJoin(n *FrameJoin) (title string, details []string) {
	if len(n.Calls) > 0 {
		details = []string{"computes as of " + n.Texts.LeftTime + ": " + n.calls()}
	}
	return "Temporal join of frames" + n.Texts.on(), n.Late.describe(append(details, emitsPassed(n.Lateness)))
}

// calls lists what is computed.
func (n *FrameJoin) calls() string {
	calls := make([]string, len(n.Calls))
	for i, c := range n.Calls {
		calls[i] = c.Text
	}
	return strings.Join(calls, ", ")
}

// emitsPassed says that left rows are emitted when the watermark has passed them.
func emitsPassed(lateness int64) string {
	if lateness > 0 {
		return "emits: a left row when the watermark has passed it; rows up to " + Duration(lateness) + " late"
	}
	return "emits: a left row when the watermark has passed it"
}

// watermarkLines say what the join waits for and passes on.
func (n *FrameJoin) watermarkLines() []string {
	return waitsForLeft(n.Texts.LeftTime, n.Lateness, "a left row that W has passed so is late; a right row, when no frame of a left row to come reaches it")
}

// waitsForLeft are the lines about the watermark of a join that emits left rows when it
// has passed them.
func waitsForLeft(time string, lateness int64, late string) []string {
	more, passes := "", "passes on: W as it comes"
	if lateness > 0 {
		more, passes = " + "+Duration(lateness), "passes on: W - "+Duration(lateness)
	}
	return []string{"W: the least of both sides'", "waits for: W > " + time + more + "; a left row is emitted then", late, passes}
}

// stateLines say what the join remembers under a load.
func (n *FrameJoin) stateLines(l Load) []string {
	wait := float64(max(delay(n.Left), delay(n.Right)) + n.Lateness)
	left, right := l.within(n.Left, wait), l.within(n.Right, wait+float64(n.span()))
	lines := []string{l.rates(n.Left, n.Right)}
	width := rowExtra + rowWidth(n.used())
	line := "state: about " + countOf(left, "row") + " of the left and " + countOf(right, "row") + " of the right = " +
		size(left*(rowWidth(n.Left.Schema())+rowExtra)+right*width)
	if n.runs() {
		line += ", and one result of each of " + countOf(l.Keys, "key") + " for good"
	}
	return append(lines, line)
}

// used are the right side's columns that are kept: the time, and what calls are over.
func (n *FrameJoin) used() data.Schema {
	in, seen := n.Right.Schema(), map[int]bool{}
	var out data.Schema
	add := func(c int) {
		if c >= 0 && !seen[c] {
			seen[c] = true
			out = append(out, in[c])
		}
	}
	add(n.RightTime)
	for _, c := range n.Calls {
		for _, col := range c.Cols {
			add(col)
		}
		add(c.Filter)
	}
	return out
}
