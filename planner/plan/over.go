package plan

import (
	"strconv"
	"strings"

	"tidemark/operators/agg"
	"tidemark/operators/data"
)

// Over computes window functions over the rows of each partition in their order.
// Its output has the columns of the input, then one for each call.
type Over struct {
	Input     Node
	Partition []int // input columns
	// Order is the order of a partition's rows. The first Peers columns are those that
	// were asked for; the others settle what these leave open, before arrival does.
	Order []SortKey
	Peers int
	// ArrivalDesc puts of rows that do not differ the last to arrive first.
	ArrivalDesc bool
	Time        int // input column with the event time, or -1
	Calls       []OverCall
	Emit        OverEmit
	WindowEnd   int   // of OverClosed: the input column with the end of the window
	Inclusive   bool  // and whether a row at that very time belongs to the window
	Lateness    int64 // microseconds
	// Corrects says that results which were emitted may change; Timeless that they may
	// however far the watermark has passed them, so that no column is an event time.
	Corrects, Timeless bool
	// Late, when not nil, are the rows that LATE DATA TO takes.
	Late *LateRows
	// MostRank, where it is not 0, is the greatest rank that is looked at, of one RANK
	// or DENSE_RANK over rows that stay: rows of a greater one are forgotten.
	MostRank int64
	// NeedTime is set when an operator above looks at the watermark.
	NeedTime bool
	Out      data.Schema
}

// OverEmit says when window functions emit a row.
type OverEmit uint8

// The moments at which an Over emits.
const (
	// OverPassed: each row once, when the watermark has passed it and all its frames.
	OverPassed OverEmit = iota
	// OverClosed: all rows of a partition when its window closes, then corrections.
	OverClosed
	// OverAtEnd: all rows once, at the end of the input, in order of arrival.
	OverAtEnd
	// OverChanges: each row at once, then corrections.
	OverChanges
	// OverRefused: never; the binder says why.
	OverRefused
)

// OverCall is one window function of an Over.
type OverCall struct {
	Func OverFunc
	Agg  *agg.Func // of OverAggregate
	// Cols are the input columns that it takes; Filter is that of FILTER (WHERE …), or
	// -1; Default is what LAG and LEAD give where there is no row, or -1.
	Cols            []int
	Filter, Default int
	N               int64 // of LAG, LEAD, NTH_VALUE, NTILE
	IgnoreNulls     bool
	Frame           OverFrame
	Text            string // as EXPLAIN shows it
}

// OverFrame is the rows around the one in hand that a function looks at.
type OverFrame struct {
	Rows       bool
	Start, End FrameBound
}

// BoundKind says where a frame begins or ends.
type BoundKind uint8

// The kinds of bounds.
const (
	FromFirst BoundKind = iota
	FromOffset
	FromPeers
	FromLast
)

// FrameBound is one end of a frame. In ROWS the current row is an offset of 0.
type FrameBound struct {
	Kind BoundKind
	Rows int64 // in ROWS: behind the row, negative before it
	// By is what is added to the order's value in RANGE: a constant of its type.
	By   *data.Vector
	Text string // as EXPLAIN shows it
}

// Schema returns the input's and the calls' columns.
func (n *Over) Schema() data.Schema { return n.Out }

// Inputs returns the one input.
func (n *Over) Inputs() []Node { return []Node{n.Input} }

// Properties of an Over: it emits a row for each of the input, once or with
// corrections. Where these may be of any age, there is no event time any more.
func (n *Over) Properties() Properties {
	in := n.Input.Properties()
	return Properties{
		Updating: n.Corrects, Deletes: n.Corrects && in.Updating, // a row may go to another partition
		Key: key(n), Time: TimeOf(n.Out), State: n.state(),
	}
}

// state says what an Over remembers.
func (n *Over) state() string {
	switch {
	case n.MostRank > 0 && n.Emit == OverClosed:
		return kept("rows of each open window up to rank "+strconv.FormatInt(n.MostRank, 10)+", with their ties", n.Lateness)
	case n.MostRank > 0:
		return "rows up to rank " + strconv.FormatInt(n.MostRank, 10) + " of each key, with their ties"
	case n.Emit == OverClosed:
		return kept("the rows of each open window", n.Lateness)
	case n.Emit == OverPassed || n.Emit == OverChanges && n.Time >= 0:
		return kept("rows until the watermark has passed them", n.Lateness) + n.reach()
	}
	return "all rows"
}

func kept(what string, lateness int64) string {
	if lateness > 0 && lateness%1000 == 1 {
		lateness-- // how far the end of a window is behind its last instant
	}
	if lateness > 0 {
		what += ", kept " + Duration(lateness) + " longer"
	}
	return what
}

// reach says how far back the frames look.
func (n *Over) reach() string {
	rows, span, running := int64(0), int64(0), false
	for _, c := range n.Calls {
		switch {
		case c.Func == OverLag:
			rows = max(rows, c.N)
		case c.Func == OverRowNumber || c.Func == OverRank || c.Func == OverDenseRank:
			running = true
		case !c.Func.Framed():
		case c.Frame.Start.Kind == FromFirst:
			running = true
		case c.Frame.Rows:
			rows = max(rows, -c.Frame.Start.Rows)
		case c.Frame.Start.Kind == FromOffset:
			if by := c.Frame.Start.By; by.Type.Class() == data.ClassInt {
				span = max(span, -by.Ints[0])
			}
		}
	}
	text := ""
	if span > 0 {
		text += ", those of the last " + Duration(span)
	}
	each := ""
	if len(n.Partition) > 0 {
		each = " of each key"
	}
	if rows > 0 {
		text += ", the last " + count(rows, "row") + each
	}
	if running {
		text += ", one result" + each
	}
	return text
}

func count(n int64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.FormatInt(n, 10) + " " + what + "s"
}

func describeOver(n *Over) (string, []string) {
	in := n.Input.Schema()
	title := "Over"
	if len(n.Partition) > 0 {
		title += " by " + columnList(in, n.Partition)
	}
	if n.Peers > 0 {
		title += " in order of " + sortKeys(in, n.Order[:n.Peers])
	}
	calls := make([]string, len(n.Calls))
	for i, c := range n.Calls {
		calls[i] = c.Text
	}
	emits := "emits: " + map[OverEmit]string{
		OverPassed: "a row once, when the watermark has passed it", OverClosed: "a window when it closes",
		OverAtEnd: "all rows at the end of the input", OverChanges: "CHANGES", OverRefused: "nothing",
	}[n.Emit]
	if n.Emit == OverPassed && looksAhead(n.Calls) {
		emits = "emits: a row once, when the watermark has passed the end of its frames"
	}
	if len(calls) == 0 {
		return title, n.Late.describe([]string{emits})
	}
	lines := []string{"computes: " + strings.Join(calls, ", ")}
	if n.MostRank > 0 {
		lines = append(lines, "keeps: rows up to rank "+strconv.FormatInt(n.MostRank, 10))
	}
	return title, n.Late.describe(append(lines, emits))
}

func looksAhead(calls []OverCall) bool {
	for _, c := range calls {
		f := c.Frame.End
		if c.Func == OverLead || c.Func.Framed() && f.Kind == FromOffset && (f.Rows > 0 || f.By != nil && f.By.Type.Class() == data.ClassInt && f.By.Ints[0] > 0) {
			return true
		}
	}
	return false
}

// sortKeys writes an order as it is written in a query.
func sortKeys(s data.Schema, list []SortKey) string {
	keys := make([]string, len(list))
	for i, k := range list {
		keys[i] = s[k.Column].Name
		if k.Desc {
			keys[i] += " DESC"
		}
		if k.NullsFirst != k.Desc {
			keys[i] += map[bool]string{true: " NULLS FIRST", false: " NULLS LAST"}[k.NullsFirst]
		}
	}
	return strings.Join(keys, ", ")
}

// Moved returns the call with its input columns at their new places.
func (c OverCall) Moved(at []int) OverCall {
	c.Cols, c.Filter, c.Default = MoveAll(c.Cols, at), Move(c.Filter, at), Move(c.Default, at)
	return c
}

// Settles reports whether what a node emits comes to rest: kept is for how many
// microseconds after the watermark has passed a row's event time the row may still
// be taken back or corrected.
func Settles(n Node) (kept int64, ok bool) {
	if !n.Properties().Updating {
		return 0, true
	}
	switch n := n.(type) {
	case *Aggregate:
		switch {
		case n.Window == nil:
			return 0, false
		case n.Lateness > 0: // the end of a window is behind the last instant of its rows
			return n.Lateness + 1, true
		}
		return 0, true
	case *Over:
		switch n.Emit {
		case OverClosed:
			return n.Lateness + 1, true
		case OverChanges:
			return 0, !n.Timeless // it holds the watermark back
		}
		return 0, false
	case *Join:
		switch n.Mode {
		case JoinWindows:
			return n.Lateness + 1, true
		case JoinLoaded:
			return Settles(n.Left)
		}
		return 0, false
	case *TopN:
		return n.Lateness + 1, n.Emit == OverClosed
	case *Filter, *Project, *Shared, *Watermark, *Unnest, *Union, *Windowed:
		ok = true
		for _, in := range n.Inputs() {
			k, settles := Settles(in)
			kept, ok = max(kept, k), ok && settles
		}
		return kept, ok
	}
	return 0, false
}
