package planner

import (
	"math"

	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/parser"
	"tidemark/planner/plan"
)

// closed makes the node of a join whose conditions are known.
func (b *binder) closed(j *openJoin) (plan.Node, bool) {
	switch {
	case j.asof && !isLookup(j.right):
		return b.asofJoin(j)
	case isLookup(j.right):
		return b.lookupJoin(j)
	case j.temporal:
		return b.temporalJoin(j)
	}
	c := understand(j.preds, bothSchemas(j), len(j.left.Schema()), true)
	if j.within == nil {
		if n, ok, is := b.windowJoin(j, c); is {
			return n, ok
		}
		if c.low == math.MinInt64 || c.high == math.MaxInt64 {
			return b.tableJoin(j)
		}
	}
	return b.intervalJoin(j, c)
}

// columnTables returns the table of each column.
func (s *scope) columnTables() []*parser.Name {
	names := make([]*parser.Name, len(s.schema))
	for i, t := range s.tables {
		names[i] = s.names[t]
	}
	return names
}

func bothSchemas(j *openJoin) data.Schema {
	return append(append(data.Schema(nil), j.left.Schema()...), j.right.Schema()...)
}

// joined completes a node with the sides of a join and the keys that its conditions
// make equal.
func (b *binder) joined(j *openJoin, c *conditions, n *plan.Join) plan.Node {
	n.Left, n.LeftKeys = withKeys(j.left, c.left, 0)
	n.Right, n.RightKeys = withKeys(j.right, c.right, c.width)
	n.Texts, n.On = j.texts(c), j.on(c, len(n.Left.Schema()))
	n.SetSchema()
	n.Late = j.lateRows()
	return j.withoutKeys(b.withLate(j.late, n, n.Late), len(n.Left.Schema()))
}

// lateRows describes what LATE DATA TO takes of both sides; nil without. What was added
// to them stands behind their columns.
func (j *openJoin) lateRows() *plan.LateRows {
	if j.late == nil {
		return nil
	}
	return j.late.rows(func(c int) int { return c })
}

// withoutKeys drops the computed parts of the keys from a join's result again. wide
// is how many columns the left side has with them.
func (j *openJoin) withoutKeys(n plan.Node, wide int) plan.Node {
	left, right := len(j.left.Schema()), len(j.right.Schema())
	out := n.Schema()
	p := &plan.Project{Input: n}
	for i, col := range out {
		if i < left || i >= wide && i < wide+right {
			p.Exprs, p.Out = append(p.Exprs, expr.NewColumn(i, col.Name, col.Type, j.at)), append(p.Out, col)
		}
	}
	if len(p.Out) == len(out) {
		return n
	}
	return p
}

// on is what is left of the conditions, over the columns of both sides with the
// computed parts of their keys; nil when nothing is. wide is how many columns the left
// side has with them.
func (j *openJoin) on(c *conditions, wide int) expr.Expr {
	if len(c.rest) == 0 {
		return nil
	}
	return expr.Map(j.told(expr.And(c.rest)), func(e expr.Expr) expr.Expr {
		col, ok := e.(*expr.Column)
		if !ok || col.Index < c.width {
			return e
		}
		return expr.NewColumn(wide+col.Index-c.width, col.Name, col.Type(), col.Span())
	})
}

// texts writes the conditions for EXPLAIN.
func (j *openJoin) texts(c *conditions) plan.JoinTexts {
	var t plan.JoinTexts
	for i := range c.left {
		t.Keys = append(t.Keys, j.told(c.left[i]).String()+" = "+j.told(c.right[i]).String())
	}
	if both := bothSchemas(j); c.leftTime >= 0 && c.rightTime >= 0 {
		t.LeftTime, t.RightTime = j.name(c.leftTime, both), j.name(c.rightTime+c.width, both)
	}
	return t
}

// told is an expression over both sides in which columns that both have are called
// with their tables.
func (j *openJoin) told(e expr.Expr) expr.Expr {
	both := bothSchemas(j)
	return expr.Map(e, func(e expr.Expr) expr.Expr {
		c, ok := e.(*expr.Column)
		if !ok || c.Index >= len(both) {
			return e
		}
		return expr.NewColumn(c.Index, j.name(c.Index, both), c.Type(), c.Span())
	})
}

// name is what a column is called in EXPLAIN.
func (j *openJoin) name(c int, both data.Schema) string {
	name := both[c].Name
	for i, other := range both {
		if i == c || other.Name != name || c >= len(j.names) {
			continue
		}
		if t := j.names[c]; t != nil {
			return t.Text + "." + name
		}
	}
	return name
}
