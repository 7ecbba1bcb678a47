package querytest

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"tidemark/connectors"
	"tidemark/operators"
	"tidemark/operators/clock"
	"tidemark/operators/data"
	"tidemark/parser"
	"tidemark/parser/source"
	"tidemark/planner"
	"tidemark/planner/catalog"
	"tidemark/planner/plan"
	"tidemark/runtime/build"
	"tidemark/runtime/dataflow"
	"tidemark/runtime/engine"
)

// clockStart is what the clock shows when a test begins.
var clockStart = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// bench runs the scripts of one test, step by step.
type bench struct {
	file    *file
	engine  *engine.Engine
	conns   catalog.Connectors
	plan    *planner.Result
	workers int
	batch   int
	// partitions has the partitions of the streams for which the test names some.
	partitions map[string][]string

	clock    *clock.Manual
	program  *build.Program
	running  *dataflow.Running
	feeds    map[*catalog.Relation]*feed
	captures map[string]*capture // by the name of the query, in lower case

	covered map[plan.Node]*covered // nil where coverage is of no interest

	events []event // that have happened
	saved  *checkpoint
}

// event is something that happens to the flow under test. After a crash it happens
// again.
type event func(b *bench) error

// checkpoint is what a CHECKPOINT has saved.
type checkpoint struct {
	over    bool // the flow had ended: nothing comes behind it
	flow    *dataflow.Snapshot
	events  int // how many had happened
	now     time.Time
	changes map[string]int // of each capture
	since   map[*catalog.Relation][]int64
}

// connectorsOf are the connectors as tests see them: nothing is read or written, and
// every change is to be seen.
type connectorsOf struct {
	catalog.Connectors
	engine *engine.Engine
}

// of returns the connectors for a relation, whose paths begin at its script's folder.
func (c connectorsOf) of(r *catalog.Relation) catalog.Connectors {
	return c.engine.Connectors(engine.Options{BaseDir: baseDir(r)})
}

func baseDir(r *catalog.Relation) string {
	if r.File == nil {
		return ""
	}
	return filepath.Dir(r.File.Name)
}

// Infer implements catalog.Connectors.
func (c connectorsOf) Infer(r *catalog.Relation) (data.Schema, error) { return c.of(r).Infer(r) }

// Folds implements catalog.Connectors: EXPECT CHANGES shows every change.
func (c connectorsOf) Folds(*catalog.Relation) bool { return false }

// Bounded implements catalog.Connectors. Rows in memory come to an end.
func (c connectorsOf) Bounded(r *catalog.Relation) bool {
	return r.InMemory() || c.Connectors.Bounded(r)
}

// newBench plans the scripts of a test with what it declares itself.
func newBench(f *file, t *test, e *engine.Engine, o Options) (*bench, source.List) {
	b := &bench{file: f, engine: e, conns: connectorsOf{e.Connectors(engine.Options{}), e}, workers: o.Workers, batch: o.BatchRows}
	scripts := f.scripts
	if len(t.declares) > 0 {
		scripts = append(slices.Clone(scripts), &parser.Script{File: f.source, Statements: t.declares})
	}
	var problems source.List
	b.plan, problems = planner.PlanAll(scripts, catalog.New(), b.conns, planner.Options{Fed: true, Watched: f.watched(t), WatchedIn: f.source})
	if problems.HasErrors() {
		return nil, problems
	}
	if o.Coverage != nil {
		b.covered = o.Coverage.nodes(f, b.plan.Queries)
	}
	b.partitions = partitionsOf(append(slices.Clone(f.setup), t.steps...))
	return b, problems
}

// partitionsOf returns the partitions that statements name, by stream: they are there
// from the beginning. Rows without one go into partition 0.
func partitionsOf(steps []*parser.Statement) map[string][]string {
	numbers := map[string][]int64{}
	named := map[string]bool{}
	add := func(n *parser.Name, p *parser.Count) {
		key, number := strings.ToLower(n.Text), int64(0)
		if p != nil {
			number, named[key] = p.Value, true
		}
		if !slices.Contains(numbers[key], number) {
			numbers[key] = append(numbers[key], number)
		}
	}
	for _, s := range steps {
		switch {
		case s.Insert != nil:
			add(s.Insert.Table, nil)
		case s.Feed != nil:
			add(s.Feed.Table, s.Feed.Partition)
		case s.Idle != nil && s.Idle.Partition != nil:
			add(s.Idle.Stream, s.Idle.Partition)
		}
	}
	out := map[string][]string{}
	for key := range named {
		slices.Sort(numbers[key])
		for _, n := range numbers[key] {
			out[key] = append(out[key], fmt.Sprint(n))
		}
	}
	return out
}

// start builds the flow and starts it, from a checkpoint or at the beginning.
func (b *bench) start(from *checkpoint) error {
	now := clockStart
	if from != nil {
		now = from.now
	}
	b.clock = clock.NewManual(now)
	b.feeds = map[*catalog.Relation]*feed{}
	old := b.captures
	b.captures = map[string]*capture{}
	env := b.env()
	ctx := context.Background()
	if err := b.checkSubqueries(); err != nil {
		return err
	}
	if err := engine.RunSubqueries(ctx, b.plan.Subqueries, env); err != nil {
		return err
	}
	var err error
	if b.program, err = build.Build(b.plan.Queries, env); err != nil {
		return err
	}
	flow := b.program.Flow
	flow.Clock, flow.Stepped = b.clock, true
	for r := range b.feeds {
		b.timing(r)
	}
	for name, c := range b.captures {
		switch was := old[name]; {
		case from != nil:
			c.resume(was, from.changes[name])
		case was != nil:
			c.resume(was, 0)
		}
	}
	if from != nil {
		for rel, f := range b.feeds {
			f.since = slices.Clone(from.since[rel])
		}
	}
	var state *dataflow.Snapshot
	if from != nil {
		state = from.flow
	}
	if b.running, err = flow.Start(ctx, ctx, state); err != nil {
		return err
	}
	return b.quiet() // what is not fed runs to its end
}

// env is what a build needs of its surroundings.
func (b *bench) env() build.Env {
	var watch func(plan.Node) *operators.ProbeCounts
	if b.covered != nil {
		watch = func(n plan.Node) *operators.ProbeCounts {
			if x := b.covered[n]; x != nil && !isPassing(n) {
				return &x.counts
			}
			return nil
		}
	}
	return build.Env{
		Watch: watch,
		Source: func(r *catalog.Relation, cfg connectors.SourceConfig) (connectors.Source, error) {
			cfg.Now = func() int64 { return clock.Micros(b.clock) }
			cfg.BaseDir = baseDir(r)
			if r.Declared == nil { // a file in FROM
				return b.engine.Source(r, cfg)
			}
			f := newFeed(r.Name, cfg, b.partitions[strings.ToLower(r.Name)], cfg.Now)
			b.feeds[r] = f
			return f, nil
		},
		Sink: func(r *catalog.Relation, cfg connectors.SinkConfig) (connectors.Sink, error) {
			return b.capture(r.Name, cfg.Schema, cfg.Key), nil
		},
		Lookup: func(r *catalog.Relation, cfg connectors.LookupConfig) (connectors.Lookup, error) {
			cfg.BaseDir = baseDir(r)
			return b.engine.Lookup(r, cfg)
		},
		Now: func() int64 { return clock.Micros(b.clock) },
		Print: func(q *plan.Query) (connectors.Sink, error) {
			return b.capture(q.Name, q.Root.Schema(), nil), nil
		},
		Live:     func(*plan.Query) bool { return false },
		Bounded:  func(n plan.Node) bool { return false },
		Relation: b.plan.Catalog.Lookup,
		Readers:  b.workers, Workers: b.workers, BatchRows: b.batch,
		Hold: b.plan.Settings["end_of_input"] == "hold",
	}
}

// checkSubqueries refuses subqueries over what is fed: they are worked out before any row
// comes.
func (b *bench) checkSubqueries() error {
	for _, s := range b.plan.Subqueries {
		var fed *catalog.Relation
		plan.Walk(s.Input, func(n plan.Node) {
			if scan, ok := n.(*plan.Scan); ok && scan.Relation.Declared != nil {
				fed = scan.Relation
			}
		})
		if fed != nil {
			return &source.Diagnostic{File: s.File, Span: s.Span, Hint: "join with it, or read it in an EXPECT … = (SELECT …)",
				Message: "a subquery is worked out before the rows of a test come, and this one reads " + fed.Name}
		}
	}
	return nil
}

// isPassing reports whether a node's rows are counted below it.
func isPassing(n plan.Node) bool {
	switch n.(type) {
	case *plan.Shared, *plan.Project:
		return true
	}
	return false
}

func (b *bench) capture(name string, schema data.Schema, key []int) *capture {
	c := newCapture(name, schema, key)
	b.captures[strings.ToLower(name)] = c
	return c
}

// timing makes a feed's source wait only as that of the script would: what has an end
// is never idle by itself.
func (b *bench) timing(r *catalog.Relation) {
	for _, s := range b.program.Flow.Sources {
		if s.Input != connectors.Source(b.feeds[r]) {
			continue
		}
		s.Partitioned, s.Align = false, 0
		if b.conns.Bounded(r) && r.Option("idle_timeout") == "" {
			s.IdleTimeout = 0
		}
	}
}

// stop ends the flow.
func (b *bench) stop() error {
	if b.running == nil {
		return nil
	}
	b.running.Stop()
	err := b.running.Wait()
	b.running = nil
	return err
}

// happen lets something happen to the flow, and waits until everything that follows
// from it has been done. The error is that of a row, or the like, which ends the flow.
func (b *bench) happen(e event) error {
	b.events = append(b.events, e)
	return b.do(e)
}

func (b *bench) do(e event) error {
	if err := e(b); err != nil {
		return err
	}
	return b.quiet()
}

// quiet waits until the flow has nothing to do.
func (b *bench) quiet() error {
	for _, f := range b.feeds {
		if f.hasEnded() {
			b.sourceOf(f).Ended()
		} else {
			f.settled(b.running.Over())
		}
	}
	b.running.Quiet(nil)
	return b.running.Err()
}

// sourceOf returns the source that a feed has become.
func (b *bench) sourceOf(f *feed) *dataflow.Source {
	for _, s := range b.program.Flow.Sources {
		if s.Input == connectors.Source(f) {
			return s
		}
	}
	return nil
}

// checkpoint saves what the flow remembers.
func (b *bench) checkpoint() error {
	state, err := b.running.Checkpoint(nil)
	if errors.Is(err, dataflow.ErrOver) && b.running.Err() == nil {
		b.saved = &checkpoint{over: true}
		return nil
	}
	if err != nil {
		return err
	}
	c := &checkpoint{flow: state, events: len(b.events), now: b.clock.Now(), changes: map[string]int{}, since: map[*catalog.Relation][]int64{}}
	for name, x := range b.captures {
		c.changes[name] = x.log.len()
	}
	for rel, f := range b.feeds {
		c.since[rel] = f.silence()
	}
	b.saved = c
	return nil
}

// crash drops everything, goes on from the last checkpoint, and lets what came after it
// happen again.
func (b *bench) crash() error {
	if b.saved != nil && b.saved.over {
		return nil
	}
	if err := b.stop(); err != nil {
		return err
	}
	if err := b.start(b.saved); err != nil {
		return err
	}
	first := 0
	if b.saved != nil {
		first = b.saved.events
	}
	for _, e := range b.events[first:] {
		if err := b.do(e); err != nil {
			return err
		}
	}
	return nil
}
