package operators

import "tidemark/operators/data"

// tidy forgets the right rows of no use and the keys without rows, and closes the
// gaps, each when that is worth its cost.
func (j *AsofJoin) tidy() {
	if j.right.n-j.right.dead > j.sweep || j.wm == data.MaxTime {
		for id := range j.keys.table.Len() {
			j.prune(int32(id))
		}
		j.sweep = max(1024, 2*(j.right.n-j.right.dead))
	}
	if j.right.full() {
		to := j.right.compact()
		for id := range j.lists.lists {
			_, rows := j.lists.of(int32(id))
			for i, row := range rows {
				rows[i] = uint32(to[row])
			}
		}
	}
	j.left.tidy(false)
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
	e.Varint(j.wm)
	e.Varint(j.passed)
	j.keys.table.Snapshot(e)
	j.left.save(e)
	j.right.save(e)
	j.lists.resize(j.keys.table.Len())
	j.lists.save(e)
}

// Restore reads them.
func (j *AsofJoin) Restore(d *data.Decoder) error {
	j.wm, j.passed = d.Varint(), d.Varint()
	j.keys.table.Restore(d)
	n := j.keys.table.Len()
	j.left.load(d, n+1)
	j.right.load(d)
	j.lists.load(d, n, func(_ int32, row uint32) bool { return j.right.has(uint64(row)) })
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
