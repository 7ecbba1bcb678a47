package state

import (
	"math"
	"math/bits"
)

// Timers hands out ids in the order of the times at which they are due. Those that
// are due within the present span of 65 milliseconds are in a heap. The others wait
// in lists, unsorted, in a hierarchy of wheels (G. Varghese and T. Lauck, "Hashed
// and Hierarchical Timing Wheels", 1987): level 0 has a list for each of the next
// 256 spans, level 1 for each of the next 256 times 256 of them, and so on up to
// all of int64. Setting an id takes a constant time, and on its way to the heap it
// moves down at most a list on each level. An id takes four bytes, which are its
// owner's, and sixteen more in the heap.
//
// Times that move to later need no call: Due asks for the time of an id when it
// comes by, and puts it where it belongs by then.
type Timers struct {
	owner Timed
	front []timer                // a heap
	lists [levels][wheel]int32   // of ids, by their links; 0 is empty
	full  [levels * words]uint64 // which lists are not empty
	some  uint32                 // which words of full are not 0
	now   uint64                 // the beginning of the present span
	soon  int64                  // at most the least time of all
}

// Timed are things with timers, known by ids, of which 0 is none.
type Timed interface {
	// DueAt returns the time of an id: not before the one that it was set to, or any
	// time that has passed to have the id returned now.
	DueAt(id int32) int64
	// Link returns four bytes that belong to Timers as long as the id is set.
	Link(id int32) *int32
}

// timer is an id in the heap.
type timer struct {
	at uint64
	id int32
}

const (
	spanBits  = 16
	levels    = 6
	levelBits = 8
	wheel     = 1 << levelBits
	words     = wheel / 64 // of the bits of a level
)

// NewTimers returns the timers of owner's ids, of which none is set.
func NewTimers(owner Timed) *Timers { return &Timers{owner: owner, soon: math.MaxInt64} }

// order maps times to numbers that have their order.
func order(t int64) uint64 { return uint64(t) ^ 1<<63 }

// Soon returns a time before which no id is due.
func (t *Timers) Soon() int64 { return t.soon }

// Set makes id, which must not be set, due at a time. One that is before what
// Due has reached is due at once.
func (t *Timers) Set(id int32, at int64) { t.put(id, max(order(at), t.now)) }

func (t *Timers) put(id int32, at uint64) {
	t.soon = min(t.soon, int64(at^1<<63))
	far := (at ^ t.now) >> spanBits
	if far == 0 {
		t.push(timer{at, id})
		return
	}
	level := (bits.Len64(far) - 1) / levelBits
	k := at >> (level*levelBits + spanBits) % wheel
	list := &t.lists[level][k]
	*t.owner.Link(id) = *list
	*list = id
	word := level*words + int(k/64)
	t.full[word] |= 1 << (k % 64)
	t.some |= 1 << word
}

// Due takes out the ids that are due first, if that is at most until, and appends
// them to ids in no order; their common time is at. It appends none when nothing is
// due.
func (t *Timers) Due(until int64, ids []int32) (due []int32, at int64) {
	end, n := order(until), len(ids)
	for {
		for len(t.front) > 0 && t.front[0].at <= end {
			first := t.front[0]
			if len(ids) > n && first.at != order(at) {
				break
			}
			t.pop()
			if to := order(t.owner.DueAt(first.id)); to > first.at {
				t.put(first.id, to)
				continue
			}
			ids, at = append(ids, first.id), int64(first.at^1<<63)
		}
		switch {
		case len(t.front) > 0:
			t.soon = int64(t.front[0].at ^ 1<<63)
			return ids, at
		case len(ids) > n:
			t.soon = at
			return ids, at
		case t.some == 0:
			t.soon = math.MaxInt64
			return ids, 0
		case !t.turn(end):
			return ids, 0
		}
	}
}

// turn goes on to the next span that has ids and does not begin after end; ids of
// longer spans on the way move to shorter ones. It reports whether there is one.
func (t *Timers) turn(end uint64) bool {
	word := bits.TrailingZeros32(t.some)
	level := word / words
	k := uint64(word%words*64 + bits.TrailingZeros64(t.full[word]))
	shift := level*levelBits + spanBits
	from := t.now>>shift>>levelBits<<levelBits<<shift | k<<shift
	if t.soon = int64(from ^ 1<<63); from > end {
		return false
	}
	id := t.lists[level][k]
	t.lists[level][k] = 0
	if t.full[word] &^= 1 << (k % 64); t.full[word] == 0 {
		t.some &^= 1 << word
	}
	t.now = from
	for id != 0 {
		next := *t.owner.Link(id)
		t.put(id, max(order(t.owner.DueAt(id)), from))
		id = next
	}
	return true
}

// push adds a timer to the heap.
func (t *Timers) push(x timer) {
	t.front = append(t.front, x)
	h := t.front
	i := len(h) - 1
	for i > 0 {
		up := (i - 1) / 2
		if h[up].at <= x.at {
			break
		}
		h[i] = h[up]
		i = up
	}
	h[i] = x
}

// pop takes the first timer out of the heap.
func (t *Timers) pop() {
	n := len(t.front) - 1
	x := t.front[n]
	h := t.front[:n]
	t.front = h
	i := 0
	for {
		down := 2*i + 1
		if down >= n {
			break
		}
		if down+1 < n && h[down+1].at < h[down].at {
			down++
		}
		if h[down].at >= x.at {
			break
		}
		h[i] = h[down]
		i = down
	}
	if n > 0 {
		h[i] = x
	}
}

// Bytes estimates the memory held, without what the owner has.
func (t *Timers) Bytes() int64 { return levels*wheel*4 + int64(16*cap(t.front)) }
