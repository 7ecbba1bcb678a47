package expr

import "tidemark/operators/data"

// CanFail reports whether an evaluation of e can end in an error, so that it
// matters for which rows it is evaluated.
func CanFail(e Expr) bool {
	fails := false
	Walk(e, func(x Expr) bool {
		switch x := x.(type) {
		case *Call:
			if x.Func == tryFunc {
				return false // what fails in it does so unseen
			}
			fails = fails || !x.Func.safe
		case *Cast:
			fails = fails || !x.safe()
		case *Related:
			fails = fails || x.Where != nil && CanFail(x.Where) || x.Same != nil && CanFail(x.Same)
		}
		return !fails
	})
	return fails
}

// isDense reports whether e cannot fail and is cheap enough to be evaluated for
// rows that nobody asked for.
func isDense(e Expr) bool {
	dense := true
	Walk(e, func(x Expr) bool {
		switch x := x.(type) {
		case *Call:
			dense = dense && (x.Func.dense || x.Func == andFunc || x.Func == orFunc)
		case *Column, *Literal:
		case *Cast:
			dense = dense && widenKernel(x.X.Type(), x.To) != nil
		default:
			dense = false
		}
		return dense
	})
	return dense
}

// IsCheap reports whether e costs no more than to keep its value and read it
// again: a column, a constant, or one comparison or widening of them.
func IsCheap(e Expr) bool {
	switch e := e.(type) {
	case *Cast:
		return len(children(e.X)) == 0 && isDense(e)
	case *Call:
		for _, a := range e.Args {
			if len(children(a)) > 0 {
				return false
			}
		}
		return e.typ.Kind == data.Boolean && isDense(e)
	}
	return len(children(e)) == 0
}

// Size returns how many parts e has.
func Size(e Expr) int {
	n := 0
	Walk(e, func(Expr) bool { n++; return true })
	return n
}
