package dataflow

import (
	"math"
	"sync"

	"tidemark/operators/data"
	"tidemark/operators/watermark"
)

// merge puts what the workers of a keyed operator emit into one order: by the
// position in the input that made it, then by the order columns; a move of the
// watermark comes after the rows of its position. It is a k-way merge that never
// waits for a worker that is known to have passed the least position in hand.
type merge struct {
	k       *Keyed
	inputs  []mergeInput
	wm      *watermark.Merger
	pool    *data.Pool
	out     *data.Batch
	picks   []pick
	batches []*data.Batch // of the inputs, while rows are copied, and one for gaps
	gaps    gaps          // of out
	pending struct {      // a move of the watermark that more inputs may be part of
		has      bool
		time, at int64
	}
	seq     int64
	emit    func(*data.Batch) error
	idle    func() // passes on that nothing is to be expected
	barrier func(*barrier)
	failed  error // of emit
}

// mergeInput is what one worker has sent and the merge not yet taken.
type mergeInput struct {
	from      <-chan message
	batch     *data.Batch
	row, step int
	at        int64 // position of the element in hand
	upTo      int64 // everything at positions below has been sent
	err       error // stands at the row in hand, or after everything
	closed    bool
	idle      bool     // nothing is to be expected of it, which is not passed on yet
	barrier   *barrier // has come, and not on all inputs yet
}

// pick is a row chosen for the output.
type pick struct {
	input int32
	row   int32
}

func newMerge(k *Keyed, from []chan message, emit func(*data.Batch) error) *merge {
	m := &merge{k: k, wm: watermark.NewMerger(len(from)), pool: data.NewPool(k.Schema), emit: emit, idle: func() {}, barrier: func(*barrier) {}}
	for _, c := range from {
		m.inputs = append(m.inputs, mergeInput{from: c, upTo: math.MinInt64})
	}
	m.batches = append(make([]*data.Batch, len(from)), gapBatch(k.Schema))
	return m
}

// run merges until the inputs end, and returns the error that ends them. The
// inputs are not necessarily empty then.
func (m *merge) run() error {
	if len(m.inputs) == 1 {
		return m.pass(&m.inputs[0])
	}
	for {
		best, err := m.least()
		if err != nil || best < 0 {
			m.move()
			m.flush()
		}
		switch {
		case m.failed != nil: // at a row before
			return m.failed
		case err != nil || best < 0:
			return err
		}
		in := &m.inputs[best]
		if m.pending.has && (in.at != m.pending.at || !in.atStep()) {
			m.move()
		}
		if len(m.inputs) == 2 && m.inputs[1-best].batch != nil && m.pickPair(&m.inputs[0], &m.inputs[1]) {
			if len(m.picks) >= m.k.BatchRows {
				m.flush()
			}
			continue
		}
		if in.atStep() {
			s := in.batch.Steps[in.step]
			in.step++
			if m.wm.Advance(best, s.Time) {
				m.pending.has, m.pending.time, m.pending.at = true, m.wm.Now(), in.at
			}
			if len(m.picks) >= m.k.BatchRows {
				m.flush()
			}
		} else {
			m.picks = append(m.picks, pick{int32(best), int32(in.row)})
			pair := in.batch.Change(in.row) == data.UpdateBefore // its +U goes into the same batch
			in.row++
			if len(m.picks) >= m.k.BatchRows && !pair {
				m.flush()
			}
		}
		if in.spent() {
			m.gather() // the picks point into it
			in.batch.Release()
			in.batch = nil
		} else {
			in.locate()
		}
	}
}

// move adds the move of the watermark that is pending behind the rows that have been
// picked. What the inputs make of one position is one move: of how many parts it
// comes depends on their number.
func (m *merge) move() {
	if !m.pending.has {
		return
	}
	m.pending.has = false
	o := m.output()
	row := o.N + len(m.picks)
	if k := len(o.Steps); k > 0 && o.Steps[k-1].Row == row {
		m.gaps.add(row)
		m.picks = append(m.picks, pick{input: int32(len(m.inputs))})
		row++
	}
	o.AddStep(row, m.pending.time)
}

// complete reports whether no input can be part of the pending move any more.
func (m *merge) complete() bool {
	for i := range m.inputs {
		in := &m.inputs[i]
		switch {
		case in.batch != nil:
			if in.at <= m.pending.at {
				return false
			}
		case in.idle, in.barrier != nil, in.err != nil, in.closed:
		case in.upTo <= m.pending.at:
			return false
		}
	}
	return true
}

// pickPair picks rows of two inputs for as long as both have rows that the same
// position made: the groups of a window that closes, which are most of all
// output. It reports whether it picked any.
func (m *merge) pickPair(a, b *mergeInput) bool {
	before := len(m.picks)
	for a.more(a.at) && b.more(a.at) && len(m.picks) < m.k.BatchRows && a.at == b.at {
		in, i := a, int32(0)
		if m.before(b, a) {
			in, i = b, 1
		}
		m.picks = append(m.picks, pick{i, int32(in.row)})
		in.row++
	}
	return len(m.picks) > before
}

// more reports whether the element in hand and the next one are inserted rows
// made by position at.
func (in *mergeInput) more(at int64) bool {
	b := in.batch
	return b.Changes == nil && len(b.Steps) == 0 && in.err == nil && in.row+1 < b.N && b.Trigger[in.row+1] == at
}

// pass is run for one worker: its order is the order.
func (m *merge) pass(in *mergeInput) error {
	for msg := range in.from {
		switch {
		case msg.err != nil:
			if msg.batch != nil {
				msg.batch.Release()
			}
			return msg.err
		case msg.done:
			return nil
		case msg.idle:
			m.idle()
		case msg.barrier != nil:
			m.barrier(msg.barrier)
		}
		if b := msg.batch; b != nil {
			b.Steps = onePerPosition(b.Steps, b.StepTrigger)
			b.Trigger, b.StepTrigger = nil, nil
			if crowded(b.Steps) {
				o := m.pool.Get()
				spread(o, b, m.batches[len(m.inputs)])
				b = o
			}
			m.number(b)
			if err := m.emit(b); err != nil {
				return err
			}
		}
	}
	return nil
}

// least returns the input whose next element comes first, -1 at the end of all.
func (m *merge) least() (int, error) {
	for {
		best, lag, silent := -1, -1, false
		var held *barrier
		for i := range m.inputs {
			in := &m.inputs[i]
			switch {
			case in.batch != nil:
				if best < 0 || m.before(in, &m.inputs[best]) {
					best = i
				}
			case in.idle: // it has sent what it made of everything that came before
				silent = true
			case in.barrier != nil: // and so has this
				held = in.barrier
			case in.err == nil && !in.closed && (lag < 0 || in.upTo < m.inputs[lag].upTo):
				lag = i
			}
		}
		if lag >= 0 && (best < 0 || m.inputs[best].at >= m.inputs[lag].upTo) {
			if m.pending.has && m.complete() {
				m.move()
			}
			m.receive(&m.inputs[lag])
			continue
		}
		if best < 0 && silent { // so have all of them
			m.passIdle()
			continue
		}
		if best < 0 && held != nil {
			m.passBarrier(held)
			continue
		}
		if best < 0 {
			for i := range m.inputs {
				if err := m.inputs[i].err; err != nil {
					return -1, err
				}
			}
			return -1, nil
		}
		return best, m.inputs[best].err
	}
}

// passIdle passes on that nothing is to be expected.
func (m *merge) passIdle() {
	for i := range m.inputs {
		m.inputs[i].idle = false
	}
	m.move()
	m.flush()
	m.idle()
}

// passBarrier passes on a barrier that has come on all inputs.
func (m *merge) passBarrier(b *barrier) {
	for i := range m.inputs {
		m.inputs[i].barrier = nil
	}
	m.move()
	if m.flush(); m.failed == nil {
		m.barrier(b)
	}
}

// save writes what the merge remembers between messages.
func (m *merge) save(e *data.Encoder) {
	e.Varint(m.seq)
	m.wm.Snapshot(e)
}

// restore makes a new merge go on where the one that was saved stood.
func (m *merge) restore(d *data.Decoder) {
	m.seq = d.Varint()
	m.wm.Restore(d)
}

// receive takes the next message of an input that has nothing in hand.
func (m *merge) receive(in *mergeInput) {
	select {
	case msg, ok := <-in.from:
		in.take(msg, ok)
	default:
		m.flush() // do not sit on rows while waiting
		msg, ok := <-in.from
		in.take(msg, ok)
	}
}

func (in *mergeInput) take(msg message, ok bool) {
	switch {
	case !ok || msg.done:
		in.closed = true
	case msg.batch != nil:
		in.batch, in.row, in.step, in.err = msg.batch, 0, 0, msg.err
		if in.spent() {
			in.batch.Release()
			in.batch = nil
		} else {
			in.locate()
		}
	case msg.err != nil:
		in.err = msg.err
	case msg.idle:
		in.idle = true
	case msg.barrier != nil:
		in.barrier = msg.barrier
	default:
		in.upTo = msg.upTo
	}
}

func (in *mergeInput) atStep() bool {
	return in.step < len(in.batch.Steps) && in.batch.Steps[in.step].Row <= in.row
}

func (in *mergeInput) spent() bool {
	return in.row >= in.batch.N && in.step >= len(in.batch.Steps)
}

// locate finds the input position that made the element in hand.
func (in *mergeInput) locate() {
	if in.atStep() {
		in.at = in.batch.StepTrigger[in.step]
	} else {
		in.at = in.batch.Trigger[in.row]
	}
}

// before reports whether a's element in hand comes before b's.
func (m *merge) before(a, b *mergeInput) bool {
	if a.at != b.at {
		return a.at < b.at
	}
	if a.atStep() || b.atStep() {
		return !a.atStep()
	}
	if m.k.DeletesFirst {
		if deletes := a.batch.Change(a.row) == data.Delete; deletes != (b.batch.Change(b.row) == data.Delete) {
			return deletes
		}
	}
	for _, c := range m.k.Order {
		x, y := a.batch.Cols[c], b.batch.Cols[c]
		if x.Null == nil && y.Null == nil && x.Type.Class() == data.ClassInt { // such as the end of a window
			if i, j := x.Ints[x.Index(a.row)], y.Ints[y.Index(b.row)]; i != j {
				return i < j
			}
			continue
		}
		if d := data.Compare(x, a.row, y, b.row); d != 0 {
			return d < 0
		}
	}
	return false
}

func (m *merge) output() *data.Batch {
	if m.out == nil {
		m.out = m.pool.Get()
	}
	return m.out
}

// flush emits what has been merged.
func (m *merge) flush() {
	m.gather()
	if m.out == nil {
		return
	}
	o := m.out
	m.out = nil
	o.Trigger = nil
	m.gaps.leaveOut(o)
	m.number(o)
	if m.failed != nil {
		o.Release()
		return
	}
	m.failed = m.emit(o)
}

// number gives b the next sequence numbers, so that each move of the watermark
// has a position of its own: no two stand at one row, and one behind the last row
// keeps its number from the next batch.
func (m *merge) number(b *data.Batch) {
	b.Seq = m.seq
	m.seq += int64(b.N)
	if k := len(b.Steps); k > 0 && b.Steps[k-1].Row == b.N {
		m.seq++
	}
}

// drain empties the inputs, all at the same time: whoever feeds the workers may
// wait for any of them.
func (m *merge) drain() {
	var all sync.WaitGroup
	for i := range m.inputs {
		in := &m.inputs[i]
		if in.batch != nil {
			in.batch.Release()
		}
		all.Go(func() {
			for msg := range in.from {
				if msg.batch != nil {
					msg.batch.Release()
				}
			}
		})
	}
	all.Wait()
}
