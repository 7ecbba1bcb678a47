package connectors

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// longestDelay is the longest wait between two attempts, unless a Retry says otherwise.
const longestDelay = 10 * time.Second

// Retry attempts again what has failed with an Unavailable error, each time after
// twice as long. It may be used by several goroutines.
type Retry struct {
	// Delay is the wait before the second attempt.
	Delay time.Duration
	// Longest is the longest wait between two attempts; 0 is ten seconds.
	Longest time.Duration
	// Times is how often it tries again at most; negative is without limit.
	Times int64
	// Limit is how long Do goes on before it gives up; 0 is without limit.
	Limit time.Duration
	// Wait waits for a time, or for the end of the context, whose error it returns. Nil
	// waits on the machine's clock.
	Wait func(ctx context.Context, d time.Duration) error

	mu      sync.Mutex
	waiting int // calls of Do that are in trouble
	since   int64
	err     error
}

// Do calls attempt until it returns another error than an Unavailable one, or none,
// and returns its last error; that of the context, and why it had to
// wait, when it ends meanwhile.
func (r *Retry) Do(ctx context.Context, attempt func() error) error {
	return r.DoFor(ctx, r.Limit, attempt)
}

// DoFor is Do with a limit of its own.
func (r *Retry) DoFor(ctx context.Context, limit time.Duration, attempt func() error) error {
	delay, longest, spent := r.Delay, r.Longest, time.Duration(0)
	if longest == 0 {
		longest = longestDelay
	}
	for tried := int64(0); ; tried++ {
		began := time.Now()
		err := attempt()
		if !IsUnavailable(err) {
			if tried > 0 {
				r.leave()
			}
			return err
		}
		r.met(err, tried == 0)
		spent += time.Since(began)
		if r.Times >= 0 && tried >= r.Times || limit > 0 && spent >= limit {
			r.leave()
			return err
		}
		if ended := r.wait(ctx, delay); ended != nil {
			r.leave()
			return fmt.Errorf("%w: %v", ended, err) // not Unavailable: it is not to be tried again
		}
		spent += delay
		delay = min(2*delay, longest)
	}
}

func (r *Retry) wait(ctx context.Context, d time.Duration) error {
	if r.Wait != nil {
		return r.Wait(ctx, d)
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// met notes an error; first says that it is the first of its call of Do.
func (r *Retry) met(err error, first bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if first {
		if r.waiting++; r.waiting == 1 {
			r.since = time.Now().UnixMicro()
		}
	}
	r.err = err
}

// leave notes that a call of Do is not in trouble any more.
func (r *Retry) leave() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.waiting--; r.waiting == 0 {
		r.since, r.err = 0, nil
	}
}

// Trouble returns the error that is waited for to pass and since when, as Troubled has
// it.
func (r *Retry) Trouble() (since int64, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.since, r.err
}
