package operators

import "slices"

// queue is a list that grows at its end and shrinks from its beginning. The zero
// value is empty.
type queue[T any] struct {
	items []T // from head on
	head  int
}

func (q *queue[T]) len() int    { return len(q.items) - q.head }
func (q *queue[T]) all() []T    { return q.items[q.head:] }
func (q *queue[T]) at(i int) *T { return &q.items[q.head+i] }
func (q *queue[T]) push(x T)    { q.items = append(q.items, x) }

func (q *queue[T]) insert(i int, x T) { q.items = slices.Insert(q.items, q.head+i, x) }

// cut drops the first n. The memory is used again when it is half of all, so that
// each item is moved once on average.
func (q *queue[T]) cut(n int) {
	q.head += n
	if q.head*2 >= len(q.items) {
		q.items = q.items[:copy(q.items, q.items[q.head:])]
		q.head = 0
	}
}

// remove takes item i out.
func (q *queue[T]) remove(i int) { q.items = slices.Delete(q.items, q.head+i, q.head+i+1) }
