package parser

import (
	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"
)

// Parse reads one item of a SELECT list. It is called by participle.
func (s *SelectItem) Parse(lex *lexer.PeekingLexer) error {
	t := lex.Peek()
	s.Pos = t.Pos
	switch {
	case isPunct(t, "*"):
		lex.Next()
		s.Star = true
	case isName(t) && isPunct(after(lex, 1), ".") && isPunct(after(lex, 2), "*"):
		s.Qualifier, s.Star = takeName(lex), true
		lex.Next()
		lex.Next()
	default:
		x := new(Expr)
		if err := x.Parse(lex); err != nil {
			return err
		}
		s.Expr = x
		var err error
		if s.Alias, err = alias(lex, ",", "FROM"); err != nil {
			return err
		}
	}
	s.EndPos = lex.RawPeek().Pos
	return nil
}

// alias reads "[AS] name" when it is there. A word that may begin a clause is an
// alias without AS only before one of what tells: words, or the comma.
func alias(lex *lexer.PeekingLexer, tells ...string) (*Name, error) {
	t := lex.Peek()
	switch {
	case isWord(t, "AS"):
		lex.Next()
		if !isName(lex.Peek()) {
			return nil, expected(lex, "a name")
		}
	case !isName(t):
		return nil, nil
	case t.Type == clauseToken:
		next := after(lex, 1)
		if !isOneOf(next, tells...) && !(tells[0] == "," && isPunct(next, ",")) {
			return nil, nil
		}
	}
	return takeName(lex), nil
}

// Parse reads one row of VALUES. It is called by participle.
func (r *ValuesRow) Parse(lex *lexer.PeekingLexer) (err error) {
	t := lex.Peek()
	if !isPunct(t, "(") {
		return participle.NextMatch
	}
	r.Pos = t.Pos
	r.Exprs, err = (&exprParser{lex: lex}).parenthesized()
	r.EndPos = lex.RawPeek().Pos
	return err
}
