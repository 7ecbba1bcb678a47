package expr

import "tidemark/operators/data"

// copyVector copies the values of src at rows (nil means all n) to dst, which
// shares no memory with it afterwards. A constant stays one.
func copyVector(dst, src *data.Vector, rows []int32, n int) {
	nulls := dst.Null
	if src.Const {
		dst.Reset(src.Type)
		dst.Const = true
		value := *src
		value.Const = false
		dst.AppendFrom(&value, 0)
		return
	}
	dst.Resize(src.Type, n)
	if src.Null != nil {
		buf := nullBuf{nulls}
		dst.Null = buf.take(n)
		copy(dst.Null, src.Null)
	}
	switch src.Type.Class() {
	case data.ClassInt:
		copyRows(dst.Ints, src.Ints, rows)
	case data.ClassFloat:
		copyRows(dst.Floats, src.Floats, rows)
	case data.ClassBool:
		copyRows(dst.Bools, src.Bools, rows)
	case data.ClassWide:
		copyRows(dst.Wides, src.Wides, rows)
	case data.ClassBytes:
		if rows == nil {
			dst.Offsets = dst.Offsets[:n+1]
			base := src.Offsets[0]
			for i, o := range src.Offsets[:n+1] {
				dst.Offsets[i] = o - base
			}
			dst.Bytes = append(dst.Bytes[:0], src.Bytes[base:src.Offsets[n]]...)
			return
		}
		w := newTextWriter(dst, n)
		for _, r := range rows {
			if src.Null == nil || !src.Null[r] {
				w.put(append(w.at(int(r)), src.Text(int(r))...))
			}
		}
		w.close()
	}
}

func copyRows[T any](dst, src []T, rows []int32) {
	if rows == nil {
		copy(dst, src)
		return
	}
	for _, r := range rows {
		dst[r] = src[r]
	}
}

// textWriter writes the values of a ClassBytes vector in row order; rows that
// are left out get empty values.
type textWriter struct {
	v    *data.Vector
	n    int
	next int // the first row without an offset
}

// newTextWriter empties v for n rows.
func newTextWriter(v *data.Vector, n int) textWriter {
	if cap(v.Offsets) < n+1 {
		v.Offsets = make([]uint32, n+1, max(n+1, 2*cap(v.Offsets)))
	}
	v.Offsets, v.Bytes = v.Offsets[:n+1], v.Bytes[:0]
	return textWriter{v: v, n: n}
}

// at begins row i and returns the bytes so far, for appending.
func (w *textWriter) at(i int) []byte {
	end := uint32(len(w.v.Bytes))
	for ; w.next <= i; w.next++ {
		w.v.Offsets[w.next] = end
	}
	return w.v.Bytes
}

// put ends the row with the appended bytes.
func (w *textWriter) put(b []byte) { w.v.Bytes = b }

// close gives the rows that are left empty values.
func (w *textWriter) close() { w.at(w.n) }
