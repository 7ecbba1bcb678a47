package operators

import (
	"tidemark/operators/agg"
	"tidemark/operators/data"
	"tidemark/operators/watermark"
)

// EmitMode says when an aggregate emits.
type EmitMode uint8

// The emit modes.
const (
	EmitClose   EmitMode = iota // each window once when it closes, then corrections
	EmitFinal                   // each window once, when nothing can change it any more
	EmitChanges                 // a change for every row
)

// AggregateCall is one aggregate over columns of the input.
type AggregateCall struct {
	Func *agg.Func
	// Cols are the input columns that Func takes: its arguments, its order keys and,
	// if it uses it, the event time.
	Cols []int
	// Filter is the BOOLEAN input column of FILTER (WHERE …), or -1: only rows for
	// which it is true count.
	Filter int
}

// Grouping is what Aggregate, Sliced and Session have in common. Their output has
// the columns of Out: window_start and window_end when windowed, the keys, the
// aggregates.
type Grouping struct {
	Time  int   // input column with the event time
	Keys  []int // input columns
	Calls []AggregateCall
	// Lateness says when windows close and are gone.
	Lateness watermark.Lateness
	Emit     EmitMode
	// Every, when it is not 0, adds to EmitClose the open windows that have changed,
	// each time the watermark crosses a multiple of it; microseconds.
	Every int64
	// PassTime passes on every move of the watermark, for an operator further
	// down that has windows of its own.
	PassTime bool
	// BatchRows is the most rows of an output batch.
	BatchRows int
	Out       data.Schema
	Account   *Account  // counts late rows; may be nil
	Late      *LateRows // keeps them; this operator's alone, may be nil
	// Updating says that the input takes rows back. Lateness must then be long
	// enough for every correction of it: this operator judges source rows only.
	Updating bool
}

// columnTypes returns the types of some columns of a schema.
func columnTypes(in data.Schema, cols []int) []data.Type {
	types := make([]data.Type, len(cols))
	for i, c := range cols {
		types[i] = in[c].Type
	}
	return types
}

// mostText is how much text a batch may hold before it is emitted: far from the
// 4 GiB that a column can address, even when a few lists of 16 MiB join it.
const mostText = 64 << 20

// mostResults returns how many rows of aggs an output batch takes at once: all it has
// room for, unless their texts might come to more than most bytes in one column.
func mostResults[S agg.State](g *Grouping, aggs []S, most int64) int {
	for i, a := range aggs {
		if g.Calls[i].Func.Result.Class() == data.ClassBytes && a.Bytes() > most {
			return 16
		}
	}
	return g.BatchRows
}
