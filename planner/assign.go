package planner

import (
	"fmt"
	"strings"

	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/parser"
	"tidemark/parser/source"
	"tidemark/planner/catalog"
	"tidemark/planner/plan"
)

// assign casts the query's columns to the types of those they fill.
func (b *binder) assign(ins *parser.Insert, r *catalog.Relation, into []int, out plan.Node) (plan.Node, bool) {
	in := out.Schema()
	p := &plan.Project{Input: out}
	ok, casts := true, false
	for k, c := range into {
		want, have := r.Schema[c], in[k]
		at := columnSpan(ins.Query, k, len(in))
		e := expr.Expr(expr.NewColumn(k, have.Name, have.Type, at))
		if have.Type != want.Type {
			casts = true
			literal, isLiteral := literalOf(out, k)
			if isLiteral && literal.Type().Kind == data.String || assignable(have.Type, want.Type) {
				from := e
				if isLiteral {
					from = literal
				}
				cast, err := expr.NewCast(from, want.Type, false, at)
				if e = b.check(cast, err, at); e == nil {
					ok = false
					continue
				}
			} else {
				b.errorf(at, assignHint(r, in, into, want, have), "column %s of %s is %s, but the query gives it %s, which is %s",
					want.Name, r.Name, want.Type, have.Name, describeType(have.Type))
				ok = false
			}
			have = data.Column{Name: want.Name, Type: want.Type}
		}
		p.Exprs, p.Out = append(p.Exprs, e), append(p.Out, have)
	}
	if !casts {
		return out, ok
	}
	return p, ok
}

// literalOf returns the constant that column k of a query is, if it is one.
func literalOf(n plan.Node, k int) (*expr.Literal, bool) {
	p, ok := n.(*plan.Project)
	if !ok {
		return nil, false
	}
	l, ok := p.Exprs[k].(*expr.Literal)
	return l, ok
}

// assignHint names the cast, or the list of columns when the query has them all
// in another order.
func assignHint(r *catalog.Relation, in data.Schema, into []int, want, have data.Column) string {
	same := true
	for _, c := range into {
		same = same && in.Find(r.Schema[c].Name) >= 0
	}
	if same {
		return "columns are matched by their order; say which is which: INSERT INTO " + r.Name + " (" + strings.Join(in.Names(), ", ") + ")"
	}
	if (have.Type.Kind == data.String || want.Type.Kind == data.String) && want.Type.Kind != data.Interval {
		return fmt.Sprintf("convert it: CAST(%s AS %s)", have.Name, want.Type)
	}
	return ""
}

// assignable reports whether a value of one type is converted to another when it
// is stored: the assignment casts of PostgreSQL.
func assignable(from, to data.Type) bool {
	switch {
	case from.Kind == to.Kind, from.Kind == data.Unknown:
		return true
	case from.Numeric() && to.Numeric():
		return true
	case from.Nested() && to.Kind == data.JSON, from.Kind == data.JSON && to.Nested():
		return true
	case to.Kind == data.String:
		return from.Kind != data.Bytes
	case from.Kind == data.Date && to.Kind == data.Timestamp:
		return true
	case from.Kind == data.Timestamp:
		return to.Kind == data.Date || to.Kind == data.Time
	}
	return false
}

// columnSpan returns the place of a query's column k, or the query's.
func columnSpan(q *parser.Query, k, columns int) source.Span {
	switch t := q.First; {
	case t.Select != nil && len(q.Rest) == 0:
		return itemSpan(t.Select, k, columns)
	case t.Values != nil && len(q.Rest) == 0 && k < len(t.Values.Rows[0].Exprs):
		return t.Values.Rows[0].Exprs[k].Span()
	}
	return q.Span()
}

// itemSpan returns the place of the query's column k: of its item, or of the *
// that it comes from.
func itemSpan(s *parser.Select, k, columns int) source.Span {
	perStar, stars := 0, 0
	for _, it := range s.Items {
		if it.Star {
			stars++
		}
	}
	if stars > 0 {
		perStar = (columns - (len(s.Items) - stars)) / stars
	}
	for _, it := range s.Items {
		n := 1
		if it.Star {
			n = perStar
		}
		if k < n {
			return it.Span()
		}
		k -= n
	}
	return s.Span()
}
