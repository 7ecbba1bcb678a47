package operators

import "tidemark/operators/data"

// advance emits and drops the panes that a move of the watermark to a.wm, at
// position at, closes.
func (a *Aggregate) advance(at int64) error {
	if a.cfg.Window == nil {
		return a.finish(at)
	}
	gone := 0
	for _, p := range a.panes {
		if !a.cfg.Lateness.Closed(p.end, a.wm) {
			break
		}
		isGone := a.cfg.Lateness.Gone(p.end, a.wm)
		if a.cfg.Emit == EmitClose && !p.closed || a.cfg.Emit == EmitFinal && isGone {
			if err := a.append(p, a.sorted(p), data.Insert, at); err != nil {
				return err
			}
			p.closed = a.cfg.Emit == EmitClose
		}
		if isGone {
			gone++
		} else {
			p.compact()
		}
	}
	a.drop(gone)
	if a.cfg.PassTime || a.wm == data.MaxTime { // the end is for everybody
		a.passTime(a.wm, at)
	}
	return nil
}

// finish passes time on for an aggregate without windows. At the end one without keys
// has a row even when there was no input.
func (a *Aggregate) finish(at int64) error {
	if a.wm != data.MaxTime {
		if a.cfg.PassTime {
			a.passTime(a.wm, at)
		}
		return nil
	}
	if len(a.keys) == 0 && len(a.panes) == 0 {
		p := a.pane(0)
		for _, s := range p.aggs {
			s.Resize(1)
		}
		if err := a.append(p, []int32{0}, data.Insert, at); err != nil {
			return err
		}
	}
	a.passTime(a.wm, at)
	return nil
}

// sorted returns the pane's groups in order of their keys.
func (a *Aggregate) sorted(p *pane) []int32 {
	a.ids = p.table.Order(a.ids, &a.order)
	if p.empty == 0 {
		return a.ids
	}
	live := a.ids[:0]
	for _, g := range a.ids {
		if p.counts[g] > 0 {
			live = append(live, g)
		}
	}
	return live
}

// append emits a row for each of the pane's groups ids.
func (a *Aggregate) append(p *pane, ids []int32, c data.Change, at int64) error {
	most := mostResults(&a.cfg.Grouping, p.aggs, a.out.mostText)
	for len(ids) > 0 {
		if err := a.out.room(1); err != nil {
			return err
		}
		n := min(len(ids), a.cfg.BatchRows-a.out.out.N, most)
		if err := a.appendPart(p, ids[:n], c, at); err != nil {
			return err
		}
		ids = ids[n:]
	}
	return nil
}

func (a *Aggregate) appendPart(p *pane, ids []int32, c data.Change, at int64) error {
	o := a.out.out
	first := len(o.Cols) - len(a.cfg.Calls)
	for i, s := range p.aggs {
		if bad, err := s.Append(o.Cols[first+i], ids); err != nil {
			return a.overflow(p, ids, bad, i, c, at, err)
		}
	}
	a.appendGroups(p, ids)
	o.AddRows(len(ids), c, at)
	return nil
}

// appendGroups appends the windows and keys of groups.
func (a *Aggregate) appendGroups(p *pane, ids []int32) {
	o, col := a.out.batch(), 0
	if a.cfg.Window != nil {
		o.Cols[0].AppendInts(p.start, len(ids))
		o.Cols[1].AppendInts(p.end, len(ids))
		col = 2
	}
	for k := range a.keys {
		Gather(o.Cols[col+k], p.table.Key(k), ids)
	}
}

// overflow ends the run at a group whose result does not fit its type, after the
// groups before it have been emitted.
func (a *Aggregate) overflow(p *pane, ids []int32, bad, call int, c data.Change, at int64, cause error) error {
	keep := a.out.out.N
	if c == data.UpdateAfter {
		keep-- // its -U, which must not stay alone
	}
	a.out.cut(keep)
	if err := a.append(p, ids[:bad], c, at); err != nil {
		return err
	}
	if err := a.out.flush(); err != nil {
		return err
	}
	return a.groupError(p, ids[bad], call, c, at, cause)
}

// groupError is the error of a group whose result of a call cannot be had.
func (a *Aggregate) groupError(p *pane, g int32, call int, c data.Change, at int64, cause error) error {
	marker := a.out.pool.Get()
	col := 0
	if a.cfg.Window != nil {
		marker.Cols[0].AppendInt(p.start)
		marker.Cols[1].AppendInt(p.end)
		col = 2
	}
	for k := range a.keys {
		marker.Cols[col+k].AppendFrom(p.table.Key(k), int(g))
	}
	marker.AddRows(1, c, at)
	keys := len(a.cfg.Out) - len(a.cfg.Calls)
	return groupError(marker, a.cfg.Out, keys, keys+call, cause)
}

// passTime passes a move of the watermark on, held at the earliest time that a
// window can still emit.
func (a *Aggregate) passTime(w, at int64) {
	if a.cfg.Emit == EmitFinal && w != data.MaxTime {
		w = min(w, a.cfg.Lateness.FirstKept(w, a.nextEnd)-1)
	}
	a.out.pass(w, at)
}

// Gather appends the values of src at rows to dst.
func Gather(dst, src *data.Vector, rows []int32) {
	if src.Null != nil || src.Const || dst.Null != nil {
		for _, r := range rows {
			dst.AppendFrom(src, int(r))
		}
		return
	}
	switch dst.Type.Class() {
	case data.ClassInt:
		for _, r := range rows {
			dst.Ints = append(dst.Ints, src.Ints[r])
		}
	case data.ClassFloat:
		for _, r := range rows {
			dst.Floats = append(dst.Floats, src.Floats[r])
		}
	case data.ClassBool:
		for _, r := range rows {
			dst.Bools = append(dst.Bools, src.Bools[r])
		}
	case data.ClassWide:
		for _, r := range rows {
			dst.Wides = append(dst.Wides, src.Wides[r])
		}
	case data.ClassBytes:
		for _, r := range rows {
			dst.Bytes = append(dst.Bytes, src.Bytes[src.Offsets[r]:src.Offsets[r+1]]...)
			dst.Offsets = append(dst.Offsets, uint32(len(dst.Bytes)))
		}
	}
}
