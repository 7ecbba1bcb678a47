package data

import "slices"

// Int128 is a signed 128-bit integer in two's complement: the unscaled value of
// a wide DECIMAL. An INTERVAL keeps its months in Hi and its microseconds in Lo.
type Int128 struct {
	Hi int64
	Lo uint64
}

// Vector is one column of a batch: values of one type in a Go slice chosen by
// the type's Class, beside a validity slice. There are two forms: flat, with a
// value for each physical row, and constant, with one value (index 0) that
// stands for every row.
//
// Values at NULL positions are unspecified but present. A ClassBytes column has
// len(Offsets) == rows+1, and value i is Bytes[Offsets[i]:Offsets[i+1]]; Offsets
// never decrease, NULLs have a present (usually empty) range.
type Vector struct {
	Type  Type
	Const bool
	// Null[i] is true where row i is NULL; a nil slice means no row is.
	Null []bool

	Ints    []int64
	Floats  []float64
	Bools   []bool
	Wides   []Int128
	Offsets []uint32
	Bytes   []byte

	spare []bool // memory for Null while there is no NULL
}

// IsNull reports whether row i is NULL.
func (v *Vector) IsNull(i int) bool {
	if v.Null == nil {
		return false
	}
	if v.Const {
		i = 0
	}
	return v.Null[i]
}

// Index maps a row to the position of its value: 0 for a constant.
func (v *Vector) Index(row int) int {
	if v.Const {
		return 0
	}
	return row
}

// Text returns the bytes of row i of a ClassBytes column. They belong to the vector.
func (v *Vector) Text(i int) []byte {
	if v.Const {
		i = 0
	}
	return v.Bytes[v.Offsets[i]:v.Offsets[i+1]]
}

// Len returns the number of values held: 1 for a constant.
func (v *Vector) Len() int {
	switch v.Type.Class() {
	case ClassInt:
		return len(v.Ints)
	case ClassFloat:
		return len(v.Floats)
	case ClassBool:
		return len(v.Bools)
	case ClassWide:
		return len(v.Wides)
	}
	return max(0, len(v.Offsets)-1)
}

// Reset makes v an empty flat vector of type t, keeping its memory for reuse.
func (v *Vector) Reset(t Type) {
	v.Type, v.Const = t, false
	if v.Null != nil {
		v.spare, v.Null = v.Null[:0], nil
	}
	v.Ints, v.Floats, v.Bools, v.Wides, v.Bytes = v.Ints[:0], v.Floats[:0], v.Bools[:0], v.Wides[:0], v.Bytes[:0]
	v.Offsets = v.Offsets[:0]
	if t.Class() == ClassBytes {
		v.Offsets = append(v.Offsets, 0)
	}
}

// Resize makes v a flat, all-valid vector of n unspecified fixed-width values,
// for a kernel that writes by position. For ClassBytes use Reset and append.
func (v *Vector) Resize(t Type, n int) {
	v.Reset(t)
	switch t.Class() {
	case ClassInt:
		v.Ints = resize(v.Ints, n)
	case ClassFloat:
		v.Floats = resize(v.Floats, n)
	case ClassBool:
		v.Bools = resize(v.Bools, n)
	case ClassWide:
		v.Wides = resize(v.Wides, n)
	case ClassBytes:
		v.Offsets = resize(v.Offsets, n+1)
		clear(v.Offsets)
	}
}

func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, max(n, 2*cap(s)))
	}
	return s[:n]
}

// SetNull marks row i of a flat vector NULL; n is the number of rows the
// validity slice must cover.
func (v *Vector) SetNull(i, n int) {
	if v.Null == nil {
		v.Null = v.spare
	}
	if len(v.Null) < n {
		old := len(v.Null)
		if cap(v.Null) < n {
			grown := make([]bool, n, max(n, 2*cap(v.Null)))
			copy(grown, v.Null)
			v.Null = grown
		} else {
			v.Null = v.Null[:n]
			clear(v.Null[old:])
		}
	}
	v.Null[i] = true
}

// AppendNull appends a NULL row.
func (v *Vector) AppendNull() {
	n := v.Len()
	switch v.Type.Class() {
	case ClassInt:
		v.Ints = append(v.Ints, 0)
	case ClassFloat:
		v.Floats = append(v.Floats, 0)
	case ClassBool:
		v.Bools = append(v.Bools, false)
	case ClassWide:
		v.Wides = append(v.Wides, Int128{})
	case ClassBytes:
		v.Offsets = append(v.Offsets, uint32(len(v.Bytes)))
	}
	v.SetNull(n, n+1)
}

// AppendText appends a value to a ClassBytes vector, copying it.
func (v *Vector) AppendText(s []byte) {
	v.Bytes = append(v.Bytes, s...)
	v.EndText()
}

// EndText ends the value that a caller has put together at the end of v.Bytes:
// what stands behind the last offset becomes the next row of a ClassBytes vector.
func (v *Vector) EndText() {
	v.Offsets = append(v.Offsets, uint32(len(v.Bytes)))
	v.padValid()
}

// padValid keeps the validity slice, where there is one, as long as the values.
func (v *Vector) padValid() {
	if v.Null != nil {
		v.Null = append(v.Null, false)
	}
}

// padValids is padValid for n values.
func (v *Vector) padValids(n int) {
	if v.Null != nil {
		v.Null = append(v.Null, make([]bool, n)...)
	}
}

// AppendInt appends a value to a ClassInt vector.
func (v *Vector) AppendInt(x int64) { v.Ints = append(v.Ints, x); v.padValid() }

// AppendInts appends a value n times to a ClassInt vector.
func (v *Vector) AppendInts(x int64, n int) {
	from := len(v.Ints)
	v.Ints = slices.Grow(v.Ints, n)[:from+n]
	for i := from; i < from+n; i++ {
		v.Ints[i] = x
	}
	v.padValids(n)
}

// AppendIntsOf appends those values of ints that are at some places.
func (v *Vector) AppendIntsOf(ints []int64, places []int32) {
	from := len(v.Ints)
	v.Ints = slices.Grow(v.Ints, len(places))[:from+len(places)]
	for k, p := range places {
		v.Ints[from+k] = ints[p]
	}
	v.padValids(len(places))
}

// AppendFloat appends a value to a ClassFloat vector.
func (v *Vector) AppendFloat(x float64) { v.Floats = append(v.Floats, x); v.padValid() }

// AppendBool appends a value to a ClassBool vector.
func (v *Vector) AppendBool(x bool) { v.Bools = append(v.Bools, x); v.padValid() }

// AppendWide appends a value to a ClassWide vector.
func (v *Vector) AppendWide(x Int128) { v.Wides = append(v.Wides, x); v.padValid() }

// AppendFrom appends row i of src, which has the same type.
func (v *Vector) AppendFrom(src *Vector, i int) {
	if src.IsNull(i) {
		v.AppendNull()
		return
	}
	i = src.Index(i)
	switch v.Type.Class() {
	case ClassInt:
		v.AppendInt(src.Ints[i])
	case ClassFloat:
		v.AppendFloat(src.Floats[i])
	case ClassBool:
		v.AppendBool(src.Bools[i])
	case ClassWide:
		v.AppendWide(src.Wides[i])
	case ClassBytes:
		v.AppendText(src.Text(i))
	}
}

// NewZero returns a constant vector of some value of type t that is not NULL, for a place
// that nobody looks at.
func NewZero(t Type) *Vector {
	v := NewConst(t)
	switch t.Class() {
	case ClassInt:
		v.AppendInt(0)
	case ClassFloat:
		v.AppendFloat(0)
	case ClassBool:
		v.AppendBool(false)
	case ClassWide:
		v.AppendWide(Int128{})
	case ClassBytes:
		v.AppendText(nil)
	}
	return v
}

// NewConst returns an empty constant vector of type t; the caller appends the
// one value it stands for.
func NewConst(t Type) *Vector {
	v := &Vector{}
	v.Reset(t)
	v.Const = true
	return v
}
