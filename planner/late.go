package planner

import (
	"cmp"
	"strings"

	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/parser"
	"tidemark/planner/catalog"
	"tidemark/planner/plan"
)

// lateTarget is the relation that LATE DATA TO names, and what it takes of each row.
type lateTarget struct {
	name     *parser.Name
	fill     *filling // nil inside EXPLAIN
	relation *catalog.Relation
	picks    []lateColumn // one for each column of the relation that is filled
	from     string
}

// lateColumn is a column that a late row has.
type lateColumn struct {
	name string
	typ  data.Type
	plan.LateColumn
	into int // the relation's column
}

// lateExtras are the columns that are added to those of the row.
var lateExtras = []lateColumn{
	{name: "late_by", typ: data.Of(data.Interval), LateColumn: plan.LateColumn{What: plan.LateBy}},
	{name: "missed_by", typ: data.Of(data.Interval), LateColumn: plan.LateColumn{What: plan.LateMissedBy}},
	{name: "watermark", typ: data.Of(data.Timestamp), LateColumn: plan.LateColumn{What: plan.LateWatermark}},
	{name: "window_start", typ: data.Of(data.Timestamp), LateColumn: plan.LateColumn{What: plan.LateStart}},
	{name: "window_end", typ: data.Of(data.Timestamp), LateColumn: plan.LateColumn{What: plan.LateEnd}},
	{name: "reason", typ: data.Of(data.String), LateColumn: plan.LateColumn{What: plan.LateReason}},
}

// lateRow returns the columns of the input that SELECT * would have.
func (x *scoped) lateRow() []lateColumn {
	var row []lateColumn
	for i, c := range x.scope.schema {
		if !x.scope.hidden[i] && x.scope.lost[i] == nil {
			row = append(row, lateColumn{name: c.Name, typ: c.Type, LateColumn: plan.LateColumn{From: [2]int{i, -1}}})
		}
	}
	return row
}

// lateSides returns the columns of a row of either side of a join: one that both sides
// have, of one type, is that of the row's own side.
func lateSides(left, right data.Schema) []lateColumn {
	var row []lateColumn
	for i, c := range left {
		row = append(row, lateColumn{name: c.Name, typ: c.Type, LateColumn: plan.LateColumn{From: [2]int{i, -1}}})
	}
next:
	for i, c := range right {
		for k := range row[:len(left)] {
			if have := &row[k]; strings.EqualFold(have.name, c.Name) && have.typ == c.Type && have.From[1] < 0 {
				have.From[1] = i
				continue next
			}
		}
		name := c.Name
		if left.Find(name) >= 0 {
			name = "right_" + name
		}
		row = append(row, lateColumn{name: name, typ: c.Type, LateColumn: plan.LateColumn{From: [2]int{-1, i}}})
	}
	return row
}

// lateColumns returns the columns of a late row: its own, and what is added. A name
// that the row has already is put behind "late_".
func lateColumns(row []lateColumn) []lateColumn {
	taken := map[string]bool{}
	var all []lateColumn
	add := func(c lateColumn) {
		if key := strings.ToLower(c.name); !taken[key] {
			taken[key] = true
			all = append(all, c)
		}
	}
	for _, c := range row {
		add(c)
	}
	for _, c := range lateExtras {
		if taken[c.name] {
			c.name = "late_" + c.name
		}
		add(c)
	}
	return all
}

// lateTarget binds the relation that LATE DATA TO names, for rows with some columns
// of their own; nil after an error.
func (x *scoped) lateTarget(n *parser.Name, row []lateColumn) *lateTarget {
	if x.cat.Lookup(n.Text) == nil && x.cat.View(n.Text) == nil && !x.broken[strings.ToLower(n.Text)] {
		x.lateInExpression(n)
		return nil
	}
	r := x.insertTarget(n)
	if r == nil {
		return nil
	}
	t := &lateTarget{name: n, relation: r, fill: x.filled[r], from: cmp.Or(x.scope.title(), "a query")}
	switch {
	case x.explain:
		t.fill = nil
	case t.fill == nil || t.fill.bound:
		x.lateInExpression(n)
		return nil
	}
	all := lateColumns(row)
	var schema data.Schema
	for _, c := range all {
		schema = append(schema, data.Column{Name: c.name, Type: c.typ})
	}
	if !x.complete(r, schema) {
		return nil
	}
	x.use(r, true)
	ok := true
	for i, want := range r.Schema {
		if r.IsComputed(i) {
			continue
		}
		k := indexOf(schema, &parser.Name{Text: want.Name})
		switch {
		case k < 0:
			hint := "it takes those of a late row: " + list(schema.Names())
			if near := nearColumn(want.Name, schema.Names()); near != "" && strings.HasPrefix(near, "did you mean") {
				hint = near
			}
			x.errorf(n.Span(), hint, "column %s of %s has no counterpart in a late row", want.Name, r.Name)
			ok = false
		case all[k].typ != want.Type && !assignable(all[k].typ, want.Type):
			x.errorf(n.Span(), "declare it as "+all[k].typ.String(), "column %s of %s is %s, but of a late row it is %s", want.Name, r.Name, want.Type, describeType(all[k].typ))
			ok = false
		default:
			c := all[k]
			c.into = i
			t.picks = append(t.picks, c)
		}
	}
	if !ok {
		return nil
	}
	return t
}

// lateInExpression reports a clause that noteLate has not seen.
func (x *scoped) lateInExpression(n *parser.Name) {
	x.errorf(n.Span(), "put the query into a view", "LATE DATA TO is not supported in a subquery of an expression")
}

// rows describes the rows to the operator; at gives the place of a column of the scope
// in its input.
func (t *lateTarget) rows(at func(int) int) *plan.LateRows {
	l := &plan.LateRows{To: t.relation.Name, Time: -1, Last: -1}
	for _, c := range t.picks {
		col := c.LateColumn
		if col.What == plan.LateValue {
			for side, from := range col.From {
				if from >= 0 {
					col.From[side] = at(from)
				}
			}
		}
		l.Columns = append(l.Columns, col)
		l.Out = append(l.Out, data.Column{Name: c.name, Type: c.typ})
	}
	return l
}

// withLate lets the late rows of an operator go to the target, nil for none. It returns
// what stands for the operator's own result.
func (b *binder) withLate(t *lateTarget, op plan.Node, rows *plan.LateRows) plan.Node {
	if t == nil || t.fill == nil {
		return op
	}
	both := b.share(op, "the result, apart from late rows")
	n := plan.Node(&plan.LateData{Input: both, From: t.from, Out: rows.Out})
	p := &plan.Project{Input: n}
	sink := &plan.Sink{Relation: t.relation, Key: t.relation.Key, Columns: make([]int, len(t.relation.Schema))}
	for i := range sink.Columns {
		sink.Columns[i] = -1
	}
	for k, c := range t.picks {
		want := t.relation.Schema[c.into]
		e := expr.Expr(expr.NewColumn(k, c.name, c.typ, t.name.Span()))
		if c.typ != want.Type {
			cast, err := expr.NewCast(e, want.Type, false, t.name.Span())
			if e = b.check(cast, err, t.name.Span()); e == nil {
				return both
			}
		}
		p.Exprs, p.Out = append(p.Exprs, e), append(p.Out, data.Column{Name: want.Name, Type: want.Type})
		sink.Columns[c.into] = k
	}
	sink.Input = p
	ins := &parser.Insert{Node: t.name.Node, Table: t.name}
	if b.required(ins, t.relation, sink) && b.sinkRules(ins, t.relation, sink) {
		t.fill.sinks, t.fill.places = append(t.fill.sinks, sink), append(t.fill.places, place{b.file, t.name.Span()})
	}
	return both
}

// noteLate finds the relations that LATE DATA TO names: those statements have to be
// bound before what reads them. One that is not declared is a stream in memory with
// all the columns of a late row.
func (b *binder) noteLate(tasks []*task) {
	for _, t := range tasks {
		b.file = t.file
		for _, n := range lateNames(t.statement) {
			if b.broken[strings.ToLower(n.Text)] || t.cat.View(n.Text) != nil {
				continue
			}
			r := t.cat.Lookup(n.Text)
			if r == nil {
				if r = b.cat.Lookup(n.Text); r == nil {
					r = &catalog.Relation{Name: n.Text, File: b.file, Span: n.Span()}
					b.pending[r] = &pendingRelation{}
					b.created = append(b.created, r)
				}
				for _, other := range tasks {
					if other.cat.Lookup(n.Text) == nil && other.cat.View(n.Text) == nil {
						other.cat.Add(r)
					}
				}
				if b.cat.Lookup(n.Text) == nil {
					b.cat.Add(r)
				}
			}
			if r.Use == catalog.SourceOnly || t.statement.Explain != nil {
				continue
			}
			f := b.filled[r]
			if f == nil {
				f = &filling{relation: r}
				b.filled[r] = f
				b.fills = append(b.fills, f)
			}
			f.lates = append(f.lates, t)
		}
	}
}
