package operators

import (
	"errors"
	"sort"

	"tidemark/operators/data"
	"tidemark/operators/expr"
)

// useful reports whether a right row at t may match a left row that is still to be
// emitted.
func (j *AsofJoin) useful(id int32, t int64) bool {
	if !j.cfg.Lateness.LateRow(t, j.wm) {
		return true
	}
	if j.expired(t) {
		return false
	}
	if j.cond != nil {
		return true
	}
	j.prune(id)
	times, _ := j.lists.of(id)
	return len(times) == 0 || t >= times[0] || times[0] > j.reach(j.cfg.Lateness.PassedBefore(j.wm))
}

// reach returns the time up to which right rows match a left row at t.
func (j *AsofJoin) reach(t int64) int64 { return data.AddTime(t, -j.cfg.Back) }

// expired reports whether a right row at t is too old for every left row to come.
func (j *AsofJoin) expired(t int64) bool {
	if j.wm == data.MaxTime {
		return true
	}
	return j.cfg.Tolerance >= 0 && data.AddTime(t, j.cfg.Tolerance) < j.cfg.Lateness.PassedBefore(j.wm)
}

// prune drops the right rows of a key that can match nothing any more.
func (j *AsofJoin) prune(id int32) {
	times, rows := j.lists.of(id)
	last := j.reach(j.cfg.Lateness.PassedBefore(j.wm))
	n := 0
	for n < len(times) && times[n] <= last && (n+1 < len(times) && times[n+1] <= last && j.cond == nil || j.expired(times[n]) || j.ends(rows[n])) {
		n++
	}
	for _, row := range rows[:n] {
		j.right.drop(int32(row))
	}
	j.lists.dropFirst(id, n)
}

// ends reports whether a right row ends the version before it.
func (j *AsofJoin) ends(row uint32) bool {
	return j.cfg.Versioned && j.right.cols[len(j.rightKept)].Bools[row]
}

// pair finds the matches of left rows, which the watermark has passed by a move at a
// position, and notes those that are to be emitted.
func (j *AsofJoin) pair(left []awaited, at int64) error {
	t := &j.trial
	t.lists, t.times, t.matches, t.ats = t.lists[:0], t.times[:0], t.matches[:0], t.ats[:0]
	for _, l := range left {
		times, c := j.candidates(l)
		match, time := int32(-1), int64(0)
		if n := len(c) - 1; j.cond == nil && n >= 0 && !j.ends(c[n]) {
			match, time = int32(c[n]), times[n]
		}
		t.lists, t.times = append(t.lists, c), append(t.times, times)
		t.matches, t.ats = append(t.matches, match), append(t.ats, time)
	}
	var failed error
	if j.cond != nil {
		left, failed = j.try(left)
	}
	p := &j.pairs
	for i, l := range left {
		j.left.store.drop(l.row)
		if match := t.matches[i]; match >= 0 || j.cfg.Outer {
			p.add(l, match, t.ats[i])
			p.arrivals, p.ats = append(p.arrivals, j.left.arrival(l.row)), append(p.ats, at)
		}
	}
	if failed == nil && len(p.left) < j.cfg.BatchRows {
		return nil
	}
	if err := j.flush(); err != nil || failed == nil {
		return err
	}
	marker := j.pool.Get()
	for _, v := range marker.Cols {
		v.AppendNull()
	}
	marker.AddRows(1, data.Insert, at)
	return &RowError{Err: failed, Marker: marker}
}

// candidates returns the times and numbers of the right rows that a left one may be
// joined with by key and time, without a condition the last of them alone.
func (j *AsofJoin) candidates(l awaited) (times []int64, rows []uint32) {
	if l.part == 0 {
		return nil, nil
	}
	times, rows = j.lists.of(l.part - 1)
	last := j.reach(l.time)
	n := len(times)
	if n > 0 && times[n-1] > last {
		n = sort.Search(n, func(i int) bool { return times[i] > last })
	}
	first := n
	for first > 0 && (j.cond != nil || first == n) && (j.cfg.Tolerance < 0 || data.AddTime(times[first-1], j.cfg.Tolerance) >= l.time) {
		first--
	}
	return times[first:n], rows[first:n]
}

// asofTrial is left rows whose matches are looked for.
type asofTrial struct {
	lists   [][]uint32 // the right rows that are left for each, the last is next
	times   [][]int64  // theirs
	matches []int32
	ats     []int64  // the times of the matches
	open    []int32  // those without a match so far
	pairs   asofRows // of open and next
	keep    []int32
}

// try finds the last candidate of each left row for which the condition is true, one of
// all rows at a time. When it fails for one, the rows before that and the error are returned.
func (j *AsofJoin) try(left []awaited) ([]awaited, error) {
	t := &j.trial
	var failed error
	t.open = t.open[:0]
	for i := range left {
		t.open = append(t.open, int32(i))
	}
	for {
		t.pairs.reset()
		open := t.open[:0]
		for _, i := range t.open {
			if n := len(t.lists[i]) - 1; t.matches[i] < 0 && n >= 0 {
				open = append(open, i)
				t.pairs.add(left[i], int32(t.lists[i][n]), t.times[i][n])
			}
		}
		if t.open = open; len(open) == 0 {
			return left, failed
		}
		rows, err := j.passing()
		if err != nil {
			var row *expr.RowError
			if !errors.As(err, &row) {
				return nil, err
			}
			left, failed = left[:open[row.Row]], row.Err
			t.open = open[:row.Row]
			continue // those before it are tried again
		}
		for _, k := range rows {
			t.matches[open[k]], t.ats[open[k]] = t.pairs.right[k], t.pairs.rightTimes[k]
		}
		for _, i := range open {
			t.lists[i] = t.lists[i][:len(t.lists[i])-1]
		}
	}
}

// passing returns which of the pairs of rows in hand the condition is true for.
func (j *AsofJoin) passing() ([]int32, error) {
	t := &j.trial
	b := j.test.Get()
	defer b.Release()
	j.gather(b.Cols, &t.pairs)
	b.N = len(t.pairs.left)
	rows, err := j.cond.Select(b, nil, t.keep[:0])
	t.keep = rows
	return rows, err
}
