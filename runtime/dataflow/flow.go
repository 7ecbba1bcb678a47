// Package dataflow runs operators: it reads sources in parallel pieces, puts the
// pieces back in order, spreads keyed work over workers, merges what they emit
// into the one order a single worker would have given, and feeds the sinks.
//
// There are no goroutines but these: the workers of each source, the workers and
// the collector of each keyed operator, and one for each sink. They are joined
// by bounded channels, which give backpressure. Errors travel in the stream like
// rows, so that everything before the row at fault reaches the sinks first.
package dataflow

import (
	"sync/atomic"

	"tidemark/connectors"
	"tidemark/operators"
	"tidemark/operators/data"
)

// Flow is a dataflow, ready to run once.
type Flow struct {
	Sources []*Source
}

// Source is an input and the statements that read it.
type Source struct {
	Name  string
	Input connectors.Source
	// Schema are the columns of the decoded batches.
	Schema data.Schema
	// Time is the column with the event time, or -1; Delay is how far, in
	// microseconds, the watermark stays behind the greatest time seen.
	Time  int
	Delay int64
	// Workers is how many goroutines decode; BatchRows the most rows of a batch.
	Workers, BatchRows int
	// SkipBad goes on after a bad record, which is then given to OnBad when that is
	// not nil. Otherwise the first bad record ends the run.
	SkipBad bool
	OnBad   func(BadRecord) error
	// Pushed counts the rows that the decoder's own filter dropped; nil when it has none.
	Pushed *operators.Account
	// Edges are where the rows go, one for each statement that reads them.
	Edges []*Edge

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

// Edge leads rows through stateless operators to a keyed operator or a sink:
// exactly one of Keyed and Sink is set.
type Edge struct {
	// Operators returns a new set of the operators on the way, one for each
	// goroutine that needs it; nil means none.
	Operators func() []operators.Operator
	Keyed     *Keyed
	Sink      *Sink
}

// Keyed is an operator whose state is by key: the rows are spread over workers by
// a hash of the key, each with an operator of its own.
type Keyed struct {
	Key     []int // input columns
	Workers int
	New     func() operators.Operator
	// Schema are the output's columns; Order those by which the rows that one
	// input row or move of the watermark makes are ordered.
	Schema data.Schema
	Order  []int
	// BatchRows is the most rows of an output batch.
	BatchRows int
	Next      *Edge
}

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

type sourceStats struct {
	read, rejected atomic.Int64
	wm             atomic.Int64
	generated      atomic.Bool // its pieces are rows, not bytes
	reader         atomic.Pointer[connectors.Reader]
}

// SourceStats is what a source has done so far.
type SourceStats struct {
	Read, Rejected int64 // records
	Watermark      int64 // data.MinTime before the first row
	// Done and Total are what was read and what there is, as far as known: see
	// connectors.Reader. Bytes is Done where that is bytes.
	Done, Total, Bytes int64
}

// Stats returns what the source has done so far. It may be called at any time.
func (s *Source) Stats() SourceStats {
	st := SourceStats{Read: s.stats.read.Load(), Rejected: s.stats.rejected.Load(), Watermark: s.stats.wm.Load(), Total: -1}
	if r := s.stats.reader.Load(); r != nil {
		st.Done, st.Total = (*r).Progress()
		if !s.stats.generated.Load() {
			st.Bytes = st.Done
		}
	}
	if st.Read == 0 {
		st.Watermark = data.MinTime
	}
	return st
}

// message is what travels over an edge between goroutines: a batch, or word that
// everything before a position is done, or an error that ends the stream. An
// error with a batch stands at the batch's only row; one without comes after
// everything else.
type message struct {
	batch *data.Batch
	upTo  int64
	err   error
}

// edgeCapacity is how many messages an edge holds before its writer waits.
const edgeCapacity = 4

// port is the writing end of an edge that crosses goroutines.
type port struct {
	keyed *Keyed
	to    []chan message // one, or one for each worker of keyed
	views *data.Pool
}

// send partitions b over the workers, if there are several, and hands it over.
func (p *port) send(b *data.Batch) {
	if p.keyed == nil || len(p.to) == 1 {
		p.to[0] <- message{batch: b}
		return
	}
	for i, v := range p.partition(b) {
		p.to[i] <- message{batch: v}
	}
}

func (p *port) fail(err error) {
	for _, c := range p.to {
		c <- message{err: err}
	}
}

func (p *port) close() {
	for _, c := range p.to {
		close(c)
	}
}
