package agg

import (
	"errors"
	"fmt"
	"slices"

	"tidemark/operators/data"
)

// Resolve binds an aggregate to the types of its arguments. The error is
// ErrUnknown when there is none of that name, and otherwise says what is wrong
// and, after "; ", what to write instead.
func Resolve(s Spec) (*Func, error) {
	e := find(s.Name)
	if e == nil {
		return nil, ErrUnknown
	}
	f := &Func{Name: e.name, Distinct: s.Distinct}
	n := len(s.Args)
	switch {
	case n == 0 && s.Distinct && e.name == "COUNT":
		return nil, errors.New("COUNT(DISTINCT *) is not defined; name the column whose values are to be counted")
	case n == 0 && e.least > 0:
		return nil, fmt.Errorf("%s needs an argument; only COUNT can count rows with *", e.name)
	case n > 1 && s.Distinct && e.name == "COUNT":
		return nil, fmt.Errorf("COUNT takes one argument, not %d; count rows of them: COUNT(DISTINCT ROW(a, b))", n)
	case n < e.least, n > e.most:
		return nil, fmt.Errorf("%s takes %s, not %d", e.name, arity(e), n)
	}
	f.Args = slices.Clone(s.Args)
	if err := e.bind(&s, f); err != nil {
		return nil, err
	}
	if s.Distinct && e.distinct {
		f.onlyDistinct(s.Updating || s.Regrouping || s.Sliding || s.Approximate)
	}
	if s.Approximate {
		if err := f.compactly(&s, s.Distinct && e.distinct); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// onlyDistinct makes f take each value of a group once. lists says that the
// values of one group must be found.
func (f *Func) onlyDistinct(lists bool) {
	arg, plain := f.valueType(), f.create
	if lists {
		f.create = func() State { return &distinctBag{arg: arg, inner: plain()} }
		return
	}
	f.create = func() State { return &distinctState{arg: arg, inner: plain()} }
}

// valueType returns the type of the first column of Rows.
func (f *Func) valueType() data.Type {
	if len(f.Args) > 0 {
		return f.Args[0]
	}
	return f.Order[0].Type
}

// constant returns the value of argument i, or nil when it is no constant.
func (s *Spec) constant(i int) *data.Vector {
	if i >= len(s.Consts) {
		return nil
	}
	return s.Consts[i]
}

func arity(e *entry) string {
	words := [...]string{"no argument", "one argument", "two arguments", "three arguments"}
	if e.least == e.most || e.least == 0 { // the latter is COUNT(*)
		return words[e.most]
	}
	return words[e.least] + " or " + words[e.most]
}
