package querytest

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sync"

	"tidemark/connectors"
	"tidemark/connectors/format"
	"tidemark/operators/data"
)

// feed is the source of a relation under test: it hands out the rows that a test puts
// in, when it does.
type feed struct {
	name       string
	cfg        connectors.SourceConfig
	partitions []string // that the test names; none where there is one
	now        func() int64

	mu      sync.Mutex
	pending []*piece
	ended   bool          // nothing more comes
	waiting bool          // the reader has handed out everything and wants more
	since   []int64       // by partition, when it last handed out rows, µs
	closed  bool          // nobody reads any more
	changed chan struct{} // closed when any of these has changed
}

// piece is rows that come together: of the columns that are needed.
type piece struct {
	name      string // for messages: a file's name
	unit      string
	partition int
	rows      *rows
	lines     []uint32 // of the rows in their file, counted from 0
	bad       []connectors.BadRecord
}

func newFeed(name string, cfg connectors.SourceConfig, partitions []string, now func() int64) *feed {
	f := &feed{name: name, cfg: cfg, partitions: partitions, now: now, changed: make(chan struct{})}
	f.since = slices.Repeat([]int64{now()}, max(1, len(partitions)))
	return f
}

// update changes the state under the lock and tells who waits for it.
func (f *feed) update(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
	close(f.changed)
	f.changed = make(chan struct{})
}

// put adds rows.
func (f *feed) put(p *piece) {
	f.update(func() { f.pending, f.waiting = append(f.pending, p), false })
}

// finish ends the input.
func (f *feed) finish() { f.update(func() { f.ended, f.waiting = true, false }) }

// hasEnded reports whether the input has been ended.
func (f *feed) hasEnded() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.ended
}

// silence returns by partition when it has last handed out rows.
func (f *feed) silence() []int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.since)
}

// settled returns when all rows have been handed out, or nobody reads them, or over is
// closed.
func (f *feed) settled(over <-chan struct{}) {
	for {
		f.mu.Lock()
		done, changed := f.closed || f.waiting, f.changed
		f.mu.Unlock()
		if done {
			return
		}
		select {
		case <-changed:
		case <-over:
			return
		}
	}
}

// Open implements connectors.Source.
func (f *feed) Open(context.Context) (connectors.Reader, error) {
	return &reader{f}, nil
}

// Bounded implements connectors.Source.
func (f *feed) Bounded() bool { return false }

// NewDecoder implements connectors.Source.
func (f *feed) NewDecoder() (connectors.Decoder, error) {
	filter, err := format.NewFilter(f.cfg.Columns(), f.cfg.Filter)
	if err != nil {
		return nil, err
	}
	return &decoder{feed: f, filter: filter}, nil
}

// reader implements connectors.Partitioned.
type reader struct{ *feed }

// Next hands out the next piece.
func (r *reader) Next(ctx context.Context, c *connectors.Chunk) error {
	for {
		var p *piece
		var ended bool
		var changed chan struct{}
		r.update(func() {
			if len(r.pending) > 0 {
				p, r.pending = r.pending[0], r.pending[1:]
				r.since[p.partition] = r.now()
				return
			}
			if ended = r.ended; ended {
				r.closed = true
				return
			}
			r.waiting = true
		})
		r.mu.Lock()
		changed = r.changed
		more := len(r.pending) > 0 || r.ended
		r.mu.Unlock()
		switch {
		case p != nil:
			c.Reset()
			c.Name, c.Unit, c.Partition = p.name, p.unit, p.partition
			c.NewFile = true // lines are counted anew
			c.First, c.Count, c.Store = 0, int64(p.rows.len()), p
			return nil
		case ended:
			return io.EOF
		case more:
			continue
		}
		select {
		case <-changed:
		case <-ctx.Done():
			r.update(func() { r.closed = true })
			return ctx.Err()
		}
	}
}

// Progress implements connectors.Reader.
func (r *reader) Progress() (read, total int64) { return 0, -1 }

// Close implements connectors.Reader.
func (r *reader) Close() error {
	r.update(func() { r.closed = true })
	return nil
}

// Partitions implements connectors.Partitioned.
func (r *reader) Partitions() []string {
	if r.partitions == nil {
		return []string{r.name}
	}
	return r.partitions
}

// AtEnd implements connectors.Partitioned.
func (r *reader) AtEnd(partition int) (since int64, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.since[partition], r.waiting
}

// decoder makes batches of pieces.
type decoder struct {
	*feed
	filter *format.Filter
}

// Decode implements connectors.Decoder.
func (d *decoder) Decode(c *connectors.Chunk, b *data.Batch, place *connectors.Place, most int) bool {
	p := c.Store.(*piece)
	place.FirstLine, place.Lines = 0, nil
	var lines []uint32
	for c.Row < p.rows.len() && b.N < most {
		i := c.Row
		lines = append(lines, p.lines[i])
		for k, v := range b.Cols {
			v.AppendFrom(p.rows.cols[k], i)
		}
		if p.rows.changes[i] != data.Insert || b.Changes != nil {
			b.KeepChanges()
			b.N++
			b.AddChange(p.rows.changes[i])
		} else {
			b.N++
		}
		c.Row++
	}
	if b.N > 0 {
		place.Lines = place.LineBuf(b.N)
		copy(place.Lines, lines)
	}
	c.Records = int64(c.Row)
	done := c.Row == p.rows.len()
	if done {
		for i := range p.bad {
			bad := &p.bad[i]
			row := c.Row
			c.Row = bad.Row
			c.AddBad(bad.Line, bad.Column, bad.Reason, bad.Record)
			c.Row = row
		}
		c.Records += int64(len(p.bad))
	}
	if b.N > 0 {
		d.filter.Select(b)
	}
	return done
}

// checked takes out of a piece the rows with a NULL that must not be, and notes them as
// bad.
func (f *feed) checked(p *piece) {
	kept, lines := newRows(p.rows.schema), []uint32(nil)
	for i := range p.rows.len() {
		null := -1
		for _, c := range f.cfg.Required {
			if p.rows.cols[c].IsNull(i) && p.rows.changes[i] != data.Delete {
				null = c
				break
			}
		}
		if null < 0 {
			kept.add(p.rows.cols, i, p.rows.changes[i])
			lines = append(lines, p.lines[i])
			continue
		}
		name := p.rows.schema[null].Name
		p.bad = append(p.bad, connectors.BadRecord{Row: kept.len(), Line: int64(p.lines[i]), Column: name,
			Reason: fmt.Sprintf("column %s is NULL, and it is %s", name, f.why(null)), Record: []byte(p.rows.line(i, false))})
	}
	p.rows, p.lines = kept, lines
}

// split cuts a piece into pieces of one row each, and the bad ones where they stood.
func (p *piece) split() []*piece {
	var list []*piece
	for i := 0; i < p.rows.len() || len(p.bad) > 0; {
		one := &piece{name: p.name, unit: p.unit, partition: p.partition, rows: newRows(p.rows.schema)}
		if len(p.bad) > 0 && (p.bad[0].Row <= i || i == p.rows.len()) {
			one.bad = []connectors.BadRecord{p.bad[0]}
			one.bad[0].Row = 0
			p.bad = p.bad[1:]
		} else {
			one.rows.add(p.rows.cols, i, p.rows.changes[i])
			one.lines = p.lines[i : i+1]
			i++
		}
		list = append(list, one)
	}
	return list
}

// untilBad leaves of a piece what stands before the first bad record, and that.
func (p *piece) untilBad() {
	if len(p.bad) == 0 {
		return
	}
	n := p.bad[0].Row
	cut := newRows(p.rows.schema)
	for i := range n {
		cut.add(p.rows.cols, i, p.rows.changes[i])
	}
	p.rows, p.lines, p.bad = cut, p.lines[:n], p.bad[:1]
}

// why says why a needed column must not be NULL.
func (f *feed) why(column int) string {
	if slices.Contains(f.cfg.Always, column) {
		return "the event time"
	}
	return "declared NOT NULL"
}
