package dataflow

import (
	"cmp"
	"context"
	"slices"
	"time"

	"tidemark/operators/clock"
	"tidemark/operators/watermark"
)

// Advance moves the watermark of a source to t, in microseconds, behind the rows that
// have been read so far: a floor, from which it goes on as its rows say. It does nothing
// where the watermark is there or beyond already, and after the end. Advance may be
// called at any time while the flow runs, and returns when the move is on its way.
func (s *Source) Advance(t int64) {
	for _, r := range s.runs() {
		r.advanceTo(t)
	}
}

// advanceTo moves the watermark of all partitions.
func (s *sourceRun) advanceTo(t int64) {
	s.control(func(int64) (moved, idle bool) { return s.raise(t), false })
}

// raise moves the watermark of all partitions. The run's mu is held.
func (s *sourceRun) raise(t int64) (moved bool) {
	for _, of := range s.parts {
		of.wm.Raise(t)
	}
	return s.merged.Raise(t)
}

// control runs f, which changes the state of the partitions, in the place that the
// reading has come to, and passes on what follows: that the watermark has moved, that
// the source is idle. now is, where time is the clock's, the time there, µs. It returns
// false after the end.
func (s *sourceRun) control(f func(now int64) (moved, idle bool)) bool {
	p := piece{end: true}
	if !s.ticket(&p, false) {
		return false
	}
	ticket := p.ticket
	s.settle.wait(ticket)
	idle := s.settleControl(&p, f)
	s.settle.done()
	ways := newFan(s.edges)
	for _, b := range p.batches {
		ways.push(b)
	}
	s.deliver.wait(ticket)
	s.deliverPiece(&p, ways)
	if idle && !s.failed {
		for _, port := range s.ports {
			port.idle()
		}
	}
	s.deliver.done()
	return true
}

func (s *sourceRun) settleControl(p *piece, f func(now int64) (moved, idle bool)) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	p.before = s.merged.Now()
	moved, idle := f(p.now)
	p.after = s.merged.Now()
	if moved {
		b := s.move(s.merged.Now())
		s.seq++
		b.Seq = s.seq
		p.batches = append(p.batches, b)
	}
	if s.align != nil {
		s.align.report(s.number, s.merged.Now(), s.merged.Holder() >= 0)
	}
	return idle
}

// watch marks partitions as idle that have been silent for the source's IdleTimeout,
// counted from when their reader has reached the end of what there is. It returns at
// the end of ctx.
func (s *sourceRun) watch(ctx context.Context) {
	for {
		due := s.sweep()
		rings, stop := s.clock.Alarm(time.UnixMicro(due))
		select {
		case <-rings:
		case <-ctx.Done():
			stop()
			return
		}
		stop()
	}
}

// watched reports whether silent partitions are to be marked as idle.
func (s *sourceRun) watched() bool { return s.live && s.Time >= 0 && s.IdleTimeout > 0 }

// sweep marks as idle what has been silent for too long, and returns when there may be
// more of it, µs.
func (s *sourceRun) sweep() int64 {
	due := clock.Micros(s.clock) + s.IdleTimeout.Microseconds() // nothing can be due before
	for _, of := range s.silent() {
		at := of.since + s.IdleTimeout.Microseconds()
		if at > clock.Micros(s.clock) {
			due = min(due, at)
			continue
		}
		s.control(func(int64) (moved, idle bool) { return s.goIdle(of) })
	}
	return due
}

// Ended returns when the source has handed on its last row. It must have come to its
// end, or nobody want more of it.
func (s *Source) Ended() {
	for _, r := range s.runs() {
		<-r.finished
	}
}

// SetIdle marks a partition, or all for -1, as idle until it gives rows again. It may be
// called at any time while the flow runs.
func (s *Source) SetIdle(partition int) {
	for _, r := range s.runs() {
		r.control(func(int64) (moved, idle bool) {
			for i, of := range r.parts {
				if i == partition || partition < 0 {
					moved = r.merged.Idle(of.number) || moved
				}
			}
			return moved, r.merged.Holder() < 0
		})
	}
}

// clockTick is how often the watermark of a source whose time is the clock's moves at
// least: windows close so much after their end at most.
const clockTick = 100 * time.Millisecond

// tick moves the watermark with the clock. It returns at the end of ctx, and of the input.
func (s *sourceRun) tick(ctx context.Context) {
	for {
		rings, stop := s.clock.Alarm(s.clock.Now().Add(clockTick))
		select {
		case <-rings:
		case <-ctx.Done():
			stop()
			return
		}
		stop()
		if !s.tock() {
			return
		}
	}
}

// tock moves the watermark to where the clock is; false after the end.
func (s *sourceRun) tock() bool {
	return s.control(func(now int64) (moved, idle bool) { return s.raise(now - s.Watermark.Delay), false })
}

// silence is an active partition that gives nothing.
type silence struct {
	*partition
	since int64 // µs
}

// silent returns the active partitions that give nothing, in the order in which they are to
// become idle: those that have been silent for longer first, then those that are behind. So
// the last of them brings the watermark to where it stands, however late the clock is
// looked at.
func (s *sourceRun) silent() []silence {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []silence
	for _, of := range s.parts {
		if s.merged.State(of.number) != watermark.Active {
			continue
		}
		if since, ok := s.silentSince(of); ok {
			list = append(list, silence{of, max(since, of.lastRows)})
		}
	}
	slices.SortStableFunc(list, func(a, b silence) int {
		return cmp.Or(cmp.Compare(a.since, b.since), cmp.Compare(s.merged.Watermark(a.number), s.merged.Watermark(b.number)))
	})
	return list
}

// goIdle marks a partition as idle unless rows have come in the meantime.
func (s *sourceRun) goIdle(of silence) (moved, idle bool) {
	since, ok := s.silentSince(of.partition)
	if !ok || max(since, of.lastRows) != of.since {
		return false, false
	}
	moved = s.merged.Idle(of.number)
	return moved, s.merged.Holder() < 0
}
