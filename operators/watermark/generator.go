// Package watermark makes watermarks, merges them and holds the one rule that
// says which rows are late. Times are microseconds since 1970-01-01T00:00:00Z.
//
// A watermark W says that no more rows with a time before W are expected.
package watermark

import "tidemark/operators/data"

// Generator makes the watermark of one partition from the times of its rows.
//
// A partition comes in pieces, which may be surveyed in any order and side by
// side, and are settled one by one in their own order. What comes out is what one
// row after the other would give: it does not depend on where a piece or a batch
// ends. The watermark never goes back.
type Generator interface {
	// Survey notes as steps in the batches of a piece what can be said of it without
	// knowing the pieces before it. It must not touch what Settle changes.
	Survey(p *Piece)
	// Settle makes the steps of a surveyed piece those moves that its rows really
	// cause, and moves the watermark. An error says that the piece is not the one
	// that was expected; the input is over then.
	Settle(p *Piece) error
	// Now returns the watermark, data.MinTime before the first move.
	Now() int64
	// Raise moves the watermark to t unless it stands there or beyond already, and
	// reports whether it moved. Like Settle it is called in the order of the input.
	Raise(t int64) bool
	// Snapshot writes what the generator remembers of the pieces settled so far.
	Snapshot(e *data.Encoder)
	// Restore makes a new generator of the same spec go on where the one that wrote
	// the snapshot was. The decoder is damaged, or an error says how, when it cannot.
	Restore(d *data.Decoder) error
}

// Piece is a run of consecutive rows of one partition.
type Piece struct {
	// Number counts the pieces of the partition from 0.
	Number int64
	Rows   []Rows

	// What a survey by a Guard has found: whether there are rows, that none is too far
	// ahead of those before it in the piece, the time of the first and the latest.
	any, calm     bool
	first, latest int64
}

// Rows are one batch of a piece, and what its generator sees of it.
type Rows struct {
	// Batch takes the steps. A row's step has its index + 1: the row itself is judged
	// against the watermark before it.
	Batch *data.Batch
	// Times has the event time of each physical row, selected or not: rows that a
	// filter dropped move the watermark too.
	Times []int64
	// Seen lists the physical rows, ascending, that count; nil means all of them.
	Seen []int32
}

// count returns how many rows count.
func (r *Rows) count() int {
	if r.Seen != nil {
		return len(r.Seen)
	}
	return len(r.Times)
}

// row returns the physical index of the k-th row that counts.
func (r *Rows) row(k int) int {
	if r.Seen != nil {
		return int(r.Seen[k])
	}
	return k
}

// Kind is a way to make a watermark.
type Kind uint8

// The kinds.
const (
	Bounded  Kind = iota // the greatest time seen, less a delay
	Adaptive             // the same, with the delay that the rows have shown to need
	Perfect              // the least time still to come
)

// Spec says how a partition's watermark is made. The zero value is of the kind
// Bounded without a delay, for times in ascending order.
type Spec struct {
	Kind Kind
	// Delay of a bounded one, microseconds, not negative.
	Delay int64
	// Share and Last are an adaptive one's: its delay is that share, in billionths
	// from 1 to 1e9, of the delays of the last rows, Last of them.
	Share int64
	Last  int
	// Drift, when it is not zero, keeps rows that are further ahead of those before
	// them from moving the watermark; microseconds. See Guard.
	Drift int64
}

// New returns a new generator. One of the kind Perfect holds its watermark until
// the end: NewPerfect makes one that knows what is to come.
func New(s Spec) Generator {
	var g Generator
	switch s.Kind {
	case Adaptive:
		g = newAdaptive(s.Share, s.Last)
	case Perfect:
		g = &perfect{level: level{data.MinTime}}
	default:
		g = &bounded{level: level{data.MinTime}, delay: s.Delay}
	}
	if s.Drift > 0 && s.Kind != Perfect {
		g = &Guard{Generator: g, drift: s.Drift}
	}
	return g
}

// level is a watermark that does not go back.
type level struct{ now int64 }

// Now returns the watermark.
func (l *level) Now() int64 { return l.now }

// Raise moves the watermark to t unless it stands there or beyond already.
func (l *level) Raise(t int64) bool {
	if t <= l.now {
		return false
	}
	l.now = t
	return true
}

// Snapshot writes the watermark.
func (l *level) Snapshot(e *data.Encoder) { e.Varint(l.now) }

// Restore reads it.
func (l *level) Restore(d *data.Decoder) error {
	l.now = d.Varint()
	return nil
}

// settle drops the steps of b, whose times ascend, that do not move the watermark,
// and moves it by the others.
func (l *level) settle(b *data.Batch) {
	steps := b.Steps
	if len(steps) == 0 {
		return
	}
	lo, hi := 0, len(steps)
	for lo < hi {
		if mid := (lo + hi) / 2; steps[mid].Time > l.now {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	last := steps[len(steps)-1].Time
	b.KeepSteps(steps[lo:])
	l.Raise(last)
}
