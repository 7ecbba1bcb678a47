package state

import (
	"slices"

	"tidemark/operators/data"
)

// SortKey is one column of an order.
type SortKey struct {
	Column int
	Desc   bool
	// NullsFirst puts NULL before every value, whichever way the values go.
	NullsFirst bool
}

// Compare orders row i of a and row j of b by the key.
func (k *SortKey) Compare(a []*data.Vector, i int, b []*data.Vector, j int) int {
	x, y := a[k.Column], b[k.Column]
	xn, yn := x.IsNull(i), y.IsNull(j)
	switch {
	case xn && yn:
		return 0
	case xn || yn:
		if xn == k.NullsFirst {
			return -1
		}
		return 1
	case k.Desc:
		return data.Compare(y, j, x, i)
	}
	return data.Compare(x, i, y, j)
}

// SortRows orders rows, which are rows of cols, by keys. Those that do not differ
// stay in the order in which they are.
func SortRows(cols []*data.Vector, keys []SortKey, rows []int32, scratch *OrderScratch) {
	if len(keys) == 0 || len(rows) < 2 {
		return
	}
	items := scratch.items(len(rows))
	first := &keys[0]
	v := cols[first.Column]
	for i, r := range rows {
		items[i] = orderItem{first.prefix(v, int(r)), r}
	}
	if len(rows) >= radixFrom {
		items = radixSort(items, scratch.spare(len(rows)))
	} else {
		slices.SortStableFunc(items, comparePrefixes)
	}
	for i := range items {
		rows[i] = items[i].id
	}
	if exactPrefixes(v) {
		keys = keys[1:]
	}
	if len(keys) == 0 {
		return
	}
	for from := 0; from < len(items); {
		to := from + 1
		for to < len(items) && items[to].prefix == items[from].prefix {
			to++
		}
		if to-from > 1 {
			slices.SortStableFunc(rows[from:to], func(i, j int32) int { return CompareRows(cols, int(i), cols, int(j), keys) })
		}
		from = to
	}
}

// CompareRows orders row i of a and row j of b by keys.
func CompareRows(a []*data.Vector, i int, b []*data.Vector, j int, keys []SortKey) int {
	for k := range keys {
		if d := keys[k].Compare(a, i, b, j); d != 0 {
			return d
		}
	}
	return 0
}

// prefix orders as the key does, as far as it goes.
func (k *SortKey) prefix(v *data.Vector, row int) uint64 {
	p := prefixOf(v, row)
	if k.Desc {
		p = ^p
	}
	if v.IsNull(row) {
		p = 0
		if !k.NullsFirst {
			p = ^p
		}
	}
	return p
}

func comparePrefixes(a, b orderItem) int {
	switch {
	case a.prefix < b.prefix:
		return -1
	case a.prefix > b.prefix:
		return 1
	}
	return 0
}
