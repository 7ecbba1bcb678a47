package parser

import "slices"

// expr writes an expression, up to its last token.
func (l *layout) expr(e *Expr) {
	l.to(e.Span().Start)
	parts, end := l.parts(e.X), l.index(e.Span().End)
	switch n := e.X.(type) {
	case *Binary:
		l.chain(n)
	case *Case:
		l.caseOf(n, end)
	case *Call:
		l.listIn(parts, l.index(n.Name.Span().End))
	case *Array, *Map, *Row:
		open := l.at
		if !isPunct(&l.tokens[open].Token, "(") && !isPunct(&l.tokens[open].Token, "[") {
			open++ // behind ARRAY, MAP or ROW
		}
		l.listIn(parts, open)
	case *In:
		if n.Query == nil {
			in := l.index(n.X.Span().End)
			for !isWord(&l.tokens[in].Token, "IN") {
				in++
			}
			l.listIn(parts, in+1)
		}
	}
	l.inside(parts, end)
}

// listIn writes the tokens before an opening bracket, and the list in it.
func (l *layout) listIn(parts []part, open int) {
	l.inside(parts, open)
	l.bracketed(parts, l.plain(open))
}

// plain reports whether a bracket holds no others: such a list fills its lines.
func (l *layout) plain(open int) bool {
	for i := open + 1; i < l.closes[open]; i++ {
		if isOpening(&l.tokens[i].Token) {
			return false
		}
	}
	return true
}

// chain writes operators of the same precedence, which break all together.
func (l *layout) chain(b *Binary) {
	links := []*Binary{b} // from the last to the first
	for {
		left, ok := b.L.X.(*Binary)
		if !ok || left.Start != b.Start || precedence(left.Op) != precedence(b.Op) { // the place differs where there are parentheses
			break
		}
		links = append(links, left)
		b = left
	}
	l.open()
	l.nest(func() {
		l.expr(b.L)
		for i := len(links) - 1; i >= 0; i-- {
			l.to(links[i].OpAt.Start)
			l.line()
			l.expr(links[i].R)
		}
	})
	l.close()
}

// precedence returns that of a binary operator.
func precedence(op string) int {
	switch op {
	case "OR":
		return precOr
	case "AND":
		return precAnd
	case "IS DISTINCT FROM", "IS NOT DISTINCT FROM":
		return precIs
	case "=", "<>", "<", "<=", ">", ">=":
		return precCompare
	case "+", "-":
		return precAdd
	case "*", "/", "%":
		return precMultiply
	case "^":
		return precPower
	}
	return precOther
}

// caseOf writes a CASE on one line, or each of its branches on its own.
func (l *layout) caseOf(c *Case, end int) {
	l.open()
	l.token()
	l.nest(func() {
		if c.Operand != nil {
			l.expr(c.Operand)
		}
		for _, w := range c.Whens {
			l.until(l.clause(w.Cond.Span().Start, 1))
			l.line()
			l.expr(w.Cond)
			l.expr(w.Then)
		}
		if c.Else != nil {
			l.until(l.clause(c.Else.Span().Start, 1))
			l.line()
			l.expr(c.Else)
		}
		l.until(end - 1)
	})
	l.line()
	l.token()
	l.close()
}

// window writes the specification of a window: on one line, or each of its
// clauses on its own.
func (l *layout) window(w *WindowSpec) {
	open := l.index(w.Pos.Offset)
	if !isPunct(&l.tokens[open].Token, "(") { // OVER name
		return
	}
	end := l.closes[open]
	var parts []part
	if len(w.PartitionBy) > 0 {
		parts = append(parts, part{l.clause(w.PartitionBy[0].Span().Start, 2), func() { l.clauseLine(open) }})
	}
	if len(w.OrderBy) > 0 {
		parts = append(parts, part{l.index(w.OrderBy[0].Pos.Offset) - 2, func() { l.clauseLine(open) }})
	}
	if w.Frame != nil {
		parts = append(parts, part{l.index(w.Frame.Pos.Offset), func() { l.clauseLine(open) }})
	}
	parts = append(parts, l.windowParts(w)...)
	l.until(open)
	l.open()
	l.token()
	l.nest(func() {
		l.line()
		l.inside(parts, end)
	})
	l.line()
	l.token()
	l.close()
}

// clauseLine breaks the line before the next token, a clause's first word, unless
// the bracket has just been opened; it writes the word.
func (l *layout) clauseLine(open int) {
	if l.at > open+1 {
		l.line()
	}
	l.token()
}

func (l *layout) windowParts(w *WindowSpec) []part {
	parts := l.exprParts(w.PartitionBy...)
	for _, k := range w.OrderBy {
		parts = append(parts, l.exprParts(k.Expr)...)
	}
	if w.Frame != nil {
		parts = append(parts, l.exprParts(w.Frame.Start.Offset, w.Frame.End.Offset)...)
	}
	return parts
}

// exprParts returns the parts that expressions are; those that are nil are none.
func (l *layout) exprParts(list ...*Expr) []part {
	var parts []part
	for _, e := range list {
		if e != nil {
			parts = append(parts, part{l.index(e.Span().Start), func() { l.expr(e) }})
		}
	}
	return parts
}

// queryPart returns the part that a query in parentheses is.
func (l *layout) queryPart(q *Query) []part {
	if q == nil {
		return nil
	}
	return []part{{l.index(q.Pos.Offset) - 1, func() { l.parenthesized(func() { l.query(q) }) }}}
}

// parts returns the parts of an expression.
func (l *layout) parts(x ExprNode) []part {
	switch n := x.(type) {
	case *Unary:
		return l.exprParts(n.X)
	case *Is:
		return l.exprParts(n.X)
	case *In:
		return append(l.exprParts(append([]*Expr{n.X}, n.List...)...), l.queryPart(n.Query)...)
	case *Between:
		return l.exprParts(n.X, n.Lo, n.Hi)
	case *Like:
		return l.exprParts(n.X, n.Pattern, n.Escape)
	case *Cast:
		return l.exprParts(n.X)
	case *AtTimeZone:
		return l.exprParts(n.X, n.Zone)
	case *Subquery:
		return l.queryPart(n.Query)
	case *Exists:
		return l.queryPart(n.Query)
	case *Quantified:
		return append(l.exprParts(n.X, n.Array), l.queryPart(n.Query)...)
	case *Array:
		return l.exprParts(n.Elems...)
	case *Map:
		return l.exprParts(n.Elems...)
	case *Row:
		return l.exprParts(n.Elems...)
	case *Subscript:
		return l.exprParts(n.X, n.Index, n.To)
	case *Field:
		return l.exprParts(n.X)
	case *Call:
		return l.callParts(n)
	}
	return nil
}

func (l *layout) callParts(c *Call) []part {
	var parts []part
	for _, a := range c.Args {
		parts = append(parts, l.exprParts(a.X)...)
	}
	for _, k := range slices.Concat(c.OrderBy, c.WithinGroup) {
		parts = append(parts, l.exprParts(k.Expr)...)
	}
	for _, b := range c.JSON.Behaviors() {
		parts = append(parts, l.exprParts(b.Default)...)
	}
	parts = append(parts, l.exprParts(c.Filter)...)
	if w := c.Over; w != nil {
		parts = append(parts, part{l.index(w.Pos.Offset), func() { l.window(w) }})
	}
	return parts
}
