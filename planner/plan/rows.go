package plan

import (
	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/planner/catalog"
)

// Series produces the numbers or timestamps From, From+Step, … up to To, all of
// them constants of one type: GENERATE_SERIES. It has one column.
type Series struct {
	From, To, Step expr.Expr
	Out            data.Schema
}

// Unnest repeats each row of its input for the elements of an array. The output
// has the input's columns, then the element, or its fields when the elements are
// rows, then the element's place counted from 1 with Ordinality. A row whose
// array is empty or NULL is left out, or with Outer comes once with NULLs for it.
type Unnest struct {
	Input      Node
	Array      int // input column, an ARRAY or a MAP (whose elements are key and value)
	Ordinality bool
	Outer      bool
	Out        data.Schema
}

// SortKey is one column of an order.
type SortKey struct {
	Column     int
	Desc       bool
	NullsFirst bool
}

// Sort emits its whole result once at the end of its input, ordered by Keys, equal rows in
// order of arrival; of these Limit rows after the first Offset. Without Keys it
// is LIMIT alone: it passes on rows as they come and ends the query after the last.
type Sort struct {
	Input  Node
	Keys   []SortKey
	Limit  int64 // -1: all
	Offset int64
}

// Upsert turns rows that replace one another by key into a changelog: the first
// row of a key is an insert, a later one updates it unless it is the same. A -D
// deletes, a -U is passed over.
type Upsert struct {
	Input Node
	Key   []int
}

// First passes on the first row of each key, as it comes.
type First struct {
	Input Node
	Key   []int
}

// Watermark makes the event time of rows that were not read from a source:
// those inserted into a stream in memory. The watermark follows from the column
// Time, and from rows for which Marks is true alone where that is not nil; the
// input's own is dropped, but for its end.
type Watermark struct {
	Input  Node
	Time   int
	Timing catalog.Timing
	Marks  expr.Expr
	// Floors are where the script advances the watermark, in order.
	Floors []Floor
}

// Floor moves the watermark to To, in microseconds, behind the first Rows rows.
type Floor struct{ Rows, To int64 }

// Stamp adds a column behind its input's: the watermark as it stood before the
// row, NULL before its first move. Its input inserts rows only.
type Stamp struct {
	Input Node
}

// Schema returns the one column.
func (n *Series) Schema() data.Schema { return n.Out }

// Schema returns the input's columns and the elements'.
func (n *Unnest) Schema() data.Schema { return n.Out }

// Schema returns the input's columns.
func (n *Sort) Schema() data.Schema { return n.Input.Schema() }

// Schema returns the input's columns.
func (n *First) Schema() data.Schema { return n.Input.Schema() }

// Schema returns the input's columns.
func (n *Upsert) Schema() data.Schema { return n.Input.Schema() }

// Schema returns the input's columns, of which Time is the event time.
func (n *Watermark) Schema() data.Schema {
	s := append(data.Schema(nil), n.Input.Schema()...)
	for i := range s {
		s[i].Time = i == n.Time
	}
	return s
}

// Schema returns the input's columns and the watermark's.
func (n *Stamp) Schema() data.Schema {
	return append(append(data.Schema(nil), n.Input.Schema()...), data.Column{Name: "current_watermark", Type: data.Of(data.Timestamp)})
}

// Inputs returns nothing: a Series is a leaf.
func (n *Series) Inputs() []Node { return nil }

// Inputs returns the one input.
func (n *Unnest) Inputs() []Node { return []Node{n.Input} }

// Inputs returns the one input.
func (n *Sort) Inputs() []Node { return []Node{n.Input} }

// Inputs returns the one input.
func (n *First) Inputs() []Node { return []Node{n.Input} }

// Inputs returns the one input.
func (n *Upsert) Inputs() []Node { return []Node{n.Input} }

// Inputs returns the one input.
func (n *Watermark) Inputs() []Node { return []Node{n.Input} }

// Inputs returns the one input.
func (n *Stamp) Inputs() []Node { return []Node{n.Input} }

// Properties of a Series: its values differ.
func (n *Series) Properties() Properties { return Properties{Key: []int{0}, Time: -1} }

// Properties of an Unnest: an element has no key of its own but its place.
func (n *Unnest) Properties() Properties {
	p := n.Input.Properties()
	p.State, p.Deletes = "", p.Updating // the arrays of two versions of a row may differ in length
	if p.Key != nil && n.Ordinality {
		p.Key = append(append([]int(nil), p.Key...), len(n.Out)-1)
	} else {
		p.Key = nil
	}
	return p
}

// Properties of a Sort: with keys it inserts each row once, at the end.
func (n *Sort) Properties() Properties {
	p := n.Input.Properties()
	p.State = ""
	if len(n.Keys) > 0 || p.Updating {
		p.State, p.Updating, p.Deletes, p.Time = "the whole result", false, false, -1
	}
	return p
}

// Properties of a First: it inserts, and its rows differ in the key.
func (n *First) Properties() Properties {
	return Properties{Key: n.Key, Time: n.Input.Properties().Time, State: "the keys"}
}

// Properties of an Upsert: it updates by its key.
func (n *Upsert) Properties() Properties {
	in := n.Input.Properties()
	return Properties{Updating: true, Deletes: in.Deletes, Key: n.Key, Time: in.Time, State: "the last row of each key"}
}

// Properties of a Watermark are those of its input, with an event time.
func (n *Watermark) Properties() Properties {
	p := n.Input.Properties()
	p.Time, p.State = n.Time, "the watermark"
	return p
}

// Properties of a Stamp are those of its input, whose columns it passes on.
func (n *Stamp) Properties() Properties {
	p := n.Input.Properties()
	p.State = "the watermark"
	return p
}
