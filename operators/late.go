package operators

import (
	"cmp"
	"slices"

	"tidemark/operators/data"
)

// LateWhat says what a column of LATE DATA TO holds.
type LateWhat uint8

// What the columns of a row that came too late may hold.
const (
	// LateValue is a column of the row itself.
	LateValue LateWhat = iota
	// LateBy is the watermark before the row less the row's time.
	LateBy
	// LateMissedBy is the watermark less the end of the window that the row missed
	// last; NULL where there are no windows.
	LateMissedBy
	// LateWatermark is the watermark as it stood before the row.
	LateWatermark
	// LateStart and LateEnd are the bounds of that window, NULL where there is none.
	LateStart
	LateEnd
	// LateReason says in a word why the row was not used.
	LateReason
)

// LateColumn is one column of the rows that came too late.
type LateColumn struct {
	What LateWhat
	// From is, of a LateValue, the input column: of a join that of each side, -1 where
	// a side has none. Other operators use the first.
	From [2]int
}

// LateRows gathers the rows that an operator does not use because they came too
// late, for LATE DATA TO. It is empty between calls of
// Process when its owner takes what is there after each: it is no state.
type LateRows struct {
	columns []LateColumn
	pool    *data.Pool
	out     *data.Batch // nil when there are none
	// time and last are as OfWindows says.
	time, last int
}

// NewLateRows returns an empty list of rows with columns that are described in pairs. With none
// it gathers nothing.
func NewLateRows(columns []LateColumn, schema data.Schema) *LateRows {
	return &LateRows{columns: columns, pool: data.NewPool(schema), time: -1, last: -1}
}

// OfWindows makes l one of an Aggregate whose rows come from windows, and returns it. time is
// the input column with a row's own time, -1 where the operator goes by it. Where a row
// comes once for each of its windows, last is a BOOLEAN input column that is true of the
// last of them, which tells whether the row is late for all; otherwise it is -1.
func (l *LateRows) OfWindows(time, last int) *LateRows {
	l.time, l.last = time, last
	return l
}

// whole returns those of some rows of b that are late for all of their windows. l may be nil.
func (l *LateRows) whole(b *data.Batch, rows []int32) []int32 {
	if l == nil || l.last < 0 {
		return rows
	}
	var whole []int32
	flags := b.Cols[l.last]
	for _, r := range rows {
		if !flags.IsNull(int(r)) && flags.Bools[flags.Index(int(r))] {
			whole = append(whole, r)
		}
	}
	return whole
}

// Take returns the rows since it was last called, in the order of their arrival, each with the position of the input
// row as its trigger, and nil when there are none. The batch belongs to the caller.
func (l *LateRows) Take() *data.Batch {
	b := l.out
	l.out = nil
	if b == nil || slices.IsSorted(b.Trigger) {
		return b
	}
	order := make([]int, b.N)
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Compare(b.Trigger[i], b.Trigger[j]) })
	sorted := l.pool.Get()
	for _, i := range order {
		for k, v := range sorted.Cols {
			v.AppendFrom(b.Cols[k], i)
		}
		sorted.AddRows(1, data.Insert, b.Trigger[i])
	}
	b.Release()
	return sorted
}

// count counts late rows, of which only some are late for all of their windows, in an
// account, which may be nil; the latest missed its window by missedBy. l may be nil.
func (l *LateRows) count(to *Account, rows, whole int, missedBy int64) {
	switch {
	case to == nil:
	case l == nil || l.last < 0:
		to.addLate(int64(rows), missedBy)
	default:
		to.PartlyLate.Add(int64(rows - whole))
		to.addWhole(int64(whole), missedBy)
	}
}

// ownTime returns the time of row r of b itself; at is the one that the operator goes by.
func (l *LateRows) ownTime(b *data.Batch, r int, at int64) int64 {
	if l.time < 0 {
		return at
	}
	own := b.Cols[l.time]
	return own.Ints[own.Index(r)]
}

// missed is what a row came too late for.
type missed struct {
	time, watermark int64
	windowed        bool
	start, end      int64
	reason          string
}

// missedBySide is what a row of a side of a join came too late for, with its time and the
// watermark before it.
func missedBySide(side int, time, watermark int64) missed {
	return missed{time: time, watermark: watermark, reason: [2]string{reasonLeft, reasonRight}[side]}
}

// add notes row r of b, which is of a side of a join or of side 0. l may be nil.
func (l *LateRows) add(b *data.Batch, r, side int, m missed) {
	if l == nil || len(l.columns) == 0 {
		return
	}
	if l.out == nil {
		l.out = l.pool.Get()
	}
	for k, c := range l.columns {
		v := l.out.Cols[k]
		switch {
		case c.What == LateValue && c.From[side] < 0, !m.windowed && c.What.ofWindow():
			v.AppendNull()
		case c.What == LateValue:
			v.AppendFrom(b.Cols[c.From[side]], r)
		case c.What == LateBy:
			v.AppendWide(micros(m.watermark, m.time))
		case c.What == LateMissedBy:
			v.AppendWide(micros(m.watermark, m.end))
		case c.What == LateWatermark:
			v.AppendInt(m.watermark)
		case c.What == LateStart:
			v.AppendInt(m.start)
		case c.What == LateEnd:
			v.AppendInt(m.end)
		case c.What == LateReason:
			v.AppendText([]byte(m.reason))
		}
	}
	l.out.AddRows(1, data.Insert, 2*(b.Seq+int64(r)))
}

// ofWindow reports whether a column tells of the window that was missed.
func (w LateWhat) ofWindow() bool { return w == LateMissedBy || w == LateStart || w == LateEnd }

// micros is the INTERVAL from one time to a later one.
func micros(to, from int64) data.Int128 {
	return data.Int128{Lo: uint64(max(0, data.AddTime(to, -from)))}
}

// The reasons of LateReason.
const (
	reasonWindow  = "window_closed"
	reasonSession = "session_closed"
	reasonLeft    = "left_row_passed"
	reasonRight   = "right_row_passed"
	reasonRow     = "row_passed"
)

// LateRows returns where the rows go that came too late; nil for nowhere.
func (a *Aggregate) LateRows() *LateRows { return a.cfg.Late }

// LateRows returns where the rows go that came too late; nil for nowhere.
func (s *Sliced) LateRows() *LateRows { return s.cfg.Late }

// LateRows returns where the rows go that came too late; nil for nowhere.
func (s *Session) LateRows() *LateRows { return s.cfg.Late }

// LateRows returns where the rows go that came too late; nil for nowhere.
func (j *IntervalJoin) LateRows() *LateRows { return j.cfg.Late }

// LateRows returns where the rows go that came too late; nil for nowhere.
func (j *AsofJoin) LateRows() *LateRows { return j.cfg.Late }

// LateRows returns where the rows go that came too late; nil for nowhere.
func (j *FrameJoin) LateRows() *LateRows { return j.cfg.Late }

// LateRows returns where the rows go that came too late; nil for nowhere.
func (o *Over) LateRows() *LateRows { return o.cfg.Late }

// LateRows returns where the rows go that came too late; nil for nowhere.
func (o *OverTable) LateRows() *LateRows { return o.cfg.Late }

// LateRows returns where the rows go that came too late; nil for nowhere.
func (o *TopN) LateRows() *LateRows { return o.cfg.Late }

// LateRows returns where the rows go that came too late; nil for nowhere.
func (f *FirstRows) LateRows() *LateRows { return f.cfg.Late }

// missTime counts row r of b, and keeps it, whose time at the watermark has passed. l may be nil.
func (l *LateRows) missTime(to *Account, b *data.Batch, r int, at, wm int64) {
	if to != nil {
		to.addLate(1, wm-at)
	}
	l.add(b, r, 0, missed{time: at, watermark: wm, reason: reasonRow})
}

// missWindow counts row r of b, and keeps it, which is of a window that ended at end and is
// gone: at is the time that the operator goes by. l may be nil.
func (l *LateRows) missWindow(to *Account, b *data.Batch, r int, end, wm int64) {
	one := [1]int32{int32(r)}
	whole := l.whole(b, one[:])
	l.count(to, 1, len(whole), wm-end)
	if l != nil && len(whole) > 0 {
		l.add(b, r, 0, missed{time: l.ownTime(b, r, end), watermark: wm, windowed: true, end: end, reason: reasonWindow})
	}
}
