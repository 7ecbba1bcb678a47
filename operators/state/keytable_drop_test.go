package state

import (
	"testing"

	"pgregory.net/rapid"

	"tidemark/operators/data"
)

// Keys that have stayed are found by their new ids, in the order of the old ones. Those that
// are gone are new when they come again.
func TestKeyTableDrop(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		types := rapid.SliceOfN(rapid.SampledFrom(keyTypes), 1, 3).Draw(t, "types")
		table := NewKeyTable(types)
		n := rapid.IntRange(0, 200).Draw(t, "rows")
		cols := drawKeys(t, types, n, rapid.Bool().Draw(t, "nulls"))
		find := func() []int32 { return findRows(table, cols, n) }
		before := find()
		gone := make([]bool, table.Len())
		for id := range gone {
			gone[id] = rapid.Bool().Draw(t, "gone")
		}
		to := table.Drop(gone, nil)
		next := int32(0)
		for id, g := range gone {
			want := int32(-1)
			if !g {
				want = next
				next++
			}
			if to[id] != want {
				t.Fatalf("id %d has become %d, not %d", id, to[id], want)
			}
		}
		if table.Len() != int(next) {
			t.Fatalf("%d keys, not %d", table.Len(), next)
		}
		again := map[int32]int32{}
		for i, got := range find() {
			want := to[before[i]]
			if want < 0 {
				if _, ok := again[before[i]]; !ok {
					again[before[i]] = next
					next++
				}
				want = again[before[i]]
			}
			if got != want {
				t.Fatalf("row %d has id %d, not %d", i, got, want)
			}
		}
	})
}

// A table that was much larger gives its memory back, a little one has it for the next keys.
func TestKeyTableDropMemory(t *testing.T) {
	for _, c := range []struct {
		keys    int
		smaller bool
	}{{1000, false}, {100_000, true}} {
		table := NewKeyTable([]data.Type{data.Of(data.BigInt)})
		col := &data.Vector{}
		col.Reset(data.Of(data.BigInt))
		for i := range c.keys {
			col.AppendInt(int64(i))
		}
		findRows(table, []*data.Vector{col}, c.keys)
		before := table.Bytes()
		gone := make([]bool, c.keys)
		for i := range gone {
			gone[i] = i%100 > 0
		}
		table.Drop(gone, nil)
		if got := table.Bytes() < before/8; got != c.smaller {
			t.Errorf("%d keys took %d bytes, the hundredth of them takes %d", c.keys, before, table.Bytes())
		}
	}
}

// findRows returns the ids of the first n rows of cols.
func findRows(table *KeyTable, cols []*data.Vector, n int) []int32 {
	hashes := make([]uint64, n)
	HashRows(cols, nil, n, hashes)
	rows, ids := make([]int32, n), make([]int32, n)
	for i := range rows {
		rows[i] = int32(i)
	}
	table.FindOrAdd(cols, hashes, rows, ids)
	return ids
}
