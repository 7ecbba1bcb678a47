package connectors

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"sync/atomic"
	"time"
)

// Counter is a Reader of rows that are made from their numbers: it hands out
// chunks of numbers, no faster than a rate.
type Counter struct {
	name  string
	rows  int64
	rate  float64
	chunk int64
	next  atomic.Int64
	// skipped is how many rows are not made.
	skipped int64
	began   time.Time
	timer   *time.Timer
}

// NewCounter returns a reader of rows rows, without end where that is negative, in
// chunks of at most chunk. rate is how many come in a second, 0 for as many as can
// be taken. name is the input's in messages.
func NewCounter(name string, rows int64, rate float64, chunk int64) *Counter {
	if rate > 0 {
		chunk = int64(min(max(rate/20, 1), float64(chunk))) // twenty chunks a second
	}
	return &Counter{name: name, rows: rows, rate: rate, chunk: chunk}
}

// At makes a new reader go on where another of the same rows has stood: at is the
// position of its one partition.
func (r *Counter) At(at []Position) (*Counter, error) {
	for _, p := range at {
		next, n := binary.Uvarint(p.At)
		if n <= 0 || r.rows >= 0 && next > uint64(r.rows) {
			return nil, fmt.Errorf("%s has %d rows, and more were read of it before", r.name, r.rows)
		}
		r.next.Store(int64(next))
		r.skipped = int64(next)
	}
	return r, nil
}

// Next implements Reader.
func (r *Counter) Next(ctx context.Context, c *Chunk) error {
	first := r.next.Load()
	count := r.chunk
	if r.rows >= 0 {
		if count = min(count, r.rows-first); count <= 0 {
			return io.EOF
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if r.rate > 0 {
		if err := r.wait(ctx, first+count-1); err != nil {
			return err
		}
	}
	c.Reset()
	c.Name, c.Offset, c.NewFile = r.name, first, first == 0
	c.First, c.Count = first, count
	r.next.Store(first + count)
	c.After = binary.AppendUvarint(c.After, uint64(first+count))
	return nil
}

// wait waits until row i is due.
func (r *Counter) wait(ctx context.Context, i int64) error {
	if r.began.IsZero() {
		r.began = time.Now()
	}
	due := r.began.Add(time.Duration(float64(i-r.skipped) / r.rate * float64(time.Second)))
	pause := time.Until(due)
	if pause <= 0 {
		return nil
	}
	if r.timer == nil {
		r.timer = time.NewTimer(pause)
	} else {
		r.timer.Reset(pause)
	}
	select {
	case <-r.timer.C:
		return nil
	case <-ctx.Done():
		r.timer.Stop()
		return ctx.Err()
	}
}

// Progress implements Reader.
func (r *Counter) Progress() (int64, int64) { return r.next.Load(), r.rows }

// Close implements Reader.
func (r *Counter) Close() error { return nil }
