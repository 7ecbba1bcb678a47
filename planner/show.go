package planner

import (
	"strings"

	"tidemark/operators/agg"
	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/parser"
	"tidemark/parser/source"
	"tidemark/planner/catalog"
	"tidemark/planner/plan"
)

// listing is a table of texts that a statement answers with. A nil cell is NULL.
type listing struct {
	columns []string
	rows    [][]*string
}

func newListing(columns ...string) *listing { return &listing{columns: columns} }

// add appends a row; empty texts are NULL.
func (l *listing) add(cells ...string) {
	row := make([]*string, len(cells))
	for i := range cells {
		if cells[i] != "" {
			row[i] = &cells[i]
		}
	}
	l.rows = append(l.rows, row)
}

// node returns the listing as a plan.
func (l *listing) node(at source.Span) plan.Node {
	v := &plan.Values{}
	for _, c := range l.columns {
		v.Out = append(v.Out, data.Column{Name: c, Type: data.Of(data.String)})
	}
	for _, row := range l.rows {
		exprs := make([]expr.Expr, len(row))
		for i, cell := range row {
			if cell == nil {
				exprs[i] = expr.NullLiteral(data.Of(data.String), at)
			} else {
				exprs[i] = expr.StringLiteral(*cell, at)
			}
		}
		v.Rows = append(v.Rows, exprs)
	}
	return v
}

// answer makes a listing the result of a statement.
func (b *binder) answer(l *listing, name string, at source.Span) {
	b.answers[b.addQuery(&plan.Sink{Input: l.node(at)}, name, at)] = true
}

// show carries out SHOW.
func (b *binder) show(s *parser.Show) {
	at := s.Span()
	var l *listing
	switch s.What {
	case "STREAMS", "TABLES", "SOURCES", "SINKS":
		l = b.showRelations(s.What)
	case "VIEWS":
		l = newListing("name", "columns")
		for _, v := range b.cat.Views() {
			b.bindView(v)
			l.add(v.Name, columnTexts(v.Schema))
		}
	case "FUNCTIONS":
		l = b.showFunctions()
	case "SETTINGS":
		l = newListing("name", "value", "default", "description")
		for _, x := range settings {
			l.add(x.name, b.result.Settings[x.name], x.fallback, x.doc)
		}
	case "CREATE":
		if l = b.showCreate(s); l == nil {
			return
		}
	default:
		b.errorf(at, "write SHOW STREAMS, TABLES, VIEWS, FUNCTIONS, QUERIES or SETTINGS", "SHOW %s is not known", s.What)
		return
	}
	b.answerLike(l, s)
}

// answerLike makes what is like the pattern of a SHOW its result.
func (b *binder) answerLike(l *listing, s *parser.Show) {
	if s.Like != nil && !b.filterListing(l, s.Like) {
		return
	}
	b.answer(l, "SHOW "+s.What, s.Span())
}

// showQueries lists what the script runs: its INSERTs and SELECTs, not the answers
// to statements such as this one.
func (b *binder) showQueries(s *parser.Show, queries []*plan.Query) {
	l := newListing("name", "query")
	for _, q := range queries {
		if !b.answers[q] {
			l.add(q.Name, q.Text)
		}
	}
	b.answerLike(l, s)
}

// filterListing keeps the rows whose first cell is like a pattern.
func (b *binder) filterListing(l *listing, pattern *parser.Expr) bool {
	x := &scoped{binder: b, scope: &scope{}, clause: "LIKE"}
	p := x.bind(pattern)
	if p == nil {
		return false
	}
	kept := l.rows[:0]
	for _, row := range l.rows {
		e, err := expr.NewCall("ILIKE", []expr.Expr{expr.StringLiteral(*row[0], pattern.Span()), p}, pattern.Span())
		if e = b.check(e, err, pattern.Span()); e == nil {
			return false
		}
		if c, ok := fold(e).(*expr.Literal); ok && !c.IsNull() && c.Value.Bools[0] {
			kept = append(kept, row)
		}
	}
	l.rows = kept
	return true
}

func (b *binder) showRelations(what string) *listing {
	l := newListing("name", "kind", "connector", "columns")
	for _, r := range b.cat.Relations() {
		kind := relationKind(r)
		if what != kind+"S" && !(what == "STREAMS" && r.Kind == catalog.Stream) {
			continue
		}
		connector := r.Option("connector")
		if connector == "" && r.Option("path") != "" {
			connector = "file"
		}
		l.add(r.Name, kind, connector, columnTexts(r.Schema))
	}
	return l
}

func columnTexts(s data.Schema) string {
	parts := make([]string, len(s))
	for i, c := range s {
		parts[i] = display(c.Name) + " " + c.Type.String()
	}
	return strings.Join(parts, ", ")
}

// FunctionNames returns the names of the functions that come with the language.
func FunctionNames() []string {
	var names []string
	for _, f := range builtinFunctions() {
		names = append(append(names, f.Name), f.Aliases...)
	}
	return names
}

// builtinFunctions lists all functions that come with the language.
func builtinFunctions() []expr.FunctionInfo {
	list := append(expr.Functions(), aggregates()...)
	for _, f := range plan.OverInfos() {
		list = append(list, expr.FunctionInfo{Name: f.Name, Family: "window", Signatures: f.Signatures, Doc: f.Doc})
	}
	return list
}

func (b *binder) showFunctions() *listing {
	l := newListing("name", "family", "signature", "description")
	for _, f := range builtinFunctions() {
		for _, name := range append([]string{f.Name}, f.Aliases...) {
			l.add(name, f.Family, strings.Join(f.Signatures, "; "), f.Doc)
		}
	}
	for _, f := range b.cat.Functions() {
		l.add(f.Name, "declared", signature(f), "")
	}
	return l
}

// aggregates lists the aggregates as expr lists the functions.
func aggregates() []expr.FunctionInfo {
	var list []expr.FunctionInfo
	for _, f := range agg.Infos() {
		list = append(list, expr.FunctionInfo{Name: f.Name, Aliases: f.Aliases, Family: "aggregate", Signatures: f.Signatures, Doc: f.Doc})
	}
	return list
}

// showCreate answers with the statement that declares something.
func (b *binder) showCreate(s *parser.Show) *listing {
	l := newListing("name", "statement")
	var d catalog.Definition
	var f *source.File
	if r := b.cat.Lookup(s.Name.Text); r != nil {
		d, f = r.Declared, r.File
	} else if v := b.cat.View(s.Name.Text); v != nil {
		d, f = v.Definition, v.File
	} else if m := b.cat.Function(s.Name.Text); m != nil {
		d, f = m.Definition, m.File
	}
	if d == nil {
		if !b.broken[strings.ToLower(s.Name.Text)] {
			b.errorf(s.Name.Span(), b.nearRelation(s.Name.Text), "there is no stream, table, view or function %s", s.Name.Text)
		}
		return nil
	}
	l.add(s.Name.Text, strings.TrimSpace(text(f, d.Span())))
	return l
}

// describe carries out DESCRIBE: it lists the columns of a relation or query.
func (b *binder) describe(d *parser.Describe) {
	l := newListing("column", "type", "key", "extra")
	switch {
	case d.Query != nil:
		running := len(b.result.Subqueries)
		node, ok := b.query(d.Query)
		b.result.Subqueries = b.result.Subqueries[:running] // they are not run
		if !ok {
			return
		}
		describeColumns(l, node.Schema(), nil)
	case d.File != nil:
		r := b.fileRelation(&parser.TableRef{Node: d.Node, File: d.File})
		if r == nil || !b.complete(r, nil) {
			return
		}
		b.use(r, false)
		describeColumns(l, r.Schema, r)
	default:
		if v := b.cat.View(d.Name.Text); v != nil {
			if !b.bindView(v).ok {
				return
			}
			describeColumns(l, v.Schema, nil)
			break
		}
		r := b.cat.Lookup(d.Name.Text)
		switch {
		case r == nil && b.cat.Function(d.Name.Text) != nil:
			l = newListing("name", "signature")
			l.add(d.Name.Text, signature(b.cat.Function(d.Name.Text)))
		case r == nil:
			if !b.broken[strings.ToLower(d.Name.Text)] {
				b.errorf(d.Name.Span(), b.nearRelation(d.Name.Text), "there is no stream, table or view %s", d.Name.Text)
			}
			return
		default:
			if f := b.filled[r]; f != nil && !b.bindFilling(f) || f == nil && !b.complete(r, nil) {
				return
			}
			describeColumns(l, r.Schema, r)
		}
	}
	b.answer(l, "DESCRIBE", d.Span())
}

func describeColumns(l *listing, s data.Schema, r *catalog.Relation) {
	for i, c := range s {
		key, extra := "", []string{}
		if r != nil {
			for _, k := range r.Key {
				if k == i {
					key = "PRIMARY KEY"
				}
			}
			if r.Required[i] && key == "" {
				extra = append(extra, "NOT NULL")
			}
			if r.IsMetadata(i) {
				extra = append(extra, "METADATA FROM '"+r.Metadata[i]+"'")
			}
			if r.IsComputed(i) {
				extra = append(extra, "AS "+strings.TrimSpace(text(r.File, r.Computed[i].Span())))
			}
			if w := r.Watermark; w != nil && w.Column == i {
				extra = append(extra, strings.TrimSpace(text(r.File, w.Span)))
			}
			if r.Inferred && !r.IsMetadata(i) && !r.IsComputed(i) {
				extra = append(extra, "read from the input")
			}
		} else if c.Time {
			extra = append(extra, "event time")
		}
		l.add(c.Name, c.Type.String(), key, strings.Join(extra, ", "))
	}
}
