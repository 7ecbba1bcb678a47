package expr

// WalkGuarded is Walk, with word of whether a part is guarded: evaluated for some
// rows only, because a CASE, AND, OR, COALESCE or TRY before it decides.
func WalkGuarded(e Expr, f func(part Expr, guarded bool) bool) { walkGuarded(e, false, f) }

func walkGuarded(e Expr, guarded bool, f func(Expr, bool) bool) {
	if !f(e, guarded) {
		return
	}
	for i, k := range children(e) {
		walkGuarded(k, guarded || guards(e, i), f)
	}
}

// guards reports whether e evaluates its operand i only where those before it let it.
func guards(e Expr, i int) bool {
	switch e := e.(type) {
	case *Case:
		return i > 0
	case *Call:
		return e.Func == tryFunc || i > 0 && (e.Func == andFunc || e.Func == orFunc || e.Func == coalesceFunc)
	case *Column, *Literal, *Cast, *In, *InSet, *Related, *Scalar:
		return false
	}
	return true // a kind of expression with rules of its own
}

// Replace rebuilds e from the top down: where f returns an expression, it takes
// the place of the part, which is not looked into any further; where it returns
// nil, the part's operands are replaced.
func Replace(e Expr, f func(Expr) Expr) Expr {
	if r := f(e); r != nil {
		return r
	}
	kids := children(e)
	fresh := make([]Expr, len(kids))
	changed := false
	for i, k := range kids {
		fresh[i] = Replace(k, f)
		changed = changed || fresh[i] != k
	}
	if !changed {
		return e
	}
	return withChildren(e, fresh)
}
