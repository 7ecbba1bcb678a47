package planner

import (
	"tidemark/operators/data"
	"tidemark/planner/plan"
)

// over prunes the window functions that nobody uses, and the columns that only those
// need. An Over without functions stays where it leaves late rows out or puts the
// others in order.
func (p *pruner) over(n *plan.Over, need set) (plan.Node, []int) {
	width := len(n.Input.Schema())
	below := need.below(width)
	c := *n
	c.Calls = nil
	var kept []int // output columns
	for i, call := range n.Calls {
		if !need[width+i] {
			continue
		}
		kept = append(kept, width+i)
		below.add(call.Cols...)
		below.add(call.Filter, call.Default)
	}
	if len(kept) == 0 && n.Late == nil && isIdle(n) {
		in, at := p.node(n.Input, below)
		return in, append(at, missing(len(n.Calls))...)
	}
	below.add(n.Partition...)
	below.addKeys(n.Order)
	below.add(n.Time, n.WindowEnd)
	n.Late.Needs(func(_, col int) { below.add(col) })
	in, at := p.node(n.Input, below)
	c.Input, c.Late = in, n.Late.Moved(at, nil)
	c.Partition, c.Order = plan.MoveAll(n.Partition, at), moveKeys(n.Order, at)
	c.Time, c.WindowEnd = plan.Move(n.Time, at), plan.Move(n.WindowEnd, at)
	c.Out = append(data.Schema(nil), in.Schema()...)
	if n.Timeless {
		for i := range c.Out {
			c.Out[i].Time = false
		}
	}
	at = append(append([]int(nil), at...), missing(len(n.Calls))...)
	for _, k := range kept {
		at[k] = len(c.Out)
		c.Calls = append(c.Calls, n.Calls[k-width].Moved(at))
		c.Out = append(c.Out, n.Out[k])
	}
	return &c, at
}

// topN prunes the number that nobody asks for, and the columns that are not needed.
func (p *pruner) topN(n *plan.TopN, need set) (plan.Node, []int) {
	width := len(n.Input.Schema())
	below := need.below(width)
	below.add(n.Partition...)
	below.addKeys(n.Order)
	below.add(n.Time, n.WindowEnd)
	n.Late.Needs(func(_, col int) { below.add(col) })
	in, at := p.node(n.Input, below)
	c := *n
	c.Input, c.Late = in, n.Late.Moved(at, nil)
	c.Partition, c.Order = plan.MoveAll(n.Partition, at), moveKeys(n.Order, at)
	c.Time, c.WindowEnd = plan.Move(n.Time, at), plan.Move(n.WindowEnd, at)
	if !n.Number {
		return &c, at
	}
	at = append([]int(nil), at...)
	if c.Number = need[width]; !c.Number {
		return &c, append(at, -1)
	}
	return &c, append(at, len(in.Schema()))
}

// windowed prunes the columns of the rows; those of the window stay together. Where
// nobody asks for a window, and each row has one, there is nothing to do.
func (p *pruner) windowed(n *plan.Windowed, need set) (plan.Node, []int) {
	width := len(n.Out) - 3
	below := need.below(width)
	if !need[width] && !need[width+1] && !need[width+2] && !n.Window.Overlaps() {
		in, at := p.node(n.Input, below)
		return in, append(at, missing(3)...)
	}
	below.add(n.Time)
	c := *n
	in, at := p.node(n.Input, below)
	c.Input, c.Time = in, at[n.Time]
	c.Out = append(data.Schema(nil), in.Schema()...)
	for i := width; i < len(n.Out); i++ {
		at = append(at, len(c.Out))
		c.Out = append(c.Out, n.Out[i])
	}
	return &c, at
}

// missing is the places of n columns that are gone.
func missing(n int) []int {
	at := make([]int, n)
	for i := range at {
		at[i] = -1
	}
	return at
}

// isIdle reports whether the rows of an Over are those of its input, in their order.
func isIdle(n *plan.Over) bool {
	if n.Input.Properties().Updating {
		return false
	}
	switch n.Emit {
	case plan.OverPassed: // another one has let them out
		in, ok := n.Input.(*plan.Over)
		return ok && in.Emit == plan.OverPassed
	case plan.OverAtEnd:
		return true
	case plan.OverChanges:
		return n.Time < 0
	}
	return false
}
