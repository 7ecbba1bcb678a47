package agg

import (
	"encoding/binary"

	"tidemark/operators/data"
)

// sortKey is a column of Rows by which rows are ordered.
type sortKey struct {
	col              int
	desc, nullsFirst bool
}

// What stands in a sort key for NULL and in front of a value. Behind a text must
// stand neither 0 nor 255, which would be read as a part of it.
const (
	nullBefore  = 1
	beforeValue = 2
	nullAfter   = 3
)

// appendSortKey appends row i of in, as far as keys tell, so that bytewise order
// is theirs. An arrival number is to follow.
func appendSortKey(dst []byte, keys []sortKey, in Rows, i int) []byte {
	for _, k := range keys {
		v := in.Cols[k.col]
		if v.IsNull(i) {
			mark := byte(nullAfter)
			if k.nullsFirst {
				mark = nullBefore
			}
			dst = append(dst, mark)
			continue
		}
		from := len(dst) + 1
		dst = data.AppendElement(dst, v, i)
		dst[from-1] = beforeValue
		if k.desc {
			for b := from; b < len(dst); b++ {
				dst[b] = ^dst[b]
			}
		}
	}
	return dst
}

// appendSeq appends an arrival number, or another integer of less than 62 bits, so
// that bytewise order is its order.
func appendSeq(dst []byte, seq int64) []byte {
	return binary.BigEndian.AppendUint64(dst, uint64(seq)^1<<63)
}

const seqLen = 8

// sortKeys returns what rows are ordered by: the keys of an ORDER BY, or the event
// time if the input has one; their arrival decides in the end.
func sortKeys(s *Spec, f *Func) []sortKey {
	if len(s.Order) == 0 {
		if !s.Time {
			return nil
		}
		f.UsesTime = true
		return []sortKey{{col: len(f.Args)}}
	}
	return orderKeys(s, f)
}

// orderKeys returns the keys of an ORDER BY.
func orderKeys(s *Spec, f *Func) []sortKey {
	f.Order = s.Order
	keys := make([]sortKey, len(s.Order))
	for i, o := range s.Order {
		keys[i] = sortKey{col: len(f.Args) + i, desc: o.Desc, nullsFirst: o.NullsFirst}
	}
	return keys
}
