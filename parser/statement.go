package parser

import (
	"strings"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"
)

// statementReader reads a whole statement of one kind.
type statementReader func(lex *lexer.PeekingLexer) (*Statement, error)

// readers has the reader of the statements that begin with a word, CREATE aside.
// participle would try one kind after the other, which costs more than to parse
// most statements, and syntax errors are told by parsing hundreds of times.
var readers = map[string]statementReader{
	"SELECT": readQuery, "VALUES": readQuery, "WITH": readQuery, "(": readQuery,
	"DROP":     reader(func(s *Statement, x *Drop) { s.Drop = x }),
	"INSERT":   reader(func(s *Statement, x *Insert) { s.Insert = x }),
	"EXPLAIN":  reader(func(s *Statement, x *Explain) { s.Explain = x }),
	"SET":      reader(func(s *Statement, x *Set) { s.Set = x }),
	"RESET":    reader(func(s *Statement, x *Reset) { s.Reset = x }),
	"SHOW":     reader(func(s *Statement, x *Show) { s.Show = x }),
	"DESCRIBE": readDescribe, "DESC": readDescribe,
	"STOP":    reader(func(s *Statement, x *Stop) { s.Stop = x }),
	"ADVANCE": reader(func(s *Statement, x *Advance) { s.Advance = x }),
}

var (
	readQuery    = reader(func(s *Statement, x *Query) { s.Query = x })
	readDescribe = reader(func(s *Statement, x *Describe) { s.Describe = x })
	readView     = reader(func(s *Statement, x *CreateView) { s.View = x })
	readFunction = reader(func(s *Statement, x *CreateFunction) { s.Function = x })
	readRelation = reader(func(s *Statement, x *CreateRelation) { s.Create = x })
)

// reader returns the reader of a production, whose node put puts into the statement.
func reader[T any](put func(*Statement, *T)) statementReader {
	parse := production[T]()
	return func(lex *lexer.PeekingLexer) (*Statement, error) {
		s := &Statement{}
		s.Pos = lex.Peek().Pos
		x, err := new(T), error(nil)
		if byHand, ok := any(x).(participle.Parseable); !ok {
			x, err = parse(lex)
		} else if err = byHand.Parse(lex); err == nil && !lex.Peek().EOF() {
			err = &participle.UnexpectedTokenError{Unexpected: *lex.Peek()}
		}
		if err != nil {
			return nil, err
		}
		put(s, x)
		s.EndPos = lex.RawPeek().Pos
		return s, nil
	}
}

// readStatement reads the statement that lex holds.
func readStatement(lex *lexer.PeekingLexer, d dialect) (*Statement, error) {
	first := lex.Peek()
	if d == testDialect {
		if read := testReader(lex); read != nil {
			return read(lex)
		}
	}
	if isWord(first, "CREATE") {
		return createReader(lex)(lex)
	}
	if isBareWord(first) || isPunct(first, "(") {
		if read := readers[strings.ToUpper(first.Value)]; read != nil {
			return read(lex)
		}
	}
	return nil, &participle.UnexpectedTokenError{Unexpected: *first}
}

// createReader returns the reader of the CREATE that comes next.
func createReader(lex *lexer.PeekingLexer) statementReader {
	n := 1
	if isWord(after(lex, n), "OR") && isWord(after(lex, n+1), "REPLACE") {
		n += 2
	}
	if isOneOf(after(lex, n), "TEMPORARY", "TEMP") {
		n++
	}
	switch t := after(lex, n); {
	case isWord(t, "VIEW"), isWord(t, "MATERIALIZED") && isWord(after(lex, n+1), "VIEW"):
		return readView
	case isWord(t, "FUNCTION"):
		return readFunction
	}
	return readRelation
}
