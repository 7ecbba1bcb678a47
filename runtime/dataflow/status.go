package dataflow

import (
	"sync/atomic"
	"time"

	"tidemark/connectors"
	"tidemark/operators/clock"
	"tidemark/operators/data"
	"tidemark/operators/watermark"
)

// sourceStats is what a source counts while it runs.
type sourceStats struct {
	read, rejected, skipped, unknown atomic.Int64
	generated                        atomic.Bool // its pieces are rows, not bytes
	runs                             atomic.Pointer[[]*sourceRun]
}

// SourceStats is what a source has done so far.
type SourceStats struct {
	Read, Rejected int64 // records
	Skipped        int64 // messages that are no records
	Unknown        int64 // fields that no column is declared for
	// Watermark is where it stands, or stood at the end of the rows; data.MinTime before
	// the first row.
	Watermark int64
	// Done and Total are what was read and what there is, as far as known: see
	// connectors.Reader. Bytes is Done where that is bytes.
	Done, Total, Bytes int64
}

// runs returns the runs of a source: one, or one for each part that is read side by
// side. It is empty before the flow runs.
func (s *Source) runs() []*sourceRun {
	if r := s.stats.runs.Load(); r != nil {
		return *r
	}
	return nil
}

// Readers returns what the source is read by; none before the flow runs.
func (s *Source) Readers() []connectors.Reader {
	var all []connectors.Reader
	for _, r := range s.runs() {
		all = append(all, r.reader)
	}
	return all
}

// Stats returns what the source has done so far. It may be called at any time.
func (s *Source) Stats() SourceStats {
	st := SourceStats{Read: s.stats.read.Load(), Rejected: s.stats.rejected.Load(), Skipped: s.stats.skipped.Load(), Unknown: s.stats.unknown.Load(), Watermark: data.MinTime, Total: -1}
	runs := s.runs()
	for i, r := range runs {
		done, total := r.reader.Progress()
		st.Done += done
		if total < 0 || i > 0 && st.Total < 0 {
			st.Total = -1
		} else {
			st.Total = max(0, st.Total) + total
		}
	}
	if !s.stats.generated.Load() {
		st.Bytes = st.Done
	}
	if st.Read > 0 {
		st.Watermark = stands(runs)
	}
	return st
}

// stands returns where the watermark of a source stands by its runs: at the least of
// those that go on, or at the end of the rows.
func stands(runs []*sourceRun) int64 {
	least, last, open := int64(data.MaxTime), int64(data.MinTime), false
	for _, r := range runs {
		r.mu.Lock()
		if r.ended {
			last = max(last, r.last)
		} else {
			least, open = min(least, r.merged.Now()), true
		}
		r.mu.Unlock()
	}
	if open {
		return least
	}
	return last
}

// Trust is what is expected of a source. It moves no watermark.
type Trust struct {
	// Known says that any of it was declared.
	Known bool
	// TypicalDelay is how long the source usually is silent; 0 is unknown.
	TypicalDelay time.Duration
	// Reliability is from 0, not to be relied on, to 1.
	Reliability float64
}

// Status is how far time has come in a flow, and who holds it.
type Status struct {
	Sources []SourceStatus
	// Watermark is the least of the sources' that count, data.MinTime before it begins
	// and where there are none, data.MaxTime at the end of all.
	Watermark int64
	// Holder is the source that the watermark waits for, -1 when there is none.
	Holder int
	// Confidence, from 0 to 1, says how far the sources of which something is known
	// are to be relied on; Watched is false where there are none.
	Confidence float64
	Watched    bool
}

// SourceStatus is how far the time of a source has come.
type SourceStatus struct {
	Name string
	// Timed is false for a source that has no watermark: then the rest is empty.
	Timed bool
	// Watermark is where it stands, data.MaxTime when time has ended.
	Watermark int64
	State     watermark.State
	Silence   time.Duration // since the last rows of an input without an end
	// Lagging is true when the source has been silent for longer than is to be expected.
	Lagging bool
	// Ahead is how many rows were so far ahead that they did not move the watermark.
	Ahead int64
	// Holder is the partition that the watermark waits for, -1 when there is none.
	Holder     int
	Partitions []PartitionStatus
	// Monitor has what was seen of the rows' times; its Lags are nil before any row.
	Monitor *watermark.Monitor
	// Live says that the input has no end: then the rows are held against the clock.
	Live bool
}

// PartitionStatus is how far the time of a partition has come.
type PartitionStatus struct {
	Name      string
	Watermark int64
	State     watermark.State
	Silence   time.Duration
	Monitor   *watermark.Monitor
}

// Status returns how far time has come. It may be called at any time.
func (f *Flow) Status() Status {
	st := Status{Watermark: data.MinTime, Holder: -1}
	var witnesses []watermark.Witness
	finished := true
	for i, s := range f.Sources {
		one := s.status(f.clock())
		st.Sources = append(st.Sources, one)
		if !one.Timed {
			continue
		}
		if s.Trust.Known {
			witnesses = append(witnesses, s.witness(one))
		}
		finished = finished && one.Watermark == data.MaxTime
		if one.State == watermark.Active || one.State == watermark.Stalled {
			if st.Holder < 0 || one.Watermark < st.Watermark {
				st.Holder, st.Watermark = i, one.Watermark
			}
		}
	}
	if len(f.Sources) > 0 && finished {
		st.Watermark = data.MaxTime
	}
	st.Watched, st.Confidence = len(witnesses) > 0, watermark.Confidence(witnesses)
	return st
}

// clock returns the flow's clock.
func (f *Flow) clock() clock.Clock {
	if f.Clock == nil {
		return clock.Real{}
	}
	return f.Clock
}

// status returns how far the source's time has come.
func (s *Source) status(c clock.Clock) SourceStatus {
	st := SourceStatus{Name: s.Name, Timed: s.Time >= 0, Watermark: data.MinTime, Holder: -1, Monitor: &watermark.Monitor{}}
	runs := s.runs()
	if !st.Timed || len(runs) == 0 {
		return st
	}
	st.Watermark = stands(runs)
	over, now := true, clock.Micros(c)
	lastRows := now
	for i, r := range runs {
		r.mu.Lock()
		over = over && r.merged.Now() == data.MaxTime
		if r.live && !r.ended && (i == 0 || r.lastRows > lastRows) {
			lastRows = r.lastRows
		}
		st.Ahead += r.ahead
		for _, of := range r.parts {
			st.Live = r.live
			st.Partitions = append(st.Partitions, r.partStatus(of, now))
			st.Monitor.Add(&of.monitor)
			if g, ok := of.wm.(*watermark.Guard); ok {
				st.Ahead += g.Ahead()
			}
		}
		r.mu.Unlock()
	}
	if over {
		st.Watermark = data.MaxTime
	}
	st.Silence = time.Duration(max(0, now-lastRows)) * time.Microsecond
	st.Lagging = s.witness(st).Lags()
	st.State, st.Holder = together(st.Partitions)
	if st.State == watermark.Active && st.Lagging {
		st.State = watermark.Stalled
	}
	return st
}

// partStatus returns how far a partition has come. The run's mu is held.
func (s *sourceRun) partStatus(of *partition, now int64) PartitionStatus {
	st := PartitionStatus{Name: of.name, Watermark: s.merged.Watermark(of.number), State: s.merged.State(of.number), Monitor: of.monitor.Clone()}
	if !s.live || st.State == watermark.Finished {
		return st
	}
	silence := max(0, now-of.lastRows)
	st.Silence = time.Duration(silence) * time.Microsecond
	w := watermark.Witness{TypicalDelay: s.Trust.TypicalDelay.Microseconds(), Silence: silence}
	if st.State == watermark.Active && w.Lags() {
		st.State = watermark.Stalled
	}
	return st
}

// together returns the state of a source by those of its partitions, and which of them
// holds it, -1 when none does.
func together(parts []PartitionStatus) (watermark.State, int) {
	holder, finished := -1, true
	for i, p := range parts {
		finished = finished && p.State == watermark.Finished
		if p.State == watermark.Idle || p.State == watermark.Finished {
			continue
		}
		if holder < 0 || p.Watermark < parts[holder].Watermark {
			holder = i
		}
	}
	switch {
	case finished:
		return watermark.Finished, -1
	case holder < 0:
		return watermark.Idle, -1
	}
	return watermark.Active, holder
}

// witness returns what the source's silence says.
func (s *Source) witness(st SourceStatus) watermark.Witness {
	return watermark.Witness{Reliability: s.Trust.Reliability, TypicalDelay: s.Trust.TypicalDelay.Microseconds(), Silence: st.Silence.Microseconds()}
}
