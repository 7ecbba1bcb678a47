package operators

import (
	"slices"
	"sort"

	"tidemark/operators/data"
	"tidemark/operators/state"
)

// OverWhen says when an OverTable emits the rows of a partition.
type OverWhen uint8

// The moments at which an OverTable emits.
const (
	OverAtOnce   OverWhen = iota // each row as it comes, and what it changes
	OverAtClose                  // all rows when their window closes, then what changes
	OverAtTheEnd                 // all rows, once, at the end of the input
)

// OverTableConfig describes an OverTable.
type OverTableConfig struct {
	OverConfig
	When OverWhen
	// WindowEnd is, for OverAtClose, the input column with the end of the window, which
	// is the same in all rows of a partition.
	WindowEnd int
	// Updating says that the input takes rows back.
	Updating bool
	// Corrects says that results which were emitted may change.
	Corrects bool
	// Timeless says that they may however far the watermark has passed their rows.
	Timeless bool
	// MostRank, where it is not 0, lets rows be forgotten whose result is greater, that of
	// one OverRank or OverDenseRank which later rows can only push further: the input takes
	// no rows back and, with OverAtOnce, they are not in order of the event time.
	MostRank int64
}

// OverTable computes window functions over partitions that are looked at as a whole:
// rows may come anywhere in their order, and be taken back. What a change of the
// input changes is emitted in the order of the partition, each row that has another
// result as -U and +U.
//
// Where rows are emitted at the end of the input, the output has one more column than
// OverConfig.Out: the number of each row's arrival, by which they are in order. Those
// of a window that closes are in order of the partitions.
//
// When rows are in order of the event time, one of a time that the watermark has
// passed is late, and those that nothing can change any more are forgotten.
type OverTable struct {
	cfg   OverTableConfig
	width int // columns of the input
	wm    int64
	panes []*overPane // by end
	free  []*overPane
	ahead overAhead
	in    data.Schema
	pool  *data.Pool

	keys        []*data.Vector
	hashes      rowHashes
	one         [1]int32
	look        []overRow
	results     []*data.Vector
	order       []int32
	ids, places []int32
	left        []int32 // rows that are to be dropped
	byRank      []SortKey
	scratch     state.OrderScratch
	out         *data.Batch
	emit        Output
}

// overPane is the partitions of one window, or all where there is none.
type overPane struct {
	end  int64
	live bool // its rows have been emitted
	over *overRows
	// results has what was emitted for the rows, by the number of source.
	results *rowTable
	// Where rows are in order of time: those that the watermark has not passed, those
	// that frames may still reach, and by partition the first of the former.
	line  timeline[timed]
	old   queue[timed]
	final []int64
	// crowds has by partition, with MostRank and until the pane is live, the number of rows
	// from which on those beyond are forgotten.
	crowds []int32
}

// NewOverTable returns an operator that computes window functions over a schema's
// rows.
func NewOverTable(cfg OverTableConfig, in data.Schema) *OverTable {
	o := &OverTable{cfg: cfg, width: len(in), wm: data.MinTime, in: in}
	out := cfg.Out
	if cfg.When == OverAtTheEnd {
		out = append(append(data.Schema(nil), out...), data.Column{Name: "arrival", Type: data.Of(data.BigInt)})
	}
	o.pool = data.NewPool(out)
	o.keys = make([]*data.Vector, len(cfg.Partition))
	for range cfg.Calls {
		o.results = append(o.results, &data.Vector{})
	}
	o.ahead = newOverAhead(newOverRows(&o.cfg.OverConfig, in, overUse{all: true, sourced: true}))
	return o
}

// inTime reports whether rows are in order of the event time and judged by it.
func (o *OverTable) inTime() bool { return o.cfg.When == OverAtOnce && o.cfg.Time >= 0 }

// Process takes b's rows and emits what they and the moves of the watermark change.
func (o *OverTable) Process(b *data.Batch, out Output) error {
	defer b.Release()
	o.emit = out
	for i, k := range o.cfg.Partition {
		o.keys[i] = b.Cols[k]
	}
	hashes := o.hashes.of(b, o.keys, b.Sel)
	done, cut := 0, o.nextCut()
	for _, s := range b.Steps {
		if s.Time < cut {
			continue
		}
		upTo := done + sort.Search(b.Rows()-done, func(k int) bool { return b.Row(done+k) >= s.Row })
		if err := o.take(b, hashes, done, upTo); err != nil {
			return err
		}
		done, o.wm = upTo, s.Time
		if err := o.advance(at(b, s)); err != nil {
			return err
		}
		cut = o.nextCut()
	}
	if err := o.take(b, hashes, done, b.Rows()); err != nil {
		return err
	}
	if k := len(b.Steps); k > 0 {
		o.wm = b.Steps[k-1].Time
	}
	o.forget()
	return o.flush()
}

// nextCut returns the least watermark at which what rows do changes, or which is to
// be passed on between them. That rows may begin windows with any end, any move
// counts where there are windows.
func (o *OverTable) nextCut() int64 {
	if o.cfg.PassTime || o.inTime() || o.cfg.When == OverAtClose {
		return data.MinTime
	}
	return data.MaxTime
}

// take deals with the selected rows [from, to) of b.
func (o *OverTable) take(b *data.Batch, hashes []uint64, from, to int) error {
	limit := o.cfg.Lateness.PassedBefore(o.wm)
	for k := from; k < to; k++ {
		r := b.Row(k)
		if o.leaveOut(b, r, limit) {
			continue
		}
		pane := o.pane(b, r)
		part, err := o.partition(pane, b, hashes, int32(r))
		if err != nil {
			return err
		}
		c := change{old: -1, new: -1}
		if takes(b.Change(r)) {
			c.old = r
			// A row and its new version in one partition are one change.
			if k+1 < to && b.Change(r) == data.UpdateBefore && b.Row(k+1) == r+1 && b.Change(r+1) == data.UpdateAfter && sameKeys(o.keys, r, r+1) {
				k++
				c.new = r + 1
			}
		} else {
			c.new = r
		}
		if err := o.change(pane, part, b, c); err != nil {
			return err
		}
	}
	return nil
}

// leaveOut reports whether row r is of a time that has been passed, or of a window that
// is gone: then it is late.
func (o *OverTable) leaveOut(b *data.Batch, r int, limit int64) bool {
	switch {
	case o.inTime():
		v := b.Cols[o.cfg.Time]
		if t := v.Ints[v.Index(r)]; t < limit {
			o.cfg.Late.missTime(o.cfg.Account, b, r, t, o.wm)
			return true
		}
	case o.cfg.When == OverAtClose:
		if end := o.windowEnd(b, r); o.cfg.Lateness.Gone(end, o.wm) {
			o.cfg.Late.missWindow(o.cfg.Account, b, r, end, o.wm)
			return true
		}
	}
	return false
}

func (o *OverTable) windowEnd(b *data.Batch, r int) int64 {
	v := b.Cols[o.cfg.WindowEnd]
	return v.Ints[v.Index(r)]
}

// pane returns the pane of row r.
func (o *OverTable) pane(b *data.Batch, r int) *overPane {
	end := int64(data.MaxTime)
	if o.cfg.When == OverAtClose {
		end = o.windowEnd(b, r)
	}
	i, found := slices.BinarySearchFunc(o.panes, end, func(p *overPane, end int64) int {
		switch {
		case p.end < end:
			return -1
		case p.end > end:
			return 1
		}
		return 0
	})
	if !found {
		o.panes = slices.Insert(o.panes, i, o.newPane(end))
	}
	return o.panes[i]
}

func (o *OverTable) newPane(end int64) *overPane {
	var p *overPane
	if k := len(o.free); k > 0 {
		p, o.free = o.free[k-1], o.free[:k-1]
	} else {
		p = &overPane{over: newOverRows(&o.cfg.OverConfig, o.in, overUse{all: true, once: !o.cfg.Corrects, sourced: true})}
		var results []data.Type
		for c := range o.cfg.Calls {
			results = append(results, o.cfg.Out[o.width+c].Type)
		}
		p.results = newRowTable(results)
	}
	p.end = end
	p.live = o.cfg.When == OverAtOnce || o.cfg.When == OverAtClose && o.cfg.Lateness.Closed(end, o.wm)
	return p
}

// partition finds the partition of row r in its pane.
func (o *OverTable) partition(p *overPane, b *data.Batch, hashes []uint64, r int32) (int32, error) {
	part := [1]int32{}
	o.one[0] = r
	p.over.partitions(o.keys, hashes, o.one[:], part[:])
	for len(p.final) < len(p.over.parts) {
		p.final = append(p.final, 0)
	}
	return part[0], nil
}

// advance does what the move of the watermark to o.wm at a position makes due.
func (o *OverTable) advance(at int64) error {
	gone := 0
	for _, p := range o.panes {
		end := p.end
		if o.cfg.When == OverAtOnce || !o.cfg.Lateness.Closed(end, o.wm) {
			break
		}
		if !p.live {
			if err := o.show(p, at); err != nil {
				return err
			}
			p.live = true
		}
		if o.cfg.When == OverAtTheEnd || o.cfg.Lateness.Gone(end, o.wm) {
			gone++
		}
	}
	for _, p := range o.panes[:gone] {
		p.over.reset()
		p.results.reset()
		p.line, p.old, p.final = timeline[timed]{}, queue[timed]{}, p.final[:0]
		p.crowds = p.crowds[:0]
		o.free = append(o.free, p)
	}
	o.panes = slices.Delete(o.panes, 0, gone)
	// Rows that come at the end have any time: until then none can be passed on.
	if o.cfg.PassTime && o.cfg.When != OverAtTheEnd || o.wm == data.MaxTime {
		o.passTime(at)
	}
	return nil
}

// passTime passes the watermark on, held back by what may still change.
func (o *OverTable) passTime(at int64) {
	w := o.wm
	if o.inTime() && !o.cfg.Timeless && w != data.MaxTime && w != data.MinTime {
		w = data.AddTime(o.cfg.Lateness.PassedBefore(w), -o.ahead.time)
	}
	if o.out == nil {
		o.out = o.pool.Get()
	}
	if k := len(o.out.Steps); k > 0 && o.out.Steps[k-1].Time >= w {
		return
	}
	o.out.AddTriggeredStep(o.out.N, w, at)
}

func (o *OverTable) flush() error {
	if o.out == nil {
		return nil
	}
	out := o.out
	o.out = nil
	return o.emit(out)
}

// room makes sure that there is an output batch with room for n rows more, or an
// empty one.
func (o *OverTable) room(n int) error {
	if o.out != nil && o.out.N > 0 && o.out.N+n > o.cfg.BatchRows {
		if err := o.flush(); err != nil {
			return err
		}
	}
	if o.out == nil {
		o.out = o.pool.Get()
	}
	return nil
}
