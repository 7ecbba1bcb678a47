package connectors

import (
	"context"
	"sync"
	"time"
)

// maxRetryDelay is the longest wait between two attempts.
const maxRetryDelay = 10 * time.Second

// Retry attempts again what has failed with an Unavailable error, each time after
// twice as long. It may be used by several goroutines.
type Retry struct {
	// Delay is the wait before the second attempt.
	Delay time.Duration
	// Times is how often it tries again at most; negative is without limit.
	Times int64
	// Limit is how long it waits at most in all; 0 is without limit.
	Limit time.Duration
	// Wait waits for a time, or for the end of the context, whose error it returns. Nil
	// waits on the machine's clock.
	Wait func(ctx context.Context, d time.Duration) error

	mu    sync.Mutex
	since int64
	err   error
}

// Do calls attempt until it returns another error than an Unavailable one, or none,
// and returns its last error; that of the context when it ends meanwhile.
func (r *Retry) Do(ctx context.Context, attempt func() error) error {
	delay, waited := r.Delay, time.Duration(0)
	for tried := int64(0); ; tried++ {
		err := attempt()
		if !IsUnavailable(err) {
			r.note(nil)
			return err
		}
		r.note(err)
		if r.Times >= 0 && tried >= r.Times || r.Limit > 0 && waited >= r.Limit {
			return err
		}
		if err := r.wait(ctx, delay); err != nil {
			return err
		}
		waited += delay
		delay = min(2*delay, maxRetryDelay)
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

func (r *Retry) note(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil && r.err == nil {
		r.since = time.Now().UnixMicro()
	}
	r.err = err
}

// Trouble returns the error that is waited for to pass and since when, as Troubled has
// it.
func (r *Retry) Trouble() (since int64, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.since, r.err
}
