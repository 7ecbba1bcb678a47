package operators

import (
	"fmt"
	"slices"
	"strings"

	"tidemark/operators/data"
)

// emitReady emits the rows of o.now, and the moves of the watermark between them.
func (o *Over) emitReady(b *data.Batch) error {
	if len(o.cfg.Order) > 1 {
		return o.emitSorted(b)
	}
	step := 0
	for rows := o.now; len(rows) > 0; {
		if err := o.room(); err != nil {
			return err
		}
		n := min(len(rows), o.cfg.BatchRows-o.out.N)
		failed := o.evaluate(rows[:n], o.out.Cols[o.width:len(o.out.Cols)-1])
		if err := o.append(b, rows[:n], &step, failed); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return o.passSteps(b, &step, len(b.Steps))
}

// emitSorted is emitReady where the rows of an instant are looked at in another
// order than that in which they are emitted.
func (o *Over) emitSorted(b *data.Batch) error {
	order := make([]int32, len(o.now)) // places in o.now as they are looked at
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortStableFunc(order, func(i, j int32) int {
		r, s := &o.now[i], &o.now[j]
		if r.part != s.part {
			return int(r.part) - int(s.part)
		}
		return int(r.pos - s.pos)
	})
	rows := make([]overReady, len(order))
	place := make([]int32, len(order)) // where the results of each row of o.now are
	for k, i := range order {
		rows[k], place[i] = o.now[i], int32(k)
	}
	for i, v := range o.results {
		v.Reset(o.cfg.Out[o.width+i].Type)
	}
	failed := o.evaluate(rows, o.results)
	for i := range failed {
		failed[i].row = int(order[failed[i].row])
	}
	step := 0
	for from := 0; from < len(o.now); {
		if err := o.room(); err != nil {
			return err
		}
		to := min(len(o.now), from+o.cfg.BatchRows-o.out.N)
		for i, v := range o.results {
			Gather(o.out.Cols[o.width+i], v, place[from:to])
		}
		var bad []overError
		for _, f := range failed {
			if f.row >= from && f.row < to {
				f.row -= from
				bad = append(bad, f)
			}
		}
		if err := o.append(b, o.now[from:to], &step, bad); err != nil {
			return err
		}
		from = to
	}
	return o.passSteps(b, &step, len(b.Steps))
}

// evaluate computes the functions for rows.
func (o *Over) evaluate(rows []overReady, out []*data.Vector) []overError {
	o.look = o.look[:0]
	for i := range rows {
		r := &rows[i]
		o.look = append(o.look, r.overRow)
		if o.over.parts[r.part].next = r.pos + 1; !o.isTouched[r.part] {
			o.isTouched[r.part] = true
			o.touched = append(o.touched, r.part)
		}
	}
	return o.over.evaluate(o.look, out)
}

// append emits rows whose results are in the output batch already.
func (o *Over) append(b *data.Batch, rows []overReady, step *int, failed []overError) error {
	if len(failed) > 0 {
		first := slices.MinFunc(failed, func(x, y overError) int { return x.row - y.row })
		if err := o.append(b, rows[:first.row], step, nil); err != nil {
			return err
		}
		if err := o.passSteps(b, step, int(rows[first.row].step)); err != nil {
			return err
		}
		o.out = cutBatch(o.pool, o.out, o.out.N)
		if err := o.flush(); err != nil {
			return err
		}
		return o.rowError(b, &rows[first.row], first)
	}
	o.picks = o.picks[:0]
	arrivals := o.out.Cols[len(o.out.Cols)-1]
	for i := range rows {
		o.picks = append(o.picks, rows[i].row)
		arrivals.AppendInt(rows[i].arrival)
	}
	for c := range o.width {
		Gather(o.out.Cols[c], o.rows.store.cols[c], o.picks)
	}
	for i := range rows {
		r := &rows[i]
		if err := o.passSteps(b, step, int(r.step)); err != nil {
			return err
		}
		o.out.AddRows(1, data.Insert, at(b, b.Steps[r.step]))
		o.done[r.part] = max(o.done[r.part], r.pos+1)
		o.rows.store.drop(r.row)
	}
	return nil
}

// at is the position of a move of the watermark.
func at(b *data.Batch, s data.Step) int64 { return 2*(b.Seq+int64(s.Row)) - 1 }

// passSteps passes on the moves of the watermark up to number to.
func (o *Over) passSteps(b *data.Batch, step *int, to int) error {
	for ; *step < to; *step++ {
		s := b.Steps[*step]
		if !o.cfg.PassTime && s.Time != data.MaxTime {
			continue
		}
		if o.out == nil {
			o.out = o.pool.Get()
		}
		w := o.held(s.Time)
		if k := len(o.out.Steps); w == data.MinTime || k > 0 && o.out.Steps[k-1].Time >= w {
			continue
		}
		o.out.AddTriggeredStep(o.out.N, w, at(b, s))
	}
	return nil
}

// held returns the watermark of the output when that of the input is w: no row that
// is yet to be emitted is of an earlier time.
func (o *Over) held(w int64) int64 {
	if w == data.MaxTime || w == data.MinTime {
		return w
	}
	w = data.AddTime(o.cfg.Lateness.PassedBefore(w), -o.ahead.time)
	for o.open.len() > 0 {
		first := o.open.at(0)
		if first.pos >= o.done[first.part] {
			return min(w, first.time)
		}
		o.open.cut(1)
	}
	return w
}

// room makes sure that there is an output batch with room.
func (o *Over) room() error {
	if o.out != nil && o.out.N >= o.cfg.BatchRows {
		if err := o.flush(); err != nil {
			return err
		}
	}
	if o.out == nil {
		o.out = o.pool.Get()
	}
	return nil
}

func (o *Over) flush() error {
	if o.out == nil {
		return nil
	}
	out := o.out
	o.out = nil
	return o.emit(out)
}

// cutBatch returns a batch with the first n rows of b, which it releases, and the
// moves of the watermark up to there.
func cutBatch(pool *data.Pool, b *data.Batch, n int) *data.Batch {
	cut := pool.Get()
	for r := range n {
		for c, v := range b.Cols {
			cut.Cols[c].AppendFrom(v, r)
		}
		cut.AddRows(1, b.Change(r), b.Trigger[r])
	}
	for k, s := range b.Steps {
		if s.Row <= n {
			cut.AddTriggeredStep(s.Row, s.Time, b.StepTrigger[k])
		}
	}
	b.Release()
	return cut
}

// rowError is the error of a row of which a function has no result.
func (o *Over) rowError(b *data.Batch, r *overReady, f overError) error {
	marker := o.pool.Get()
	for c := range o.width {
		marker.Cols[c].AppendFrom(o.rows.store.cols[c], int(r.row))
	}
	for c := range o.cfg.Calls {
		marker.Cols[o.width+c].AppendNull()
	}
	marker.Cols[len(marker.Cols)-1].AppendInt(r.arrival)
	marker.AddRows(1, data.Insert, at(b, b.Steps[r.step]))
	return &RowError{Err: o.cfg.callError(marker, f), Marker: marker}
}

// callError says for which row a function has no result: the first one of row,
// which has the columns of the output.
func (cfg *OverConfig) callError(row *data.Batch, f overError) error {
	var where []string
	add := func(c int) {
		v, text := row.Cols[c], "NULL"
		if !v.IsNull(0) {
			text = string(data.AppendText(nil, v, 0))
		}
		where = append(where, cfg.Out[c].Name+" = "+text)
	}
	for _, c := range cfg.Partition {
		add(c)
	}
	for _, k := range cfg.Order {
		if !slices.Contains(cfg.Partition, k.Column) {
			add(k.Column)
		}
	}
	name := cfg.Out[len(cfg.Out)-len(cfg.Calls)+f.call].Name
	if len(where) == 0 {
		return fmt.Errorf("%s: %w", name, f.err)
	}
	return fmt.Errorf("%s at the row %s: %w", name, strings.Join(where, ", "), f.err)
}
