package planner

import (
	"math"

	"tidemark/operators/expr"
	"tidemark/parser"
	"tidemark/planner/plan"
)

const asofForm = "write a ASOF JOIN b ON a.key = b.key AND b.ts <= a.ts"

// asof binds what is particular to ASOF JOIN: TOLERANCE, and USING, whose last column
// is the time.
func (x *scoped) asof(j *parser.Join, n *openJoin) bool {
	n.asof, n.tolerance = j.Asof, -1
	switch {
	case !j.Asof && j.Tolerance != nil:
		x.errorf(j.Tolerance.Span(), "write ASOF JOIN, or JOIN … WITHIN", "TOLERANCE belongs to ASOF JOIN")
		return false
	case !j.Asof:
		return true
	case n.kind != plan.JoinInner && n.kind != plan.JoinLeft:
		x.errorf(j.Span(), "write ASOF JOIN or ASOF LEFT JOIN", "ASOF %s JOIN is not supported: each row of the left side is looked up on the right", n.kind)
		return false
	case len(j.Within) > 0:
		x.errorf(j.Within[0].Span(), "write TOLERANCE INTERVAL '10' MINUTE behind the ON", "how old a match of ASOF JOIN may be is said by TOLERANCE")
		return false
	}
	if j.Tolerance != nil {
		d, ok := x.constantLength(j.Tolerance, "TOLERANCE", "write TOLERANCE INTERVAL '10' MINUTE")
		if ok && d < 0 {
			x.errorf(j.Tolerance.Span(), "write TOLERANCE INTERVAL '10' MINUTE", "TOLERANCE cannot be negative")
			return false
		}
		n.tolerance = d
		return ok
	}
	return true
}

// asofJoin makes the node of an ASOF join.
func (b *binder) asofJoin(j *openJoin) (plan.Node, bool) {
	c, above, ok := b.asofConditions(j)
	if !ok {
		return nil, false
	}
	if j.left.Properties().Updating || j.right.Properties().Updating {
		which, remedy := "left", "join the rows before they are aggregated, or let the query below EMIT FINAL"
		if !j.left.Properties().Updating {
			which, remedy = "right", "for a table as it was at a time write FOR SYSTEM_TIME AS OF that time; else "+remedy
		}
		b.errorf(j.at, remedy, "the %s side of this join changes rows it has emitted, and ASOF JOIN needs rows that stay", which)
		return nil, false
	}
	if i := instantsOf(j.right); i != nil && i.frames() {
		b.warnf(j.at, "write JOIN … FOR SYSTEM_TIME AS OF "+j.name(c.leftTime, bothSchemas(j))+" to compute them as of that time", "ASOF JOIN finds the last row of %s, whose frames end at the time of that row: they are as old as it is", j.sideName(c.width, "the right side"))
	}
	tolerance := j.tolerance
	if c.low != math.MinInt64 {
		if tolerance < 0 {
			tolerance = -c.low
		}
		tolerance = min(tolerance, -c.low)
	}
	if tolerance >= 0 && tolerance < -c.high {
		b.warnf(j.at, "", "the right rows must be at least %s old and at most %s: no row has a match", plan.Duration(-c.high), plan.Duration(tolerance))
	}
	if len(c.rest) > 0 && tolerance < 0 {
		b.errorf(c.rest[0].Span(), "add TOLERANCE INTERVAL '10' MINUTE behind the ON; or filter the result in WHERE, which leaves out rows whose last match is another", "a condition on both sides may choose an older row of %s, so that all of them would have to be kept", j.sideName(c.width, "the right side"))
		return nil, false
	}
	n := &plan.Join{Mode: plan.JoinAsof, Kind: j.kind, LeftTime: c.leftTime, RightTime: c.rightTime, Back: -c.high, Tolerance: tolerance, Lateness: j.lateness}
	return j.where(b.joined(j, c, n), above), true
}

// asofConditions sorts the conditions of an ASOF join, and gives those of one side to it:
// above are those on the left side that its rows without a match do not have to fulfil. The
// rest, on both sides, chooses among the right rows.
func (b *binder) asofConditions(j *openJoin) (c *conditions, above []expr.Expr, ok bool) {
	ls, rs := j.left.Schema(), j.right.Schema()
	c = understand(j.preds, bothSchemas(j), len(ls), true)
	switch {
	case c.high == math.MaxInt64 && (plan.TimeOf(ls) < 0 || plan.TimeOf(rs) < 0):
		which := "the left side"
		if plan.TimeOf(ls) >= 0 {
			which = "the right side"
		}
		b.errorf(j.at, "declare WATERMARK FOR ts AS ts - INTERVAL '5' SECOND in its CREATE STREAM, and select ts as it is", "%s of this join has no event time, by which ASOF JOIN could find the last row", which)
		return nil, nil, false
	case c.high == math.MaxInt64:
		b.errorf(j.at, asofForm, "this ASOF JOIN does not compare the event times of both sides")
		return nil, nil, false
	case c.high > 0:
		b.errorf(j.at, asofForm, "ASOF JOIN finds the last row at or before each row of the left side, not rows that come up to %s after it", plan.Duration(c.high))
		return nil, nil, false
	}
	var rest []expr.Expr
	for _, p := range c.rest {
		l, r := sides(p, len(ls))
		switch {
		case !l: // it chooses among the right rows
			j.right = filtered(j.right, []expr.Expr{expr.Remap(p, func(i int) int { return i - len(ls) })})
		case !r && j.kind == plan.JoinInner:
			j.left = filtered(j.left, []expr.Expr{p})
		case !r:
			above = append(above, p)
		default:
			rest = append(rest, p)
		}
	}
	c.rest = rest
	return c, above, true
}
