package planner

import (
	"tidemark/operators/expr"
	"tidemark/parser"
	"tidemark/planner/catalog"
	"tidemark/planner/plan"
)

// lookupSide binds a foreign table on the right side of a join, whose rows can be
// looked up but not read; nil when it is something else.
func (b *binder) lookupSide(t *parser.TableRef) (plan.Node, *scope, bool) {
	if t.Name == nil || len(t.Columns) > 0 || b.ctes.find(t.Name) != nil || b.cat.View(t.Name.Text) != nil {
		return nil, nil, true
	}
	r := b.cat.Lookup(t.Name.Text)
	if r == nil || r.InMemory() || r.Use == catalog.SinkOnly || b.filled[r] != nil || !b.conns.Lookups(r) {
		return nil, nil, true
	}
	if b.pending[r] != nil {
		b.errorf(t.Name.Span(), "list them: CREATE TABLE "+display(r.Name)+" (name TYPE, …)", "the columns of %s must be declared", r.Name)
		return nil, nil, false
	}
	b.use(r, true)
	n := &plan.Lookup{Relation: r}
	for i := range r.Schema {
		if r.IsComputed(i) || r.IsMetadata(i) {
			b.errorf(t.Name.Span(), "compute it in the query", "rows of %s are looked up, and column %s is none of its table", r.Name, r.Schema[i].Name)
			return nil, nil, false
		}
		n.Columns = append(n.Columns, i)
	}
	s := &scope{relation: r, from: t.Span(), outer: b.outer}
	name := t.Name
	if t.Alias != nil {
		name = t.Alias
	}
	s.add(name, n.Schema())
	return n, s, true
}

func isLookup(n plan.Node) bool {
	_, is := n.(*plan.Lookup)
	return is
}

// lookupJoin makes the node of a join with a foreign table.
func (b *binder) lookupJoin(j *openJoin) (plan.Node, bool) {
	c := understand(j.preds, bothSchemas(j), len(j.left.Schema()), false)
	name := j.right.(*plan.Lookup).Relation.Name
	switch {
	case j.asof || j.within != nil || j.temporal:
		b.errorf(j.at, "write JOIN "+name+" FOR SYSTEM_TIME AS OF PROCTIME() ON …, or plain JOIN", "%s is a foreign table without a history: rows are looked up in it as it is", name)
		return nil, false
	case j.kind != plan.JoinInner && j.kind != plan.JoinLeft:
		b.errorf(j.at, "write JOIN or LEFT JOIN", "%s JOIN with %s is not supported: rows are looked up in it, and it is never read as a whole", j.kind, name)
		return nil, false
	case j.left.Properties().Updating:
		b.errorf(j.at, "join the rows before they are aggregated, or let the query below EMIT FINAL", "the left side of this join changes rows it has emitted, and what was looked up for them may be another now")
		return nil, false
	case j.lateness > 0 || j.late != nil:
		b.errorf(j.at, "leave ALLOWED LATENESS and LATE DATA TO out", "no row of this join is ever late: it has no bound in time")
		return nil, false
	}
	if !b.lookupKeys(j, c) {
		return nil, false
	}
	if len(c.left) == 0 {
		b.errorf(j.at, "write ON a.key = "+display(name)+".key", "rows are looked up in %s by columns of it that are equal to something of the left side", name)
		return nil, false
	}
	n := &plan.Join{Mode: plan.JoinLookup, Kind: j.kind, LeftTime: -1, RightTime: -1}
	return b.joined(j, c, n), true
}

// lookupKeys leaves the columns of the table among what must be equal, by which it is
// asked, each converted to its type. The others are tested on what is found.
func (b *binder) lookupKeys(j *openJoin, c *conditions) bool {
	var left, right []expr.Expr
	seen := map[int]bool{}
	for i, r := range c.right {
		if cast, isCast := r.(*expr.Cast); isCast {
			if _, isColumn := cast.X.(*expr.Column); isColumn {
				r = cast.X
			}
		}
		col, isColumn := r.(*expr.Column)
		exact := isColumn && r == c.right[i]
		if isColumn && !seen[col.Index] {
			value := c.left[i]
			if !exact {
				cast, err := expr.NewCast(value, r.Type(), true, value.Span())
				if value = b.check(cast, err, value.Span()); value == nil {
					return false
				}
			}
			seen[col.Index] = true
			left, right = append(left, value), append(right, r)
			if exact {
				continue
			}
		}
		eq, err := expr.NewCall("=", []expr.Expr{c.left[i], c.right[i]}, r.Span())
		if eq = b.check(eq, err, r.Span()); eq == nil {
			return false
		}
		c.rest = append(c.rest, eq)
	}
	c.left, c.right = left, right
	return true
}
