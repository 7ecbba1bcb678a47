package operators

import (
	"errors"

	"tidemark/operators/data"
	"tidemark/operators/expr"
)

// change applies row r of side s to its key: it is stored as the given row, or one
// like it is taken back. What that changes in the output is noted in gone, come, lost
// and won.
func (j *TableJoin) change(s int, r, id, row int32, at int64) error {
	side := &j.sides[s]
	me := side.partner(row, j.in.Seq+int64(r))
	back := takes(j.in.Change(int(r)))
	switch {
	case j.cfg.Loaded && s == 0:
		side.store.drop(row) // when it has been emitted
	case back:
		i := j.findLast(side, id, int(r))
		if i < 0 {
			return nil // it has been forgotten
		}
		me = side.at(id, i)
		side.store.drop(me.row)
		side.lists.remove(id, i)
	default:
		side.lists.insert(id, me.arrival, uint32(row))
		if j.cfg.TTL > 0 {
			side.ages.add(row, id, j.wm)
		}
	}
	if j.cfg.Windowed && j.stage[id] == windowOpen {
		return nil // all of it is looked at when it closes
	}
	partners, err := j.match(s, id, me, at)
	if err != nil {
		return err
	}
	j.noteMatches(s, me, partners, back)
	return nil
}

// findLast returns the place of the last row of a key that is like row r of the
// batch, -1 where there is none.
func (j *TableJoin) findLast(side *tableSide, id int32, r int) int {
	_, rows := side.lists.of(id)
	for i := len(rows) - 1; i >= 0; i-- {
		if sameValues(side.view, r, side.store.cols, int(rows[i])) {
			return i
		}
	}
	return -1
}

// noteMatches notes what the coming or going of a row, which has the given partners,
// changes in the output.
func (j *TableJoin) noteMatches(s int, me partner, partners []partner, back bool) {
	side, other := &j.sides[s], &j.sides[1-s]
	list, flips, by := &j.come, &j.won, int32(1)
	if back {
		list, flips, by = &j.gone, &j.lost, -1
	}
	for _, p := range partners {
		if !j.one {
			*list = append(*list, j.pair(s, me, p))
		}
		if other.track {
			other.matches[p.row] += by
			if n := other.matches[p.row]; n == 0 || n == 1 && by > 0 {
				*flips = append(*flips, p)
			}
		}
	}
	matched := len(partners) > 0
	if side.track {
		if !back {
			side.matches[me.row] = int32(len(partners))
		} else {
			matched = side.matches[me.row] > 0 // it may have outlived its partners
		}
	}
	if j.one && s == 0 && matched == (j.cfg.Kind == JoinSemi) || !j.one && side.misses && !matched {
		*list = append(*list, j.pair(s, me, nobody))
	}
}

func (j *TableJoin) pair(s int, me, other partner) joinedPair {
	if s == 0 {
		return joinedPair{me, other}
	}
	return joinedPair{other, me}
}

// match returns the partners of a row, in order of their arrival; they are good until
// the next call.
func (j *TableJoin) match(s int, id int32, me partner, at int64) ([]partner, error) {
	j.partners = j.partners[:0]
	if j.keys.isNull(id) {
		return nil, nil
	}
	j.partners = j.sides[1-s].of(j.partners, id)
	if j.cond == nil || len(j.partners) == 0 {
		return j.partners, nil
	}
	b := j.test.Get()
	defer b.Release()
	n := len(j.cfg.Left)
	for _, p := range j.partners {
		pair := j.pair(s, me, p)
		for c := range j.cfg.Left {
			b.Cols[c].AppendFrom(j.sides[0].store.cols[c], int(pair.left.row))
		}
		for c := range j.cfg.Right {
			b.Cols[n+c].AppendFrom(j.sides[1].store.cols[c], int(pair.right.row))
		}
	}
	b.N = len(j.partners)
	var err error
	if j.keep, err = j.cond.Select(b, nil, j.keep[:0]); err != nil {
		var failed *expr.RowError
		if errors.As(err, &failed) {
			return nil, &RowError{Err: failed.Err, Marker: j.marker(at)}
		}
		return nil, err
	}
	kept := j.partners[:0]
	for _, i := range j.keep {
		kept = append(kept, j.partners[i])
	}
	return kept, nil
}

// marker stands for the output row that could not be made at a position.
func (j *TableJoin) marker(at int64) *data.Batch {
	m := j.pool.Get()
	for _, v := range m.Cols {
		v.AppendNull()
	}
	m.AddRows(1, data.Insert, at)
	return m
}
