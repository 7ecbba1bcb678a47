package parser

import (
	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"
)

// Parse reads one table of FROM with its alias. It is called by participle: what
// stands in a parenthesis is told by more tokens than a tag can look at.
func (r *TableRef) Parse(lex *lexer.PeekingLexer) error {
	t := lex.Peek()
	if !isName(t) && t.Type != stringToken && !isPunct(t, "(") {
		return participle.NextMatch
	}
	r.Pos = t.Pos
	if isWord(t, "LATERAL") && comesLateral(lex) {
		r.Lateral = true
		lex.Next()
	}
	if err := r.parseTable(lex); err != nil {
		return err
	}
	if err := r.parseAlias(lex); err != nil {
		return err
	}
	if isWord(lex.Peek(), "FOR") && isWord(after(lex, 1), "SYSTEM_TIME") {
		if err := r.parseAsOf(lex); err != nil {
			return err
		}
	}
	r.EndPos = lex.RawPeek().Pos
	return nil
}

// after returns the n-th token after the next one.
func after(lex *lexer.PeekingLexer, n int) *lexer.Token {
	before := lex.MakeCheckpoint()
	defer lex.LoadCheckpoint(before)
	for range n {
		lex.Next()
	}
	return lex.Peek()
}

// comesLateral reports whether LATERAL is no name here: a subquery or a call follows.
func comesLateral(lex *lexer.PeekingLexer) bool {
	next := after(lex, 1)
	return isPunct(next, "(") || isName(next) && isPunct(after(lex, 2), "(")
}

func (r *TableRef) parseTable(lex *lexer.PeekingLexer) (err error) {
	t := lex.Peek()
	switch {
	case t.Type == stringToken:
		lex.Next()
		name := unquote(t.Value)
		r.File = &name
		if isWord(lex.Peek(), "WITH") && isPunct(after(lex, 1), "(") {
			return r.parseOptions(lex)
		}
		return nil
	case isPunct(t, "(") && opensQuery(lex):
		r.Query, err = nestedQuery(lex)
		return err
	case isPunct(t, "("):
		r.Nested, err = nestedTables(lex)
		return err
	case isName(t) && isPunct(after(lex, 1), "("):
		r.Function, err = tableFunction(lex)
		return err
	case isOneOf(t, "ON", "USING", "JOIN") && isBareWord(after(lex, 1)) && !isOneOf(after(lex, 1), "WHERE", "GROUP", "ORDER", "AS"):
		return &participle.UnexpectedTokenError{Unexpected: *t} // the name before it is missing
	case isName(t):
		r.Name = takeName(lex)
		return nil
	}
	return expected(lex, "a function", `"("`)
}

// nestedTables reads "(table JOIN …)".
func nestedTables(lex *lexer.PeekingLexer) (*TableExpr, error) {
	lex.Next()
	t, err := tableExprProduction(lex, participle.AllowTrailing(true))
	if err == nil {
		err = finishTableExpr(t)
	}
	if err != nil {
		return nil, err
	}
	if !isPunct(lex.Peek(), ")") {
		return nil, &participle.UnexpectedTokenError{Unexpected: *lex.Peek()}
	}
	lex.Next()
	return t, nil
}

// parseOptions reads WITH (key = value, …) behind a file's name.
func (r *TableRef) parseOptions(lex *lexer.PeekingLexer) error {
	lex.Next()
	return parenthesized(lex, func() error {
		o := new(Option)
		if err := o.Parse(lex); err == participle.NextMatch {
			return expected(lex, "an option's name")
		} else if err != nil {
			return err
		}
		r.Options = append(r.Options, o)
		return nil
	})
}

// parenthesized reads "(item, item …)".
func parenthesized(lex *lexer.PeekingLexer, item func() error) error {
	if !isPunct(lex.Peek(), "(") {
		return expected(lex, `"("`)
	}
	open := lex.Next()
	for {
		if err := item(); err != nil {
			return err
		}
		t := lex.Peek()
		if !isPunct(t, ",") && !isPunct(t, ")") {
			return unclosed(lex, open, `","`)
		}
		if lex.Next(); isPunct(t, ")") {
			return nil
		}
	}
}

// names reads "(a, b, …)".
func names(lex *lexer.PeekingLexer) ([]*Name, error) {
	var list []*Name
	err := parenthesized(lex, func() error {
		if !isName(lex.Peek()) {
			return expected(lex, "a column name")
		}
		list = append(list, takeName(lex))
		return nil
	})
	return list, err
}

// parseAlias reads "[AS] alias [(a, b)]" when it is there.
func (r *TableRef) parseAlias(lex *lexer.PeekingLexer) (err error) {
	if r.Alias, err = alias(lex, "WHERE", "GROUP", "HAVING"); err == nil && r.Alias != nil && isPunct(lex.Peek(), "(") {
		r.Columns, err = names(lex)
	}
	return err
}

// parseAsOf reads FOR SYSTEM_TIME AS OF x, and the alias when none came before.
func (r *TableRef) parseAsOf(lex *lexer.PeekingLexer) error {
	p := &exprParser{lex: lex}
	for _, w := range []string{"FOR", "SYSTEM_TIME", "AS", "OF"} {
		if err := p.word(w); err != nil {
			return err
		}
	}
	x, err := p.operand(precOr)
	if err != nil {
		return err
	}
	r.AsOf = x
	if r.Alias == nil {
		return r.parseAlias(lex)
	}
	return nil
}

// tableFunction reads "f(…)" and "TABLE(f(…))".
func tableFunction(lex *lexer.PeekingLexer) (*TableFunction, error) {
	t := lex.Peek()
	f := &TableFunction{Node: Node{Pos: t.Pos}}
	var outer *lexer.Token
	if isWord(t, "TABLE") {
		f.Table = true
		lex.Next()
		outer = lex.Next()
		if !isName(lex.Peek()) || !isPunct(after(lex, 1), "(") {
			return nil, expected(lex, "a function such as TUMBLE")
		}
	}
	f.Name = takeName(lex)
	if isPunct(after(lex, 1), ")") {
		lex.Next()
		lex.Next()
	} else if err := parenthesized(lex, func() error {
		arg, err := tableArg(lex)
		f.Args = append(f.Args, arg)
		return err
	}); err != nil {
		return nil, err
	}
	if f.Table {
		if !isPunct(lex.Peek(), ")") {
			return nil, unclosed(lex, outer)
		}
		lex.Next()
	}
	if isWord(lex.Peek(), "WITH") {
		lex.Next()
		if err := (&exprParser{lex: lex}).word("ORDINALITY"); err != nil {
			return nil, err
		}
		f.Ordinality = true
	}
	f.EndPos = lex.RawPeek().Pos
	return f, nil
}

// tableArg reads one argument of a function in FROM.
func tableArg(lex *lexer.PeekingLexer) (*TableArg, error) {
	a := &TableArg{Node: Node{Pos: lex.Peek().Pos}}
	if isName(lex.Peek()) && isPunct(after(lex, 1), "=>") {
		a.Name = takeName(lex)
		lex.Next()
	}
	p := &exprParser{lex: lex, bare: true} // no alias can stand in an argument
	t, next := lex.Peek(), after(lex, 1)
	var err error
	switch {
	case isWord(t, "TABLE") && (isName(next) || isPunct(next, "(")):
		lex.Next()
		if isName(next) {
			a.Table = takeName(lex)
		} else if !opensQuery(lex) {
			return a, expected(lex, "a table's name")
		} else if a.Query, err = nestedQuery(lex); err != nil {
			return a, err
		}
		if isWord(lex.Peek(), "PARTITION") {
			a.PartitionBy, err = p.tablePartition()
		}
	case isWord(t, "DESCRIPTOR") && isPunct(next, "("):
		lex.Next()
		a.Descriptor, err = names(lex)
	case isPunct(t, "(") && opensQuery(lex):
		a.Query, err = nestedQuery(lex)
	default:
		a.Expr, err = p.operand(precOr)
	}
	a.EndPos = lex.RawPeek().Pos
	return a, err
}

// tablePartition reads PARTITION BY behind a table argument. Its list ends before
// the comma of the next argument.
func (p *exprParser) tablePartition() ([]*Expr, error) {
	p.lex.Next()
	if err := p.word("BY"); err != nil {
		return nil, err
	}
	var keys []*Expr
	for {
		x, err := p.operand(precOr)
		if err != nil {
			return nil, err
		}
		keys = append(keys, x)
		next, behind := after(p.lex, 1), after(p.lex, 2)
		if !isPunct(p.lex.Peek(), ",") || isPunct(behind, "=>") || isWord(next, "DESCRIPTOR") && isPunct(behind, "(") {
			return keys, nil
		}
		p.lex.Next()
	}
}
