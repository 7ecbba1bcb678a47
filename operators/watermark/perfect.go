package watermark

import (
	"errors"
	"slices"

	"tidemark/operators/data"
)

// ErrChanged says that an input was not the same when it was read again.
var ErrChanged = errors.New("the input has changed between the two readings that a PERFECT watermark takes")

// Extent is what a first reading has found of a piece.
type Extent struct {
	Rows  int64 // that count
	Least int64 // the least of their times, data.MaxTime when there are none
}

// ExtentOf returns the extent of a piece.
func ExtentOf(p *Piece) Extent {
	e := Extent{Least: data.MaxTime}
	for i := range p.Rows {
		r := &p.Rows[i]
		e.Rows += int64(r.count())
		e.Least = min(e.Least, least(r))
	}
	return e
}

func least(r *Rows) int64 {
	t := int64(data.MaxTime)
	for k := range r.count() {
		t = min(t, r.Times[r.row(k)])
	}
	return t
}

// perfect generates the least time that is still to come, of an input that was
// read before. Without what was found then it holds the watermark.
type perfect struct {
	level
	rows []int64 // of each piece
	// after has the least time behind each piece, data.MaxTime behind the last.
	after []int64
}

// NewPerfect returns a generator for a partition that has the given extents.
func NewPerfect(pieces []Extent) Generator {
	g := &perfect{level: level{data.MinTime}, rows: make([]int64, len(pieces)), after: make([]int64, len(pieces))}
	next := int64(data.MaxTime)
	for i, e := range slices.Backward(pieces) {
		g.rows[i], g.after[i] = e.Rows, next
		next = min(next, e.Least)
	}
	return g
}

// Survey adds a step behind each row that is earlier than all that come after it:
// the watermark then goes to the least of these. There is one behind the first row
// of each batch too, which Settle drops unless it is the first of all.
func (g *perfect) Survey(p *Piece) {
	if p.Number >= int64(len(g.after)) {
		return
	}
	next := g.after[p.Number]
	for i := range slices.Backward(p.Rows) {
		r := &p.Rows[i]
		for k := r.count() - 1; k >= 0; k-- {
			row := r.row(k)
			t := r.Times[row]
			if (t < next || k == 0) && next != data.MaxTime { // the end makes the last move
				r.Batch.AddStep(row+1, next)
			}
			next = min(next, t)
		}
		slices.Reverse(r.Batch.Steps)
	}
}

// Settle checks that the piece is as it was.
func (g *perfect) Settle(p *Piece) error {
	if g.after != nil {
		if p.Number >= int64(len(g.rows)) || g.rows[p.Number] != ExtentOf(p).Rows {
			return ErrChanged
		}
	}
	for i := range p.Rows {
		g.settle(p.Rows[i].Batch)
	}
	return nil
}
