package expr

// Fold works out what is constant in e with the evaluator that runs queries. A
// part that would fail is left as it is, to fail when a row reaches it; the
// result of e is never changed, nor whether it fails. The error is reserved for
// expressions that can be refused for good; there are none today.
func Fold(e Expr) (Expr, error) {
	return Map(e, foldNode), nil
}

func foldNode(e Expr) Expr {
	switch x := e.(type) {
	case *Column, *Literal, *Scalar, *InSet, *Related: // the last ones are known only when the query runs
		return e
	case *Call:
		switch x.Func {
		case andFunc, orFunc:
			return foldLogic(x)
		case coalesceFunc:
			return foldCoalesce(x)
		case tryFunc:
			return foldTry(x)
		}
	case *Case:
		return foldCase(x)
	}
	return foldConst(e)
}

// foldConst replaces an expression whose operands are all literals by its value.
func foldConst(e Expr) Expr {
	for _, k := range children(e) {
		if _, ok := k.(*Literal); !ok {
			return e
		}
	}
	v, err := evalConst(e)
	if err != nil {
		return e
	}
	return &Literal{Value: v, typed: true, at: e.Span()}
}

// constBool returns the value of a boolean literal that is not NULL.
func constBool(e Expr) (x, ok bool) {
	l, ok := e.(*Literal)
	if !ok || l.IsNull() {
		return false, false
	}
	return l.Value.Bools[0], true
}

// foldLogic drops neutral operands and everything after one that decides.
func foldLogic(c *Call) Expr {
	decides := c.Func == orFunc
	var args []Expr
	for _, a := range c.Args {
		x, ok := constBool(a)
		if ok && x != decides {
			continue
		}
		args = append(args, a)
		if ok {
			// What comes before still runs where it can fail.
			for len(args) > 1 && !CanFail(args[len(args)-2]) {
				args = append(args[:len(args)-2], a)
			}
			break
		}
	}
	switch len(args) {
	case 0:
		return BoolLiteral(!decides, c.at)
	case 1:
		return args[0]
	}
	return foldConst(&Call{Func: c.Func, Args: args, typ: c.typ, at: c.at})
}

// foldCoalesce drops NULLs and what comes after a value that is not NULL.
func foldCoalesce(c *Call) Expr {
	var args []Expr
	for _, a := range c.Args {
		if l, ok := a.(*Literal); ok {
			if l.IsNull() {
				continue
			}
			args = append(args, a)
			break
		}
		args = append(args, a)
	}
	switch len(args) {
	case 0:
		return NullLiteral(c.typ, c.at)
	case 1:
		return args[0]
	}
	return &Call{Func: c.Func, Args: args, typ: c.typ, at: c.at}
}

// foldCase drops branches that are never taken and those after one that always is.
func foldCase(c *Case) Expr {
	out := &Case{Else: c.Else, typ: c.typ, at: c.at}
	for _, w := range c.Whens {
		if l, ok := w.Cond.(*Literal); ok {
			if x, _ := constBool(l); x {
				out.Else = w.Then
				break
			}
			continue
		}
		out.Whens = append(out.Whens, w)
	}
	if len(out.Whens) == 0 {
		return out.Else
	}
	return out
}
