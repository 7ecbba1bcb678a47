package build

import (
	"context"
	"fmt"
	"io"

	"tidemark/connectors"
	"tidemark/operators"
	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/planner/catalog"
	"tidemark/planner/plan"
	"tidemark/runtime/dataflow"
)

// source builds the source of a relation and the edges of the statements that
// read it. The columns that any of them needs are decoded once.
func (b *builder) source(r *catalog.Relation, statements []*Statement) error {
	cfg := connectors.SourceConfig{Name: r.Name, Schema: r.Schema}
	at := map[int]int{} // the relation's column → the batch's
	scans := make([]*plan.Scan, len(statements))
	for i, st := range statements {
		scans[i] = leaf(st.Query.Root).(*plan.Scan)
		for _, c := range scans[i].Columns {
			if _, ok := at[c]; !ok {
				at[c] = len(cfg.Needed)
				cfg.Needed = append(cfg.Needed, c)
			}
		}
	}
	src := &dataflow.Source{Name: r.Name, Time: -1, Workers: b.env.Workers, BatchRows: b.env.BatchRows}
	if scan := scans[0]; scan.Time >= 0 {
		src.Time, src.Delay = at[scan.Columns[scan.Time]], scan.Delay
		cfg.Always = []int{src.Time}
	}
	for i, c := range cfg.Needed {
		if i == src.Time || c < len(r.Required) && r.Required[c] {
			cfg.Required = append(cfg.Required, i)
		}
	}
	pushed := len(statements) == 1 && push(&cfg, scans[0].Filter)
	if pushed {
		src.Pushed = statements[0].Account
	}
	var err error
	if src.Input, err = b.env.Source(r, cfg); err != nil {
		return err
	}
	src.Schema = cfg.Columns()
	if err := b.onError(r, src); err != nil {
		return err
	}
	for i, st := range statements {
		st.Source = src
		edge, err := b.edge(st, path(st.Query.Root), scanOperators(scans[i], at, pushed, len(cfg.Needed), st))
		if err != nil {
			return err
		}
		src.Edges = append(src.Edges, edge)
	}
	b.program.Flow.Sources = append(b.program.Flow.Sources, src)
	return nil
}

// scanOperators returns what turns the source's batches into the scan's: its
// filter, unless the decoder has it, and its columns in its order.
func scanOperators(scan *plan.Scan, at map[int]int, pushed bool, width int, st *Statement) []factory {
	var fs []factory
	exprs := make([]expr.Expr, len(scan.Columns))
	same := len(scan.Columns) == width
	schema := scan.Schema()
	for i, c := range scan.Columns {
		same = same && at[c] == i
		exprs[i] = expr.NewColumn(at[c], schema[i].Name, schema[i].Type, st.Query.Span)
	}
	if !same {
		fs = append(fs, func() operators.Operator { return operators.NewProject(exprs) })
	}
	if !pushed && len(scan.Filter) > 0 {
		pred := expr.And(scan.Filter)
		fs = append(fs, func() operators.Operator { return operators.NewFilter(pred, st.Account) })
	}
	return fs
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

// values builds the source of a SELECT without FROM: one row without columns.
func (b *builder) values(st *Statement, v *plan.Values) {
	src := &dataflow.Source{Name: st.Query.Name, Input: oneRow{}, Time: -1, Workers: 1, BatchRows: 1}
	exprs := v.Rows[0]
	project := func() operators.Operator { return operators.NewProject(exprs) }
	st.Source = src
	if edge, err := b.edge(st, path(st.Query.Root), []factory{project}); err == nil {
		src.Edges = []*dataflow.Edge{edge}
	}
	b.program.Flow.Sources = append(b.program.Flow.Sources, src)
}

// oneRow is an input of one row that has no columns.
type oneRow struct{}

func (oneRow) Open(context.Context) (connectors.Reader, error) { return &oneRowReader{}, nil }
func (oneRow) NewDecoder() (connectors.Decoder, error)         { return oneRow{}, nil }
func (oneRow) Bounded() bool                                   { return true }
func (oneRow) Decode(c *connectors.Chunk, b *data.Batch, _ *connectors.Place, _ int) bool {
	b.N, c.Records = 1, 1
	return true
}

type oneRowReader struct{ done bool }

func (r *oneRowReader) Next(_ context.Context, c *connectors.Chunk) error {
	if r.done {
		return io.EOF
	}
	r.done = true
	c.Reset()
	return nil
}

func (r *oneRowReader) Progress() (read, total int64) { return 1, 1 }
func (r *oneRowReader) Close() error                  { return nil }

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
		b.program.letters = append(b.program.letters, d)
	}
	return nil
}
