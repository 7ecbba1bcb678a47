package engine

import (
	"context"
	"slices"
	"strings"

	"tidemark/connectors"
	"tidemark/operators/data"
	"tidemark/parser"
	"tidemark/parser/source"
	"tidemark/planner"
	"tidemark/planner/catalog"
	"tidemark/planner/plan"
	"tidemark/runtime/build"
	"tidemark/runtime/dataflow"
)

// Advice is what the rows of a stream say about its watermark's delay and about the
// lateness that queries over it allow.
type Advice struct {
	Stream string `json:"stream"`
	Time   string `json:"time"` // the event-time column
	Rows   int64  `json:"rows"`
	// Lags says how many rows came how far behind the greatest time before them.
	Lags []LagBar `json:"lags"`
	// Most is the greatest lag, microseconds.
	Most int64 `json:"most_us"`
	// Uses are the windows and joins over the stream; one without a statement stands
	// for the rows themselves where there are none.
	Uses []Use `json:"uses"`
}

// LagBar is how many rows lag by more than From and no more than To microseconds: To
// is 0 for rows in order, and -1 where there is no upper bound.
type LagBar struct {
	From int64 `json:"from_us"`
	To   int64 `json:"to_us"`
	Rows int64 `json:"rows"`
}

// Use is a window or join that leaves out rows which come too late, and what it
// would leave out under several choices; the first is the script's own.
type Use struct {
	Statement string   `json:"statement,omitempty"`
	What      string   `json:"what"`
	Choices   []Choice `json:"choices"`
}

// Choice is a delay of the watermark and a lateness, microseconds, and what they come to.
type Choice struct {
	Name     string `json:"name"` // "as written", "99.9 %", "all"
	Delay    int64  `json:"delay_us"`
	Lateness int64  `json:"lateness_us"`
	Lost     int64  `json:"rows_lost"`
	// Latency is how long after the end of a window its result comes: the delay.
	Latency int64 `json:"latency_us"`
	// Windows is how many windows of a key are kept at once, at most; 0 when there
	// are no windows of one length.
	Windows int64 `json:"windows_per_key,omitempty"`
	// Clause is what to write.
	Clause string `json:"clause"`
}

// Advise reads the inputs of a script once, as far as they end or until ctx is done,
// and returns what their rows say of delays and lateness. Nothing is written.
func (e *Engine) Advise(ctx context.Context, f *source.File, opts Options) ([]Advice, source.List, error) {
	if opts.Stdin != nil {
		opts.Stdin = connectors.NewAhead(opts.Stdin)
	}
	result, problems := e.plan(f, opts)
	if result == nil {
		return nil, problems, nil
	}
	var list []Advice
	for _, r := range timed(result) {
		a, err := e.adviseOn(ctx, r, result, opts)
		if err != nil {
			return nil, problems, err
		}
		list = append(list, *a)
	}
	if len(list) == 0 {
		problems.Errorf(f, source.Span{}, "declare WATERMARK FOR ts AS ts - INTERVAL '5' SECOND in CREATE STREAM, and use the stream in a query", "no query of the script reads a stream that has a watermark")
	}
	return list, problems, nil
}

// timed returns the relations with a watermark that the queries read, each once.
func timed(result *planner.Result) []*catalog.Relation {
	var list []*catalog.Relation
	for _, q := range result.Queries {
		for _, r := range inputs(q.Root) {
			if r.Watermark != nil && !slices.Contains(list, r) {
				list = append(list, r)
			}
		}
	}
	return list
}

// adviseOn reads one stream.
func (e *Engine) adviseOn(ctx context.Context, r *catalog.Relation, result *planner.Result, opts Options) (*Advice, error) {
	column := r.Schema[r.Watermark.Column].Name
	uses := usesOf(r, result.Queries)
	all := dataflow.NewLags(lagBounds...)
	counts := &lagSink{count: func(t, latest int64) { all.Add(latest - t) }}
	quoted := func(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
	script, problems := parser.Parse(source.NewFile(r.Name, "SELECT "+quoted(column)+" FROM "+quoted(r.Name)))
	if problems.HasErrors() {
		return nil, problems[0]
	}
	read, problems := planner.Plan(script, result.Catalog, planning{e.registry, opts})
	if problems.HasErrors() {
		return nil, problems[0]
	}
	list := []*plan.Query{plan.LagQuery(read.Queries[0], read.Queries[0].Root.Input, 0)}
	sinks := map[*plan.Query]connectors.Sink{list[0]: counts}
	for _, u := range uses {
		if q := u.query(list[0]); q != nil { // it does not see all rows
			list = append(list, q)
			sinks[q] = &lagSink{count: u.count}
		} else {
			counts.also(u.count)
		}
	}
	program, err := build.Build(list, build.Env{
		Source: func(r *catalog.Relation, cfg connectors.SourceConfig) (connectors.Source, error) {
			cfg.BaseDir, cfg.Stdin = opts.dir(r), opts.Stdin
			return e.source(r, cfg)
		},
		Print:    func(q *plan.Query) (connectors.Sink, error) { return sinks[q], nil },
		Live:     func(*plan.Query) bool { return false },
		Bounded:  e.bounded,
		Relation: result.Catalog.Lookup,
		Workers:  opts.workers(), BatchRows: opts.batchRows(),
	})
	if err != nil {
		return nil, err
	}
	err = program.Flow.Run(ctx, ctx)
	if cerr := program.Close(ctx); err == nil {
		err = cerr
	}
	if err != nil {
		return nil, err
	}
	a := &Advice{Stream: r.Name, Time: column, Rows: all.Rows(), Most: all.Most()}
	for i, b := range all.Bars(lagBounds...) {
		bar := LagBar{From: b.From, To: b.To, Rows: b.Rows}
		if i > len(lagBounds) {
			bar.To = -1
		}
		a.Lags = append(a.Lags, bar)
	}
	for _, u := range uses {
		a.Uses = append(a.Uses, u.advise(r, column))
	}
	return a, nil
}

// lagBounds are the bounds of the histogram, microseconds.
var lagBounds = []int64{1e6, 5e6, 30e6, 300e6}

// lagSink counts the lags of rows that come in the order of their arrival, each with the
// greatest time before it.
type lagSink struct{ count func(t, latest int64) }

// also lets another count the rows.
func (s *lagSink) also(count func(t, latest int64)) {
	first := s.count
	s.count = func(t, latest int64) {
		first(t, latest)
		count(t, latest)
	}
}

// Write implements connectors.Sink.
func (s *lagSink) Write(_ context.Context, b *data.Batch) error {
	times, latest := b.Cols[0], b.Cols[1]
	for k := range b.Rows() {
		r := b.Row(k)
		t := times.Ints[times.Index(r)]
		if latest.IsNull(r) {
			s.count(t, t) // nothing came before it
		} else {
			s.count(t, latest.Ints[latest.Index(r)])
		}
	}
	return nil
}

// Flush implements connectors.Sink.
func (s *lagSink) Flush(context.Context) error { return nil }

// Close implements connectors.Sink.
func (s *lagSink) Close() error { return nil }
