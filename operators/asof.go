package operators

import (
	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/operators/watermark"
)

// AsofJoinConfig describes an AsofJoin.
type AsofJoinConfig struct {
	// Outer emits left rows without a match too.
	Outer bool
	// Side is the BOOLEAN input column that is true for rows of the right side. Time
	// is the column with the event times of both, Keys are those that must be
	// equal, Left and Right those that make up a row of each side.
	Side, Time  int
	Keys        []int
	Left, Right []int
	// A left row at t matches right rows up to t-Back, microseconds, not negative, and
	// from t-Tolerance on; a negative Tolerance is for any age.
	Back, Tolerance int64
	// Condition, when not nil, is a BOOLEAN over the columns of the left row and, behind
	// them, of the right one: of the rows that match, the last for which it is true is
	// taken. There is a Tolerance then.
	Condition expr.Expr
	// Versioned says that right rows are versions of the one row of their key, each
	// from its time on, and that a -D ends the last one: at its own time, or where
	// Ends is set no earlier than the watermark, as its time is that of the row.
	Versioned, Ends bool
	Lateness        watermark.Lateness
	// PassTime passes on every move of the watermark.
	PassTime  bool
	BatchRows int
	// Out are the columns of the left row, those of the right one, and the left
	// row's place in the input, by which rows of one instant are ordered.
	Out data.Schema
	// LeftOnly says that rows of the left side alone are counted: the others are none of
	// a source.
	LeftOnly bool
	Account  *Account  // counts late rows; may be nil
	Late     *LateRows // keeps them; this operator's alone, may be nil
}

// AsofJoin joins each left row with the last right row of its key at or before its
// time. The rows of both sides come as one, in the order of their watermarks. A
// left row waits until the watermark has passed it, by the lateness: then no right
// row before it is expected any more. Rows are emitted in the order of times and
// arrivals, and never corrected.
//
// A left row below the watermark by more than the lateness is late, and not used. A
// right row is late when no left row that is still to be emitted could match it.
// Of the right rows that the watermark has passed by the lateness the last of each
// key is kept, as long as the tolerance lets it match; with a condition all that it
// lets. Nothing is kept of a version that has ended: a row that comes later than that
// from before the end is a new version.
type AsofJoin struct {
	cfg    AsofJoinConfig
	wm     int64
	passed int64 // the watermark passed on
	keys   joinKeys
	pool   *data.Pool
	left   *waiting // of partition 0 for a key with a NULL, 1 + the key's id for others
	right  *rowTable
	lists  keyLists // of the right rows
	sweep  int      // right rows from which on it is worth to look for those of no use
	cond   *expr.Program
	test   *data.Pool // of the columns that cond reads

	leftCols, rightCols []asofColumn // where what is emitted comes from
	leftKept, rightKept []int        // the input columns that are kept with rows

	emit      Output
	in        *data.Batch
	view      *data.Batch // of the left side's columns that are kept
	rightView []*data.Vector
	rows, ids []int32 // of one side
	instants  []int64
	pairs     asofPairs
	trial     asofTrial
}

// asofPairs are output rows that are not yet emitted, and the moves of the watermark
// between them.
type asofPairs struct {
	asofRows
	arrivals, ats []int64
	moves         []pairMove
}

// NewAsofJoin returns a join. in is the schema of its input.
func NewAsofJoin(cfg AsofJoinConfig, in data.Schema) *AsofJoin {
	j := &AsofJoin{cfg: cfg, wm: data.MinTime, passed: data.MinTime, pool: data.NewPool(cfg.Out), keys: newJoinKeys(cfg.Keys, in), sweep: 1024}
	j.leftCols, j.leftKept = cfg.leftColumns()
	j.rightCols, j.rightKept = cfg.rightColumns(in)
	j.view, j.rightView = &data.Batch{Cols: make([]*data.Vector, len(j.leftKept))}, make([]*data.Vector, len(j.rightKept))
	side := func(cols []int) data.Schema {
		s := make(data.Schema, len(cols))
		for i, c := range cols {
			s[i] = in[c]
		}
		return s
	}
	j.left = newWaiting(side(j.leftKept))
	right := types(side(j.rightKept))
	if cfg.Versioned {
		right = append(right, data.Of(data.Boolean)) // the row ends the version before it
	}
	j.right = newRowTable(right)
	j.right.thrifty = true
	if cfg.Condition != nil {
		j.cond, j.test = expr.Compile(cfg.Condition), data.NewPool(append(side(cfg.Left), side(cfg.Right)...))
	}
	return j
}

// Process takes b's rows and emits what its steps let go.
func (j *AsofJoin) Process(b *data.Batch, out Output) error {
	defer b.Release()
	j.emit, j.in = out, b
	rows, ids := j.keys.find(b)
	j.lists.resize(j.keys.table.Len())
	for i, c := range j.leftKept {
		j.view.Cols[i] = b.Cols[c]
	}
	for i, c := range j.rightKept {
		j.rightView[i] = b.Cols[c]
	}
	j.view.Seq = b.Seq
	from := 0
	for step := 0; ; step++ {
		to := len(rows)
		if step < len(b.Steps) {
			for to = from; to < len(rows) && int(rows[to]) < b.Steps[step].Row; to++ {
			}
		}
		if err := j.take(rows[from:to], ids[from:to]); err != nil {
			return err
		}
		if from = to; step == len(b.Steps) {
			break
		}
		if err := j.advance(b.Steps[step]); err != nil {
			return err
		}
	}
	if err := j.flush(); err != nil {
		return err
	}
	j.tidy()
	return nil
}

// take stores rows between which the watermark does not move.
func (j *AsofJoin) take(rows, ids []int32) error {
	if len(rows) == 0 {
		return nil
	}
	side, times := j.in.Cols[j.cfg.Side], j.in.Cols[j.cfg.Time]
	j.rows, j.ids = j.rows[:0], j.ids[:0]
	for k, r := range rows {
		if side.Bools[side.Index(int(r))] {
			continue
		}
		t := times.Ints[times.Index(int(r))]
		switch {
		case j.cfg.Lateness.LateRow(t, j.wm):
			j.late(int(r), 0, t)
		case ids[k] >= 0 || j.cfg.Outer:
			j.rows, j.ids = append(j.rows, r), append(j.ids, ids[k]+1)
		}
	}
	if len(j.rows) > 0 {
		if err := j.left.add(j.view, j.rows, j.ids, times, -1); err != nil {
			return err
		}
	}
	j.rows, j.ids, j.instants = j.rows[:0], j.ids[:0], j.instants[:0]
	for k, r := range rows {
		if !side.Bools[side.Index(int(r))] || ids[k] < 0 {
			continue
		}
		t, change := times.Ints[times.Index(int(r))], j.in.Change(int(r))
		if change == data.UpdateBefore {
			continue // the version that follows says it all
		}
		if change == data.Delete && j.cfg.Ends {
			t = max(t, j.wm)
		}
		j.rows, j.ids, j.instants = append(j.rows, r), append(j.ids, ids[k]), append(j.instants, t)
	}
	return j.takeRight()
}

// takeRight stores the right rows that are listed, as far as they are of use.
func (j *AsofJoin) takeRight() error {
	if len(j.rows) == 0 {
		return nil
	}
	first, err := j.right.add(j.rightView, j.rows)
	if err != nil {
		return err
	}
	if j.cfg.Versioned {
		ends := j.right.cols[len(j.rightKept)]
		ends.Reserve(len(j.rows), 0)
		for _, r := range j.rows {
			ends.AppendBool(j.in.Change(int(r)) == data.Delete)
		}
	}
	for k, id := range j.ids {
		row, t := first+int32(k), j.instants[k]
		if !j.useful(id, t) {
			j.right.drop(row)
			j.late(int(j.rows[k]), 1, t)
			continue
		}
		j.lists.insert(id, t, uint32(row))
		j.prune(id)
	}
	return nil
}

func (j *AsofJoin) late(r, side int, t int64) {
	if j.cfg.Account != nil && (side == 0 || !j.cfg.LeftOnly) {
		j.cfg.Account.addLate(1, j.wm-t)
	}
	j.cfg.Late.add(j.in, r, side, missedBySide(side, t, j.wm))
}

// advance moves the watermark, and emits the rows that it passes.
func (j *AsofJoin) advance(s data.Step) error {
	at := 2*(j.in.Seq+int64(s.Row)) - 1
	j.wm = s.Time
	limit := j.cfg.Lateness.PassedBefore(j.wm)
	for rows := j.left.before(limit); len(rows) > 0; {
		n := min(len(rows), j.cfg.BatchRows)
		if err := j.pair(rows[:n], at); err != nil {
			return err
		}
		rows = rows[n:]
	}
	if (j.cfg.PassTime || s.Time == data.MaxTime) && limit > j.passed {
		j.passed = limit
		j.pairs.moves = append(j.pairs.moves, pairMove{len(j.pairs.left), limit, at})
	}
	return nil
}

// flush emits the pairs.
func (j *AsofJoin) flush() error {
	p := &j.pairs
	if len(p.left) == 0 && len(p.moves) == 0 {
		return nil
	}
	o := j.pool.Get()
	j.gather(o.Cols, &p.asofRows)
	for i, at := range p.ats {
		o.Cols[len(o.Cols)-1].AppendInt(p.arrivals[i])
		o.AddRows(1, data.Insert, at)
	}
	for _, m := range p.moves {
		o.AddTriggeredStep(m.after, m.time, m.at)
	}
	p.reset()
	p.arrivals, p.ats, p.moves = p.arrivals[:0], p.ats[:0], p.moves[:0]
	return j.emit(o)
}
