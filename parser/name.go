package parser

import (
	"strconv"
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

// Parse reads "key = value". It is called by participle. Keys may be dotted or
// quoted, and any word may be a part of one.
func (o *Option) Parse(lex *lexer.PeekingLexer) error {
	t := lex.Peek()
	if !isBareWord(t) && t.Type != quotedToken && t.Type != stringToken {
		return participle.NextMatch
	}
	o.Pos = t.Pos
	if t.Type == stringToken {
		lex.Next()
		o.Key = &Name{Node: Node{Pos: t.Pos, EndPos: lex.RawPeek().Pos}, Text: unquote(t.Value), Quoted: true}
	} else {
		o.Key = takeName(lex)
		for isPunct(lex.Peek(), ".") {
			lex.Next()
			if t := lex.Peek(); !isBareWord(t) && t.Type != quotedToken {
				return expected(lex, "the next part of the option's name")
			}
			part := takeName(lex)
			o.Key.Text += "." + part.Text
			o.Key.EndPos = part.EndPos
		}
	}
	if !isPunct(lex.Peek(), "=") {
		return expected(lex, `"="`)
	}
	lex.Next()
	value, err := optionValue(lex)
	if err != nil {
		return err
	}
	o.Value, o.EndPos = value, lex.RawPeek().Pos
	return nil
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

// Parse reads a type: words, parameters, and the time zone phrase. It is called
// by participle and by the expression parser.
func (n *TypeName) Parse(lex *lexer.PeekingLexer) error {
	t := lex.Peek()
	if t.Type != identToken {
		return participle.NextMatch
	}
	lex.Next()
	n.Pos, n.Name = t.Pos, strings.ToUpper(t.Value)
	switch next := lex.Peek(); {
	case n.Name == "DOUBLE" && isWord(next, "PRECISION"), n.Name == "CHARACTER" && isWord(next, "VARYING"):
		lex.Next()
		n.Name += " " + strings.ToUpper(next.Value)
	}
	if isPunct(lex.Peek(), "(") {
		if err := n.parseParams(lex); err != nil {
			return err
		}
	}
	if n.Name == "TIMESTAMP" || n.Name == "TIME" {
		if err := n.parseZone(lex); err != nil {
			return err
		}
	}
	n.EndPos = lex.RawPeek().Pos
	return nil
}

func (n *TypeName) parseParams(lex *lexer.PeekingLexer) error {
	open := lex.Next()
	for {
		t := lex.Peek()
		value, err := strconv.Atoi(t.Value)
		if t.Type != numberToken || err != nil {
			return expected(lex, "a whole number")
		}
		lex.Next()
		n.Params = append(n.Params, value)
		switch t := lex.Peek(); {
		case isPunct(t, ","):
			lex.Next()
		case isPunct(t, ")"):
			lex.Next()
			return nil
		default:
			return unclosed(lex, open, `","`)
		}
	}
}

// parseZone reads WITH [LOCAL] TIME ZONE or WITHOUT TIME ZONE when it is there.
func (n *TypeName) parseZone(lex *lexer.PeekingLexer) error {
	if !isOneOf(lex.Peek(), "WITH", "WITHOUT") {
		return nil
	}
	before := lex.MakeCheckpoint()
	n.Name += " " + strings.ToUpper(lex.Next().Value)
	words := []string{"TIME", "ZONE"}
	if isWord(lex.Peek(), "LOCAL") {
		words = []string{"LOCAL", "TIME", "ZONE"}
	}
	for i, w := range words {
		if !isWord(lex.Peek(), w) {
			if i == 0 {
				n.Name, _, _ = strings.Cut(n.Name, " ")
				lex.LoadCheckpoint(before)
				return nil
			}
			return expected(lex, w)
		}
		lex.Next()
		n.Name += " " + w
	}
	return nil
}
