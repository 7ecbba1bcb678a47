package dataflow

import (
	"slices"

	"tidemark/operators/data"
)

// gaps are rows of a batch that are not there. One stands between two moves of the
// watermark that have no row between them, so that each move has a place, and with it
// a sequence number, of its own. Were they made one, a batch that ends between them
// would show in the result: what each lets go would come in another order.
type gaps struct{ rows []int32 }

// add makes a row a gap; the rows come in ascending order.
func (g *gaps) add(row int) { g.rows = append(g.rows, int32(row)) }

// leaveOut takes the gaps out of the rows of o, which has no selection yet.
func (g *gaps) leaveOut(o *data.Batch) {
	if len(g.rows) == 0 {
		return
	}
	rows, k := o.SelBuf(o.N-len(g.rows)), 0
	for i := range int32(o.N) {
		if k < len(g.rows) && g.rows[k] == i {
			k++
			continue
		}
		rows = append(rows, i)
	}
	o.Sel = rows
	g.rows = g.rows[:0]
}

// gapBatch has the one row that is copied to where a gap is.
func gapBatch(schema data.Schema) *data.Batch {
	b := &data.Batch{N: 1}
	for _, f := range schema {
		b.Cols = append(b.Cols, data.NewZero(f.Type))
	}
	return b
}

// crowded reports whether two moves of the watermark stand at one row.
func crowded(steps []data.Step) bool {
	for k := 1; k < len(steps); k++ {
		if steps[k].Row == steps[k-1].Row {
			return true
		}
	}
	return false
}

// onePerPosition leaves of moves at one row that one position of the input has made
// the last: where several workers share its keys they are one, too.
func onePerPosition(steps []data.Step, triggers []int64) []data.Step {
	same := func(k int) bool {
		return k+1 < len(steps) && len(triggers) == len(steps) && steps[k].Row == steps[k+1].Row && triggers[k] == triggers[k+1]
	}
	for k := range steps {
		if !same(k) {
			continue
		}
		kept := slices.Clone(steps[:k]) // not in place: others may read the same steps
		for ; k < len(steps); k++ {
			if !same(k) {
				kept = append(kept, steps[k])
			}
		}
		return kept
	}
	return steps
}

// spread copies b to o, fresh from a pool, with gaps between moves that stand at one
// row; gap is what gapBatch returns. b is released with o.
func spread(o, b, gap *data.Batch) {
	var picks []pick
	var g gaps
	var steps []data.Step
	var rows []int32 // of b, -1 for gaps
	selected, row := 0, 0
	copyTo := func(end int) {
		for ; row < end; row++ {
			if selected == b.Rows() || b.Row(selected) != row {
				g.add(len(picks))
			} else {
				selected++
			}
			picks, rows = append(picks, pick{0, int32(row)}), append(rows, int32(row))
		}
	}
	for k, s := range b.Steps {
		copyTo(s.Row)
		if k > 0 && s.Row == b.Steps[k-1].Row {
			g.add(len(picks))
			picks, rows = append(picks, pick{1, 0}), append(rows, -1)
		}
		steps = append(steps, data.Step{Row: len(picks), Time: s.Time})
	}
	copyTo(b.N)
	gatherPicks(o, []*data.Batch{b, gap}, picks)
	n, changes := o.N, o.Changes
	o.Derive(b)
	o.N, o.Changes, o.Sel, o.Steps, o.Hashes, o.Trigger = n, changes, nil, steps, nil, nil
	if b.Origin != nil {
		o.Origin = spreadOrigin{b.Origin, rows}
	}
	g.leaveOut(o)
}

// spreadOrigin tells where the rows of a batch come from that has gaps.
type spreadOrigin struct {
	of   data.Origin
	rows []int32
}

// Where describes row i.
func (s spreadOrigin) Where(i int) string {
	if s.rows[i] < 0 {
		return ""
	}
	return s.of.Where(int(s.rows[i]))
}
