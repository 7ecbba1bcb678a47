package operators

import (
	"tidemark/operators/data"
)

// ages tells for how long nothing has come to keys, by the watermark. The zero value
// knows none.
type ages struct {
	last  []int64 // by key: the watermark before the last row
	begin int64   // the watermark's first value, which stands for none before it
	begun bool
	check int // how many keys there are when it is worth a look at them
}

// advance notes a move of the watermark.
func (a *ages) advance(wm int64) {
	if !a.begun && wm != data.MinTime {
		a.begin, a.begun = wm, true
	}
}

// expired reports whether a key has been forgotten at a watermark.
func (a *ages) expired(key int, wm, ttl int64) bool {
	last := a.last[key]
	if last == data.MinTime {
		last = a.begin
	}
	return wm != data.MinTime && wm != data.MaxTime && wm > data.AddTime(last, ttl)
}

// touch notes that a row has come to a key, and reports whether that had been forgotten.
func (a *ages) touch(key int32, wm, ttl int64) bool {
	for len(a.last) <= int(key) {
		a.last = append(a.last, wm)
	}
	gone := a.expired(int(key), wm, ttl)
	a.last[key] = wm
	return gone
}

// many reports whether at least half of n keys have been forgotten. It looks when they
// are twice as many as there were left the last time.
func (a *ages) many(n int, wm, ttl int64) bool {
	if n < max(a.check, manyParts) {
		return false
	}
	live := 0
	for key := range n {
		if !a.expired(key, wm, ttl) {
			live++
		}
	}
	a.check = 2 * live
	return live <= n/2
}

// live returns a function that tells which keys have not been forgotten.
func (a *ages) live(wm, ttl int64) func(key int) bool {
	return func(key int) bool { return !a.expired(key, wm, ttl) }
}

func (a *ages) bytes() int64 { return int64(8 * cap(a.last)) }

func (a *ages) save(e *data.Encoder) {
	e.Times(a.last)
	e.Flag(a.begun)
	e.Varint(a.begin)
}

func (a *ages) load(d *data.Decoder) {
	a.last = d.Times(a.last[:0])
	a.begun, a.begin = d.Flag(), d.Varint()
}
