package operators

import (
	"errors"

	"tidemark/operators/data"
	"tidemark/operators/expr"
)

// pairs are output rows by the rows they are made of, not yet emitted, and the
// moves of the watermark between them.
type pairs struct {
	left, right []uint32 // noRow where there is none
	at          []int64  // the positions that made them
	times, seqs []int64  // of rows without a match, for IntervalJoinConfig.Ordered
	moves       []pairMove
	settled     int // pairs that are known to match
	keep        []int32
}

// pairMove is a move of the watermark after so many pairs.
type pairMove struct {
	after    int
	time, at int64
}

func (p *pairs) add(left, right uint32, at int64) {
	p.left, p.right, p.at = append(p.left, left), append(p.right, right), append(p.at, at)
}

func (p *pairs) move(t, at int64) { p.moves = append(p.moves, pairMove{len(p.at), t, at}) }

func (p *pairs) reset() {
	p.left, p.right, p.at, p.times, p.seqs = p.left[:0], p.right[:0], p.at[:0], p.times[:0], p.seqs[:0]
	p.moves, p.settled = p.moves[:0], 0
}

// retain keeps of the pairs that are not settled those listed in keep, which
// counts from the first of them.
func (p *pairs) retain() {
	from := p.settled
	m := 0
	for m < len(p.moves) && p.moves[m].after <= from {
		m++
	}
	for k, i := range p.keep {
		for ; m < len(p.moves) && p.moves[m].after <= from+int(i); m++ {
			p.moves[m].after = from + k
		}
		p.left[from+k], p.right[from+k], p.at[from+k] = p.left[from+int(i)], p.right[from+int(i)], p.at[from+int(i)]
	}
	n := from + len(p.keep)
	for ; m < len(p.moves); m++ {
		p.moves[m].after = n
	}
	p.left, p.right, p.at, p.settled = p.left[:n], p.right[:n], p.at[:n], n
}

func (j *IntervalJoin) flushIfFull() error {
	if len(j.pairs.at) < j.cfg.BatchRows {
		return nil
	}
	return j.flush()
}

// flush emits the pairs.
func (j *IntervalJoin) flush() error {
	for s := range j.sides {
		j.sides[s].store.flush(j.sides[s].view)
	}
	failed := j.settle()
	p := &j.pairs
	if len(p.at) == 0 && len(p.moves) == 0 {
		return failed
	}
	o := j.pool.Get()
	j.gather(o, p.left, p.right)
	if j.cfg.Ordered {
		n := len(o.Cols)
		for i := range p.at {
			t, seq := int64(0), int64(0)
			if i < len(p.times) {
				t, seq = p.times[i], p.seqs[i]
			}
			o.Cols[n-2].AppendInt(t)
			o.Cols[n-1].AppendInt(seq)
		}
	}
	for _, at := range p.at {
		o.AddRows(1, data.Insert, at)
	}
	for _, m := range p.moves {
		o.AddTriggeredStep(m.after, m.time, m.at)
	}
	p.reset()
	if err := j.emit(o); err != nil {
		return err
	}
	return failed
}

// gather appends the columns of both rows of each pair.
func (j *IntervalJoin) gather(o *data.Batch, left, right []uint32) {
	for c := range j.cfg.Left {
		j.sides[0].store.append(o.Cols[c], c, left)
	}
	if j.cfg.Kind == JoinSemi || j.cfg.Kind == JoinAnti {
		return
	}
	for c := range j.cfg.Right {
		j.sides[1].store.append(o.Cols[len(j.cfg.Left)+c], c, right)
	}
}

// settle tries the further condition on the pairs that have been found since the
// last time, and notes which rows have had a match. When the condition fails on a
// pair, the pairs before it stay and the error is returned.
func (j *IntervalJoin) settle() error {
	p := &j.pairs
	if j.cond == nil || p.settled == len(p.at) {
		p.settled = len(p.at)
		return nil
	}
	for s := range j.sides {
		j.sides[s].store.flush(j.sides[s].view)
	}
	left, right := p.left[p.settled:], p.right[p.settled:]
	b := j.test.Get()
	defer b.Release()
	for c := range j.cfg.Left {
		j.sides[0].store.append(b.Cols[c], c, left)
	}
	for c := range j.cfg.Right {
		j.sides[1].store.append(b.Cols[len(j.cfg.Left)+c], c, right)
	}
	b.N = len(left)
	rows, err := j.cond.Select(b, nil, p.keep[:0])
	var failed *expr.RowError
	if errors.As(err, &failed) {
		all := make([]int32, failed.Row)
		for i := range all {
			all[i] = int32(i)
		}
		var earlier error
		if rows, earlier = j.cond.Select(b, all, p.keep[:0]); earlier != nil {
			return earlier
		}
		err = &RowError{Err: failed.Err, Marker: j.marker(p.at[p.settled+failed.Row])}
	} else if err != nil {
		return err
	}
	p.keep = rows
	j.choose(left, right)
	p.retain()
	return err
}

// choose notes the matches among the pairs that passed the condition, and of
// those leaves out what the kind does not emit.
func (j *IntervalJoin) choose(left, right []uint32) {
	p := &j.pairs
	kept := p.keep[:0]
	for _, i := range p.keep {
		fresh := true
		if j.sides[0].track {
			fresh = j.sides[0].store.mark(left[i])
		}
		if j.sides[1].track {
			j.sides[1].store.mark(right[i])
		}
		switch j.cfg.Kind {
		case JoinAnti:
			continue
		case JoinSemi:
			if !fresh {
				continue
			}
		}
		kept = append(kept, i)
	}
	p.keep = kept
}

// marker stands for the output row that could not be made at a position.
func (j *IntervalJoin) marker(at int64) *data.Batch {
	m := j.pool.Get()
	for _, v := range m.Cols {
		v.AppendNull()
	}
	m.AddRows(1, data.Insert, at)
	return m
}
