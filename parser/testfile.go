package parser

import (
	"strconv"
	"strings"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"

	"tidemark/parser/source"
)

// TestSuffix is how the names of test files end.
const TestSuffix = ".test.sql"

// isTest reports whether the statements of tests are read in a file.
func isTest(f *source.File) bool { return strings.HasSuffix(strings.ToLower(f.Name), TestSuffix) }

// ParseTest is Parse of a test file, whatever its name.
func ParseTest(f *source.File) (*Script, source.List) { return parseScript(f, testDialect) }

// dialect tells the statements that are read.
type dialect uint8

const (
	scriptDialect dialect = iota
	testDialect           // those of test files too
)

// testReaders has the readers of the statements that only test files have.
var testReaders = map[string]statementReader{
	"LOAD":       reader(func(s *Statement, x *Load) { s.Load = x }),
	"TEST":       reader(func(s *Statement, x *Test) { s.Test = x }),
	"IDLE":       reader(func(s *Statement, x *Idle) { s.Idle = x }),
	"CHECKPOINT": reader(func(s *Statement, x *Checkpoint) { s.Checkpoint = x }),
	"CRASH":      reader(func(s *Statement, x *Crash) { s.Crash = x }),
	"FINISH":     reader(func(s *Statement, x *Finish) { s.Finish = x }),
	"EXPECT":     readExpect,
}

var (
	readFeed  = reader(func(s *Statement, x *Feed) { s.Feed = x })
	readClock = reader(func(s *Statement, x *AdvanceClock) { s.Clock = x })
)

// readExpect is reader of Expect; the map of readers would go round in a circle.
func readExpect(lex *lexer.PeekingLexer) (*Statement, error) {
	return expectReader()(lex)
}

func expectReader() statementReader { return reader(func(s *Statement, x *Expect) { s.Expect = x }) }

// testReader returns the reader of a statement that only test files have, nil
// where it is another.
func testReader(lex *lexer.PeekingLexer) statementReader {
	first := lex.Peek()
	switch {
	case !isBareWord(first):
		return nil
	case isWord(first, "INSERT"):
		next, behind := after(lex, 1), after(lex, 3)
		if isWord(next, "CHANGES") || isWord(next, "INTO") && isOneOf(behind, "PARTITION", "FROM") {
			return readFeed
		}
		return nil
	case isWord(first, "ADVANCE"):
		if isWord(after(lex, 1), "CLOCK") {
			return readClock
		}
		return nil
	}
	return testReaders[strings.ToUpper(first.Value)]
}

// take consumes words, which must follow.
func take(lex *lexer.PeekingLexer, words ...string) error {
	for _, w := range words {
		if !isWord(lex.Peek(), w) {
			return &participle.UnexpectedTokenError{Unexpected: *lex.Peek()}
		}
		lex.Next()
	}
	return nil
}

// takeText consumes a string.
func takeText(lex *lexer.PeekingLexer, what string) (*Text, error) {
	t := lex.Peek()
	if t.Type != stringToken {
		return nil, expected(lex, what)
	}
	lex.Next()
	return &Text{Node{t.Pos, lex.RawPeek().Pos}, unquote(t.Value)}, nil
}

// takeCount consumes a whole number.
func takeCount(lex *lexer.PeekingLexer, what string) (*Count, error) {
	t := lex.Peek()
	n, err := strconv.ParseInt(t.Value, 10, 64)
	if t.Type != numberToken || err != nil {
		return nil, expected(lex, what)
	}
	lex.Next()
	return &Count{Node{t.Pos, lex.RawPeek().Pos}, n}, nil
}

// takeStream consumes the name of a stream, table or view.
func takeStream(lex *lexer.PeekingLexer) (*Name, error) {
	if !isName(lex.Peek()) {
		return nil, expected(lex, "a stream, table or view name")
	}
	return takeName(lex), nil
}

// takePartition consumes PARTITION n, if it follows.
func takePartition(lex *lexer.PeekingLexer) (*Count, error) {
	if !isWord(lex.Peek(), "PARTITION") {
		return nil, nil
	}
	lex.Next()
	return takeCount(lex, "the number of a partition")
}

// takeColumns consumes (a, b), if it follows.
func takeColumns(lex *lexer.PeekingLexer) ([]*Name, error) {
	if !isPunct(lex.Peek(), "(") {
		return nil, nil
	}
	open := lex.Next()
	var list []*Name
	for {
		if !isName(lex.Peek()) {
			return nil, expected(lex, "a column name")
		}
		list = append(list, takeName(lex))
		switch {
		case isPunct(lex.Peek(), ","):
			lex.Next()
		case isPunct(lex.Peek(), ")"):
			lex.Next()
			return list, nil
		default:
			return nil, unclosed(lex, open, `","`)
		}
	}
}

var valuesProduction = production[Values]()

// takeValues consumes VALUES (…), ….
func takeValues(lex *lexer.PeekingLexer) (*Values, error) {
	return valuesProduction(lex, participle.AllowTrailing(true))
}

// startsValues reports whether VALUES ( comes next.
func startsValues(lex *lexer.PeekingLexer) bool {
	return isWord(lex.Peek(), "VALUES") && isPunct(after(lex, 1), "(")
}

// takeExpr consumes an expression.
func takeExpr(lex *lexer.PeekingLexer) (*Expr, error) {
	e := &Expr{}
	err := e.Parse(lex)
	if err == participle.NextMatch {
		err = &participle.UnexpectedTokenError{Unexpected: *lex.Peek()}
	}
	return e, err
}

// Parse reads LOAD. It is called by reader, as those below.
func (l *Load) Parse(lex *lexer.PeekingLexer) (err error) {
	l.Pos = lex.Next().Pos
	if l.File, err = takeText(lex, "a script's name in quotes"); err != nil {
		return err
	}
	if isWord(lex.Peek(), "WITH") {
		lex.Next()
		if !isPunct(lex.Peek(), "(") {
			return expected(lex, `"("`)
		}
		open := lex.Next()
		for {
			o := &Option{}
			if err := o.Parse(lex); err != nil {
				if err == participle.NextMatch {
					err = expected(lex, "a variable's name")
				}
				return err
			}
			l.Options = append(l.Options, o)
			if isPunct(lex.Peek(), ")") {
				lex.Next()
				break
			}
			if !isPunct(lex.Peek(), ",") {
				return unclosed(lex, open, `","`)
			}
			lex.Next()
		}
	}
	l.EndPos = lex.RawPeek().Pos
	return nil
}

// Parse reads TEST 'name'.
func (t *Test) Parse(lex *lexer.PeekingLexer) (err error) {
	t.Pos = lex.Next().Pos
	t.Name, err = takeText(lex, "the test's name in quotes")
	t.EndPos = lex.RawPeek().Pos
	return err
}

// Parse reads the INSERT of a test.
func (f *Feed) Parse(lex *lexer.PeekingLexer) (err error) {
	f.Pos = lex.Next().Pos
	if isWord(lex.Peek(), "CHANGES") {
		lex.Next()
		f.Changes = true
	}
	if err := take(lex, "INTO"); err != nil {
		return err
	}
	if f.Table, err = takeStream(lex); err != nil {
		return err
	}
	if f.Partition, err = takePartition(lex); err != nil {
		return err
	}
	if f.Columns, err = takeColumns(lex); err != nil {
		return err
	}
	switch {
	case isWord(lex.Peek(), "FROM") && f.Columns == nil:
		lex.Next()
		f.File, err = takeText(lex, "a file name in quotes")
	case startsValues(lex):
		f.Rows, err = takeValues(lex)
	case f.Columns != nil:
		return expected(lex, "VALUES")
	default:
		return expected(lex, "VALUES", "FROM")
	}
	f.EndPos = lex.RawPeek().Pos
	return err
}

// Parse reads ADVANCE CLOCK BY interval.
func (a *AdvanceClock) Parse(lex *lexer.PeekingLexer) (err error) {
	a.Pos = lex.Next().Pos
	if err := take(lex, "CLOCK", "BY"); err != nil {
		return err
	}
	if lex.Peek().EOF() {
		return expected(lex, "an interval such as 5 MINUTES")
	}
	a.By, err = takeExpr(lex)
	a.EndPos = lex.RawPeek().Pos
	return err
}

// Parse reads IDLE name [PARTITION n].
func (i *Idle) Parse(lex *lexer.PeekingLexer) (err error) {
	i.Pos = lex.Next().Pos
	if i.Stream, err = takeStream(lex); err != nil {
		return err
	}
	i.Partition, err = takePartition(lex)
	i.EndPos = lex.RawPeek().Pos
	return err
}

// Parse reads CHECKPOINT.
func (c *Checkpoint) Parse(lex *lexer.PeekingLexer) error {
	c.Pos, c.EndPos = lex.Next().Pos, lex.RawPeek().Pos
	return nil
}

// Parse reads CRASH.
func (c *Crash) Parse(lex *lexer.PeekingLexer) error {
	c.Pos, c.EndPos = lex.Next().Pos, lex.RawPeek().Pos
	return nil
}

// Parse reads FINISH [name].
func (f *Finish) Parse(lex *lexer.PeekingLexer) error {
	f.Pos = lex.Next().Pos
	if isName(lex.Peek()) {
		f.Stream = takeName(lex)
	}
	f.EndPos = lex.RawPeek().Pos
	return nil
}
