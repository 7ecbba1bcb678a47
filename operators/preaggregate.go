package operators

import (
	"sort"
	"sync"

	"tidemark/operators/data"
)

// PreAggregate is the first of two phases of a windowed Aggregate: each worker of a
// source has one, and adds up what it reads, side by side with the others, before
// anything is put in order. It takes only rows that are on time for their window:
// they can be added in any order, as the window is emitted when all of them are
// there. The others, which are late or correct a window, go the way of all rows.
//
// The groups are kept apart by the worker of the Aggregate that will get them.
// Where nearly every row has a group of its own there is nothing to add up: then
// it takes no more.
type PreAggregate struct {
	cfg    AggregateConfig
	shares []*Aggregate // which hold groups, and process nothing
	keys   []*data.Vector
	hashes rowHashes
	picks  [][]int32 // rows of the batch in hand by share

	mu  sync.Mutex // guards the panes
	off bool       // it takes no more
}

// A pane whose groups have fewer than rowsPerGroup rows each costs more to add up
// twice than it saves; it shows when there are manyGroups, or at the end.
const (
	manyGroups   = 1024
	rowsPerGroup = 16
)

// NewPreAggregate returns the first phase of NewAggregate(cfg, in), for an
// Aggregate of a number of workers. cfg must be windowed, and of an input that
// inserts only; it must not emit for each row.
func NewPreAggregate(cfg AggregateConfig, in data.Schema, workers int) *PreAggregate {
	p := &PreAggregate{cfg: cfg, keys: make([]*data.Vector, len(cfg.Keys)), picks: make([][]int32, workers)}
	for range workers {
		p.shares = append(p.shares, NewAggregate(cfg, in))
	}
	return p
}

// Take adds those of b's rows that are on time and takes them out of its
// selection. wm is the watermark before its first row.
func (p *PreAggregate) Take(b *data.Batch, wm int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.off {
		return
	}
	for i, k := range p.cfg.Keys {
		p.keys[i] = b.Cols[k]
	}
	hashes := p.hashes.make(p.keys, b.Sel, b.N)
	b.Sel = p.split(b, hashes, wm)
	for w, rows := range p.picks {
		if len(rows) == 0 {
			continue
		}
		a := p.shares[w]
		copy(a.keys, p.keys)
		for len(rows) > 0 {
			start, n := a.run(b, rows)
			pane := a.pane(start)
			pane.rows, pane.added = append(pane.rows, rows[:n]...), pane.added+int64(n)
			rows = rows[n:]
		}
		a.addGathered(b, hashes)
		p.picks[w] = p.picks[w][:0]
		for _, pane := range a.panes {
			p.off = p.off || pane.table.Len() > manyGroups && pane.wasteful()
		}
	}
	p.tell()
}

// tell tells the account which windows are open.
func (p *PreAggregate) tell() {
	for _, a := range p.shares {
		a.tellOpen()
	}
}

// wasteful reports whether the pane's groups have few rows each.
func (p *pane) wasteful() bool { return p.added < int64(p.table.Len())*rowsPerGroup }

// split sorts the rows that are on time by share, and returns the others.
func (p *PreAggregate) split(b *data.Batch, hashes []uint64, wm int64) (rest []int32) {
	times := b.Cols[p.cfg.Time]
	last := wm
	if k := len(b.Steps); k > 0 {
		last = b.Steps[k-1].Time
	}
	// A window is open as long as the watermark is in it or before it: a row of the
	// last one's or a later one is on time wherever it stands in the batch.
	open := p.firstOpen(last)
	rest = b.SelBuf(b.N)
	n := uint64(len(p.shares))
	step := 0
	for k := range b.Rows() {
		r := b.Row(k)
		if t := times.Ints[times.Index(r)]; t < open {
			for step < len(b.Steps) && b.Steps[step].Row <= r {
				wm = b.Steps[step].Time
				step++
			}
			if t < p.firstOpen(wm) {
				rest = append(rest, int32(r))
				continue
			}
		}
		w := hashes[r] & 0xFFFFFFFF * n >> 32 // as rows are spread over workers
		p.picks[w] = append(p.picks[w], int32(r))
	}
	return rest
}

// firstOpen returns the start of the first window that is not closed at w.
func (p *PreAggregate) firstOpen(w int64) int64 {
	if w == data.MinTime {
		return data.MinTime
	}
	start := p.cfg.Window.Start(w)
	if p.cfg.Lateness.Closed(p.cfg.Window.End(start), w) {
		return data.MaxTime
	}
	return start
}

// Due takes out the windows that are closed at watermark w: one part for each
// worker of the Aggregate, which must get it before it sees the watermark. It may
// be called while Take runs in another goroutine, if the rows given to that come
// after the watermark: then none of them is in these windows.
func (p *PreAggregate) Due(w int64) []Part {
	p.mu.Lock()
	defer p.mu.Unlock()
	parts := make([]Part, len(p.shares))
	for i, a := range p.shares {
		n := sort.Search(len(a.panes), func(k int) bool { return !p.cfg.Lateness.Closed(a.panes[k].end, w) })
		parts[i].panes = append([]*pane(nil), a.panes[:n]...)
		for _, pane := range a.panes[:n] {
			p.off = p.off || pane.table.Len() > 1 && pane.wasteful()
		}
		a.panes = a.panes[:copy(a.panes, a.panes[n:])]
	}
	p.tell()
	return parts
}

// Part is what a PreAggregate has added up for one worker of its Aggregate.
type Part struct{ panes []*pane }

// Empty reports whether there is nothing in it.
func (p Part) Empty() bool { return len(p.panes) == 0 }

// Absorb adds a part of what the first phase has added up. It belongs to a from
// then on.
func (a *Aggregate) Absorb(part Part) {
	for _, p := range part.panes {
		i := sort.Search(len(a.panes), func(k int) bool { return a.panes[k].start >= p.start })
		if i == len(a.panes) || a.panes[i].start != p.start {
			a.panes = append(a.panes, nil)
			copy(a.panes[i+1:], a.panes[i:])
			a.panes[i] = p
			continue
		}
		a.merge(a.panes[i], p)
		a.cfg.Panes.put(p)
	}
}

// merge adds the groups of from to those of p.
func (a *Aggregate) merge(p, from *pane) {
	n := from.table.Len()
	keys := make([]*data.Vector, len(a.keyTypes))
	for i := range keys {
		keys[i] = from.table.Key(i)
	}
	ids := make([]int32, n)
	p.table.FindOrAdd(keys, a.hashes.make(keys, nil, n), a.every.first(n), ids)
	for i := range a.cfg.Calls {
		p.aggs[i].Resize(p.table.Len())
		p.aggs[i].Merge(ids, from.aggs[i])
	}
}
