package planner

import (
	"fmt"
	"slices"
	"strconv"

	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/parser"
	"tidemark/parser/source"
	"tidemark/planner/plan"
)

// order binds ORDER BY: to columns of the result where it names them, else to
// columns added behind them.
func (x *scoped) order(s *parser.Select, order []*parser.SortKey, exprs []expr.Expr, out data.Schema) ([]plan.SortKey, []expr.Expr, data.Schema, bool) {
	var keys []plan.SortKey
	ok := true
	shown := out[:len(out):len(out)]
	o := *x
	o.clause = "ORDER BY"
	for _, k := range order {
		c, reported := x.outputColumn(k.Expr, shown)
		if reported {
			ok = false
			continue
		}
		if c < 0 {
			e := o.bind(k.Expr)
			if e != nil && o.group != nil && !o.group.failed {
				e = o.finish(e)
			}
			if e == nil {
				ok = false
				continue
			}
			c = slices.IndexFunc(exprs, func(have expr.Expr) bool { return expr.Equal(have, e) })
			switch {
			case c >= 0:
			case s.Distinct && len(s.DistinctOn) == 0:
				x.errorf(k.Expr.Span(), "select it too", "with SELECT DISTINCT, ORDER BY can only name columns of the result")
				ok = false
				continue
			default:
				c = len(out)
				exprs, out = append(exprs, e), append(out, data.Column{Name: e.String(), Type: e.Type()})
			}
		}
		keys = append(keys, sortKey(k, c))
	}
	return keys, exprs, out, ok
}

// limits evaluates LIMIT, -1 without one, and OFFSET.
func (b *binder) limits(q *parser.Query) (limit, offset int64, ok bool) {
	limit, ok = -1, true
	if q.Limit != nil {
		limit, ok = b.rowCount(q.Limit, "LIMIT")
	}
	if q.Offset != nil {
		n, good := b.rowCount(q.Offset, "OFFSET")
		offset, ok = n, ok && good
	}
	return limit, offset, ok
}

func (b *binder) rowCount(e *parser.Expr, what string) (int64, bool) {
	form := "write a number, as in " + what + " 10"
	if b.readsColumn(e, what+" must be a constant number of rows", form) {
		return 0, false
	}
	x := (&scoped{binder: b, scope: &scope{}, clause: what}).bind(e)
	if x == nil {
		return 0, false
	}
	c, err := expr.NewCast(x, data.Of(data.BigInt), false, e.Span())
	if c = nil2(c, err); c != nil {
		if l, ok := fold(c).(*expr.Literal); ok && !l.IsNull() && l.Value.Ints[0] >= 0 {
			return l.Value.Ints[0], true
		}
	}
	b.errorf(e.Span(), form, "%s must be a constant number of rows, not %s", what, x)
	return 0, false
}

// nil2 returns e, nil where there was an error.
func nil2(e expr.Expr, err error) expr.Expr {
	if err != nil {
		return nil
	}
	return e
}

// sorted adds ORDER BY, LIMIT and OFFSET, and takes away the columns that only
// the order needed.
func (b *binder) sorted(q *parser.Query, n plan.Node, keys []plan.SortKey, limit, offset int64) (plan.Node, bool) {
	width := len(n.Schema())
	if p, ok := n.(*hiddenColumns); ok {
		n, width = p.Project, p.shown
	}
	if len(keys) == 0 && limit < 0 && offset == 0 {
		return shown(n, width), true
	}
	if r := b.unbounded(n); r != nil {
		switch {
		case len(keys) > 0:
			b.errorf(q.OrderBy[0].Span(), "leave ORDER BY out; or order what a window holds", "ORDER BY needs the whole result, and %s has no end", r.Name)
			return nil, false
		case n.Properties().Updating:
			b.errorf(q.Span(), "leave LIMIT out", "LIMIT over rows that are updated needs the whole result, and %s has no end", r.Name)
			return nil, false
		}
	}
	return shown(&plan.Sort{Input: n, Keys: keys, Limit: limit, Offset: offset}, width), true
}

// shown is n without the columns from width on.
func shown(n plan.Node, width int) plan.Node {
	out := n.Schema()
	if width == len(out) {
		return n
	}
	p := &plan.Project{Input: n, Out: out[:width:width]}
	for i, c := range p.Out {
		p.Exprs = append(p.Exprs, expr.NewColumn(i, c.Name, c.Type, source.Span{}))
	}
	return p
}

// hiddenColumns is a projection whose last columns are there for ORDER BY alone.
type hiddenColumns struct {
	*plan.Project
	shown int
}

// orderOutput binds an ORDER BY over the columns of a result.
func (b *binder) orderOutput(order []*parser.SortKey, out data.Schema) ([]plan.SortKey, bool) {
	var keys []plan.SortKey
	ok := true
	for _, k := range order {
		c, found := b.outputColumn(k.Expr, out)
		if c < 0 {
			ok = false
			if !found {
				b.errorf(k.Expr.Span(), "order by columns of the result: "+list(out.Names())+"; or put the query into FROM and select from it",
					"ORDER BY of combined queries can only name columns of their result")
			}
			continue
		}
		keys = append(keys, sortKey(k, c))
	}
	return keys, ok
}

func sortKey(k *parser.SortKey, column int) plan.SortKey {
	first := k.Desc // as in PostgreSQL, NULL is greater than any value
	if k.Nulls != "" {
		first = k.Nulls == "FIRST"
	}
	return plan.SortKey{Column: column, Desc: k.Desc, NullsFirst: first}
}

// outputColumn returns the column of the result that an expression of ORDER BY
// names, by its position or name; -1 when it names none. found is true when that
// has been reported.
func (b *binder) outputColumn(e *parser.Expr, out data.Schema) (column int, found bool) {
	switch n := e.X.(type) {
	case *parser.Literal:
		if n.Kind != parser.IntegerLiteral {
			return -1, false
		}
		i, err := strconv.Atoi(n.Text)
		if err != nil || i < 1 || i > len(out) {
			b.errorf(e.Span(), fmt.Sprintf("the result has %s", count(len(out), "column")), "ORDER BY %s names no column of the result", n.Text)
			return -1, true
		}
		return i - 1, false
	case *parser.Ref:
		if len(n.Parts) == 1 {
			return indexOf(out, n.Parts[0]), false
		}
	}
	return -1, false
}
