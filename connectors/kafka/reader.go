package kafka

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync/atomic"

	"tidemark/connectors"
)

// reader hands out what a fetcher fetches of some partitions. Of those of an input with
// an end, each is read to its end before the next is begun, so that the order of the
// messages is always the same; else each in turn gives a chunk when it has one.
type reader struct {
	fetcher *fetcher
	close   func() error // of who has made the fetcher
	bounded bool
	group   string
	ready   chan struct{} // has something when the state has changed
	read    atomic.Int64  // bytes
	// registry is what the decoders may have to wait for; nil where they ask nobody.
	registry connectors.Troubled

	parts []*part // guarded by the fetcher's mu, as are their fields
	turn  int
}

func newReader(f *fetcher, parts []found, bounded bool, registry connectors.Troubled, closing func() error) *reader {
	r := &reader{fetcher: f, close: closing, bounded: bounded, group: f.scan.group, registry: registry, ready: make(chan struct{}, 1)}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range parts {
		f.add(r, p)
	}
	f.schedule()
	return r
}

// wake lets Next look again.
func (r *reader) wake() {
	select {
	case r.ready <- struct{}{}:
	default:
	}
}

// Next implements connectors.Reader.
func (r *reader) Next(ctx context.Context, c *connectors.Chunk) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		if found, err := r.next(c); found || err != nil {
			c.Context = ctx
			return err
		}
		select {
		case <-r.ready:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// next fills c if there is something, and reports whether it did.
func (r *reader) next(c *connectors.Chunk) (bool, error) {
	f := r.fetcher
	f.mu.Lock()
	defer f.mu.Unlock()
	ended := 0
	for i := range r.parts {
		p := r.parts[(r.turn+i)%len(r.parts)]
		switch {
		case len(p.queue) > 0:
			p.hand(c, f.now())
			if r.turn = r.turn + i; !r.bounded {
				r.turn++
			}
			f.schedule()
			return true, nil
		case p.failed != nil:
			return false, p.failed
		case p.ended():
			ended++
		case r.bounded:
			return false, nil
		}
	}
	if ended == len(r.parts) && r.bounded {
		return false, io.EOF
	}
	return false, nil
}

// Progress implements connectors.Reader.
func (r *reader) Progress() (int64, int64) { return r.read.Load(), -1 }

// Close implements connectors.Reader.
func (r *reader) Close() error {
	r.fetcher.remove(r)
	return r.close()
}

// Acknowledge implements connectors.Acknowledged: it commits the offsets of the consumer
// group, if there is one.
func (r *reader) Acknowledge(ctx context.Context, at []connectors.Position) error {
	if r.group == "" {
		return nil
	}
	offsets := map[topicPartition]int64{}
	r.fetcher.mu.Lock()
	parts := slices.Clone(r.parts)
	r.fetcher.mu.Unlock()
	for _, a := range at {
		if len(a.At) == 0 {
			continue
		}
		pos, err := parsePosition(a.At)
		if err != nil {
			return fmt.Errorf("%s: %w", a.Partition, err)
		}
		for _, p := range parts {
			if p.name == a.Partition || len(parts) == 1 { // of one alone the name is nothing to go by
				offsets[p.topicPartition] = pos.offset
			}
		}
	}
	if len(offsets) == 0 {
		return nil
	}
	if err := r.fetcher.client.commit(ctx, r.group, offsets); err != nil {
		return fmt.Errorf("the offsets of group %s cannot be committed: %w", r.group, err)
	}
	return nil
}

// Trouble implements connectors.Troubled.
func (r *reader) Trouble() (since int64, err error) {
	r.fetcher.mu.Lock()
	defer r.fetcher.mu.Unlock()
	for _, p := range r.parts {
		if p.failures > 0 && (err == nil || p.since < since) {
			since, err = p.since, p.trouble
		}
	}
	if err == nil && r.registry != nil {
		since, err = r.registry.Trouble()
	}
	var u *connectors.Unavailable
	if errors.As(err, &u) {
		err = u.Err
	}
	return since, err
}

// wholeReader is a reader of all partitions of a source.
type wholeReader struct{ *reader }

// Partitions implements connectors.Partitioned.
func (r wholeReader) Partitions() []string {
	r.fetcher.mu.Lock()
	defer r.fetcher.mu.Unlock()
	names := make([]string, len(r.parts))
	for i, p := range r.parts {
		names[i] = p.name
	}
	return names
}

// AtEnd implements connectors.Partitioned.
func (r wholeReader) AtEnd(partition int) (int64, bool) {
	r.fetcher.mu.Lock()
	defer r.fetcher.mu.Unlock()
	since := r.parts[partition].atEnd
	return since, since != 0
}

// Start implements connectors.Starting.
func (r *reader) Start(partition int) []byte {
	r.fetcher.mu.Lock()
	defer r.fetcher.mu.Unlock()
	p := r.parts[partition]
	return position{p.start, p.end, p.first}.append(nil)
}
