package operators

import (
	"sort"

	"tidemark/operators/agg"
	"tidemark/operators/data"
	"tidemark/operators/state"
	"tidemark/operators/watermark"
	"tidemark/operators/window"
)

// EmitMode says when an Aggregate emits.
type EmitMode uint8

// The emit modes.
const (
	EmitClose   EmitMode = iota // each window once when it closes, then corrections
	EmitFinal                   // each window once, when nothing can change it any more
	EmitChanges                 // a change for every row
)

// AggregateCall is one aggregate over columns of the input.
type AggregateCall struct {
	Func *agg.Func
	// Cols are the input columns that Func takes: its arguments, its order keys and,
	// if it uses it, the event time.
	Cols []int
	// Filter is the BOOLEAN input column of FILTER (WHERE …), or -1: only rows for
	// which it is true count.
	Filter int
}

// AggregateConfig describes an Aggregate. Its output has the columns of Out:
// window_start and window_end when windowed, the keys, the aggregates.
type AggregateConfig struct {
	Window   *window.Tumble // nil: not windowed, EmitChanges only
	Time     int            // input column with the event time
	Keys     []int          // input columns
	Calls    []AggregateCall
	Lateness watermark.Lateness
	Emit     EmitMode
	// PassTime passes on every move of the watermark, for an operator further
	// down that has windows of its own.
	PassTime bool
	// BatchRows is the most rows of an output batch.
	BatchRows int
	Out       data.Schema
	Account   *Account // counts late rows; may be nil
}

// Aggregate groups rows by key, and by tumbling window when it has one. Rows of
// a window are kept apart in a pane of their own, which is emitted when the
// watermark passes the window's end, ordered by key.
//
// What is emitted depends on the rows and the watermark's moves alone. Between
// two moves that open or close nothing, rows are handled as columns; a batch is
// cut only where the watermark crosses the windows' grid.
type Aggregate struct {
	cfg      AggregateConfig
	wm       int64 // before the next row
	panes    []*pane
	free     []*pane
	keyTypes []data.Type
	pool     *data.Pool

	out    *data.Batch
	emit   Output
	keys   []*data.Vector // of the batch in hand
	hashes []uint64
	rows   []int32
	ids    []int32
	order  state.OrderScratch
	one    [1]int32
	args   []*data.Vector // of one call
	keptTo []int32        // groups and rows that a FILTER keeps
	kept   []int32
}

// pane is the groups of one window.
type pane struct {
	start, end int64
	closed     bool // emitted already: a new row corrects it
	table      *state.KeyTable
	aggs       []agg.State
	rows       []int32 // of the batch in hand, not yet added
}

// NewAggregate returns an aggregate. in is the schema of its input.
func NewAggregate(cfg AggregateConfig, in data.Schema) *Aggregate {
	a := &Aggregate{cfg: cfg, wm: data.MinTime, pool: data.NewPool(cfg.Out)}
	for _, k := range cfg.Keys {
		a.keyTypes = append(a.keyTypes, in[k].Type)
	}
	a.keys = make([]*data.Vector, len(cfg.Keys))
	return a
}

// Process adds b's rows and emits the windows that its steps close.
func (a *Aggregate) Process(b *data.Batch, out Output) error {
	defer b.Release()
	a.emit = out
	for i, k := range a.cfg.Keys {
		a.keys[i] = b.Cols[k]
	}
	hashes := b.Hashes
	if hashes == nil {
		if cap(a.hashes) < b.N {
			a.hashes = make([]uint64, b.N)
		}
		hashes = a.hashes[:b.N]
		state.HashRows(a.keys, b.Sel, b.N, hashes)
	}
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
	return a.flush()
}

// nextCut returns the least watermark at which a batch must be cut.
func (a *Aggregate) nextCut() int64 {
	switch {
	case a.cfg.PassTime && a.emitsPerRow():
		return data.MinTime // rows and moves interleave in the output: cut at each move
	case a.cfg.Window == nil:
		return data.MaxTime
	}
	return a.cfg.Lateness.NextCut(a.wm, a.cfg.Window.NextEnd)
}

// emitsPerRow reports whether adding a row may emit one at once.
func (a *Aggregate) emitsPerRow() bool {
	return a.cfg.Emit == EmitChanges || a.cfg.Emit == EmitClose && a.cfg.Lateness.Allowed > 0
}

// addRows adds the selected rows [from, to) of b, for all of which the windows
// stand as they do at a.wm.
func (a *Aggregate) addRows(b *data.Batch, hashes []uint64, from, to int) error {
	if from == to {
		return nil
	}
	rows := a.segment(b, from, to)
	if a.cfg.Window == nil {
		p := a.pane(0)
		for _, r := range rows {
			if err := a.change(p, b, hashes, r); err != nil {
				return err
			}
		}
		return nil
	}
	for len(rows) > 0 {
		n, err := a.addRun(b, hashes, rows)
		if err != nil {
			return err
		}
		rows = rows[n:]
	}
	for _, p := range a.panes {
		if len(p.rows) > 0 {
			a.add(p, b, hashes, p.rows)
			p.rows = p.rows[:0]
		}
	}
	return nil
}

// addRun deals with the rows at the start of rows that belong to one window, and
// returns how many they are.
func (a *Aggregate) addRun(b *data.Batch, hashes []uint64, rows []int32) (int, error) {
	times := b.Cols[a.cfg.Time]
	start := a.cfg.Window.Start(times.Ints[times.Index(int(rows[0]))])
	end := a.cfg.Window.End(start)
	n := len(rows)
	if !times.Const {
		ints := times.Ints
		for n = 1; n < len(rows) && ints[rows[n]] >= start && ints[rows[n]] < end; n++ {
		}
	}
	rows = rows[:n]
	if a.cfg.Lateness.Gone(end, a.wm) {
		if a.cfg.Account != nil {
			missedBy := int64(0)
			for _, r := range rows {
				missedBy = max(missedBy, a.watermarkBefore(b, r)-end)
			}
			a.cfg.Account.addLate(int64(n), missedBy)
		}
		return n, nil
	}
	p := a.pane(start)
	p.closed = p.closed || a.cfg.Emit == EmitClose && a.cfg.Lateness.Closed(end, a.wm)
	if !p.closed && a.cfg.Emit != EmitChanges {
		p.rows = append(p.rows, rows...)
		return n, nil
	}
	for _, r := range rows {
		if err := a.change(p, b, hashes, r); err != nil {
			return n, err
		}
	}
	return n, nil
}

// watermarkBefore returns the watermark as it stood before row r of b.
func (a *Aggregate) watermarkBefore(b *data.Batch, r int32) int64 {
	k := sort.Search(len(b.Steps), func(k int) bool { return b.Steps[k].Row > int(r) })
	if k == 0 {
		return a.wm
	}
	return b.Steps[k-1].Time
}

// segment returns the selected rows [from, to) of b as physical indexes.
func (a *Aggregate) segment(b *data.Batch, from, to int) []int32 {
	if b.Sel != nil {
		return b.Sel[from:to]
	}
	a.rows = a.rows[:0]
	for r := from; r < to; r++ {
		a.rows = append(a.rows, int32(r))
	}
	return a.rows
}

// add puts rows into their groups.
func (a *Aggregate) add(p *pane, b *data.Batch, hashes []uint64, rows []int32) {
	if cap(a.ids) < len(rows) {
		a.ids = make([]int32, max(len(rows), 2*cap(a.ids)))
	}
	ids := a.ids[:len(rows)]
	p.table.FindOrAdd(a.keys, hashes, rows, ids)
	for i, c := range a.cfg.Calls {
		p.aggs[i].Resize(p.table.Len())
		to, kept := a.filter(&c, b, ids, rows)
		p.aggs[i].Update(to, kept, a.arguments(&c, b))
	}
}

// arguments returns the columns that a call is computed over, good until the next call.
func (a *Aggregate) arguments(c *AggregateCall, b *data.Batch) agg.Rows {
	a.args = a.args[:0]
	for _, i := range c.Cols {
		a.args = append(a.args, b.Cols[i])
	}
	return agg.Rows{Cols: a.args, Seq: b.Seq}
}

// filter returns those of rows, and their groups, that a call's FILTER keeps,
// good until the next call.
func (a *Aggregate) filter(c *AggregateCall, b *data.Batch, ids, rows []int32) (to, kept []int32) {
	if c.Filter < 0 {
		return ids, rows
	}
	cond := b.Cols[c.Filter]
	a.keptTo, a.kept = a.keptTo[:0], a.kept[:0]
	for k, r := range rows {
		if !cond.IsNull(int(r)) && cond.Bools[cond.Index(int(r))] {
			a.keptTo, a.kept = append(a.keptTo, ids[k]), append(a.kept, r)
		}
	}
	return a.keptTo, a.kept
}

// change adds one row and emits how its group changes.
func (a *Aggregate) change(p *pane, b *data.Batch, hashes []uint64, r int32) error {
	at := 2 * (b.Seq + int64(r))
	a.one[0] = r
	groups := p.table.Len()
	ids := [1]int32{}
	p.table.FindOrAdd(a.keys, hashes, a.one[:], ids[:])
	if int(ids[0]) == groups {
		a.add(p, b, hashes, a.one[:])
		return a.append(p, ids[:], data.Insert, at)
	}
	if err := a.room(2); err != nil { // the two stay in one batch
		return err
	}
	if err := a.appendPart(p, ids[:], data.UpdateBefore, at); err != nil {
		return err
	}
	a.add(p, b, hashes, a.one[:])
	err := a.appendPart(p, ids[:], data.UpdateAfter, at)
	if row, ok := err.(*RowError); ok {
		row.Where = b.Where(int(r))
	}
	return err
}

// pane returns the pane of the window that starts at start.
func (a *Aggregate) pane(start int64) *pane {
	i := len(a.panes)
	if i > 0 && a.panes[i-1].start == start { // nearly always
		return a.panes[i-1]
	}
	i = sort.Search(i, func(k int) bool { return a.panes[k].start > start })
	if i > 0 && a.panes[i-1].start == start {
		return a.panes[i-1]
	}
	p := a.newPane(start)
	a.panes = append(a.panes, nil)
	copy(a.panes[i+1:], a.panes[i:])
	a.panes[i] = p
	return p
}

func (a *Aggregate) newPane(start int64) *pane {
	var p *pane
	if k := len(a.free); k > 0 {
		p, a.free = a.free[k-1], a.free[:k-1]
	} else {
		p = &pane{table: state.NewKeyTable(a.keyTypes)}
		for _, c := range a.cfg.Calls {
			p.aggs = append(p.aggs, c.Func.New())
		}
	}
	p.start, p.end, p.closed = start, data.MaxTime, false
	if a.cfg.Window != nil {
		p.end = a.cfg.Window.End(start)
	}
	return p
}

// drop takes the first n panes away and keeps their memory for later ones.
func (a *Aggregate) drop(n int) {
	for _, p := range a.panes[:n] {
		p.table.Reset()
		for _, s := range p.aggs {
			s.Reset()
		}
		a.free = append(a.free, p)
	}
	a.panes = a.panes[:copy(a.panes, a.panes[n:])]
}
