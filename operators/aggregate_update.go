package operators

import (
	"math"

	"tidemark/operators/data"
)

// addSigned adds rows of an updating input to the groups ids, or takes them back.
func (a *Aggregate) addSigned(p *pane, b *data.Batch, ids, rows []int32) {
	for len(p.counts) < p.table.Len() {
		p.counts = append(p.counts, 0)
		p.empty++
	}
	s := &a.signed
	s.split(b, ids, rows)
	for _, g := range s.addTo {
		if p.counts[g]++; p.counts[g] == 1 {
			p.empty--
		}
	}
	for _, g := range s.takeTo {
		if p.counts[g]--; p.counts[g] == 0 {
			p.empty++
		}
	}
	for i := range a.cfg.Calls {
		p.aggs[i].Resize(p.table.Len())
		s.apply(&a.cfg.Calls[i], p.aggs[i], &a.args, b, ids, rows)
	}
}

// corrections adds rows of an updating input, or takes them back, and emits how
// that changes their groups. A row and its new version in one group are one change.
func (a *Aggregate) corrections(p *pane, b *data.Batch, hashes []uint64, rows []int32) error {
	for len(rows) > 0 {
		n := 1
		if len(rows) > 1 && rows[1] == rows[0]+1 && b.Change(int(rows[0])) == data.UpdateBefore &&
			b.Change(int(rows[1])) == data.UpdateAfter && sameKeys(a.keys, int(rows[0]), int(rows[1])) {
			n = 2
		}
		if err := a.correct(p, b, hashes, rows[:n]); err != nil {
			return err
		}
		rows = rows[n:]
	}
	if p.empty > 1024 && p.empty > p.table.Len()/2 {
		a.compact(p)
	}
	return nil
}

// correct applies rows, which are of one group, and emits how it changes.
func (a *Aggregate) correct(p *pane, b *data.Batch, hashes []uint64, rows []int32) error {
	last := rows[len(rows)-1]
	at := 2 * (b.Seq + int64(last))
	ids := [1]int32{}
	p.table.FindOrAdd(a.keys, hashes, rows[:1], ids[:])
	g := ids[0]
	had := a.present(p, g)
	if had {
		if err := a.read(p, g, a.before, data.UpdateBefore, at); err != nil {
			return err
		}
	}
	a.add(p, b, hashes, rows)
	has := a.present(p, g) || a.alwaysThere()
	if has {
		c := data.UpdateAfter
		if !had {
			c = data.Insert
		}
		if err := a.read(p, g, a.after, c, at); err != nil {
			if row, ok := err.(*RowError); ok {
				row.Where = b.Where(int(last))
			}
			return err
		}
	}
	p.shown = has
	if had && has && sameRow(a.before, a.after) || !had && !has {
		return nil
	}
	if err := a.out.room(2); err != nil { // two stay in one batch
		return err
	}
	switch {
	case !had:
		a.put(p, g, a.after, data.Insert, at)
	case !has:
		a.put(p, g, a.before, data.Delete, at)
	default:
		a.put(p, g, a.before, data.UpdateBefore, at)
		a.put(p, g, a.after, data.UpdateAfter, at)
	}
	return nil
}

// alwaysThere reports whether there is one group, which has a row even when no
// rows are left in it.
func (a *Aggregate) alwaysThere() bool { return a.cfg.Window == nil && len(a.cfg.Keys) == 0 }

// present reports whether group g is in the result.
func (a *Aggregate) present(p *pane, g int32) bool {
	if a.alwaysThere() {
		return p.shown
	}
	return int(g) < len(p.counts) && p.counts[g] > 0
}

// read reads the results of group g into to.
func (a *Aggregate) read(p *pane, g int32, to []data.Vector, c data.Change, at int64) error {
	ids := [1]int32{g}
	for i, s := range p.aggs {
		to[i].Reset(a.cfg.Calls[i].Func.Result)
		if _, err := s.Append(&to[i], ids[:]); err != nil {
			if flushed := a.out.flush(); flushed != nil {
				return flushed
			}
			return a.groupError(p, g, i, c, at, err)
		}
	}
	return nil
}

// put emits a row of group g with the given results. There must be room for it.
func (a *Aggregate) put(p *pane, g int32, results []data.Vector, c data.Change, at int64) {
	ids := [1]int32{g}
	a.appendGroups(p, ids[:])
	o := a.out.batch()
	first := len(o.Cols) - len(results)
	for i := range results {
		o.Cols[first+i].AppendFrom(&results[i], 0)
	}
	o.AddRows(1, c, at)
}

// sameRow reports whether the first rows of two lists of vectors are the same to
// the bit, which is more than being equal.
func sameRow(a, b []data.Vector) bool {
	for i := range a {
		if !sameValue(&a[i], 0, &b[i], 0) {
			return false
		}
	}
	return true
}

// sameValues is sameRow for row i of columns a and row j of columns b.
func sameValues(a []*data.Vector, i int, b []*data.Vector, j int) bool {
	for k := range a {
		if !sameValue(a[k], i, b[k], j) {
			return false
		}
	}
	return true
}

func sameValue(x *data.Vector, i int, y *data.Vector, j int) bool {
	if x.IsNull(i) || y.IsNull(j) {
		return x.IsNull(i) == y.IsNull(j)
	}
	i, j = x.Index(i), y.Index(j)
	switch x.Type.Class() {
	case data.ClassInt:
		return x.Ints[i] == y.Ints[j]
	case data.ClassFloat:
		return math.Float64bits(x.Floats[i]) == math.Float64bits(y.Floats[j])
	case data.ClassBool:
		return x.Bools[i] == y.Bools[j]
	case data.ClassWide:
		return x.Wides[i] == y.Wides[j]
	}
	return string(x.Text(i)) == string(y.Text(j))
}

// compact forgets the groups that have no rows, so that groups which come and go do
// not pile up.
func (a *Aggregate) compact(p *pane) {
	to := dropKeys(p.table, func(g int) bool { return p.counts[g] > 0 })
	counts := p.counts[:0]
	for g, id := range to {
		if id < 0 {
			to[g] = 0 // it has nothing to add to group 0
			continue
		}
		counts = append(counts, p.counts[g])
	}
	for i, c := range a.cfg.Calls {
		s := c.Func.New()
		s.Resize(max(1, len(counts)))
		s.Merge(to, p.aggs[i])
		p.aggs[i] = s
	}
	p.counts, p.empty = counts, 0
}
