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
	class := v.Type.Class()
	exact = class == data.ClassInt && v.Null == nil
	for i := range items {
		items[i].id = int32(i)
		if v.IsNull(i) {
			items[i].prefix = math.MaxUint64
			continue
		}
		switch class {
		case data.ClassInt:
			items[i].prefix = uint64(v.Ints[i]) ^ 1<<63
		case data.ClassBytes:
			items[i].prefix = textPrefix(v.Text(i))
		case data.ClassBool:
			items[i].prefix = 0
			if v.Bools[i] {
				items[i].prefix = 1
			}
		default: // compared in full
			items[i].prefix = 0
		}
	}
	return exact
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
