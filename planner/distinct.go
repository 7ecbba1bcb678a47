package planner

import (
	"slices"

	"tidemark/operators/agg"
	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/parser"
	"tidemark/parser/source"
	"tidemark/planner/plan"
)

// distinctOn binds DISTINCT ON: to columns of the result where it names them, else
// to columns added behind them.
func (x *scoped) distinctOn(s *parser.Select, exprs []expr.Expr, out data.Schema) ([]int, []expr.Expr, data.Schema, bool) {
	on := []int{}
	ok := true
	o := *x
	o.clause = "DISTINCT ON"
	for _, d := range s.DistinctOn {
		c, reported := x.outputColumn(d, out)
		if reported {
			ok = false
			continue
		}
		if c < 0 {
			e := o.bind(d)
			if e == nil {
				ok = false
				continue
			}
			c = slices.IndexFunc(exprs, func(have expr.Expr) bool { return expr.Equal(have, e) })
			if c < 0 {
				c = len(out)
				exprs, out = append(exprs, e), append(out, data.Column{Name: e.String(), Type: e.Type()})
			}
		}
		on = append(on, c)
	}
	return on, exprs, out, ok
}

// firstOf keeps the first row for each value of the columns on, in the order of
// keys, or of arrival without them. Where it may change, the first of all rows is an
// aggregate of them as one value.
func (b *binder) firstOf(s *parser.Select, rows *plan.Project, on []int, keys []plan.SortKey) (*plan.Project, bool) {
	at := s.DistinctOn[0].Span()
	in := rows.Schema()
	if len(keys) == 0 && !rows.Properties().Updating {
		p := &plan.Project{Input: &plan.First{Input: rows, Key: on}, Out: in}
		for i, c := range in {
			p.Exprs = append(p.Exprs, expr.NewColumn(i, c.Name, c.Type, at))
		}
		return p, true
	}
	columns := make([]expr.Expr, len(in))
	for i, c := range in {
		columns[i] = expr.NewColumn(i, c.Name, c.Type, at)
	}
	whole, err := expr.NewCall("ROW", columns, at)
	if whole = b.check(whole, err, at); whole == nil {
		return nil, false
	}
	spec := agg.Spec{Name: "FIRST_VALUE", Args: []data.Type{whole.Type()}, Updating: rows.Properties().Updating}
	p := &plan.Project{Input: rows, Exprs: append(columns, whole)}
	p.Out = append(append(data.Schema(nil), in...), data.Column{Name: "the row", Type: whole.Type()})
	call := plan.AggCall{Cols: []int{len(in)}, Filter: -1, Text: "the first row"}
	for _, k := range keys {
		spec.Order = append(spec.Order, agg.OrderKey{Type: in[k.Column].Type, Desc: k.Desc, NullsFirst: k.NullsFirst})
		call.Cols = append(call.Cols, k.Column)
	}
	if call.Func, err = agg.Resolve(spec); err != nil {
		b.report(err, at)
		return nil, false
	}
	a := &plan.Aggregate{Input: p, Time: -1, Keys: on, Emit: plan.EmitChanges, Aggs: []plan.AggCall{call}}
	for _, k := range on {
		a.Out = append(a.Out, data.Column{Name: in[k].Name, Type: in[k].Type})
	}
	row := expr.NewColumn(len(on), "the row", call.Func.Result, at)
	a.Out = append(a.Out, data.Column{Name: "the row", Type: call.Func.Result})
	out := &plan.Project{Input: a}
	for i, c := range in {
		if k := slices.Index(on, i); k >= 0 {
			out.Exprs = append(out.Exprs, expr.NewColumn(k, c.Name, c.Type, source.Span{}))
		} else {
			f, err := expr.NewField(row, row.Type().Fields()[i].Name, at)
			if f = b.check(f, err, at); f == nil {
				return nil, false
			}
			out.Exprs = append(out.Exprs, f)
		}
		out.Out = append(out.Out, data.Column{Name: c.Name, Type: c.Type})
	}
	return out, true
}
