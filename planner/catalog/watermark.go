package catalog

import "tidemark/parser/source"

// Watermark says how a relation's watermark is made.
type Watermark struct {
	// Column has the event time.
	Column int
	Timing
	// Marks is the condition of PUNCTUATED WHEN: only rows for which it is true move
	// the watermark. Nil for others.
	Marks Definition
	Span  source.Span
}

// Timing says how a watermark follows from the times of the rows.
type Timing struct {
	Generator Generator
	// Clock says that the time of a row is when it was read: the watermark, of a Bounded
	// generator, goes on with the clock.
	Clock bool
	Delay int64 // of a Bounded one, microseconds
	// Share and Last are an Adaptive one's: the delay is that share, in billionths, of
	// the delays of the last rows.
	Share int64
	Last  int
}

// Generator is a way to make a watermark.
type Generator uint8

// The generators.
const (
	Bounded  Generator = iota // the greatest time so far, less Delay
	Adaptive                  // the same, with a delay that follows the rows
	Perfect                   // the least time still to come
)
