package build

import (
	"context"
	"fmt"
	"slices"

	"tidemark/connectors"
	"tidemark/operators"
	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/planner/catalog"
	"tidemark/planner/plan"
	"tidemark/runtime/dataflow"
)

// reading is a relation and the scans that read it, which share one source.
type reading struct {
	relation *catalog.Relation
	scans    []scanned
}

// scanned is one scan and the way its rows go.
type scanned struct {
	scan  *plan.Scan
	way   *way
	query *plan.Query
}

// scan lets w begin at a relation.
func (b *builder) scan(n *plan.Scan, w *way) {
	r := b.reads[n.Relation]
	if r == nil {
		r = &reading{relation: n.Relation}
		b.reads[n.Relation] = r
		b.order = append(b.order, r)
	}
	r.scans = append(r.scans, scanned{n, w, b.query})
}

// source builds the source of a relation and begins the ways of its scans. The
// columns that any of them needs are decoded once.
func (b *builder) source(read *reading) error {
	r := read.relation
	cfg, at := read.columns()
	src := &dataflow.Source{Name: r.Name, Time: -1, Workers: b.env.Readers, BatchRows: b.env.BatchRows}
	first := read.scans[0].scan
	inBatch := func(c int) int { return at[first.Columns[c]] } // the scan's column → the batch's
	if first.Time >= 0 && first.TimeExpr == nil {
		src.Time = inBatch(first.Time)
		cfg.Always = []int{src.Time}
	}
	for _, e := range []expr.Expr{first.TimeExpr, first.Marks} {
		if e == nil {
			continue
		}
		for _, c := range expr.Columns(e) { // rows that fail the filter have a time too
			if !slices.Contains(cfg.Always, inBatch(c)) {
				cfg.Always = append(cfg.Always, inBatch(c))
			}
		}
	}
	if src.Time >= 0 && !slices.Contains(cfg.Required, src.Time) {
		cfg.Required = append(cfg.Required, src.Time)
	}
	pushed := len(read.scans) == 1 && push(&cfg, first.Filter)
	if pushed {
		src.Pushed = b.account(first)
	}
	var err error
	if src.Input, err = b.env.Source(r, cfg); err != nil {
		return err
	}
	src.Schema = cfg.Columns()
	if e := first.TimeExpr; e != nil {
		e = expr.Remap(e, inBatch)
		src.Time = len(src.Schema)
		src.Schema = append(src.Schema, data.Column{Name: first.TimeName, Type: e.Type(), Time: true})
		src.Event = func() dataflow.EventTime { return &eventTime{expr.Compile(e)} }
	}
	src.Watermark, src.Clock, src.Hold = watermarkSpec(first.Timing), first.Timing.Clock, b.env.Hold
	if err := timeOptions(r, src); err != nil {
		return err
	}
	src.Partitioned = src.Partitioned || connectors.ReadApart(src.Input)
	if first.Marks != nil {
		e := expr.Remap(first.Marks, inBatch)
		src.Marks = func() dataflow.Marks { return &marks{expr.Compile(e)} }
	}
	if err := b.onError(r, src); err != nil {
		return err
	}
	for _, s := range read.scans {
		b.begin(s, at, pushed, len(src.Schema))
		b.leaves[s.scan] = src
		src.Edges = append(src.Edges, s.way.edge)
	}
	b.program.Flow.Sources = append(b.program.Flow.Sources, src)
	return nil
}

// columns says what a connector is told of the columns that a reading needs, and where
// each of the relation's is in its batches.
func (read *reading) columns() (cfg connectors.SourceConfig, at map[int]int) {
	r := read.relation
	cfg = connectors.SourceConfig{Name: r.Name, Inferred: r.Inferred}
	physical := make([]int, len(r.Schema)) // the relation's column → the input's
	for i, c := range r.Schema {
		if r.IsComputed(i) {
			continue
		}
		physical[i] = len(cfg.Schema)
		if r.IsMetadata(i) {
			if cfg.Metadata == nil {
				cfg.Metadata = map[int]string{}
			}
			cfg.Metadata[physical[i]] = r.Metadata[i]
		}
		cfg.Schema = append(cfg.Schema, c)
	}
	if r.Key != nil {
		cfg.Key = []int{}
	}
	for _, k := range r.Key {
		if !r.IsComputed(k) && !r.IsMetadata(k) {
			cfg.Key = append(cfg.Key, physical[k])
		}
	}
	at = map[int]int{}
	for _, s := range read.scans {
		for _, c := range s.scan.Columns {
			if _, ok := at[c]; !ok {
				at[c] = len(cfg.Needed)
				cfg.Needed = append(cfg.Needed, physical[c])
				if c < len(r.Required) && r.Required[c] {
					cfg.Required = append(cfg.Required, at[c])
				}
			}
		}
	}
	return cfg, at
}

// begin puts what turns the source's batches into the scan's at the beginning of
// its way: its columns in its order, and its filter unless the decoder has it.
func (b *builder) begin(s scanned, at map[int]int, pushed bool, width int) {
	if !pushed && len(s.scan.Filter) > 0 {
		pred, account := expr.And(s.scan.Filter), b.account(s.scan)
		s.way.counts(account)
		s.way.before(func() operators.Operator { return operators.NewFilter(pred, account) })
	}
	schema := s.scan.Schema()
	same := len(schema) == width
	exprs := make([]expr.Expr, len(schema))
	for i, c := range schema {
		from := width - 1 // the computed event time
		if i < len(s.scan.Columns) {
			from = at[s.scan.Columns[i]]
		}
		same = same && from == i
		exprs[i] = expr.NewColumn(from, c.Name, c.Type, s.query.Span)
	}
	if !same {
		s.way.before(func() operators.Operator { return operators.NewProject(exprs) })
	}
}

// push hands the scan's conjuncts to the decoder. It reports false, and pushes
// none, when there is nothing to push or one is not a comparison with constants.
func push(cfg *connectors.SourceConfig, conjuncts []expr.Expr) bool {
	preds := make([]connectors.Predicate, 0, len(conjuncts))
	for _, e := range conjuncts {
		p, ok := plan.Comparison(e)
		if !ok {
			return false
		}
		preds = append(preds, connectors.Predicate{Column: p.Column, Op: p.Op, Values: p.Values})
	}
	cfg.Filter = preds
	return len(preds) > 0
}

// onError applies the relation's on_error option.
func (b *builder) onError(r *catalog.Relation, src *dataflow.Source) error {
	switch r.Option("on_error") {
	case "skip":
		src.SkipBad = true
	case "dead_letter":
		src.SkipBad = true
		name := r.Option("dead_letter")
		target := b.env.Relation(name)
		if target == nil {
			return fmt.Errorf("on_error = 'dead_letter' needs the option dead_letter with the name of a declared stream")
		}
		d, err := newDeadLetters(target, b.env)
		if err != nil {
			return fmt.Errorf("dead_letter %s: %w", name, err)
		}
		src.OnBad = d.add
		src.AtBarrier = func() (connectors.Sink, error) { return d.sink, d.write(context.Background()) }
		b.program.letters = append(b.program.letters, d)
	}
	return nil
}
