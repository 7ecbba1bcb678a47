package operators

import (
	"slices"
	"sort"

	"tidemark/operators/data"
	"tidemark/operators/state"
	"tidemark/operators/watermark"
)

// TopNConfig describes a TopN. Its output has the columns of the input and, with
// Number, the place of each row in its partition, counted from 1.
type TopNConfig struct {
	Partition []int // input columns
	// Order is the order of a partition's rows; those that it does not tell apart are
	// in order of arrival, which ArrivalDesc turns round.
	Order       []SortKey
	ArrivalDesc bool
	N           int // how many rows of a partition are in the result, at least 1
	Number      bool
	// Replaces says that without Number a row that comes among the first is an update of
	// the one that leaves them; else the one is deleted, and the other inserted.
	Replaces bool
	// WindowEnd is the input column with the end of the window that all rows of a
	// partition are of: they are emitted when it closes. It is -1 where rows are emitted
	// at once.
	WindowEnd int
	Lateness  watermark.Lateness // of the windows
	// TTL is for how long a partition without windows is remembered behind its last row,
	// by the watermark, microseconds; 0 is for good. Of one that is forgotten nothing is
	// taken back any more.
	TTL int64
	// Updating says that the input takes rows back.
	Updating bool
	// PassTime passes on the moves of the watermark, for an operator further down.
	PassTime bool
	// BatchRows is the most rows of an output batch.
	BatchRows int
	Out       data.Schema
	Account   *Account  // counts late rows; may be nil
	Late      *LateRows // keeps them; this operator's alone, may be nil
}

// TopN keeps the first N rows of each partition: those of a window until it closes
// and is gone, the others for good. When rows that were emitted are not among the
// first any more, or others have their places, it emits what has changed.
//
// With Number a row of the result is known by its place: what stands at a place now
// updates (-U, +U) what stood there before. Without, rows that leave are deleted and
// those that come inserted, unless one Replaces the other, or the input has updated a
// row that stays.
//
// Of an input that only adds no more than N rows of a partition are kept. One that
// takes rows back needs all of them, as any may be among the first again.
type TopN struct {
	cfg   TopNConfig
	in    data.Schema
	types []data.Type // of the partition
	wm    int64       // before the next row
	panes []*topPane  // by end
	free  []*topPane

	keys    []*data.Vector
	hashes  rowHashes
	one     [1]int32
	before  []int32 // what was among the first N
	order   []int32
	scratch state.OrderScratch
	out     emitter
}

// topPane is the partitions of one window, or all where there is none.
type topPane struct {
	end   int64
	live  bool // its rows have been emitted
	table *state.KeyTable
	rows  *rowTable
	lists topLists
	ages  ages
}

// NewTopN returns an operator over a schema's rows.
func NewTopN(cfg TopNConfig, in data.Schema) *TopN {
	o := &TopN{cfg: cfg, in: in, wm: data.MinTime, keys: make([]*data.Vector, len(cfg.Partition)), out: newEmitter(cfg.Out, cfg.BatchRows)}
	o.types = columnTypes(in, cfg.Partition)
	return o
}

// windowed reports whether rows are emitted when their window closes.
func (o *TopN) windowed() bool { return o.cfg.WindowEnd >= 0 }

// Process takes b's rows and emits what they and the moves of the watermark change.
func (o *TopN) Process(b *data.Batch, out Output) error {
	defer b.Release()
	o.out.emit = out
	for i, k := range o.cfg.Partition {
		o.keys[i] = b.Cols[k]
	}
	hashes := o.hashes.of(b, o.keys, b.Sel)
	done := 0
	for _, s := range b.Steps {
		if !o.windowed() && !o.cfg.PassTime && o.cfg.TTL == 0 && s.Time != data.MaxTime {
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
	}
	if err := o.take(b, hashes, done, b.Rows()); err != nil {
		return err
	}
	if k := len(b.Steps); k > 0 {
		o.wm = b.Steps[k-1].Time
	}
	for _, p := range o.panes {
		o.forget(p)
		p.tidy(false)
	}
	return o.out.flush()
}

// take deals with the selected rows [from, to) of b.
func (o *TopN) take(b *data.Batch, hashes []uint64, from, to int) error {
	for k := from; k < to; k++ {
		r := b.Row(k)
		p := o.pane(b, r)
		if p == nil {
			continue
		}
		part := o.partition(p, hashes, int32(r))
		c := change{old: -1, new: r}
		if takes(b.Change(r)) {
			c = change{old: r, new: -1}
			// A row and its new version in one partition are one change.
			if k+1 < to && b.Change(r) == data.UpdateBefore && b.Row(k+1) == r+1 && b.Change(r+1) == data.UpdateAfter && sameKeys(o.keys, r, r+1) {
				k++
				c.new = r + 1
			}
		}
		if err := o.change(p, part, b, c); err != nil {
			return &RowError{Where: b.Where(r), Err: err, Seq: b.Seq + int64(r)}
		}
	}
	return nil
}

// pane returns the pane of row r; nil for a late row, which is counted.
func (o *TopN) pane(b *data.Batch, r int) *topPane {
	end := int64(data.MaxTime)
	if o.windowed() {
		v := b.Cols[o.cfg.WindowEnd]
		end = v.Ints[v.Index(r)]
		if o.cfg.Lateness.Gone(end, o.wm) {
			o.cfg.Late.missWindow(o.cfg.Account, b, r, end, o.wm)
			return nil
		}
	}
	if n := len(o.panes); n > 0 && o.panes[n-1].end == end { // nearly always
		return o.panes[n-1]
	}
	i := sort.Search(len(o.panes), func(i int) bool { return o.panes[i].end >= end })
	if i == len(o.panes) || o.panes[i].end != end {
		o.panes = slices.Insert(o.panes, i, o.newPane(end))
	}
	return o.panes[i]
}

func (o *TopN) newPane(end int64) *topPane {
	var p *topPane
	if k := len(o.free); k > 0 {
		p, o.free = o.free[k-1], o.free[:k-1]
	} else {
		p = &topPane{table: state.NewKeyTable(o.types), rows: newRowTable(types(o.in))}
		if !o.cfg.Updating && o.cfg.N <= mostFlat {
			p.lists.stride = o.cfg.N
		}
	}
	p.end, p.live = end, !o.windowed() || o.cfg.Lateness.Closed(end, o.wm)
	return p
}

// partition finds the partition of row r in its pane.
func (o *TopN) partition(p *topPane, hashes []uint64, r int32) int32 {
	part := [1]int32{}
	o.one[0] = r
	p.table.FindOrAdd(o.keys, hashes, o.one[:], part[:])
	p.lists.grow(p.table.Len())
	if o.cfg.TTL > 0 && p.ages.touch(part[0], o.wm, o.cfg.TTL) {
		p.clear(part[0])
	}
	return part[0]
}

// advance does what the move of the watermark to o.wm at a position makes due.
func (o *TopN) advance(at int64) error {
	gone := 0
	for _, p := range o.panes {
		p.ages.advance(o.wm)
		if !o.windowed() || !o.cfg.Lateness.Closed(p.end, o.wm) {
			break
		}
		if !p.live {
			if err := o.show(p, at); err != nil {
				return err
			}
			p.live = true
		}
		if o.cfg.Lateness.Gone(p.end, o.wm) {
			gone++
		}
	}
	for _, p := range o.panes[:gone] {
		p.table.Reset()
		p.rows.reset()
		p.lists.reset()
		o.free = append(o.free, p)
	}
	o.panes = slices.Delete(o.panes, 0, gone)
	if o.cfg.PassTime || o.wm == data.MaxTime {
		o.out.pass(o.wm, at)
	}
	return nil
}

// show emits the first rows of all partitions of a pane, in order.
func (o *TopN) show(p *topPane, at int64) error {
	o.order = p.table.Order(o.order, &o.scratch)
	for _, part := range o.order {
		for i, id := range o.first(p.lists.of(part)) {
			if err := o.out.room(1); err != nil {
				return err
			}
			o.put(p, id, i, data.Insert, at)
		}
	}
	return nil
}

// first returns the part of a list that is in the result.
func (o *TopN) first(list []int32) []int32 { return list[:min(len(list), o.cfg.N)] }

// put emits row id, which stands at a place. There must be room for it.
func (o *TopN) put(p *topPane, id int32, place int, c data.Change, at int64) {
	b := o.out.batch()
	for k, v := range p.rows.cols {
		b.Cols[k].AppendFrom(v, int(id))
	}
	if o.cfg.Number {
		b.Cols[len(o.in)].AppendInt(int64(place) + 1)
	}
	b.AddRows(1, c, at)
}
