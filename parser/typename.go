package parser

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"
)

// Parse reads a type: words, parameters, the types inside, and the time zone
// phrase. It is called by participle and by the expression parser.
func (n *TypeName) Parse(lex *lexer.PeekingLexer) error { return n.parse(lex, 1) }

func (n *TypeName) parse(lex *lexer.PeekingLexer, depth int) error {
	t := lex.Peek()
	if t.Type != identToken {
		return participle.NextMatch
	}
	if depth > MaxNesting {
		return tooDeep(lex, "the type")
	}
	lex.Next()
	n.Pos, n.Name = t.Pos, strings.ToUpper(t.Value)
	if err := n.parseInside(lex, depth); err != nil {
		return err
	}
	n.EndPos = lex.RawPeek().Pos
	for ; ; depth++ {
		next := lex.Peek()
		switch {
		case isPunct(next, "["):
			lex.Next()
			if lex.Peek().Type == numberToken {
				lex.Next() // a length, which PostgreSQL ignores as well
			}
			if !isPunct(lex.Peek(), "]") {
				return expected(lex, `"]"`)
			}
			lex.Next()
		case isWord(next, "ARRAY"):
			lex.Next()
		default:
			return nil
		}
		if depth > MaxNesting {
			return tooDeep(lex, "the type")
		}
		element := *n
		*n = TypeName{Node: Node{Pos: n.Pos, EndPos: lex.RawPeek().Pos}, Name: "ARRAY", Args: []*TypeName{&element}}
	}
}

func tooDeep(lex *lexer.PeekingLexer, what string) *syntaxError {
	return failure(lex, fmt.Sprintf("%s nests deeper than %d levels", what, MaxNesting), "split it up, for example with a view")
}

// parseInside reads what follows a type's first word.
func (n *TypeName) parseInside(lex *lexer.PeekingLexer, depth int) error {
	next := lex.Peek()
	angle, round := isPunct(next, "<"), isPunct(next, "(")
	switch {
	case n.Name == "DOUBLE" && isWord(next, "PRECISION"), n.Name == "CHARACTER" && isWord(next, "VARYING"):
		lex.Next()
		n.Name += " " + strings.ToUpper(next.Value)
	case isPunct(next, "<>") && (n.Name == "ARRAY" || n.Name == "MAP" || n.Name == "ROW" || n.Name == "STRUCT"):
		return failure(lex, n.Name+"<> has no type inside", "write for example ARRAY<INT>, MAP<STRING, INT> or ROW<a INT>")
	case n.Name == "ARRAY" && angle, n.Name == "MAP" && (angle || round):
		return n.parseArgs(lex, depth)
	case (n.Name == "ROW" || n.Name == "STRUCT") && (angle || round):
		n.Name = "ROW"
		return n.parseFields(lex, depth)
	}
	if isPunct(lex.Peek(), "(") {
		if err := n.parseParams(lex); err != nil {
			return err
		}
	}
	if n.Name == "TIMESTAMP" || n.Name == "TIME" {
		return n.parseZone(lex)
	}
	return nil
}

// parseArgs reads "<T>" of an array and "<K, V>" of a map.
func (n *TypeName) parseArgs(lex *lexer.PeekingLexer, depth int) error {
	want := 1
	if n.Name == "MAP" {
		want = 2
	}
	open := lex.Next()
	for {
		arg, err := innerType(lex, depth)
		if err != nil {
			return err
		}
		n.Args = append(n.Args, arg)
		if len(n.Args) == want {
			return closeType(lex, open)
		}
		if !isPunct(lex.Peek(), ",") {
			return expected(lex, `"," and the type of the map's values`)
		}
		lex.Next()
	}
}

func innerType(lex *lexer.PeekingLexer, depth int) (*TypeName, error) {
	n := new(TypeName)
	if err := n.parse(lex, depth+1); err == participle.NextMatch {
		return nil, expected(lex, "a type")
	} else if err != nil {
		return nil, err
	}
	return n, nil
}

// parseFields reads "<name type, …>" of a row, in either kind of brackets.
func (n *TypeName) parseFields(lex *lexer.PeekingLexer, depth int) error {
	open := lex.Next()
	for {
		if !isName(lex.Peek()) {
			return expected(lex, "a field's name")
		}
		f := &FieldDef{Node: Node{Pos: lex.Peek().Pos}, Name: takeName(lex)}
		var err error
		if f.Type, err = innerType(lex, depth); err != nil {
			return err
		}
		f.EndPos = lex.RawPeek().Pos
		n.Fields = append(n.Fields, f)
		if !isPunct(lex.Peek(), ",") {
			return closeType(lex, open, `","`)
		}
		lex.Next()
	}
}

// closeType consumes the bracket that closes open, or fails.
func closeType(lex *lexer.PeekingLexer, open *lexer.Token, also ...string) error {
	if open.Value == "(" {
		if !isPunct(lex.Peek(), ")") {
			return unclosed(lex, open, also...)
		}
	} else if !isPunct(lex.Peek(), ">") {
		return expected(lex, append(also, `">"`)...)
	}
	lex.Next()
	return nil
}

func (n *TypeName) parseParams(lex *lexer.PeekingLexer) error {
	return parenthesized(lex, func() error {
		t := lex.Peek()
		value, err := strconv.Atoi(t.Value)
		if t.Type != numberToken || err != nil {
			return expected(lex, "a whole number")
		}
		lex.Next()
		n.Params = append(n.Params, value)
		return nil
	})
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
