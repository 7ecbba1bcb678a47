package operators

import "slices"

// mostFlat is how many rows of a partition are kept side by side with those of the
// others.
const mostFlat = 8

// topLists are lists of rows by partition: of no more than stride rows each, or of
// any length where that is 0.
type topLists struct {
	stride int
	flat   []int32
	counts []int32
	lists  [][]int32
}

func (l *topLists) grow(n int) {
	if l.stride == 0 {
		for len(l.lists) < n {
			l.lists = append(l.lists, nil)
		}
		return
	}
	for len(l.counts) < n {
		l.counts = append(l.counts, 0)
		for range l.stride {
			l.flat = append(l.flat, 0)
		}
	}
}

// of returns the list of a partition, good until the next change.
func (l *topLists) of(part int32) []int32 {
	if l.stride == 0 {
		return l.lists[part]
	}
	from := int(part) * l.stride
	return l.flat[from : from+int(l.counts[part]) : from+l.stride]
}

// insert puts a row at a place of a list and returns it.
func (l *topLists) insert(part int32, pos int, id int32) []int32 {
	list := slices.Insert(l.of(part), pos, id) // within its part of flat, which has room
	if l.stride == 0 {
		l.lists[part] = list
	} else {
		l.counts[part]++
	}
	return list
}

// remove takes the row at a place out of a list and returns it.
func (l *topLists) remove(part int32, pos int) []int32 {
	list := l.of(part)
	list = append(list[:pos], list[pos+1:]...)
	if l.stride == 0 {
		l.lists[part] = list
	} else {
		l.counts[part]--
	}
	return list
}

// move puts the list of a partition in the place of that of another, which is not
// behind it.
func (l *topLists) move(from, to int32) {
	if l.stride == 0 {
		l.lists[to] = l.lists[from]
		return
	}
	copy(l.flat[int(to)*l.stride:(int(to)+1)*l.stride], l.flat[int(from)*l.stride:])
	l.counts[to] = l.counts[from]
}

// cut forgets all partitions but the first n.
func (l *topLists) cut(n int) {
	if l.stride == 0 {
		clear(l.lists[n:])
		l.lists = l.lists[:n]
		return
	}
	l.flat, l.counts = l.flat[:n*l.stride], l.counts[:n]
}

func (l *topLists) reset() {
	l.flat, l.counts = l.flat[:0], l.counts[:0]
	clear(l.lists)
	l.lists = l.lists[:0]
}

// bytes estimates the memory held.
func (l *topLists) bytes() int64 {
	b := int64(4*cap(l.flat) + 4*cap(l.counts) + 24*cap(l.lists))
	for _, list := range l.lists {
		b += int64(4 * cap(list))
	}
	return b
}
