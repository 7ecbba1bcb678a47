package operators

import (
	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/operators/watermark"
)

// TableJoinConfig describes a TableJoin.
type TableJoinConfig struct {
	Kind JoinKind
	// Side is the BOOLEAN input column that is true for rows of the right side, Keys
	// are those that must be equal, Left and Right those that make up a row of each
	// side.
	Side int
	Keys []int
	// Time is the column with the event times of both sides, of which late rows tell;
	// -1 for the end of their window.
	Time        int
	Left, Right []int
	// Condition, when not nil, is a BOOLEAN over the columns of the left row and,
	// behind them, of the right one: only pairs for which it is true match.
	Condition expr.Expr
	// Windowed says that the first two keys are the start and the end of the window
	// that a row is of. Nothing is emitted before it closes, and nothing of it is
	// kept when Lateness says that it is gone.
	Windowed bool
	Lateness watermark.Lateness
	// Loaded says that all rows of the right side come before those of the left, which
	// are not kept then. The kind is not JoinRight or JoinFull.
	Loaded bool
	// Apart says that a row with a partner and one without are rows of different keys,
	// so that one does not update the other.
	Apart bool
	// TTL is by how much the watermark may move on before a row is forgotten,
	// microseconds; 0 keeps it for good.
	TTL int64
	// PassTime passes on every move of the watermark.
	PassTime  bool
	BatchRows int
	// Out are the columns of the left row, then those of the right one unless the
	// kind is JoinSemi or JoinAnti. With Windowed there are four more, by which what
	// one move of the watermark makes is ordered: the window's end and start, and the
	// places of both rows in the input.
	Out     data.Schema
	Account *Account  // counts late rows; may be nil
	Late    *LateRows // keeps them; this operator's alone, may be nil
}

// TableJoin joins two changelogs by key: its output is the changelog of the join of
// what both sides are at the time. Partners come in the order of their arrival. A
// row that had no match and is emitted so is taken back when there is one.
//
// What one change makes of a pair of output rows that differ in the row of one side
// alone is an update; other rows are deleted and inserted.
type TableJoin struct {
	cfg    TableJoinConfig
	wm     int64
	passed int64 // the watermark passed on
	keys   joinKeys
	sides  [2]tableSide
	pool   *data.Pool
	cond   *expr.Program
	test   *data.Pool // of the columns that cond reads
	one    bool       // the output has the left side's columns alone

	// Of windows: what has become of each key's, and when the next thing does.
	stage        []windowStage
	closes, goes timeline[windowDue]
	window       windowDue // of what is being emitted
	closed       []closedPair

	emit       Output
	in         *data.Batch
	out        *data.Batch
	gone, come []joinedPair // what a change makes
	lost, won  []partner    // rows that have their last match no more, or their first one
	partners   []partner
	keep       []int32
}

// tableSide is what is known of one side.
type tableSide struct {
	cols  []int // of the input
	view  []*data.Vector
	store *rowTable
	lists keyLists // times are the rows' places in the input, kept for windows
	// matches counts the matches that each row has now; kept where misses matter.
	track   bool
	matches []int32
	misses  bool // rows without a match are emitted
	ages    *rowAges
	fresh   []int32
}

// partner is a row of a side, and which of them it is by order: by its place in the input
// where there are windows, whose rows several workers put together, and by its number in the
// store where there are none.
type partner struct {
	row     int32
	arrival int64
}

// joinedPair is an output row by the rows that it is made of, -1 for none.
type joinedPair struct{ left, right partner }

// partner returns a row that came at a place of the input.
func (side *tableSide) partner(row int32, place int64) partner {
	if side.lists.untimed {
		place = int64(row)
	}
	return partner{row, place}
}

// of appends the rows of a key in order of their arrival.
func (side *tableSide) of(to []partner, id int32) []partner {
	places, rows := side.lists.of(id)
	for i := range rows {
		to = append(to, partnerOf(places, rows, i))
	}
	return to
}

// at returns row i of a key.
func (side *tableSide) at(id int32, i int) partner {
	places, rows := side.lists.of(id)
	return partnerOf(places, rows, i)
}

// partnerOf returns row i of a list, which may have no places.
func partnerOf(places []int64, rows []uint32, i int) partner {
	p := partner{int32(rows[i]), int64(rows[i])}
	if places != nil {
		p.arrival = places[i]
	}
	return p
}

var nobody = partner{row: -1, arrival: data.MaxTime}

// NewTableJoin returns a join. in is the schema of its input.
func NewTableJoin(cfg TableJoinConfig, in data.Schema) *TableJoin {
	j := &TableJoin{cfg: cfg, wm: data.MinTime, passed: data.MinTime, keys: newJoinKeys(cfg.Keys, in), pool: data.NewPool(cfg.Out),
		one: cfg.Kind == JoinSemi || cfg.Kind == JoinAnti}
	left, right := &j.sides[0], &j.sides[1]
	left.cols, right.cols = cfg.Left, cfg.Right
	left.misses = cfg.Kind == JoinLeft || cfg.Kind == JoinFull || cfg.Kind == JoinAnti
	right.misses = cfg.Kind == JoinRight || cfg.Kind == JoinFull
	left.track, right.track = (left.misses || j.one) && !cfg.Loaded, right.misses
	var both data.Schema
	for s := range j.sides {
		side := &j.sides[s]
		var types []data.Type
		for _, c := range side.cols {
			types = append(types, in[c].Type)
			both = append(both, in[c])
		}
		side.store, side.view = newRowTable(types), make([]*data.Vector, len(types))
		side.lists.untimed = !cfg.Windowed
		if cfg.TTL > 0 {
			side.ages, side.store.thrifty = &rowAges{}, true
		}
	}
	if cfg.Condition != nil {
		j.cond, j.test = expr.Compile(cfg.Condition), data.NewPool(both)
	}
	return j
}

// Process emits what b's rows and steps change.
func (j *TableJoin) Process(b *data.Batch, out Output) error {
	defer b.Release()
	j.emit, j.in = out, b
	rows, ids := j.keys.findAll(b)
	isRight := b.Cols[j.cfg.Side]
	n := j.keys.table.Len()
	var first [2]int32
	for s := range j.sides {
		side := &j.sides[s]
		side.lists.resize(n)
		for i, c := range side.cols {
			side.view[i] = b.Cols[c]
		}
		side.fresh = side.fresh[:0]
		for _, r := range rows {
			if isRight.Bools[isRight.Index(int(r))] == (s == 1) && (!takes(b.Change(int(r))) || j.cfg.Loaded && s == 0) {
				side.fresh = append(side.fresh, r)
			}
		}
		var err error
		if first[s], err = side.store.add(side.view, side.fresh); err != nil {
			return err
		}
		if n := side.store.n - len(side.matches); side.track && n > 0 {
			old := len(side.matches)
			side.matches = data.Reserved(side.matches, n)[:old+n]
			clear(side.matches[old:])
		}
	}
	for len(j.stage) < n {
		j.stage = append(j.stage, windowNone)
	}
	err := j.rows(rows, ids, first)
	if flushed := j.flush(); err == nil || flushed != nil {
		err = flushed
	}
	if err != nil {
		return err
	}
	j.tidy()
	return nil
}

// rows takes the rows of the batch, and its steps between them. next has the numbers
// of those that are stored.
func (j *TableJoin) rows(rows, ids []int32, next [2]int32) error {
	b, isRight := j.in, j.in.Cols[j.cfg.Side]
	step := 0
	for k := 0; k < len(rows); k++ {
		r := rows[k]
		for ; step < len(b.Steps) && b.Steps[step].Row <= int(r); step++ {
			if err := j.advance(b.Steps[step]); err != nil {
				return err
			}
		}
		s := 0
		if isRight.Bools[isRight.Index(int(r))] {
			s = 1
		}
		at := 2 * (b.Seq + int64(r))
		if !takes(b.Change(int(r))) || j.cfg.Loaded && s == 0 {
			next[s]++
		}
		if j.cfg.Windowed && !j.admit(ids[k], r) {
			if !takes(b.Change(int(r))) {
				j.sides[s].store.drop(next[s] - 1)
			}
			continue
		}
		if err := j.change(s, r, ids[k], next[s]-1, at); err != nil {
			return err
		}
		// The +U is the row right behind: of the rows of this worker the next one may be
		// that of another pair, whose -U has a key of another worker.
		update := b.Change(int(r)) == data.UpdateBefore && k+1 < len(rows) && rows[k+1] == r+1 && b.Change(int(r)+1) == data.UpdateAfter && ids[k+1] == ids[k]
		before := at
		if update { // the change is one
			k++
			r, at = rows[k], 2*(b.Seq+int64(rows[k]))
			next[s]++
			if err := j.change(s, r, ids[k], next[s]-1, at); err != nil {
				return err
			}
		}
		if err := j.emitChanges(s, update, before, at); err != nil {
			return err
		}
	}
	for ; step < len(b.Steps); step++ {
		if err := j.advance(b.Steps[step]); err != nil {
			return err
		}
	}
	return nil
}

// advance moves the watermark.
func (j *TableJoin) advance(s data.Step) error {
	at := 2*(j.in.Seq+int64(s.Row)) - 1
	first := j.wm == data.MinTime
	j.wm = s.Time
	if j.cfg.Windowed {
		if err := j.closeWindows(at); err != nil {
			return err
		}
	}
	if j.cfg.TTL > 0 {
		j.expire(first)
	}
	if (j.cfg.PassTime || s.Time == data.MaxTime) && s.Time > j.passed {
		j.passed = s.Time
		o := j.output()
		o.AddTriggeredStep(o.N, s.Time, at)
	}
	return nil
}

// expire forgets the rows that came when the watermark was long ago. first says that
// it has never been anywhere before: then the rows so far count from here on.
func (j *TableJoin) expire(first bool) {
	for s := range j.sides {
		side := &j.sides[s]
		if first {
			side.ages.begin(j.wm)
		}
		ids, from, to := side.ages.before(j.wm, j.cfg.TTL)
		for row := from; row < to; row++ {
			if !side.store.gone[row] { // the first of its key, as rows are in order of arrival
				side.store.drop(row)
				side.lists.dropFirst(ids[row], 1)
			}
		}
	}
}
