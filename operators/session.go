package operators

import (
	"errors"
	"math"

	"tidemark/operators/agg"
	"tidemark/operators/data"
	"tidemark/operators/state"
)

// SessionConfig describes a Session.
type SessionConfig struct {
	Gap      int64 // the longest silence within a session, microseconds
	Grouping       // its Lateness, allowed on top of the gap, must be Inclusive
}

// Session groups the rows of each key by sessions: rows no more than a gap apart,
// the bound included, are in one. A session's window_end is its last row's time
// plus the gap; it closes when the watermark is past that.
//
// A row first finds its session, or begins one, or makes one of the two that it
// lies between; then that session is judged. The row is late when it is gone.
// Sessions that are gone take part in nothing: a row near one begins its own. As
// long as rows keep to the watermark none comes near one, so that sessions do not
// depend on the order in which their rows come.
//
// A session whose row is in the result may grow, move its bounds and become one
// with others. Its row is then taken back: by -U and +U where the bounds stay, and
// where they do not by -D, the grown session coming with +I: at once when it is
// closed, else at its close.
//
// What is emitted depends on the rows and the watermark's moves alone. Batches are
// not cut. Rows are put into sessions one after the other, in between the moves of
// the watermark; what they add to the aggregates, and the rows of sessions that
// close, wait for the end of the batch and are worked off as columns, unless
// something that has been emitted changes.
type Session struct {
	cfg    SessionConfig
	wm     int64 // before the next row
	table  *state.KeyTable
	newest []int32 // session of each key; 0 is none
	quiet  int     // keys without a session
	spans  spans
	marks  []marks // of each span
	free   []int32
	timers *state.Timers // of sessions, closed ones until they are gone
	aggs   []agg.Regrouper
	// compacts are those of aggs that let closed sessions keep summaries; none where no
	// session is kept.
	compacts []agg.Compacter
	// fewUnused is how much may be unused before it is worth a compaction.
	fewUnused int

	keyTypes []data.Type
	keyOrder []state.SortKey
	keyCols  []*data.Vector // of the table
	keys     []*data.Vector // of the batch in hand
	batch    *data.Batch
	hashes   rowHashes
	ids      []int32 // key ids of its selected rows
	rows     []int32 // its rows, when all are selected
	out      emitter
	pending  pendingSessions
	change   sessionChange
	kept     keptRows
	every    everyState
	instants instants
	args     callArguments
	ending   []int32 // scratch
	group    [1]int32
	row      [1]int32
	trigger  [1]int64
	told     told
}

// NewSession returns a session aggregate. in is the schema of its input.
func NewSession(cfg SessionConfig, in data.Schema) *Session {
	s := &Session{cfg: cfg, wm: data.MinTime, out: newEmitter(cfg.Out, cfg.BatchRows), fewUnused: fewUnused}
	for i, k := range cfg.Keys {
		s.keyTypes = append(s.keyTypes, in[k].Type)
		s.keyOrder = append(s.keyOrder, state.SortKey{Column: i})
	}
	s.keys, s.keyCols = make([]*data.Vector, len(cfg.Keys)), make([]*data.Vector, len(cfg.Keys))
	s.kept.pool = data.NewPool(cfg.Out)
	s.change.fresh = s.kept.pool.Get()
	s.empty()
	return s
}

// empty forgets all sessions and the memory for them.
func (s *Session) empty() {
	s.setTable(state.NewKeyTable(s.keyTypes))
	s.newest, s.quiet = nil, 0
	s.spans, s.marks, s.free, s.timers = make(spans, 1), make([]marks, 1), nil, state.NewTimers((*sessionTimers)(s))
	s.spans[0].key = endedSpan
	s.instants = instants{}
	s.aggs, s.compacts = s.aggs[:0], s.compacts[:0]
	for _, c := range s.cfg.Calls {
		a := c.Func.New().(agg.Regrouper)
		s.aggs = append(s.aggs, a)
		if c, ok := a.(agg.Compacter); ok && s.cfg.Lateness.Allowed > 0 {
			s.compacts = append(s.compacts, c)
		}
	}
}

// setTable makes t the table of keys.
func (s *Session) setTable(t *state.KeyTable) {
	s.table = t
	for i := range s.keyCols {
		s.keyCols[i] = t.Key(i)
	}
}

// Process adds b's rows and emits the sessions that its steps close.
func (s *Session) Process(b *data.Batch, out Output) error {
	defer b.Release()
	if b.Changes != nil && !s.cfg.Updating {
		return errors.New("a session that was built for rows that stay was given rows that change: this is a mistake in Tidemark")
	}
	s.batch, s.out.emit = b, out
	s.findKeys(b)
	if err := s.addRows(b); err != nil {
		return err
	}
	if err := s.settle(); err != nil {
		return err
	}
	s.compact()
	s.told.count(s.cfg.Account, len(s.spans)-1-len(s.free))
	return s.out.flush()
}

// findKeys looks up the keys of b's selected rows.
func (s *Session) findKeys(b *data.Batch) {
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
	for n := s.table.Len(); len(s.newest) < n; s.quiet++ {
		s.newest = append(thrifty(s.newest), 0)
	}
}

// addRows puts the rows of b into sessions, and makes the moves of the watermark
// between them.
func (s *Session) addRows(b *data.Batch) error {
	times, steps := b.Cols[s.cfg.Time], b.Steps
	byRow := s.cfg.Emit == EmitChanges || s.cfg.Updating
	gap := uint64(s.cfg.Gap)
	stepRow := math.MaxInt
	if len(steps) > 0 {
		stepRow = steps[0].Row
	}
	for k := 0; k < len(s.ids); k++ {
		r := b.Row(k)
		for r >= stepRow {
			if err := s.step(steps[0]); err != nil {
				return err
			}
			steps, stepRow = steps[1:], math.MaxInt
			if len(steps) > 0 {
				stepRow = steps[0].Row
			}
		}
		at := times.Ints[times.Index(r)]
		if byRow {
			n, err := s.changeAt(k)
			if err != nil {
				return err
			}
			k += n - 1
			continue
		}
		// Nearly always the row goes on with the newest session of its key.
		if id := s.newest[s.ids[k]]; id != 0 {
			if p := &s.spans[id]; at >= p.first && s.marks[id]&shown == 0 && (at <= p.last || uint64(at)-uint64(p.last) <= gap) {
				p.last = max(p.last, at)
				s.pending.add(id, int32(r))
				continue
			}
		}
		if err := s.place(k, at); err != nil {
			return err
		}
	}
	for _, st := range steps {
		if err := s.step(st); err != nil {
			return err
		}
	}
	return nil
}

// endOf returns the window_end of a session whose last row is at a time.
func (s *Session) endOf(last int64) int64 {
	if end := last + s.cfg.Gap; end >= last {
		return end
	}
	return data.MaxTime
}

// place puts the k-th selected row, at a time, into its session.
func (s *Session) place(k int, at int64) error {
	key, r := s.ids[k], int32(s.batch.Row(k))
	before, after := s.near(s.newest[key], at)
	id := before
	switch {
	case before == 0 && after == 0:
		end := s.endOf(at)
		if s.cfg.Lateness.Gone(end, s.wm) {
			s.late(int(r), at, at, end)
			return nil
		}
		if s.correctsClosed() && s.cfg.Lateness.Closed(end, s.wm) {
			return s.changeRows(k, 1)
		}
		id = s.open(key, at)
	case before != 0 && after != 0:
		if (s.marks[before]|s.marks[after])&(shown|stale) != 0 {
			return s.changeRows(k, 1)
		}
		id = s.unite(before, after)
	case before == 0:
		id = after
		fallthrough
	default:
		if s.marks[id]&shown != 0 {
			return s.changeRows(k, 1)
		}
	}
	p := &s.spans[id]
	p.first, p.last = min(p.first, at), max(p.last, at)
	s.pending.add(id, r)
	return nil
}

// late counts row r, at a time, which came after its session, from start to end, was
// gone.
func (s *Session) late(r int, at, start, end int64) {
	if s.cfg.Account != nil {
		s.cfg.Account.addLate(1, s.wm-end)
	}
	s.cfg.Late.add(s.batch, r, 0, missed{time: at, watermark: s.wm, windowed: true, start: start, end: end, reason: reasonSession})
}

// correctsClosed reports whether sessions are shown when they close and kept.
func (s *Session) correctsClosed() bool { return s.cfg.Emit == EmitClose && s.cfg.Lateness.Allowed > 0 }

// open begins a session of a key with a row at a time.
func (s *Session) open(key int32, at int64) int32 {
	id := s.alloc(span{first: at, last: at, key: key}, 0)
	s.link(id)
	s.timers.Set(id, s.dueAt(id))
	if s.cfg.Every > 0 {
		s.every.dirty = append(s.every.dirty, id)
	}
	return id
}

// alloc returns the number of a new span.
func (s *Session) alloc(p span, m marks) int32 {
	if k := len(s.free); k > 0 {
		id := s.free[k-1]
		s.free = s.free[:k-1]
		s.spans[id], s.marks[id] = p, m
		return id
	}
	s.spans, s.marks = append(thrifty(s.spans), p), append(thrifty(s.marks), m)
	return int32(len(s.spans) - 1)
}

// thrifty makes room in a full slice for more elements: all of it counts as state,
// so that a large one is not made much larger.
func thrifty[T any](s []T) []T {
	n := len(s)
	if n < cap(s) {
		return s
	}
	more := n
	switch {
	case n >= 1<<19:
		more = n / 16
	case n >= 1<<13:
		more = n / 8
	}
	return append(make([]T, 0, n+max(64, more)), s...)
}

// unite makes one session of two of a key, of which a is the earlier, and returns
// it. The longer one goes on, as it may have more to move.
func (s *Session) unite(a, b int32) int32 {
	to, from := b, a
	if uint64(s.spans[a].last)-uint64(s.spans[a].first) > uint64(s.spans[b].last)-uint64(s.spans[b].first) {
		to, from = a, b
	}
	s.unlink(from)
	p, q := &s.spans[to], &s.spans[from]
	p.first, p.last = min(p.first, q.first), max(p.last, q.last)
	q.key = endedSpan
	if s.cfg.Updating {
		s.instants.grow(len(s.spans))
		roots := s.instants.roots
		roots[to], roots[from] = s.spans.join(roots[a], roots[b]), 0
		return to
	}
	s.pending.move(to, from)
	return to
}

// sessionTimers is a Session as the owner of timers.
type sessionTimers Session

func (s *sessionTimers) DueAt(id int32) int64 { return (*Session)(s).dueAt(id) }
func (s *sessionTimers) Link(id int32) *int32 { return &s.spans[id].timer }

// dueAt returns the watermark at which something happens to span id: it closes,
// or it is gone. One that has ended is due at once.
func (s *Session) dueAt(id int32) int64 {
	p := &s.spans[id]
	if p.key < 0 {
		return data.MinTime
	}
	end := s.endOf(p.last)
	if (s.cfg.Emit == EmitClose || len(s.compacts) > 0) && s.marks[id]&closed == 0 {
		return s.cfg.Lateness.ClosesAt(end)
	}
	return s.cfg.Lateness.GoneAt(end)
}
