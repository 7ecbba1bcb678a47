package expr

import (
	"slices"

	"tidemark/operators/data"
	"tidemark/parser/source"
)

// NewIn tests x for membership in list. A list of constants becomes a set; with
// others it becomes a chain of comparisons, and so it does where no DECIMAL has
// room for the digits of all.
func NewIn(x Expr, list []Expr, not bool, at source.Span) (Expr, error) {
	all := append([]Expr{x}, list...)
	exact := haveRoom(all)
	if exact {
		var err error
		if all, _, err = unify(all, "the operands of IN"); err != nil {
			return nil, err
		}
	}
	in := &In{X: all[0], Not: not, at: at}
	var terms []Expr
	for _, e := range all[1:] {
		if l, ok := e.(*Literal); ok && exact {
			in.List = append(in.List, l)
			continue
		}
		eq, err := NewCall("=", []Expr{all[0], e}, at)
		if err != nil {
			return nil, err
		}
		terms = append(terms, eq)
	}
	if len(terms) == 0 {
		return in, nil
	}
	if len(in.List) > 0 {
		in.Not = false
		terms = slices.Insert(terms, 0, Expr(in))
	}
	either := terms[0]
	if len(terms) > 1 {
		var err error
		if either, err = NewCall("or", terms, at); err != nil {
			return nil, err
		}
	}
	if not {
		return NewCall("not", []Expr{either}, at)
	}
	return either, nil
}

// shortList is how many values are searched one by one instead of hashed.
const shortList = 6

var inFunc = &Function{Name: "IN", safe: true, nullable: true}

func (in *In) compile() node {
	hasNull := false
	values := &data.Vector{}
	values.Reset(in.X.Type())
	for _, l := range in.List {
		if l.IsNull() {
			hasNull = true
		} else {
			values.AppendFrom(l.Value, 0)
		}
	}
	return memberNode(in.X, values, hasNull, in.Not, in)
}

// inKernel builds the test for membership in values, by the storage of their type.
func inKernel(t data.Type, values *data.Vector, hasNull, not bool) kernel {
	switch {
	case t.Kind == data.Interval || t.Class() == data.ClassBool || t.Class() == data.ClassFloat:
		// Few values of these are ever listed, and equality is not identity of the
		// bits: NaN equals NaN, and a month equals 30 days.
		return memberKernel(hasNull, not, func(f *frame, i int) bool {
			x := f.args[0]
			for k := range values.Len() {
				if data.Compare(x, x.Index(i), values, k) == 0 {
					return true
				}
			}
			return false
		})
	case t.Class() == data.ClassInt:
		set := map[int64]struct{}{}
		for _, x := range values.Ints {
			set[x] = struct{}{}
		}
		if len(set) <= shortList {
			return memberKernel(hasNull, not, func(f *frame, i int) bool { return slices.Contains(values.Ints, f.int(0, i)) })
		}
		return memberKernel(hasNull, not, func(f *frame, i int) bool { _, ok := set[f.int(0, i)]; return ok })
	case t.Class() == data.ClassWide:
		set := map[data.Int128]struct{}{}
		for _, x := range values.Wides {
			set[x] = struct{}{}
		}
		return memberKernel(hasNull, not, func(f *frame, i int) bool { _, ok := set[f.wide(0, i)]; return ok })
	}
	set := map[string]struct{}{}
	for i := range values.Len() {
		set[string(values.Text(i))] = struct{}{}
	}
	return memberKernel(hasNull, not, func(f *frame, i int) bool { _, ok := set[string(f.text(0, i))]; return ok })
}

// memberKernel gives TRUE for members, NULL for NULLs, and for the others FALSE,
// or NULL when the list has a NULL, which might have been the value.
func memberKernel(hasNull, not bool, member func(f *frame, i int) bool) kernel {
	row := func(f *frame, i int) {
		switch {
		case f.args[0].IsNull(i):
			f.setNull(i)
		case member(f, i):
			f.out.Bools[i] = !not
		case hasNull:
			f.setNull(i)
		default:
			f.out.Bools[i] = not
		}
	}
	return func(f *frame) error {
		if f.rows == nil {
			for i := range f.n {
				row(f, i)
			}
			return nil
		}
		for _, r := range f.rows {
			row(f, int(r))
		}
		return nil
	}
}
