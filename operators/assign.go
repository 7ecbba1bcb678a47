package operators

import (
	"errors"
	"slices"

	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/operators/watermark"
)

var errNoTime = errors.New("the event time is NULL")

// AssignTime makes the watermark of rows that come from no source, from the times
// in one of their columns. Of the input's own watermark only its end is kept.
type AssignTime struct {
	time  int
	wm    watermark.Generator
	marks *expr.Program // nil: every row may move the watermark
	views *data.Pool
	piece watermark.Piece
	seen  []int32
	same  []int64 // the times of a constant column

	floors []Floor // those that are still to come
	all    int     // of floors, with those that have come
	rows   int64   // so far
}

// Floor moves the watermark to To, in microseconds, when Rows rows have come, unless it
// is there or beyond already.
type Floor struct{ Rows, To int64 }

// NewAssignTime returns an operator that goes by the TIMESTAMP column time; spec
// says how. When marks is not nil, only rows for which it is true move the watermark.
// Floors are in the order of their rows.
func NewAssignTime(time int, spec watermark.Spec, marks expr.Expr, floors []Floor) *AssignTime {
	a := &AssignTime{time: time, wm: watermark.New(spec), views: data.NewPool(nil), floors: floors, all: len(floors)}
	if marks != nil {
		a.marks = expr.Compile(marks)
	}
	return a
}

// Process passes b on with other steps.
func (a *AssignTime) Process(b *data.Batch, out Output) error {
	times := b.Cols[a.time]
	seen, err := a.see(b, times)
	if err != nil {
		return processUpTo(b, err, func(b *data.Batch) error { return a.Process(b, out) })
	}
	flat := a.flat(times, b.N)
	if len(a.floors) > 0 && a.floors[0].Rows <= a.rows+int64(b.Rows()) {
		return a.split(b, flat, seen, out)
	}
	a.rows += int64(b.Rows())
	b.Retain(1)
	defer b.Release()
	v := a.view(b)
	if err := a.assign(v, flat, seen); err != nil {
		v.Release()
		return err
	}
	if err := out(v); err != nil {
		return err
	}
	return a.end(b, out)
}

// view returns a view of b: it has other steps, and a sequence number that leaves
// room for the floors before it.
func (a *AssignTime) view(b *data.Batch) *data.Batch {
	v := a.views.View(b)
	v.Steps, v.Seq = nil, b.Seq+int64(a.all-len(a.floors))
	return v
}

// move passes on a move of the watermark by itself, behind physical row row-1 of b:
// one that a row has made may have the place there, and no two have the same.
func (a *AssignTime) move(b *data.Batch, row int, t int64, out Output) error {
	b.Retain(1)
	v := a.view(b)
	v.Sel = []int32{}
	v.Seq++
	v.AddStep(row, t)
	return out(v)
}

// end passes on the end of the input, when b has it.
func (a *AssignTime) end(b *data.Batch, out Output) error {
	if k := len(b.Steps); k > 0 && b.Steps[k-1].Time == data.MaxTime {
		return a.move(b, b.Steps[k-1].Row, data.MaxTime, out)
	}
	return nil
}

// assign gives a view the moves that its rows cause.
func (a *AssignTime) assign(v *data.Batch, times []int64, seen []int32) error {
	a.piece.Rows = append(a.piece.Rows[:0], watermark.Rows{Batch: v, Times: times, Seen: seen})
	a.wm.Survey(&a.piece)
	a.piece.Number++
	return a.wm.Settle(&a.piece)
}

// split hands on a batch with floors between its rows: in parts that end at one.
func (a *AssignTime) split(b *data.Batch, times []int64, seen []int32, out Output) error {
	defer b.Release()
	rows := make([]int32, b.Rows())
	for k := range rows {
		rows[k] = int32(b.Row(k))
	}
	if seen == nil {
		seen = rows
	}
	at := 0 // the physical row behind those that were handed on
	for {
		n, floor := len(rows), len(a.floors) > 0 && a.floors[0].Rows <= a.rows+int64(len(rows))
		if floor {
			n = int(a.floors[0].Rows - a.rows)
		}
		if n > 0 {
			at = int(rows[n-1]) + 1
		}
		k, _ := slices.BinarySearch(seen, int32(at))
		b.Retain(1)
		v := a.view(b)
		v.Sel = rows[:n:n]
		if err := a.assign(v, times, seen[:k:k]); err != nil {
			v.Release()
			return err
		}
		a.rows, rows, seen = a.rows+int64(n), rows[n:], seen[k:]
		if err := out(v); err != nil {
			return err
		}
		if !floor {
			return a.end(b, out)
		}
		if t := a.floors[0].To; a.wm.Raise(t) {
			if err := a.move(b, at, t, out); err != nil {
				return err
			}
		}
		a.floors = a.floors[1:]
	}
}

// see returns the rows of b that count for the watermark, nil for all. A row without
// a time is an error, as is one for which the marks cannot be told.
func (a *AssignTime) see(b *data.Batch, times *data.Vector) ([]int32, error) {
	if times.Null != nil {
		for k := range b.Rows() {
			if r := b.Row(k); times.IsNull(r) {
				return nil, &expr.RowError{Row: r, Err: errNoTime}
			}
		}
	}
	if a.marks == nil {
		return b.Sel, nil
	}
	var err error
	a.seen, err = a.marks.Select(b, b.Sel, a.seen[:0])
	if a.seen == nil {
		a.seen = []int32{} // none, not all
	}
	return a.seen, err
}

// flat returns the times of n rows.
func (a *AssignTime) flat(times *data.Vector, n int) []int64 {
	if !times.Const {
		return times.Ints[:n]
	}
	a.same = a.same[:0]
	for range n {
		a.same = append(a.same, times.Ints[0])
	}
	return a.same
}

// Snapshot writes the watermark, and how many rows and floors there were.
func (a *AssignTime) Snapshot(e *data.Encoder) {
	a.wm.Snapshot(e)
	e.Varint(a.rows)
	e.Uvarint(uint64(len(a.floors)))
}

// Restore reads them.
func (a *AssignTime) Restore(d *data.Decoder) error {
	if err := a.wm.Restore(d); err != nil {
		return err
	}
	a.rows = d.Varint()
	left := d.Uvarint()
	if left > uint64(len(a.floors)) {
		d.Fail()
		return nil
	}
	a.floors = a.floors[len(a.floors)-int(left):]
	return nil
}
