package dataflow

import (
	"tidemark/connectors"
	"tidemark/operators"
	"tidemark/operators/data"
)

// EventTime computes the event time of rows. A worker has its own.
type EventTime interface {
	// Times writes the event time of the physical rows listed, or of all b.N when
	// rows is nil, to dst, a vector of b. When a row has none because its
	// computation fails, it returns the row and the reason, and dst is unspecified;
	// else the row is -1.
	Times(b *data.Batch, rows []int32, dst *data.Vector) (row int, err error)
}

// noTime stands where a row has no event time: so far back that it moves no watermark.
const noTime = data.MinTime / 2

// computeTimes fills in the last column of a decoded batch, its event time. A row
// without one is a bad record: it ends the piece, and computeTimes returns true,
// or under SkipBad is taken out of the selection.
func (s *sourceRun) computeTimes(event EventTime, c *connectors.Chunk, b *data.Batch, o *origin, p *piece) (stop bool) {
	dst := b.Cols[s.Time]
	row, err := event.Times(b, nil, dst)
	if err == nil && dst.Const {
		flatten(dst, b.N)
	}
	if err == nil && dst.Null == nil {
		return false
	}
	if err != nil {
		dst.Reset(data.Of(data.Timestamp))
		dst.Resize(data.Of(data.Timestamp), b.N)
	}
	var one data.Vector
	kept := b.SelBuf(b.N)
	dropped := 0
	next := 0 // in b.Sel
	for i := range b.N {
		selected := b.Sel == nil || next < len(b.Sel) && int(b.Sel[next]) == i
		if selected {
			next++
		}
		reason := "the event time is NULL"
		switch {
		case err != nil && i < row, err != nil && i > row:
			one.Reset(data.Of(data.Timestamp))
			_, failed := event.Times(b, []int32{int32(i)}, &one)
			if failed == nil && !one.IsNull(i) {
				dst.Ints[i] = one.Ints[one.Index(i)]
				reason = ""
			} else if failed != nil {
				reason = "the event time cannot be computed: " + failed.Error()
			}
		case err != nil:
			reason = "the event time cannot be computed: " + err.Error()
		case !dst.IsNull(i):
			reason = ""
		}
		if reason == "" {
			if selected {
				kept = append(kept, int32(i))
			}
			continue
		}
		dst.Ints[i] = noTime
		if !s.SkipBad {
			c.Bad = c.Bad[:0] // what the decoder may have found comes later
			c.AddBad(o.place.Line(i), "", reason, nil)
			dst.Null = nil
			operators.Truncate(b, i)
			for k := i; k < b.N; k++ {
				dst.Ints[k] = noTime
			}
			return true
		}
		c.AddBad(o.place.Line(i), "", reason, nil)
		if selected {
			dropped++
		}
	}
	dst.Null = nil
	p.dropped += dropped
	if dropped > 0 || b.Sel != nil {
		b.Sel = kept
	}
	return false
}

// flatten gives a constant vector a value for each of n rows.
func flatten(v *data.Vector, n int) {
	x, null := v.Ints[0], v.IsNull(0)
	v.Resize(v.Type, n)
	for i := range n {
		v.Ints[i] = x
		if null {
			v.SetNull(i, n)
		}
	}
}
