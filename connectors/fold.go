package connectors

import (
	"encoding/binary"
	"fmt"
	"math"
	"sort"

	"tidemark/operators/data"
)

// Fold keeps what a changelog amounts to: the rows that are there now. With a
// key it keeps the last row of each key (-U is of no interest, as its +U
// follows); without one it keeps a multiset of rows.
type Fold struct {
	schema data.Schema
	key    []int
	multi  bool
	// NullKeys takes NULL for a key value like any other, as groups do; otherwise,
	// as in a primary key, it is an error.
	NullKeys bool

	index map[string]int32 // encoded key -> row
	cols  []*data.Vector
	count []int32 // how often each row is there; 0 marks a row that is not
	live  int     // rows with a count other than 0
	buf   []byte
}

// NewFold returns an empty fold. A nil key keeps a multiset; an empty one, of a
// result with at most one row, keeps that row.
func NewFold(schema data.Schema, key []int) *Fold {
	f := &Fold{schema: schema, key: key, multi: key == nil, index: map[string]int32{}}
	if f.multi {
		for i := range schema {
			f.key = append(f.key, i)
		}
	}
	f.reset()
	return f
}

func (f *Fold) reset() {
	f.cols = make([]*data.Vector, len(f.schema))
	for i, c := range f.schema {
		f.cols[i] = &data.Vector{}
		f.cols[i].Reset(c.Type)
	}
	f.count = nil
}

// Len returns the number of rows that are there.
func (f *Fold) Len() int {
	if !f.multi {
		return f.live
	}
	n := 0
	for _, c := range f.count {
		n += max(0, int(c))
	}
	return n
}

// NullKeyError says that a row has NULL in a primary key.
type NullKeyError struct{ Column string }

// Error names the column and the remedy.
func (e *NullKeyError) Error() string {
	return fmt.Sprintf("column %s is NULL in a row, and it is part of the primary key: filter such rows out, or give them a value with COALESCE", e.Column)
}

// Apply takes over the selected rows of b. With a key, a NULL in it is a
// *NullKeyError unless NullKeys is set.
func (f *Fold) Apply(b *data.Batch) error {
	for k, n := 0, b.Rows(); k < n; k++ {
		i := b.Row(k)
		change := b.Change(i)
		if !f.multi {
			if change == data.UpdateBefore {
				continue
			}
			for _, c := range f.key {
				if !f.NullKeys && b.Cols[c].IsNull(i) {
					return &NullKeyError{f.schema[c].Name}
				}
			}
		}
		f.buf = AppendKey(f.buf[:0], b.Cols, f.key, i)
		f.apply(b, i, change)
	}
	if dead := len(f.count) - f.live; dead > 1024 && dead > f.live {
		f.compact()
	}
	return nil
}

func (f *Fold) apply(b *data.Batch, i int, change data.Change) {
	row, known := f.index[string(f.buf)]
	if f.multi {
		delta := int32(1)
		if change == data.UpdateBefore || change == data.Delete {
			delta = -1
		}
		if !known {
			row = f.add(b, i)
			f.index[string(f.buf)] = row
			delta-- // add has counted one
		}
		f.count[row] += delta
		if f.count[row] == 0 {
			delete(f.index, string(f.buf))
			f.live--
		}
		return
	}
	if known {
		f.count[row] = 0
		f.live--
	}
	if change == data.Delete {
		delete(f.index, string(f.buf))
		return
	}
	f.index[string(f.buf)] = f.add(b, i)
}

// add appends row i with a count of 1.
func (f *Fold) add(b *data.Batch, i int) int32 {
	for c, v := range f.cols {
		v.AppendFrom(b.Cols[c], i)
	}
	f.count = append(f.count, 1)
	f.live++
	return int32(len(f.count) - 1)
}

// compact drops the rows that are not there any more.
func (f *Fold) compact() {
	old, count := f.cols, f.count
	f.reset()
	moved := make([]int32, len(count))
	for i, n := range count {
		if n == 0 {
			continue
		}
		moved[i] = int32(len(f.count))
		for c, v := range f.cols {
			v.AppendFrom(old[c], i)
		}
		f.count = append(f.count, n)
	}
	for k, row := range f.index {
		f.index[k] = moved[row]
	}
}

// Sorted returns the rows that are there, ordered by key, without one by all
// columns, NULLS LAST. A row that is there twice comes twice. The batch shares
// the fold's memory: it is good until the next Apply.
func (f *Fold) Sorted() *data.Batch {
	sel := make([]int32, 0, f.live)
	for i, n := range f.count {
		for ; n > 0; n-- {
			sel = append(sel, int32(i))
		}
	}
	sort.Slice(sel, func(x, y int) bool {
		for _, c := range f.key {
			if d := data.Compare(f.cols[c], int(sel[x]), f.cols[c], int(sel[y])); d != 0 {
				return d < 0
			}
		}
		return false
	})
	return &data.Batch{Cols: f.cols, N: len(f.count), Sel: sel}
}

// AppendKey appends an encoding of the key columns of row i, such that two rows
// have equal encodings exactly when their keys do not differ.
func AppendKey(dst []byte, cols []*data.Vector, key []int, i int) []byte {
	for _, c := range key {
		v := cols[c]
		if v.IsNull(i) {
			dst = append(dst, 0)
			continue
		}
		dst = append(dst, 1)
		k := v.Index(i)
		switch v.Type.Class() {
		case data.ClassInt:
			dst = binary.LittleEndian.AppendUint64(dst, uint64(v.Ints[k]))
		case data.ClassFloat:
			x := v.Floats[k]
			switch {
			case x == 0:
				x = 0 // not -0
			case math.IsNaN(x):
				x = math.NaN()
			}
			dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(x))
		case data.ClassBool:
			if v.Bools[k] {
				dst = append(dst, 1)
			} else {
				dst = append(dst, 0)
			}
		case data.ClassWide:
			dst = binary.LittleEndian.AppendUint64(dst, uint64(v.Wides[k].Hi))
			dst = binary.LittleEndian.AppendUint64(dst, v.Wides[k].Lo)
		case data.ClassBytes:
			text := v.Text(i)
			dst = binary.AppendUvarint(dst, uint64(len(text)))
			dst = append(dst, text...)
		}
	}
	return dst
}
