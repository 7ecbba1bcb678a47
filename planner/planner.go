// Package planner turns parsed scripts into plans: it binds names to relations,
// columns and functions, checks types and the rules of sinks, and improves the
// plans by rewriting.
package planner

import (
	"strings"

	"tidemark/parser"
	"tidemark/parser/source"
	"tidemark/planner/catalog"
	"tidemark/planner/plan"
)

// Plan binds the statements of a script. What they declare is added to a copy of
// cat, which is Result.Catalog. The list has everything that is wrong, sorted by
// place, and the warnings; when it has errors the result is incomplete and must
// not be run.
//
// Declarations are bound in order; queries after them, because one may read what
// a later INSERT fills.
func Plan(script *parser.Script, cat *catalog.Catalog, conns catalog.Connectors) (*Result, source.List) {
	return PlanAll([]*parser.Script{script}, cat, conns, Options{})
}

// Options say what else is to be planned.
type Options struct {
	// Fed are streams and tables in memory, if no INSERT fills them, whose rows come
	// from outside while the queries run: they are scanned as others are.
	Fed bool
	// Watched are names of streams, tables and views whose rows are wanted: each that
	// no INSERT fills is read by a query of its name, besides those of the scripts.
	Watched []*parser.Name
	// WatchedIn is the file that the names stand in.
	WatchedIn *source.File
}

// PlanAll is Plan of several scripts that run as one, the statements of one behind
// those of the other.
func PlanAll(scripts []*parser.Script, cat *catalog.Catalog, conns catalog.Connectors, opts Options) (*Result, source.List) {
	b := newBinder(scripts[0].File, cat.Clone(), conns)
	b.result = &Result{Settings: map[string]string{}, ends: conns.Bounded}
	b.fed = opts.Fed
	var later []*task
	for _, script := range scripts {
		b.file = script.File
		b.result.files = append(b.result.files, script.File)
		for _, s := range script.Statements {
			if t := b.declare(s); t != nil {
				t.file = script.File
				later = append(later, t)
			}
		}
	}
	b.noteLate(later)
	declared := b.cat
	var last []*task // what lists the queries
	for _, t := range later {
		if t.statement.Query != nil {
			b.selects++
			t.number = b.selects
		}
	}
	for _, t := range later {
		if show := t.statement.Show; show != nil && show.What == "QUERIES" {
			last = append(last, t)
			continue
		}
		b.runOnce(t)
	}
	b.cat = declared
	for _, f := range b.fills {
		b.bindFilling(f) // with the late rows of statements
	}
	b.finishSinks()
	b.watch(opts)
	b.result.sort()
	running := b.result.Queries
	for _, t := range last {
		b.file = t.file
		b.showQueries(t.statement.Show, running)
	}
	b.result.sort()
	b.checkHold()
	b.checkAdvances()
	b.checkOptions()
	b.sortProblems()
	b.result.Catalog = b.cat
	if !b.errs.HasErrors() {
		b.result.rewrite()
		b.checkTTL()
	}
	return b.result, *b.errs
}

// binder binds the statements of one script.
type binder struct {
	file   *source.File // of the text being bound
	cat    *catalog.Catalog
	conns  catalog.Connectors
	errs   *source.List
	result *Result
	// broken has, in lower case, the names whose CREATE failed: what refers to
	// them fails without a further message.
	broken  map[string]bool
	created []*catalog.Relation
	used    map[*catalog.Relation]*usage
	// pending has the relations whose columns are not known yet.
	pending map[*catalog.Relation]*pendingRelation
	filled  map[*catalog.Relation]*filling
	fills   []*filling // in order of the first INSERT
	views   map[*catalog.View]*boundView
	stack   map[*plan.Shared]int // how many are built one on the other
	viewCat map[*catalog.View]*catalog.Catalog
	macros  map[*catalog.Function]*macro
	refused map[*plan.Over]*overProblem
	// sessions has the projections that end the plans of rows of sessions.
	sessions map[*plan.Project]*windowRows
	// ownColumns says how many of an Over's input columns are those of its rows: the first.
	ownColumns map[*plan.Over]int
	files      map[string]*catalog.Relation
	answers    map[*plan.Query]bool // to SHOW and DESCRIBE
	ctes       *cteScope
	outer      *scope // of the query around a subquery
	// related is set until the SELECT of a subquery that may use the query around it
	// is reached.
	related *related
	explain bool // inside EXPLAIN or DESCRIBE: nothing will run
	fed     bool // see Options.Fed
	// ttlAt is where state_ttl was set; ttlIdle says that a join could not go by it.
	ttlAt   *place
	ttlIdle bool
	selects int
	depth   int // of queries within queries

	// advances has the ADVANCE WATERMARKs of each stream, in order.
	advances map[*catalog.Relation][]advance
}

func newBinder(f *source.File, cat *catalog.Catalog, conns catalog.Connectors) *binder {
	return &binder{
		file: f, cat: cat, conns: conns, errs: &source.List{},
		broken: map[string]bool{}, used: map[*catalog.Relation]*usage{},
		pending: map[*catalog.Relation]*pendingRelation{}, filled: map[*catalog.Relation]*filling{},
		views: map[*catalog.View]*boundView{}, stack: map[*plan.Shared]int{}, viewCat: map[*catalog.View]*catalog.Catalog{},
		macros: map[*catalog.Function]*macro{}, files: map[string]*catalog.Relation{},
		answers: map[*plan.Query]bool{}, refused: map[*plan.Over]*overProblem{},
		sessions: map[*plan.Project]*windowRows{}, ownColumns: map[*plan.Over]int{},
		advances: map[*catalog.Relation][]advance{},
	}
}

func (b *binder) errorf(s source.Span, hint, format string, args ...any) {
	b.errs.Errorf(b.file, s, hint, format, args...)
}

func (b *binder) warnf(s source.Span, hint, format string, args ...any) {
	b.errs.Warnf(b.file, s, hint, format, args...)
}

// task is a statement that is bound when all declarations are known.
type task struct {
	file      *source.File
	statement *parser.Statement
	cat       *catalog.Catalog // as it stood at the statement
	view      *catalog.View    // of a CREATE VIEW
	fill      *filling         // of an INSERT or CREATE … AS
	number    int              // of a SELECT: among the script's
	// running is set while it is bound, done when it is.
	running, done bool
}

// declare carries out a declaration, and returns what is left to do later.
func (b *binder) declare(s *parser.Statement) *task {
	t := &task{statement: s}
	switch {
	case s.Create != nil:
		t.fill = b.createRelation(s.Create)
		if t.fill == nil {
			return nil
		}
	case s.View != nil:
		t.view = b.createView(s.View)
		if t.view == nil {
			return nil
		}
	case s.Function != nil:
		b.createFunction(s.Function)
		return nil
	case s.Drop != nil:
		b.drop(s.Drop)
		return nil
	case s.Set != nil:
		b.set(s.Set)
		return nil
	case s.Reset != nil:
		b.reset(s.Reset)
		return nil
	case s.Advance != nil:
		b.noteAdvance(s.Advance)
		return nil
	case s.Insert != nil:
		t.fill = b.noteInsert(s.Insert)
	}
	t.cat = b.cat
	return t
}

// runOnce binds a statement that was put off, unless that has been done: it may have
// been needed before its turn.
func (b *binder) runOnce(t *task) {
	if t.running || t.done {
		return
	}
	t.running = true
	inner := *b
	inner.cat, inner.file, inner.ctes, inner.outer, inner.related, inner.explain = t.cat, t.file, nil, nil, nil, false
	inner.run(t)
	b.take(&inner)
	t.running, t.done = false, true
}

// run binds a statement that was put off.
func (b *binder) run(t *task) {
	s := t.statement
	switch {
	case s.View != nil:
		b.bindView(t.view)
	case s.Create != nil:
		b.bindFilling(t.fill)
	case s.Insert != nil:
		if t.fill == nil {
			b.insertTarget(s.Insert.Table) // says what is wrong with it
			return
		}
		b.bindFilling(t.fill)
	case s.Query != nil:
		if out, ok := b.query(s.Query); ok && b.runnable(out) {
			b.addQuery(&plan.Sink{Input: out, Key: out.Properties().Key}, queryName(t.number), s.Span())
		}
	case s.Explain != nil:
		if e := b.explainStatement(s.Explain); e != nil {
			b.result.Explains = append(b.result.Explains, e)
			b.result.Items = append(b.result.Items, Item{Explain: e})
		}
	case s.Show != nil:
		b.show(s.Show)
	case s.Describe != nil:
		b.describe(s.Describe)
	case s.Stop != nil:
		b.errorf(s.Span(), "end the run with Ctrl-C", "STOP QUERY is for queries that run in the background, and a script has none")
	case isOfTest(s):
		b.errorf(s.Span(), "run the file with: tidemark test "+b.file.Name, "this is a statement of a test")
	}
}

// isOfTest reports whether only tests have a statement.
func isOfTest(s *parser.Statement) bool {
	return s.Load != nil || s.Test != nil || s.Feed != nil || s.Clock != nil || s.Idle != nil || s.Checkpoint != nil || s.Crash != nil || s.Finish != nil || s.Expect != nil
}

// addQuery adds a bound query to the result.
func (b *binder) addQuery(sink *plan.Sink, name string, at source.Span) *plan.Query {
	q := &plan.Query{Root: sink, Name: name, File: b.file, Span: at}
	q.Text = b.statementText(at)
	b.result.Queries = append(b.result.Queries, q)
	b.result.Items = append(b.result.Items, Item{Query: q})
	return q
}

// statementText returns a statement as it is written, without its semicolon.
func (b *binder) statementText(at source.Span) string {
	return strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(text(b.file, at)), ";"))
}

// text returns the part of a file that a span covers.
func text(f *source.File, s source.Span) string {
	end := min(s.End, len(f.Text))
	return f.Text[min(s.Start, end):end]
}
