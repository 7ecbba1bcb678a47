package planner

import (
	"slices"

	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/parser"
	"tidemark/parser/source"
	"tidemark/planner/plan"
)

// asOf binds FOR SYSTEM_TIME AS OF, which looks each row of the left side up in the
// right one as it was at a time.
func (b *binder) asOf(t *parser.TableRef, ls *scope, n *openJoin) bool {
	switch {
	case t.AsOf == nil:
		return true
	case n.kind != plan.JoinInner && n.kind != plan.JoinLeft:
		b.errorf(t.AsOf.Span(), "write JOIN or LEFT JOIN", "%s JOIN FOR SYSTEM_TIME AS OF is not supported: each row of the left side is looked up on the right", n.kind)
		return false
	case n.asof:
		b.errorf(t.AsOf.Span(), "write JOIN … FOR SYSTEM_TIME AS OF, or ASOF JOIN alone", "ASOF JOIN says by its ON as of when the right side is looked at")
		return false
	}
	if isProcTime(t.AsOf) {
		return b.asOfNow(t, n)
	}
	e := (&scoped{binder: b, scope: ls, clause: "FOR SYSTEM_TIME AS OF"}).bind(t.AsOf)
	if e == nil {
		return false
	}
	c, isColumn := e.(*expr.Column)
	if !isColumn || c.Index >= len(ls.schema) || !ls.schema[c.Index].Time {
		b.errorf(t.AsOf.Span(), "write FOR SYSTEM_TIME AS OF "+ls.timeName()+", of a stream that declares WATERMARK FOR it", "a table can be looked at as of an event time of the left side, and %s is none", oneLine(text(b.file, t.AsOf.Span())))
		return false
	}
	n.temporal, n.time = true, c.Index
	return true
}

// asOfNow checks FOR SYSTEM_TIME AS OF PROCTIME(), which looks at the table as it is when a
// row comes: a foreign one, or one that does not change.
func (b *binder) asOfNow(t *parser.TableRef, n *openJoin) bool {
	if isLookup(n.right) || b.isDimension(n.right) {
		return true
	}
	b.errorf(t.AsOf.Span(), "write FOR SYSTEM_TIME AS OF the event time of the left side", "PROCTIME() would give each row whatever happens to be there when it comes, which no second run could repeat")
	return false
}

// temporalJoin makes the node of a join with a table as it was at a time.
func (b *binder) temporalJoin(j *openJoin) (plan.Node, bool) {
	c := understand(j.preds, bothSchemas(j), len(j.left.Schema()), false)
	name := j.sideName(c.width, "the right side")
	if j.left.Properties().Updating {
		b.errorf(j.at, "join the rows before they are aggregated, or let the query below EMIT FINAL", "the left side of this join changes rows it has emitted, and a join as of a time needs rows that stay")
		return nil, false
	}
	if i := instantsOf(j.right); i != nil {
		return b.frameJoin(j, c, i, name)
	}
	v := versionsOf(j.right)
	switch {
	case v == nil || len(v.key) == 0:
		b.errorf(j.at, "declare it with CREATE TABLE and a PRIMARY KEY; to find the last row of a stream, write ASOF JOIN", "%s has no key by which its rows would replace one another, so that it has no state as of a time", name)
		return nil, false
	case plan.TimeOf(v.rows.Schema()) < 0:
		b.errorf(j.at, "declare WATERMARK FOR ts AS ts - INTERVAL '5' SECOND in its CREATE TABLE, and select ts as it is", "%s has no event time, from which its rows would hold", name)
		return nil, false
	}
	c.rest = append(c.rest, v.conditions(c.width)...)
	if !b.wholeKey(j, c, v.key, "a table", name) {
		return nil, false
	}
	n := &plan.Join{Mode: plan.JoinAsof, Versioned: true, Ends: v.computed, Kind: j.kind, LeftTime: j.time, RightTime: plan.TimeOf(v.rows.Schema()), Tolerance: -1, Lateness: j.lateness}
	rest := c.rest
	c.rest, c.leftTime, c.rightTime = nil, n.LeftTime, n.RightTime
	s := *j
	s.right = v.rows
	return s.where(b.joined(&s, c, n), rest), true
}

// wholeKey leaves the columns of the key of what is looked up among those that must be
// equal, and makes conditions of the others.
func (b *binder) wholeKey(j *openJoin, c *conditions, key []int, what, name string) bool {
	var left, right []expr.Expr
	var found []int
	for i, r := range c.right {
		col, isColumn := r.(*expr.Column)
		if isColumn && slices.Contains(key, col.Index-c.width) && !slices.Contains(found, col.Index-c.width) {
			found = append(found, col.Index-c.width)
			left, right = append(left, c.left[i]), append(right, r)
			continue
		}
		eq, err := expr.NewCall("=", []expr.Expr{c.left[i], r}, r.Span())
		if eq = b.check(eq, err, r.Span()); eq == nil {
			return false
		}
		c.rest = append(c.rest, eq)
	}
	if len(found) < len(key) {
		s := j.right.Schema()
		names := make([]string, len(key))
		for i, k := range key {
			names[i] = display(s[k].Name)
		}
		b.errorf(j.at, "add to ON what each of its columns is equal to", "%s is looked up as of a time by its whole key, which for %s is %s", what, name, list(names))
		return false
	}
	c.left, c.right = left, right
	return true
}

// where leaves of a join's rows those for which conditions are true; of a LEFT join, it
// takes the right side away from the others.
func (j *openJoin) where(n plan.Node, conditions []expr.Expr) plan.Node {
	if len(conditions) == 0 || j.kind == plan.JoinInner {
		return filtered(n, conditions)
	}
	on := expr.And(conditions)
	p := &plan.Project{Input: n}
	for i, c := range n.Schema() {
		col := expr.Expr(expr.NewColumn(i, c.Name, c.Type, j.at))
		if i >= len(j.left.Schema()) {
			if e, err := expr.NewCase([]expr.When{{Cond: on, Then: col}}, nil, j.at); err == nil {
				col = e
			}
		}
		p.Exprs, p.Out = append(p.Exprs, col), append(p.Out, c)
	}
	return p
}

// versions are rows each of which holds from its event time on, until the next one of
// its key.
type versions struct {
	rows plan.Node
	key  []int
	// preds leave out versions while they hold: there is no row then.
	preds []expr.Expr
	// computed says that rows are taken back by their old values, which do not tell when.
	computed bool
}

// conditions are the preds over the columns of a join whose left side has so many.
func (v *versions) conditions(width int) []expr.Expr {
	out := make([]expr.Expr, len(v.preds))
	for i, p := range v.preds {
		out[i] = expr.Remap(p, func(c int) int { return width + c })
	}
	return out
}

// versionsOf returns the versions of the rows of a table, nil where n is none: those
// that replace one another by key, the last row of each key, or a changelog of a query
// with a key.
func versionsOf(n plan.Node) *versions {
	switch n := n.(type) {
	case *plan.Upsert:
		return &versions{rows: n.Input, key: n.Key, computed: n.Input.Properties().Updating}
	case *plan.Shared:
		if v := versionsOf(n.Input); v != nil && !v.computed {
			return v
		}
	case *plan.TopN:
		if v := lastRows(n); v != nil {
			return v
		}
	case *plan.Filter:
		if v := versionsOf(n.Input); v != nil && !v.computed {
			v.preds = append(v.preds, n.Pred)
			return v
		}
	case *plan.Project:
		if v := versionsOf(n.Input); v != nil && !v.computed {
			if v = v.projected(n); v != nil {
				return v
			}
		}
	}
	if p := n.Properties(); len(p.Key) > 0 {
		return &versions{rows: n, key: p.Key, computed: true}
	}
	return nil
}

// projected are the versions behind a projection that passes on the key and what the
// preds read; nil where it does not.
func (v *versions) projected(n *plan.Project) *versions {
	p := &plan.Project{Input: v.rows, Exprs: slices.Clone(n.Exprs), Out: slices.Clone(n.Out)}
	at := map[int]int{}
	for i, e := range p.Exprs {
		c, isColumn := e.(*expr.Column)
		if !isColumn {
			continue
		}
		if _, ok := at[c.Index]; !ok {
			at[c.Index] = i
		}
		p.Out[i].Time = v.rows.Schema()[c.Index].Time
	}
	out := &versions{rows: p, computed: v.computed}
	for _, k := range v.key {
		to, ok := at[k]
		if !ok {
			return nil
		}
		out.key = append(out.key, to)
	}
	for _, pred := range v.preds {
		for _, c := range expr.Columns(pred) {
			if _, ok := at[c]; !ok {
				return nil
			}
		}
		out.preds = append(out.preds, expr.Remap(pred, func(c int) int { return at[c] }))
	}
	return out
}

// lastRows are the versions that ROW_NUMBER() OVER (PARTITION BY key ORDER BY ts DESC) = 1
// keeps the last of: all rows. Nil where n is something else.
func lastRows(n *plan.TopN) *versions {
	in := n.Input.Schema()
	if n.N != 1 || len(n.Order) != 1 || !n.Order[0].Desc || !in[n.Order[0].Column].Time || n.Input.Properties().Updating || len(n.Partition) == 0 {
		return nil
	}
	if !n.Number {
		return &versions{rows: n.Input, key: n.Partition}
	}
	p := &plan.Project{Input: n.Input}
	for i, c := range in {
		p.Exprs, p.Out = append(p.Exprs, expr.NewColumn(i, c.Name, c.Type, source.Span{})), append(p.Out, c)
	}
	one := data.NewConst(data.Of(data.BigInt))
	one.AppendInt(1)
	p.Exprs, p.Out = append(p.Exprs, expr.NewLiteral(one, source.Span{})), append(p.Out, data.Column{Name: n.Name, Type: one.Type})
	return &versions{rows: p, key: n.Partition}
}
