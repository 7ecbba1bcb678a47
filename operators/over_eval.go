package operators

import (
	"tidemark/operators/agg"
	"tidemark/operators/data"
)

// overRow is a row that is looked at.
type overRow struct {
	part int32
	id   int32 // in the store
	pos  int64
}

// overError says that a call has no result for a row.
type overError struct {
	row  int // index into the rows that were looked at
	call int
	err  error
}

// evaluate appends the results of the calls for rows to out, one column for each.
// Rows of one partition come in order. Where a result does not fit its type it is
// NULL, and one of the errors says so.
func (w *overRows) evaluate(rows []overRow, out []*data.Vector) (failed []overError) {
	if w.dense >= 0 {
		w.rankDense(rows)
	}
	for _, f := range w.frames {
		f.begin()
		for _, r := range rows {
			w.look(f, r.part, r.pos)
		}
	}
	return w.compute(rows, out)
}

// evaluateAt is evaluate for instants of partitions, instead of rows: those of one
// partition come in order. All calls look at frames that go by the time.
func (w *overRows) evaluateAt(parts []overRow, times []int64, out []*data.Vector) (failed []overError) {
	for _, f := range w.frames {
		f.begin()
		for k, r := range parts {
			w.lookAt(f, r.part, times[k])
		}
	}
	return w.compute(parts, out)
}

// begin forgets what has been looked at.
func (f *overFrame) begin() {
	f.moves.Reset()
	f.from, f.to = f.from[:0], f.to[:0]
}

// compute appends the results of the calls for rows whose frames have been looked at.
func (w *overRows) compute(rows []overRow, out []*data.Vector) (failed []overError) {
	for i, c := range w.calls {
		switch c.Func {
		case OverAggregate:
			failed = w.aggregate(i, c, out[i], failed)
		case OverRowNumber:
			for _, r := range rows {
				out[i].AppendInt(r.pos + 1)
			}
		case OverRank:
			for _, from := range c.frame.from {
				out[i].AppendInt(from + 1)
			}
		case OverDenseRank:
			for _, r := range rows {
				out[i].AppendInt(w.store.cols[w.dense].Ints[r.id])
			}
		case OverPercentRank:
			for k, r := range rows {
				others := w.parts[r.part].end() - 1
				out[i].AppendFloat(float64(c.frame.from[k]) / float64(max(1, others)))
			}
		case OverCumeDist:
			for k, r := range rows {
				out[i].AppendFloat(float64(c.frame.to[k]) / float64(w.parts[r.part].end()))
			}
		case OverNtile:
			for _, r := range rows {
				out[i].AppendInt(tile(r.pos, w.parts[r.part].end(), c.N))
			}
		case OverLag, OverLead:
			w.offset(c, rows, out[i])
		default:
			w.value(c, rows, out[i])
		}
	}
	return failed
}

// aggregate appends the results of call i.
func (w *overRows) aggregate(i int, c *overEval, out *data.Vector, failed []overError) []overError {
	m := &c.frame.moves
	if c.filter >= 0 {
		c.only.Only(w.store.cols[c.filter], m)
		m = &c.only
	}
	for from := 0; ; {
		bad, err := agg.Slide(c.state, m, from, w.arguments(c), out)
		if err == nil {
			return failed
		}
		out.AppendNull()
		failed = append(failed, overError{bad, i, err})
		from = bad + 1
	}
}

// arguments returns the columns that an aggregate is computed over.
func (w *overRows) arguments(c *overEval) agg.Rows {
	c.args = c.args[:0]
	for _, col := range c.cols {
		c.args = append(c.args, w.store.cols[col])
	}
	in := agg.Rows{Cols: c.args}
	if w.arrival >= 0 {
		in.Arrivals = w.store.cols[w.arrival].Ints
	}
	return in
}

// byArrival reports whether what c comes to depends on the order in which rows came.
func (c *overEval) byArrival() bool { return c.state != nil && agg.ByArrival(c.state) }

// rankDense numbers the different rows of the partitions.
func (w *overRows) rankDense(rows []overRow) {
	dense := w.store.cols[w.dense].Ints
	for _, r := range rows {
		p := &w.parts[r.part]
		if r.pos == 0 {
			dense[r.id] = 1
			continue
		}
		before := p.row(r.pos - 1)
		dense[r.id] = dense[before]
		if w.comparePeers(before, r.id) != 0 {
			dense[r.id]++
		}
	}
}

// tile returns in which of n parts, which differ by one row at most, the longer
// ones first, the row at pos of rows falls, counted from 1.
func tile(pos, rows, n int64) int64 {
	size, longer := rows/n, rows%n
	if pos < longer*(size+1) {
		return pos/(size+1) + 1
	}
	return longer + (pos-longer*(size+1))/size + 1
}

// offset appends the results of LAG and LEAD.
func (w *overRows) offset(c *overEval, rows []overRow, out *data.Vector) {
	n := c.N
	if c.Func == OverLag {
		n = -n
	}
	c.picks = c.picks[:0]
	for _, r := range rows {
		pick := int32(-1)
		switch p := &w.parts[r.part]; {
		case c.list == nil:
			if p.has(r.pos + n) {
				pick = p.row(r.pos + n)
			}
		case n == 0:
			if i := c.list.find(r.part, r.pos); i < c.list.find(r.part, r.pos+1) {
				pick = c.list.parts[r.part].at(i).id
			}
		default:
			i := int64(c.list.find(r.part, r.pos)) + n // of LAG
			if n > 0 {
				i = int64(c.list.find(r.part, r.pos+1)) + n - 1
			}
			if list := c.list.parts[r.part].all(); i >= 0 && i < int64(len(list)) {
				pick = list[i].id
			}
		}
		c.picks = append(c.picks, pick)
	}
	from := w.store.cols[c.cols[0]]
	if c.list != nil {
		from = c.list.store.cols[0]
	}
	for k, pick := range c.picks {
		switch {
		case pick >= 0:
			out.AppendFrom(from, int(pick))
		case c.def >= 0:
			out.AppendFrom(w.store.cols[c.def], int(rows[k].id))
		default:
			out.AppendNull()
		}
	}
}

// value appends the results of FIRST_VALUE, LAST_VALUE and NTH_VALUE.
func (w *overRows) value(c *overEval, rows []overRow, out *data.Vector) {
	n := int64(0)
	if c.Func == OverNth {
		n = c.N - 1
	}
	for k, r := range rows {
		from, to := c.frame.from[k], c.frame.to[k]
		if c.list == nil {
			pos := from + n
			if c.Func == OverLast {
				pos = to - 1
			}
			if pos < from || pos >= to {
				out.AppendNull()
				continue
			}
			out.AppendFrom(w.store.cols[c.cols[0]], int(w.parts[r.part].row(pos)))
			continue
		}
		list := c.list.parts[r.part].all()
		i := int64(c.list.find(r.part, from)) + n
		if c.Func == OverLast {
			i = int64(c.list.find(r.part, to)) - 1
		}
		if i < 0 || i >= int64(len(list)) || list[i].pos < from || list[i].pos >= to {
			out.AppendNull()
			continue
		}
		out.AppendFrom(c.list.store.cols[0], int(list[i].id))
	}
}
