package data

// Reserve makes room for so many more rows of a flat column, with so many bytes of text.
// The memory grows by an eighth beyond that: it is for columns that are kept, where
// the room to spare counts more than that values are moved when there is none.
func (v *Vector) Reserve(rows, bytes int) {
	if v.Null != nil {
		v.Null = Reserved(v.Null, rows)
	}
	switch v.Type.Class() {
	case ClassInt:
		v.Ints = Reserved(v.Ints, rows)
	case ClassFloat:
		v.Floats = Reserved(v.Floats, rows)
	case ClassBool:
		v.Bools = Reserved(v.Bools, rows)
	case ClassWide:
		v.Wides = Reserved(v.Wides, rows)
	case ClassBytes:
		v.Offsets, v.Bytes = Reserved(v.Offsets, rows), Reserved(v.Bytes, bytes)
	}
}

// Reserved returns a list with room for n more values, in memory that grows as
// that of Reserve does.
func Reserved[T any](list []T, n int) []T {
	if len(list)+n <= cap(list) {
		return list
	}
	n += len(list)
	grown := make([]T, len(list), n+n/8)
	copy(grown, list)
	return grown
}

// Fit gives back the memory of a flat column that is far more than its values need.
func (v *Vector) Fit() {
	v.Null, v.spare = Fitted(v.Null), nil
	v.Ints, v.Floats, v.Bools, v.Wides = Fitted(v.Ints), Fitted(v.Floats), Fitted(v.Bools), Fitted(v.Wides)
	v.Offsets, v.Bytes = Fitted(v.Offsets), Fitted(v.Bytes)
}

// Fitted returns a list that fills less than two thirds of its memory in other memory,
// of which it leaves a fifth.
func Fitted[T any](list []T) []T {
	n := len(list)
	if cap(list) <= n+n/2+64 {
		return list
	}
	return append(make([]T, 0, n+n/4), list...)
}
