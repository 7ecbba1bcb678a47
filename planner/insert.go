package planner

import (
	"fmt"
	"slices"
	"strings"

	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/parser"
	"tidemark/parser/source"
	"tidemark/planner/catalog"
	"tidemark/planner/plan"
)

// filling is a relation and the statements that fill it.
type filling struct {
	relation *catalog.Relation
	inserts  []*inserting
	binding  bool
	bound    bool
	ok       bool
	sinks    []*plan.Sink
	// rows is what all of them put in, in the relation's columns, once somebody
	// reads it or there are several.
	rows *plan.Shared
	read plan.Node // what reading the relation gives
}

// inserting is an INSERT INTO, or the AS of a CREATE.
type inserting struct {
	insert *parser.Insert // nil for a CREATE … AS
	query  *parser.Query
	at     source.Span
	name   *parser.Name
	cat    *catalog.Catalog
}

// noteInsert finds the relation that an INSERT fills; nil when it is none.
func (b *binder) noteInsert(ins *parser.Insert) *filling {
	r := b.cat.Lookup(ins.Table.Text)
	if r == nil || r.Use == catalog.SourceOnly {
		return nil
	}
	return b.note(r, &inserting{insert: ins, query: ins.Query, at: ins.Span(), name: ins.Table, cat: b.cat})
}

func (b *binder) note(r *catalog.Relation, in *inserting) *filling {
	f := b.filled[r]
	if f == nil {
		f = &filling{relation: r}
		b.filled[r] = f
		b.fills = append(b.fills, f)
	}
	f.inserts = append(f.inserts, in)
	return f
}

// bindFilling binds the statements that fill a relation, once.
func (b *binder) bindFilling(f *filling) bool {
	if f.bound || f.binding {
		return f.ok
	}
	f.binding, f.ok = true, true
	inner := *b
	inner.ctes, inner.outer, inner.explain = nil, nil, false
	for _, in := range f.inserts {
		inner.cat = in.cat
		ins := in.insert
		if ins == nil {
			ins = &parser.Insert{Node: in.name.Node, Table: in.name, Query: in.query}
		}
		sink := inner.insert(ins, f.relation)
		if sink == nil {
			f.ok = false
			continue
		}
		f.sinks = append(f.sinks, sink)
	}
	b.take(&inner)
	f.binding, f.bound = false, true
	return f.ok
}

// readFilled binds the reading of a relation that the script fills: of the rows
// that its INSERTs make.
func (b *binder) readFilled(f *filling, at source.Span) (plan.Node, bool) {
	if f.binding {
		b.errorf(at, "read what fills it, or fill another relation", "reading %s here would feed it with its own rows", f.relation.Name)
		return nil, false
	}
	if !b.bindFilling(f) {
		return nil, false
	}
	if f.read != nil {
		return f.read, true
	}
	rows := b.rows(f)
	node, ok := b.received(f.relation, rows, at)
	if !ok {
		return nil, false
	}
	if f.read = node; node != plan.Node(rows) {
		f.read = &plan.Shared{Input: node, Name: f.relation.Name}
	}
	return f.read, true
}

// rows returns what a relation is filled with, for all who need it to share.
func (b *binder) rows(f *filling) *plan.Shared {
	if f.rows != nil {
		return f.rows
	}
	var branches []plan.Node
	for _, s := range f.sinks {
		branches = append(branches, stored(s))
	}
	node := branches[0]
	if len(branches) > 1 {
		u := &plan.Union{Branches: branches, Out: append(data.Schema(nil), branches[0].Schema()...)}
		for _, n := range branches[1:] {
			for i, c := range n.Schema() {
				u.Out[i].Time = u.Out[i].Time && c.Time
			}
		}
		node = u
	}
	f.rows = &plan.Shared{Input: node, Name: f.relation.Name}
	return f.rows
}

// stored lays the columns of a query out as its sink has them.
func stored(s *plan.Sink) plan.Node {
	in := s.Input.Schema()
	p := &plan.Project{Input: s.Input}
	for i, c := range s.Relation.Schema {
		k := s.Columns[i]
		if k < 0 {
			p.Exprs = append(p.Exprs, expr.NullLiteral(c.Type, source.Span{}))
			p.Out = append(p.Out, data.Column{Name: c.Name, Type: c.Type})
			continue
		}
		p.Exprs = append(p.Exprs, expr.NewColumn(k, in[k].Name, in[k].Type, source.Span{}))
		p.Out = append(p.Out, data.Column{Name: c.Name, Type: c.Type, Time: in[k].Time})
	}
	return p
}

// received is the reading of rows that the script itself puts into a relation:
// with its computed columns, its key and its watermark.
func (b *binder) received(r *catalog.Relation, n plan.Node, at source.Span) (plan.Node, bool) {
	if r.Computed != nil {
		values, ok := b.computedColumns(r)
		if !ok {
			return nil, false
		}
		p := &plan.Project{Input: n, Exprs: columnsOr(values, r.Schema), Out: append(data.Schema(nil), n.Schema()...)}
		for i, v := range values {
			if v != nil {
				p.Out[i] = data.Column{Name: r.Schema[i].Name, Type: v.Type()}
			}
		}
		n = p
	}
	if w := r.Watermark; w != nil && !n.Schema()[w.Column].Time {
		if n.Properties().Updating {
			b.errorf(at, "leave the WATERMARK out of "+r.Name+", or fill it with rows that do not change", "%s has a watermark, and is filled with rows that are updated", r.Name)
			return nil, false
		}
		n = &plan.Watermark{Input: n, Time: w.Column, Delay: w.Delay}
	}
	if len(r.Key) > 0 && !n.Properties().Updating {
		n = &plan.Upsert{Input: n, Key: r.Key}
	} else if f := b.filled[r]; len(r.Key) > 0 && f != nil && len(f.sinks) > 1 {
		n = &plan.Upsert{Input: n, Key: r.Key}
	}
	return n, true
}

// finishSinks makes the queries that fill relations, one for each.
func (b *binder) finishSinks() {
	for _, f := range b.fills {
		if !f.bound || !f.ok {
			continue
		}
		sink := f.sinks[0]
		if f.rows != nil || len(f.sinks) > 1 {
			sink = &plan.Sink{Input: b.rows(f), Relation: f.relation, Key: f.relation.Key, Columns: identity(len(f.relation.Schema))}
		}
		b.addQuery(sink, f.relation.Name, f.inserts[0].at)
	}
	slices.SortStableFunc(b.result.Queries, func(x, y *plan.Query) int { return x.Span.Start - y.Span.Start })
	slices.SortStableFunc(b.result.Items, func(x, y Item) int { return x.start() - y.start() })
}

func (it Item) start() int {
	if it.Explain != nil {
		return it.Explain.Span.Start
	}
	return it.Query.Span.Start
}

// insert binds one INSERT INTO a relation.
func (b *binder) insert(ins *parser.Insert, target *catalog.Relation) *plan.Sink {
	out, ok := b.insertRows(ins, target)
	b.use(target, true)
	if !ok {
		return nil
	}
	if !b.complete(target, out.Schema()) {
		return nil
	}
	// into[k] is the target's column that the query's column k fills.
	into, good := b.insertColumns(ins, target, out.Schema())
	if !good {
		return nil
	}
	in := out.Schema()
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
	if !b.required(ins, target, sink) || !b.sinkRules(ins, target, sink) {
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
// one to the types of the columns that they fill.
func (b *binder) insertRows(ins *parser.Insert, target *catalog.Relation) (plan.Node, bool) {
	q := ins.Query
	v := q.First.Values
	if v == nil || len(q.With) > 0 || len(q.Rest) > 0 || len(q.OrderBy) > 0 || q.Limit != nil || q.Offset != nil || b.pending[target] != nil || ins.ByName {
		return b.query(q)
	}
	into, ok := b.insertColumns(ins, target, nil)
	if !ok || len(into) != len(v.Rows[0].Exprs) {
		return b.query(q) // says what is wrong, and insert says more
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
	switch {
	case ins.ByName && len(ins.Columns) > 0:
		b.errorf(ins.Columns[0].Span(), "leave the list of columns or BY NAME out", "columns are either listed or matched by name")
		return nil, false
	case ins.ByName:
		for _, c := range out {
			ins.Columns = append(ins.Columns, &parser.Name{Node: ins.Query.Node, Text: c.Name})
		}
	case len(ins.Columns) == 0:
		for i := range r.Schema {
			if !r.IsComputed(i) {
				into = append(into, i)
			}
		}
		return into, true
	}
	ok = true
	seen := map[int]bool{}
	for _, n := range ins.Columns {
		c := indexOf(r.Schema, n)
		switch {
		case c < 0:
			b.errorf(n.Span(), nearColumn(n.Text, r.Schema.Names()), "there is no column %s in %s", n.Text, r.Name)
			ok = false
		case r.IsComputed(c):
			b.errorf(n.Span(), "leave it out", "column %s of %s is computed, and cannot be filled", r.Schema[c].Name, r.Name)
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

// required checks that no column that must have a value is left out.
func (b *binder) required(ins *parser.Insert, r *catalog.Relation, sink *plan.Sink) bool {
	for i, c := range sink.Columns {
		if c < 0 && r.Required[i] && !r.IsComputed(i) {
			name := r.Schema[i].Name
			b.errorf(ins.Table.Span(), "add "+display(name)+" to the list of columns", "column %s of %s must have a value, and this INSERT leaves it out", name, r.Name)
			return false
		}
	}
	return true
}

// sinkRules holds a query against what its sink can take.
func (b *binder) sinkRules(ins *parser.Insert, r *catalog.Relation, sink *plan.Sink) bool {
	at := ins.Table.Span()
	if !r.InMemory() && (r.Computed != nil || r.Metadata != nil) {
		b.errorf(at, "declare another relation for writing, without these columns", "%s has columns that are computed or tell about records, which cannot be written", r.Name)
		return false
	}
	if !sink.Input.Properties().Updating {
		return true
	}
	if r.InMemory() && len(r.Key) == 0 {
		return true // its readers take what comes
	}
	if only, remedy := b.conns.AppendOnly(r); only && !r.InMemory() {
		b.errorf(at, appendOnlyHint(sink, r, remedy), "%s takes new rows only, but this query changes rows it has emitted", r.Name)
		return false
	}
	if len(r.Key) == 0 {
		return true
	}
	parts := plan.KeyParts(sink)
	if parts == nil {
		b.errorf(at, "group the query by the columns of the primary key", "the rows of this updating query have no key, and %s replaces rows by (%s)", r.Name, strings.Join(columnNames(r, r.Key), ", "))
		return false
	}
	var unselected, outside []string
	for _, p := range parts {
		inKey := false
		for _, c := range p.Columns {
			for _, k := range r.Key {
				inKey = inKey || c == k
			}
		}
		switch {
		case len(p.Columns) == 0:
			unselected = append(unselected, p.Name)
		case !inKey:
			outside = append(outside, r.Schema[p.Columns[0]].Name)
		}
	}
	if len(unselected) > 0 {
		b.errorf(at, "select "+strings.Join(unselected, ", ")+" into the primary key: without it rows would replace one another that belong apart",
			"this query changes rows, and leaves out part of their key: %s", strings.Join(unselected, ", "))
		return false
	}
	if len(outside) > 0 {
		full := append(columnNames(r, r.Key), outside...)
		b.errorf(at, "declare PRIMARY KEY ("+strings.Join(full, ", ")+"): without it rows would replace one another that belong apart",
			"the primary key of %s lacks %s, by which this query tells its rows apart", r.Name, strings.Join(outside, ", "))
		return false
	}
	return true
}

func columnNames(r *catalog.Relation, cols []int) []string {
	names := make([]string, len(cols))
	for i, c := range cols {
		names[i] = r.Schema[c].Name
	}
	return names
}

// appendOnlyHint lists the ways out for an updating query.
func appendOnlyHint(sink *plan.Sink, r *catalog.Relation, remedy string) string {
	var ways []string
	if len(r.Key) == 0 {
		key := "…"
		if parts := plan.KeyParts(sink); len(parts) > 0 {
			var names []string
			for _, p := range parts {
				if len(p.Columns) > 0 {
					names = append(names, r.Schema[p.Columns[0]].Name)
				}
			}
			if len(names) == len(parts) {
				key = strings.Join(names, ", ")
			}
		}
		ways = append(ways, "declare it as a TABLE with PRIMARY KEY ("+key+") in a connector that replaces rows")
	}
	if isWindowed(sink) {
		ways = append(ways, "add EMIT FINAL to emit each row once")
	}
	if remedy != "" {
		ways = append(ways, "set format = '"+remedy+"'")
	}
	if len(ways) == 0 {
		return "use a connector that replaces rows"
	}
	return strings.Join(ways, "; or ")
}

// isWindowed reports whether what makes the plan update is a windowed aggregate.
func isWindowed(n plan.Node) bool {
	for len(n.Inputs()) > 0 {
		if a, ok := n.(*plan.Aggregate); ok {
			return a.Window != nil
		}
		n = n.Inputs()[0]
	}
	return false
}
