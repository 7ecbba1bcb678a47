package planner

import (
	"math"
	"slices"

	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/planner/plan"
)

// conditions are what a join's conditions come to.
type conditions struct {
	width int // columns of the left side
	// left and right are what must be equal, in pairs, over both sides' columns.
	left, right []expr.Expr
	// low and high bound the right time less the left one, in microseconds, both
	// included; leftTime and rightTime are the columns, -1 without a bound.
	low, high           int64
	leftTime, rightTime int
	rest                []expr.Expr
}

// understand sorts the conditions of a join; timed takes bounds of the distance of
// both event times out of the rest.
func understand(preds []expr.Expr, schema data.Schema, width int, timed bool) *conditions {
	c := &conditions{width: width, low: math.MinInt64, high: math.MaxInt64, leftTime: -1, rightTime: -1}
	for _, p := range preds {
		p = fold(p)
		if !(timed && c.bound(p, schema)) && !c.equality(p) {
			c.rest = append(c.rest, p)
		}
	}
	return c
}

// equality takes a condition "left = right" as a part of the key.
func (c *conditions) equality(p expr.Expr) bool {
	call, ok := p.(*expr.Call)
	if !ok || call.Func.Name != "=" || len(call.Args) != 2 {
		return false
	}
	x, y := call.Args[0], call.Args[1]
	xl, xr := sides(x, c.width)
	yl, yr := sides(y, c.width)
	switch {
	case x.Type() != y.Type():
		return false
	case xl && !xr && yr && !yl:
		c.left, c.right = append(c.left, x), append(c.right, y)
	case xr && !xl && yl && !yr:
		c.left, c.right = append(c.left, y), append(c.right, x)
	default:
		return false
	}
	return true
}

// bound takes a comparison of both sides' event times as a bound of their distance.
func (c *conditions) bound(p expr.Expr, schema data.Schema) bool {
	call, ok := p.(*expr.Call)
	if !ok || len(call.Args) != 2 {
		return false
	}
	op := call.Func.Name
	x, xd, ok1 := shifted(call.Args[0], schema)
	y, yd, ok2 := shifted(call.Args[1], schema)
	if !ok1 && !ok2 { // x - y <op> length, or the other way round
		xd = 0
		x, y, yd, op, ok1 = difference(call, schema, op)
		ok2 = ok1
	}
	if !ok1 || !ok2 {
		return false
	}
	d := data.AddTime(yd, -xd) // x - y <op> d
	if x < c.width {           // left - right: turn it round
		x, y, d = y, x, -d
		op = map[string]string{"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "="}[op]
	}
	if x < c.width || y >= c.width || c.leftTime >= 0 && c.leftTime != y || c.rightTime >= 0 && c.rightTime != x-c.width {
		return false
	}
	low, high := int64(math.MinInt64), int64(math.MaxInt64)
	switch op {
	case "=":
		low, high = d, d
	case ">=":
		low = d
	case ">":
		low = data.AddTime(d, 1)
	case "<=":
		high = d
	case "<":
		high = data.AddTime(d, -1)
	default:
		return false
	}
	c.leftTime, c.rightTime = y, x-c.width
	c.low, c.high = max(c.low, low), min(c.high, high)
	return true
}

// shifted takes e apart as an event-time column and a constant distance from it.
func shifted(e expr.Expr, schema data.Schema) (column int, by int64, ok bool) {
	switch e := e.(type) {
	case *expr.Column:
		return e.Index, 0, schema[e.Index].Time
	case *expr.Call:
		if len(e.Args) != 2 || e.Func.Name != "+" && e.Func.Name != "-" {
			return 0, 0, false
		}
		x, y := e.Args[0], e.Args[1]
		if _, first := x.(*expr.Literal); first && e.Func.Name == "+" {
			x, y = y, x
		}
		d, isLength := length(y)
		c, by, isTime := shifted(x, schema)
		if !isLength || !isTime {
			return 0, 0, false
		}
		if e.Func.Name == "-" {
			d = -d
		}
		return c, data.AddTime(by, d), true
	}
	return 0, 0, false
}

// length returns the microseconds of a constant INTERVAL without months.
func length(e expr.Expr) (int64, bool) {
	l, ok := e.(*expr.Literal)
	if !ok || l.IsNull() || l.Type().Kind != data.Interval || l.Value.Wides[0].Hi != 0 {
		return 0, false
	}
	return int64(l.Value.Wides[0].Lo), true
}

// difference takes "x - y <op> length" and "length <op> x - y" apart.
func difference(c *expr.Call, schema data.Schema, op string) (x, y int, d int64, _ string, ok bool) {
	sub, lit := c.Args[0], c.Args[1]
	if _, first := sub.(*expr.Literal); first {
		sub, lit = lit, sub
		op = map[string]string{"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "="}[op]
	}
	minus, isCall := sub.(*expr.Call)
	d, isLength := length(lit)
	if !isCall || !isLength || minus.Func.Name != "-" || len(minus.Args) != 2 {
		return 0, 0, 0, "", false
	}
	x, xd, ok1 := shifted(minus.Args[0], schema)
	y, yd, ok2 := shifted(minus.Args[1], schema)
	return x, y, data.AddTime(d, yd-xd), op, ok1 && ok2
}

// intervalJoin makes the node of a join that is bounded in time.
func (b *binder) intervalJoin(j *openJoin, c *conditions) (plan.Node, bool) {
	if j.within != nil {
		if !b.joinTimes(j, c) {
			return nil, false
		}
		c.low, c.high = max(c.low, -j.within[0]), min(c.high, j.within[1])
	}
	for _, side := range []plan.Node{j.left, j.right} {
		if side.Properties().Updating {
			b.errorf(j.at, "join the rows before they are aggregated, or let the query below EMIT FINAL", "an input of this join changes rows it has emitted, and a join by time needs rows that stay")
			return nil, false
		}
	}
	n := &plan.IntervalJoin{Kind: j.kind, LeftTime: c.leftTime, RightTime: c.rightTime, Before: -c.low, After: c.high, Lateness: j.lateness}
	n.Left, n.LeftKeys = withKeys(j.left, c.left, 0)
	n.Right, n.RightKeys = withKeys(j.right, c.right, c.width)
	n.Texts = j.texts(c)
	n.On = j.on(c, len(n.Left.Schema()))
	n.Out = plan.JoinSchema(j.kind, n.Left.Schema(), n.Right.Schema())
	n.Late = j.lateRows()
	return j.withoutKeys(b.withLate(j.late, n, n.Late), len(n.Left.Schema())), true
}

// joinTimes finds the event times that WITHIN is about: of several on the left
// side, that of the table whose column the first equality names.
func (b *binder) joinTimes(j *openJoin, c *conditions) bool {
	ls, rs := j.left.Schema(), j.right.Schema()
	if c.leftTime < 0 {
		table := -1
		if len(c.left) > 0 && len(expr.Columns(c.left[0])) > 0 {
			table = j.tables[expr.Columns(c.left[0])[0]]
		}
		for i, col := range ls {
			if col.Time && (c.leftTime < 0 || j.tables[i] == table && j.tables[c.leftTime] != table) {
				c.leftTime = i
			}
		}
		c.rightTime = plan.TimeOf(rs)
	}
	if c.leftTime < 0 || c.rightTime < 0 {
		which, side := "the left side", j.left
		if c.leftTime >= 0 {
			which, side = "the right side", j.right
		}
		hint := "declare WATERMARK FOR ts AS ts - INTERVAL '5' SECOND in its CREATE STREAM, and select ts as it is"
		if losesTime(side) {
			hint = "the row that has it may be missing, after an outer join: make this join before that one, or let that one keep all rows of the side with the time"
		}
		b.errorf(j.at, hint, "%s of this join has no event time, from which WITHIN could count", which)
		return false
	}
	return true
}

// losesTime reports whether the event times of n, which has none, may have been lost
// in an outer join, where the row that has one may be missing.
func losesTime(n plan.Node) bool {
	var kind plan.JoinKind
	var inputs []plan.Node
	switch n := n.(type) {
	case *plan.Filter, *plan.Project, *plan.Shared:
		return losesTime(n.Inputs()[0])
	case *plan.IntervalJoin:
		kind, inputs = n.Kind, n.Inputs()
	case *plan.Join:
		kind, inputs = n.Kind, n.Inputs()
	}
	outer := kind == plan.JoinLeft || kind == plan.JoinRight || kind == plan.JoinFull
	return outer && slices.ContainsFunc(inputs, func(in plan.Node) bool { return plan.TimeOf(in.Schema()) >= 0 || losesTime(in) })
}

// withKeys returns n and where the parts of the key stand in it: computed ones are
// added behind its columns. The parts are over the columns from the first on.
func withKeys(n plan.Node, parts []expr.Expr, first int) (plan.Node, []int) {
	in := n.Schema()
	p := &plan.Project{Input: n}
	keys := make([]int, len(parts))
	for i, e := range parts {
		e = expr.Remap(e, func(c int) int { return c - first })
		if c, ok := e.(*expr.Column); ok {
			keys[i] = c.Index
			continue
		}
		keys[i] = len(in) + len(p.Exprs)
		p.Exprs, p.Out = append(p.Exprs, e), append(p.Out, data.Column{Name: e.String(), Type: e.Type()})
	}
	if len(p.Exprs) == 0 {
		return n, keys
	}
	var exprs []expr.Expr
	for i, c := range in {
		exprs = append(exprs, expr.NewColumn(i, c.Name, c.Type, parts[0].Span()))
	}
	p.Exprs, p.Out = append(exprs, p.Exprs...), append(append(data.Schema(nil), in...), p.Out...)
	return p, keys
}
