package planner

import (
	"math"

	"tidemark/operators/expr"
	"tidemark/planner/plan"
)

// windowJoin makes the node of a join of two windowed results on the same window. It
// reports whether the join is one.
func (b *binder) windowJoin(j *openJoin, c *conditions) (n plan.Node, ok, is bool) {
	l, r := plan.WindowColumnsOf(j.left), plan.WindowColumnsOf(j.right)
	if l == nil || r == nil {
		return nil, false, false
	}
	timed := c.leftTime >= 0
	times := timed && c.leftTime == l.Time && c.rightTime == r.Time && c.low == 0 && c.high == 0
	if timed && !times {
		return nil, false, false // its rows are bounded in time
	}
	starts, ends := c.takeEqual(l.Start, r.Start), c.takeEqual(l.End, r.End)
	sized := l.Fixed && r.Fixed && l.Size == r.Size && l.Size > 0 // one of them tells the others
	switch same := starts && (ends || times) || sized && (starts || ends || times); {
	case !same && !starts && !ends:
		return nil, false, false
	case !same:
		b.errorf(j.at, "add the other of them: ON a.window_start = b.window_start AND a.window_end = b.window_end", "this join compares the start or the end of windows alone, which does not tell whether they are the same")
		return nil, false, true
	case l.Start < 0 || l.End < 0 || r.Start < 0 || r.End < 0:
		if !starts && !ends && !j.left.Properties().Updating && !j.right.Properties().Updating {
			return nil, false, false // their time alone will do
		}
		b.errorf(j.at, "select window_start and window_end in both queries", "a join of windows needs their start and their end")
		return nil, false, true
	}
	c.leftTime, c.rightTime, c.low, c.high = -1, -1, math.MinInt64, math.MaxInt64
	both := bothSchemas(j)
	column := func(i int) expr.Expr { return expr.NewColumn(i, both[i].Name, both[i].Type, j.at) }
	c.left = append([]expr.Expr{column(l.Start), column(l.End)}, c.left...)
	c.right = append([]expr.Expr{column(c.width + r.Start), column(c.width + r.End)}, c.right...)
	join := &plan.Join{Mode: plan.JoinWindows, Kind: j.kind, LeftTime: -1, RightTime: -1, Inclusive: l.Inclusive || r.Inclusive,
		Lateness: j.lateness + max(plan.KeptBelow(j.left), plan.KeptBelow(j.right))}
	if j.late != nil { // late rows tell by how much
		if join.LeftTime, join.RightTime = plan.TimeOf(j.left.Schema()), plan.TimeOf(j.right.Schema()); join.LeftTime < 0 || join.RightTime < 0 {
			join.LeftTime, join.RightTime = -1, -1
		}
	}
	return b.joined(j, c, join), true, true
}

// takeEqual takes the condition that a column of the left side equals one of the right
// out of the keys, and reports whether it was there.
func (c *conditions) takeEqual(left, right int) bool {
	if left < 0 || right < 0 {
		return false
	}
	found := false
	kept := 0
	for i := range c.left {
		l, isLeft := c.left[i].(*expr.Column)
		r, isRight := c.right[i].(*expr.Column)
		if isLeft && isRight && l.Index == left && r.Index == c.width+right {
			found = true
			continue
		}
		c.left[kept], c.right[kept] = c.left[i], c.right[i]
		kept++
	}
	c.left, c.right = c.left[:kept], c.right[:kept]
	return found
}
