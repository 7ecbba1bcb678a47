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
	l.reserve(len(more))
	end := len(l.items)
	l.items = append(l.items, more...)
	for k := len(more) - 1; k >= 0; k-- {
		i := l.behind(more[k], end)
		copy(l.items[i+k+1:], l.items[i:end])
		l.items[i+k] = more[k]
		end = i
	}
}

// behind returns the index in items, of those before end, behind the last moment that
// does not compare as later than x. It is looked for from the end in ever larger steps.
func (l *timeline[T]) behind(x T, end int) int {
	from, step := end-1, 1
	for from >= l.head && l.items[from].compare(x) > 0 {
		end, from, step = from, from-step, 2*step
	}
	from = max(from+1, l.head)
	return from + sort.Search(end-from, func(i int) bool { return l.items[from+i].compare(x) > 0 })
}

// reserve makes room for n more, if it can where there was what has been taken out.
func (l *timeline[T]) reserve(n int) {
	if len(l.items)+n <= cap(l.items) {
		return
	}
	all := l.all()
	n += len(all)
	if l.head >= len(l.items)/8 && n <= cap(l.items) && n >= cap(l.items)/3*2 {
		l.items = l.items[:copy(l.items, all)]
	} else {
		l.items = append(make([]T, 0, n+n/8), all...)
	}
	l.head = 0
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
	}
	return all[:n]
}

// remove takes out the moment at index i of all.
func (l *timeline[T]) remove(i int) { l.items = slices.Delete(l.items, l.head+i, l.head+i+1) }

// insert puts in a moment as index i of all, where it belongs.
func (l *timeline[T]) insert(i int, x T) { l.items = slices.Insert(l.items, l.head+i, x) }
