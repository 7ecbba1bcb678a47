package operators

import (
	"fmt"
	"strings"

	"tidemark/operators/data"
)

// emitter gathers what an operator emits into batches.
type emitter struct {
	pool      *data.Pool
	batchRows int
	mostText  int64
	out       *data.Batch // nil between batches
	emit      Output
}

func newEmitter(schema data.Schema, batchRows int) emitter {
	return emitter{pool: data.NewPool(schema), batchRows: batchRows, mostText: mostText}
}

// batch returns the batch in hand.
func (e *emitter) batch() *data.Batch {
	if e.out == nil {
		e.out = e.pool.Get()
	}
	return e.out
}

// room makes sure that there is a batch with room for n rows more, or an empty one.
func (e *emitter) room(n int) error {
	if e.out != nil && e.out.N > 0 && (e.out.N+n > e.batchRows || e.bytes() > e.mostText) {
		if err := e.flush(); err != nil {
			return err
		}
	}
	e.batch()
	return nil
}

// bytes returns how much text the batch in hand holds.
func (e *emitter) bytes() int64 {
	n := int64(0)
	for _, v := range e.out.Cols {
		n += int64(len(v.Bytes))
	}
	return n
}

// copy appends row i of b with a change.
func (e *emitter) copy(b *data.Batch, i int, c data.Change, at int64) {
	o := e.batch()
	for k, v := range o.Cols {
		v.AppendFrom(b.Cols[k], i)
	}
	o.AddRows(1, c, at)
}

// cut takes back all but the first n rows of the batch in hand, and what has been
// appended to some of its columns only: what is left is moved to a fresh one.
func (e *emitter) cut(n int) {
	old := e.batch()
	e.out = nil
	for r := range n {
		e.copy(old, r, old.Change(r), old.Trigger[r])
	}
	for k, s := range old.Steps {
		e.batch().AddTriggeredStep(s.Row, s.Time, old.StepTrigger[k])
	}
	old.Release()
}

// pass passes on a move of the watermark to w, unless it is there already.
func (e *emitter) pass(w, at int64) {
	o := e.batch()
	if k := len(o.Steps); k == 0 || o.Steps[k-1].Time < w {
		o.AddTriggeredStep(o.N, w, at)
	}
}

// flush emits the batch in hand.
func (e *emitter) flush() error {
	if e.out == nil {
		return nil
	}
	o := e.out
	e.out = nil
	return e.emit(o)
}

// groupError is the error of a group whose result in one column cannot be had.
// marker has the columns that tell the group, which are the first ones, in its
// only row.
func groupError(marker *data.Batch, out data.Schema, keys, column int, cause error) error {
	var where []string
	for i, v := range marker.Cols[:keys] {
		if out[i].Name == "window_end" && i == 1 {
			continue // the start is enough
		}
		text := "NULL"
		if !v.IsNull(0) {
			text = string(data.AppendText(nil, v, 0))
		}
		where = append(where, out[i].Name+" = "+text)
	}
	name := out[column].Name
	if len(where) == 0 {
		return &RowError{Err: fmt.Errorf("%s: %w", name, cause), Marker: marker}
	}
	return &RowError{Err: fmt.Errorf("%s of the group %s: %w", name, strings.Join(where, ", "), cause), Marker: marker}
}
