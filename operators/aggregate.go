package operators

import (
	"errors"
	"sort"

	"tidemark/operators/data"
	"tidemark/operators/state"
	"tidemark/operators/window"
)

// AggregateConfig describes an Aggregate.
type AggregateConfig struct {
	// Window are windows side by side, this operator's alone; nil: not windowed,
	// EmitChanges only.
	Window window.Cells
	// Panes is shared by the two phases of an aggregate; nil for one of its own.
	Panes    *PanePool
	Grouping // its Every does not count
}

// Aggregate groups rows by key, and by window when it has one. Rows of
// a window are kept apart in a pane of their own, which is emitted when the
// watermark passes the window's end, ordered by key.
//
// Of an updating input, -U and -D take rows back. A group without rows leaves the
// result, unless it is the one row of an aggregate without keys and windows. A row
// with its correction is one change of their group, and a change that leaves the
// result as it is, to the last byte, is not emitted. (Of an input that only adds,
// each row makes a change.)
//
// What is emitted depends on the rows and the watermark's moves alone. Between
// two moves that open or close nothing, rows are handled as columns; a batch is
// cut only where the watermark crosses the windows' grid.
type Aggregate struct {
	cfg      AggregateConfig
	wm       int64 // before the next row
	panes    []*pane
	keyTypes []data.Type
	out      emitter
	nextEnd  func(int64) int64 // of the windows

	keys   []*data.Vector // of the batch in hand
	hashes rowHashes
	rows   []int32
	ids    []int32
	order  state.OrderScratch
	one    [1]int32
	every  counting
	args   callArguments
	signed signedRows // of an updating input
	before []data.Vector
	after  []data.Vector
	told   told
	// thrifty says that there have been more than a few panes at once.
	thrifty bool
}

// NewAggregate returns an aggregate. in is the schema of its input.
func NewAggregate(cfg AggregateConfig, in data.Schema) *Aggregate {
	a := &Aggregate{cfg: cfg, wm: data.MinTime, out: newEmitter(cfg.Out, cfg.BatchRows)}
	if cfg.Panes == nil {
		a.cfg.Panes = &PanePool{}
	}
	if cfg.Window != nil {
		a.nextEnd = cfg.Window.NextEnd
	}
	a.keyTypes = columnTypes(in, cfg.Keys)
	a.keys = make([]*data.Vector, len(cfg.Keys))
	a.before, a.after = make([]data.Vector, len(cfg.Calls)), make([]data.Vector, len(cfg.Calls))
	return a
}

// Process adds b's rows and emits the windows that its steps close.
func (a *Aggregate) Process(b *data.Batch, out Output) error {
	defer b.Release()
	if b.Changes != nil && !a.cfg.Updating {
		return errors.New("an aggregate that was built for rows that stay was given rows that change: this is a mistake in Tidemark")
	}
	a.out.emit = out
	for i, k := range a.cfg.Keys {
		a.keys[i] = b.Cols[k]
	}
	hashes := a.hashes.of(b, a.keys, b.Sel)
	done := 0 // selected rows handled
	cut := a.nextCut()
	for _, s := range b.Steps {
		at := 2*(b.Seq+int64(s.Row)) - 1
		if s.Time < cut {
			if a.cfg.PassTime {
				a.passTime(s.Time, at)
			}
			continue
		}
		upTo := done + sort.Search(b.Rows()-done, func(k int) bool { return b.Row(done+k) >= s.Row })
		if err := a.addRows(b, hashes, done, upTo); err != nil {
			return err
		}
		done, a.wm = upTo, s.Time
		if err := a.advance(at); err != nil {
			return err
		}
		cut = a.nextCut()
	}
	if err := a.addRows(b, hashes, done, b.Rows()); err != nil {
		return err
	}
	if k := len(b.Steps); k > 0 {
		a.wm = b.Steps[k-1].Time
	}
	if a.cfg.Window != nil {
		a.tellOpen()
	}
	return a.out.flush()
}

// tellOpen tells the account which windows are open.
func (a *Aggregate) tellOpen() {
	first := len(a.panes)
	for first > 0 && !a.panes[first-1].closed {
		first--
	}
	open := a.panes[first:]
	a.told.windows(a.cfg.Account, len(open), func(i int) int64 { return open[i].start })
}

// nextCut returns the least watermark at which a batch must be cut.
func (a *Aggregate) nextCut() int64 {
	switch {
	case a.cfg.PassTime && a.emitsPerRow():
		return data.MinTime // rows and moves interleave in the output: cut at each move
	case a.cfg.Window == nil:
		return data.MaxTime
	}
	return a.cfg.Lateness.NextCut(a.wm, a.nextEnd)
}

// emitsPerRow reports whether adding a row may emit one at once.
func (a *Aggregate) emitsPerRow() bool {
	return a.cfg.Emit == EmitChanges || a.cfg.Emit == EmitClose && a.cfg.Lateness.Allowed > 0
}
