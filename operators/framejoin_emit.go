package operators

import (
	"slices"

	"tidemark/operators/data"
)

// advance moves the watermark, and lets go the rows that it passes; at is the position
// of the move.
func (j *FrameJoin) advance(s data.Step, at int64) error {
	j.wm = s.Time
	p := &j.pending
	limit := j.cfg.Lateness.PassedBefore(j.wm)
	for _, l := range j.left.before(limit) {
		p.parts, p.rows = append(p.parts, overRow{part: l.part, id: -1}), append(p.rows, l.row)
		p.times, p.arrivals, p.ats = append(p.times, l.time), append(p.arrivals, j.left.arrival(l.row)), append(p.ats, at)
		if len(p.rows) >= j.cfg.BatchRows {
			if err := j.flush(); err != nil {
				return err
			}
		}
	}
	if (j.cfg.PassTime || s.Time == data.MaxTime) && limit > j.passed {
		j.passed = limit
		p.moves = append(p.moves, pairMove{len(p.rows), limit, at})
	}
	return nil
}

// flush computes and emits what is pending.
func (j *FrameJoin) flush() error {
	p := &j.pending
	if len(p.rows) == 0 && len(p.moves) == 0 {
		return nil
	}
	o := j.pool.Get()
	width := len(j.cfg.Left)
	for c := range width {
		Gather(o.Cols[c], j.left.store.cols[c], p.rows)
	}
	failed := j.right.evaluateAt(p.parts, p.times, o.Cols[width:len(o.Cols)-1])
	for i, at := range p.ats {
		o.Cols[len(o.Cols)-1].AppendInt(p.arrivals[i])
		o.AddRows(1, data.Insert, at)
		j.left.store.drop(p.rows[i])
		j.counts[p.parts[i].part]--
		j.touched = append(j.touched, p.parts[i].part)
	}
	for _, m := range p.moves {
		o.AddTriggeredStep(m.after, m.time, m.at)
	}
	p.parts, p.rows, p.times, p.arrivals, p.ats, p.moves = p.parts[:0], p.rows[:0], p.times[:0], p.arrivals[:0], p.ats[:0], p.moves[:0]
	if len(failed) > 0 {
		return j.fail(o, slices.MinFunc(failed, func(x, y overError) int { return x.row - y.row }))
	}
	return j.emit(o)
}

// fail emits the rows of o before the one of which a call has no result, and returns
// the error of that one.
func (j *FrameJoin) fail(o *data.Batch, f overError) error {
	marker := j.pool.Get()
	for c, v := range marker.Cols {
		if c >= len(j.cfg.Left) && c < len(o.Cols)-1 {
			v.AppendNull()
		} else {
			v.AppendFrom(o.Cols[c], f.row)
		}
	}
	marker.AddRows(1, data.Insert, o.Trigger[f.row])
	if err := j.emit(cutBatch(j.pool, o, f.row)); err != nil {
		return err
	}
	cfg := j.over
	at := func(c int) int { return slices.Index(j.cfg.Left, c) }
	cfg.Partition, cfg.Order = nil, []SortKey{{Column: at(j.cfg.Time)}}
	for _, k := range j.cfg.Keys {
		cfg.Partition = append(cfg.Partition, at(k))
	}
	return &RowError{Err: cfg.callError(marker, f), Marker: marker}
}
