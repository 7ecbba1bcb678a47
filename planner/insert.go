package planner

import (
	"fmt"
	"strings"

	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/parser"
	"tidemark/planner/catalog"
	"tidemark/planner/plan"
)

// insert binds one INSERT INTO a relation.
func (b *binder) insert(ins *parser.Insert, target *catalog.Relation) *plan.Sink {
	b.use(target, true)
	// into[k] is the target's column that the query's column k fills.
	var into []int
	known := b.pending[target] == nil && !ins.ByName
	good := true
	if known {
		into, good = b.insertColumns(ins, target, nil)
	}
	out, ok := b.insertRows(ins, target, into)
	if !ok || !good || !b.runnable(out) || !b.complete(target, out.Schema()) {
		return nil
	}
	in := out.Schema()
	if !known {
		if into, ok = b.insertColumns(ins, target, in); !ok {
			return nil
		}
	}
	if len(in) != len(into) {
		names := make([]string, len(into))
		for k, c := range into {
			names[k] = target.Schema[c].Name
		}
		b.errorf(ins.Query.Span(), target.Name+" takes "+strings.Join(names, ", "),
			"the query has %s, but %s takes %d", count(len(in), "column"), target.Name, len(into))
		return nil
	}
	out, ok = b.assign(ins, target, into, out)
	if !ok {
		return nil
	}
	sink := &plan.Sink{Input: out, Relation: target, Key: target.Key, Columns: make([]int, len(target.Schema))}
	for i := range sink.Columns {
		sink.Columns[i] = -1
	}
	for k, c := range into {
		sink.Columns[c] = k
	}
	if !b.listsRows(ins, target) || !b.required(ins, target, sink) || !b.sinkRules(ins, target, sink) {
		return nil
	}
	return sink
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func (b *binder) insertTarget(n *parser.Name) *catalog.Relation {
	if v := b.cat.View(n.Text); v != nil {
		b.errorf(n.Span(), "insert into a stream or table", "%s is a view, which cannot be filled", v.Name)
		return nil
	}
	r := b.cat.Lookup(n.Text)
	switch {
	case r == nil:
		if !b.broken[strings.ToLower(n.Text)] {
			b.errorf(n.Span(), b.nearRelation(n.Text), "there is no stream or table %s", n.Text)
		}
	case r.Use == catalog.SourceOnly:
		b.errorf(n.Span(), "declare it with CREATE STREAM to read and to write it", "%s is declared as a SOURCE, which cannot be filled", r.Name)
		return nil
	}
	return r
}

// insertRows binds the query of an INSERT. The items of VALUES are converted one by
// one to the types of the columns that they fill, where these are known.
func (b *binder) insertRows(ins *parser.Insert, target *catalog.Relation, into []int) (plan.Node, bool) {
	q := ins.Query
	v := q.First.Values
	if v == nil || len(q.With) > 0 || len(q.Rest) > 0 || len(q.OrderBy) > 0 || q.Limit != nil || q.Offset != nil || len(into) != len(v.Rows[0].Exprs) {
		return b.query(q)
	}
	want := make([]data.Type, len(into))
	for k, c := range into {
		want[k] = target.Schema[c].Type
	}
	return b.valuesOf(v, func(i int, e expr.Expr) (expr.Expr, bool) {
		l, isLiteral := e.(*expr.Literal)
		switch {
		case e.Type() == want[i]:
			return e, true
		case isLiteral && l.Type().Kind == data.String, assignable(e.Type(), want[i]):
			cast, err := expr.NewCast(e, want[i], false, e.Span())
			e = b.check(cast, err, e.Span())
			return e, e != nil
		}
		name := target.Schema[into[i]].Name
		b.errorf(e.Span(), "convert it: CAST("+e.String()+" AS "+want[i].String()+")", "column %s of %s is %s, but this value is %s", name, target.Name, want[i], describeType(e.Type()))
		return nil, false
	}, want)
}

// insertColumns returns the target's columns that those of a query fill: the ones
// listed, those of the same names, or all that are stored, in order.
func (b *binder) insertColumns(ins *parser.Insert, r *catalog.Relation, out data.Schema) (into []int, ok bool) {
	names := ins.Columns
	switch {
	case ins.ByName && len(ins.Columns) > 0:
		b.errorf(ins.Columns[0].Span(), "leave the list of columns or BY NAME out", "columns are either listed or matched by name")
		return nil, false
	case ins.ByName:
		for k, c := range out {
			at := columnSpan(ins.Query, k, len(out))
			n := &parser.Name{Text: c.Name, Quoted: indexOf(r.Schema, &parser.Name{Text: c.Name, Quoted: true}) >= 0}
			n.Pos.Offset, n.EndPos.Offset = at.Start, at.End
			names = append(names, n)
		}
	case len(ins.Columns) == 0:
		for i := range r.Schema {
			if !r.IsComputed(i) && !r.IsMetadata(i) {
				into = append(into, i)
			}
		}
		return into, true
	}
	ok = true
	seen := map[int]bool{}
	for _, n := range names {
		c := indexOf(r.Schema, n)
		switch {
		case c < 0:
			b.errorf(n.Span(), nearColumn(n.Text, r.Schema.Names()), "there is no column %s in %s", n.Text, r.Name)
			ok = false
		case r.IsComputed(c):
			b.errorf(n.Span(), "leave it out", "column %s of %s is computed, and cannot be filled", r.Schema[c].Name, r.Name)
			ok = false
		case r.InMemory() && r.IsMetadata(c):
			b.errorf(n.Span(), "leave it out", "column %s of %s is PROCTIME(), when the row is inserted, and cannot be filled", r.Schema[c].Name, r.Name)
			ok = false
		case seen[c]:
			b.errorf(n.Span(), "leave it out", "column %s is listed twice", n.Text)
			ok = false
		default:
			seen[c] = true
			into = append(into, c)
		}
	}
	return into, ok
}
