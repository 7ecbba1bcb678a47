package operators

import (
	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/operators/watermark"
)

// JoinKind says which rows a join emits besides its matches.
type JoinKind uint8

// The kinds of joins.
const (
	JoinInner JoinKind = iota
	JoinLeft           // and left rows without a match
	JoinRight          // and right rows without a match
	JoinFull           // and both
	JoinSemi           // each left row that has a match, once, instead of the matches
	JoinAnti           // each left row that has none, instead of the matches
)

// IntervalJoinConfig describes an IntervalJoin.
type IntervalJoinConfig struct {
	Kind JoinKind
	// Side is the BOOLEAN input column that is true for rows of the right side. Time
	// is the column with the event times of both, Keys are those that must be
	// equal, Left and Right those that make up a row of each side.
	Side, Time  int
	Keys        []int
	Left, Right []int
	// A left row at t matches right rows from t-Before to t+After, microseconds,
	// both included. Either may be negative.
	Before, After int64
	// Condition, when not nil, is a BOOLEAN over the columns of the left row and,
	// behind them, of the right one: only pairs for which it is true match.
	Condition expr.Expr
	Lateness  watermark.Lateness
	// PassTime passes on every move of the watermark.
	PassTime bool
	// Ordered adds two columns to the output, by which misses that one move of the
	// watermark makes are ordered: the row's time and its place in the input.
	Ordered   bool
	BatchRows int
	// Out are the columns of the left row, then those of the right one unless the
	// kind is JoinSemi or JoinAnti, then those of Ordered.
	Out     data.Schema
	Account *Account  // counts late rows; may be nil
	Late    *LateRows // keeps them; this operator's alone, may be nil
}

// IntervalJoin joins two inputs, whose rows come as one in the order of their
// watermarks, by key and time. A row is kept until no partner can come any more:
// the watermark has passed the last time that one may have. A match is emitted at
// once, for each new row in the order of its partners' times and arrivals; a row
// without a match when it goes, in the order of times and arrivals. So a row is
// never emitted as missing its partner and then with one.
//
// A row is late when its time is below the watermark by more than the lateness: it
// is counted and not used.
type IntervalJoin struct {
	cfg   IntervalJoinConfig
	wm    int64
	sides [2]joinSide
	keys  joinKeys
	pool  *data.Pool
	pairs pairs
	cond  *expr.Program
	test  *data.Pool // of the columns that cond reads

	emit   Output
	in     *data.Batch
	passed int64 // the watermark passed on
}

// joinSide is what is remembered of one side.
type joinSide struct {
	cols  []int // of the input
	store rowStore
	lists keyLists
	// A row at t matches partners from t-back to t+ahead.
	back, ahead int64
	misses      bool        // rows without a match are emitted
	track       bool        // it matters whether a row has had a match
	waiting     waitingRows // of those, when misses is set
	view        []*data.Vector
	swept       int64 // rows before this time have been dropped
}

// NewIntervalJoin returns a join. in is the schema of its input.
func NewIntervalJoin(cfg IntervalJoinConfig, in data.Schema) *IntervalJoin {
	j := &IntervalJoin{cfg: cfg, wm: data.MinTime, passed: data.MinTime, pool: data.NewPool(cfg.Out)}
	j.keys = newJoinKeys(cfg.Keys, in)
	one := cfg.Kind == JoinSemi || cfg.Kind == JoinAnti
	left, right := &j.sides[0], &j.sides[1]
	left.cols, left.back, left.ahead = cfg.Left, cfg.Before, cfg.After
	right.cols, right.back, right.ahead = cfg.Right, cfg.After, cfg.Before
	left.misses = cfg.Kind == JoinLeft || cfg.Kind == JoinFull || cfg.Kind == JoinAnti
	right.misses = cfg.Kind == JoinRight || cfg.Kind == JoinFull
	left.track, right.track = left.misses || one, right.misses
	var both data.Schema
	for s := range j.sides {
		side := &j.sides[s]
		var types []data.Type
		for _, c := range side.cols {
			types = append(types, in[c].Type)
			both = append(both, in[c])
		}
		side.store, side.view, side.swept = newRowStore(types), make([]*data.Vector, len(types)), data.MinTime
	}
	if cfg.Condition != nil {
		j.cond, j.test = expr.Compile(cfg.Condition), data.NewPool(both)
	}
	return j
}

// Process matches b's rows and emits what its steps let go.
func (j *IntervalJoin) Process(b *data.Batch, out Output) error {
	defer b.Release()
	j.emit, j.in = out, b
	rows, ids := j.keys.find(b)
	for s := range j.sides {
		side := &j.sides[s]
		for i, c := range side.cols {
			side.view[i] = b.Cols[c]
		}
		side.lists.resize(j.keys.table.Len())
	}
	right, times := b.Cols[j.cfg.Side], b.Cols[j.cfg.Time]
	step := 0
	for k, r := range rows {
		for ; step < len(b.Steps) && b.Steps[step].Row <= int(r); step++ {
			if err := j.advance(b, b.Steps[step]); err != nil {
				return err
			}
		}
		s := 0
		if right.Bools[right.Index(int(r))] {
			s = 1
		}
		if err := j.row(s, r, ids[k], times.Ints[times.Index(int(r))]); err != nil {
			return err
		}
	}
	for ; step < len(b.Steps); step++ {
		if err := j.advance(b, b.Steps[step]); err != nil {
			return err
		}
	}
	if err := j.flush(); err != nil {
		return err
	}
	for s := range j.sides {
		j.sweep(&j.sides[s])
	}
	j.compact()
	return nil
}

// row matches row r of side s, whose key is id and whose time is t.
func (j *IntervalJoin) row(s int, r, id int32, t int64) error {
	seq := j.in.Seq + int64(r)
	if j.cfg.Lateness.LateRow(t, j.wm) {
		if j.cfg.Account != nil {
			j.cfg.Account.addLate(1, j.wm-t)
		}
		j.cfg.Late.add(j.in, int(r), s, missedBySide(s, t, j.wm))
		return nil
	}
	side := &j.sides[s]
	row := side.store.add(side.view, r, id, t, side.track)
	matched := false
	if id >= 0 {
		var err error
		if matched, err = j.match(s, row, id, t, 2*seq); err != nil {
			return err
		}
	}
	over := j.over(side, t)
	if matched && (j.cfg.Kind == JoinSemi || j.cfg.Kind == JoinAnti) && s == 0 {
		over = true // it has had all it can have
	}
	if id >= 0 && !over {
		side.lists.insert(id, t, row)
	}
	if side.misses && !matched {
		side.waiting.push(waitingRow{t, seq, row})
		if over {
			return j.release(2 * seq)
		}
	}
	return nil
}

// over reports whether a row at t can find no partner any more.
func (j *IntervalJoin) over(side *joinSide, t int64) bool {
	return j.wm > j.until(side, t)
}

// until returns the greatest watermark at which a row at t may still find a
// partner: one at t+ahead that is not late.
func (j *IntervalJoin) until(side *joinSide, t int64) int64 {
	return data.AddTime(data.AddTime(t, side.ahead), j.cfg.Lateness.Allowed)
}

// deadBelow returns the time below which rows of a side can find no partner any more.
func (j *IntervalJoin) deadBelow(side *joinSide) int64 {
	if j.wm == data.MaxTime {
		return data.MaxTime
	}
	return data.AddTime(data.AddTime(j.wm, -side.ahead), -j.cfg.Lateness.Allowed)
}

// match pairs a new row of side s with its partners; where there is no further
// condition it reports whether there was one.
func (j *IntervalJoin) match(s int, row uint32, id int32, t, at int64) (bool, error) {
	side, other := &j.sides[s], &j.sides[1-s]
	if side.back < -side.ahead {
		return false, nil // no time lies between
	}
	_, partners := other.lists.within(id, data.AddTime(t, -side.back), data.AddTime(t, side.ahead))
	if len(partners) == 0 {
		return false, nil
	}
	sure := j.cond == nil
	if sure {
		switch {
		case j.cfg.Kind == JoinAnti && s == 0:
			return true, nil
		case j.cfg.Kind == JoinSemi && s == 0:
			j.pairs.add(row, noRow, at)
			return true, j.flushIfFull()
		case j.cfg.Kind == JoinSemi || j.cfg.Kind == JoinAnti:
			for _, p := range partners {
				if other.store.mark(p) && j.cfg.Kind == JoinSemi {
					j.pairs.add(p, noRow, at)
				}
			}
			return true, j.flushIfFull()
		}
		if side.track {
			side.store.mark(row)
		}
	}
	for _, p := range partners {
		if sure && other.track {
			other.store.mark(p)
		}
		if s == 0 {
			j.pairs.add(row, p, at)
		} else {
			j.pairs.add(p, row, at)
		}
		if err := j.flushIfFull(); err != nil {
			return false, err
		}
	}
	return sure, nil
}

// advance moves the watermark.
func (j *IntervalJoin) advance(b *data.Batch, s data.Step) error {
	at := 2*(b.Seq+int64(s.Row)) - 1
	j.wm = s.Time
	if err := j.release(at); err != nil {
		return err
	}
	if j.cfg.PassTime || s.Time == data.MaxTime {
		j.passTime(at)
	}
	return nil
}

// passTime passes the watermark on, held at the earliest time that a row can still
// be emitted with, whichever side's time is looked at.
func (j *IntervalJoin) passTime(at int64) {
	w := j.wm
	if w != data.MaxTime {
		w = data.AddTime(data.AddTime(w, -j.cfg.Lateness.Allowed), -max(j.cfg.Before, j.cfg.After, 0))
	}
	if w > j.passed {
		j.passed = w
		j.pairs.move(w, at)
	}
}
