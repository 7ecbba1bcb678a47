package planner

import (
	"fmt"
	"strconv"

	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/parser"
	"tidemark/planner/plan"
)

// values binds VALUES: the items of a column meet in one type.
func (b *binder) values(v *parser.Values) (plan.Node, bool) {
	n, ok := b.valuesOf(v, func(_ int, e expr.Expr) (expr.Expr, bool) { return e, true }, nil)
	if !ok {
		return nil, false
	}
	for i := range n.Out {
		column := make([]expr.Expr, len(n.Rows))
		for r, row := range n.Rows {
			column[r] = row[i]
		}
		same, t, err := expr.Unify(column, "the values of a column")
		if err != nil {
			b.report(err, v.Span())
			ok = false
			continue
		}
		if t.Kind == data.Unknown { // NULLs: text, as in PostgreSQL
			t = data.Of(data.String)
		}
		for r, e := range same {
			if e.Type() != t {
				cast, err := expr.NewCast(e, t, false, e.Span())
				if e = b.check(cast, err, e.Span()); e == nil {
					return nil, false
				}
			}
			n.Rows[r][i] = e
		}
		n.Out[i].Type = t
	}
	return n, ok
}

// valuesOf binds the rows of VALUES; convert makes of the item of a column what
// it is to be. types are the columns' types, nil when they are to be found out.
func (b *binder) valuesOf(v *parser.Values, convert func(column int, e expr.Expr) (expr.Expr, bool), types []data.Type) (*plan.Values, bool) {
	x := &scoped{binder: b, scope: &scope{outer: b.outer}, clause: "VALUES"}
	n := &plan.Values{}
	ok := true
	width := len(v.Rows[0].Exprs)
	for i := range width {
		c := data.Column{Name: "column" + strconv.Itoa(i+1)}
		if types != nil {
			c.Type = types[i]
		}
		n.Out = append(n.Out, c)
	}
	for _, row := range v.Rows {
		if len(row.Exprs) != width {
			b.errorf(row.Span(), fmt.Sprintf("give every row %s", count(width, "value")), "this row has %s, and the first one has %d", count(len(row.Exprs), "value"), width)
			return nil, false
		}
		bound := make([]expr.Expr, width)
		for i, e := range row.Exprs {
			item := x.bind(e)
			if item == nil {
				ok = false
				continue
			}
			var good bool
			bound[i], good = convert(i, item)
			ok = ok && good
		}
		n.Rows = append(n.Rows, bound)
	}
	return n, ok
}
