package dataflow

import (
	"context"
	"sync"

	"tidemark/operators/data"
	"tidemark/operators/watermark"
)

// alignment lets sources wait for those that are behind them in time.
type alignment struct {
	mu      sync.Mutex
	rank    *watermark.Ranking // the sources that count, by their watermarks
	ahead   []int64            // how far each may be ahead of the others, µs; 0 is as far as it likes
	changed chan struct{}      // closed when a watermark has moved
}

// align lets the runs of sources wait for one another where one of them is to.
func align(all [][]*sourceRun) {
	var timed []*sourceRun
	var ahead []int64
	any := false
	for _, runs := range all {
		for _, r := range runs {
			if r.Time >= 0 {
				timed, ahead, any = append(timed, r), append(ahead, r.Align), any || r.Align > 0
			}
		}
	}
	if !any {
		return
	}
	a := newAlignment(ahead)
	for i, r := range timed {
		r.align, r.number = a, i
	}
}

// newAlignment returns an alignment of sources that may each be so far ahead.
func newAlignment(ahead []int64) *alignment {
	return &alignment{rank: watermark.NewRanking(len(ahead), data.MinTime), ahead: ahead, changed: make(chan struct{})}
}

// report says where a source's watermark stands, and whether others are to wait for
// it: not when it is idle or over.
func (a *alignment) report(i int, wm int64, counts bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.rank.Set(i, wm)
	a.rank.Leave(i, !counts)
	close(a.changed)
	a.changed = make(chan struct{})
}

// wait returns when a source may go on: at once unless its watermark is further than
// it may be ahead of the least of the others.
func (a *alignment) wait(ctx context.Context, i int) error {
	for {
		changed := a.mustWait(i)
		if changed == nil {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// mustWait returns nil when a source may go on, else what tells of a change.
func (a *alignment) mustWait(i int) <-chan struct{} {
	a.mu.Lock()
	defer a.mu.Unlock()
	other := a.rank.FirstBut(i)
	if a.ahead[i] == 0 || other < 0 || a.rank.Key(i) <= data.AddTime(a.rank.Key(other), a.ahead[i]) {
		return nil
	}
	return a.changed
}
