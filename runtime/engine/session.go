package engine

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"tidemark/operators/clock"
	"tidemark/parser"
	"tidemark/parser/source"
	"tidemark/planner"
	"tidemark/planner/catalog"
	"tidemark/planner/plan"
)

// Session plans statements one after the other, as at a prompt. It remembers what they
// declare, set and insert into streams in memory: each statement is planned as the end
// of a script of those, of which only its own query runs. So a stream in memory means to
// a session what it means to a script: its rows as they were inserted, each time anew.
//
// A session is used by one goroutine; the jobs that it prepares may run at any time.
type Session struct {
	engine *Engine
	kept   []*source.File
	last   *parser.Insert // the last of kept, where it is an INSERT … VALUES
	dirs   map[*source.File]string
	given  map[*source.File]int64 // when each was executed first
	// catalog is what the last statement that could be planned has left.
	catalog *catalog.Catalog
}

// NewSession returns a session that remembers nothing.
func (e *Engine) NewSession() *Session {
	return &Session{engine: e, dirs: map[*source.File]string{}, given: map[*source.File]int64{}, catalog: catalog.New()}
}

// Planned is a statement of a session that is ready to be run, or kept.
type Planned struct {
	Statement *parser.Statement
	// Job runs the statement; nil when there is nothing to run.
	Job *Job
	// Bounded is true when the job comes to an end by itself; Updating when it prints
	// a result whose rows are corrected.
	Bounded, Updating bool
	// Target is the relation that an INSERT fills, or that a CREATE declares.
	Target string
	// Memory is true when the target is in memory.
	Memory bool
	// Reads are the relations that the job reads from outside.
	Reads []Read
	// Inferred is true for a CREATE whose columns are read from the input.
	Inferred bool

	session *Session
	file    *source.File
	dir     string
	keeps   bool
	at      int64 // when it was given, microseconds
}

// Read is a relation that is read from outside: its name, and its path, if it has one, from
// the working directory. A file that a query names in FROM is not declared.
type Read struct {
	Name, Path string
	Declared   bool
}

// Prepare plans one statement, with its semicolon, after those that the session has
// kept. Lists and errors are those of Engine.Prepare, and about the statement; only an
// error about an earlier one that comes of it may be elsewhere.
func (s *Session) Prepare(f *source.File, opts Options) (*Planned, source.List, error) {
	f, problems := source.Expand(f, opts.Vars)
	if problems.HasErrors() {
		return nil, problems, nil
	}
	script, problems := parser.Parse(f)
	if problems.HasErrors() || len(script.Statements) == 0 {
		return nil, problems, nil
	}
	p := &Planned{Statement: script.Statements[0], session: s, file: f, dir: opts.BaseDir, at: clock.Micros(opts.clock())}
	joined := source.Join(append(slices.Clone(s.kept), f)...)
	base := len(joined.Text) - len(f.Text)
	opts = s.options(opts, f)
	result, problems := s.engine.planExpanded(joined, opts)
	problems = slices.DeleteFunc(problems, func(d *source.Diagnostic) bool {
		return d.Severity == source.Warning && d.File == joined && d.Span.Start < base
	})
	if problems.HasErrors() {
		return nil, problems, nil
	}
	p.keep(result.Catalog)
	s.learn(result.Catalog)
	p.choose(result, base, opts)
	if len(result.Items) == 0 {
		return p, problems, nil
	}
	var err error
	p.Job, problems, err = s.engine.job(result, problems, opts)
	if problems.HasErrors() || err != nil {
		return nil, problems, err
	}
	return p, problems, nil
}

// options adds to options what the session knows.
func (s *Session) options(opts Options, f *source.File) Options {
	opts.dirs = maps.Clone(s.dirs)
	opts.dirs[f] = opts.BaseDir
	opts.given = maps.Clone(s.given)
	opts.given[f] = clock.Micros(opts.clock())
	return opts
}

// keep finds out what the statement declares or fills, and whether it is to be kept.
func (p *Planned) keep(cat *catalog.Catalog) {
	switch st := p.Statement; {
	case st.Create != nil:
		p.Target, p.keeps = st.Create.Name.Text, true
		r := cat.Lookup(p.Target)
		p.Memory = r != nil && r.InMemory()
		p.Inferred = st.Create.As == nil && len(st.Create.Elements) == 0
		if st.Create.As != nil && !p.Memory {
			p.file = without(p.file, st.Create.As)
		}
	case st.View != nil:
		p.Target, p.keeps = st.View.Name.Text, true
	case st.Function != nil, st.Drop != nil, st.Set != nil, st.Reset != nil, st.Advance != nil:
		p.keeps = true
	case st.Insert != nil:
		p.Target = st.Insert.Table.Text
		r := cat.Lookup(p.Target)
		p.Memory = r != nil && r.InMemory()
		p.keeps = p.Memory
	}
}

// without returns a CREATE … AS without its query, which has run: what it has written is
// read from where it was written to.
func without(f *source.File, query *parser.Query) *source.File {
	text := strings.TrimRight(f.Text[:query.Span().Start], " \t\r\n(")
	if !strings.HasSuffix(strings.ToUpper(text), "AS") { // a comment stands between
		return f
	}
	return f.Part(source.Span{End: len(text) - len("AS")})
}

// choose leaves in a result the queries of the statement, which begins at base. What
// fills a stream in memory runs when somebody reads it; only lists of values are worked
// out at once, so that what is wrong with them is known.
func (p *Planned) choose(result *planner.Result, base int, opts Options) {
	chosen := func(q *plan.Query) bool {
		r := q.Root.Relation
		switch {
		case r == nil:
			return q.Span.Start >= base
		case !strings.EqualFold(r.Name, p.Target) || p.Statement.Drop != nil:
			return false
		case !r.InMemory():
			return p.Statement.Insert != nil || p.Statement.Create != nil
		}
		return p.Statement.Insert != nil && p.Statement.Insert.Query.First.Values != nil && len(inputs(q.Root)) == 0
	}
	result.Queries = slices.DeleteFunc(result.Queries, func(q *plan.Query) bool { return !chosen(q) })
	result.Items = slices.DeleteFunc(result.Items, func(it planner.Item) bool {
		if it.Explain != nil {
			return it.Explain.Span.Start < base
		}
		return !chosen(it.Query)
	})
	result.Subqueries = needed(result)
	p.Bounded = true
	for _, q := range result.Queries {
		p.Bounded = p.Bounded && p.session.engine.bounded(q.Root)
		p.Updating = p.Updating || q.Root.Relation == nil && q.Root.Input.Properties().Updating
		for _, r := range inputs(q.Root) {
			path := r.Option("path")
			if path != "" && !filepath.IsAbs(path) {
				path = filepath.Join(opts.dir(r), path)
			}
			p.Reads = append(p.Reads, Read{r.Name, path, r.Declared != nil})
		}
	}
}

// needed returns the subqueries that the queries use, directly or by others.
func needed(result *planner.Result) []*plan.Subquery {
	wanted := map[*plan.Subquery]bool{}
	mark := func(root plan.Node) {
		cells := plan.Cells(root)
		for _, s := range result.Subqueries {
			wanted[s] = wanted[s] || cells[s.Cell]
		}
	}
	for _, q := range result.Queries {
		mark(q.Root)
	}
	for _, s := range slices.Backward(result.Subqueries) {
		if wanted[s] {
			mark(s.Input)
		}
	}
	return slices.DeleteFunc(slices.Clone(result.Subqueries), func(s *plan.Subquery) bool { return !wanted[s] })
}

// Keep makes the session remember the statement, when it is one that others build on:
// it is called once the job has done well.
func (p *Planned) Keep() {
	if !p.keeps {
		return
	}
	s := p.session
	insert := listed(p.Statement)
	r := s.catalog.Lookup(p.Target)
	timed := r != nil && r.Metadata != nil // rows of one statement are not those of another
	if n := len(s.kept); insert != nil && s.last != nil && alike(s.last, insert) && !timed {
		s.kept[n-1] = source.NewFile("", together(s.kept[n-1].Text, p.file.Text, insert))
		return
	}
	s.kept, s.last = append(s.kept, p.file), insert
	s.dirs[p.file], s.given[p.file] = p.dir, p.at
}

// learn takes over what a statement has left. Columns that are read from the input are
// known only to statements that use them: those of an earlier one stay known.
func (s *Session) learn(cat *catalog.Catalog) {
	for _, r := range cat.Relations() {
		if old := s.catalog.Lookup(r.Name); len(r.Schema) == 0 && old != nil {
			r.Schema = old.Schema
		}
	}
	s.catalog = cat
}
