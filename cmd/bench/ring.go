package main

// ring holds one T per window of width ms, from the first that is open on.
type ring[T any] struct {
	width int64
	base  int64 // number of the window of list[0]
	list  []*T
	free  []*T
	max   int64 // the greatest time so far
	fresh func() *T
	clear func(*T)
}

func newRing[T any](width int64, fresh func() *T, clear func(*T)) *ring[T] {
	return &ring[T]{width: width, max: -1 << 62, fresh: fresh, clear: clear}
}

// get returns window number n.
func (r *ring[T]) get(n int64) *T {
	if r.list == nil {
		r.base = n
	}
	for n < r.base {
		r.list = append([]*T{nil}, r.list...)
		r.base--
	}
	for n >= r.base+int64(len(r.list)) {
		r.list = append(r.list, nil)
	}
	t := r.list[n-r.base]
	if t == nil {
		if k := len(r.free); k > 0 {
			t, r.free = r.free[k-1], r.free[:k-1]
		} else {
			t = r.fresh()
		}
		r.list[n-r.base] = t
	}
	return t
}

// emit hands over every window whose end is at or before the watermark.
func (r *ring[T]) emit(wm int64, write func(start int64, t *T)) {
	for len(r.list) > 0 && (r.base+1)*r.width <= wm {
		if t := r.list[0]; t != nil {
			write(r.base*r.width, t)
			r.recycle(t)
		}
		r.list = r.list[1:]
		r.base++
	}
}

func (r *ring[T]) recycle(t *T) {
	r.clear(t)
	r.free = append(r.free, t)
}

// merge adds q's windows to r's by add and leaves q empty.
func (r *ring[T]) merge(q *ring[T], add func(to, from *T)) {
	for i, t := range q.list {
		if t != nil {
			add(r.get(q.base+int64(i)), t)
			q.recycle(t)
		}
	}
	q.list = nil
	r.max = max(r.max, q.max)
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
