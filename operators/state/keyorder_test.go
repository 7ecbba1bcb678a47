package state

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"tidemark/operators/data"
)

// A KeyOrder sorts as Order does, whatever part of the keys in whatever steps.
func TestKeyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		types := []data.Type{data.Of(data.String), data.Of(data.BigInt), data.Of(data.Double)}[:rapid.IntRange(0, 3).Draw(t, "columns")]
		if rapid.Bool().Draw(t, "reversed") {
			slices.Reverse(types)
		}
		table := NewKeyTable(types)
		order := NewKeyOrder(table)
		var sorted []int32
		for range rapid.IntRange(1, 3).Draw(t, "parts") {
			n := rapid.SampledFrom([]int{1, 10, 2 * radixFrom}).Draw(t, "rows")
			cols := make([]*data.Vector, len(types))
			for c, typ := range types {
				cols[c] = &data.Vector{}
				cols[c].Reset(typ)
				for range n {
					if rapid.IntRange(0, 9).Draw(t, "null") == 0 {
						cols[c].AppendNull()
						continue
					}
					switch typ.Kind {
					case data.String:
						cols[c].AppendText([]byte(rapid.SampledFrom([]string{"", "a", "b", "long text with ", "long text without "}).Draw(t, "text") + fmt.Sprint(rapid.IntRange(0, 99).Draw(t, "number"))))
					case data.BigInt:
						cols[c].AppendInt(rapid.Int64Range(-99, 99).Draw(t, "int"))
					default:
						cols[c].AppendFloat(float64(rapid.IntRange(-9, 9).Draw(t, "double")) / 4)
					}
				}
			}
			hashes, ids, rows := make([]uint64, n), make([]int32, n), make([]int32, n)
			for i := range rows {
				rows[i] = int32(i)
			}
			HashRows(cols, nil, n, hashes)
			old := table.Len()
			table.FindOrAdd(cols, hashes, rows, ids)
			var more []int32
			for id := table.Len() - 1; id >= old; id-- {
				more = append(more, int32(id))
			}
			order.Sort(more)
			sorted = order.Merge(sorted, more)
			if want := table.Order(nil, &OrderScratch{}); !slices.Equal(sorted, want) {
				t.Fatalf("%v\ngot  %v\nwant %v", types, sorted, want)
			}
		}
	})
}
