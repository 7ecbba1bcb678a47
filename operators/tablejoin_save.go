package operators

import (
	"sort"

	"tidemark/operators/data"
)

// tidy closes the gaps that rows and keys have left, when that is worth its cost.
func (j *TableJoin) tidy() {
	for s := range j.sides {
		side := &j.sides[s]
		if side.store.full() {
			side.compact()
		}
	}
	if !j.keys.crowded() {
		return
	}
	to, n := j.keys.compact(func(id int32) bool {
		return j.stage[id] != windowNone || j.sides[0].lists.lists[id].n > 0 || j.sides[1].lists.lists[id].n > 0
	})
	stage := make([]windowStage, n)
	for id, st := range j.stage {
		if to[id] >= 0 {
			stage[to[id]] = st
		}
	}
	j.stage = stage
	for _, line := range []*timeline[windowDue]{&j.closes, &j.goes} {
		for i, all := 0, line.all(); i < len(all); i++ {
			all[i].id = to[all[i].id]
		}
	}
	for s := range j.sides {
		side := &j.sides[s]
		side.lists.renumber(to, n)
		if side.ages != nil {
			side.ages.renumber(to)
		}
	}
}

// compact closes the gaps between a side's rows.
func (side *tableSide) compact() {
	kept := side.matches[:0]
	for row, n := range side.matches {
		if !side.store.gone[row] {
			kept = append(kept, n)
		}
	}
	side.matches = kept
	if side.ages != nil {
		side.ages.compact(side.store.gone)
	}
	to := side.store.compact()
	for id := range side.lists.lists {
		_, rows := side.lists.of(int32(id))
		for i, row := range rows {
			rows[i] = uint32(to[row])
		}
	}
}

// Snapshot writes the rows of both sides.
func (j *TableJoin) Snapshot(e *data.Encoder) {
	e.Varint(j.wm)
	e.Varint(j.passed)
	j.keys.table.Snapshot(e)
	for id := range j.keys.table.Len() {
		stage := windowNone
		if id < len(j.stage) {
			stage = j.stage[id]
		}
		e.Uvarint(uint64(stage))
	}
	for s := range j.sides {
		side := &j.sides[s]
		side.store.save(e)
		e.Int32s(side.matches)
		side.lists.resize(j.keys.table.Len())
		side.lists.save(e)
		if side.ages != nil {
			side.ages.save(e)
		}
	}
}

// Restore reads them.
func (j *TableJoin) Restore(d *data.Decoder) error {
	j.wm, j.passed = d.Varint(), d.Varint()
	j.keys.table.Restore(d)
	n := j.keys.table.Len()
	for id := range n {
		stage := windowStage(d.Uvarint())
		if stage > windowClosed || stage != windowNone && !j.cfg.Windowed {
			d.Fail()
			return nil
		}
		j.stage = append(j.stage, stage)
		switch stage {
		case windowOpen:
			j.closes.items = append(j.closes.items, j.windowOf(int32(id)))
		case windowClosed:
			j.goes.items = append(j.goes.items, j.windowOf(int32(id)))
		}
	}
	for _, line := range []*timeline[windowDue]{&j.closes, &j.goes} {
		sort.Slice(line.items, func(a, b int) bool { return line.items[a].compare(line.items[b]) < 0 })
	}
	for s := range j.sides {
		j.sides[s].load(d, n)
	}
	return nil
}

// load reads what was written of a side, of so many keys.
func (side *tableSide) load(d *data.Decoder, keys int) {
	side.store.load(d)
	side.matches = d.Int32s(side.matches)
	if side.track && len(side.matches) != side.store.n || !side.track && len(side.matches) > 0 {
		d.Fail()
	}
	listed, left := make([]bool, side.store.n), side.store.n-side.store.dead
	side.lists.load(d, keys, func(_ int32, row uint32) bool {
		if !side.store.has(uint64(row)) || listed[row] {
			return false
		}
		listed[row] = true
		left--
		return true
	})
	if left != 0 { // a row without a key would never go
		d.Fail()
	}
	if d.Damaged() {
		return
	}
	if side.ages != nil {
		side.ages.load(d, side.store.n, &side.lists)
	}
}

// Rows returns how many rows are kept.
func (j *TableJoin) Rows() int64 {
	return int64(j.sides[0].store.n - j.sides[0].store.dead + j.sides[1].store.n - j.sides[1].store.dead)
}

// Bytes estimates the memory held.
func (j *TableJoin) Bytes() int64 {
	n := j.keys.bytes() + int64(cap(j.stage)+24*(cap(j.closes.items)+cap(j.goes.items)))
	for s := range j.sides {
		side := &j.sides[s]
		n += side.store.bytes() + side.lists.bytes() + int64(4*cap(side.matches))
		if side.ages != nil {
			n += side.ages.bytes()
		}
	}
	return n
}
