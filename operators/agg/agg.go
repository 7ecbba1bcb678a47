// Package agg holds the aggregates: accumulators in flat arrays, indexed by the
// dense group ids that an operator gives to its keys. Every aggregate here is
// free of order: rows may be added in any order, in any number of parts, by any
// number of workers, and the result is the same to the last bit.
package agg

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"tidemark/operators/data"
)

// Func is an aggregate bound to the types of its arguments.
type Func struct {
	Name     string      // in upper case
	Args     []data.Type // empty for COUNT(*)
	Result   data.Type
	Distinct bool // only distinct values count

	create func() State
}

// New returns accumulators for no groups.
func (f *Func) New() State { return f.create() }

// String returns the call with the types of its arguments, such as SUM(DISTINCT INT).
func (f *Func) String() string {
	if len(f.Args) == 0 {
		return f.Name + "(*)"
	}
	if f.Distinct {
		return f.Name + "(DISTINCT " + f.Args[0].String() + ")"
	}
	return f.Name + "(" + f.Args[0].String() + ")"
}

// State is the accumulators of one aggregate for the groups 0 to n-1. It is not
// safe for concurrent use.
type State interface {
	// Resize makes room for n groups; those from the old number to n start
	// empty. n is never less than before, but after a Reset.
	Resize(n int)
	// Update adds the values of arg: groups[k] is the group of the physical row
	// rows[k]. NULLs are skipped. arg may be constant, and is nil for COUNT(*).
	// Nothing passed is kept.
	Update(groups, rows []int32, arg *data.Vector)
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

// ErrUnknown says that there is no aggregate of a name.
var ErrUnknown = errors.New("unknown aggregate")

// maker binds one aggregate to its arguments. f has Name, Args and Distinct; the
// maker sets the rest.
type maker func(f *Func) error

func lookup(name string) maker {
	switch name {
	case "AVG":
		return makeAvg
	case "COUNT":
		return makeCount
	case "MAX", "MIN":
		return makeExtreme
	case "SUM":
		return makeSum
	}
	return nil
}

// Names returns the names of all aggregates, sorted.
func Names() []string { return []string{"AVG", "COUNT", "MAX", "MIN", "SUM"} }

// Resolve binds the aggregate called name, in any case, to arguments of the given
// types. No arguments stand for the * of COUNT(*). The error is ErrUnknown when
// there is no such aggregate, and otherwise says what is wrong with the types.
func Resolve(name string, distinct bool, args []data.Type) (*Func, error) {
	f := &Func{Name: strings.ToUpper(name), Args: slices.Clone(args), Distinct: distinct}
	bind := lookup(f.Name)
	if bind == nil {
		return nil, ErrUnknown
	}
	switch {
	case len(args) > 1:
		return nil, fmt.Errorf("%s takes one argument, not %d", f.Name, len(args))
	case len(args) == 0 && f.Name != "COUNT":
		return nil, fmt.Errorf("%s needs an argument; only COUNT can count rows with *", f.Name)
	case len(args) == 0 && distinct:
		return nil, errors.New("COUNT(DISTINCT *) is not defined; name the column whose values are to be counted")
	}
	if err := bind(f); err != nil {
		return nil, err
	}
	if plain := f.create; distinct && f.Name != "MIN" && f.Name != "MAX" { // these find the same value anyway
		f.create = func() State { return &distinctState{arg: args[0], inner: plain()} }
	}
	return f, nil
}

func makeCount(f *Func) error {
	f.Result = data.Of(data.BigInt)
	f.create = func() State { return &countState{} }
	return nil
}

func makeSum(f *Func) error {
	t := f.Args[0]
	switch {
	case t.Kind == data.Double:
		f.Result = t
		f.create = func() State { return &doubleSum{} }
		return nil
	case t.Integer(), t.Kind == data.Unknown:
		f.Result = data.Of(data.BigInt)
	case t.Kind == data.Decimal:
		f.Result = data.DecimalType(data.MaxPrecision, int(t.Scale))
	default:
		return notNumeric(f)
	}
	f.create = exactSum(t, f.Result, false)
	return nil
}

// avgScale is the least number of digits after the point of an exact average.
const avgScale = 6

func makeAvg(f *Func) error {
	t := f.Args[0]
	switch {
	case t.Kind == data.Double:
		f.Result = t
		f.create = func() State { return &doubleSum{average: true} }
		return nil
	case t.Integer(), t.Kind == data.Unknown:
		f.Result = data.DecimalType(data.MaxPrecision, avgScale)
	case t.Kind == data.Decimal:
		f.Result = data.DecimalType(data.MaxPrecision, max(int(t.Scale), avgScale))
	default:
		return notNumeric(f)
	}
	f.create = exactSum(t, f.Result, true)
	return nil
}

// exactSum returns the constructor of a sum or average of integers or decimals.
func exactSum(arg, result data.Type, average bool) func() State {
	if arg.Class() == data.ClassWide {
		return func() State {
			return &wideSum{result: result, average: average, shift: int(result.Scale) - int(arg.Scale)}
		}
	}
	return func() State {
		return &shortSum{result: result, average: average, shift: int(result.Scale) - int(arg.Scale)}
	}
}

func notNumeric(f *Func) error {
	t := f.Args[0]
	switch t.Kind {
	case data.String, data.JSON:
		return fmt.Errorf("%s needs a number, not %s; cast it, for example %s(CAST(x AS DECIMAL(18,2)))", f.Name, t, f.Name)
	case data.Boolean:
		return fmt.Errorf("%s needs a number, not BOOLEAN; cast it: %s(CAST(x AS INT))", f.Name, f.Name)
	}
	return fmt.Errorf("%s needs an INT, BIGINT, DECIMAL or DOUBLE, not %s", f.Name, t)
}

func makeExtreme(f *Func) error {
	t := f.Args[0]
	switch t.Kind {
	case data.Boolean:
		return fmt.Errorf("%s has no order of BOOLEAN values; cast them: %s(CAST(x AS INT))", f.Name, f.Name)
	case data.JSON:
		return fmt.Errorf("%s has no order of JSON documents; cast them: %s(CAST(x AS STRING))", f.Name, f.Name)
	}
	greatest := f.Name == "MAX"
	f.Result = t
	switch t.Class() {
	case data.ClassBytes:
		f.create = func() State { return &textExtreme{greatest: greatest} }
	case data.ClassWide:
		f.create = func() State { return &wideExtreme{greatest: greatest, interval: t.Kind == data.Interval} }
	default:
		f.create = func() State { return &wordExtreme{greatest: greatest, float: t.Class() == data.ClassFloat} }
	}
	return nil
}
