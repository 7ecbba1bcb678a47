package engine

import (
	"context"
	"fmt"
	"runtime/debug"
	gometrics "runtime/metrics"
	"sync/atomic"
	"time"

	"tidemark/connectors"
)

// ParseSize reads a number of bytes such as 512MB or 2GiB.
func ParseSize(text string) (int64, error) {
	return connectors.NewOptions(map[string]string{"memory limit": text}).Size("memory limit", 0, 1<<20, 1<<50)
}

// memoryLimit ends a run that needs more memory than the process may have, before the
// machine ends the process.
type memoryLimit struct {
	bytes  int64
	before int64 // the limit of the garbage collector
	used   atomic.Int64
	cancel context.CancelFunc
}

// memoryPause is how much time passes between two looks.
const memoryPause = 50 * time.Millisecond

// watchMemory returns a context that ends with ctx, or when the job needs more memory than
// it may have.
func (j *Job) watchMemory(ctx context.Context) (context.Context, *memoryLimit) {
	l := &memoryLimit{bytes: j.opts.MemoryLimit, cancel: func() {}}
	if l.bytes <= 0 {
		return ctx, l
	}
	l.before = debug.SetMemoryLimit(l.bytes - l.bytes/8) // from there on it works harder
	ctx, l.cancel = context.WithCancel(ctx)
	go l.watch(ctx)
	return ctx, l
}

func (l *memoryLimit) watch(ctx context.Context) {
	tick := time.NewTicker(memoryPause)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		if n := memoryUsed(); n > l.bytes {
			l.used.Store(n)
			l.cancel()
			return
		}
	}
}

// memoryUsed returns how many bytes the process has from the system and uses.
func memoryUsed() int64 {
	s := []gometrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	gometrics.Read(s)
	return int64(s[0].Value.Uint64() - s[1].Value.Uint64())
}

// over reports whether the limit has ended the run.
func (l *memoryLimit) over() bool { return l.used.Load() > 0 }

// end stops watching.
func (l *memoryLimit) end() {
	l.cancel()
	if l.bytes > 0 {
		debug.SetMemoryLimit(l.before)
	}
}

func (l *memoryLimit) error(j *Job) error {
	e := &memoryError{limit: l.bytes, used: l.used.Load(), open: j.Progress().Open}
	e.durable = j.durable != nil
	return e
}

// memoryError says that a run has come to its memory limit.
type memoryError struct {
	limit, used, open int64
	durable           bool
}

// Error names the limit and what was used.
func (e *memoryError) Error() string {
	return fmt.Sprintf("the run needs more memory than its limit of %s: it had %s, with %s open", mebibytes(e.limit), mebibytes(e.used), count(e.open, "window"))
}

// Hint says what can be done.
func (e *memoryError) Hint() string {
	hint := "tidemark explain --state says what each step keeps, and for how long; a higher --memory-limit lets it go on"
	if e.durable {
		hint += " from the last checkpoint"
	}
	return hint
}

func mebibytes(n int64) string { return fmt.Sprintf("%.0f MiB", float64(n)/(1<<20)) }
