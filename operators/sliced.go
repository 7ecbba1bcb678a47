package operators

import (
	"errors"
	"math"
	"sort"

	"tidemark/operators/data"
	"tidemark/operators/state"
	"tidemark/operators/window"
)

// SlicedConfig describes a Sliced.
type SlicedConfig struct {
	Grid window.Grid // this operator's alone
	Grouping
}

// Sliced groups rows by key and by windows that overlap: those of HOP and CUMULATE.
//
// A row is added once, to the slice of time that it lies in, however many windows
// have it; windows are put together from slices. When one closes after the other, a
// running window takes in the slices that begin to count and, where the aggregates
// can be subtracted, lets go of those that no longer do; where they cannot, a tree
// of slices put together beforehand keeps a window from being made of all of its
// slices each time. The same tree tells the result of one key in one window, where
// a late row corrects it.
//
// What is emitted depends on the rows and the watermark's moves alone. A batch is
// cut only where the watermark crosses the ends of windows.
type Sliced struct {
	cfg    SlicedConfig
	wm     int64 // before the next row
	table  *state.KeyTable
	order  *state.KeyOrder
	uses   []int32  // slices that have each key
	unused int      // keys that no slice has
	slices []*slice // by time
	spare  []*slice
	cells  cells
	run    run
	tree   tree
	early  early
	// keeps says that the rows of closed windows are kept: see compacts.
	keeps bool

	keyTypes []data.Type
	keys     []*data.Vector // of the batch in hand
	batch    *data.Batch
	hashes   rowHashes
	ids      []int32 // key ids of its selected rows
	rows     []int32 // its rows, when all are selected
	pending  pendingRows
	change   slicedChange
	out      emitter
	nextEnd  func(int64) int64 // of the windows
	joins    joins
	some     someKeys
	parts    []*keyCells // scratch: what a window is put together from
	told     told
	// fewUnused is how much may be unused before it is worth a compaction.
	fewUnused int
}

// NewSliced returns an aggregate by windows that overlap. in is the schema of its
// input; the calls must have been resolved for groups that are taken out of others.
func NewSliced(cfg SlicedConfig, in data.Schema) *Sliced {
	s := &Sliced{cfg: cfg, wm: data.MinTime, out: newEmitter(cfg.Out, cfg.BatchRows), fewUnused: fewUnused, nextEnd: cfg.Grid.NextEnd}
	s.keyTypes = columnTypes(in, cfg.Keys)
	s.keys = make([]*data.Vector, len(cfg.Keys))
	s.table = state.NewKeyTable(s.keyTypes)
	s.order = state.NewKeyOrder(s.table)
	s.cells = newCells(cfg.Calls, cfg.Updating)
	s.run.keeps = s.cells.subtracts()
	s.keeps = cfg.Lateness.Allowed > 0 && s.cells.compacts()
	s.change.init(len(cfg.Calls))
	return s
}

// Process adds b's rows and emits the windows that its steps close.
func (s *Sliced) Process(b *data.Batch, out Output) error {
	defer b.Release()
	if b.Changes != nil && !s.cfg.Updating {
		return errors.New("an aggregate that was built for rows that stay was given rows that change: this is a mistake in Tidemark")
	}
	s.batch, s.out.emit = b, out
	s.findKeys(b)
	done := 0 // selected rows handled
	cut := s.nextCut()
	for _, st := range b.Steps {
		at := 2*(b.Seq+int64(st.Row)) - 1
		if st.Time < cut {
			s.passTime(st.Time, at)
			continue
		}
		upTo := done + sort.Search(b.Rows()-done, func(k int) bool { return b.Row(done+k) >= st.Row })
		if err := s.addRows(done, upTo); err != nil {
			return err
		}
		done = upTo
		if err := s.advance(st.Time, at); err != nil {
			return err
		}
		cut = s.nextCut()
	}
	if err := s.addRows(done, b.Rows()); err != nil {
		return err
	}
	if k := len(b.Steps); k > 0 {
		s.wm = b.Steps[k-1].Time
	}
	s.settle()
	s.compact()
	s.tellOpen()
	return s.out.flush()
}

// tellOpen tells the account which slices belong to windows that are open.
func (s *Sliced) tellOpen() {
	first, done := len(s.slices), s.doneUpTo(s.wm)
	for first > 0 && s.slices[first-1].last > done {
		first--
	}
	open := s.slices[first:]
	s.told.windows(s.cfg.Account, len(open), func(i int) int64 { return open[i].Start })
}

// nextCut returns the least watermark at which a batch must be cut.
func (s *Sliced) nextCut() int64 {
	if s.cfg.PassTime && s.emitsPerRow() {
		return data.MinTime // rows and moves interleave in the output: cut at each move
	}
	cut := s.cfg.Lateness.NextCut(s.wm, s.nextEnd)
	if every := s.cfg.Every; every > 0 {
		cut = min(cut, nextMultiple(s.wm, every))
	}
	return cut
}

// nextMultiple returns the least multiple of every above a time.
func nextMultiple(at, every int64) int64 {
	next := (multiples(at, every) + 1) * every
	if next <= at { // there is none
		return data.MaxTime
	}
	return next
}

// emitsPerRow reports whether adding a row may emit one at once.
func (s *Sliced) emitsPerRow() bool {
	return s.cfg.Emit == EmitChanges || s.cfg.Emit == EmitClose && s.cfg.Lateness.Allowed > 0
}

// findKeys looks up the keys of b's selected rows.
func (s *Sliced) findKeys(b *data.Batch) {
	rows := b.Sel
	if rows == nil {
		for len(s.rows) < b.N {
			s.rows = append(s.rows, int32(len(s.rows)))
		}
		rows = s.rows[:b.N]
	}
	if cap(s.ids) < len(rows) {
		s.ids = make([]int32, max(len(rows), 2*cap(s.ids)))
	}
	s.ids = s.ids[:len(rows)]
	for i, k := range s.cfg.Keys {
		s.keys[i] = b.Cols[k]
	}
	hashes := s.hashes.of(b, s.keys, b.Sel)
	s.table.FindOrAdd(s.keys, hashes, rows, s.ids)
	for n := s.table.Len(); len(s.uses) < n; s.unused++ {
		s.uses = append(s.uses, 0)
	}
	s.run.grow(s.table.Len())
}

// standing is what is to be done with rows of a pane, as the windows stand.
type standing struct {
	window.Pane
	slice       *slice // nil when there is none yet
	first, last int64  // the ends of the windows that hold it
	late        bool   // all of them are gone
	partly      bool   // some of them are gone
	shows       bool   // a row shows in the result at once
	more        bool   // a row that shows nowhere yet goes to more cells than that of the slice
}

// addRows adds the selected rows [from, to), for all of which the windows stand as
// they do at s.wm.
func (s *Sliced) addRows(from, to int) error {
	b := s.batch
	times := b.Cols[s.cfg.Time]
	w := standing{Pane: window.Pane{Start: math.MaxInt64, End: math.MinInt64}}
	for k := from; k < to; k++ {
		r := b.Row(k)
		at := times.Ints[times.Index(r)]
		if at < w.Start || at >= w.End {
			w = s.stand(at)
		}
		if w.late || w.partly {
			s.judge(&w, r, at)
			if w.late {
				continue
			}
		}
		if w.shows {
			n, err := s.changeAt(k, &w)
			if err != nil {
				return err
			}
			k += n - 1
			continue
		}
		if w.slice == nil {
			w.slice = s.open(&w)
			w.more = w.more || w.slice.inRun || w.slice.inTree
		}
		key := s.ids[k]
		place := w.slice.place(key)
		if place < 0 {
			place = s.enter(w.slice, key)
		}
		s.pending.add(w.slice.cells[place], int32(r))
		if w.more {
			s.addMore(w.slice, place, int32(r))
		}
	}
	return nil
}

// stand finds the pane of a time and what is to be done with its rows.
func (s *Sliced) stand(at int64) standing {
	var w standing
	if w.slice = s.find(at); w.slice != nil {
		w.Pane, w.first, w.last = w.slice.Pane, w.slice.first, w.slice.last
		w.more = w.slice.inRun || w.slice.inTree
	} else {
		w.Pane = s.cfg.Grid.Pane(at)
		w.first, w.last = s.cfg.Grid.NextEnd(w.End-1), s.cfg.Grid.LastEnd(w.Pane)
	}
	w.more = w.more || s.cfg.Every > 0
	w.late = s.cfg.Lateness.Gone(w.last, s.wm)
	w.partly = !w.late && s.cfg.Lateness.Gone(w.first, s.wm)
	switch {
	case s.cfg.Emit == EmitChanges:
		w.shows = true
	case s.cfg.Emit == EmitClose, s.keeps:
		w.shows = s.cfg.Lateness.Closed(s.firstKept(&w), s.wm)
	}
	return w
}

// firstKept returns the least end of a window of a pane that is not gone.
func (s *Sliced) firstKept(w *standing) int64 {
	if s.cfg.Lateness.Gone(w.first, s.wm) {
		return s.cfg.Lateness.FirstKept(s.wm, s.nextEnd)
	}
	return w.first
}

// judge counts row r, at a time, which has missed windows.
func (s *Sliced) judge(w *standing, r int, at int64) {
	if !w.late {
		if s.cfg.Account != nil {
			s.cfg.Account.PartlyLate.Add(1)
		}
		return
	}
	rows := [1]int32{int32(r)}
	whole := s.cfg.Late.whole(s.batch, rows[:])
	s.cfg.Late.count(s.cfg.Account, 1, len(whole), s.watermarkBefore(r)-w.last)
	if s.cfg.Late != nil && len(whole) > 0 {
		s.cfg.Late.add(s.batch, r, 0, missed{
			time: s.cfg.Late.ownTime(s.batch, r, at), watermark: s.watermarkBefore(r),
			windowed: true, start: s.cfg.Grid.Start(w.last), end: w.last, reason: reasonWindow,
		})
	}
}

// watermarkBefore returns the watermark as it stood before row r of the batch.
func (s *Sliced) watermarkBefore(r int) int64 {
	steps := s.batch.Steps
	k := sort.Search(len(steps), func(k int) bool { return steps[k].Row > r })
	if k == 0 {
		return s.wm
	}
	return steps[k-1].Time
}

// addMore adds row r, whose key has a place in a slice, to what has been put
// together from the slice, and notes the change for EMIT EVERY.
func (s *Sliced) addMore(p *slice, place int, r int32) {
	key := p.keys[place]
	if p.inRun && s.run.keeps {
		s.pending.add(s.run.cell[key], r)
	}
	if p.inTree {
		s.addToTree(p, key, r)
	}
	if s.cfg.Every > 0 {
		p.mark(place)
	}
}

// pendingRows are rows of the batch in hand and the cells that they are to be
// added to.
type pendingRows struct {
	to, rows []int32
	signed   signedRows
	args     callArguments
}

func (p *pendingRows) add(cell, row int32) {
	p.to, p.rows = append(p.to, cell), append(p.rows, row)
}

// settle adds the rows that are pending.
func (s *Sliced) settle() {
	p := &s.pending
	if len(p.to) == 0 {
		return
	}
	s.cells.update(s.batch, p.to, p.rows, p)
	p.to, p.rows = p.to[:0], p.rows[:0]
}

// someKeys are keys and their cells.
type someKeys struct{ keys, ids []int32 }

// passTime passes a move of the watermark on, held at the earliest time that a
// window can still emit. The end is for everybody.
func (s *Sliced) passTime(w, at int64) {
	switch {
	case w == data.MaxTime:
		s.out.pass(w, at)
	case !s.cfg.PassTime:
	case s.cfg.Emit == EmitFinal:
		s.out.pass(min(w, s.cfg.Lateness.FirstKept(w, s.nextEnd)-1), at)
	default:
		s.out.pass(w, at)
	}
}
