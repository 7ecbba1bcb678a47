package operators

import (
	"cmp"

	"tidemark/operators/data"
)

// waitingRow is a row that is emitted without a match unless it finds one.
type waitingRow struct {
	time, seq int64
	row       uint32
}

// waitingRows is a heap of them: the earliest time first, of equal ones the first
// to arrive.
type waitingRows []waitingRow

func (w waitingRow) before(v waitingRow) bool {
	if c := cmp.Compare(w.time, v.time); c != 0 {
		return c < 0
	}
	return w.seq < v.seq
}

func (h *waitingRows) push(w waitingRow) {
	a := append(*h, w)
	i := len(a) - 1
	for i > 0 {
		up := (i - 1) / 2
		if !w.before(a[up]) {
			break
		}
		a[i] = a[up]
		i = up
	}
	a[i] = w
	*h = a
}

func (h *waitingRows) pop() waitingRow {
	a := *h
	top, last := a[0], a[len(a)-1]
	a = a[:len(a)-1]
	i := 0
	for {
		down := 2*i + 1
		if down+1 < len(a) && a[down+1].before(a[down]) {
			down++
		}
		if down >= len(a) || !a[down].before(last) {
			break
		}
		a[i] = a[down]
		i = down
	}
	if len(a) > 0 {
		a[i] = last
	}
	*h = a
	return top
}

// release emits the rows that can find no partner any more and have had none, made
// by the input position at.
func (j *IntervalJoin) release(at int64) error {
	for {
		s := j.nextToRelease()
		if s < 0 {
			return nil
		}
		if err := j.settle(); err != nil { // it may have had one just now
			if flushed := j.flush(); flushed != nil {
				return flushed
			}
			return err
		}
		side := &j.sides[s]
		w := side.waiting.pop()
		if side.store.isMatched(w.row) {
			continue
		}
		j.miss(s, w, at)
		if err := j.flushIfFull(); err != nil {
			return err
		}
	}
}

// nextToRelease returns the side whose earliest waiting row is the first to go, -1
// when none goes yet.
func (j *IntervalJoin) nextToRelease() int {
	best := -1
	for s := range j.sides {
		side := &j.sides[s]
		if len(side.waiting) == 0 || !j.over(side, side.waiting[0].time) {
			continue
		}
		if best < 0 || side.waiting[0].before(j.sides[best].waiting[0]) {
			best = s
		}
	}
	return best
}

// miss adds a row without a partner to the output.
func (j *IntervalJoin) miss(s int, w waitingRow, at int64) {
	p := &j.pairs
	if j.cfg.Ordered {
		for len(p.times) < len(p.at) {
			p.times, p.seqs = append(p.times, 0), append(p.seqs, 0)
		}
		p.times, p.seqs = append(p.times, w.time), append(p.seqs, w.seq)
	}
	if s == 0 {
		p.add(w.row, noRow, at)
	} else {
		p.add(noRow, w.row, at)
	}
	p.settled = len(p.at)
}

// mark notes that a row has had a match, and reports whether it is the first.
func (s *rowStore) mark(row uint32) bool {
	seg, i := s.at(row)
	first := !seg.matched[i]
	seg.matched[i] = true
	return first
}

func (s *rowStore) isMatched(row uint32) bool {
	seg, i := s.at(row)
	return seg.matched[i]
}

// sweep drops the segments whose rows can find no partner any more. There must be
// no pairs in hand.
func (j *IntervalJoin) sweep(side *joinSide) {
	dead := j.deadBelow(side)
	if dead == side.swept {
		return
	}
	side.swept = dead
	store := &side.store
	last := len(store.segments) - 1 // is still being filled
	for i := 0; i <= last && i < len(store.segments); i++ {
		seg := store.segments[i]
		switch {
		case seg == nil:
			continue
		case seg.latest < dead || j.wm == data.MaxTime:
			for _, id := range seg.keys {
				if id >= 0 {
					side.lists.dropBefore(id, dead)
				}
			}
			if i == last {
				store.next = (store.next + segmentRows - 1) &^ (segmentRows - 1)
			}
			store.segments[i], store.spare = nil, store.keep(seg)
		case seg.most < dead && i < last:
			j.evacuate(side, i, dead)
		}
	}
	store.trim()
}

// evacuate moves the rows of segment i that are still of use to the newest.
func (j *IntervalJoin) evacuate(side *joinSide, i int, dead int64) {
	store := &side.store
	number := (store.first + uint32(i)) & segmentMask
	seg := store.segments[i]
	var rows []uint32
	var times []int64
	var entries []*uint32 // of rows in the lists
	seen := map[int32]bool{}
	for _, id := range seg.keys {
		if id < 0 || seen[id] {
			continue
		}
		seen[id] = true
		side.lists.dropBefore(id, dead)
		at, list := side.lists.of(id)
		for k, row := range list {
			if row>>segmentLog == number {
				rows, times, entries = append(rows, row), append(times, at[k]), append(entries, &list[k])
			}
		}
	}
	for place, t := range seg.alone {
		if t >= dead {
			rows, times = append(rows, number<<segmentLog|place), append(times, t)
		}
	}
	for k, row := range store.move(i, rows, times) {
		if k < len(entries) {
			*entries[k] = row
		}
	}
}

// compact gives the keys that have rows new ids, when most have none, so that keys
// which have gone quiet leave nothing behind.
func (j *IntervalJoin) compact() {
	n := j.keys.table.Len()
	empty := min(j.sides[0].lists.empty, j.sides[1].lists.empty)
	if n <= 1024 || empty < n*3/4 {
		return
	}
	live := 0
	for id := range n {
		if j.isLive(int32(id)) {
			live++
		}
	}
	if live > n/2 {
		return
	}
	to, live := j.keys.compact(j.isLive)
	for s := range j.sides {
		side := &j.sides[s]
		side.lists.renumber(to, live)
		for _, seg := range side.store.segments {
			if seg == nil {
				continue
			}
			for i, id := range seg.keys {
				if id >= 0 {
					seg.keys[i] = to[id]
				}
			}
		}
	}
}

// isLive reports whether a key has rows that may still find a partner.
func (j *IntervalJoin) isLive(id int32) bool {
	return j.sides[0].lists.lists[id].n > 0 || j.sides[1].lists.lists[id].n > 0
}
