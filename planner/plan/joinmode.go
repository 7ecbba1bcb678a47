package plan

import (
	"slices"

	"tidemark/operators/data"
	"tidemark/operators/expr"
)

// JoinMode says how a Join finds the partners of a row.
type JoinMode uint8

// The modes of a Join.
const (
	// JoinAsof: a left row's partner is the last right row of its key up to its time.
	JoinAsof JoinMode = iota
	// JoinLoaded: all rows of the right side come before the first of the left.
	JoinLoaded
	// JoinLookup: partners are looked up in a foreign table when a row comes.
	JoinLookup
	// JoinTables: the output is the join of what both sides are at the time.
	JoinTables
	// JoinWindows: partners are of one window, when it closes. Its first two keys are
	// the start and the end.
	JoinWindows
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
	// On is over the columns of the left side and, behind them, of the right; nil for
	// no further condition.
	On expr.Expr
	// Of JoinAsof: a left row at t matches right rows up to t-Back and from
	// t-Tolerance on, microseconds; a negative Tolerance is for any age.
	Back, Tolerance int64
	// Versioned says of JoinAsof that right rows are versions of the one row of their
	// key, which a -D ends. Ends says that its time does not tell when.
	Versioned, Ends bool
	// Lateness is how far below the watermark a row's time may be, or how long a
	// closed window is kept, microseconds.
	Lateness int64
	// Late, when not nil, are the rows that LATE DATA TO takes.
	Late *LateRows
	// Inclusive says that a row at the very end of a window belongs to it.
	Inclusive bool
	// TTL is for how long JoinTables remembers a row, microseconds; 0 for good.
	TTL int64
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

// SetSchema makes the output's columns those of the inputs. Of their event times
// those stay in whose order rows are emitted.
func (n *Join) SetSchema() {
	left, right := n.Left.Schema(), n.Right.Schema()
	n.Out = JoinSchema(n.Kind, left, right)
	var times []int
	switch n.Mode {
	case JoinAsof:
		times = []int{n.LeftTime}
	case JoinLoaded, JoinLookup:
		times = identity(len(left))
	case JoinWindows:
		if w := WindowColumnsOf(n.Left); w != nil {
			times = append(times, w.Time)
		}
		if w := WindowColumnsOf(n.Right); w != nil && w.Time >= 0 {
			times = append(times, len(left)+w.Time)
		}
	}
	for i := range n.Out {
		n.Out[i].Time = n.Out[i].Time && slices.Contains(times, i)
	}
}

// Properties of a Join follow from its mode.
func (n *Join) Properties() Properties {
	p := Properties{Key: key(n), Time: TimeOf(n.Out)}
	misses := n.Kind != JoinInner && n.Kind != JoinSemi
	updating := n.Left.Properties().Updating || n.Right.Properties().Updating
	switch n.Mode {
	case JoinAsof:
		p.State = "left rows until the watermark has passed them, and the last right row of each key"
		switch {
		case n.On != nil:
			p.State = "left rows until the watermark has passed them, right rows for " + Duration(n.Tolerance) + " longer"
		case n.Versioned:
			p.State = "left rows until the watermark has passed them, and the last version of each right row"
		}
	case JoinLoaded:
		p.Updating = n.Left.Properties().Updating
		p.State = "the right side"
	case JoinLookup: // what it has found is no state
	case JoinTables:
		p.Updating = updating || misses
		p.State = "both sides"
		if n.TTL > 0 {
			p.State += ", a row for " + Duration(n.TTL)
		}
	case JoinWindows:
		p.Updating = updating || misses && n.Lateness > 0
		p.State = "rows of both sides until their window closes"
		if n.Lateness > 0 {
			p.State += ", and " + Duration(n.Lateness) + " past its end"
		}
	}
	p.Deletes = p.Updating
	return p
}

// keyParts returns what identifies a row of the output: what does on the left where
// there is one partner at most, else what does on both sides.
func (n *Join) keyParts() []KeyPart {
	left := n.equated(KeyParts(n.Left), n.LeftKeys, n.RightKeys, 0, len(n.Left.Schema()))
	if n.Mode == JoinAsof || n.Kind.LeftOnly() {
		return left
	}
	if n.Kind == JoinFull && n.Mode != JoinWindows {
		return nil // a key that is NULL on the left looks like one that is missing there
	}
	right := n.equated(KeyParts(n.Right), n.RightKeys, n.LeftKeys, len(n.Left.Schema()), 0)
	switch {
	case left != nil && (n.Kind == JoinInner || n.Kind == JoinLeft) && isKeyOf(n.Right, n.RightKeys):
		return left
	case right != nil && (n.Kind == JoinInner || n.Kind == JoinRight) && isKeyOf(n.Left, n.LeftKeys):
		return right
	case left == nil || right == nil:
		return nil
	}
	return append(left, right...)
}

// Apart reports whether a row with a partner and one without are rows of different
// keys, so that one does not update the other.
func (n *Join) Apart() bool {
	parts := n.keyParts()
	return parts != nil && len(parts) == len(KeyParts(n.Left))+len(KeyParts(n.Right)) && !n.Kind.LeftOnly()
}

// equated returns the parts of a side's key by the output's columns: of an inner join
// the equal column of the other side tells a part as well.
func (n *Join) equated(parts []KeyPart, own, other []int, first, firstOther int) []KeyPart {
	if parts == nil {
		return nil
	}
	out := make([]KeyPart, len(parts))
	for k, p := range parts {
		out[k].Name = p.Name
		for _, c := range p.Columns {
			out[k].Columns = append(out[k].Columns, first+c)
			if i := slices.Index(own, c); i >= 0 && n.Kind == JoinInner {
				out[k].Columns = append(out[k].Columns, firstOther+other[i])
			}
		}
	}
	return out
}

// isKeyOf reports whether columns of a node tell its rows apart.
func isKeyOf(n Node, cols []int) bool {
	parts := KeyParts(n)
	for _, p := range parts {
		if !slices.ContainsFunc(p.Columns, func(c int) bool { return slices.Contains(cols, c) }) {
			return false
		}
	}
	return parts != nil
}

func identity(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}

// windowColumns are those of the side that is always there.
func (n *Join) windowColumns() *WindowColumns {
	switch {
	case n.Mode == JoinLoaded || n.Mode == JoinLookup:
		return WindowColumnsOf(n.Left)
	case n.Mode != JoinWindows || n.Kind == JoinFull:
		return nil
	case n.Kind != JoinRight:
		return WindowColumnsOf(n.Left)
	}
	w := *WindowColumnsOf(n.Right)
	for _, c := range []*int{&w.Start, &w.End, &w.Time} {
		if *c >= 0 {
			*c += len(n.Left.Schema())
		}
	}
	return &w
}
