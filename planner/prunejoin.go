package planner

import (
	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/planner/plan"
)

// intervalJoin prunes both sides.
func (p *pruner) intervalJoin(n *plan.IntervalJoin, need set) (plan.Node, []int) {
	c := *n
	s := p.sides(n.Left, n.Right, need, n.On, n.Late, append([]int{n.LeftTime}, n.LeftKeys...), append([]int{n.RightTime}, n.RightKeys...))
	c.Left, c.Right, c.Late = s.left, s.right, n.Late.Moved(s.leftAt, s.rightAt)
	c.LeftKeys, c.RightKeys = plan.MoveAll(n.LeftKeys, s.leftAt), plan.MoveAll(n.RightKeys, s.rightAt)
	c.LeftTime, c.RightTime = s.leftAt[n.LeftTime], s.rightAt[n.RightTime]
	c.On = moved(n.On, s.at)
	c.Out = plan.JoinSchema(n.Kind, c.Left.Schema(), c.Right.Schema())
	return &c, s.at[:len(need)]
}

// join prunes both sides.
func (p *pruner) join(n *plan.Join, need set) (plan.Node, []int) {
	c := *n
	s := p.sides(n.Left, n.Right, need, n.On, n.Late, append([]int{n.LeftTime}, n.LeftKeys...), append([]int{n.RightTime}, n.RightKeys...))
	c.Left, c.Right, c.Late = s.left, s.right, n.Late.Moved(s.leftAt, s.rightAt)
	c.LeftKeys, c.RightKeys = plan.MoveAll(n.LeftKeys, s.leftAt), plan.MoveAll(n.RightKeys, s.rightAt)
	c.LeftTime, c.RightTime = plan.Move(n.LeftTime, s.leftAt), plan.Move(n.RightTime, s.rightAt)
	c.On = moved(n.On, s.at)
	c.SetSchema()
	return &c, s.at[:len(need)]
}

// frameJoin prunes the calls that nobody uses, and both sides.
func (p *pruner) frameJoin(n *plan.FrameJoin, need set) (plan.Node, []int) {
	c := *n
	width := len(n.Left.Schema())
	left, right := need.below(width), newSet(len(n.Right.Schema()))
	var kept []int // output columns
	for i, call := range n.Calls {
		if !need[width+i] {
			continue
		}
		kept = append(kept, width+i)
		right.add(call.Cols...)
		right.add(call.Filter)
	}
	left.add(n.LeftKeys...)
	left.add(n.LeftTime)
	right.add(n.RightKeys...)
	right.add(n.RightTime)
	n.Late.Needs(func(side, c int) { [2]set{left, right}[side].add(c) })
	var leftAt, rightAt []int
	c.Left, leftAt = p.node(n.Left, left)
	c.Right, rightAt = p.node(n.Right, right)
	c.LeftKeys, c.RightKeys = plan.MoveAll(n.LeftKeys, leftAt), plan.MoveAll(n.RightKeys, rightAt)
	c.LeftTime, c.RightTime = leftAt[n.LeftTime], rightAt[n.RightTime]
	c.Late = n.Late.Moved(leftAt, rightAt)
	at := append(append([]int(nil), leftAt...), missing(len(n.Calls))...)
	c.Calls = nil
	var results data.Schema
	for i, k := range kept {
		at[k] = len(c.Left.Schema()) + i
		c.Calls, results = append(c.Calls, n.Calls[k-width].Moved(rightAt)), append(results, n.Out[k])
	}
	c.SetSchema(results)
	return &c, at
}

// prunedSides are the sides of a join without what is not needed.
type prunedSides struct {
	left, right         plan.Node
	leftAt, rightAt, at []int // where the columns are now: of each side, and of both
}

// sides prunes the sides of a join, of whose output some columns are needed, and
// that uses others itself: those of a condition, which may be nil, and some of each side.
func (p *pruner) sides(l, r plan.Node, need set, on expr.Expr, late *plan.LateRows, useLeft, useRight []int) prunedSides {
	width := len(l.Schema())
	left, right := newSet(width), newSet(len(r.Schema()))
	use := func(c int) {
		if c < width {
			left.add(c)
		} else {
			right.add(c - width)
		}
	}
	for c, w := range need {
		if w {
			use(c)
		}
	}
	if on != nil {
		for _, c := range expr.Columns(on) {
			use(c)
		}
	}
	left.add(useLeft...)
	right.add(useRight...)
	late.Needs(func(side, c int) { [2]set{left, right}[side].add(c) })
	var s prunedSides
	s.left, s.leftAt = p.node(l, left)
	s.right, s.rightAt = p.node(r, right)
	s.at = append(append([]int(nil), s.leftAt...), s.rightAt...)
	for i := width; i < len(s.at); i++ {
		if s.at[i] >= 0 {
			s.at[i] += len(s.left.Schema())
		}
	}
	return s
}

// pruneLookup leaves out columns that need not be found; one stays in any case.
func pruneLookup(n *plan.Lookup, need set) (plan.Node, []int) {
	c, at := &plan.Lookup{Relation: n.Relation}, make([]int, len(n.Columns))
	for i, col := range n.Columns {
		at[i] = -1
		if need[i] {
			at[i] = len(c.Columns)
			c.Columns = append(c.Columns, col)
		}
	}
	return c, at
}
