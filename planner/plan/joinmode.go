package plan

import "tidemark/operators/data"

// JoinMode says how a Join finds the partners of a row.
type JoinMode uint8

// The modes of a Join.
const (
	JoinAsof JoinMode = iota // a left row's partner is the last right row of its key up to its time
)

// Join joins two inputs in another way than by an interval of time: see Mode. Its
// columns are those of the left side, then those of the right unless the kind is
// LeftOnly.
type Join struct {
	Left, Right         Node
	Mode                JoinMode
	Kind                JoinKind
	LeftKeys, RightKeys []int // of each input, alike in pairs
	LeftTime, RightTime int   // of each input; -1 where its time does not matter
	// Of JoinAsof: a left row at t matches right rows up to t-Back and from
	// t-Tolerance on, microseconds; a negative Tolerance is for any age.
	Back, Tolerance int64
	// Lateness is how far below the watermark a row's time may be, microseconds.
	Lateness int64
	// Late, when not nil, are the rows that LATE DATA TO takes.
	Late *LateRows
	// NeedTime is set when an operator above looks at the watermark.
	NeedTime bool
	// Texts are the conditions as EXPLAIN shows them.
	Texts JoinTexts
	Out   data.Schema
}

// JoinTexts are the conditions of a join in words, which name the tables of columns
// that both sides have.
type JoinTexts struct {
	Keys                []string // "a.k = b.k"
	LeftTime, RightTime string
}

// Schema returns the columns of both sides.
func (n *Join) Schema() data.Schema { return n.Out }

// Inputs returns the two sides.
func (n *Join) Inputs() []Node { return []Node{n.Left, n.Right} }

// SetSchema makes the output's columns those of the inputs.
func (n *Join) SetSchema() {
	n.Out = JoinSchema(n.Kind, n.Left.Schema(), n.Right.Schema())
	for i := range n.Out {
		n.Out[i].Time = n.Out[i].Time && i == n.LeftTime // the order of others is lost
	}
}

// Properties of a Join: each left row is emitted once.
func (n *Join) Properties() Properties {
	return Properties{Key: key(n), Time: TimeOf(n.Out), State: "left rows until the watermark has passed them, and the last right row of each key"}
}

// keyParts returns what identifies a row: what does on the left.
func (n *Join) keyParts() []KeyPart { return KeyParts(n.Left) }

// describeJoin returns a join's headline and the lines about it.
func describeJoin(n *Join) (string, []string) {
	title := n.Kind.String() + " ASOF join" + n.Texts.on()
	return title, n.Late.describe([]string{"matches: " + n.reach(), "emits: a left row when the watermark has passed it" + n.lateText()})
}

func (n *Join) lateText() string {
	if n.Lateness == 0 {
		return ""
	}
	return "; rows up to " + Duration(n.Lateness) + " late"
}

// on lists the keys.
func (t JoinTexts) on() string {
	text := ""
	for i, k := range t.Keys {
		if i == 0 {
			text = " on " + k
		} else {
			text += ", " + k
		}
	}
	return text
}

// reach describes the times that match.
func (n *Join) reach() string {
	text := "the last " + n.Texts.RightTime
	switch n.Back {
	case 0:
		text += " at or before "
	case 1:
		text += " before "
	default:
		text += " " + Duration(n.Back) + " or more before "
	}
	text += n.Texts.LeftTime
	if n.Tolerance >= 0 {
		text += ", at most " + Duration(n.Tolerance) + " before it"
	}
	return text
}

// watermarkLines say what the join waits for and passes on.
func (n *Join) watermarkLines() []string {
	more := ""
	if n.Lateness > 0 {
		more = " + " + Duration(n.Lateness)
	}
	lines := []string{
		"W: the least of both sides'",
		"waits for: W > " + n.Texts.LeftTime + more + "; a left row is emitted then",
		"a left row that W has passed so is late; a right row, when no left row to come could match it",
	}
	if n.Lateness == 0 {
		return append(lines, "passes on: W as it comes")
	}
	return append(lines, "passes on: W - "+Duration(n.Lateness))
}

// stateLines say what the join remembers under a load.
func (n *Join) stateLines(l Load) []string {
	wait := float64(max(delay(n.Left), delay(n.Right))) + float64(n.Lateness)
	waiting := func(in Node, more float64) int64 { return int64(l.rate(in)*(wait+more)/1e6 + 0.999) }
	left, right := waiting(n.Left, 0), waiting(n.Right, 0)
	kept := ""
	if n.Tolerance >= 0 {
		right = min(right+l.Keys, waiting(n.Right, float64(n.Tolerance)))
	} else {
		right += l.Keys
		kept = ", the last of each key among them for good"
	}
	// A row takes its columns, and about 24 bytes for its key, its time and its place.
	bytes := left*(rowWidth(n.Left.Schema())+24) + right*(rowWidth(n.Right.Schema())+24)
	return []string{
		"rows: " + perTime(l.rate(n.Left)) + " from the left, " + perTime(l.rate(n.Right)) + " from the right",
		"state: about " + countOf(left, "row") + " of the left and " + countOf(right, "row") + " of the right" + kept + " = " + size(bytes),
	}
}
