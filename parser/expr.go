package parser

import (
	"fmt"
	"strings"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"
)

// MaxNesting is the deepest nesting of parentheses and brackets in a statement, and
// of an expression: parentheses, calls, CASE and prefix operators. maxQueries is that
// of queries in queries. maxOperators is the largest number of operators, casts and
// subscripts that one value of an expression may go through: "a + b + c" is a tree as
// deep as it is long. They keep every recursion over the tree within the stack.
const (
	MaxNesting   = 1000
	maxQueries   = 100
	maxOperators = 200_000
)

// The precedences of the operators, from loose to tight, as in PostgreSQL.
const (
	precOr = iota + 1
	precAnd
	precNot
	precIs
	precCompare
	precMatch // BETWEEN, IN, LIKE
	precOther // || and the operators of JSON, bits and regular expressions
	precAdd
	precMultiply
	precPower
	precZone
	precSign
)

// exprParser reads one expression by precedence climbing: every token is looked
// at a fixed number of times, so the cost is linear.
type exprParser struct {
	lex   *lexer.PeekingLexer
	depth int
	// height is that of what has been read of the expression so far: the greatest
	// number of operators one above the other.
	height int

	cases int  // CASEs that are open: WHEN, THEN, ELSE and END belong to them
	bare  bool // "5 MINUTES" is an interval here, not a number and an alias
}

// Parse reads an expression. It is called by participle, and reports no match
// when the next token cannot begin one.
func (e *Expr) Parse(lex *lexer.PeekingLexer) error {
	p := &exprParser{lex: lex, bare: afterIntervalKeyword(lex)}
	if !p.startsExpr() {
		return participle.NextMatch
	}
	if p.bare {
		if literal, err := p.clauseInterval(); err != nil {
			return err
		} else if literal != nil {
			e.X = literal
			return nil
		}
	}
	x, err := p.parse(precOr)
	if err != nil {
		return err
	}
	*e = *x
	return nil
}

// startsExpr reports whether the next token can begin an expression.
func (p *exprParser) startsExpr() bool {
	t := p.lex.Peek()
	switch t.Type {
	case identToken, quotedToken, stringToken, numberToken:
		return true
	case clauseToken:
		return p.cases == 0 || !isOneOf(t, "WHEN", "THEN", "ELSE", "END")
	case keywordToken:
		return isOneOf(t, "NOT", "NULL", "TRUE", "FALSE", "CASE")
	case punctToken:
		return t.Value == "(" || t.Value == "-" || t.Value == "+" || t.Value == "~"
	}
	return false
}

// parse reads operands and operators that bind at least as tightly as least.
func (p *exprParser) parse(least int) (*Expr, error) {
	beside := p.height
	p.depth, p.height = p.depth+1, 0
	defer func() { p.depth, p.height = p.depth-1, max(p.height, beside) }()
	if p.depth > MaxNesting {
		return nil, tooDeep(p.lex, "the expression")
	}
	start := p.lex.Peek().Pos.Offset
	left, err := p.prefix()
	for compared := false; err == nil; {
		var next *Expr
		prec, op := p.operator()
		if prec == 0 || prec < least {
			return left, nil
		}
		if prec == precCompare {
			if compared {
				return nil, failure(p.lex, "comparisons cannot be chained", "write a < b AND b < c, or use parentheses")
			}
			compared = true
		} else if prec < precCompare {
			compared = false
		}
		t := p.lex.Peek()
		if next, err = p.continued(start, left, prec, op); err == nil {
			err = p.raise(t)
		}
		left = next
	}
	return nil, err
}

// raise counts the operator t above what has been read of the expression, and
// fails when the tree gets too deep.
func (p *exprParser) raise(t *lexer.Token) error {
	if p.height++; p.height > maxOperators {
		return &syntaxError{pos: t.Pos, span: tokenSpan(t),
			message: fmt.Sprintf("the expression is more than %d operators deep", maxOperators), hint: "split it up; many values are compared by IN (…)"}
	}
	return nil
}

// operator returns the precedence and name of the operator that comes next
// without consuming it; 0 when there is none.
func (p *exprParser) operator() (prec int, op string) {
	t := p.lex.Peek()
	switch t.Type {
	case punctToken:
		switch t.Value {
		case "+", "-":
			return precAdd, t.Value
		case "*", "/", "%":
			return precMultiply, t.Value
		case "^":
			return precPower, t.Value
		case "||", "->", "->>", "#>", "#>>", "<<", "&", "|", "#", "~", "~*", "!~", "!~*":
			return precOther, t.Value
		case "=", "<>", "<", "<=", ">=":
			return precCompare, t.Value
		case "!=":
			return precCompare, "<>"
		case ">":
			if second := p.second(); isPunct(second, ">") && second.Pos.Offset == t.Pos.Offset+1 {
				return precOther, ">>" // two tokens, which may close ARRAY<ARRAY<INT>> as well
			}
			return precCompare, t.Value
		}
	case keywordToken:
		switch op := strings.ToUpper(t.Value); op {
		case "OR":
			return precOr, op
		case "AND":
			return precAnd, op
		case "IS":
			return precIs, op
		case "NOT":
			if isWord(p.second(), "NULL") {
				return 0, "" // of a computed column
			}
			return precMatch, op
		case "IN", "BETWEEN", "LIKE", "ILIKE":
			return precMatch, op
		}
	case clauseToken:
		if isWord(t, "SIMILAR") && (p.follows("TO") || p.second().Type == stringToken) {
			return precMatch, "SIMILAR TO"
		}
	case identToken:
		if isWord(t, "AT") && p.follows("TIME", "ZONE") {
			return precZone, "AT TIME ZONE"
		}
	}
	return 0, ""
}

// follows reports whether the tokens after the next one are these words.
func (p *exprParser) follows(words ...string) bool {
	before := p.lex.MakeCheckpoint()
	defer p.lex.LoadCheckpoint(before)
	p.lex.Next()
	for _, w := range words {
		if !isWord(p.lex.Next(), w) {
			return false
		}
	}
	return true
}

// second returns the token after the next one.
func (p *exprParser) second() *lexer.Token { return after(p.lex, 1) }

// continued reads the operator op and what belongs to it on its right.
func (p *exprParser) continued(start int, left *Expr, prec int, op string) (*Expr, error) {
	switch prec {
	case precIs:
		return p.is(start, left)
	case precMatch:
		return p.match(start, left)
	case precZone:
		p.lex.Next()
		p.lex.Next()
		p.lex.Next()
		zone, err := p.operand(precZone + 1)
		if err != nil {
			return nil, err
		}
		return &Expr{X: &AtTimeZone{At: p.since(start), X: left, Zone: zone}}, nil
	}
	opAt := tokenSpan(p.lex.Next())
	if op == ">>" {
		opAt = opAt.Join(tokenSpan(p.lex.Next()))
	}
	if prec == precCompare && isOneOf(p.lex.Peek(), "ANY", "SOME", "ALL") && isPunct(p.second(), "(") {
		return p.quantified(start, left, op)
	}
	right, err := p.operand(prec + 1)
	if err != nil {
		return nil, err
	}
	return &Expr{X: &Binary{At: p.since(start), Op: op, OpAt: opAt, L: left, R: right}}, nil
}

// operand is parse where an expression must follow.
func (p *exprParser) operand(least int) (*Expr, error) {
	if !p.startsExpr() {
		return nil, expected(p.lex, "an expression")
	}
	return p.parse(least)
}

// since returns the place from start to the last token consumed.
func (p *exprParser) since(start int) At { return At{Start: start, End: p.lex.RawPeek().Pos.Offset} }

// word consumes the keyword w, or fails.
func (p *exprParser) word(w string) error {
	if !isWord(p.lex.Peek(), w) {
		return expected(p.lex, w)
	}
	p.lex.Next()
	return nil
}

// close consumes the parenthesis that closes open, or fails; also names what
// else could have stood there.
func (p *exprParser) close(open *lexer.Token, also ...string) error {
	if !isPunct(p.lex.Peek(), ")") {
		return unclosed(p.lex, open, also...)
	}
	p.lex.Next()
	return nil
}
