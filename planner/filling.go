package planner

import (
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
	lates    []*task // the statements whose late rows it gets
	binding  bool
	bound    bool
	ok       bool
	sinks    []*plan.Sink
	places   []place // of those
	// rows is what all of them put in, in the relation's columns, once somebody
	// reads it or there are several.
	rows *plan.Shared
	read plan.Node // what reading the relation gives
}

// place is a place in one of the scripts.
type place struct {
	file *source.File
	span source.Span
}

// inserting is an INSERT INTO, or the AS of a CREATE.
type inserting struct {
	insert *parser.Insert // nil for a CREATE … AS
	query  *parser.Query
	at     source.Span
	name   *parser.Name
	cat    *catalog.Catalog
	file   *source.File
}

// noteInsert finds the relation that an INSERT fills; nil when it is none.
func (b *binder) noteInsert(ins *parser.Insert) *filling {
	r := b.cat.Lookup(ins.Table.Text)
	if r == nil || r.Use == catalog.SourceOnly {
		return nil
	}
	return b.note(r, &inserting{insert: ins, query: ins.Query, at: ins.Span(), name: ins.Table, cat: b.cat, file: b.file})
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
		inner.cat, inner.file = in.cat, in.file
		ins := in.insert
		if ins == nil {
			ins = &parser.Insert{Node: in.name.Node, Table: in.name, Query: in.query}
		}
		sink := inner.insert(ins, f.relation)
		if sink == nil {
			f.ok = false
			continue
		}
		f.sinks, f.places = append(f.sinks, sink), append(f.places, place{in.file, in.at})
	}
	b.take(&inner)
	for _, t := range f.lates {
		b.runOnce(t)
	}
	f.ok = f.ok && len(f.sinks) > 0
	f.binding, f.bound = false, true
	return f.ok
}

// readFilled binds the reading of a relation that the script fills: of the rows
// that its INSERTs make.
func (b *binder) readFilled(f *filling, at source.Span) (plan.Node, bool) {
	if f.binding || slices.ContainsFunc(f.lates, func(t *task) bool { return t.running }) {
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
	if !b.stacked(rows, at) {
		return nil, false
	}
	node, ok := b.received(f.relation, rows, at)
	if !ok {
		return nil, false
	}
	if f.read = node; node != plan.Node(rows) {
		f.read = b.share(node, f.relation.Name)
	}
	return f.read, true
}

// rows returns what a relation is filled with, for all who need it to share.
func (b *binder) rows(f *filling) *plan.Shared {
	if f.rows != nil {
		return f.rows
	}
	var branches []plan.Node
	for i, s := range f.sinks {
		branches = append(branches, b.stored(s, f.places[i]))
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
	f.rows = b.share(node, f.relation.Name)
	return f.rows
}

// stored lays the columns of a query, which stands at a place, out as its sink has them.
func (b *binder) stored(s *plan.Sink, at place) plan.Node {
	in := s.Input.Schema()
	p := &plan.Project{Input: s.Input}
	for i, c := range s.Relation.Schema {
		k := s.Columns[i]
		if k < 0 && s.Relation.InMemory() && s.Relation.IsMetadata(i) {
			p.Exprs, p.Out = append(p.Exprs, b.insertedAt(at)), append(p.Out, data.Column{Name: c.Name, Type: c.Type})
			continue
		}
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
		marks, ok := b.marks(r, w)
		if !ok {
			return nil, false
		}
		floors, ok := b.floors(r)
		if !ok {
			return nil, false
		}
		n = &plan.Watermark{Input: n, Time: w.Column, Timing: w.Timing, Marks: marks, Floors: floors}
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
		b.file = f.places[0].file
		sink := f.sinks[0]
		if f.rows != nil || len(f.sinks) > 1 {
			sink = &plan.Sink{Input: b.rows(f), Relation: f.relation, Key: f.relation.Key, Columns: identity(len(f.relation.Schema))}
		}
		q := b.addQuery(sink, f.relation.Name, f.places[0].span)
		texts := make([]string, len(f.places))
		for i, at := range f.places {
			b.file = at.file
			texts[i] = b.statementText(at.span)
		}
		q.Text = strings.Join(texts, "; ")
	}
}
