package operators

import (
	"sort"
	"sync"

	"tidemark/operators/agg"
	"tidemark/operators/data"
	"tidemark/operators/state"
)

// pane is the groups of one window.
type pane struct {
	start, end int64
	closed     bool // emitted already: a new row corrects it
	compacted  bool // its aggregates are in a compact form, where they have one
	table      *state.KeyTable
	aggs       []agg.State
	rows       []int32 // of the batch in hand, not yet added
	added      int64   // how many rows a first phase has added
	// Of an updating input: the number of rows of each group, of groups with none,
	// and whether the one group of an aggregate without keys has been emitted.
	counts []int64
	empty  int
	shown  bool
}

// pane returns the pane of the window that starts at start.
func (a *Aggregate) pane(start int64) *pane {
	i := len(a.panes)
	if i > 0 && a.panes[i-1].start == start { // nearly always
		return a.panes[i-1]
	}
	i = sort.Search(i, func(k int) bool { return a.panes[k].start > start })
	if i > 0 && a.panes[i-1].start == start {
		return a.panes[i-1]
	}
	p := a.newPane(start)
	a.panes = append(a.panes, nil)
	copy(a.panes[i+1:], a.panes[i:])
	a.panes[i] = p
	return p
}

// fewPanes are open at once where watermarks follow closely. Where there are more, what
// each takes counts.
const fewPanes = 4

func (a *Aggregate) newPane(start int64) *pane {
	p := a.cfg.Panes.get()
	if p == nil {
		p = &pane{table: state.NewKeyTable(a.keyTypes)}
		for _, c := range a.cfg.Calls {
			p.aggs = append(p.aggs, c.Func.New())
		}
	}
	if len(a.panes) >= fewPanes && !a.thrifty {
		a.thrifty = true
		for _, other := range a.panes {
			other.table.Thrift()
		}
	}
	if a.thrifty {
		p.table.Thrift()
	}
	p.start, p.end, p.closed, p.compacted, p.shown = start, data.MaxTime, false, false, false
	if a.cfg.Window != nil {
		p.end = a.cfg.Window.End(start)
	}
	return p
}

// compact lets a pane that is closed keep summaries in place of values, where the
// aggregates were made for that.
func (p *pane) compact() {
	if p.compacted {
		return
	}
	p.compacted = true
	var groups []int32
	for _, s := range p.aggs {
		c, ok := s.(agg.Compacter)
		if !ok {
			continue
		}
		for len(groups) < p.table.Len() {
			groups = append(groups, int32(len(groups)))
		}
		c.Resize(len(groups))
		c.Compact(groups)
	}
}

// drop takes the first n panes away and keeps their memory for later ones.
func (a *Aggregate) drop(n int) {
	for _, p := range a.panes[:n] {
		a.cfg.Panes.put(p)
	}
	a.panes = a.panes[:copy(a.panes, a.panes[n:])]
}

// PanePool keeps the memory of windows that are done with for others of the same
// aggregate. It is safe for concurrent use.
type PanePool struct {
	mu   sync.Mutex
	free []*pane
}

func (l *PanePool) get() *pane {
	l.mu.Lock()
	defer l.mu.Unlock()
	k := len(l.free)
	if k == 0 {
		return nil
	}
	p := l.free[k-1]
	l.free = l.free[:k-1]
	return p
}

func (l *PanePool) put(p *pane) {
	p.reset()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.free = append(l.free, p)
}

// reset forgets the pane's groups.
func (p *pane) reset() {
	p.table.Reset()
	for _, s := range p.aggs {
		s.Reset()
	}
	p.counts, p.empty, p.added = p.counts[:0], 0, 0
}

// Bytes estimates the memory held by groups.
func (a *Aggregate) Bytes() int64 {
	total := int64(0)
	for _, p := range a.panes {
		total += p.table.Bytes() + int64(8*cap(p.counts))
		for _, s := range p.aggs {
			total += s.Bytes()
		}
	}
	return total
}
