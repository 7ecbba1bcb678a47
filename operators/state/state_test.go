package state

import (
	"fmt"
	"math"
	"sort"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tidemark/operators/data"
)

var keyTypes = []data.Type{data.Of(data.String), data.Of(data.BigInt), data.Of(data.Double), data.Of(data.Boolean),
	data.DecimalType(30, 2), data.Of(data.Interval)}

// drawKeys draws rows of key columns from few values, so that keys repeat, and
// NULLs when nulls is set.
func drawKeys(t *rapid.T, types []data.Type, rows int, nulls bool) []*data.Vector {
	cols := make([]*data.Vector, len(types))
	for c, ty := range types {
		v := &data.Vector{}
		v.Reset(ty)
		for range rows {
			n := rapid.IntRange(0, 6).Draw(t, "value")
			if nulls && n == 0 {
				v.AppendNull()
				continue
			}
			switch ty.Class() {
			case data.ClassBytes:
				v.AppendText([]byte(strings.Repeat("key", n) + fmt.Sprint(n%3)))
			case data.ClassInt:
				v.AppendInt(int64(n) - 3)
			case data.ClassFloat:
				v.AppendFloat([]float64{0, math.Copysign(0, -1), math.NaN(), 1.5, -2, math.Inf(1), 3}[n])
			case data.ClassBool:
				v.AppendBool(n%2 == 0)
			case data.ClassWide:
				if ty.Kind == data.Interval {
					v.AppendWide(data.NewInterval(int64(n%2), int64(n/2)*30*data.Day)) // 1 month = 30 days
				} else {
					v.AppendWide(data.Int128{Hi: int64(n), Lo: 7})
				}
			}
		}
		cols[c] = v
	}
	return cols
}

// The table gives equal keys, and only those, one id, in order of first sight;
// Order sorts them as Compare does.
func TestKeyTable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		types := rapid.SliceOfN(rapid.SampledFrom(keyTypes), 0, 3).Draw(t, "types")
		table := NewKeyTable(types)
		for range 2 { // a second time after a Reset
			n := rapid.IntRange(0, 200).Draw(t, "rows")
			cols := drawKeys(t, types, n, rapid.Bool().Draw(t, "nulls"))
			hashes := make([]uint64, n)
			HashRows(cols, nil, n, hashes)
			rows, ids := make([]int32, n), make([]int32, n)
			for i := range rows {
				rows[i] = int32(i)
			}
			cut := rapid.IntRange(0, n).Draw(t, "cut")
			table.FindOrAdd(cols, hashes, rows[:cut], ids[:cut])
			table.FindOrAdd(cols, hashes, rows[cut:], ids[cut:])
			compare := func(i, j int) int {
				for _, v := range cols {
					if d := data.Compare(v, i, v, j); d != 0 {
						return d
					}
				}
				return 0
			}
			first := []int{} // row of each id
			for i := range n {
				if int(ids[i]) == len(first) {
					first = append(first, i)
				}
				for id, row := range first {
					if (compare(i, row) == 0) != (int(ids[i]) == id) {
						t.Fatalf("row %d has id %d, row %d has %d", i, ids[i], row, id)
					}
				}
			}
			if table.Len() != len(first) {
				t.Fatalf("%d keys, want %d", table.Len(), len(first))
			}
			want := make([]int32, len(first))
			for i := range want {
				want[i] = int32(i)
			}
			sort.SliceStable(want, func(a, b int) bool { return compare(first[want[a]], first[want[b]]) < 0 })
			got := table.Order(nil, &OrderScratch{})
			for i := range want {
				if got[i] != want[i] {
					t.Fatalf("order %v, want %v", got, want)
				}
			}
			table.Reset()
		}
	})
}

// Many keys: the table grows, the order takes the radix sort.
func TestManyKeys(t *testing.T) {
	for _, ty := range []data.Type{data.Of(data.String), data.Of(data.BigInt)} {
		const n = 20_000
		v := &data.Vector{}
		v.Reset(ty)
		for i := range n {
			x := int64(uint64(i)*0x9E3779B97F4A7C15) >> (i % 50)
			if ty.Kind == data.BigInt {
				v.AppendInt(x)
			} else {
				v.AppendText(fmt.Appendf(nil, "u%d", x))
			}
		}
		cols := []*data.Vector{v}
		hashes, rows, ids := make([]uint64, n), make([]int32, n), make([]int32, n)
		for i := range rows {
			rows[i] = int32(i)
		}
		HashRows(cols, nil, n, hashes)
		table := NewKeyTable([]data.Type{ty})
		table.FindOrAdd(cols, hashes, rows, ids)
		distinct := map[string]int32{}
		for i := range n {
			k := string(data.AppendText(nil, v, i))
			if id, ok := distinct[k]; ok && id != ids[i] {
				t.Fatalf("%s has ids %d and %d", k, id, ids[i])
			}
			distinct[k] = ids[i]
		}
		if len(distinct) != table.Len() {
			t.Fatalf("%d keys, want %d", table.Len(), len(distinct))
		}
		order := table.Order(nil, &OrderScratch{})
		for i := 1; i < len(order); i++ {
			if data.Compare(table.Key(0), int(order[i-1]), table.Key(0), int(order[i])) >= 0 {
				t.Fatalf("place %d is out of order", i)
			}
		}
		if table.Bytes() < n*8 {
			t.Errorf("%d bytes", table.Bytes())
		}
		// A table that was once large and then held few keys becomes small again.
		large := len(table.slots)
		table.Reset()
		table.FindOrAdd(cols, hashes, rows[:10], ids[:10])
		if table.Len() != 10 || len(table.slots) != large {
			t.Errorf("%d keys in %d slots after a reset, want 10 in %d", table.Len(), len(table.slots), large)
		}
		table.Reset()
		table.FindOrAdd(cols, hashes, rows[:10], ids[:10])
		if table.Len() != 10 || len(table.slots) >= large {
			t.Errorf("%d keys in %d slots after two resets", table.Len(), len(table.slots))
		}
	}
}

// A hash depends on the key alone: not on the selection, the form of the vector
// or the other rows.
func TestHashRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		types := rapid.SliceOfN(rapid.SampledFrom(keyTypes), 1, 3).Draw(t, "types")
		n := rapid.IntRange(1, 30).Draw(t, "rows")
		cols := drawKeys(t, types, n, true)
		all, some := make([]uint64, n), make([]uint64, n)
		HashRows(cols, nil, n, all)
		r := rapid.IntRange(0, n-1).Draw(t, "row")
		HashRows(cols, []int32{int32(r)}, n, some)
		one := make([]*data.Vector, len(cols))
		for c, v := range cols {
			one[c] = data.NewConst(v.Type)
			one[c].AppendFrom(v, r)
		}
		single := make([]uint64, 1)
		HashRows(one, nil, 1, single)
		if all[r] != some[r] || all[r] != single[0] {
			t.Fatalf("row %d: %x, %x, %x", r, all[r], some[r], single[0])
		}
	})
}

// Texts whose packed forms could be taken for each other are different keys.
func TestPackedTexts(t *testing.T) {
	var texts [][]byte
	for _, s := range []string{"", "a", "abc", "abcd", "abcdefg", "abcdefgh", "abcdefghi", "\xff\xff\xff\xff\xff\xff\xff\xff"} {
		for _, end := range []string{"", "\x00", "\x01", "\x02", "\x05", "\x07", "\x08", "\xfe", "\xff"} {
			texts = append(texts, []byte(s+end), append(make([]byte, max(0, 7-len(s))), s+end...))
		}
	}
	want := map[string]bool{}
	var v data.Vector
	v.Reset(data.Of(data.String))
	rows := make([]int32, len(texts))
	for i, s := range texts {
		v.AppendText(s)
		want[string(s)] = true
		rows[i] = int32(i)
	}
	cols, hashes, ids := []*data.Vector{&v}, make([]uint64, len(texts)), make([]int32, len(texts))
	HashRows(cols, nil, len(texts), hashes)
	// One hash for all that are not one word: the texts must tell them apart.
	for i, text := range texts {
		if _, ok := packText(text); !ok {
			hashes[i] = scramble(1<<56 | 'a')
		}
	}
	table := NewKeyTable([]data.Type{v.Type})
	table.FindOrAdd(cols, hashes, rows, ids)
	if table.Len() != len(want) {
		t.Fatalf("%d keys, want %d", table.Len(), len(want))
	}
	for i, s := range texts {
		if got := table.Key(0).Text(int(ids[i])); string(got) != string(s) {
			t.Fatalf("%q has the id of %q", s, got)
		}
	}
}

// A table that was saved and restored gives every key the id it had.
func TestKeyTableSnapshot(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		types := rapid.SliceOfN(rapid.SampledFrom(keyTypes), 0, 3).Draw(t, "types")
		table := NewKeyTable(types)
		n := rapid.IntRange(0, 100).Draw(t, "rows")
		cols := drawKeys(t, types, n, true)
		rows, hashes := make([]int32, n), make([]uint64, n)
		for i := range rows {
			rows[i] = int32(i)
		}
		HashRows(cols, nil, n, hashes)
		want, got := make([]int32, n), make([]int32, n)
		table.FindOrAdd(cols, hashes, rows, want)
		var e data.Encoder
		table.Snapshot(&e)
		saved := e.Bytes()
		restored := NewKeyTable(types)
		d := data.NewDecoder(saved)
		restored.Restore(d)
		if d.Damaged() || len(d.Rest()) > 0 || restored.Len() != table.Len() {
			t.Fatalf("damaged %v, %d bytes left, %d keys of %d", d.Damaged(), len(d.Rest()), restored.Len(), table.Len())
		}
		restored.FindOrAdd(cols, hashes, rows, got)
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("got ids %v, want %v", got, want)
		}
		// Damage is noticed or gives other keys; it never panics.
		for cut := range saved {
			d := data.NewDecoder(saved[:cut])
			if NewKeyTable(types).Restore(d); !d.Damaged() {
				t.Fatalf("%d of %d bytes were enough", cut, len(saved))
			}
		}
		if len(saved) > 0 {
			saved[rapid.IntRange(0, len(saved)-1).Draw(t, "at")] ^= byte(rapid.IntRange(1, 255).Draw(t, "flip"))
			NewKeyTable(types).Restore(data.NewDecoder(saved))
		}
	})
}

// A table that is told to be thrifty keeps its keys and their ids, and is never much larger
// than they need.
func TestKeyTableThrift(t *testing.T) {
	for _, at := range []int{0, 1, 100, 9_000, 40_000} {
		typ := data.Of(data.BigInt)
		table, col := NewKeyTable([]data.Type{typ}), data.Vector{}
		col.Reset(typ)
		cols, ids, hashes := []*data.Vector{&col}, make([]int32, 1), make([]uint64, 1)
		find := func(x int) int32 {
			col.Reset(typ)
			col.AppendInt(int64(x))
			HashRows(cols, nil, 1, hashes)
			table.FindOrAdd(cols, hashes, []int32{0}, ids)
			return ids[0]
		}
		for x := range 50_000 {
			if x == at {
				table.Thrift()
			}
			if id := find(x * 7); id != int32(x) {
				t.Fatalf("thrifty from %d on: key %d has id %d", at, x, id)
			}
			if slots := len(table.slots); x > at && slots > max(minSlots, 2*(x+1)) {
				t.Fatalf("thrifty from %d on: %d slots for %d keys", at, slots, x+1)
			}
		}
		for x := range 50_000 {
			if id := find(x * 7); id != int32(x) {
				t.Fatalf("thrifty from %d on: key %d is found as %d", at, x, id)
			}
		}
	}
}
