// Package engine is the way in: it takes query texts through parsing, planning,
// building and running.
package engine

import (
	"context"
	"io"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	"tidemark/connectors"
	"tidemark/operators/clock"
	"tidemark/parser"
	"tidemark/parser/source"
	"tidemark/planner"
	"tidemark/planner/catalog"
	"tidemark/planner/plan"
	"tidemark/runtime/build"
	"tidemark/runtime/dataflow"
)

// DefaultBatchRows is the most rows of a batch unless Options say otherwise.
const DefaultBatchRows = 8192

// Engine runs scripts with a set of connectors.
type Engine struct{ registry *connectors.Registry }

// New returns an engine with the given connectors.
func New(registry *connectors.Registry) *Engine {
	return &Engine{registry: registry}
}

// Options say how a script is run. The zero value of each is its default.
type Options struct {
	// Vars are the values of ${name} in the script.
	Vars map[string]string
	// Workers is how many goroutines each source and keyed operator gets: the
	// number of processors unless given.
	Workers int
	// BatchRows is the most rows of a batch: DefaultBatchRows unless given. It
	// never changes a result.
	BatchRows int
	// Output is the form in which SELECTs print: table, line, csv, json (the default),
	// changelog or none.
	Output string
	// Screen lets a result that is updated for as long as its input lasts be shown as
	// a table, which Job.Draw returns as it stands.
	Screen bool
	// Null, Width and Limit are those of connectors.PrintConfig.
	Null  string
	Width int
	Limit int64
	// Tag adds a "query" member to each line of the json and changelog forms.
	Tag bool
	// BaseDir is the folder that relative paths start from; empty is the working
	// directory.
	BaseDir string
	// DataRoot is a folder that no path of a script may leave; empty is without limit.
	DataRoot string
	Stdin    io.Reader
	Stdout   io.Writer
	// Clock is the time of day: the machine's unless given.
	Clock clock.Clock
	// Checkpoints are kept so that the job goes on after a crash.
	Checkpoints Checkpoints
	// MemoryLimit, when it is not 0, is how many bytes the process may have: a run that
	// needs more is ended with an error.
	MemoryLimit int64
	// Warn is told what is worth knowing and no error, while the job is prepared and runs.
	Warn func(string)

	// dirs has the folders of statements that do not start from BaseDir.
	dirs map[*source.File]string
	// given has when statements of a session were given, microseconds.
	given map[*source.File]int64
}

// dir returns the folder that the paths of a relation start from.
func (o Options) dir(r *catalog.Relation) string {
	if r.File != nil && o.dirs != nil {
		if dir, ok := o.dirs[r.File.Joined(r.Span.Start)]; ok {
			return dir
		}
	}
	return o.BaseDir
}

func (o Options) clock() clock.Clock {
	if o.Clock != nil {
		return o.Clock
	}
	return clock.Real{}
}

func (o Options) workers() int {
	if o.Workers > 0 {
		return o.Workers
	}
	return runtime.GOMAXPROCS(0)
}

// with returns the options with what a script has set where they leave it open.
func (o Options) with(settings map[string]string) Options {
	number := func(name string, given int) int {
		if n, err := strconv.Atoi(settings[name]); err == nil && given == 0 {
			return n
		}
		return given
	}
	o.Workers = number("parallelism", o.Workers)
	o.BatchRows = number("batch_size", o.BatchRows)
	return o
}

func (o Options) batchRows() int {
	if o.BatchRows > 0 {
		return o.BatchRows
	}
	return DefaultBatchRows
}

// plan parses and plans a script. The list holds warnings too; there is no
// result when it has errors.
func (e *Engine) plan(f *source.File, opts Options) (*planner.Result, source.List) {
	f, problems := source.Expand(f, opts.Vars)
	if problems.HasErrors() {
		return nil, problems
	}
	return e.planExpanded(f, opts)
}

// planExpanded plans a script that has no variables any more.
func (e *Engine) planExpanded(f *source.File, opts Options) (*planner.Result, source.List) {
	script, problems := parser.Parse(f)
	result, more := planner.Plan(script, catalog.New(), planning{e.registry, opts})
	problems = append(problems, more...)
	problems.Sort()
	if problems.HasErrors() {
		return nil, problems
	}
	return result, problems
}

// Check parses and plans a script and returns everything that is wrong with it.
// Of the options it needs those that say where the inputs are.
func (e *Engine) Check(f *source.File, opts Options) source.List {
	_, problems := e.plan(f, opts)
	return problems
}

// ExplainMode says which plans Explain shows.
type ExplainMode = planner.ExplainMode

// The modes of Explain.
const (
	ExplainPhysical = planner.Physical // as they run
	ExplainLogical  = planner.Logical  // as written
	ExplainRules    = planner.Rules    // as written, and what each rewrite rule makes of them
	// ExplainWatermark says how the watermark is made, and what each step waits for.
	ExplainWatermark = planner.Watermark
	// ExplainState says what each step remembers.
	ExplainState = planner.State
)

// Explain returns the plans of a script's queries as text.
func (e *Engine) Explain(f *source.File, opts Options, mode ExplainMode) (string, source.List) {
	result, problems := e.plan(f, opts)
	if result == nil {
		return "", problems
	}
	return result.Explain(mode), problems
}

// Job is a planned script that can be run once.
type Job struct {
	engine  *Engine
	opts    Options
	program *build.Program
	// subqueries are worked out before the program is run.
	subqueries []*subquery
	started    time.Time
	durable    *durable          // nil without checkpoints
	printed    []connectors.Sink // of its SELECTs
}

// Prepare plans a script and opens its sinks. The list says what is wrong with
// the query (there is no job when it has errors); the error is about the world:
// a table with another schema, a folder that cannot be written. Where a place in
// the script leads to it, it is a *source.Diagnostic, as are those of Run.
func (e *Engine) Prepare(f *source.File, opts Options) (*Job, source.List, error) {
	if opts.Stdin != nil {
		opts.Stdin = connectors.NewAhead(opts.Stdin) // planning may look for its columns
	}
	result, problems := e.plan(f, opts)
	if result == nil {
		return nil, problems, nil
	}
	return e.job(result, problems, opts)
}

// job makes the job of the queries of a planned script. The list is what was found so
// far.
func (e *Engine) job(result *planner.Result, problems source.List, opts Options) (*Job, source.List, error) {
	for _, q := range result.Queries {
		e.checkPrint(q, opts, &problems)
	}
	together := e.printTogether(result.Queries, opts, &problems)
	e.checkStdin(result, &problems)
	if problems.HasErrors() {
		return nil, problems, nil
	}
	opts = opts.with(result.Settings)
	d, err := openDurable(opts)
	if err != nil {
		return nil, problems, err
	}
	j := &Job{engine: e, opts: opts, durable: d}
	if d.check(result, opts, &problems); problems.HasErrors() {
		return nil, problems, d.close()
	}
	err = j.build(result, opts, together)
	if err == nil && d != nil {
		if err = j.program.Flow.Compare(d.snapshot()); err != nil {
			j.program.Flow.Close()
		}
	}
	if err != nil {
		d.close()
		return nil, problems, err
	}
	return j, problems, nil
}

// build makes the flow of the queries of a planned script.
func (j *Job) build(result *planner.Result, opts Options, together bool) error {
	e := j.engine
	out := &printer{out: opts.Stdout, together: together}
	slots := map[*plan.Query]*slot{}
	for _, it := range result.Items {
		switch {
		case it.Explain != nil:
			if err := out.add().print(it.Explain.Text); err != nil {
				return err
			}
		case it.Query.Root.Relation == nil:
			slots[it.Query] = out.add()
		}
	}
	var err error
	env := build.Env{
		Source: func(r *catalog.Relation, cfg connectors.SourceConfig) (connectors.Source, error) {
			cfg.BaseDir, cfg.Stdin = opts.dir(r), opts.Stdin
			cfg.Now = func() int64 { return clock.Micros(opts.clock()) }
			s, err := e.source(r, cfg)
			if err == nil {
				err = j.durable.checkSource(r, s)
			}
			return s, err
		},
		Sink: func(r *catalog.Relation, cfg connectors.SinkConfig) (connectors.Sink, error) {
			cfg.BaseDir, cfg.Stdout = opts.dir(r), opts.Stdout
			return j.durable.sink(cfg, func(cfg connectors.SinkConfig) (connectors.Sink, error) { return e.sink(r, cfg) })
		},
		Lookup: func(r *catalog.Relation, cfg connectors.LookupConfig) (connectors.Lookup, error) {
			cfg.BaseDir = opts.dir(r)
			return e.Lookup(r, cfg)
		},
		Now:      func() int64 { return clock.Micros(opts.clock()) },
		Print:    func(q *plan.Query) (connectors.Sink, error) { return j.print(q, slots[q]) },
		Live:     e.live,
		Bounded:  e.bounded,
		Relation: result.Catalog.Lookup,
		Readers:  opts.workers(), Workers: j.durable.workers(opts.workers()), BatchRows: opts.batchRows(),
		Hold: result.Settings["end_of_input"] == "hold",
	}
	if j.subqueries, err = prepareSubqueries(result.Subqueries, env); err != nil {
		return err
	}
	if j.program, err = build.Build(result.Queries, env); err != nil {
		return err
	}
	for _, s := range j.subqueries {
		s.program.Flow.Clock = opts.clock()
	}
	j.program.Flow.Clock = opts.clock()
	j.started = opts.clock().Now()
	return nil
}

// Run runs the job until its inputs end, a row fails or ctx is done; the report
// says what happened in each case. hard ends waits inside sinks, and for
// foreign tables.
func (j *Job) Run(ctx, hard context.Context) (*Report, error) {
	asked := ctx
	defer context.AfterFunc(hard, j.program.GiveUp)()
	ctx, limit := j.watchMemory(ctx)
	defer limit.end()
	err := j.runSubqueries(ctx, hard)
	switch {
	case err != nil, ctx.Err() != nil: // without their values there is nothing to do
		j.program.Flow.Close()
	case j.durable != nil:
		err = j.durable.run(ctx, hard, j.program.Flow)
	default:
		err = j.program.Flow.Run(ctx, hard)
	}
	if cerr := j.program.Close(hard); err == nil {
		err = cerr
	}
	if cerr := j.durable.close(); err == nil {
		err = cerr
	}
	if limit.over() {
		err = limit.error(j)
	}
	r := j.Report()
	r.Interrupted = asked.Err() != nil
	if err != nil {
		r.Error = err.Error()
	}
	return r, err
}

// Report says what the job has done so far. It may be called while the job runs.
func (j *Job) Report() *Report {
	r := newReport(j.program, j.opts.clock().Now().Sub(j.started))
	r.Open = j.Progress().Open
	if j.durable != nil {
		r.Checkpoint = checkpointReport(j.durable)
	}
	r.Trouble = j.troubles()
	return r
}

// runSubqueries works out the subqueries, one after the other: later ones may use
// the values of earlier ones.
func (j *Job) runSubqueries(ctx, hard context.Context) error {
	for _, s := range j.subqueries {
		if err := s.run(ctx, hard); err != nil || ctx.Err() != nil {
			return err
		}
	}
	return nil
}

// sources returns the sources of the job, those of its subqueries first.
func (j *Job) sources() []*dataflow.Source {
	var all []*dataflow.Source
	for _, s := range j.subqueries {
		all = append(all, s.program.Flow.Sources...)
	}
	return append(all, j.program.Flow.Sources...)
}

// Progress is a glance at a running job.
type Progress struct {
	// Rows were read; Late came too late; Open is how many windows wait to be emitted:
	// see operators.Account.
	Rows, Late, Open int64
	// Done and Total are how much of the inputs was read and how much there is, in
	// their own measure; Total is -1 when it is not known. Bytes is what was read
	// of inputs that are measured in bytes.
	Done, Total, Bytes int64
	// Watermark is the least of the sources', data.MinTime before any row.
	Watermark int64
	Elapsed   time.Duration
}

// Progress returns how far the job has come. It may be called while it runs.
func (j *Job) Progress() Progress {
	p := Progress{Watermark: -1, Elapsed: j.opts.clock().Now().Sub(j.started)}
	for i, s := range j.sources() {
		st := s.Stats()
		p.Rows += st.Read
		p.Bytes += st.Bytes
		p.Done += st.Done
		if st.Total < 0 || p.Total < 0 {
			p.Total = -1
		} else {
			p.Total += st.Total
		}
		if i == 0 || st.Watermark < p.Watermark {
			p.Watermark = st.Watermark
		}
	}
	for _, s := range j.program.Statements {
		for _, a := range s.Accounts {
			p.Late += a.Times * a.Of.Late.Load()
			p.Open += a.Of.Open.Load()
		}
	}
	return p
}

// BaseDir returns the folder that a script's relative paths start from.
func BaseDir(script string) string { return filepath.Dir(script) }
