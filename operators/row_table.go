package operators

import (
	"errors"
	"math"
	"slices"

	"tidemark/operators/data"
)

// errStateTooLarge says that what an operator remembers is beyond what the
// positions in its columns can count.
var errStateTooLarge = errors.New("what has to be remembered is too large for memory: more than 2 billion rows, or 4 GB in one column")

// rowTable keeps rows in columns, each under a number: its place in them. The rows
// that are dropped leave gaps, which compact closes.
type rowTable struct {
	cols  []*data.Vector
	gone  []bool
	n     int // rows, gone ones included
	dead  int
	moved []int32
	// thrifty says that rows go one by one, all the time: gaps are closed when they are
	// an eighth, and columns do not grow by more at a time.
	thrifty bool
}

func newRowTable(types []data.Type) *rowTable {
	s := &rowTable{}
	for _, t := range types {
		v := &data.Vector{}
		v.Reset(t)
		s.cols = append(s.cols, v)
	}
	return s
}

// types returns the types of a schema's columns.
func types(s data.Schema) []data.Type {
	list := make([]data.Type, len(s))
	for i, c := range s {
		list[i] = c.Type
	}
	return list
}

// add appends rows of cols, which may be fewer than the store has: the caller
// appends to the others. It returns the number of the first.
func (s *rowTable) add(cols []*data.Vector, rows []int32) (first int32, err error) {
	if s.n > math.MaxInt32-len(rows) {
		return 0, errStateTooLarge
	}
	for c, v := range cols {
		if !fits(s.cols[c], v, len(rows)) {
			return 0, errStateTooLarge
		}
	}
	if s.thrifty {
		s.reserve(cols, rows)
	}
	for c, v := range cols {
		Gather(s.cols[c], v, rows)
	}
	first = int32(s.n)
	for range rows {
		s.gone = append(s.gone, false)
	}
	s.n += len(rows)
	return first, nil
}

// reserve makes room for rows of cols.
func (s *rowTable) reserve(cols []*data.Vector, rows []int32) {
	for c, v := range cols {
		to, bytes := s.cols[c], 0
		if to.Type.Class() == data.ClassBytes && (v.Const || cap(to.Bytes)-len(to.Bytes) < len(v.Bytes)) {
			for _, r := range rows {
				bytes += len(v.Text(int(r)))
			}
		}
		to.Reserve(len(rows), bytes)
	}
	s.gone = data.Reserved(s.gone, len(rows))
}

// extend takes in n rows that the caller has appended to the columns.
func (s *rowTable) extend(n int) error {
	if s.n > math.MaxInt32-n {
		return errStateTooLarge
	}
	for range n {
		s.gone = append(s.gone, false)
	}
	s.n += n
	return nil
}

// reset forgets all rows.
func (s *rowTable) reset() {
	for _, v := range s.cols {
		v.Reset(v.Type)
	}
	s.gone, s.n, s.dead = s.gone[:0], 0, 0
}

// drop forgets a row.
func (s *rowTable) drop(row int32) {
	s.gone[row] = true
	s.dead++
}

// full reports whether so many rows are gone that compact is worth its cost.
func (s *rowTable) full() bool {
	most := s.n / 3
	if s.thrifty {
		most = s.n / 8
	}
	return s.dead == s.n && s.n > 0 || s.dead > 1024 && s.dead > most
}

// compact closes the gaps. It returns the new number of each row that is left, by
// its old one, good until the next time.
func (s *rowTable) compact() []int32 {
	to := s.moved[:0]
	if s.dead < s.n {
		n := int32(0)
		to = slices.Grow(to, s.n)
		for _, gone := range s.gone {
			to = append(to, n)
			if !gone {
				n++
			}
		}
	}
	for _, v := range s.cols {
		v.Drop(s.gone)
	}
	s.n, s.dead = s.n-s.dead, 0
	s.gone = s.gone[:s.n]
	clear(s.gone)
	if s.thrifty {
		s.fit()
	} else {
		s.moved = to
	}
	return to
}

// fit gives back the memory that is far more than the rows need.
func (s *rowTable) fit() {
	s.gone = data.Fitted(s.gone)
	for _, v := range s.cols {
		v.Fit()
	}
}

// bytes estimates the memory held.
func (s *rowTable) bytes() int64 {
	b := int64(cap(s.gone) + 4*cap(s.moved))
	for _, v := range s.cols {
		b += vectorBytes(v)
	}
	return b
}

// save writes the rows, those that are gone included: to close the gaps takes longer than
// to write what is in them.
func (s *rowTable) save(e *data.Encoder) {
	e.Uvarint(uint64(s.n))
	e.Flag(s.dead > 0)
	if s.dead > 0 {
		e.Flags(s.gone)
	}
	for _, v := range s.cols {
		e.Vector(v)
	}
}

// load reads what save wrote into an empty store.
func (s *rowTable) load(d *data.Decoder) {
	n := d.Uvarint()
	if n > math.MaxInt32 {
		d.Fail()
		return
	}
	var gone []bool
	if d.Flag() {
		if gone = d.Flags(nil); len(gone) != int(n) {
			d.Fail()
		}
	}
	for _, v := range s.cols {
		d.Vector(v, v.Type)
		if v.Len() != int(n) || v.Const {
			d.Fail()
		}
	}
	if d.Damaged() {
		return
	}
	s.n = int(n)
	if gone == nil {
		gone = make([]bool, n)
	}
	s.gone, s.dead = gone, 0
	for _, is := range gone {
		if is {
			s.dead++
		}
	}
}

// has reports whether there is a row, and it is not gone.
func (s *rowTable) has(row uint64) bool { return row < uint64(s.n) && !s.gone[row] }
