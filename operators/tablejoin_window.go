package operators

import (
	"cmp"
	"slices"

	"tidemark/operators/data"
)

// windowStage is what has become of the window of a key.
type windowStage uint8

const (
	windowNone   windowStage = iota // it has no rows, or is gone
	windowOpen                      // nothing of it has been emitted
	windowClosed                    // it has been emitted, and is kept for corrections
)

// windowDue is the window of a key, which closes or goes at its time.
type windowDue struct {
	end, start int64
	id         int32
}

func (w windowDue) due() int64 { return w.end }

func (w windowDue) compare(v windowDue) int {
	return cmp.Or(cmp.Compare(w.end, v.end), cmp.Compare(w.start, v.start), cmp.Compare(w.id, v.id))
}

// closedPair is an output row of a window that closes.
type closedPair struct {
	window windowDue
	joinedPair
}

func (p closedPair) compare(q closedPair) int {
	return cmp.Or(cmp.Compare(p.window.end, q.window.end), cmp.Compare(p.window.start, q.window.start),
		cmp.Compare(p.left.arrival, q.left.arrival), cmp.Compare(p.right.arrival, q.right.arrival))
}

// windowOf returns the window of a key.
func (j *TableJoin) windowOf(id int32) windowDue {
	return windowDue{start: j.keys.table.Key(0).Ints[id], end: j.keys.table.Key(1).Ints[id], id: id}
}

// admit reports whether row r is in time for its window, and notes when that closes.
func (j *TableJoin) admit(id, r int32) bool {
	j.window = j.windowOf(id)
	if j.stage[id] != windowNone {
		return true
	}
	switch end := j.window.end; {
	case j.cfg.Lateness.Gone(end, j.wm):
		if !takes(j.in.Change(int(r))) {
			j.late(r)
		}
		return false
	case j.cfg.Lateness.Closed(end, j.wm):
		j.stage[id] = windowClosed
		j.goes.add([]windowDue{j.window})
	default:
		j.stage[id] = windowOpen
		j.closes.add([]windowDue{j.window})
	}
	return true
}

// late counts row r, which has come too late for its window.
func (j *TableJoin) late(r int32) {
	w, side := j.window, j.in.Cols[j.cfg.Side]
	if j.cfg.Account != nil {
		j.cfg.Account.addLate(1, j.wm-w.end)
	}
	m := missed{time: w.end, watermark: j.wm, windowed: true, start: w.start, end: w.end, reason: reasonWindow}
	if j.cfg.Time >= 0 {
		times := j.in.Cols[j.cfg.Time]
		m.time = times.Ints[times.Index(int(r))]
	}
	s := 0
	if side.Bools[side.Index(int(r))] {
		s = 1
	}
	j.cfg.Late.add(j.in, int(r), s, m)
}

// LateRows returns where the rows go that came too late; nil for nowhere.
func (j *TableJoin) LateRows() *LateRows { return j.cfg.Late }

// closeWindows emits the windows that the watermark has closed, and forgets those that
// are gone.
func (j *TableJoin) closeWindows(at int64) error {
	lateness := j.cfg.Lateness
	due := j.closes.before(data.AddTime(lateness.ClosedUpTo(j.wm), 1))
	for _, w := range due {
		if err := j.closeWindow(w, at); err != nil {
			return err
		}
	}
	slices.SortFunc(j.closed, closedPair.compare)
	for _, p := range j.closed {
		j.window = p.window
		j.emitPair(p.joinedPair, data.Insert, at)
		if err := j.flushIfFull(); err != nil {
			return err
		}
	}
	j.closed = j.closed[:0]
	j.goes.add(append([]windowDue(nil), due...))
	for _, w := range j.goes.before(data.AddTime(lateness.GoneUpTo(j.wm), 1)) {
		for s := range j.sides {
			side := &j.sides[s]
			_, rows := side.lists.of(w.id)
			for _, row := range rows {
				side.store.drop(int32(row))
			}
			side.lists.dropFirst(w.id, len(rows))
		}
		j.stage[w.id] = windowNone
	}
	return nil
}

// closeWindow lists the output rows of a window.
func (j *TableJoin) closeWindow(w windowDue, at int64) error {
	j.stage[w.id] = windowClosed
	left, right := &j.sides[0], &j.sides[1]
	add := func(l, r partner) { j.closed = append(j.closed, closedPair{w, joinedPair{l, r}}) }
	arrivals, rows := left.lists.of(w.id)
	for i, row := range rows {
		me := partner{int32(row), arrivals[i]}
		partners, err := j.match(0, w.id, me, at)
		if err != nil {
			return err
		}
		if left.track {
			left.matches[row] = int32(len(partners))
		}
		for _, p := range partners {
			if right.track {
				right.matches[p.row]++
			}
			if !j.one {
				add(me, p)
			}
		}
		if matched := len(partners) > 0; j.one && matched == (j.cfg.Kind == JoinSemi) || !j.one && left.misses && !matched {
			add(me, nobody)
		}
	}
	if !right.misses {
		return nil
	}
	arrivals, rows = right.lists.of(w.id)
	for i, row := range rows {
		if right.matches[row] == 0 {
			add(nobody, partner{int32(row), arrivals[i]})
		}
	}
	return nil
}
