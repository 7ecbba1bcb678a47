package operators

import "tidemark/operators/data"

// tidy forgets the right rows of no use and the keys without rows, and closes the
// gaps, each when that is worth its cost or in any case.
func (j *AsofJoin) tidy(always bool) {
	if always || j.right.n-j.right.dead > j.sweep {
		for id := range j.keys.table.Len() {
			j.prune(int32(id))
		}
		j.sweep = max(1024, 2*(j.right.n-j.right.dead))
	}
	if always && j.right.dead > 0 || j.right.full() {
		to := j.right.compact()
		for id := range j.lists.lists {
			_, rows := j.lists.of(int32(id))
			for i, row := range rows {
				rows[i] = uint32(to[row])
			}
		}
	}
	j.left.tidy(always)
	if !j.keys.crowded() {
		return
	}
	waits := make([]bool, j.keys.table.Len())
	parts := make([]int32, len(waits)+1)
	for _, row := range j.left.line.all() {
		if row.part > 0 {
			waits[row.part-1] = true
		}
	}
	to, n := j.keys.compact(func(id int32) bool { return waits[id] || j.lists.lists[id].n > 0 })
	j.lists.renumber(to, n)
	for id, fresh := range to {
		parts[id+1] = fresh + 1
	}
	j.left.renumber(parts)
}

// Snapshot writes the left rows that wait and the right rows that may match.
func (j *AsofJoin) Snapshot(e *data.Encoder) {
	j.tidy(true)
	e.Varint(j.wm)
	e.Varint(j.passed)
	j.keys.table.Snapshot(e)
	j.left.save(e)
	j.right.save(e)
	for id := range j.keys.table.Len() {
		var times []int64
		var rows []uint32
		if id < len(j.lists.lists) {
			times, rows = j.lists.of(int32(id))
		}
		e.Times(times)
		for _, row := range rows {
			e.Uvarint(uint64(row))
		}
	}
}

// Restore reads them.
func (j *AsofJoin) Restore(d *data.Decoder) error {
	j.wm, j.passed = d.Varint(), d.Varint()
	j.keys.table.Restore(d)
	n := j.keys.table.Len()
	j.left.load(d, n+1)
	j.right.load(d)
	j.lists.resize(n)
	for id := range n {
		for _, t := range d.Times(nil) {
			row := d.Uvarint()
			if row >= uint64(j.right.n) {
				d.Fail()
				return nil
			}
			j.lists.insert(int32(id), t, uint32(row))
		}
	}
	return nil
}

// Rows returns how many rows are kept.
func (j *AsofJoin) Rows() int64 {
	return int64(j.right.n - j.right.dead + len(j.left.line.all()))
}

// Bytes estimates the memory held.
func (j *AsofJoin) Bytes() int64 {
	return j.keys.bytes() + j.left.bytes() + j.right.bytes() + j.lists.bytes()
}
