package operators

import "tidemark/operators/data"

// Holder is an operator that can tell how much it remembers. It is asked between calls
// of Process.
type Holder interface {
	// Held returns the number of rows that are remembered: of joins, OVER and sorting
	// rows of their inputs, of aggregates groups of each window, of others keys.
	Held() int
}

// OpenWindow is a window, or several sessions, that an operator has rows of and has not
// closed.
type OpenWindow struct {
	Start, End int64
	// Closes is the least watermark at which it closes.
	Closes int64
	// Groups is how many groups have rows in it.
	Groups int
}

// WindowHolder is an operator that can tell which windows are open.
type WindowHolder interface {
	// Open returns the open windows by their ends. It is asked between calls of Process.
	Open() []OpenWindow
}

// Held returns the number of groups, those of each window counted.
func (a *Aggregate) Held() int {
	n := 0
	for _, p := range a.panes {
		n += p.table.Len()
	}
	return n
}

// Open returns the windows that have not been closed; none where there are no windows.
func (a *Aggregate) Open() []OpenWindow {
	var list []OpenWindow
	for _, p := range a.panes {
		if !p.closed && p.end != data.MaxTime && p.table.Len() > 0 {
			list = append(list, OpenWindow{p.start, p.end, a.cfg.Lateness.ClosesAt(p.end), p.table.Len()})
		}
	}
	return list
}

// Held returns the number of groups, those of each slice counted.
func (s *Sliced) Held() int {
	n := 0
	for _, p := range s.slices {
		n += len(p.keys)
	}
	return n
}

// Open returns the windows that have not been closed. A group in several slices of a
// window counts in each.
func (s *Sliced) Open() []OpenWindow {
	var list []OpenWindow
	at := map[int64]int{}
	for _, p := range s.slices {
		for end := p.first; end <= p.last && len(p.keys) > 0; end = s.cfg.Grid.NextEnd(end) {
			if s.cfg.Lateness.Closed(end, s.wm) {
				continue
			}
			i, ok := at[end]
			if !ok {
				i = len(list)
				at[end] = i
				list = append(list, OpenWindow{Start: s.cfg.Grid.Start(end), End: end, Closes: s.cfg.Lateness.ClosesAt(end)})
			}
			list[i].Groups += len(p.keys)
		}
	}
	return list
}

// Held returns the number of sessions.
func (s *Session) Held() int {
	n := 0
	for i := range s.spans {
		if s.spans[i].key >= 0 {
			n++
		}
	}
	return n
}

// Open returns the sessions that have not been closed, those of the same times as one.
func (s *Session) Open() []OpenWindow {
	var list []OpenWindow
	at := map[[2]int64]int{}
	for i := range s.spans {
		p := &s.spans[i]
		end := data.AddTime(p.last, s.cfg.Gap)
		if p.key < 0 || s.cfg.Lateness.Closed(end, s.wm) {
			continue
		}
		k, ok := at[[2]int64{p.first, end}]
		if !ok {
			k = len(list)
			at[[2]int64{p.first, end}] = k
			list = append(list, OpenWindow{Start: p.first, End: end, Closes: s.cfg.Lateness.ClosesAt(end)})
		}
		list[k].Groups++
	}
	return list
}

// Held returns the number of rows that may still find a partner, or wait to be emitted
// without one.
func (j *IntervalJoin) Held() int {
	n := 0
	for i := range j.sides {
		side := &j.sides[i]
		dead := j.deadBelow(side)
		for id := range side.lists.lists {
			times, _ := side.lists.of(int32(id))
			for _, t := range times {
				if t >= dead {
					n++
				}
			}
		}
	}
	return n
}

// held returns the rows that are there.
func (s *rowTable) held() int { return s.n - s.dead }

// Held returns the number of left rows that wait, and of right rows that may match.
func (j *AsofJoin) Held() int {
	for id := range j.keys.table.Len() {
		j.prune(int32(id))
	}
	return j.left.store.held() + j.right.held()
}

// Held returns the number of left rows that wait, and of right rows that frames reach.
func (j *FrameJoin) Held() int {
	j.pass()
	return j.left.store.held() + j.right.store.held()
}

// Held returns the number of rows of both sides.
func (j *TableJoin) Held() int { return j.sides[0].store.held() + j.sides[1].store.held() }

// Held returns the number of rows that wait, and of those that are looked back at.
func (o *Over) Held() int { return o.rows.store.held() + o.over.store.held() }

// Held returns the number of rows.
func (o *OverTable) Held() int {
	n := 0
	for _, p := range o.panes {
		n += p.over.store.held()
	}
	return n
}

// Held returns the number of rows.
func (s *Sort) Held() int { return len(s.rows.list(nil)) }

// Held returns the number of keys.
func (f *First) Held() int { return f.table.Len() }

// Held returns the number of keys that have a row.
func (u *Upsert) Held() int {
	n := 0
	for _, row := range u.rows {
		if row != nil {
			n++
		}
	}
	return n
}

// Held returns the number of rows.
func (o *TopN) Held() int {
	n := 0
	for _, p := range o.panes {
		n += p.rows.held()
	}
	return n
}

// Held returns the number of partitions, and of rows that wait for the watermark.
func (o *FirstRows) Held() int { return o.table.Len() + o.rows.held() }
