package plan

import (
	"tidemark/operators/data"
	"tidemark/operators/expr"
)

// JoinKind says which rows a join has besides its matches.
type JoinKind uint8

// The kinds of joins.
const (
	JoinInner JoinKind = iota
	JoinLeft           // and left rows without a match
	JoinRight          // and right rows without a match
	JoinFull           // and both
	JoinSemi           // the left rows that have a match, instead of the matches
	JoinAnti           // the left rows that have none, instead of the matches
)

// String returns the kind as it is written before JOIN.
func (k JoinKind) String() string {
	return [...]string{"INNER", "LEFT", "RIGHT", "FULL", "SEMI", "ANTI"}[k]
}

// LeftOnly reports whether the result has the columns of the left side alone.
func (k JoinKind) LeftOnly() bool { return k == JoinSemi || k == JoinAnti }

// IntervalJoin joins two inputs that only insert, by key and time: a left row at t
// matches right rows of its key from t-Before to t+After, microseconds, for which
// On is true as well. Its columns are those of the left side, then those of the
// right unless the kind is LeftOnly.
type IntervalJoin struct {
	Left, Right         Node
	Kind                JoinKind
	LeftKeys, RightKeys []int // of each input, alike in pairs
	LeftTime, RightTime int   // of each input
	Before, After       int64
	// On is over the columns of the left side and, behind them, of the right; nil for
	// no further condition.
	On expr.Expr
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

// JoinSchema returns the columns of a join of two inputs: the time columns of a
// side that may be missing are no event times, as they may be NULL.
func JoinSchema(kind JoinKind, left, right data.Schema) data.Schema {
	out := append(data.Schema(nil), left...)
	if !kind.LeftOnly() {
		out = append(out, right...)
	}
	for i := range out {
		switch {
		case i < len(left) && (kind == JoinRight || kind == JoinFull), i >= len(left) && (kind == JoinLeft || kind == JoinFull):
			out[i].Time = false
		}
	}
	return out
}

// Schema returns the columns of both sides.
func (n *IntervalJoin) Schema() data.Schema { return n.Out }

// Inputs returns the two sides.
func (n *IntervalJoin) Inputs() []Node { return []Node{n.Left, n.Right} }

// Properties of an IntervalJoin: it inserts.
func (n *IntervalJoin) Properties() Properties {
	return Properties{Time: TimeOf(n.Out), State: "rows of both sides until the watermark has passed what they can match"}
}

// reach describes the times that match: "right.ts from 5 seconds before to 10 seconds after left.ts".
func (n *IntervalJoin) reach() string {
	left, right := n.Texts.LeftTime, n.Texts.RightTime
	if n.Before == n.After {
		return right + " within " + Duration(n.Before) + " of " + left
	}
	return right + " from " + offset(-n.Before) + " to " + offset(n.After) + " " + left
}

// offset writes a distance from a time.
func offset(d int64) string {
	switch {
	case d < 0:
		return Duration(-d) + " before"
	case d > 0:
		return Duration(d) + " after"
	}
	return "at"
}

func describeIntervalJoin(n *IntervalJoin) (string, []string) {
	title := n.Kind.String() + " interval join" + n.Texts.on()
	details := []string{"matches: " + n.reach()}
	if n.On != nil {
		details = append(details, "and: "+n.On.String())
	}
	emits := "emits: matches at once"
	if n.Kind != JoinInner && n.Kind != JoinSemi {
		emits += ", rows without one when none can come any more"
	}
	if n.Kind == JoinAnti {
		emits = "emits: rows without a match when none can come any more"
	}
	if n.Lateness > 0 {
		emits += "; rows up to " + Duration(n.Lateness) + " late"
	}
	return title, n.Late.describe(append(details, emits))
}
