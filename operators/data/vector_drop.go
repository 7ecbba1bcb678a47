package data

// Drop takes out the rows of a flat column for which gone is true. The others move up,
// in the memory that is there.
func (v *Vector) Drop(gone []bool) {
	if v.Null != nil {
		v.Null = without(v.Null, gone)
	}
	switch v.Type.Class() {
	case ClassInt:
		v.Ints = without(v.Ints, gone)
	case ClassFloat:
		v.Floats = without(v.Floats, gone)
	case ClassBool:
		v.Bools = without(v.Bools, gone)
	case ClassWide:
		v.Wides = without(v.Wides, gone)
	case ClassBytes:
		to, bytes := 0, uint32(0)
		runs(gone, func(from, end int) {
			start, stop := v.Offsets[from], v.Offsets[end]
			if to < from {
				copy(v.Bytes[bytes:], v.Bytes[start:stop])
				for k := range end - from { // no later than the row's own end
					v.Offsets[to+k+1] = v.Offsets[from+k+1] - start + bytes
				}
			}
			to, bytes = to+end-from, bytes+stop-start
		})
		v.Offsets, v.Bytes = v.Offsets[:to+1], v.Bytes[:bytes]
	}
}

// without moves the values that are not gone up.
func without[T any](list []T, gone []bool) []T {
	n := 0
	runs(gone, func(from, end int) {
		if n < from {
			copy(list[n:], list[from:end])
		}
		n += end - from
	})
	return list[:n]
}

// runs calls f for each run of rows that are not gone, from the first to the one
// before end.
func runs(gone []bool, f func(from, end int)) {
	for r := 0; r < len(gone); {
		from := r
		for r < len(gone) && !gone[r] {
			r++
		}
		if from < r {
			f(from, r)
		}
		for r < len(gone) && gone[r] {
			r++
		}
	}
}
