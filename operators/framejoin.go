package operators

import (
	"slices"

	"tidemark/operators/data"
	"tidemark/operators/watermark"
)

// FrameJoinConfig describes a FrameJoin.
type FrameJoinConfig struct {
	// Side is the BOOLEAN input column that is true for rows of the right side. Time
	// is the column with the event times of both, Keys are those that must be
	// equal; keys that are NULL are alike. Left are the columns of a left row, those
	// of Time and Keys among them.
	Side, Time int
	Keys, Left []int
	// Calls are aggregates and OverFirst, OverLast and OverNth over the columns of right
	// rows. Their frames go by the time and end at the instant or before it. One that
	// begins with the first row is of an aggregate or of an OverLast that takes NULLs.
	Calls    []OverCall
	Lateness watermark.Lateness
	// PassTime passes on every move of the watermark.
	PassTime  bool
	BatchRows int
	// Out are the columns of the left row, one for each call, and the left row's place
	// in the input, by which rows of one instant are ordered.
	Out data.Schema
	// LeftOnly says that rows of the left side alone are counted: the others are none of
	// a source.
	LeftOnly bool
	Account  *Account  // counts late rows; may be nil
	Late     *LateRows // keeps them; this operator's alone, may be nil
}

// FrameJoin gives each left row what window functions come to at its instant, over the
// right rows of its key: frames end there, whether or not there is a right row.
// Where there is none in a frame, its aggregate is that of no rows. The rows of both sides
// come as one, in the order of their watermarks. A left row waits until the watermark
// has passed it, by the lateness. Rows are emitted in the order of times and
// arrivals, and never corrected.
//
// A left row below the watermark by more than the lateness is late, and not used. A
// right row is late when it is in no frame of a left row that is still to be emitted.
// Right rows are kept as long as frames may reach them; of those that are in all
// frames to come, only what they add up to.
type FrameJoin struct {
	cfg    FrameJoinConfig
	over   OverConfig // of the right rows; Out is that of the join, for messages
	wm     int64
	passed int64 // the watermark passed on
	pool   *data.Pool
	left   *waiting
	counts []int32 // of left rows by partition
	right  *overRows
	span   int64 // how far frames reach back, of those that do not begin with the first row
	runs   bool  // there are frames that begin with it
	sweep  int   // right rows from which on it is worth to look for those of no use
	crowd  int   // and partitions

	emit    Output
	keys    []*data.Vector
	hashes  rowHashes
	all     counting
	parts   []int32
	view    *data.Batch // of the left side's columns
	kept    []int32
	keptOf  []int32 // the partitions of those that are kept
	pending framePending
	touched []int32
}

// framePending are left rows that are to be emitted, and the moves of the watermark
// between them.
type framePending struct {
	parts                []overRow
	rows                 []int32
	times, arrivals, ats []int64
	moves                []pairMove
}

// NewFrameJoin returns a join. in is the schema of its input.
func NewFrameJoin(cfg FrameJoinConfig, in data.Schema) *FrameJoin {
	j := &FrameJoin{cfg: cfg, wm: data.MinTime, passed: data.MinTime, pool: data.NewPool(cfg.Out), sweep: leastSweep, crowd: manyParts,
		keys: make([]*data.Vector, len(cfg.Keys)), view: &data.Batch{Cols: make([]*data.Vector, len(cfg.Left))}}
	j.over = OverConfig{Partition: cfg.Keys, Order: []SortKey{{Column: cfg.Time}}, Peers: 1, Time: cfg.Time, Calls: cfg.Calls, Out: cfg.Out[:len(cfg.Out)-1]}
	j.right = newOverRows(&j.over, in, overUse{once: true, instants: true})
	left := make(data.Schema, len(cfg.Left))
	for i, c := range cfg.Left {
		left[i] = in[c]
	}
	j.left = newWaiting(left)
	for _, f := range j.right.frames {
		switch f.Start.Kind {
		case FromFirst:
			j.runs = true
		case FromOffset:
			j.span = max(j.span, -f.Start.By.Ints[0])
		}
	}
	return j
}

// Process takes b's rows and emits what its steps let go.
func (j *FrameJoin) Process(b *data.Batch, out Output) error {
	defer b.Release()
	j.emit = out
	rows := j.all.of(b)
	j.partitions(b, rows)
	for i, c := range j.cfg.Left {
		j.view.Cols[i] = b.Cols[c]
	}
	j.view.Seq = b.Seq
	from := 0
	for step := 0; ; step++ {
		to := len(rows)
		if step < len(b.Steps) {
			for to = from; to < len(rows) && int(rows[to]) < b.Steps[step].Row; to++ {
			}
		}
		if err := j.take(b, rows[from:to], j.parts[from:to]); err != nil {
			return err
		}
		if from = to; step == len(b.Steps) {
			break
		}
		if err := j.advance(b.Steps[step], 2*(b.Seq+int64(b.Steps[step].Row))-1); err != nil {
			return err
		}
	}
	if err := j.flush(); err != nil {
		return err
	}
	j.tidy(false)
	return nil
}

// partitions finds the partitions of rows.
func (j *FrameJoin) partitions(b *data.Batch, rows []int32) {
	if len(rows) == 0 {
		return
	}
	for i, k := range j.cfg.Keys {
		j.keys[i] = b.Cols[k]
	}
	j.parts = slices.Grow(j.parts[:0], len(rows))[:len(rows)]
	j.right.partitions(j.keys, j.hashes.of(b, j.keys, rows), rows, j.parts)
	for len(j.counts) < len(j.right.parts) {
		j.counts = append(j.counts, 0)
	}
}

// take stores rows between which the watermark does not move.
func (j *FrameJoin) take(b *data.Batch, rows, parts []int32) error {
	side, times := b.Cols[j.cfg.Side], b.Cols[j.cfg.Time]
	j.kept, j.keptOf = j.kept[:0], j.keptOf[:0]
	for k, r := range rows {
		if side.Bools[side.Index(int(r))] {
			continue
		}
		if t := times.Ints[times.Index(int(r))]; j.cfg.Lateness.LateRow(t, j.wm) {
			j.late(b, int(r), 0, t)
			continue
		}
		j.kept, j.keptOf = append(j.kept, r), append(j.keptOf, parts[k])
		j.counts[parts[k]]++
	}
	if len(j.kept) > 0 {
		if err := j.left.add(j.view, j.kept, j.keptOf, times, -1); err != nil {
			return err
		}
	}
	j.kept, j.keptOf = j.kept[:0], j.keptOf[:0]
	for k, r := range rows {
		if !side.Bools[side.Index(int(r))] {
			continue
		}
		t := times.Ints[times.Index(int(r))]
		switch {
		case j.reached(t):
			j.kept, j.keptOf = append(j.kept, r), append(j.keptOf, parts[k])
		default:
			j.late(b, int(r), 1, t)
		}
	}
	return j.takeRight(b)
}

// takeRight stores the right rows that are listed, each in its place.
func (j *FrameJoin) takeRight(b *data.Batch) error {
	if len(j.kept) == 0 {
		return nil
	}
	w := j.right
	first, err := w.add(b.Cols, j.kept)
	if err != nil {
		return err
	}
	for k, r := range j.kept {
		w.note(j.keptOf[k], b.Seq+int64(r), 0)
	}
	times, limit := w.store.cols[w.order[0].Column].Ints, j.cfg.Lateness.PassedBefore(j.wm)
	for k, part := range j.keptOf {
		p, id := &w.parts[part], first+int32(k)
		if times[id] < limit { // those that are to be emitted shall not see it
			if err := j.flush(); err != nil {
				return err
			}
		}
		if n := p.ids.len(); n == 0 || times[*p.ids.at(n - 1)] <= times[id] {
			if err := w.list(part, p.push(id), id); err != nil {
				return err
			}
			continue
		}
		if err := w.insert(part, w.behind(part, w.store.cols, int(id)), id); err != nil {
			return err
		}
	}
	return nil
}

// reached reports whether a right row at t may be in a frame of a left row that is
// still to be emitted.
func (j *FrameJoin) reached(t int64) bool {
	return j.wm != data.MaxTime && (j.runs || t >= data.AddTime(j.cfg.Lateness.PassedBefore(j.wm), -j.span))
}

func (j *FrameJoin) late(b *data.Batch, r, side int, t int64) {
	if j.cfg.Account != nil && (side == 0 || !j.cfg.LeftOnly) {
		j.cfg.Account.addLate(1, j.wm-t)
	}
	j.cfg.Late.add(b, r, side, missedBySide(side, t, j.wm))
}
