package planner

import (
	"strings"

	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/parser"
	"tidemark/parser/source"
	"tidemark/planner/plan"
)

// tableFunction binds a function that gives rows.
func (b *binder) tableFunction(f *parser.TableFunction) (plan.Node, bool) {
	name := strings.ToUpper(f.Name.Text)
	switch name {
	case "GENERATE_SERIES":
		return b.series(f)
	default:
		hint := "FROM knows TUMBLE, HOP, CUMULATE, SESSION, UNNEST and GENERATE_SERIES"
		if near := source.Near(name, []string{"UNNEST", "GENERATE_SERIES", "TUMBLE", "HOP", "CUMULATE", "SESSION"}); near != "" {
			hint = "did you mean " + near + "?"
		}
		b.errorf(f.Name.Span(), hint, "there is no function %s that gives rows", f.Name.Text)
	}
	return nil, false
}

// series binds GENERATE_SERIES(from, to [, step]).
func (b *binder) series(f *parser.TableFunction) (plan.Node, bool) {
	const form = "write GENERATE_SERIES(1, 10) or GENERATE_SERIES(1, 10, 2)"
	x := &scoped{binder: b, scope: &scope{outer: b.outer}, clause: "GENERATE_SERIES"}
	var args []expr.Expr
	for _, a := range f.Args {
		if a.Expr == nil || a.Name != nil {
			b.errorf(a.Span(), form, "GENERATE_SERIES takes values")
			return nil, false
		}
		e := x.bind(a.Expr)
		if e == nil {
			return nil, false
		}
		args = append(args, fold(e))
	}
	if len(args) < 2 || len(args) > 3 {
		b.errorf(f.Span(), form, "GENERATE_SERIES takes a first value, a last one, and at most a step, not %s", count(len(args), "argument"))
		return nil, false
	}
	ends, t, err := expr.Unify(args[:2], "the first and the last value")
	if err != nil {
		b.report(err, f.Span())
		return nil, false
	}
	step := data.Of(data.Interval)
	switch {
	case t.Integer():
		t = data.Of(data.BigInt)
		step = t
	case t.Kind == data.Decimal:
		step = t
		if len(args) == 3 {
			if c, ok := expr.Common(t, args[2].Type()); ok {
				t, step = c, c
			}
		}
	case t.Kind == data.Date:
		t = data.Of(data.Timestamp)
	case t.Kind == data.Timestamp:
	default:
		b.errorf(f.Span(), form, "GENERATE_SERIES counts numbers or timestamps, not %s", describeType(t))
		return nil, false
	}
	if len(args) == 2 {
		if step.Kind == data.Interval {
			b.errorf(f.Span(), "add one: GENERATE_SERIES(first, last, INTERVAL '1' HOUR)", "a series of timestamps needs a step")
			return nil, false
		}
		args = append(args, expr.IntLiteral(1, f.Span()))
	}
	n := &plan.Series{Out: data.Schema{{Name: "generate_series", Type: t}}}
	for i, slot := range []*expr.Expr{&n.From, &n.To, &n.Step} {
		e, want := args[i], t
		if i < 2 {
			e = ends[i]
		} else {
			want = step
		}
		cast, err := expr.NewCast(e, want, false, e.Span())
		if cast = b.check(cast, err, e.Span()); cast == nil {
			return nil, false
		}
		*slot = fold(cast)
	}
	return n, true
}

// unnestCall returns the UNNEST that a table reference is, or nil.
func unnestCall(t *parser.TableRef) *parser.TableFunction {
	if t.Function != nil && strings.EqualFold(t.Function.Name.Text, "UNNEST") {
		return t.Function
	}
	return nil
}

// unnest repeats the rows of node for the elements of an array, which may be
// computed from the row. With outer, rows without elements are kept.
func (b *binder) unnest(node plan.Node, s *scope, t *parser.TableRef, outer bool) (plan.Node, *scope, bool) {
	node, good := b.closeJoins(node, nil)
	if !good {
		return nil, nil, false
	}
	f := unnestCall(t)
	if len(f.Args) != 1 || f.Args[0].Expr == nil {
		b.errorf(f.Span(), "write UNNEST(array) AS t(element)", "UNNEST takes one array")
		return nil, nil, false
	}
	e := (&scoped{binder: b, scope: s, clause: "UNNEST"}).bind(f.Args[0].Expr)
	if e == nil {
		return nil, nil, false
	}
	at := f.Args[0].Expr.Span()
	elements, ok := b.elementColumns(e, at)
	if !ok {
		return nil, nil, false
	}
	if f.Ordinality {
		elements = append(elements, data.Column{Name: "ordinality", Type: data.Of(data.BigInt)})
	}
	if len(t.Columns) > len(elements) {
		b.errorf(t.Columns[len(elements)].Span(), "leave the names behind it out", "UNNEST gives only %s here", count(len(elements), "column"))
		return nil, nil, false
	}
	if len(t.Columns) == 0 && t.Alias != nil && len(elements) == 1 {
		elements[0].Name = t.Alias.Text // as PostgreSQL names it
	}
	for i, n := range t.Columns {
		elements[i].Name = n.Text
	}
	// The array stands behind the row's own columns, and goes after the unnesting.
	in := node.Schema()
	p := &plan.Project{Input: node}
	for i, c := range in {
		p.Exprs, p.Out = append(p.Exprs, expr.NewColumn(i, c.Name, c.Type, at)), append(p.Out, c)
	}
	p.Exprs, p.Out = append(p.Exprs, e), append(p.Out, data.Column{Name: e.String(), Type: e.Type()})
	u := &plan.Unnest{Input: p, Array: len(in), Ordinality: f.Ordinality, Outer: outer}
	u.Out = append(append(data.Schema(nil), p.Out...), elements...)
	out := &plan.Project{Input: u}
	for i, c := range u.Out {
		if i != len(in) {
			out.Exprs, out.Out = append(out.Exprs, expr.NewColumn(i, c.Name, c.Type, at)), append(out.Out, c)
		}
	}
	fresh := *s
	fresh.schema = append(data.Schema(nil), s.schema...)
	fresh.tables = append([]int(nil), s.tables...)
	fresh.names = append([]*parser.Name(nil), s.names...)
	fresh.add(t.Alias, elements)
	return out, &fresh, true
}

// elementColumns are the columns that the elements of an array or map become.
func (b *binder) elementColumns(e expr.Expr, at source.Span) (data.Schema, bool) {
	t := e.Type()
	switch {
	case t.Kind == data.Map:
		return data.Schema{{Name: "key", Type: t.Key()}, {Name: "value", Type: t.Elem()}}, true
	case t.Kind == data.Array && t.Elem().Kind == data.Row:
		var s data.Schema
		for _, f := range t.Elem().Fields() {
			s = append(s, data.Column{Name: f.Name, Type: f.Type})
		}
		return s, true
	case t.Kind == data.Array:
		return data.Schema{{Name: "unnest", Type: t.Elem()}}, true
	}
	hint := ""
	if t.Kind == data.JSON || t.Kind == data.String {
		hint = "convert it: CAST(" + e.String() + " AS ARRAY<STRING>)"
	}
	b.errorf(at, hint, "UNNEST takes an array apart, but %s is %s", e, describeType(t))
	return nil, false
}
