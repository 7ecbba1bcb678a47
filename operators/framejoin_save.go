package operators

import "tidemark/operators/data"

// leastSweep is how many right rows are kept in any case before it is worth to look for
// those of no use.
const leastSweep = 1024

// tidy forgets the right rows that no frame reaches any more and the partitions without
// rows, and closes the gaps, each when that is worth its cost or in any case.
func (j *FrameJoin) tidy(always bool) {
	w := j.right
	if j.wm == data.MaxTime && w.table.Len() > 0 { // no left row is to come
		w.reset()
		j.counts, j.touched = j.counts[:0], j.touched[:0]
	}
	for _, part := range j.touched {
		j.trim(part)
	}
	j.touched = j.touched[:0]
	if held := w.store.held(); always || held > j.sweep {
		j.pass()
		held = w.store.held()
		j.sweep = max(leastSweep, 2*held, held+len(w.parts))
	}
	j.left.tidy(always)
	w.tidy(always)
	if n := len(w.parts); n > j.crowd || always {
		dead := 0
		for p := range n {
			if j.isDead(p) {
				dead++
			}
		}
		if dead > n/2 || always && dead > 0 {
			j.dropParts()
		}
		j.crowd = max(manyParts, 2*len(w.parts))
	}
}

func (j *FrameJoin) trim(part int32) {
	p := &j.right.parts[part]
	p.next = p.end() // no row has results
	j.right.trim(part)
}

// pass moves all frames to the first instant of which a left row may come, and drops
// what they do not reach then.
func (j *FrameJoin) pass() {
	w := j.right
	t := j.cfg.Lateness.PassedBefore(j.wm)
	if j.wm == data.MinTime {
		return
	}
	for _, f := range w.frames {
		f.begin()
		for part := range w.parts {
			if w.parts[part].ids.len() > 0 {
				w.lookAt(f, int32(part), t)
			}
		}
	}
	w.settle()
	for part := range w.parts {
		j.trim(int32(part))
	}
}

// isDead reports whether there is nothing to remember of a partition.
func (j *FrameJoin) isDead(p int) bool {
	part := &j.right.parts[p]
	return part.ids.len() == 0 && j.counts[p] == 0 && (!j.runs || part.base == 0)
}

// dropParts forgets the partitions that are dead.
func (j *FrameJoin) dropParts() {
	n := len(j.right.parts)
	alive := make([]bool, n)
	for p := range alive {
		alive[p] = !j.isDead(p)
	}
	j.left.renumber(j.right.keep(func(p int) bool { return alive[p] }))
	left := 0
	for p, is := range alive {
		if is { // numbers are given in order
			j.counts[left] = j.counts[p]
			left++
		}
	}
	j.counts = j.counts[:left]
}

// Snapshot writes the left rows that wait and the right rows that frames reach.
func (j *FrameJoin) Snapshot(e *data.Encoder) {
	j.tidy(true)
	e.Varint(j.wm)
	e.Varint(j.passed)
	j.right.save(e)
	j.left.save(e)
}

// Restore reads them.
func (j *FrameJoin) Restore(d *data.Decoder) error {
	j.wm, j.passed = d.Varint(), d.Varint()
	if err := j.right.load(d); err != nil {
		return err
	}
	j.left.load(d, len(j.right.parts))
	j.counts = make([]int32, len(j.right.parts))
	for _, row := range j.left.line.all() {
		if int(row.part) >= len(j.counts) {
			d.Fail()
			return nil
		}
		j.counts[row.part]++
	}
	return nil
}

// Bytes estimates the memory held.
func (j *FrameJoin) Bytes() int64 { return j.left.bytes() + j.right.bytes() + int64(4*cap(j.counts)) }
