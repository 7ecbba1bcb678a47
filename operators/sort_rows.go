package operators

import (
	"errors"
	"math"
	"slices"

	"tidemark/operators/data"
	"tidemark/operators/state"
)

// appended keeps all rows, in order of arrival.
type appended struct {
	cols []*data.Vector
	n    int
	all  counting
}

// counting is 0, 1, 2, …, as far as it was needed.
type counting []int32

// of returns the rows of b that are selected.
func (c *counting) of(b *data.Batch) []int32 {
	if b.Sel != nil {
		return b.Sel
	}
	return c.first(b.N)
}

// first returns the numbers below n.
func (c *counting) first(n int) []int32 {
	for i := len(*c); i < n; i++ {
		*c = append(*c, int32(i))
	}
	return (*c)[:n]
}

func newAppended(schema data.Schema) *appended {
	a := &appended{cols: make([]*data.Vector, len(schema))}
	for i, c := range schema {
		a.cols[i] = &data.Vector{}
		a.cols[i].Reset(c.Type)
	}
	return a
}

func (a *appended) add(b *data.Batch) error { return a.take(b, a.all.of(b)) }

// take appends rows of b.
func (a *appended) take(b *data.Batch, rows []int32) error {
	if a.n > math.MaxInt32-len(rows) {
		return errTooLarge
	}
	for c, v := range a.cols {
		if !fits(v, b.Cols[c], len(rows)) {
			return errTooLarge
		}
	}
	for c, v := range a.cols {
		Gather(v, b.Cols[c], rows)
	}
	a.n += len(rows)
	return nil
}

// errTooLarge says that a column or the number of rows is beyond what the
// positions in them can count.
var errTooLarge = errors.New("the result is too large to be sorted in memory: more than 2 billion rows or 4 GB in one column; LIMIT it, or write it out unsorted")

// fits reports whether n values of from surely find room in v.
func fits(v, from *data.Vector, n int) bool {
	if v.Type.Class() != data.ClassBytes {
		return true
	}
	size := int64(len(from.Bytes))
	if from.Const {
		size *= int64(n)
	}
	return int64(len(v.Bytes))+size <= math.MaxUint32
}

func (a *appended) list(to []int32) []int32 {
	for i := range a.n {
		to = append(to, int32(i))
	}
	return to
}

func (a *appended) columns() []*data.Vector { return a.cols }

func (a *appended) save(e *data.Encoder) {
	e.Uvarint(uint64(a.n))
	for _, v := range a.cols {
		e.Vector(v)
	}
}

func (a *appended) load(d *data.Decoder) {
	a.n = int(d.Uvarint())
	for _, v := range a.cols {
		d.Vector(v, v.Type)
		if v.Len() != a.n || v.Const {
			d.Fail()
		}
	}
}

// topRows keeps the rows that may be among the first by keys: at least keep of
// them, in order of arrival, and at most a few times as many.
type topRows struct {
	*appended
	keys    []state.SortKey
	keep    int
	cut     bool
	last    int32 // of the rows kept at the last cut, the one that comes last
	best    []int32
	spare   []*data.Vector
	scratch state.OrderScratch
}

func newTopRows(cfg SortConfig) *topRows {
	return &topRows{appended: newAppended(cfg.Out), spare: newAppended(cfg.Out).cols, keys: cfg.Keys, keep: int(cfg.Limit + cfg.Offset)}
}

// slack is how many rows more than needed are kept at least before they are cut.
const slack = 1024

func (t *topRows) add(b *data.Batch) error {
	rows := t.all.of(b)
	if t.keep == 0 {
		return nil
	}
	if t.cut { // most rows come after the last of the best, and need not be copied
		t.best = t.best[:0]
		for _, r := range rows {
			if state.CompareRows(b.Cols, int(r), t.cols, int(t.last), t.keys) < 0 {
				t.best = append(t.best, r)
			}
		}
		rows = t.best
	}
	if err := t.take(b, rows); err != nil {
		return err
	}
	if t.n > 2*t.keep+slack {
		t.prune()
	}
	return nil
}

// prune drops all rows but the first by keys.
func (t *topRows) prune() {
	rows := t.list(t.best[:0])
	t.best = rows
	state.SortRows(t.cols, t.keys, rows, &t.scratch)
	rows = rows[:t.keep]
	last := rows[t.keep-1]
	slices.Sort(rows)
	for i, r := range rows {
		if r == last {
			t.last = int32(i)
		}
	}
	for c, v := range t.spare {
		v.Reset(v.Type)
		Gather(v, t.cols[c], rows)
	}
	t.cols, t.spare = t.spare, t.cols
	t.n, t.cut = len(rows), true
}

func (t *topRows) save(e *data.Encoder) {
	e.Flag(t.cut)
	e.Uvarint(uint64(t.last))
	t.appended.save(e)
}

func (t *topRows) load(d *data.Decoder) {
	t.cut = d.Flag()
	last := d.Uvarint()
	t.appended.load(d)
	if t.last = int32(last); t.cut && last >= uint64(t.n) {
		d.Fail()
	}
}
