package state

import (
	"cmp"
	"slices"

	"tidemark/operators/data"
)

// KeyOrder compares the keys of a table, ascending, NULLS LAST, strings bytewise.
// It remembers for each what most comparisons are settled by.
type KeyOrder struct {
	t       *KeyTable
	prefix  []uint64 // of each key, where known
	scratch OrderScratch
}

// NewKeyOrder returns the order of a table's keys.
func NewKeyOrder(t *KeyTable) *KeyOrder { return &KeyOrder{t: t} }

// learn looks at the keys that have come since.
func (o *KeyOrder) learn() {
	if len(o.t.keys) == 0 {
		return
	}
	for v := &o.t.keys[0]; len(o.prefix) < o.t.n; {
		o.prefix = append(o.prefix, prefixOf(v, len(o.prefix)))
	}
}

// compare compares two keys, which it has looked at.
func (o *KeyOrder) compare(a, b int32) int {
	if len(o.t.keys) == 0 {
		return 0
	}
	if c := cmp.Compare(o.prefix[a], o.prefix[b]); c != 0 {
		return c
	}
	for i := range o.t.keys {
		if c := data.Compare(&o.t.keys[i], int(a), &o.t.keys[i], int(b)); c != 0 {
			return c
		}
	}
	return 0
}

// Sort brings ids of keys into the order of the keys.
func (o *KeyOrder) Sort(ids []int32) {
	o.learn()
	if len(ids) < radixFrom || len(o.t.keys) == 0 {
		slices.SortFunc(ids, o.compare)
		return
	}
	items := o.scratch.items(len(ids))
	for k, id := range ids {
		items[k] = orderItem{o.prefix[id], id}
	}
	items = radixSort(items, o.scratch.spare(len(ids)))
	if len(o.t.keys) > 1 || !exactPrefixes(&o.t.keys[0]) {
		o.t.sortTies(items)
	}
	for k := range items {
		ids[k] = items[k].id
	}
}

// Merge adds the ids more, which are sorted, to those of sorted and returns all in
// order; it may overwrite what lies behind sorted.
func (o *KeyOrder) Merge(sorted, more []int32) []int32 {
	o.learn()
	i, j := len(sorted)-1, len(more)-1
	sorted = slices.Grow(sorted, len(more))[:len(sorted)+len(more)]
	for k := len(sorted) - 1; j >= 0; k-- {
		if i >= 0 && o.compare(sorted[i], more[j]) > 0 {
			sorted[k] = sorted[i]
			i--
		} else {
			sorted[k] = more[j]
			j--
		}
	}
	return sorted
}

// Bytes estimates the memory held.
func (o *KeyOrder) Bytes() int64 { return int64(8 * cap(o.prefix)) }
