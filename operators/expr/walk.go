package expr

import (
	"math"
	"slices"

	"tidemark/operators/data"
)

// children returns the direct operands of e, in evaluation order.
func children(e Expr) []Expr {
	switch e := e.(type) {
	case *Call:
		return e.Args
	case *Cast:
		return []Expr{e.X}
	case *In:
		return []Expr{e.X}
	case *InSet:
		return []Expr{e.X}
	case *Related:
		return append(e.Keys[:len(e.Keys):len(e.Keys)], e.Uses...)
	case *Case:
		kids := make([]Expr, 0, 2*len(e.Whens)+1)
		for _, w := range e.Whens {
			kids = append(kids, w.Cond, w.Then)
		}
		return append(kids, e.Else)
	}
	return nil
}

// withChildren returns e with other operands of the same types.
func withChildren(e Expr, kids []Expr) Expr {
	switch e := e.(type) {
	case *Call:
		c := *e
		c.Args = kids
		return &c
	case *Cast:
		c := *e
		c.X = kids[0]
		return &c
	case *In:
		c := *e
		c.X = kids[0]
		return &c
	case *InSet:
		c := *e
		c.X = kids[0]
		return &c
	case *Related:
		return e.withOperands(kids)
	case *Case:
		c := *e
		c.Whens = make([]When, len(e.Whens))
		for i := range c.Whens {
			c.Whens[i] = When{kids[2*i], kids[2*i+1]}
		}
		c.Else = kids[len(kids)-1]
		return &c
	}
	return e
}

// Walk calls f for e and everything below it, parents first; where f returns
// false it does not descend.
func Walk(e Expr, f func(Expr) bool) {
	if !f(e) {
		return
	}
	for _, k := range children(e) {
		Walk(k, f)
	}
}

// Map rebuilds e from the bottom up: f sees every node after its operands were
// replaced, and returns what stands in its place, which must have its type.
func Map(e Expr, f func(Expr) Expr) Expr {
	kids := children(e)
	var fresh []Expr
	for i, k := range kids {
		m := Map(k, f)
		if m != k && fresh == nil {
			fresh = slices.Clone(kids)
		}
		if fresh != nil {
			fresh[i] = m
		}
	}
	if fresh != nil {
		e = withChildren(e, fresh)
	}
	return f(e)
}

// Columns returns the positions of the columns that e reads, ascending, each once.
func Columns(e Expr) []int {
	var cols []int
	Walk(e, func(x Expr) bool {
		if c, ok := x.(*Column); ok {
			cols = append(cols, c.Index)
		}
		return true
	})
	slices.Sort(cols)
	return slices.Compact(cols)
}

// Remap returns e with every column position replaced by f of it.
func Remap(e Expr, f func(int) int) Expr {
	return Map(e, func(x Expr) Expr {
		if c, ok := x.(*Column); ok {
			if to := f(c.Index); to != c.Index {
				moved := *c
				moved.Index = to
				return &moved
			}
		}
		return x
	})
}

// Equal reports whether two expressions are the same computation; where they
// were written and what columns are called plays no part.
func Equal(a, b Expr) bool {
	if a.Type() != b.Type() {
		return false
	}
	switch a := a.(type) {
	case *Column:
		b, ok := b.(*Column)
		return ok && a.Index == b.Index
	case *Literal:
		b, ok := b.(*Literal)
		return ok && sameValue(a.Value, b.Value)
	case *Call:
		b, ok := b.(*Call)
		if !ok || a.Func != b.Func {
			return false
		}
	case *Cast:
		b, ok := b.(*Cast)
		if !ok || a.Try != b.Try {
			return false
		}
	case *In:
		b, ok := b.(*In)
		if !ok || a.Not != b.Not || !slices.EqualFunc(a.List, b.List, func(x, y *Literal) bool { return Equal(x, y) }) {
			return false
		}
	case *Case:
		if _, ok := b.(*Case); !ok {
			return false
		}
	case *Scalar:
		b, ok := b.(*Scalar)
		return ok && a.Cell == b.Cell
	case *InSet:
		b, ok := b.(*InSet)
		if !ok || a.Cell != b.Cell || a.Not != b.Not {
			return false
		}
	case *Related:
		b, ok := b.(*Related)
		if !ok || a.Cell != b.Cell || a.Not != b.Not {
			return false
		}
	}
	return slices.EqualFunc(children(a), children(b), Equal)
}

// sameValue compares two constants of one type bit by bit; NULL equals NULL.
func sameValue(a, b *data.Vector) bool {
	if a.IsNull(0) || b.IsNull(0) {
		return a.IsNull(0) && b.IsNull(0)
	}
	switch a.Type.Class() {
	case data.ClassInt:
		return a.Ints[0] == b.Ints[0]
	case data.ClassFloat:
		return math.Float64bits(a.Floats[0]) == math.Float64bits(b.Floats[0])
	case data.ClassBool:
		return a.Bools[0] == b.Bools[0]
	case data.ClassWide:
		return a.Wides[0] == b.Wides[0]
	}
	return string(a.Text(0)) == string(b.Text(0))
}

// Conjuncts splits a condition at its ANDs.
func Conjuncts(e Expr) []Expr {
	if c, ok := e.(*Call); ok && c.Func == andFunc {
		var parts []Expr
		for _, a := range c.Args {
			parts = append(parts, Conjuncts(a)...)
		}
		return parts
	}
	return []Expr{e}
}

// And joins conditions into one; of no conditions it is TRUE.
func And(parts []Expr) Expr {
	var flat []Expr
	for _, p := range parts {
		flat = append(flat, Conjuncts(p)...)
	}
	switch len(flat) {
	case 0:
		return BoolLiteral(true, spanOf(nil))
	case 1:
		return flat[0]
	}
	return &Call{Func: andFunc, Args: flat, typ: data.Of(data.Boolean), at: spanOf(flat)}
}

// IsConst reports whether e reads no column.
func IsConst(e Expr) bool {
	constant := true
	Walk(e, func(x Expr) bool {
		if _, ok := x.(*Column); ok {
			constant = false
		}
		return constant
	})
	return constant
}
