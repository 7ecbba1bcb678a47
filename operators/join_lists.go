package operators

import (
	"math/bits"
	"slices"
	"sort"

	"tidemark/operators/data"
)

// keyLists has a list of buffered rows for each key id, in order of (time,
// arrival): the rows of one side of a join that may still find a partner.
//
// The lists are blocks of two flat arrays, so that a row costs twelve bytes, four if
// untimed, and the room that its block has to spare; a block is as long as a power of two, and
// one that has become too short or empty is kept for another list of its size. When many
// are kept so, the lists move together.
type keyLists struct {
	lists []keyList
	times []int64  // microseconds; none if untimed
	rows  []uint32 // of the rowStore
	// untimed says that rows have no times, and come in order of their numbers.
	untimed bool
	free    [33][]uint32
	spare   int // the room in free
	empty   int // lists without rows
}

// keyList is a block and the part of it that is in use.
type keyList struct {
	block    uint32 // where it starts
	class    uint8  // its length is 1 << class
	start, n uint32 // start counts from the block's start
}

// resize makes room for the ids below n.
func (l *keyLists) resize(n int) {
	if more := n - len(l.lists); more > 0 {
		l.lists = data.Reserved(l.lists, more)[:n]
		clear(l.lists[n-more:])
		l.empty += more
	}
}

// of returns the times and rows of a key, good until the next insert or drop; no times if
// untimed.
func (l *keyLists) of(id int32) (times []int64, rows []uint32) {
	k := &l.lists[id]
	from, to := k.block+k.start, k.block+k.start+k.n
	if l.untimed {
		return nil, l.rows[from:to]
	}
	return l.times[from:to], l.rows[from:to]
}

// within returns the part of a key's list with from <= time <= to.
func (l *keyLists) within(id int32, from, to int64) (times []int64, rows []uint32) {
	times, rows = l.of(id)
	n := len(times)
	if n == 0 || times[0] > to || times[n-1] < from {
		return nil, nil
	}
	i := 0
	if times[0] < from {
		i = sort.Search(n, func(i int) bool { return times[i] >= from })
	}
	if times[n-1] > to {
		n = i + sort.Search(n-i, func(k int) bool { return times[i+k] > to })
	}
	return times[i:n], rows[i:n]
}

// insert adds a row that has come after all the others.
func (l *keyLists) insert(id int32, t int64, row uint32) {
	if l.spare > len(l.rows)/4+mostSpare {
		l.gather()
	}
	k := &l.lists[id]
	if k.n == 0 {
		l.empty--
		*k = keyList{block: l.take(0)}
	}
	if size := uint32(1) << k.class; k.start+k.n == size {
		switch {
		case size > 4 && k.n <= size/4:
			l.move(k, k.fit())
		case k.start > 0 && k.start >= size/4:
			l.slide(k.block, k.block+k.start, k.n)
			k.start = 0
		default:
			l.move(k, k.class+1)
		}
	}
	rows := l.rows[k.block+k.start:]
	i := k.n
	k.n++
	if l.untimed {
		rows[i] = row
		return
	}
	times := l.times[k.block+k.start:]
	for i > 0 && times[i-1] > t { // most rows are the latest of their key
		times[i], rows[i] = times[i-1], rows[i-1]
		i--
	}
	times[i], rows[i] = t, row
}

// slide moves the n entries at one place to another.
func (l *keyLists) slide(to, from, n uint32) {
	copy(l.rows[to:], l.rows[from:from+n])
	if !l.untimed {
		copy(l.times[to:], l.times[from:from+n])
	}
}

// move moves a list to a block of another class.
func (l *keyLists) move(k *keyList, class uint8) {
	old := *k
	k.class = class
	k.block, k.start = l.take(k.class), 0
	l.slide(k.block, old.block+old.start, old.n)
	l.give(&old)
}

// give keeps the block of a list that does not need it any more.
func (l *keyLists) give(k *keyList) {
	l.free[k.class] = append(l.free[k.class], k.block)
	l.spare += 1 << k.class
}

// mostSpare is how much room is kept in any case.
const mostSpare = 1024

// mostLists is for how many keys there is room in any case.
const mostLists = 1 << 13

// gather moves the lists to fresh arrays, without the room between them. Those that
// would fit into smaller blocks get them.
func (l *keyLists) gather() {
	size := 0
	for i := range l.lists {
		if k := &l.lists[i]; k.n > 0 {
			size += 1 << k.fit()
		}
	}
	rows := make([]uint32, size, size+size/8)
	var times []int64
	if !l.untimed {
		times = make([]int64, size, size+size/8)
	}
	at := uint32(0)
	for i := range l.lists {
		k := &l.lists[i]
		if k.n == 0 {
			continue
		}
		fromTimes, fromRows := l.of(int32(i))
		copy(rows[at:], fromRows)
		if !l.untimed {
			copy(times[at:], fromTimes)
		}
		k.class, k.block, k.start = k.fit(), at, 0
		at += 1 << k.class
	}
	l.times, l.rows, l.spare = times, rows, 0
	for c := range l.free {
		l.free[c] = l.free[c][:0]
	}
}

// fit returns the class of block that a list with rows should have, with room for one
// more and a quarter.
func (k *keyList) fit() uint8 { return min(k.class, uint8(bits.Len32(k.n+k.n/4))) }

// take returns a block of a class.
func (l *keyLists) take(class uint8) uint32 {
	if f := l.free[class]; len(f) > 0 {
		l.free[class] = f[:len(f)-1]
		l.spare -= 1 << class
		return f[len(f)-1]
	}
	block := len(l.rows)
	n := block + 1<<class
	l.rows = data.Reserved(l.rows, 1<<class)[:n]
	if !l.untimed {
		l.times = data.Reserved(l.times, 1<<class)[:n]
	}
	return uint32(block)
}

// dropBefore drops the rows of a key whose time is less than t.
func (l *keyLists) dropBefore(id int32, t int64) {
	times, _ := l.of(id)
	i := 0
	for i < len(times) && times[i] < t {
		i++
	}
	l.dropFirst(id, i)
}

// dropFirst drops the first n rows of a key.
func (l *keyLists) dropFirst(id int32, n int) {
	k := &l.lists[id]
	if n == 0 {
		return
	}
	k.start, k.n = k.start+uint32(n), k.n-uint32(n)
	if k.n == 0 {
		l.give(k)
		*k = keyList{}
		l.empty++
	}
}

// remove drops row i of a key.
func (l *keyLists) remove(id int32, i int) {
	if i == 0 {
		l.dropFirst(id, 1)
		return
	}
	k := &l.lists[id]
	at := k.block + k.start + uint32(i)
	k.n--
	l.slide(at, at+1, k.n-uint32(i))
}

// count returns how many rows have a time of at least t.
func (l *keyLists) count(t int64) int {
	n := 0
	for id := range l.lists {
		n += int(l.lists[id].n) - l.before(int32(id), t)
	}
	return n
}

// before returns how many rows of a key have a time of less than t.
func (l *keyLists) before(id int32, t int64) int {
	times, _ := l.of(id)
	if len(times) == 0 || times[0] >= t { // as of nearly all
		return 0
	}
	return sort.Search(len(times), func(i int) bool { return times[i] >= t })
}

// renumber gives the list of old id i the id to[i], and drops it where that is -1; the new
// ids are in the order of the old ones, and n of them.
func (l *keyLists) renumber(to []int32, n int) {
	l.empty = n
	for i, k := range l.lists {
		if to[i] >= 0 {
			if l.lists[to[i]] = k; k.n > 0 {
				l.empty--
			}
		}
	}
	if l.lists = l.lists[:n]; cap(l.lists) > mostLists && n < cap(l.lists)/16 {
		l.lists = slices.Clone(l.lists)
	}
}

// bytes estimates the memory held.
func (l *keyLists) bytes() int64 {
	return int64(16*cap(l.lists) + 8*cap(l.times) + 4*cap(l.rows))
}
