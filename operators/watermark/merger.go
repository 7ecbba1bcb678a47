package watermark

import "tidemark/operators/data"

// Merger combines the watermarks of several inputs: the least over those that
// still count. It never goes back.
type Merger struct {
	inputs []int64
	now    int64
}

// NewMerger returns a merger of n inputs, all at data.MinTime.
func NewMerger(n int) *Merger {
	m := &Merger{inputs: make([]int64, n), now: data.MinTime}
	for i := range m.inputs {
		m.inputs[i] = data.MinTime
	}
	return m
}

// Now returns the merged watermark.
func (m *Merger) Now() int64 { return m.now }

// Advance moves one input's watermark to t, data.MaxTime when it has finished,
// and reports whether the merged watermark moved. A t below the input's present
// watermark changes nothing.
func (m *Merger) Advance(input int, t int64) bool {
	if t <= m.inputs[input] {
		return false
	}
	m.inputs[input] = t
	least := m.inputs[0]
	for _, w := range m.inputs[1:] {
		least = min(least, w)
	}
	if least <= m.now {
		return false
	}
	m.now = least
	return true
}
