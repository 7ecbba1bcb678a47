package watermark

import "slices"

// percentile is the nearest-rank percentile of the last values put in: the least
// of them that share of them do not exceed. Putting a value in takes the logarithm
// of their number.
//
// The values are in two heaps that share their memory: lower has those up to the
// percentile, greatest first, upper the others, least first. A value that leaves
// is replaced where it stands by the one that comes (after W. Härdle and W. Steiger,
// Optimal Median Smoothing, 1995).
type percentile struct {
	share int64 // billionths
	last  int

	values []int64 // by slot; the slots are filled in a ring
	next   int     // the slot to fill next
	lower  []int32 // slots
	upper  []int32
	place  []int32 // by slot: its index in lower, or ^index in upper
}

const whole = 1_000_000_000 // a share of all

func newPercentile(share int64, last int) *percentile {
	return &percentile{share: share, last: last}
}

// rank returns which of n values, counted from 1, is the percentile.
func (p *percentile) rank(n int) int {
	return int((p.share*int64(n) + whole - 1) / whole)
}

// len returns how many values there are.
func (p *percentile) len() int { return len(p.values) }

// value returns the percentile; there must be a value.
func (p *percentile) value() int64 { return p.values[p.lower[0]] }

// oldestFirst returns the values in the order in which they were put in.
func (p *percentile) oldestFirst() []int64 {
	if len(p.values) < p.last {
		return p.values
	}
	return append(slices.Clone(p.values[p.next:]), p.values[:p.next]...)
}

// add puts a value in, and takes the oldest out when there are enough.
func (p *percentile) add(v int64) {
	slot := int32(p.next)
	if p.next++; p.next == p.last {
		p.next = 0
	}
	if len(p.values) == p.last {
		p.values[slot] = v
		if at := p.place[slot]; at >= 0 {
			p.sink(p.lower, p.rise(p.lower, int(at), false), false)
		} else {
			p.sink(p.upper, p.rise(p.upper, int(^at), true), true)
		}
		p.exchange()
		return
	}
	p.values, p.place = append(p.values, v), append(p.place, 0)
	// The new value goes up, and the least of those comes down if the percentile
	// moves to the next rank.
	p.upper = append(p.upper, slot)
	p.rise(p.upper, len(p.upper)-1, true)
	if len(p.lower) < p.rank(len(p.values)) {
		least := p.upper[0]
		end := len(p.upper) - 1
		p.upper[0] = p.upper[end]
		p.upper = p.upper[:end]
		if end > 0 {
			p.put(p.upper, 0, true)
			p.sink(p.upper, 0, true)
		}
		p.lower = append(p.lower, least)
		p.rise(p.lower, len(p.lower)-1, false)
	}
	p.exchange()
}

// exchange swaps the heads of the heaps when they are on the wrong sides.
func (p *percentile) exchange() {
	if len(p.upper) == 0 || p.values[p.lower[0]] <= p.values[p.upper[0]] {
		return
	}
	p.lower[0], p.upper[0] = p.upper[0], p.lower[0]
	p.put(p.lower, 0, false)
	p.put(p.upper, 0, true)
	p.sink(p.lower, 0, false)
	p.sink(p.upper, 0, true)
}

// put notes where the slot at index i of a heap is.
func (p *percentile) put(heap []int32, i int, up bool) {
	at := int32(i)
	if up {
		at = ^at
	}
	p.place[heap[i]] = at
}

// before reports whether a stands above b: in the upper heap the smaller one.
func before(a, b int64, up bool) bool {
	if up {
		return a < b
	}
	return a > b
}

// rise moves the slot at index i towards the head and returns where it ends up.
func (p *percentile) rise(heap []int32, i int, up bool) int {
	slot := heap[i]
	v := p.values[slot]
	for i > 0 {
		parent := (i - 1) / 2
		if !before(v, p.values[heap[parent]], up) {
			break
		}
		heap[i] = heap[parent]
		p.put(heap, i, up)
		i = parent
	}
	heap[i] = slot
	p.put(heap, i, up)
	return i
}

// sink moves the slot at index i away from the head.
func (p *percentile) sink(heap []int32, i int, up bool) {
	slot := heap[i]
	v := p.values[slot]
	for {
		child := 2*i + 1
		if child >= len(heap) {
			break
		}
		if right := child + 1; right < len(heap) && before(p.values[heap[right]], p.values[heap[child]], up) {
			child = right
		}
		if !before(p.values[heap[child]], v, up) {
			break
		}
		heap[i] = heap[child]
		p.put(heap, i, up)
		i = child
	}
	heap[i] = slot
	p.put(heap, i, up)
}
