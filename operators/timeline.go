package operators

import (
	"slices"
	"sort"

	"tidemark/operators/data"
)

// moment is something that is due at a time, and comes before or after others.
type moment[T any] interface {
	// due is the time. Those that compare as earlier are due no later.
	due() int64
	compare(T) int
}

// timeline is moments in order. It is made for those that mostly come in order: to
// put in one that is early moves all that come after it.
type timeline[T moment[T]] struct {
	items []T
	head  int // what stands before it has been taken
}

// add puts in more, which it may sort.
func (l *timeline[T]) add(more []T) {
	if !slices.IsSortedFunc(more, T.compare) {
		slices.SortFunc(more, T.compare)
	}
	i, k := len(l.items)-1, len(more)-1
	l.items = append(l.items, more...)
	for to := len(l.items) - 1; k >= 0 && i >= l.head; to-- {
		if l.items[i].compare(more[k]) > 0 {
			l.items[to] = l.items[i]
			i--
		} else {
			l.items[to] = more[k]
			k--
		}
	}
	copy(l.items[i+1:], more[:k+1])
}

// all returns what is there, in order.
func (l *timeline[T]) all() []T { return l.items[l.head:] }

// first returns the index in all of the first moment that is not due before limit.
func (l *timeline[T]) first(limit int64) int {
	all := l.all()
	switch {
	case limit == data.MaxTime:
		return len(all)
	case len(all) == 0 || all[0].due() >= limit:
		return 0
	}
	return sort.Search(len(all), func(i int) bool { return all[i].due() >= limit })
}

// before takes out what is due before limit; at data.MaxTime it is all. It is good
// until the next add.
func (l *timeline[T]) before(limit int64) []T {
	all := l.all()
	n := l.first(limit)
	if l.head += n; l.head == len(l.items) {
		l.items, l.head = l.items[:0], 0
	} else if l.head > len(l.items)/3 && l.head > 1024 {
		l.items = append([]T(nil), l.items[l.head:]...) // what is returned stays as it is
		l.head = 0
	}
	return all[:n]
}

// remove takes out the moment at index i of all.
func (l *timeline[T]) remove(i int) { l.items = slices.Delete(l.items, l.head+i, l.head+i+1) }
