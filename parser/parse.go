package parser

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"

	"tidemark/parser/source"
)

// grammar returns the parser that participle builds from the tags of the tree.
// It is built once and never changes.
var grammar = sync.OnceValue(func() *participle.Parser[Statement] {
	return participle.MustBuild[Statement](grammarOptions()...)
})

func grammarOptions() []participle.Option {
	return []participle.Option{
		participle.Lexer(definition{}),
		participle.Elide("Space"),
		participle.CaseInsensitive("Keyword", "Clause", "Ident"),
		participle.UseLookahead(0), // a token decides; where two must, the tags say (?= …)
	}
}

// Parse returns the statements of f that could be read, in order, and one error
// for each one that could not, besides the warnings. The work is linear in the text.
// The statements of tests are read where the file's name ends in TestSuffix.
func Parse(f *source.File) (*Script, source.List) {
	if isTest(f) {
		return parseScript(f, testDialect)
	}
	return parseScript(f, scriptDialect)
}

func parseScript(f *source.File, d dialect) (*Script, source.List) {
	script := &Script{File: f}
	var errs source.List
	expecter := newExpecter(d)
	statements := splitter{scan: scanner{text: f.Text}}
	for st, ok := statements.next(); ok; st, ok = statements.next() {
		if statement := st.parse(f, expecter, &errs); statement != nil {
			script.Statements = append(script.Statements, statement)
		}
	}
	return script, errs
}

// tokenizedStatement is the tokens of one statement, without its semicolon and
// the space around it.
type tokenizedStatement struct {
	tokens []lexer.Token // with a final EOF right behind the last one
	end    source.Span   // of the semicolon, or empty at the end of the text
}

// splitter cuts a text into its statements, leaving out empty ones.
type splitter struct {
	scan   scanner
	tokens []lexer.Token // of the last statement, whose place the next one takes
}

// next returns the next statement, and false behind the last one. Its tokens are
// there until next is called again.
func (s *splitter) next() (st tokenizedStatement, ok bool) {
	s.tokens = s.tokens[:0]
	last := 0 // number of tokens up to the last that is no space
	for {
		t, _ := s.scan.Next() // never fails
		if len(s.tokens) == cap(s.tokens) {
			s.tokens = slices.Grow(s.tokens, len(s.tokens)+64) // append would grow long statements by a quarter at a time
		}
		if !t.EOF() && !isPunct(&t, ";") {
			if t.Type != spaceToken {
				s.tokens = append(s.tokens, t)
				last = len(s.tokens)
			} else if last > 0 {
				s.tokens = append(s.tokens, t)
			}
			continue
		}
		if last > 0 {
			at := tokenSpan(&s.tokens[last-1]).End
			end := source.Span{Start: at, End: at}
			if !t.EOF() {
				end = tokenSpan(&t)
			}
			s.tokens = append(s.tokens[:last], lexer.EOFToken(lexer.Position{Offset: at}))
			return tokenizedStatement{tokens: s.tokens, end: end}, true
		}
		if t.EOF() {
			return tokenizedStatement{}, false
		}
	}
}

// parse returns the statement, or nil and a diagnostic in errs.
func (st tokenizedStatement) parse(f *source.File, expecter *expecter, errs *source.List) *Statement {
	for i := range st.tokens {
		if isInvalid(&st.tokens[i]) {
			reportInvalid(f, &st.tokens[i], errs)
			return nil
		}
	}
	warnOfHints(f, st.tokens, errs)
	if t, message := tooDeepAt(st.tokens); t != nil {
		errs.Errorf(f, tokenSpan(t), "split it up, for example with a view", "%s", message)
		return nil
	}
	statement, err := run(st.tokens, expecter.dialect)
	if err == nil {
		err = finish(statement)
	}
	if err == nil {
		return statement
	}
	newFailure(f, st, expecter, err).report(errs)
	return nil
}

// warnOfHints reports the optimizer hints, which are comments here.
func warnOfHints(f *source.File, tokens []lexer.Token, errs *source.List) {
	for i := range tokens {
		if t := &tokens[i]; t.Type == spaceToken && strings.HasPrefix(t.Value, "/*+") {
			errs.Warnf(f, tokenSpan(t), "leave it out", "the hint is not used")
		}
	}
}

// tooDeepAt returns the bracket that goes over a limit of nesting, if there is
// one. What is within the limits cannot overflow the stack.
func tooDeepAt(tokens []lexer.Token) (*lexer.Token, string) {
	var queries []bool // of each open bracket, whether it holds a query
	depth := 0
	for i := range tokens {
		switch t := &tokens[i]; {
		case isPunct(t, "(") || isPunct(t, "["):
			if queries = append(queries, false); len(queries) > MaxNesting {
				return t, fmt.Sprintf("the statement nests deeper than %d levels", MaxNesting)
			}
		case isPunct(t, ")") || isPunct(t, "]"):
			if n := len(queries); n > 0 {
				if queries[n-1] {
					depth--
				}
				queries = queries[:n-1]
			}
		case isOneOf(t, "SELECT", "VALUES") && len(queries) > 0 && !queries[len(queries)-1]:
			queries[len(queries)-1] = true
			if depth++; depth > maxQueries {
				return t, fmt.Sprintf("queries nest deeper than %d levels", maxQueries)
			}
		}
	}
	return nil, ""
}

// run parses tokens that end in EOF.
func run(tokens []lexer.Token, d dialect) (*Statement, error) {
	matchParentheses(tokens)
	rest := tokenList(tokens)
	lex, err := lexer.Upgrade(&rest, spaceToken)
	if err != nil {
		return nil, err
	}
	return readStatement(lex, d)
}

// tokenList is a lexer over tokens that were read before.
type tokenList []lexer.Token

// Next returns the next token; the last one is EOF.
func (l *tokenList) Next() (lexer.Token, error) {
	t := (*l)[0]
	*l = (*l)[1:]
	return t, nil
}

// reportInvalid says what is wrong with text that is no token.
func reportInvalid(f *source.File, t *lexer.Token, errs *source.List) {
	at := tokenSpan(t)
	switch t.Type {
	case openStringToken:
		errs.Errorf(f, at, `add the closing quote; a quote inside a string is written ''`, "the string is not closed")
	case openQuotedToken:
		errs.Errorf(f, at, "add the closing "+t.Value[:1], "the quoted name is not closed")
	case openCommentToken:
		at.End = at.Start + 2
		errs.Errorf(f, at, "add */ where the comment ends", "the comment is not closed")
	case emptyQuotedToken:
		errs.Errorf(f, at, "strings are written in single quotes: ''", "a name cannot be empty")
	case badNumberToken:
		errs.Errorf(f, at, numberHint(t.Value), "%s is not a number", shorten(t.Value))
	default:
		hint := ""
		switch t.Value {
		case "\u2018", "\u2019", "\u201c", "\u201d":
			hint = "strings are written in straight quotes: 'text'"
		case "!":
			hint = "write NOT, or <> for not equal"
		}
		errs.Errorf(f, at, hint, "unexpected character %q", t.Value)
	}
}

func numberHint(number string) string {
	if digits := strings.ReplaceAll(number, "_", ""); isDecimal(digits) {
		return "write " + digits
	}
	if strings.Count(number, ".") > 1 {
		return "a number has one decimal point"
	}
	return "a name that begins with a digit is written in double quotes"
}

// finish brings what the grammar captured as written into the form that the
// tree promises.
func finish(s *Statement) error {
	switch {
	case s.Create != nil:
		s.Create.Kind = strings.ToUpper(s.Create.Kind)
		return finishOptional(s.Create.As)
	case s.View != nil:
		return finishQuery(s.View.Query)
	case s.Drop != nil:
		s.Drop.Kind = strings.ToUpper(s.Drop.Kind)
	case s.Insert != nil:
		return finishQuery(s.Insert.Query)
	case s.Explain != nil:
		s.Explain.Mode = strings.ToUpper(s.Explain.Mode)
		if s.Explain.Insert != nil {
			return finishQuery(s.Explain.Insert.Query)
		}
		return finishQuery(s.Explain.Query)
	case s.Show != nil:
		s.Show.What, s.Show.Kind = strings.ToUpper(s.Show.What), strings.ToUpper(s.Show.Kind)
		if s.Show.Name != nil {
			s.Show.What = "CREATE"
		}
	case s.Describe != nil:
		if s.Describe.File != nil {
			*s.Describe.File = unquote(*s.Describe.File)
		}
		return finishOptional(s.Describe.Query)
	case s.Query != nil:
		return finishQuery(s.Query)
	case s.Expect != nil && s.Expect.Statement != nil:
		return finish(s.Expect.Statement)
	}
	return nil
}

func finishOptional(q *Query) error {
	if q == nil {
		return nil
	}
	return finishQuery(q)
}

// errorPosition returns where participle's error stands.
func errorPosition(err error) int {
	var perr participle.Error
	if errors.As(err, &perr) {
		return perr.Position().Offset
	}
	return -1
}
