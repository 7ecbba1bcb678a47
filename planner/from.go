package planner

import (
	"fmt"
	"path/filepath"
	"strings"

	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/parser"
	"tidemark/parser/source"
	"tidemark/planner/catalog"
	"tidemark/planner/plan"
)

// from binds a FROM clause; without one there is one row without columns.
func (b *binder) from(list []*parser.TableExpr) (plan.Node, *scope, bool) {
	node, s := plan.Node(&plan.Values{Rows: [][]expr.Expr{nil}}), &scope{outer: b.outer}
	if len(list) == 0 {
		return node, s, true
	}
	for i, t := range list {
		var ok bool
		if node, s, ok = b.tableExpr(node, s, t, i > 0); !ok {
			return nil, nil, false
		}
	}
	return node, s, true
}

// tableExpr adds one item of FROM to what stands before it.
func (b *binder) tableExpr(node plan.Node, s *scope, t *parser.TableExpr, joined bool) (plan.Node, *scope, bool) {
	switch {
	case joined && unnestCall(t.First) == nil:
		b.errorf(t.First.Span(), "", "joining relations, also by a comma in FROM, is not supported yet")
		return nil, nil, false
	case joined || unnestCall(t.First) != nil:
		var ok bool
		if node, s, ok = b.unnest(node, s, t.First); !ok {
			return nil, nil, false
		}
	default:
		var ok bool
		if node, s, ok = b.table(t.First); !ok {
			return nil, nil, false
		}
	}
	for _, j := range t.Joins {
		if unnestCall(j.Right) == nil || j.Kind != "CROSS" && j.Kind != "INNER" && j.Kind != "" || j.Asof {
			kind := strings.TrimSpace(j.Kind + " JOIN")
			if j.Asof {
				kind = "ASOF " + kind
			}
			b.errorf(j.Span(), "", "%s is not supported yet", kind)
			return nil, nil, false
		}
		var ok bool
		if node, s, ok = b.unnest(node, s, j.Right); !ok {
			return nil, nil, false
		}
		if j.On != nil {
			on := (&scoped{binder: b, scope: s, clause: "ON"}).condition(j.On, "ON")
			if on == nil {
				return nil, nil, false
			}
			node = &plan.Filter{Input: node, Pred: on}
		}
	}
	return node, s, true
}

// table binds one relation, view, file, function or query of FROM.
func (b *binder) table(t *parser.TableRef) (plan.Node, *scope, bool) {
	if t.AsOf != nil {
		b.errorf(t.AsOf.Span(), "", "FOR SYSTEM_TIME AS OF is not supported yet")
		return nil, nil, false
	}
	if len(t.Options) > 0 && t.File == nil {
		b.errorf(t.Options[0].Span(), "give the options in the CREATE of the relation", "only a file named in FROM takes options")
		return nil, nil, false
	}
	var node plan.Node
	var relation *catalog.Relation
	name, ok := t.Name, false
	switch {
	case t.Nested != nil:
		if t.Alias == nil {
			return b.tableExpr(nil, &scope{}, t.Nested, false)
		}
		b.errorf(t.Alias.Span(), "name the tables inside of the parentheses", "a join in parentheses cannot be given a name")
		return nil, nil, false
	case t.Query != nil:
		outer := b.outer
		if !t.Lateral {
			b.outer = nil
		}
		node, ok = b.query(t.Query)
		b.outer = outer
	case t.Function != nil:
		name = t.Function.Name
		node, ok = b.tableFunction(t.Function)
	case t.File != nil:
		if relation = b.fileRelation(t); relation != nil {
			name = &parser.Name{Node: t.Node, Text: relation.Name}
			node, ok = b.scan(relation, t.Span())
		}
	default:
		node, relation, ok = b.named(t.Name)
	}
	if !ok {
		return nil, nil, false
	}
	if t.Alias != nil {
		name = t.Alias
	}
	if len(t.Columns) > 0 {
		what := "the table"
		if name != nil {
			what = name.Text
		}
		if node, ok = b.renamed(node, t.Columns, what); !ok {
			return nil, nil, false
		}
	} else if f, isSeries := node.(*plan.Series); isSeries && t.Alias != nil {
		f.Out[0].Name = t.Alias.Text // FROM GENERATE_SERIES(1, 3) AS n: n is the column too
	}
	s := &scope{relation: relation, from: t.Span(), outer: b.outer}
	s.add(name, node.Schema())
	return node, s, true
}

// named binds a common table expression, view or relation.
func (b *binder) named(n *parser.Name) (plan.Node, *catalog.Relation, bool) {
	if c := b.ctes.find(n); c != nil {
		return c.plan, nil, c.plan != nil
	}
	if v := b.cat.View(n.Text); v != nil {
		bound := b.bindView(v)
		return bound.plan, nil, bound.ok
	}
	r := b.cat.Lookup(n.Text)
	if r == nil {
		if !b.broken[strings.ToLower(n.Text)] {
			b.errorf(n.Span(), b.nearRelation(n.Text), "there is no stream, table or view %s", n.Text)
		}
		return nil, nil, false
	}
	node, ok := b.scan(r, n.Span())
	return node, r, ok
}

// fileRelation makes a relation of a file named in FROM; each file is one.
func (b *binder) fileRelation(t *parser.TableRef) *catalog.Relation {
	path := *t.File
	key := path
	for _, o := range t.Options {
		key += "\x00" + text(b.file, o.Span())
	}
	if r := b.files[key]; r != nil {
		return r
	}
	opts, ok := b.options(t.Options)
	if !ok {
		return nil
	}
	defaults, err := b.conns.FileRelation(path)
	if err != nil && len(opts) == 0 {
		b.errorf(t.Span(), "name the format: FROM '"+path+"' WITH (format = 'json')", "%s", err)
		return nil
	}
	if defaults == nil {
		defaults = map[string]string{"connector": "file", "path": path}
	}
	r := &catalog.Relation{Name: fileName(path), File: b.file, Span: t.Span(), Options: opts}
	for _, k := range []string{"connector", "path"} {
		r.Options = append(r.Options, catalog.Option{Key: k, Value: defaults[k], Span: t.Span()})
	}
	b.pending[r] = &pendingRelation{}
	b.created = append(b.created, r)
	b.files[key] = r
	return r
}

// fileName is what a file is called in a query: its name without its suffixes.
func fileName(path string) string {
	name := filepath.Base(path)
	if dot := strings.IndexByte(name, '.'); dot > 0 {
		name = name[:dot]
	}
	return name
}

// tableFunction binds a function that gives rows.
func (b *binder) tableFunction(f *parser.TableFunction) (plan.Node, bool) {
	name := strings.ToUpper(f.Name.Text)
	switch name {
	case "GENERATE_SERIES":
		return b.series(f)
	case "TUMBLE", "HOP", "CUMULATE", "SESSION":
		b.errorf(f.Span(), "write it in GROUP BY: GROUP BY "+name+"(ts, INTERVAL '5' MINUTE)", "%s in FROM is not supported yet", name)
	default:
		hint := "FROM knows UNNEST and GENERATE_SERIES"
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
// computed from the row.
func (b *binder) unnest(node plan.Node, s *scope, t *parser.TableRef) (plan.Node, *scope, bool) {
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
	u := &plan.Unnest{Input: p, Array: len(in), Ordinality: f.Ordinality}
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

// unbounded returns a relation that a plan reads and that has no end, or nil.
func (b *binder) unbounded(n plan.Node) *catalog.Relation {
	var found *catalog.Relation
	plan.Walk(n, func(n plan.Node) {
		if s, ok := n.(*plan.Scan); ok && found == nil && !b.conns.Bounded(s.Relation) {
			found = s.Relation
		}
	})
	return found
}

func (b *binder) needBounded(n plan.Node, at source.Span, what, hint string) bool {
	r := b.unbounded(n)
	if r != nil {
		b.errorf(at, hint, "%s", fmt.Sprintf("%s needs the whole result, and %s has no end", what, r.Name))
	}
	return r == nil
}
