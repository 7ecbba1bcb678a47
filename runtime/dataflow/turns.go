package dataflow

import "sync"

// turns lets the holders of consecutive tickets pass one at a time, in order.
type turns struct {
	mu   sync.Mutex
	cond *sync.Cond
	next int64
}

func newTurns() *turns {
	t := &turns{}
	t.cond = sync.NewCond(&t.mu)
	return t
}

// wait returns when it is ticket k's turn.
func (t *turns) wait(k int64) {
	t.mu.Lock()
	for t.next != k {
		t.cond.Wait()
	}
	t.mu.Unlock()
}

// done ends the present turn.
func (t *turns) done() {
	t.mu.Lock()
	t.next++
	t.mu.Unlock()
	t.cond.Broadcast()
}
