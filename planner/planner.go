// Package planner turns parsed scripts into plans: it binds names to relations,
// columns and functions, checks types and the rules of sinks, and improves the
// plans by rewriting.
package planner

import (
	"fmt"
	"strings"

	"tidemark/parser"
	"tidemark/parser/source"
	"tidemark/planner/catalog"
	"tidemark/planner/plan"
)

// Result is a planned script.
type Result struct {
	// Queries are the INSERTs and SELECTs, rewritten and ready to be built.
	Queries []*plan.Query
	// Explains are the answers to the EXPLAIN statements.
	Explains []*Explained
	// Items has the queries and the answers in the order of their statements.
	Items []Item
	// Catalog holds what the script has declared, and what was there before.
	Catalog *catalog.Catalog

	bound map[*plan.Query]*plan.Sink // the plans before rewriting
}

// Item is a query or the answer to an EXPLAIN: one of the fields is set.
type Item struct {
	Query   *plan.Query
	Explain *Explained
}

// Explained is the answer to an EXPLAIN statement.
type Explained struct {
	Text string // ends in a newline
	Span source.Span
}

// Explain describes the script's queries, as bound when logical, else as they
// run, and the answers to its EXPLAIN statements. It ends in a newline unless it
// is empty.
func (r *Result) Explain(logical bool) string {
	var b strings.Builder
	for i, it := range r.Items {
		if i > 0 {
			b.WriteByte('\n')
		}
		if it.Explain != nil {
			b.WriteString(it.Explain.Text)
			continue
		}
		if len(r.Items) > 1 {
			fmt.Fprintf(&b, "-- %s\n", it.Query.Name)
		}
		b.WriteString(plan.Explain(r.root(it.Query, logical)))
	}
	return b.String()
}

func (r *Result) root(q *plan.Query, logical bool) *plan.Sink {
	if logical {
		return r.bound[q]
	}
	return q.Root
}

// Plan binds the statements of a script in order, adding what they declare to
// cat. The list has everything that is wrong, sorted by place, and the warnings;
// when it has errors the result is incomplete and must not be run.
func Plan(script *parser.Script, cat *catalog.Catalog, conns catalog.Connectors) (*Result, source.List) {
	b := &binder{
		file: script.File, cat: cat, conns: conns, errs: &source.List{},
		broken: map[string]bool{}, used: map[*catalog.Relation]*usage{},
	}
	r := &Result{Catalog: cat, bound: map[*plan.Query]*plan.Sink{}}
	for _, s := range script.Statements {
		b.statement(r, s)
	}
	b.checkFeedback()
	b.checkOptions()
	b.errs.Sort()
	return r, *b.errs
}

// binder binds the statements of one script.
type binder struct {
	file  *source.File // of the text being bound
	cat   *catalog.Catalog
	conns catalog.Connectors
	errs  *source.List
	// broken has, in lower case, the names whose CREATE failed: what refers to
	// them fails without a further message.
	broken  map[string]bool
	created []*catalog.Relation
	used    map[*catalog.Relation]*usage
	reads   []read
	fills   []fill
	explain bool // inside EXPLAIN: nothing will run
	selects int
}

// read is a place where a query reads a relation, and fill one where it writes it.
type read struct {
	relation *catalog.Relation
	span     source.Span
}

type fill struct {
	relation *catalog.Relation
	span     source.Span
}

func (b *binder) errorf(s source.Span, hint, format string, args ...any) {
	b.errs.Errorf(b.file, s, hint, format, args...)
}

func (b *binder) warnf(s source.Span, hint, format string, args ...any) {
	b.errs.Warnf(b.file, s, hint, format, args...)
}

func (b *binder) statement(r *Result, s *parser.Statement) {
	switch {
	case s.Create != nil:
		b.createRelation(s.Create)
	case s.View != nil:
		b.createView(s.View)
	case s.Insert != nil, s.Query != nil:
		sink := b.query(s.Insert, s.Query)
		q := b.newQuery(s, sink)
		if sink == nil {
			return
		}
		r.bound[q] = sink
		q.Root = Rewrite(sink)
		r.Queries = append(r.Queries, q)
		r.Items = append(r.Items, Item{Query: q})
	case s.Explain != nil:
		if e := b.explainStatement(s.Explain); e != nil {
			r.Explains = append(r.Explains, e)
			r.Items = append(r.Items, Item{Explain: e})
		}
	default:
		b.laterStatement(s)
	}
}

// newQuery names a statement's query. SELECTs are counted also where they failed.
func (b *binder) newQuery(s *parser.Statement, sink *plan.Sink) *plan.Query {
	q := &plan.Query{File: b.file, Span: s.Span()}
	q.Text = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(text(b.file, q.Span)), ";"))
	if s.Query != nil {
		b.selects++
		q.Name = fmt.Sprintf("query %d", b.selects)
	} else if sink != nil {
		q.Name = sink.Relation.Name
	}
	return q
}

// query binds an INSERT or, when that is nil, a query.
func (b *binder) query(ins *parser.Insert, q *parser.Query) *plan.Sink {
	if ins != nil {
		return b.insert(ins)
	}
	out, ok := b.bindQuery(q)
	if !ok {
		return nil
	}
	return &plan.Sink{Input: out, Key: out.Properties().Key}
}

func (b *binder) explainStatement(e *parser.Explain) *Explained {
	switch e.Mode {
	case "", "LOGICAL", "PHYSICAL":
	default:
		b.errorf(e.Span(), "use EXPLAIN, EXPLAIN LOGICAL or EXPLAIN PHYSICAL", "EXPLAIN %s is not supported yet", e.Mode)
		return nil
	}
	b.explain = true
	before := len(*b.errs)
	sink := b.query(e.Insert, e.Query)
	b.explain = false
	if sink == nil {
		return nil
	}
	x := &Explained{Span: e.Span()}
	if e.Mode == "LOGICAL" {
		x.Text = plan.Explain(sink)
	} else {
		x.Text = plan.Explain(Rewrite(sink))
	}
	// The warnings are part of the answer.
	kept := (*b.errs)[:before]
	for _, d := range (*b.errs)[before:] {
		if d.Severity != source.Warning {
			kept = append(kept, d)
			continue
		}
		x.Text += "warning: " + d.Message + "\n"
		if d.Hint != "" {
			x.Text += "         " + d.Hint + "\n"
		}
	}
	*b.errs = kept
	return x
}

// checkFeedback refuses what a flow of one pass cannot do yet: to read what the
// same script writes, and to fill a relation twice.
func (b *binder) checkFeedback() {
	first := map[*catalog.Relation]bool{}
	for _, f := range b.fills {
		if first[f.relation] {
			b.errorf(f.span, "let one query fill it, or declare a second relation", "a second INSERT into %s in one script is not supported yet", f.relation.Name)
		}
		first[f.relation] = true
	}
	for _, r := range b.reads {
		if first[r.relation] {
			b.errorf(r.span, "make the query of that INSERT a view, and read the view in both places",
				"reading %s, which this script fills, is not supported yet", r.relation.Name)
		}
	}
}

// text returns the part of a file that a span covers.
func text(f *source.File, s source.Span) string {
	end := min(s.End, len(f.Text))
	return f.Text[min(s.Start, end):end]
}
