package operators

import (
	"cmp"
	"slices"

	"tidemark/operators/data"
)

// emitChanges emits what a change of side s has been noted to make: rows that went at
// the position before, and rows that came at the position at. update says that the
// row was replaced by another.
func (j *TableJoin) emitChanges(s int, update bool, before, at int64) error {
	j.noteMisses(s)
	gone, come := j.gone, j.come
	j.gone, j.come, j.lost, j.won = j.gone[:0], j.come[:0], j.lost[:0], j.won[:0]
	if len(gone) == 0 && len(come) == 0 {
		return nil
	}
	if j.replaces(gone, come, update) {
		for i := range gone {
			j.emitPair(gone[i], data.UpdateBefore, at)
			j.emitPair(come[i], data.UpdateAfter, at)
			if err := j.flushIfFull(); err != nil {
				return err
			}
		}
		return nil
	}
	for _, p := range gone {
		j.emitPair(p, data.Delete, before)
		if err := j.flushIfFull(); err != nil {
			return err
		}
	}
	for _, p := range come {
		j.emitPair(p, data.Insert, at)
		if err := j.flushIfFull(); err != nil {
			return err
		}
	}
	return nil
}

// noteMisses adds the rows of the other side than s that have no match any more, or
// had none so far, to what goes and comes, by the order of their arrival.
func (j *TableJoin) noteMisses(s int) {
	if len(j.lost) == 0 && len(j.won) == 0 {
		return
	}
	flip := func(list, without []partner, to *[]joinedPair) {
		k := 0
		for _, p := range list {
			for k < len(without) && without[k].arrival < p.arrival {
				k++
			}
			if k == len(without) || without[k] != p { // else nothing has changed for it
				*to = append(*to, j.pair(1-s, p, nobody))
			}
		}
	}
	won, lost := &j.gone, &j.come // as rows without a match
	if j.cfg.Kind == JoinSemi {
		won, lost = lost, won
	}
	flip(j.won, j.lost, won)
	flip(j.lost, j.won, lost)
	byOther := func(a, b joinedPair) int {
		if s == 0 {
			return cmp.Compare(a.right.arrival, b.right.arrival)
		}
		return cmp.Compare(a.left.arrival, b.left.arrival)
	}
	slices.SortStableFunc(j.gone, byOther)
	slices.SortStableFunc(j.come, byOther)
}

// replaces reports whether each row that goes is replaced by one that comes, which
// differs in the row of one side.
func (j *TableJoin) replaces(gone, come []joinedPair, update bool) bool {
	if len(gone) != len(come) {
		return false
	}
	for i, g := range gone {
		c := come[i]
		if j.cfg.Apart && ((g.left.row < 0) != (c.left.row < 0) || (g.right.row < 0) != (c.right.row < 0)) {
			return false
		}
		sameLeft := g.left.row >= 0 && g.left == c.left
		sameRight := g.right.row >= 0 && g.right == c.right
		bothAlone := update && len(gone) == 1 && (g.left.row < 0) == (c.left.row < 0) && (g.right.row < 0) == (c.right.row < 0) && (g.left.row < 0 || g.right.row < 0)
		if !sameLeft && !sameRight && !bothAlone {
			return false
		}
	}
	return true
}

// emitPair adds an output row.
func (j *TableJoin) emitPair(p joinedPair, change data.Change, at int64) {
	o := j.output()
	j.appendSide(o, 0, 0, p.left.row)
	if !j.one {
		j.appendSide(o, 1, len(j.cfg.Left), p.right.row)
	}
	if j.cfg.Windowed {
		n := len(o.Cols)
		o.Cols[n-4].AppendInt(j.window.end)
		o.Cols[n-3].AppendInt(j.window.start)
		o.Cols[n-2].AppendInt(p.left.arrival)
		o.Cols[n-1].AppendInt(p.right.arrival)
	}
	o.AddRows(1, change, at)
}

// appendSide appends a row of a side to the columns from the first on, NULLs for -1.
func (j *TableJoin) appendSide(o *data.Batch, s, first int, row int32) {
	for c, v := range j.sides[s].store.cols {
		if row < 0 {
			o.Cols[first+c].AppendNull()
		} else {
			o.Cols[first+c].AppendFrom(v, int(row))
		}
	}
}

func (j *TableJoin) output() *data.Batch {
	if j.out == nil {
		j.out = j.pool.Get()
	}
	return j.out
}

func (j *TableJoin) flushIfFull() error {
	if j.out == nil || j.out.N < j.cfg.BatchRows {
		return nil
	}
	return j.flush()
}

func (j *TableJoin) flush() error {
	if j.out == nil {
		return nil
	}
	o := j.out
	j.out = nil
	return j.emit(o)
}
