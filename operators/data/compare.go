package data

import (
	"bytes"
	"cmp"
	"math"
)

// Compare orders row i of a and row j of b, which have the same type: NULLS LAST
// and equal to each other, strings bytewise, -0 equal to 0, NaN greatest and
// equal to itself, intervals by length with months of 30 days.
func Compare(a *Vector, i int, b *Vector, j int) int {
	switch an, bn := a.IsNull(i), b.IsNull(j); {
	case an && bn:
		return 0
	case an:
		return 1
	case bn:
		return -1
	}
	k, l := a.Index(i), b.Index(j)
	switch a.Type.Class() {
	case ClassInt:
		return cmp.Compare(a.Ints[k], b.Ints[l])
	case ClassFloat:
		return CompareDoubles(a.Floats[k], b.Floats[l])
	case ClassBool:
		return compareBools(a.Bools[k], b.Bools[l])
	case ClassWide:
		if a.Type.Kind == Interval {
			return IntervalLength(a.Wides[k]).Cmp(IntervalLength(b.Wides[l]))
		}
		return a.Wides[k].Cmp(b.Wides[l])
	}
	return bytes.Compare(a.Text(i), b.Text(j))
}

// Equal reports whether Compare finds no difference.
func Equal(a *Vector, i int, b *Vector, j int) bool { return Compare(a, i, b, j) == 0 }

// CompareDoubles orders doubles with NaN greatest and equal to itself.
func CompareDoubles(x, y float64) int {
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	case x == y:
		return 0
	}
	return compareBools(math.IsNaN(x), math.IsNaN(y))
}

func compareBools(x, y bool) int {
	switch {
	case x == y:
		return 0
	case y:
		return -1
	}
	return 1
}
