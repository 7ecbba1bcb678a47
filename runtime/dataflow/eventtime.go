package dataflow

import (
	"slices"

	"tidemark/operators"
	"tidemark/operators/data"
	"tidemark/operators/watermark"
)

// EventTime computes the event time of rows. A worker has its own.
type EventTime interface {
	// Times writes the event time of the physical rows listed, or of all b.N when
	// rows is nil, to dst, a vector of b. When a row has none because its
	// computation fails, it returns the row and the reason, and dst is unspecified;
	// else the row is -1.
	Times(b *data.Batch, rows []int32, dst *data.Vector) (row int, err error)
}

// Marks tells which rows may move the watermark. A worker has its own.
type Marks interface {
	// Select appends to out those of the physical rows listed, or of all b.N when
	// rows is nil, that are marked. When that cannot be told of a row, it returns the
	// row and the reason, and the list is unspecified; else the row is -1.
	Select(b *data.Batch, rows, out []int32) (marked []int32, row int, err error)
}

// timing finds the event times of a worker's rows, and which of them count for the
// watermark.
type timing struct {
	s     *sourceRun
	event EventTime
	marks Marks
	one   data.Vector
	bad   []badRow
	seen  []int32 // memory for the lists of rows that count, of one piece
}

// badRow is a row that has no event time, or no answer to whether it is marked.
type badRow struct {
	row    int
	reason string
}

func (s *sourceRun) newTiming() *timing {
	t := &timing{s: s, seen: make([]int32, 0, 64)} // never nil, which means all rows
	if s.Event != nil {
		t.event = s.Event()
	}
	if s.Marks != nil {
		t.marks = s.Marks()
	}
	return t
}

// find finds the times of a decoded batch of the piece. A row that it must have and
// does not is a bad record: it ends the piece, and find returns true, or under
// SkipBad it is taken out of the selection.
func (t *timing) find(b *data.Batch, o *origin, p *piece) (stop bool) {
	if t.s.Time < 0 {
		return false
	}
	times := b.Cols[t.s.Time]
	t.bad = t.bad[:0]
	if t.event != nil {
		t.compute(b, times)
	}
	r := watermark.Rows{Batch: b, Times: times.Ints[:b.N]}
	if b.Changes != nil {
		t.pairs(b)
	}
	if len(t.bad) > 0 || b.Changes != nil {
		r.Seen = t.good(b, len(t.seen))
	}
	if t.marks != nil {
		p.good = append(p.good, r.Seen)
		t.mark(b, &r)
	}
	if len(t.bad) > 0 {
		stop = t.drop(b, o, p, &r)
	}
	if drift := t.s.Watermark.Drift; drift > 0 && t.s.live {
		var ahead int64
		ahead, t.seen = r.Limit(p.now+drift, t.seen)
		p.ahead += ahead
	}
	p.times.Rows = append(p.times.Rows, r)
	return stop
}

// compute computes the event times, and notes the rows that have none.
func (t *timing) compute(b *data.Batch, dst *data.Vector) {
	row, err := t.event.Times(b, nil, dst)
	if err == nil {
		if dst.Const {
			flatten(dst, b.N)
		}
		for i := range b.N {
			if dst.IsNull(i) {
				t.bad = append(t.bad, badRow{i, "the event time is NULL"})
				dst.Ints[i] = 0
			}
		}
		dst.Null = nil
		return
	}
	dst.Reset(data.Of(data.Timestamp))
	dst.Resize(data.Of(data.Timestamp), b.N)
	dst.Null = nil
	for i := range b.N {
		failed := err
		if i != row {
			t.one.Reset(data.Of(data.Timestamp))
			_, failed = t.event.Times(b, []int32{int32(i)}, &t.one)
		}
		dst.Ints[i] = 0
		switch {
		case failed != nil:
			t.bad = append(t.bad, badRow{i, "the event time cannot be computed: " + failed.Error()})
		case t.one.IsNull(i):
			t.bad = append(t.bad, badRow{i, "the event time is NULL"})
		default:
			dst.Ints[i] = t.one.Ints[t.one.Index(i)]
		}
	}
}

// mark leaves the rows that are marked.
func (t *timing) mark(b *data.Batch, r *watermark.Rows) {
	from := len(t.seen)
	marked, row, err := t.marks.Select(b, r.Seen, t.seen)
	if err == nil {
		t.seen = marked
		r.Seen = marked[from:len(marked):len(marked)]
		return
	}
	candidates := r.Seen
	if candidates == nil {
		candidates = t.good(b, from)
		from = len(t.seen)
	}
	for _, i := range candidates {
		failed := err
		if int(i) != row {
			marked, _, failed = t.marks.Select(b, []int32{i}, t.seen)
		}
		if failed != nil {
			t.bad = append(t.bad, badRow{int(i), "whether the row moves the watermark cannot be computed: " + failed.Error()})
			continue
		}
		t.seen = marked
	}
	r.Seen = t.seen[from:len(t.seen):len(t.seen)]
	slices.SortFunc(t.bad, func(x, y badRow) int { return x.row - y.row })
}

// pairs makes both rows of an update bad where one is.
func (t *timing) pairs(b *data.Batch) {
	for k := 0; k < len(t.bad); k++ {
		i := t.bad[k].row
		other := badRow{i + 1, "the old row of this update cannot be used: " + t.bad[k].reason}
		at := k + 1
		if b.Changes[i] == data.UpdateAfter && i > 0 && b.Changes[i-1] == data.UpdateBefore {
			other, at = badRow{i - 1, "the new row of this update cannot be used: " + t.bad[k].reason}, k
		} else if b.Changes[i] != data.UpdateBefore {
			continue
		}
		known := func(bad badRow) bool { return bad.row == other.row }
		if !slices.ContainsFunc(t.bad[max(0, k-1):min(len(t.bad), k+2)], known) {
			t.bad = slices.Insert(t.bad, at, other)
		}
	}
}

// good lists, behind the first from entries of seen, the rows that are not bad and no
// old rows of updates: those have been seen before, and the watermark does not move
// between them and the new ones.
func (t *timing) good(b *data.Batch, from int) []int32 {
	k := 0
	t.seen = t.seen[:from]
	for i := range b.N {
		if k < len(t.bad) && t.bad[k].row == i {
			k++
			continue
		}
		if b.Change(i) == data.UpdateBefore {
			continue
		}
		t.seen = append(t.seen, int32(i))
	}
	return t.seen[from:len(t.seen):len(t.seen)]
}

// drop deals with the bad rows of a batch.
func (t *timing) drop(b *data.Batch, o *origin, p *piece, r *watermark.Rows) (stop bool) {
	c := &p.chunk
	if !t.s.SkipBad {
		first := t.bad[0]
		c.Bad = c.Bad[:0] // what the decoder may have found comes later
		c.AddBad(o.place.Line(first.row), "", first.reason, nil)
		operators.Truncate(b, first.row)
		k, _ := slices.BinarySearch(r.Seen, int32(first.row))
		r.Seen = r.Seen[:k]
		return true
	}
	for _, bad := range t.bad {
		c.AddBad(o.place.Line(bad.row), "", bad.reason, nil)
	}
	isBad := func(i int) bool {
		_, found := slices.BinarySearchFunc(t.bad, i, func(x badRow, i int) int { return x.row - i })
		return found
	}
	rows := b.Rows()
	kept := b.SelBuf(b.N)
	for k := range rows {
		if i := b.Row(k); !isBad(i) {
			kept = append(kept, int32(i))
		}
	}
	b.Sel = kept
	p.dropped += rows - len(kept)
	return false
}

// flatten gives a constant vector a value for each of n rows.
func flatten(v *data.Vector, n int) {
	x, null := v.Ints[0], v.IsNull(0)
	v.Resize(v.Type, n)
	for i := range n {
		v.Ints[i] = x
		if null {
			v.SetNull(i, n)
		}
	}
}
