package kafka

import (
	"context"
	"sync"
	"time"

	"tidemark/connectors"
)

// The first and the longest pause before something is asked again.
const (
	firstPause   = 20 * time.Millisecond
	longestPause = 2 * time.Second
)

// retrier asks again for what is not available, and tells what it waits for. Several
// goroutines may use it at a time.
type retrier struct {
	mu      sync.Mutex
	waiting int // calls of again that are in trouble
	since   int64
	err     error
}

// again calls f until it returns no error that may pass, with pauses that grow. It gives
// up with the last such error after patience, 0 being for ever, and with that of ctx when
// ctx ends.
func (r *retrier) again(ctx context.Context, patience time.Duration, f func() error) error {
	err := f()
	if err == nil || !connectors.IsUnavailable(err) {
		return err
	}
	r.enter()
	defer r.leave()
	var enough <-chan time.Time
	if patience > 0 {
		timer := time.NewTimer(patience)
		defer timer.Stop()
		enough = timer.C
	}
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		r.met(err)
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-enough:
			timer.Stop()
			return err
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
		if err = f(); err == nil || !connectors.IsUnavailable(err) {
			return err
		}
	}
}

func (r *retrier) enter() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.waiting++; r.waiting == 1 {
		r.since = time.Now().UnixMicro()
	}
}

func (r *retrier) met(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.err = err
}

func (r *retrier) leave() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.waiting--; r.waiting == 0 {
		r.since, r.err = 0, nil
	}
}

// Trouble implements connectors.Troubled.
func (r *retrier) Trouble() (since int64, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.since, r.err
}
