package operators

import (
	"sort"

	"tidemark/operators/data"
)

// addRows adds the selected rows [from, to) of b, for all of which the windows
// stand as they do at a.wm.
func (a *Aggregate) addRows(b *data.Batch, hashes []uint64, from, to int) error {
	if from == to {
		return nil
	}
	rows := a.segment(b, from, to)
	if a.cfg.Window == nil {
		return a.changes(a.pane(0), b, hashes, rows)
	}
	for len(rows) > 0 {
		n, err := a.addRun(b, hashes, rows)
		if err != nil {
			return err
		}
		rows = rows[n:]
	}
	a.addGathered(b, hashes)
	return nil
}

// addGathered puts the rows that have been gathered for each pane into their groups.
func (a *Aggregate) addGathered(b *data.Batch, hashes []uint64) {
	for _, p := range a.panes {
		if len(p.rows) > 0 {
			a.add(p, b, hashes, p.rows)
			p.rows = p.rows[:0]
		}
	}
}

// run returns the start of the window of the first of rows, and how many rows from
// there on belong to it.
func (a *Aggregate) run(b *data.Batch, rows []int32) (start int64, n int) {
	times := b.Cols[a.cfg.Time]
	start = a.cfg.Window.Start(times.Ints[times.Index(int(rows[0]))])
	if times.Const {
		return start, len(rows)
	}
	end, ints := a.cfg.Window.End(start), times.Ints
	if end == start { // known by its end alone
		end++
	}
	for n = 1; n < len(rows) && ints[rows[n]] >= start && ints[rows[n]] < end; n++ {
	}
	return start, n
}

// addRun deals with the rows at the start of rows that belong to one window, and
// returns how many they are.
func (a *Aggregate) addRun(b *data.Batch, hashes []uint64, rows []int32) (int, error) {
	start, n := a.run(b, rows)
	end := a.cfg.Window.End(start)
	rows = rows[:n]
	if a.cfg.Lateness.Gone(end, a.wm) {
		whole := a.cfg.Late.whole(b, rows)
		missedBy := int64(0)
		for _, r := range rows {
			missedBy = max(missedBy, a.watermarkBefore(b, r)-end)
		}
		a.cfg.Late.count(a.cfg.Account, n, len(whole), missedBy)
		a.keepLate(b, whole, start, end)
		return n, nil
	}
	p := a.pane(start)
	if a.cfg.Lateness.Closed(end, a.wm) {
		p.closed = p.closed || a.cfg.Emit == EmitClose
		p.compact()
	}
	if !p.closed && a.cfg.Emit != EmitChanges {
		p.rows = append(p.rows, rows...)
		return n, nil
	}
	return n, a.changes(p, b, hashes, rows)
}

// keepLate keeps rows that came after their window was gone, for who wants them.
func (a *Aggregate) keepLate(b *data.Batch, rows []int32, start, end int64) {
	if a.cfg.Late == nil {
		return
	}
	times := b.Cols[a.cfg.Time]
	for _, r := range rows {
		a.cfg.Late.add(b, int(r), 0, missed{
			time: a.cfg.Late.ownTime(b, int(r), times.Ints[times.Index(int(r))]), watermark: a.watermarkBefore(b, r),
			windowed: true, start: start, end: end, reason: reasonWindow,
		})
	}
}

// changes adds rows one by one and emits how each changes its group.
func (a *Aggregate) changes(p *pane, b *data.Batch, hashes []uint64, rows []int32) error {
	if a.cfg.Updating {
		return a.corrections(p, b, hashes, rows)
	}
	for _, r := range rows {
		if err := a.change(p, b, hashes, r); err != nil {
			return err
		}
	}
	return nil
}

// watermarkBefore returns the watermark as it stood before row r of b.
func (a *Aggregate) watermarkBefore(b *data.Batch, r int32) int64 {
	k := sort.Search(len(b.Steps), func(k int) bool { return b.Steps[k].Row > int(r) })
	if k == 0 {
		return a.wm
	}
	return b.Steps[k-1].Time
}

// segment returns the selected rows [from, to) of b as physical indexes.
func (a *Aggregate) segment(b *data.Batch, from, to int) []int32 {
	if b.Sel != nil {
		return b.Sel[from:to]
	}
	a.rows = a.rows[:0]
	for r := from; r < to; r++ {
		a.rows = append(a.rows, int32(r))
	}
	return a.rows
}

// add puts rows into their groups.
func (a *Aggregate) add(p *pane, b *data.Batch, hashes []uint64, rows []int32) {
	if cap(a.ids) < len(rows) {
		a.ids = make([]int32, max(len(rows), 2*cap(a.ids)))
	}
	ids := a.ids[:len(rows)]
	p.table.FindOrAdd(a.keys, hashes, rows, ids)
	if a.cfg.Updating {
		a.addSigned(p, b, ids, rows)
		return
	}
	for i := range a.cfg.Calls {
		c := &a.cfg.Calls[i]
		p.aggs[i].Resize(p.table.Len())
		to, kept := a.args.filter(c, b, ids, rows)
		p.aggs[i].Update(to, kept, a.args.of(c, b))
	}
}

// change adds one row and emits how its group changes.
func (a *Aggregate) change(p *pane, b *data.Batch, hashes []uint64, r int32) error {
	at := 2 * (b.Seq + int64(r))
	a.one[0] = r
	groups := p.table.Len()
	ids := [1]int32{}
	p.table.FindOrAdd(a.keys, hashes, a.one[:], ids[:])
	if int(ids[0]) == groups {
		a.add(p, b, hashes, a.one[:])
		return a.append(p, ids[:], data.Insert, at)
	}
	if len(a.cfg.Calls) == 0 {
		return nil // the group is there, and there is nothing else to it
	}
	if err := a.out.room(2); err != nil { // the two stay in one batch
		return err
	}
	if err := a.appendPart(p, ids[:], data.UpdateBefore, at); err != nil {
		return err
	}
	a.add(p, b, hashes, a.one[:])
	err := a.appendPart(p, ids[:], data.UpdateAfter, at)
	if row, ok := err.(*RowError); ok {
		row.Where = b.Where(int(r))
	}
	return err
}
