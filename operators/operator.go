// Package operators holds the steps of a dataflow. An operator sees batches and
// nothing else: no plan, no channel, no connector, no clock on the wall. That is
// why each can be tested by calling it.
package operators

import (
	"errors"
	"sync/atomic"

	"tidemark/operators/data"
	"tidemark/operators/state"
)

// Operator is one step of a dataflow.
//
// Process takes the next batch of its input, in order, and hands what follows
// from it to out, in order, before it returns. Time is in the batch: its Steps
// are the moves of the watermark between its rows, and data.MaxTime is the end
// of the input. An operator never looks at where one batch ends and the next
// begins to decide what to emit.
//
// The batch passed in belongs to the operator, which releases it or passes it
// on; a batch passed to out belongs to the receiver. What the operator wants to
// keep beyond Process it copies.
//
// When a row cannot be processed, Process first emits everything that follows
// from the rows before it and then returns an error that names the row. After an
// error no method is called any more. One goroutine calls an operator at a time.
type Operator interface {
	Process(b *data.Batch, out Output) error
}

// Stateful is an Operator that remembers something from one batch to the next.
// An operator that is not Stateful remembers nothing: a new one can go on in its
// place at any time.
type Stateful interface {
	Operator
	// Snapshot writes all that the operator remembers. It is called between calls
	// of Process, and changes nothing.
	Snapshot(e *data.Encoder)
	// Restore makes a fresh operator of the same configuration the one that wrote a
	// snapshot: what it emits from then on is what that one would have emitted. It
	// reads what Snapshot wrote and no more. When the snapshot turns out to be
	// damaged, d is Damaged or an error says how; the operator is of no use then.
	Restore(d *data.Decoder) error
}

// Done is what Process returns when nothing that could follow would change the
// output: it is complete. Like io.EOF it is no failure.
//
//lint:ignore ST1012 it is not an error to anybody
var Done = errors.New("the result is complete")

// Output receives the batches an operator emits. An error means that nobody
// wants more: the operator returns it unchanged.
type Output func(*data.Batch) error

// Chain returns an Output that passes batches through ops, in order, to out.
func Chain(ops []Operator, out Output) Output {
	for i := len(ops) - 1; i >= 0; i-- {
		op, next := ops[i], out
		out = func(b *data.Batch) error { return op.Process(b, next) }
	}
	return out
}

// Account counts what became of a source's rows on their way through one
// statement: read + Repeated = used + Filtered + Late + rejected. It is the one place where
// operators count rows, shared by the workers of a statement.
type Account struct {
	Filtered atomic.Int64 // rows for which WHERE was not true, or without elements for UNNEST
	Repeated atomic.Int64 // rows that UNNEST, or a table of windows, made of one besides the first
	Late     atomic.Int64 // rows that came after their windows were gone
	// PartlyLate are rows that came after some of their windows were gone, and were
	// used in the others.
	PartlyLate atomic.Int64
	// MissedBy is the most microseconds by which a late row missed the end of its
	// window: the watermark before it less window_end.
	MissedBy atomic.Int64
	// Open is how many windows hold rows that have not been emitted: each session is one;
	// where windows overlap, it is the slices that they are put together from.
	Open atomic.Int64
	open openWindows // those that are counted in it by their start
	// Copies says that rows come once for each of their windows: one that is late for
	// a window counts as partly late.
	Copies bool
}

// repeat counts what became of some rows of which others were made: of none of them
// nothing, more than one of the others. a may be nil.
func (a *Account) repeat(none, more int64) {
	if a != nil && (none > 0 || more > 0) {
		a.Filtered.Add(none)
		a.Repeated.Add(more)
	}
}

// addLate counts n late rows, the latest of which missed its window by missedBy.
func (a *Account) addLate(n, missedBy int64) {
	if a.Copies {
		a.PartlyLate.Add(n)
		return
	}
	a.addWhole(n, missedBy)
}

// addWhole counts n rows that are late for all of their windows.
func (a *Account) addWhole(n, missedBy int64) {
	if n == 0 {
		return
	}
	a.Late.Add(n)
	for {
		old := a.MissedBy.Load()
		if missedBy <= old || a.MissedBy.CompareAndSwap(old, missedBy) {
			return
		}
	}
}

// RowError is a run-time error of one row.
type RowError struct {
	Where string // "clicks.csv:7", or "" when the row is not one of a source
	Err   error
	// Seq is the sequence number of the row in the operator's input, where Marker
	// is nil.
	Seq int64
	// Marker stands for the output row that could not be made: a batch of that one
	// row, good enough to find its place among the other workers' rows. Nil when an
	// input row is at fault.
	Marker *data.Batch
}

// Error returns "clicks.csv:7: reason".
func (e *RowError) Error() string {
	if e.Where == "" {
		return e.Err.Error()
	}
	return e.Where + ": " + e.Err.Error()
}

// Unwrap returns the reason.
func (e *RowError) Unwrap() error { return e.Err }

// HashKeys writes the hash of each row's key, the values of cols, to out: the
// hash by which rows are spread over workers and found in a keyed operator's
// table. rows lists the rows, nil means the first n.
func HashKeys(cols []*data.Vector, rows []int32, n int, out []uint64) {
	state.HashRows(cols, rows, n, out)
}
