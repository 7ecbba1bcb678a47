package operators

import (
	"slices"

	"tidemark/operators/agg"
	"tidemark/operators/data"
	"tidemark/operators/state"
	"tidemark/operators/watermark"
)

// OverFunc is what a window function computes.
type OverFunc uint8

// The window functions.
const (
	OverAggregate OverFunc = iota // an aggregate over the frame
	OverRowNumber
	OverRank
	OverDenseRank
	OverPercentRank
	OverCumeDist
	OverNtile
	OverLag   // the value N rows before
	OverLead  // the value N rows behind
	OverFirst // of the frame
	OverLast
	OverNth
)

// OverCall is one window function over columns of the input.
type OverCall struct {
	Func OverFunc
	Agg  *agg.Func // of OverAggregate
	// Cols are the input columns that the aggregate takes, or the one of the value.
	Cols []int
	// Filter is the BOOLEAN input column of an aggregate's FILTER (WHERE …), or -1.
	Filter int
	N      int64 // of OverLag, OverLead, OverNth, OverNtile
	// Default is the input column of what OverLag and OverLead give where there is no
	// row; -1 is NULL.
	Default     int
	IgnoreNulls bool
	Frame       OverFrame
}

// OverFrame is the rows around the one in hand that a function looks at.
type OverFrame struct {
	Rows       bool // bounds count rows; else they go by the order
	Start, End FrameBound
}

// BoundKind says where a frame begins or ends.
type BoundKind uint8

// The kinds of bounds.
const (
	FromFirst  BoundKind = iota // UNBOUNDED PRECEDING
	FromOffset                  // n PRECEDING, n FOLLOWING; in ROWS the row itself too
	FromPeers                   // CURRENT ROW in RANGE: all rows that the order does not tell apart
	FromLast                    // UNBOUNDED FOLLOWING
)

// FrameBound is one end of a frame, itself in the frame.
type FrameBound struct {
	Kind BoundKind
	Rows int64 // of FromOffset in ROWS: rows behind the one in hand, negative before it
	// By is, of FromOffset in RANGE, a constant of the type of the order's one column:
	// what is added to the value of the row in hand.
	By *data.Vector
}

func (b FrameBound) equal(c FrameBound) bool {
	return b.Kind == c.Kind && b.Rows == c.Rows && (b.By == nil) == (c.By == nil) && (b.By == nil || sameValue(b.By, 0, c.By, 0))
}

func (f OverFrame) equal(g OverFrame) bool {
	return f.Rows == g.Rows && f.Start.equal(g.Start) && f.End.equal(g.End)
}

// OverConfig describes window functions over one partitioning and order. The
// output has the columns of the input, then one for each call.
type OverConfig struct {
	Partition []int // input columns
	// Order is the order of a partition's rows; the first Peers columns are those that
	// tell rows apart for RANGE frames and ranks. Rows that do not differ are in order
	// of arrival; ArrivalDesc turns that round.
	Order       []SortKey
	Peers       int
	ArrivalDesc bool
	Time        int // input column with the event time, -1 without
	Calls       []OverCall
	Lateness    watermark.Lateness
	// PassTime passes on the moves of the watermark, for an operator further down.
	PassTime bool
	// BatchRows is the most rows of an output batch.
	BatchRows int
	Out       data.Schema
	Account   *Account  // counts late rows; may be nil
	Late      *LateRows // keeps them; this operator's alone, may be nil
}

// overRows is rows of partitions in their order, and the frames that move over
// them.
type overRows struct {
	cfg *OverConfig
	// store has those input columns that are kept, then the number of each row's
	// arrival, its partition, a number for who else keeps the rows and, if there is a
	// DENSE_RANK, what that is.
	store         *rowTable
	at            []int // by input column: the store's, -1
	arrival, part int
	source, dense int             // -1 without, as arrival and part
	order         []state.SortKey // over the store's columns
	table         *state.KeyTable
	parts         []overPart
	frames        []*overFrame
	calls         []*overEval
	lookBack      int64 // rows before the next one that calls may look at, frames aside
	cols          []*data.Vector
}

// overPart is a partition: the numbers of its rows in order. Positions count its
// rows from 0 on, those included that are not kept any more.
type overPart struct {
	ids  queue[int32] // from position base on
	base int64
	next int64 // the first row that has no results yet
}

func (p *overPart) end() int64          { return p.base + int64(p.ids.len()) }
func (p *overPart) row(pos int64) int32 { return *p.ids.at(int(pos - p.base)) }
func (p *overPart) has(pos int64) bool  { return pos >= p.base && pos < p.end() }

// push adds a row behind the others and returns its position.
func (p *overPart) push(row int32) int64 {
	p.ids.push(row)
	return p.end() - 1
}

// overFrame is a frame of some calls. What it covers in each partition is the frame
// of the row that was looked at last.
type overFrame struct {
	OverFrame
	sums     bool // aggregates are computed over it
	takes    bool // rows leave it
	values   bool // values are taken from its beginning
	lasts    bool // values are taken from its end
	lo, hi   []int64
	moves    agg.Moves
	from, to []int64 // of the rows that are being looked at
}

// overEval is a call with what it remembers.
type overEval struct {
	OverCall
	frame  *overFrame // nil where it has none
	cols   []int      // Cols and Filter in the store
	filter int
	def    int
	state  agg.State
	list   *overList // where it looks, when that is not all rows
	only   agg.Moves
	args   []*data.Vector
	picks  []int32
}

// overUse says how rows are looked at, and what that needs to be known of them.
type overUse struct {
	all     bool // every column of the input is kept
	once    bool // rows come in order and are looked at once: frames move forwards only
	sourced bool // somebody else keeps the rows too, under a number that is noted
	// instants says that only what frames come to at instants is looked at, never a row:
	// it need not know its partition nor, unless aggregates go by that, when it came.
	instants bool
}

// newOverRows returns no rows.
func newOverRows(cfg *OverConfig, in data.Schema, use overUse) *overRows {
	w := &overRows{cfg: cfg, at: make([]int, len(in)), arrival: -1, part: -1, source: -1, dense: -1}
	var kept []data.Type
	for i := range w.at {
		w.at[i] = -1
	}
	keep := func(c int) int {
		if c < 0 {
			return -1
		}
		if w.at[c] < 0 {
			w.at[c] = len(kept)
			kept = append(kept, in[c].Type)
		}
		return w.at[c]
	}
	if use.all {
		for c := range in {
			keep(c)
		}
	}
	for _, k := range cfg.Order {
		w.order = append(w.order, SortKey{Column: keep(k.Column), Desc: k.Desc, NullsFirst: k.NullsFirst})
	}
	for _, c := range cfg.Calls {
		w.addCall(c, keep, in, use.once)
	}
	w.cols = make([]*data.Vector, len(kept))
	number := func(at *int) {
		*at = len(kept)
		kept = append(kept, data.Of(data.BigInt))
	}
	if !use.instants || slices.ContainsFunc(w.calls, (*overEval).byArrival) {
		number(&w.arrival)
	}
	if !use.instants {
		number(&w.part)
	}
	if use.sourced {
		number(&w.source)
	}
	if w.dense == 0 {
		number(&w.dense)
	}
	w.store = newRowTable(kept)
	w.store.thrifty = use.instants // where no more than a row is looked for, and many go
	var keys []data.Type
	for _, c := range cfg.Partition {
		keys = append(keys, in[c].Type)
	}
	w.table = state.NewKeyTable(keys)
	return w
}

func (w *overRows) addCall(c OverCall, keep func(int) int, in data.Schema, once bool) {
	e := &overEval{OverCall: c, filter: keep(c.Filter), def: -1}
	for _, col := range c.Cols {
		e.cols = append(e.cols, keep(col))
	}
	value := func() data.Type { return in[c.Cols[0]].Type }
	switch c.Func {
	case OverAggregate:
		e.frame = w.frame(c.Frame)
		e.frame.sums = true
		e.frame.takes = e.frame.takes || !once || c.Frame.Start.Kind != FromFirst
		e.state = c.Agg.New()
	case OverRowNumber, OverNtile:
	case OverRank, OverPercentRank, OverCumeDist:
		e.frame = w.frame(OverFrame{Start: FrameBound{Kind: FromPeers}, End: FrameBound{Kind: FromPeers}})
		e.frame.values = true
	case OverDenseRank:
		w.dense = 0 // its place is found later
		w.lookBack = max(w.lookBack, 1)
	case OverLag, OverLead:
		e.def = keep(c.Default)
		if c.IgnoreNulls {
			e.list = newOverList(value(), 0, false)
		} else if c.Func == OverLag {
			w.lookBack = max(w.lookBack, c.N)
		}
	case OverFirst, OverNth, OverLast:
		e.frame = w.frame(c.Frame)
		switch first := once && c.Func != OverLast && c.Frame.Start.Kind == FromFirst; {
		case first: // the first rows of a partition, which are not kept for others
			n := int64(1)
			if c.Func == OverNth {
				n = c.N
			}
			e.list = newOverList(value(), n, !c.IgnoreNulls)
		case c.IgnoreNulls:
			e.list = newOverList(value(), 0, false)
		case c.Func == OverLast:
			e.frame.lasts = true
		default:
			e.frame.values = true
		}
	}
	w.calls = append(w.calls, e)
}

// frame returns the frame that calls of the same bounds share.
func (w *overRows) frame(f OverFrame) *overFrame {
	i := slices.IndexFunc(w.frames, func(g *overFrame) bool { return g.equal(f) })
	if i < 0 {
		i = len(w.frames)
		w.frames = append(w.frames, &overFrame{OverFrame: f})
	}
	return w.frames[i]
}

// partitions finds the partitions of rows of b.
func (w *overRows) partitions(keys []*data.Vector, hashes []uint64, rows, parts []int32) {
	w.table.FindOrAdd(keys, hashes, rows, parts)
	n := w.table.Len()
	for len(w.parts) < n {
		w.parts = append(w.parts, overPart{})
	}
	w.grow(n)
}

// add puts rows of cols, which have the columns of the input, into the store. Their
// partitions, arrivals and numbers for who keeps them are to be appended by ended.
func (w *overRows) add(cols []*data.Vector, rows []int32) (first int32, err error) {
	for c, to := range w.at {
		if to >= 0 {
			w.cols[to] = cols[c]
		}
	}
	return w.store.add(w.cols, rows)
}

// note completes the next of the rows that were added.
func (w *overRows) note(part int32, arrival, source int64) {
	w.number(w.arrival, arrival)
	w.number(w.part, int64(part))
	w.number(w.source, source)
	w.number(w.dense, 0)
}

// number appends to a column that is there for some uses.
func (w *overRows) number(column int, n int64) {
	if column >= 0 {
		to := w.store.cols[column]
		to.Ints = append(to.Ints, n)
	}
}

// list adds row id at pos of a partition to the lists.
func (w *overRows) list(part int32, pos int64, id int32) error {
	for _, c := range w.calls {
		if c.list == nil {
			continue
		}
		if err := c.list.insert(part, pos, w.store.cols[c.cols[0]], int(id)); err != nil {
			return err
		}
	}
	return nil
}

// grow makes room for n partitions.
func (w *overRows) grow(n int) {
	for _, f := range w.frames {
		for len(f.lo) < n {
			f.lo, f.hi = append(f.lo, 0), append(f.hi, 0)
		}
	}
	for _, c := range w.calls {
		if c.state != nil {
			c.state.Resize(n)
		}
		if c.list != nil {
			c.list.grow(n)
		}
	}
}
