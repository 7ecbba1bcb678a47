package parser

import (
	"strings"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"
)

// Parse reads one name. It is called by participle.
func (n *Name) Parse(lex *lexer.PeekingLexer) error {
	if !isName(lex.Peek()) {
		return participle.NextMatch
	}
	*n = *takeName(lex)
	return nil
}

// takeName consumes a token as a name, whatever word it is.
func takeName(lex *lexer.PeekingLexer) *Name {
	t := lex.Next()
	n := &Name{Node: Node{Pos: t.Pos, EndPos: lex.RawPeek().Pos}, Text: t.Value}
	if t.Type == quotedToken {
		n.Text, n.Quoted = unquote(t.Value), true
	}
	return n
}

// Parse reads "key = value". It is called by participle.
func (o *Option) Parse(lex *lexer.PeekingLexer) error {
	if !startsKey(lex.Peek()) {
		return participle.NextMatch
	}
	var err error
	o.Pos = lex.Peek().Pos
	if o.Key, err = takeKey(lex); err != nil {
		return err
	}
	if !isPunct(lex.Peek(), "=") {
		return expected(lex, `"="`)
	}
	lex.Next()
	o.Value, err = optionValue(lex)
	o.EndPos = lex.RawPeek().Pos
	return err
}

// startsKey reports whether t can begin the name of an option or setting.
func startsKey(t *lexer.Token) bool {
	return isBareWord(t) || t.Type == quotedToken || t.Type == stringToken
}

// takeKey consumes the name of an option or setting, which may be dotted or
// quoted; any word may be a part of one.
func takeKey(lex *lexer.PeekingLexer) (*Name, error) {
	t := lex.Peek()
	if t.Type == stringToken {
		lex.Next()
		return &Name{Node: Node{Pos: t.Pos, EndPos: lex.RawPeek().Pos}, Text: unquote(t.Value), Quoted: true}, nil
	}
	key := takeName(lex)
	for isPunct(lex.Peek(), ".") {
		lex.Next()
		if t := lex.Peek(); !isBareWord(t) && t.Type != quotedToken {
			return nil, expected(lex, "the next part of the option's name")
		}
		part := takeName(lex)
		key.Text += "." + part.Text
		key.EndPos = part.EndPos
	}
	return key, nil
}

// Parse reads SET key = value. It is called by participle.
func (s *Set) Parse(lex *lexer.PeekingLexer) error {
	t := lex.Peek()
	if !isWord(t, "SET") {
		return participle.NextMatch
	}
	lex.Next()
	if !startsKey(lex.Peek()) {
		return expected(lex, "the name of a setting")
	}
	var err error
	s.Pos = t.Pos
	if s.Key, err = takeKey(lex); err != nil {
		return err
	}
	if !isPunct(lex.Peek(), "=") && !isWord(lex.Peek(), "TO") {
		return expected(lex, `"="`, "TO")
	}
	lex.Next()
	s.Value, err = optionValue(lex)
	s.EndPos = lex.RawPeek().Pos
	return err
}

// Parse reads RESET ALL, RESET key, and RESET alone, which is for all as well. It
// is called by participle.
func (r *Reset) Parse(lex *lexer.PeekingLexer) error {
	t := lex.Peek()
	if !isWord(t, "RESET") {
		return participle.NextMatch
	}
	lex.Next()
	var err error
	r.Pos = t.Pos
	switch next := lex.Peek(); {
	case isWord(next, "ALL") && !isPunct(after(lex, 1), "."):
		lex.Next()
	case startsKey(next):
		r.Key, err = takeKey(lex)
	case !next.EOF():
		err = expected(lex, "ALL", "the name of a setting")
	}
	r.EndPos = lex.RawPeek().Pos
	return err
}

// optionValue reads a string, a number with its sign, TRUE or FALSE.
func optionValue(lex *lexer.PeekingLexer) (*Expr, error) {
	start := lex.Peek().Pos.Offset
	sign := ""
	if t := lex.Peek(); isPunct(t, "-") || isPunct(t, "+") {
		sign = strings.TrimPrefix(lex.Next().Value, "+")
		if lex.Peek().Type != numberToken {
			return nil, expected(lex, "a number")
		}
	}
	t := lex.Peek()
	literal := plainLiteral(t)
	if literal == nil || literal.Kind == NullLiteral {
		err := expected(lex, "a string", "a number", "TRUE", "FALSE")
		if isName(t) {
			err.hint = "put the value in single quotes: '" + strings.Trim(t.Value, "\"`") + "'"
		}
		if isWord(t, "INTERVAL") {
			err.hint = "write it in quotes: '5 minutes'"
		}
		return nil, err
	}
	lex.Next()
	literal.Text = sign + literal.Text
	literal.At = At{Start: start, End: lex.RawPeek().Pos.Offset}
	return &Expr{X: literal}, nil
}

// plainLiteral returns the literal that t alone is, or nil.
func plainLiteral(t *lexer.Token) *Literal {
	at := At{Start: t.Pos.Offset, End: t.Pos.Offset + len(t.Value)}
	switch {
	case t.Type == stringToken:
		return &Literal{At: at, Kind: StringLiteral, Text: unquote(t.Value)}
	case t.Type == numberToken && strings.ContainsAny(t.Value, "eE"):
		return &Literal{At: at, Kind: DoubleLiteral, Text: t.Value}
	case t.Type == numberToken && strings.Contains(t.Value, "."):
		return &Literal{At: at, Kind: DecimalLiteral, Text: t.Value}
	case t.Type == numberToken:
		return &Literal{At: at, Kind: IntegerLiteral, Text: t.Value}
	case isOneOf(t, "TRUE", "FALSE"):
		return &Literal{At: at, Kind: BoolLiteral, Text: strings.ToUpper(t.Value)}
	case isWord(t, "NULL"):
		return &Literal{At: at, Kind: NullLiteral}
	}
	return nil
}
