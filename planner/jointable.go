package planner

import (
	"tidemark/operators/expr"
	"tidemark/parser"
	"tidemark/planner/plan"
)

// tableJoin makes the node of a join that time does not bound: with a side that is
// read to its end first, or of both sides as they change.
func (b *binder) tableJoin(j *openJoin) (plan.Node, bool) {
	c := understand(j.preds, bothSchemas(j), len(j.left.Schema()), false)
	n := &plan.Join{Mode: plan.JoinTables, Kind: j.kind, LeftTime: -1, RightTime: -1}
	leftEnds, rightEnds := b.unbounded(j.left) == nil, b.unbounded(j.right) == nil
	changing := j.left.Properties().Updating && j.right.Properties().Updating
	ttl := parseLength(b.result.Settings["state_ttl"])
	switch {
	case j.kind != plan.JoinRight && j.kind != plan.JoinFull && b.isDimension(j.right) && !(changing && leftEnds):
		n.Mode = plan.JoinLoaded
	case (j.kind == plan.JoinInner || j.kind == plan.JoinRight) && b.isDimension(j.left) && !(changing && rightEnds):
		return b.swapped(j)
	case ttl > 0 && passes(j.left) && passes(j.right):
		n.TTL = ttl
	case leftEnds && rightEnds:
		if ttl > 0 {
			b.warnf(j.at, ttlRemedy, "state_ttl goes by the watermark, and %s has none: no row of this join is forgotten before the end", b.timelessSide(j, c))
			b.ttlIdle = true
		}
	default:
		b.refuseTableJoin(j, c, ttl)
		return nil, false
	}
	if j.lateness > 0 || j.late != nil {
		b.errorf(j.at, "leave ALLOWED LATENESS and LATE DATA TO out", "no row of this join is ever late: it has no bound in time")
		return nil, false
	}
	return b.joined(j, c, n), true
}

// isDimension reports whether a side of a join is what rows of the other are looked
// up in: it ends, and is a table or has no time of its own.
func (b *binder) isDimension(n plan.Node) bool {
	return b.unbounded(n) == nil && (plan.TimeOf(n.Schema()) < 0 || isKeyed(n))
}

// isKeyed reports whether n is a table whose rows replace one another.
func isKeyed(n plan.Node) bool {
	switch n := n.(type) {
	case *plan.Upsert:
		return true
	case *plan.Filter, *plan.Project, *plan.Shared:
		return isKeyed(n.Inputs()[0])
	}
	return false
}

// swapped makes the node of a join with its sides exchanged, and puts the columns back
// to their places.
func (b *binder) swapped(j *openJoin) (plan.Node, bool) {
	left, right := len(j.left.Schema()), len(j.right.Schema())
	other := func(c int) int {
		if c < left {
			return right + c
		}
		return c - left
	}
	s := &openJoin{left: j.right, right: j.left, kind: plan.JoinInner, at: j.at, lateness: j.lateness, late: j.late, names: make([]*parser.Name, len(j.names))}
	if j.kind == plan.JoinRight {
		s.kind = plan.JoinLeft
	}
	for c, name := range j.names {
		s.names[other(c)] = name
	}
	for _, p := range j.preds {
		s.preds = append(s.preds, expr.Remap(p, other))
	}
	n, ok := b.tableJoin(s)
	if !ok {
		return nil, false
	}
	in := n.Schema()
	p := &plan.Project{Input: n}
	for c := range left + right {
		from := other(c)
		p.Exprs, p.Out = append(p.Exprs, expr.NewColumn(from, in[from].Name, in[from].Type, j.at)), append(p.Out, in[from])
	}
	return p, true
}

// passes reports whether a watermark comes with the rows of n.
func passes(n plan.Node) bool {
	switch n := n.(type) {
	case *plan.Scan:
		return n.Time >= 0
	case *plan.Watermark, *plan.Values, *plan.Series: // constants end at once
		return true
	}
	for _, in := range n.Inputs() {
		if !passes(in) {
			return false
		}
	}
	return true
}

// refuseTableJoin says why a join of sides without an end cannot be run.
func (b *binder) refuseTableJoin(j *openJoin, c *conditions, ttl int64) {
	left, right := j.sideName(0, "the left side"), j.sideName(c.width, "the right side")
	const within = "write JOIN … WITHIN INTERVAL '10' MINUTE ON …, or bound both times: AND b.ts BETWEEN a.ts AND a.ts + INTERVAL '10' MINUTE"
	time := plan.TimeOf(j.left.Schema())
	switch {
	case ttl > 0:
		b.errorf(j.at, ttlRemedy, "state_ttl goes by the watermark, and %s has none", b.timelessSide(j, c))
	case isKeyed(j.right) && !j.left.Properties().Updating && time >= 0 && (j.kind == plan.JoinInner || j.kind == plan.JoinLeft):
		b.errorf(j.at, "say as of when: JOIN "+right+" FOR SYSTEM_TIME AS OF "+left+"."+display(j.left.Schema()[time].Name)+" ON …; or SET state_ttl = '1 hour', and both are joined as they change",
			"%s changes while rows of %s come: what a row is joined with would depend on when it comes", right, left)
	case j.left.Properties().Updating || j.right.Properties().Updating:
		b.errorf(j.at, "SET state_ttl = '1 hour' forgets rows that have not changed for so long; or join the rows before they are aggregated", "a side of this join may change at any time, so that none of the rows could ever be forgotten")
	default:
		b.errorf(j.at, within+"; or SET state_ttl = '1 hour' to join what came in the last hour", "nothing bounds how far apart in time the rows of this join may be, so that none could ever be forgotten")
	}
}

// timelessSide names the side of a join that has no watermark, the left one where both have
// none.
func (b *binder) timelessSide(j *openJoin, c *conditions) string {
	if passes(j.left) {
		return j.sideName(c.width, "the right side")
	}
	return j.sideName(0, "the left side")
}

// sideName is what the table of a column is called, or a stand-in.
func (j *openJoin) sideName(column int, unnamed string) string {
	if column < len(j.names) && j.names[column] != nil {
		return display(j.names[column].Text)
	}
	return unnamed
}
