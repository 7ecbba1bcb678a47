// Package dataflow runs operators: it reads sources in parallel pieces, puts the
// pieces back in order, spreads keyed work over workers, merges what they emit
// into the one order a single worker would have given, and feeds the sinks.
//
// A flow is a graph without cycles. Its goroutines are the workers of each source, and
// one that watches the clock for a live one; the workers and the collector of each
// keyed operator; one for each union and each of its inputs; and one for each sink.
// They are joined by bounded channels, which give backpressure. Errors travel in the
// stream like rows, so that everything before the row at fault reaches the sinks
// first; that nobody wants more travels the other way, and stops the sources that
// work for nobody.
package dataflow

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"tidemark/connectors"
	"tidemark/operators"
	"tidemark/operators/clock"
	"tidemark/operators/data"
	"tidemark/operators/watermark"
)

// Flow is a dataflow, ready to run once.
type Flow struct {
	Sources []*Source
	// Sinks are the ends of the graph in the order of their statements: of several
	// that fail, the first gives the run its error.
	Sinks []*Sink
	// Accounts are all that operators and sources count in, by names that are the same in
	// each run.
	Accounts []Account
	// Conditions say what rows have to fulfil to come through; what is remembered is of
	// those that did.
	Conditions []string
	// Clock is the time of day; nil is the machine's.
	Clock clock.Clock
	// Stepped says that somebody hands rows in step by step, waits each time until the
	// flow is Quiet, and calls Tick when the clock has moved: then nothing in it depends
	// on which goroutine is first. Unions by arrival take the rows of a step in order of
	// their inputs.
	Stepped bool
	// KeptOpen lets sources whose inputs have come to their ends wait until the flow is
	// stopped, with Hold: so that it can be saved as it stands then.
	KeptOpen bool
}

// Account is an account with its name.
type Account struct {
	Name string
	*operators.Account
}

// Source is an input and what is made of it.
type Source struct {
	Name  string
	Input connectors.Source
	// Schema are the columns of the decoded batches.
	Schema data.Schema
	// Time is the column with the event time, or -1; Watermark says how the watermark
	// follows from it, and Marks, when it is not nil, which rows may move it. Its Drift
	// is ahead of the clock for an input without an end.
	Time      int
	Watermark watermark.Spec
	Marks     func() Marks
	// Event computes the event time, which is then the last of the columns, and is
	// not decoded; nil when it is. Each worker calls it once.
	Event func() EventTime
	// Clock says that the event time of a row is the time of day at which it was read,
	// which the connector takes from its chunk: so the watermark, less its delay, goes on
	// with the clock although no row comes.
	Clock bool
	// Partitioned merges the partitions of an input with an end by their watermarks,
	// where it has several; else they come one after the other.
	Partitioned bool
	// IdleTimeout is how long a partition of an input without an end may be silent
	// before nobody waits for it any more; 0 is for ever.
	IdleTimeout time.Duration
	// Align is how far, in microseconds, the watermark may be ahead of the least of the
	// other sources'; then reading waits. 0 is as far as it likes.
	Align int64
	// Trust is what is expected of the source, for reports.
	Trust Trust
	// Hold keeps the time from ending with the input, so that open windows stay so.
	Hold bool
	// Workers is how many goroutines decode; BatchRows the most rows of a batch.
	Workers, BatchRows int
	// SkipBad goes on after a bad record, which is then given to OnBad when that is
	// not nil. Otherwise the first bad record ends the run.
	SkipBad bool
	OnBad   func(BadRecord) error
	// AtBarrier, where bad records go to a sink, returns it when it has been given all
	// that OnBad has; it is called where a barrier passes the source.
	AtBarrier func() (connectors.Sink, error)
	// Pushed counts the rows that the decoder's own filter dropped; nil when it has none.
	Pushed *operators.Account
	// Edges are where the rows go: each gets all of them.
	Edges []*Edge

	badMu sync.Mutex // held during OnBad
	stats sourceStats
}

// BadRecord is a record that could not be decoded.
type BadRecord struct {
	Source string // the stream's name
	Input  string // the file's name, or the like
	Line   int64  // counted from 1
	Reason string
	Record []byte // belongs to the source: valid only during the call
}

// Edge leads rows through stateless operators to where they go next: exactly one
// of Keyed, Split, Union and Sink is set.
type Edge struct {
	// Operators returns a new set of the operators on the way, one for each
	// goroutine that needs it; nil means none. Such an operator makes one batch of
	// each, with the same physical rows and steps.
	Operators func() []operators.Operator
	// Accounts are where those operators count.
	Accounts []*operators.Account
	Keyed    *Keyed
	// Split gives the rows to several edges, each of which gets all of them: what
	// several parts of the graph use is computed once.
	Split []*Edge
	// Rows counts the rows that a Split has handed on, once whatever the number of
	// edges; nil where nobody wants to know.
	Rows *atomic.Int64
	// Union takes the rows as its input number Input.
	Union *Union
	Input int
	Sink  *Sink
}

// Keyed is an operator with state. Where the state is by key, the rows are spread
// over workers by a hash of the key, each with an operator of its own; where it
// is not, one worker takes all rows in order.
type Keyed struct {
	// Name describes what its operators remember: state is restored where it is the same.
	Name string
	// Lateness is how late rows may be, in microseconds, to use state that is kept so long.
	Lateness int64
	// Account is where they count; nil where they do not.
	Account *operators.Account
	Key     []int // input columns
	Workers int
	New     func() operators.Operator
	// Local, when not nil, makes the first of two phases: each worker of the source
	// before the operator has one, which takes rows that are on time out of what is
	// handed on. It is used only where nothing but stateless operators stand between
	// them. Of New's operators each is an Absorber then.
	Local func() Local
	// Schema are the output's columns; Order those by which the rows that one
	// input row or move of the watermark makes are ordered.
	Schema data.Schema
	Order  []int
	// DeletesFirst says that of the rows which one input row or move makes those that
	// are deleted come before the others, whatever their order.
	DeletesFirst bool
	// BatchRows is the most rows of an output batch.
	BatchRows int
	// PassesIdle says that the output is idle when the input is. It must not be where the
	// operator may still make rows that are earlier than its input's watermark: who
	// went on without it would find them late.
	PassesIdle bool
	Next       *Edge
	// Late is where the rows go that the operator does not use because they came too
	// late; nil for nowhere. Of New's operators each is a lateKeeper then.
	Late *Late

	time timeMark
}

// Watermark returns that of the operator's input, as far as its workers have come; known is
// false as long as it has not moved. It may be called at any time.
func (k *Keyed) Watermark() (w int64, known bool) { return k.time.now() }

// Late is the way of rows that an operator does not use, in the order of their arrival.
// Of the moves of the watermark only the end of time is passed on: the others have
// left these rows behind.
type Late struct {
	Schema data.Schema
	Next   *Edge
}

// Local adds up rows before they are put in order: see operators.PreAggregate.
type Local interface {
	// Take takes rows out of b's selection. wm is the watermark before its first row.
	Take(b *data.Batch, wm int64)
	// Due returns what belongs to moves of the watermark up to w, a part for each
	// worker of the keyed operator.
	Due(w int64) []operators.Part
}

// Absorber is an operator that takes parts of what Locals have added up.
type Absorber interface{ Absorb(operators.Part) }

// Sink is the end of a statement.
type Sink struct {
	Name string
	Sink connectors.Sink
	// Live commits a sink that is a connectors.Committer whenever nothing more is
	// waiting for it, because the input may be quiet for long.
	Live bool
	// Rows counts the changelog rows written.
	Rows atomic.Int64
}

// Holds reports whether the time of the sources is not to end with their inputs.
func (f *Flow) Holds() bool {
	return slices.ContainsFunc(f.Sources, func(s *Source) bool { return s.Hold })
}

// Close closes the sinks of a flow that is not run.
func (f *Flow) Close() {
	for _, s := range f.Sinks {
		s.Sink.Close()
	}
}
