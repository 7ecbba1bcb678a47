package operators

import (
	"tidemark/operators/data"
	"tidemark/operators/window"
)

// OneWindow adds to each row the window that holds it, of those that lie side by
// side: window_start, window_end and window_time, the last instant of the window,
// behind the input's columns. A row without a time has none.
type OneWindow struct {
	time  int
	cells window.Cells
	pool  *data.Pool
}

// NewOneWindow returns an operator over the windows that cells are, which are its
// alone. time is the input column with the event time, out the schema of the output.
func NewOneWindow(time int, cells window.Cells, out data.Schema) *OneWindow {
	return &OneWindow{time: time, cells: cells, pool: data.NewPool(out)}
}

// Process passes b on with the windows of its rows.
func (w *OneWindow) Process(b *data.Batch, out Output) error {
	o := w.pool.Get()
	width := len(b.Cols)
	copy(o.Cols, b.Cols)
	bounds := o.Cols[width:]
	for _, v := range bounds {
		v.Resize(v.Type, b.N)
	}
	times := b.Cols[w.time]
	var start, end int64
	known := false
	for k := range b.Rows() {
		r := b.Row(k)
		if times.IsNull(r) {
			for _, v := range bounds {
				v.Ints[r] = 0
				v.SetNull(r, b.N)
			}
			continue
		}
		if t := times.Ints[times.Index(r)]; !known || t < start || t >= end {
			start = w.cells.Start(t)
			end, known = w.cells.End(start), true
		}
		bounds[0].Ints[r], bounds[1].Ints[r], bounds[2].Ints[r] = start, end, end-1
	}
	o.Derive(b)
	return out(o)
}

// EachWindow repeats each row for the windows that hold it, in the order of their
// ends, and adds window_start, window_end and window_time behind the input's columns.
// A row without a time comes once, without a window. Of an update all old rows are
// deleted and the new ones inserted, as they may be of other windows.
type EachWindow struct {
	time, width, batchRows int
	grid                   window.Grid
	pool                   *data.Pool
	account                *Account // may be nil
	more                   int64    // rows of the batch in hand made besides the first of each

	bounds  []int64 // start and end of each window of the pane of the last row
	pane    window.Pane
	in, out *data.Batch
	emit    Output
	picks   []int32 // the input row of each output row that is not yet gathered
}

// NewEachWindow returns an operator over the windows of grid, which are its alone.
// time is the input column with the event time, batchRows the most rows of an output
// batch, out the schema of the output; account, which may be nil, counts the rows that
// are repeated.
func NewEachWindow(time int, grid window.Grid, batchRows int, out data.Schema, account *Account) *EachWindow {
	return &EachWindow{time: time, width: len(out) - 3, batchRows: batchRows, grid: grid, pool: data.NewPool(out), account: account}
}

// Process emits the rows of b for each of their windows, and its steps between them.
func (w *EachWindow) Process(b *data.Batch, out Output) error {
	defer b.Release()
	w.in, w.emit, w.more = b, out, 0
	defer func() { w.account.repeat(0, w.more) }()
	step := 0
	for k := range b.Rows() {
		r := b.Row(k)
		for ; step < len(b.Steps) && b.Steps[step].Row <= r; step++ {
			w.step(b.Steps[step])
		}
		if err := w.row(r); err != nil {
			return err
		}
	}
	for ; step < len(b.Steps); step++ {
		w.step(b.Steps[step])
	}
	return w.flush()
}

// step passes a move of the watermark on.
func (w *EachWindow) step(s data.Step) {
	o := w.output()
	o.AddTriggeredStep(o.N, s.Time, 2*(w.in.Seq+int64(s.Row))-1)
}

// row emits row r for each of its windows.
func (w *EachWindow) row(r int) error {
	change := w.in.Change(r)
	switch change {
	case data.UpdateBefore:
		change = data.Delete
	case data.UpdateAfter:
		change = data.Insert
	}
	at := 2 * (w.in.Seq + int64(r))
	times := w.in.Cols[w.time]
	if times.IsNull(r) {
		o := w.output()
		for _, v := range o.Cols[w.width:] {
			v.AppendNull()
		}
		return w.add(o, r, change, at)
	}
	w.windows(times.Ints[times.Index(r)])
	w.more += int64(len(w.bounds)/2 - 1)
	for i := 0; i < len(w.bounds); i += 2 {
		o := w.output()
		o.Cols[w.width].AppendInt(w.bounds[i])
		o.Cols[w.width+1].AppendInt(w.bounds[i+1])
		o.Cols[w.width+2].AppendInt(w.bounds[i+1] - 1)
		if err := w.add(o, r, change, at); err != nil {
			return err
		}
	}
	return nil
}

// windows finds the windows that hold t.
func (w *EachWindow) windows(t int64) {
	if len(w.bounds) > 0 && t >= w.pane.Start && t < w.pane.End {
		return
	}
	w.pane, w.bounds = w.grid.Pane(t), w.bounds[:0]
	last := w.grid.LastEnd(w.pane)
	for end := w.grid.NextEnd(w.pane.End - 1); ; end = w.grid.NextEnd(end) {
		if w.bounds = append(w.bounds, w.grid.Start(end), end); end >= last {
			return
		}
	}
}

// add makes what has been appended to o a row like row r.
func (w *EachWindow) add(o *data.Batch, r int, c data.Change, at int64) error {
	w.picks = append(w.picks, int32(r))
	o.AddRows(1, c, at)
	if o.N < w.batchRows {
		return nil
	}
	return w.flush()
}

func (w *EachWindow) output() *data.Batch {
	if w.out == nil {
		w.out = w.pool.Get()
	}
	return w.out
}

// flush copies the repeated columns and emits what there is.
func (w *EachWindow) flush() error {
	if w.out == nil {
		return nil
	}
	o := w.out
	w.out = nil
	for c := range w.width {
		if src := w.in.Cols[c]; src.Const {
			gatherConst(o.Cols[c], src, len(w.picks))
		} else {
			Gather(o.Cols[c], src, w.picks)
		}
	}
	w.picks = w.picks[:0]
	return w.emit(o)
}
