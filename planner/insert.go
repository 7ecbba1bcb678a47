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

// insert binds an INSERT INTO … SELECT.
func (b *binder) insert(ins *parser.Insert) *plan.Sink {
	target := b.target(ins.Table)
	if ins.ByName {
		b.errorf(ins.Table.Span(), "", "INSERT … BY NAME is not supported yet")
		return nil
	}
	out, ok := b.bindQuery(ins.Query)
	if target == nil {
		return nil
	}
	b.use(target, true)
	if !b.explain {
		b.fills = append(b.fills, fill{target, ins.Table.Span()})
	}
	// into[k] is the target's column that the query's column k fills.
	into, good := b.insertColumns(ins, target)
	if !ok || !good {
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

func (b *binder) target(n *parser.Name) *catalog.Relation {
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

func (b *binder) insertColumns(ins *parser.Insert, r *catalog.Relation) (into []int, ok bool) {
	if len(ins.Columns) == 0 {
		for i := range r.Schema {
			into = append(into, i)
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
		at := itemSpan(ins.Query.First.Select, k, len(in))
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
	case to.Kind == data.String:
		return from.Kind != data.Bytes
	case from.Kind == data.Date && to.Kind == data.Timestamp:
		return true
	case from.Kind == data.Timestamp:
		return to.Kind == data.Date || to.Kind == data.Time
	}
	return false
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
		if c < 0 && r.Required[i] {
			name := r.Schema[i].Name
			b.errorf(ins.Table.Span(), "add "+display(name)+" to the list of columns", "column %s of %s must have a value, and this INSERT leaves it out", name, r.Name)
			return false
		}
	}
	return true
}

// sinkRules holds a query against what its sink can take.
func (b *binder) sinkRules(ins *parser.Insert, r *catalog.Relation, sink *plan.Sink) bool {
	if !sink.Input.Properties().Updating {
		return true
	}
	at := ins.Table.Span()
	if only, remedy := b.conns.AppendOnly(r); only {
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
