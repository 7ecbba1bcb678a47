package parser

import (
	"strings"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"
)

// Parse reads one item of GROUP BY. It is called by participle.
func (g *GroupItem) Parse(lex *lexer.PeekingLexer) error {
	p := &exprParser{lex: lex}
	if !p.startsExpr() {
		return participle.NextMatch
	}
	t, next := lex.Peek(), p.second()
	var err error
	g.Pos = t.Pos
	switch {
	case isWord(t, "GROUPING") && isWord(next, "SETS"):
		g.Kind = "GROUPING SETS"
		lex.Next()
		lex.Next()
		err = g.parseSets(p)
	case isWord(t, "GROUPING") && next.Type == identToken && !isWord(next, "AT"):
		lex.Next()
		return expected(lex, "SETS")
	case isOneOf(t, "ROLLUP", "CUBE") && isPunct(next, "("):
		g.Kind = strings.ToUpper(t.Value)
		lex.Next()
		err = g.parseSets(p)
	case isPunct(t, "(") && isPunct(next, ")"):
		g.Kind, g.Sets = "GROUPING SETS", [][]*Expr{nil}
		lex.Next()
		lex.Next()
	default:
		g.Expr, err = p.parse(precOr)
	}
	g.EndPos = lex.RawPeek().Pos
	return err
}

// parseSets reads "(set, …)", in which a set is an expression or a list of them
// in parentheses.
func (g *GroupItem) parseSets(p *exprParser) error {
	return parenthesized(p.lex, func() error {
		if isPunct(p.lex.Peek(), "(") && isPunct(p.second(), ")") {
			p.lex.Next()
			p.lex.Next()
			g.Sets = append(g.Sets, nil)
			return nil
		}
		x, err := p.operand(precOr)
		if err != nil {
			return err
		}
		set := []*Expr{x}
		if row, ok := x.X.(*Row); ok {
			set = row.Elems
		}
		g.Sets = append(g.Sets, set)
		return nil
	})
}
