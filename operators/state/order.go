package state

import (
	"encoding/binary"
	"math"
	"slices"

	"tidemark/operators/data"
)

// Order returns the ids of a table's groups in ascending order of their keys,
// NULLS LAST, strings bytewise. It is written to buf, which is grown as needed.
func (t *KeyTable) Order(buf []int32, scratch *OrderScratch) []int32 {
	n := t.n
	if cap(buf) < n {
		buf = make([]int32, n)
	}
	buf = buf[:n]
	if len(t.keys) == 0 {
		for i := range buf {
			buf[i] = int32(i)
		}
		return buf
	}
	items := scratch.items(n)
	exact := fillPrefixes(&t.keys[0], items) && len(t.keys) == 1
	if n >= radixFrom {
		items = radixSort(items, scratch.spare(n))
	} else {
		slices.SortFunc(items, func(a, b orderItem) int {
			if a.prefix != b.prefix {
				if a.prefix < b.prefix {
					return -1
				}
				return 1
			}
			return int(a.id - b.id)
		})
	}
	if !exact {
		t.sortTies(items)
	}
	for i := range items {
		buf[i] = items[i].id
	}
	return buf
}

// OrderScratch is reusable memory for Order.
type OrderScratch struct{ a, b []orderItem }

type orderItem struct {
	prefix uint64 // orders as the first key column does, as far as it goes
	id     int32
}

func (s *OrderScratch) items(n int) []orderItem {
	if cap(s.a) < n {
		s.a = make([]orderItem, n)
	}
	return s.a[:n]
}

func (s *OrderScratch) spare(n int) []orderItem {
	if cap(s.b) < n {
		s.b = make([]orderItem, n)
	}
	return s.b[:n]
}

// fillPrefixes sets each item's prefix from key column v and reports whether
// equal prefixes always mean equal values.
func fillPrefixes(v *data.Vector, items []orderItem) (exact bool) {
	switch class := v.Type.Class(); {
	case class == data.ClassInt && v.Null == nil:
		for i := range items {
			items[i] = orderItem{uint64(v.Ints[i]) ^ 1<<63, int32(i)}
		}
	case class == data.ClassBytes && v.Null == nil:
		for i := range items {
			items[i] = orderItem{textPrefix(v.Bytes[v.Offsets[i]:v.Offsets[i+1]]), int32(i)}
		}
	default:
		for i := range items {
			items[i] = orderItem{prefixOf(v, i), int32(i)}
		}
	}
	return exactPrefixes(v)
}

// exactPrefixes reports whether equal prefixes of v's values always mean equal
// values.
func exactPrefixes(v *data.Vector) bool {
	switch v.Type.Class() {
	case data.ClassInt, data.ClassFloat, data.ClassBool:
		return v.Null == nil
	}
	return false
}

// prefixOf returns a number that orders as value i of v does, as far as it goes.
func prefixOf(v *data.Vector, i int) uint64 {
	if v.IsNull(i) {
		return math.MaxUint64
	}
	i = v.Index(i)
	switch v.Type.Class() {
	case data.ClassInt:
		return uint64(v.Ints[i]) ^ 1<<63
	case data.ClassFloat:
		return doublePrefix(v.Floats[i])
	case data.ClassBool:
		if v.Bools[i] {
			return 1
		}
		return 0
	case data.ClassBytes:
		return textPrefix(v.Bytes[v.Offsets[i]:v.Offsets[i+1]])
	}
	if v.Type.Kind == data.Interval { // by length: compared in full
		return 0
	}
	return uint64(v.Wides[i].Hi) ^ 1<<63
}

// doublePrefix orders as doubles do: -0 is 0, NaN greatest.
func doublePrefix(f float64) uint64 {
	switch {
	case f == 0:
		f = 0
	case f != f:
		f = math.NaN()
	}
	b := math.Float64bits(f)
	if b>>63 != 0 {
		return ^b
	}
	return b | 1<<63
}

// textPrefix is the first eight bytes as a big-endian number: it orders as the
// texts do wherever they differ in them.
func textPrefix(s []byte) uint64 {
	if len(s) >= 8 {
		return binary.BigEndian.Uint64(s)
	}
	var b [8]byte
	copy(b[:], s)
	return binary.BigEndian.Uint64(b[:])
}

const radixFrom = 512

// radixSort sorts by prefix, least significant byte first, leaving out the
// bytes that are the same in all. It returns whichever of the two it ended in.
func radixSort(items, spare []orderItem) []orderItem {
	var differ uint64
	for i := range items {
		differ |= items[i].prefix ^ items[0].prefix
	}
	for shift := uint(0); shift < 64; shift += 8 {
		if differ>>shift&0xFF == 0 {
			continue
		}
		var count [256]int
		for i := range items {
			count[items[i].prefix>>shift&0xFF]++
		}
		at := 0
		for d, c := range count {
			count[d] = at
			at += c
		}
		for i := range items {
			d := items[i].prefix >> shift & 0xFF
			spare[count[d]] = items[i]
			count[d]++
		}
		items, spare = spare, items
	}
	return items
}

// sortTies orders runs of equal prefixes by the whole key.
func (t *KeyTable) sortTies(items []orderItem) {
	for from := 0; from < len(items); {
		to := from + 1
		for to < len(items) && items[to].prefix == items[from].prefix {
			to++
		}
		if to-from > 1 {
			slices.SortFunc(items[from:to], func(a, b orderItem) int {
				for c := range t.keys {
					if d := data.Compare(&t.keys[c], int(a.id), &t.keys[c], int(b.id)); d != 0 {
						return d
					}
				}
				return 0
			})
		}
		from = to
	}
}
