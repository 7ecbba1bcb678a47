package agg

import (
	"errors"
	"fmt"
	"slices"
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
	case n == 0 && s.Distinct:
		return nil, fmt.Errorf("%s(DISTINCT *) is not defined; name the column whose values are to be counted", e.name)
	case n == 0 && e.least > 0:
		return nil, fmt.Errorf("%s needs an argument; only COUNT can count rows with *", e.name)
	case n < e.least, n > e.most:
		return nil, fmt.Errorf("%s takes %s, not %d", e.name, arity(e), n)
	}
	f.Args = slices.Clone(s.Args)
	if err := e.bind(&s, f); err != nil {
		return nil, err
	}
	if plain := f.create; s.Distinct && e.distinct {
		if s.Updating {
			return nil, errors.New("not yet")
		}
		arg := f.Args[0]
		f.create = func() State { return &distinctState{arg: arg, inner: plain()} }
	}
	return f, nil
}

func arity(e *entry) string {
	words := [...]string{"no argument", "one argument", "two arguments", "three arguments"}
	if e.least == e.most || e.least == 0 { // the latter is COUNT(*)
		return words[e.most]
	}
	return words[e.least] + " or " + words[e.most]
}
