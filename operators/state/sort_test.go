package state

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"tidemark/operators/data"
)

// SortRows agrees with a stable sort by whole values, for every type, direction
// and number of rows.
func TestSortRows(t *testing.T) {
	types := []data.Type{data.Of(data.BigInt), data.Of(data.Double), data.Of(data.Boolean), data.Of(data.String),
		data.DecimalType(38, 2), data.Of(data.Interval)}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.SampledFrom([]int{0, 1, 2, 7, 40, 600, 1500}).Draw(t, "rows")
		var cols []*data.Vector
		for range 2 {
			v := &data.Vector{}
			v.Reset(rapid.SampledFrom(types).Draw(t, "type"))
			nulls := rapid.Bool().Draw(t, "nulls")
			values := drawValues(t, v.Type)
			seed := rapid.Uint64().Draw(t, "seed")
			for i := range n {
				seed = mix(seed+uint64(i), mulText)
				if nulls && seed%7 == 0 {
					v.AppendNull()
				} else {
					v.AppendFrom(values, int(seed>>8%uint64(values.Len())))
				}
			}
			cols = append(cols, v)
		}
		var keys []SortKey
		for c := range rapid.IntRange(0, 2).Draw(t, "keys") {
			keys = append(keys, SortKey{Column: 1 - c, Desc: rapid.Bool().Draw(t, "desc"), NullsFirst: rapid.Bool().Draw(t, "nulls first")})
		}
		var got []int32
		for i := range n {
			got = append(got, int32(i))
		}
		want := slices.Clone(got)
		slices.SortStableFunc(want, func(i, j int32) int { return CompareRows(cols, int(i), cols, int(j), keys) })
		SortRows(cols, keys, got, &OrderScratch{})
		if !slices.Equal(got, want) {
			t.Fatalf("keys %+v of %v, %v:\ngot  %v\nwant %v", keys, cols[0].Type, cols[1].Type, got, want)
		}
	})
}

// drawValues returns a few values of a type, among them the extremes.
func drawValues(t *rapid.T, typ data.Type) *data.Vector {
	v := &data.Vector{}
	v.Reset(typ)
	for range rapid.IntRange(1, 9).Draw(t, "values") {
		switch typ.Class() {
		case data.ClassInt:
			v.AppendInt(rapid.SampledFrom([]int64{math.MinInt64, -1, 0, 1, 255, 256, math.MaxInt64}).Draw(t, "int"))
		case data.ClassFloat:
			v.AppendFloat(rapid.SampledFrom([]float64{math.Inf(-1), -2.5, math.Copysign(0, -1), 0, 1e300, math.Inf(1), math.NaN()}).Draw(t, "double"))
		case data.ClassBool:
			v.AppendBool(rapid.Bool().Draw(t, "bool"))
		case data.ClassBytes:
			v.AppendText([]byte(rapid.SampledFrom([]string{"", "a", "a\x00", "abcdefgh", "abcdefghi", "b", "\xff\xff\xff\xff\xff\xff\xff\xff", "é"}).Draw(t, "text")))
		default:
			v.AppendWide(data.Int128{Hi: rapid.SampledFrom([]int64{-1, 0, 1}).Draw(t, "hi"), Lo: rapid.SampledFrom([]uint64{0, 1, 2592000000000, math.MaxUint64}).Draw(t, "lo")})
		}
	}
	return v
}
