package data

import (
	"math"
	"slices"
	"sync"
	"sync/atomic"
)

// The watermark's extremes: before any row, and after the end of all inputs.
const (
	MinTime = math.MinInt64
	MaxTime = math.MaxInt64
)

// AddTime returns t + d, at most MaxTime and at least MinTime.
func AddTime(t, d int64) int64 {
	sum := t + d
	switch {
	case t > 0 && d > 0 && sum < 0:
		return MaxTime
	case t < 0 && d < 0 && sum >= 0:
		return MinTime
	}
	return sum
}

// Change says what a row of a changelog does to the result.
type Change uint8

// The four changes.
const (
	Insert       Change = iota // +I: a new row
	UpdateBefore               // -U: the old version of a row; its +U follows at once
	UpdateAfter                // +U: the new version of a row
	Delete                     // -D: a row is gone
)

var changeNames = [...]string{"+I", "-U", "+U", "-D"}

// String returns the two-character name of the change.
func (c Change) String() string { return changeNames[c] }

// Step is a move of the watermark inside a batch: before row Row (a physical
// index; Row == N means after the last row) the watermark becomes Time, in
// microseconds. Steps of a batch are in row order and their times increase.
//
// A row is judged against the watermark as it stood before it, so the step a
// row causes has that row's index + 1.
type Step struct {
	Row  int
	Time int64
}

// Batch is a run of changelog rows in columns, with the moves of the watermark
// between them. Batches of a stream are totally ordered; where one ends and the
// next begins never changes a result.
//
// A batch that was handed over is read-only for everybody. Who has it may keep
// it until Release, and must not touch it afterwards.
type Batch struct {
	// Cols are the columns, each flat with N values or constant. A batch fresh
	// from a pool points them at vectors of its own; a derived one may point them
	// at its parent's.
	Cols []*Vector
	// N is the number of physical rows.
	N int
	// Sel lists the rows that are there, ascending; nil means all N. Rows that
	// are not selected keep their place: steps count physical rows.
	Sel []int32
	// Changes has one entry per physical row; nil means every row is an Insert. A
	// -U and its +U are next to each other, selected, in one batch.
	Changes []Change
	// Seq is the sequence number of physical row 0; row i has Seq+i.
	Seq int64
	// Steps are the watermark's moves in this batch.
	Steps []Step
	// Trigger has, in the output of a keyed operator, the position in the input
	// that made each physical row, and StepTrigger that of each step; nil
	// elsewhere. Position 2s is the row with sequence number s, 2s-1 the
	// watermark's move right before it. They let the outputs of several workers
	// be merged into the one order that a single worker would have given.
	Trigger, StepTrigger []int64
	// Hashes has the key hash of each selected physical row after a keyed
	// exchange; nil elsewhere.
	Hashes []uint64
	// Origin knows the rows' places in their source, for messages; nil when unknown.
	Origin Origin

	own       []Vector // the vectors that Cols starts with
	selBuf    []int32
	changeBuf []Change
	stepBuf   []Step
	hashBuf   []uint64
	trigBuf   []int64
	stepTrig  []int64

	parent  *Batch
	pool    *Pool
	holders atomic.Int32
}

// Origin tells where in the outside world the rows of a batch come from.
type Origin interface {
	// Where describes physical row i, for example "clicks.csv:7".
	Where(i int) string
}

// Rows returns the number of selected rows.
func (b *Batch) Rows() int {
	if b.Sel != nil {
		return len(b.Sel)
	}
	return b.N
}

// Row returns the physical index of the k-th selected row.
func (b *Batch) Row(k int) int {
	if b.Sel != nil {
		return int(b.Sel[k])
	}
	return k
}

// Change returns what physical row i does.
func (b *Batch) Change(i int) Change {
	if b.Changes == nil {
		return Insert
	}
	return b.Changes[i]
}

// Where describes physical row i for a message.
func (b *Batch) Where(i int) string {
	if b.Origin == nil {
		return ""
	}
	return b.Origin.Where(i)
}

// SelBuf returns an empty selection (never nil) with room for n rows, owned by
// the batch and reused with it. It must not be called while b.Sel is still the buffer it
// returned before, unless the new selection is built in place from the old.
func (b *Batch) SelBuf(n int) []int32 {
	if cap(b.selBuf) < max(n, 1) {
		b.selBuf = make([]int32, 0, max(n, 1))
	}
	return b.selBuf[:0]
}

// HashBuf returns a hash slice of length n for b.Hashes, owned by the batch and
// reused with it.
func (b *Batch) HashBuf(n int) []uint64 {
	b.hashBuf = resize(b.hashBuf, n)
	return b.hashBuf
}

// AddStep appends a move of the watermark. The batch must not be derived.
func (b *Batch) AddStep(row int, t int64) {
	b.stepBuf = append(b.stepBuf, Step{row, t})
	b.Steps = b.stepBuf
}

// KeepSteps leaves of the moves of the watermark those of part, a part of Steps. The
// batch must not be derived.
func (b *Batch) KeepSteps(part []Step) { b.Steps, b.stepBuf = part, part }

// AddRows makes the n rows whose values have just been appended to the columns
// part of the batch: each makes change c and was made by the input position at.
func (b *Batch) AddRows(n int, c Change, at int64) {
	from := len(b.trigBuf)
	b.trigBuf = slices.Grow(b.trigBuf, n)[:from+n]
	for i := from; i < from+n; i++ {
		b.trigBuf[i] = at
	}
	b.Trigger = b.trigBuf
	if c != Insert || b.Changes != nil {
		for len(b.changeBuf) < b.N {
			b.changeBuf = append(b.changeBuf, Insert)
		}
		for range n {
			b.changeBuf = append(b.changeBuf, c)
		}
		b.Changes = b.changeBuf
	}
	b.N += n
}

// KeepChanges makes b record the change of each row from now on, as AddRows does
// by itself from the first row that is not an Insert.
func (b *Batch) KeepChanges() {
	for len(b.changeBuf) < b.N {
		b.changeBuf = append(b.changeBuf, Insert)
	}
	if b.Changes == nil {
		b.Changes = append(b.changeBuf, Insert)[:b.N]
	}
}

// AddTriggeredStep appends a move of the watermark with the position that made it.
func (b *Batch) AddTriggeredStep(row int, t, position int64) {
	b.AddStep(row, t)
	b.stepTrig = append(b.stepTrig, position)
	b.StepTrigger = b.stepTrig
}

// AddChange records the change of the row appended last.
func (b *Batch) AddChange(c Change) {
	b.changeBuf = append(b.changeBuf, c)
	b.Changes = b.changeBuf
}

// Derive makes b, fresh from a pool, a view that follows from parent: it has the
// same rows, selection, changes, steps and sequence numbers, and keeps parent
// alive until it is released itself. The caller fills in the columns, which may
// share the parent's memory. Ownership of parent passes to b.
func (b *Batch) Derive(parent *Batch) {
	b.parent = parent
	b.N, b.Sel, b.Changes, b.Seq, b.Steps = parent.N, parent.Sel, parent.Changes, parent.Seq, parent.Steps
	b.Hashes, b.Origin = parent.Hashes, parent.Origin
}

// Retain adds n holders: each must Release the batch once.
func (b *Batch) Retain(n int) { b.holders.Add(int32(n)) }

// Release gives the batch back. When the last holder has released it, its
// memory returns to the pool it came from, if any.
func (b *Batch) Release() {
	if b.holders.Add(-1) >= 0 {
		return
	}
	if p := b.parent; p != nil {
		b.parent = nil
		p.Release()
	}
	if b.pool != nil {
		b.pool.put(b)
	}
}

// Pool recycles batches of one schema. The zero value is not ready: use NewPool.
// It is safe for concurrent use.
type Pool struct {
	schema Schema
	mu     sync.Mutex
	free   []*Batch
}

// NewPool returns a pool of batches that have the columns of schema.
func NewPool(schema Schema) *Pool { return &Pool{schema: schema} }

// Get returns an empty batch whose columns are reset to the pool's schema. It
// has one holder: the caller.
func (p *Pool) Get() *Batch {
	p.mu.Lock()
	var b *Batch
	if k := len(p.free); k > 0 {
		b, p.free = p.free[k-1], p.free[:k-1]
	}
	p.mu.Unlock()
	if b == nil {
		b = &Batch{Cols: make([]*Vector, len(p.schema)), own: make([]Vector, len(p.schema)), pool: p}
	}
	b.N, b.Seq, b.Sel, b.Changes, b.Steps, b.Hashes, b.Origin = 0, 0, nil, nil, nil, nil, nil
	b.Trigger, b.StepTrigger = nil, nil
	b.stepBuf, b.trigBuf, b.stepTrig, b.changeBuf = b.stepBuf[:0], b.trigBuf[:0], b.stepTrig[:0], b.changeBuf[:0]
	b.holders.Store(0)
	b.Cols = b.Cols[:len(b.own)]
	for i := range b.own {
		b.own[i].Reset(p.schema[i].Type)
		b.Cols[i] = &b.own[i]
	}
	return b
}

// OwnChanges gives b a copy of its Changes that nobody else sees, to be modified.
func (b *Batch) OwnChanges() []Change {
	b.changeBuf = append(b.changeBuf[:0], b.Changes...)
	b.Changes = b.changeBuf
	return b.Changes
}

// View returns a derived batch with all of parent's columns, from a pool whose
// batches have none of their own. Ownership of parent passes to it; who wants
// several views of one batch retains it first.
func (p *Pool) View(parent *Batch) *Batch {
	b := p.Get()
	b.Cols = append(b.Cols[:0], parent.Cols...)
	b.Derive(parent)
	return b
}

func (p *Pool) put(b *Batch) {
	p.mu.Lock()
	p.free = append(p.free, b)
	p.mu.Unlock()
}
