package operators

import (
	"cmp"

	"tidemark/operators/data"
	"tidemark/operators/state"
)

// Over computes window functions over rows in order of their event time. A row is
// emitted once, when the watermark has passed it and all rows of its frames: all
// that one move of the watermark lets out comes in order of time, then of arrival. A
// row that comes when its time has been passed is late: it is counted and not used.
//
// The output has one more column than OverConfig.Out: the number of each row's
// arrival, by which the rows of several workers are put in order.
//
// Kept are the rows that the watermark has not passed, and of the others what their
// functions need of those that frames still reach. A partition is forgotten when
// none of its rows can be in a frame again.
type Over struct {
	cfg   OverConfig
	width int   // columns of the input
	wm    int64 // before the next row
	rows  *waiting
	over  *overRows
	ahead overAhead
	pool  *data.Pool

	// By partition: rows that wait for the watermark, the first row that waits for
	// others, and the first that has not been emitted.
	counts      []int32
	ready, done []int64
	line        timeline[overReady] // rows that wait for the watermark to pass the end of their frames
	open        queue[overOpen]     // rows that may wait for others, in order of time, if time is passed
	oldest      int                 // row of over's store: those before are forgotten, where frames go by time

	keys        []*data.Vector
	hashes      rowHashes
	kept, parts []int32
	now         []overReady
	look        []overRow
	touched     []int32
	isTouched   []bool
	results     []*data.Vector
	picks       []int32
	scratch     state.OrderScratch
	out         *data.Batch
	emit        Output
}

// overAhead is how far the functions look ahead and back.
type overAhead struct {
	rows  int64       // behind the one in hand, in its partition
	time  int64       // microseconds behind it
	leads []*overEval // that look for the next values that are not NULL
	span  int64       // microseconds that RANGE frames go back
	// back is how many microseconds before a row its frames begin, when all functions
	// look at rows of that time only; else -1.
	back int64
}

func newOverAhead(w *overRows) overAhead {
	var a overAhead
	for _, c := range w.calls {
		switch {
		case c.Func == OverLead && c.list != nil:
			a.leads = append(a.leads, c)
		case c.Func == OverLead:
			a.rows = max(a.rows, c.N)
			continue
		}
		if c.frame == nil || c.frame.Rows || c.frame.Start.Kind == FromFirst || c.Func == OverRank {
			a.back = -1
		}
	}
	for _, f := range w.frames {
		switch {
		case f.Rows:
			a.rows = max(a.rows, f.End.Rows)
		case f.End.Kind == FromOffset && f.End.By.Type.Class() == data.ClassInt:
			a.time = max(a.time, f.End.By.Ints[0])
		}
		if !f.Rows && f.Start.Kind == FromOffset && f.Start.By.Type.Class() == data.ClassInt {
			a.span = max(a.span, -f.Start.By.Ints[0])
		}
	}
	if a.back >= 0 {
		a.back = a.span
	}
	return a
}

// waits reports whether a row may have to wait for other rows.
func (a *overAhead) waits() bool { return a.rows > 0 || len(a.leads) > 0 }

// overOpen is a row that may wait for others.
type overOpen struct {
	time, pos int64
	part      int32
}

// overReady is a row that has all rows of its frames.
type overReady struct {
	overRow
	time, arrival int64
	row           int32 // among the waiting rows
	step          int32 // the move of the watermark that lets it out
	passed        int64 // the time that the watermark has to pass
}

func (r overReady) due() int64 { return r.passed }

func (r overReady) compare(s overReady) int {
	switch {
	case r.passed != s.passed:
		return cmp.Compare(r.passed, s.passed)
	case r.time != s.time:
		return cmp.Compare(r.time, s.time)
	}
	return cmp.Compare(r.arrival, s.arrival)
}

// NewOver returns an operator that computes window functions over a schema's rows,
// ordered by the event time ascending, and then by what else cfg has.
func NewOver(cfg OverConfig, in data.Schema) *Over {
	o := &Over{cfg: cfg, width: len(in), wm: data.MinTime, rows: newWaiting(in)}
	o.over = newOverRows(&o.cfg, in, overUse{once: true, sourced: true})
	o.ahead = newOverAhead(o.over)
	o.pool = data.NewPool(append(append(data.Schema(nil), cfg.Out...), data.Column{Name: "arrival", Type: data.Of(data.BigInt)}))
	o.keys = make([]*data.Vector, len(cfg.Partition))
	for range cfg.Calls {
		o.results = append(o.results, &data.Vector{})
	}
	return o
}

// Process takes b's rows and emits those that its steps pass.
func (o *Over) Process(b *data.Batch, out Output) error {
	defer b.Release()
	o.emit = out
	if err := o.take(b); err != nil {
		return &RowError{Err: err, Seq: b.Seq}
	}
	if len(b.Steps) == 0 {
		return nil
	}
	if err := o.advance(b); err != nil {
		return err
	}
	return o.flush()
}

// take keeps the rows that are not late.
func (o *Over) take(b *data.Batch) error {
	for i, k := range o.cfg.Partition {
		o.keys[i] = b.Cols[k]
	}
	times := b.Cols[o.cfg.Time]
	o.kept = o.kept[:0]
	wm, step := o.wm, 0
	limit := o.cfg.Lateness.PassedBefore(wm)
	for k := range b.Rows() {
		r := b.Row(k)
		for ; step < len(b.Steps) && b.Steps[step].Row <= r; step++ {
			wm = b.Steps[step].Time
			limit = o.cfg.Lateness.PassedBefore(wm)
		}
		if t := times.Ints[times.Index(r)]; t < limit {
			o.cfg.Late.missTime(o.cfg.Account, b, r, t, wm)
			continue
		}
		o.kept = append(o.kept, int32(r))
	}
	if len(o.kept) == 0 {
		return nil
	}
	hashes := o.hashes.of(b, o.keys, o.kept)
	if cap(o.parts) < len(o.kept) {
		o.parts = make([]int32, max(len(o.kept), 2*cap(o.parts)))
	}
	parts := o.parts[:len(o.kept)]
	o.over.partitions(o.keys, hashes, o.kept, parts)
	o.grow()
	if b.Changes != nil {
		return o.takeChanges(b, parts, times)
	}
	for _, p := range parts {
		o.counts[p]++
	}
	return o.rows.add(b, o.kept, parts, times, -1)
}

// takeChanges takes rows of an input that corrects rows before the watermark has
// passed them. A new version of a row has the place of the old one.
func (o *Over) takeChanges(b *data.Batch, parts []int32, times *data.Vector) error {
	time := func(k int) int64 { return times.Ints[times.Index(int(o.kept[k]))] }
	for from := 0; from < len(o.kept); {
		instead, r := int64(-1), int(o.kept[from])
		if takes(b.Change(r)) {
			part := parts[from]
			arrival := o.rows.remove(b, r, part, time(from))
			if arrival >= 0 {
				o.counts[part]--
			}
			from++
			if from == len(o.kept) || b.Change(r) != data.UpdateBefore || int(o.kept[from]) != r+1 || parts[from] != part || time(from) != time(from-1) {
				continue
			}
			instead = arrival
		}
		to := from
		for ; to < len(o.kept) && !takes(b.Change(int(o.kept[to]))); to++ {
			o.counts[parts[to]]++
		}
		if err := o.rows.add(b, o.kept[from:to], parts[from:to], times, instead); err != nil {
			return err
		}
		from = to
	}
	return nil
}

// grow makes room for all partitions.
func (o *Over) grow() {
	for n := o.over.table.Len(); len(o.counts) < n; {
		o.counts, o.isTouched = append(o.counts, 0), append(o.isTouched, false)
		o.ready, o.done = append(o.ready, 0), append(o.done, 0)
	}
}
