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
		for r, g := range gone {
			if g {
				continue
			}
			n := copy(v.Bytes[bytes:], v.Bytes[v.Offsets[r]:v.Offsets[r+1]])
			bytes += uint32(n)
			to++
			v.Offsets[to] = bytes // no later than the row's own end
		}
		v.Offsets, v.Bytes = v.Offsets[:to+1], v.Bytes[:bytes]
	}
}

// without moves the values that are not gone up.
func without[T any](list []T, gone []bool) []T {
	n := 0
	for r, g := range gone {
		if !g {
			list[n] = list[r]
			n++
		}
	}
	return list[:n]
}
