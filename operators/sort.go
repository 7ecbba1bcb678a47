package operators

import (
	"math"

	"tidemark/operators/data"
	"tidemark/operators/state"
)

// SortKey is one column of an order.
type SortKey = state.SortKey

// SortConfig describes a Sort.
type SortConfig struct {
	Keys []SortKey // none: in order of arrival
	// Limit is how many rows are emitted after the first Offset, -1 for all.
	Limit, Offset int64
	// Updating says that the input may take rows back.
	Updating bool
	// BatchRows is the most rows of an output batch.
	BatchRows int
	Out       data.Schema // of the input and the output
}

// Sort emits its input in another order, at its end. Rows that do not differ in
// the keys come in order of arrival. With a limit it remembers only the rows that
// may still be among those.
type Sort struct {
	cfg  SortConfig
	rows sortRows
	pool *data.Pool
	// order lists the rows that are there, by Keys after sort.
	order   []int32
	scratch state.OrderScratch
}

// sortRows is what a Sort remembers.
type sortRows interface {
	// add takes the selected rows of b.
	add(b *data.Batch) error
	// list appends the rows that are there to to, in order of arrival.
	list(to []int32) []int32
	// columns returns the rows' columns.
	columns() []*data.Vector
	save(e *data.Encoder)
	// load reads what save wrote into fresh rows.
	load(d *data.Decoder)
}

// NewSort returns a Sort.
func NewSort(cfg SortConfig) *Sort {
	s := &Sort{cfg: cfg, pool: data.NewPool(cfg.Out)}
	switch {
	case cfg.Updating:
		s.rows = newFolded(cfg.Out)
	case cfg.Limit >= 0 && cfg.Limit <= math.MaxInt32/4-cfg.Offset:
		s.rows = newTopRows(cfg)
	default:
		s.rows = newAppended(cfg.Out)
	}
	return s
}

// Process takes b's rows, and emits all at the end.
func (s *Sort) Process(b *data.Batch, out Output) error {
	defer b.Release()
	if err := s.rows.add(b); err != nil {
		return &RowError{Err: err, Seq: b.Seq + int64(b.N)}
	}
	if k := len(b.Steps) - 1; k >= 0 && b.Steps[k].Time == data.MaxTime {
		return s.finish(2*(b.Seq+int64(b.Steps[k].Row))-1, out)
	}
	return nil
}

// Snapshot writes the rows.
func (s *Sort) Snapshot(e *data.Encoder) { s.rows.save(e) }

// Restore reads the rows.
func (s *Sort) Restore(d *data.Decoder) error {
	s.rows.load(d)
	return nil
}

// finish emits the rows, made by the end of the input at a position.
func (s *Sort) finish(at int64, out Output) error {
	s.order = s.rows.list(s.order[:0])
	cols := s.rows.columns()
	state.SortRows(cols, s.cfg.Keys, s.order, &s.scratch)
	rows := s.order[min(s.cfg.Offset, int64(len(s.order))):]
	if s.cfg.Limit >= 0 {
		rows = rows[:min(s.cfg.Limit, int64(len(rows)))]
	}
	for {
		n := min(len(rows), s.cfg.BatchRows)
		o := s.pool.Get()
		for c, v := range o.Cols {
			Gather(v, cols[c], rows[:n])
		}
		o.AddRows(n, data.Insert, at)
		if rows = rows[n:]; len(rows) == 0 {
			o.AddTriggeredStep(o.N, data.MaxTime, at)
			return out(o)
		}
		if err := out(o); err != nil {
			return err
		}
	}
}
