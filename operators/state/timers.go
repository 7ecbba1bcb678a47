package state

import (
	"math"
	"math/bits"
)

// Timers orders ids by the times at which they are due, without sorting them: a
// hierarchy of wheels (G. Varghese and T. Lauck, "Hashed and Hierarchical Timing
// Wheels", 1987). Level 0 has a list for each of the next 256 times, level 1 for
// each of the next 256 spans of 256, and so on up to all of int64. An id takes four
// bytes, setting one a constant time, and on its way to being due it moves down at
// most a list on each level.
//
// Times that move to later need no call: Due asks for the time of an id when it
// comes by, and puts it where it belongs by then.
type Timers struct {
	lists [levels][wheel]int32 // of ids + 1, by next; 0 is empty
	full  [levels][wheel / 64]uint64
	next  []int32 // of each id
	now   uint64  // no id is due before
	soon  int64   // at most the least time of all
}

const (
	levels    = 8
	levelBits = 8
	wheel     = 1 << levelBits
)

// NewTimers returns timers of which none is set.
func NewTimers() *Timers { return &Timers{soon: math.MaxInt64} }

// order maps times to numbers that have their order.
func order(t int64) uint64 { return uint64(t) ^ 1<<63 }

// Soon returns a time before which no id is due.
func (t *Timers) Soon() int64 { return t.soon }

// Set makes id, which must not be set, due at a time. One that is before what
// Due has reached is due at once.
func (t *Timers) Set(id int32, at int64) {
	for int(id) >= len(t.next) {
		t.next = append(t.next, 0)
	}
	t.put(id, max(order(at), t.now))
}

func (t *Timers) put(id int32, at uint64) {
	level := 0
	if at != t.now {
		level = (bits.Len64(at^t.now) - 1) / levelBits
	}
	k := at >> (level * levelBits) % wheel
	t.next[id] = t.lists[level][k]
	t.lists[level][k] = id + 1
	t.full[level][k/64] |= 1 << (k % 64)
	t.soon = min(t.soon, int64(at^1<<63))
}

// Due takes out the ids that are due first, if that is at most until, and appends
// them to ids in no order; their common time is at. It appends none when nothing is
// due. of returns the time of an id, which is not before the one it was set to,
// or any time that has passed to have it returned now.
func (t *Timers) Due(until int64, ids []int32, of func(id int32) int64) (due []int32, at int64) {
	for t.soon <= until {
		level, k, ok := t.first()
		if !ok {
			t.soon = math.MaxInt64
			break
		}
		from := t.now>>(level*levelBits)>>levelBits<<levelBits<<(level*levelBits) | k<<(level*levelBits)
		if at = int64(from ^ 1<<63); at > until {
			t.soon = at
			break
		}
		list := t.lists[level][k]
		t.lists[level][k] = 0
		t.full[level][k/64] &^= 1 << (k % 64)
		t.now = max(t.now, from)
		for list != 0 {
			id := list - 1
			list = t.next[id]
			if to := max(order(of(id)), t.now); to == t.now && level == 0 {
				ids = append(ids, id)
			} else {
				t.put(id, to)
			}
		}
		if len(ids) > 0 {
			return ids, at
		}
	}
	return ids, 0
}

// first finds the list of the least times.
func (t *Timers) first() (level int, k uint64, ok bool) {
	for level := range t.full {
		for w, word := range t.full[level] {
			if word != 0 {
				return level, uint64(w*64 + bits.TrailingZeros64(word)), true
			}
		}
	}
	return 0, 0, false
}

// Bytes estimates the memory held.
func (t *Timers) Bytes() int64 { return levels*wheel*4 + int64(4*cap(t.next)) }
