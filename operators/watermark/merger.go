package watermark

import "tidemark/operators/data"

// State says how far an input counts.
type State uint8

// The states.
const (
	Active   State = iota // it holds the watermark
	Idle                  // it has been silent for so long that nobody waits for it
	Stalled               // it holds the watermark, and has been silent for longer than it should
	Finished              // it has come to its end
)

// String returns the state as reports show it.
func (s State) String() string { return [...]string{"active", "idle", "stalled", "finished"}[s] }

// Merger combines the watermarks of several inputs: the least over those that are
// active. Idle and finished ones are left out; when none is active the watermark
// stands, unless all have finished: then it is data.MaxTime. It never goes back.
type Merger struct {
	rank   *Ranking // those that are active, by their watermarks
	states []State
	ended  int // how many have come to their end
	now    int64
}

// NewMerger returns a merger of n inputs, all active and at data.MinTime.
func NewMerger(n int) *Merger {
	return &Merger{rank: NewRanking(n, data.MinTime), states: make([]State, n), now: data.MinTime}
}

// Add adds an input, which is active and stands where the merged watermark does,
// and returns its number. Behind the end of all it has come to its end too.
func (m *Merger) Add() int {
	i := m.rank.Add(m.now)
	m.states = append(m.states, Active)
	if m.now == data.MaxTime {
		m.ended++
		m.set(i, Finished)
	}
	return i
}

// Len returns the number of inputs.
func (m *Merger) Len() int { return len(m.states) }

// Now returns the merged watermark.
func (m *Merger) Now() int64 { return m.now }

// Watermark returns the watermark of an input.
func (m *Merger) Watermark(input int) int64 { return m.rank.Key(input) }

// State returns Active, Idle or Finished.
func (m *Merger) State(input int) State { return m.states[input] }

// Holder returns the active input with the least watermark, the first of several:
// the one that the merged watermark waits for. It is -1 when none is active.
func (m *Merger) Holder() int { return m.rank.First() }

// Others returns the least watermark of the active inputs but one, data.MaxTime when
// there are none: how far that one alone can move the merged watermark.
func (m *Merger) Others(input int) int64 {
	if other := m.rank.FirstBut(input); other >= 0 {
		return m.rank.Key(other)
	}
	return data.MaxTime
}

// Advance moves one input's watermark to t, data.MaxTime when it has come to its
// end, and reports whether the merged watermark moved. A t below the input's present
// watermark changes nothing. An idle input that moves is active again.
func (m *Merger) Advance(input int, t int64) bool {
	if t <= m.rank.Key(input) || m.states[input] == Finished {
		return false
	}
	m.rank.Set(input, t)
	if t == data.MaxTime {
		m.ended++
		return m.set(input, Finished)
	}
	return m.set(input, Active)
}

// Idle leaves an active input out until it is active again, and reports whether the
// merged watermark moved.
func (m *Merger) Idle(input int) bool {
	if m.states[input] != Active {
		return false
	}
	return m.set(input, Idle)
}

// Wake makes an idle input active again, and reports whether the merged watermark
// moved: it may when all were idle.
func (m *Merger) Wake(input int) bool {
	if m.states[input] != Idle {
		return false
	}
	return m.set(input, Active)
}

// Finish leaves an input out for good that has not come to its end but gives no
// more, and reports whether the merged watermark moved. It is never data.MaxTime
// then.
func (m *Merger) Finish(input int) bool {
	if m.states[input] == Finished {
		return false
	}
	return m.set(input, Finished)
}

// Raise moves the merged watermark and those of all inputs to t, unless they are
// there or beyond already, and reports whether the merged one moved. Those that are
// idle stay so.
func (m *Merger) Raise(t int64) bool {
	for i := range m.states {
		if m.rank.Key(i) < t {
			m.rank.Set(i, t)
		}
	}
	return m.move(t)
}

// Snapshot writes what the merger knows of its inputs.
func (m *Merger) Snapshot(e *data.Encoder) {
	e.Varint(m.now)
	e.Uvarint(uint64(len(m.states)))
	for i, s := range m.states {
		e.Uvarint(uint64(s))
		e.Varint(m.rank.Key(i))
	}
}

// Restore makes m what the merger was that wrote the snapshot. The decoder is Damaged
// when it cannot.
func (m *Merger) Restore(d *data.Decoder) {
	now := d.Varint()
	*m = *NewMerger(d.Count(2))
	for i := range m.states {
		s, key := State(d.Uvarint()), d.Varint()
		if s > Finished {
			d.Fail()
		}
		if s == Finished && key == data.MaxTime {
			m.ended++
		}
		m.states[i] = s
		m.rank.Set(i, key)
		m.rank.Leave(i, s != Active)
	}
	m.now = now
}

// set changes a state and moves the merged watermark.
func (m *Merger) set(input int, s State) bool {
	m.states[input] = s
	m.rank.Leave(input, s != Active)
	switch first := m.rank.First(); {
	case first >= 0:
		return m.move(m.rank.Key(first))
	case m.ended == len(m.states):
		return m.move(data.MaxTime)
	}
	return false
}

func (m *Merger) move(t int64) bool {
	if t <= m.now {
		return false
	}
	m.now = t
	return true
}

// Clip makes the moves of an input in b, whose watermark is settled but not yet
// merged, those of the merged watermark. It is called before Advance.
func (m *Merger) Clip(input int, b *data.Batch, now int64) int64 {
	limit := m.Others(input)
	kept := b.Steps[:0]
	for _, s := range b.Steps {
		if t := min(s.Time, limit); t > now {
			now = t
			kept = append(kept, data.Step{Row: s.Row, Time: t})
		}
		if s.Time >= limit {
			break
		}
	}
	b.KeepSteps(kept)
	return now
}
