package operators

import "sync"

// openWindows counts for each window, by its start, the operators that have rows of it:
// the workers of a statement have the same windows.
type openWindows struct {
	mu sync.Mutex
	of map[int64]int
}

// change takes note of windows that an operator has begun and ended.
func (o *openWindows) change(a *Account, begun, ended []int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.of == nil {
		o.of = map[int64]int{}
	}
	before := len(o.of)
	for _, start := range begun {
		o.of[start]++
	}
	for _, start := range ended {
		if o.of[start]--; o.of[start] == 0 {
			delete(o.of, start)
		}
	}
	a.Open.Add(int64(len(o.of) - before))
}

// told is what an account knows of the open windows of one operator.
type told struct {
	starts, next []int64 // next is scratch
	begun, ended []int64
	sessions     int
}

// windows tells the account of windows that are open: those that start at starts, which
// ascend. a may be nil. Most batches change nothing: the first, the last and the number
// tell, as windows end in their order.
func (t *told) windows(a *Account, n int, start func(int) int64) {
	if a == nil || n == len(t.starts) && (n == 0 || start(0) == t.starts[0] && start(n-1) == t.starts[n-1]) {
		return
	}
	t.next, t.begun, t.ended = t.next[:0], t.begun[:0], t.ended[:0]
	old := t.starts
	for i := range n {
		at := start(i)
		t.next = append(t.next, at)
		for len(old) > 0 && old[0] < at {
			t.ended, old = append(t.ended, old[0]), old[1:]
		}
		if len(old) > 0 && old[0] == at {
			old = old[1:]
		} else {
			t.begun = append(t.begun, at)
		}
	}
	t.ended = append(t.ended, old...)
	t.starts, t.next = t.next, t.starts
	a.open.change(a, t.begun, t.ended)
}

// count tells the account how many sessions are open. a may be nil.
func (t *told) count(a *Account, sessions int) {
	if a != nil && sessions != t.sessions {
		a.Open.Add(int64(sessions - t.sessions))
		t.sessions = sessions
	}
}
