package plan

// Walk calls f for n and every node below it, inputs after what uses them; a part
// that is shared is visited once.
func Walk(n Node, f func(Node)) { walk(n, f, map[*Shared]bool{}) }

func walk(n Node, f func(Node), seen map[*Shared]bool) {
	if s, ok := n.(*Shared); ok {
		if seen[s] {
			return
		}
		seen[s] = true
	}
	f(n)
	for _, in := range n.Inputs() {
		walk(in, f, seen)
	}
}

// KeptBelow returns how long, in microseconds, the windows of n's plan may correct
// what they have emitted: an aggregate over them has to keep its own as much longer.
func KeptBelow(n Node) int64 {
	most := int64(0)
	if a, ok := n.(*Aggregate); ok && a.Window != nil {
		if a.Emit == EmitFinal {
			return 0 // what is below has come to its end too
		}
		return a.Lateness
	}
	if o, ok := n.(*Over); ok {
		if o.Emit == OverClosed {
			return o.Lateness
		}
		return 0 // it holds the watermark back, or has no time
	}
	if j, ok := n.(*Join); ok && j.Mode == JoinAsof {
		return 0 // it waits, and changes nothing
	} else if ok && j.Mode == JoinWindows {
		return j.Lateness
	}
	if _, ok := n.(*FrameJoin); ok {
		return 0
	}
	if t, ok := n.(*TopN); ok {
		if t.Emit == OverClosed {
			return t.Lateness
		}
		return 0
	}
	for _, in := range n.Inputs() {
		most = max(most, KeptBelow(in))
	}
	return most
}

// Moved returns the call with its input columns at their new places.
func (c AggCall) Moved(at []int) AggCall {
	c.Cols, c.Filter = MoveAll(c.Cols, at), Move(c.Filter, at)
	return c
}

// Move returns the new place of column c; below 0 there is none.
func Move(c int, at []int) int {
	if c < 0 {
		return c
	}
	return at[c]
}

// MoveAll returns the new places of cols, as Move does.
func MoveAll(cols, at []int) []int {
	out := make([]int, len(cols))
	for i, c := range cols {
		out[i] = Move(c, at)
	}
	return out
}

// OfSource reports whether each row of n is a row of a source.
func OfSource(n Node) bool {
	switch n := n.(type) {
	case *Aggregate, *Upsert, *IntervalJoin, *Join, *FrameJoin:
		return false
	case *LateData:
		return true
	case *TopN: // which leaves rows out
		return false
	case *Over:
		if n.Corrects || n.MostRank > 0 { // which leaves rows out as well
			return false
		}
	case *Sort:
		if len(n.Keys) > 0 || n.Input.Properties().Updating {
			return false
		}
	}
	for _, in := range n.Inputs() {
		if !OfSource(in) {
			return false
		}
	}
	return true
}
