// Package agg holds the aggregates: accumulators in flat arrays, indexed by the
// dense group ids that an operator gives to its keys. The result of an aggregate
// depends on its rows, their times and their arrival numbers alone: rows may be
// added in any number of parts, by any number of workers, and it is the same to
// the last bit.
package agg

import (
	"errors"

	"tidemark/operators/data"
)

// Spec is an aggregate as it is called.
type Spec struct {
	Name string // in any case
	// Args are the types of the arguments. None stand for the * of COUNT(*).
	Args []data.Type
	// Consts has the value of each argument that is a constant, a constant vector
	// of its type, and nil for the others. It may be nil when no argument is one.
	Consts   []*data.Vector
	Distinct bool
	// Order is the ORDER BY inside the call, or that of WITHIN GROUP.
	Order []OrderKey
	// IgnoreNulls is set by IGNORE NULLS.
	IgnoreNulls bool
	// Updating says that the input takes rows back: Func.New makes Retracters.
	Updating bool
	// Regrouping says that groups unite and end one by one: Func.New makes Regroupers.
	Regrouping bool
	// Sliding says that groups are also taken out of others again: Func.New makes
	// Regroupers, and Subtracters where that is cheap.
	Sliding bool
	// Approximate says that groups wait for late rows in a compact form: Func.New makes
	// Compacters where that is another than the exact one.
	Approximate bool
	// Time says that the input has an event-time column.
	Time bool
}

// OrderKey is one expression of an ORDER BY.
type OrderKey struct {
	Type       data.Type
	Desc       bool
	NullsFirst bool
}

// Func is an aggregate bound to the types of its arguments.
type Func struct {
	Name string // the canonical one, in upper case
	// Args are the types of the columns that Update is given first. They are those
	// of the call's first arguments, or what these are to be cast to; arguments
	// beyond them are constants, which Resolve has taken in.
	Args []data.Type
	// Order are the order keys whose columns Update is given next: those of the
	// call, or none when the order does not matter.
	Order []OrderKey
	// UsesTime says that Update is given the event time as the last column.
	UsesTime bool
	Result   data.Type
	Distinct bool // only distinct values count
	// InOrder says that Update and Retract must be called in the order of the rows:
	// all rows added before a row that is taken back must have been added, and
	// none after it. Where it is not set, rows may be added early and taken back
	// late.
	InOrder bool

	// Bound says, of a Func resolved with Approximate, how far the results of groups that
	// have been compacted may be off; "" where they are exact.
	Bound string

	create func() State
}

// New returns accumulators for no groups: a Retracter when the Func was resolved
// for an updating input, a Regrouper when it was for groups that unite and end, a
// Subtracter perhaps when it was for groups that are taken out of others.
func (f *Func) New() State { return f.create() }

// String returns the call with the types of its arguments, such as SUM(DISTINCT INT).
func (f *Func) String() string {
	text := f.Name + "("
	types := f.Args
	for _, k := range f.Order {
		if len(f.Args) == 0 { // WITHIN GROUP
			types = append(types, k.Type)
		}
	}
	if len(types) == 0 {
		text += "*"
	}
	for i, t := range types {
		switch {
		case i > 0:
			text += ", "
		case f.Distinct:
			text += "DISTINCT "
		}
		text += t.String()
	}
	return text + ")"
}

// Rows are columns to be aggregated, in the order that Func gives: arguments,
// order keys, event time. Each may be constant.
type Rows struct {
	Cols []*data.Vector
	// Seq is the arrival number of physical row 0; row i has Seq + i.
	Seq int64
	// Arrivals has, where it is not nil, the arrival number of each physical row
	// instead. Rows that are taken back are then those that were added with theirs.
	Arrivals []int64
}

// arrival returns the arrival number of row r.
func (in *Rows) arrival(r int32) int64 {
	if in.Arrivals != nil {
		return in.Arrivals[r]
	}
	return in.Seq + int64(r)
}

// ByArrival reports whether a state looks at the arrival numbers of rows.
func ByArrival(s State) bool {
	switch s.(type) {
	case *arrivals, *chosen:
		return true
	}
	return false
}

// State is the accumulators of one aggregate for the groups 0 to n-1. It is not
// safe for concurrent use.
type State interface {
	// Resize makes room for n groups; those from the old number to n start
	// empty. n is never less than before, but after a Reset.
	Resize(n int)
	// Update adds rows: groups[k] is the group of the physical row rows[k]. Nothing
	// passed is kept.
	Update(groups, rows []int32, in Rows)
	// Merge adds group i of from, which belongs to the same Func, to groups[i].
	// from must not be changed while Merge runs and is left as it was.
	Merge(groups []int32, from State)
	// Append appends the results of groups to out, a vector of the Func's Result
	// type. On an error, which says that a result does not fit the type, bad is
	// the index into groups of the first such group, and the results of those
	// before it have been appended.
	Append(out *data.Vector, groups []int32) (bad int, err error)
	// Reset forgets all groups and keeps the memory for reuse.
	Reset()
	// Bytes estimates the memory held.
	Bytes() int64
	// AppendSnapshot appends all groups in a form for LoadSnapshot.
	AppendSnapshot(dst []byte) []byte
	// LoadSnapshot replaces all groups by those at the start of src, and returns
	// what follows them. After an error the state must be Reset.
	LoadSnapshot(src []byte) (rest []byte, err error)
}

// Retracter is a State that takes rows back.
type Retracter interface {
	State
	// Retract takes rows back that have been added, leaving what there would be
	// without them. Unless in has Arrivals a row is known by its values, not by its
	// arrival number: where a group has several alike, and their arrival matters, the
	// one added last goes.
	Retract(groups, rows []int32, in Rows)
}

// ErrUnknown says that there is no aggregate of a name.
var ErrUnknown = errors.New("unknown aggregate")
