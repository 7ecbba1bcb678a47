package parser

import (
	"github.com/alecthomas/participle/v2/lexer"
)

// Parse reads EXPECT. It is called by reader.
func (e *Expect) Parse(lex *lexer.PeekingLexer) error {
	e.Pos = lex.Next().Pos
	err := e.form(lex)
	e.EndPos = lex.RawPeek().Pos
	return err
}

// form reads what follows EXPECT. Its words are names where rows follow: of a
// relation that is called late, say.
func (e *Expect) form(lex *lexer.PeekingLexer) error {
	first, next := lex.Peek(), after(lex, 1)
	named := isName(next) && !(isWord(next, "VALUES") && isPunct(after(lex, 2), "("))
	switch {
	case isWord(first, "ERROR") && !isPunct(next, "(") && !isPunct(next, "=") && !isOneOf(next, "VALUES", "FROM"):
		return e.refusal(lex)
	case isWord(first, "STATE") && (isPunct(next, "<=") || isPunct(next, "<")):
		return e.state(lex)
	case isWord(first, "WATERMARK") && isWord(next, "OF"):
		return e.watermark(lex)
	case isWord(first, "LATE") && named:
		return e.counted(lex, ExpectLate)
	case isWord(first, "REJECTED") && named:
		return e.counted(lex, ExpectRejected)
	case isWord(first, "EMPTY") && named:
		return e.nothing(lex, ExpectEmpty)
	case isWord(first, "NO") && isWord(next, "CHANGES"):
		lex.Next()
		return e.nothing(lex, ExpectNoChanges)
	case isWord(first, "CHANGES") && named:
		lex.Next()
		e.Kind = ExpectChanges
	}
	return e.rows(lex)
}

// nothing reads the name behind a word.
func (e *Expect) nothing(lex *lexer.PeekingLexer, kind ExpectKind) (err error) {
	lex.Next()
	e.Kind = kind
	e.Target, err = takeStream(lex)
	return err
}

// counted reads a name and a number behind a word.
func (e *Expect) counted(lex *lexer.PeekingLexer, kind ExpectKind) error {
	if err := e.nothing(lex, kind); err != nil {
		return err
	}
	var err error
	e.Count, err = takeCount(lex, "the number of rows")
	return err
}

// state reads STATE <= n ROWS.
func (e *Expect) state(lex *lexer.PeekingLexer) (err error) {
	lex.Next()
	e.Kind = ExpectState
	if !isPunct(lex.Peek(), "<=") {
		return expected(lex, `"<="`)
	}
	lex.Next()
	if e.Count, err = takeCount(lex, "the number of rows"); err != nil {
		return err
	}
	if !isOneOf(lex.Peek(), "ROWS", "ROW") {
		return expected(lex, "ROWS")
	}
	lex.Next()
	return nil
}

// watermark reads WATERMARK OF name time.
func (e *Expect) watermark(lex *lexer.PeekingLexer) (err error) {
	lex.Next()
	if err := e.nothing(lex, ExpectWatermark); err != nil {
		return err
	}
	if lex.Peek().EOF() {
		return expected(lex, "a timestamp")
	}
	e.Time, err = takeExpr(lex)
	return err
}

// refusal reads ERROR 'text' FOR statement.
func (e *Expect) refusal(lex *lexer.PeekingLexer) (err error) {
	lex.Next()
	e.Kind = ExpectError
	if e.Message, err = takeText(lex, "a part of the message in quotes"); err != nil {
		return err
	}
	if !isWord(lex.Peek(), "FOR") {
		return expected(lex, "FOR")
	}
	lex.Next()
	if !isOneOf(lex.Peek(), "SELECT", "WITH", "VALUES", "INSERT", "CREATE") && !isPunct(lex.Peek(), "(") {
		return expected(lex, "SELECT", "INSERT", "CREATE")
	}
	e.Statement, err = readStatement(lex, scriptDialect)
	return err
}

// rows reads a name and the rows that are expected.
func (e *Expect) rows(lex *lexer.PeekingLexer) (err error) {
	if !isName(lex.Peek()) {
		return expected(lex, "CHANGES", "EMPTY", "NO CHANGES", "LATE", "REJECTED", "STATE", "WATERMARK OF", "ERROR", "a stream, table or view name")
	}
	e.Target = takeName(lex)
	if e.Columns, err = takeColumns(lex); err != nil {
		return err
	}
	changes := e.Kind == ExpectChanges
	switch {
	case startsValues(lex):
		e.Values, err = takeValues(lex)
	case isWord(lex.Peek(), "FROM") && !changes:
		lex.Next()
		e.File, err = takeText(lex, "a file name in quotes")
	case isPunct(lex.Peek(), "=") && !changes:
		lex.Next()
		if !opensQuery(lex) {
			return expected(lex, "a query in parentheses")
		}
		e.Query, err = nestedQuery(lex)
	case changes:
		return expected(lex, "VALUES")
	case e.Columns == nil:
		return expected(lex, "VALUES", "FROM", `"="`, `"("`)
	default:
		return expected(lex, "VALUES", "FROM", `"="`)
	}
	return err
}
