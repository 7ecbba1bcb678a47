package expr

import (
	"slices"

	"tidemark/operators/data"
	"tidemark/parser/source"
)

// NewIn tests x for membership in list. A list of constants becomes a set; with
// others it becomes a chain of comparisons.
func NewIn(x Expr, list []Expr, not bool, at source.Span) (Expr, error) {
	all, _, err := unify(append([]Expr{x}, list...), "the operands of IN")
	if err != nil {
		return nil, err
	}
	in := &In{X: all[0], Not: not, at: at}
	var terms []Expr
	for _, e := range all[1:] {
		if l, ok := e.(*Literal); ok {
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

func compileIn(in *In) node {
	hasNull := false
	var values []*data.Vector
	for _, l := range in.List {
		if l.IsNull() {
			hasNull = true
		} else {
			values = append(values, l.Value)
		}
	}
	return newCallNode(inKernel(in.X.Type(), values, hasNull, in.Not), data.Of(data.Boolean), inFunc, []node{compile(in.X)}, in)
}

func inKernel(t data.Type, values []*data.Vector, hasNull, not bool) kernel {
	switch {
	case t.Kind == data.Interval || t.Class() == data.ClassBool || t.Class() == data.ClassFloat:
		// Few values of these are ever listed, and equality is not identity of the
		// bits: NaN equals NaN, and a month equals 30 days.
		return memberKernel(hasNull, not, func(f *frame, i int) bool {
			x := f.args[0]
			for _, v := range values {
				if data.Compare(x, x.Index(i), v, 0) == 0 {
					return true
				}
			}
			return false
		})
	case t.Class() == data.ClassInt:
		var short []int64
		set := map[int64]struct{}{}
		for _, v := range values {
			short = append(short, v.Ints[0])
			set[v.Ints[0]] = struct{}{}
		}
		if len(set) <= shortList {
			return memberKernel(hasNull, not, func(f *frame, i int) bool { return slices.Contains(short, f.int(0, i)) })
		}
		return memberKernel(hasNull, not, func(f *frame, i int) bool { _, ok := set[f.int(0, i)]; return ok })
	case t.Class() == data.ClassWide:
		set := map[data.Int128]struct{}{}
		for _, v := range values {
			set[v.Wides[0]] = struct{}{}
		}
		return memberKernel(hasNull, not, func(f *frame, i int) bool { _, ok := set[f.wide(0, i)]; return ok })
	}
	set := map[string]struct{}{}
	for _, v := range values {
		set[string(v.Text(0))] = struct{}{}
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
