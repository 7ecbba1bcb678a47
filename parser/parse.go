package parser

import (
	"errors"
	"strings"
	"sync"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"

	"tidemark/parser/source"
)

// grammar returns the parser that participle builds from the tags of the tree.
// It is built once and never changes.
var grammar = sync.OnceValue(func() *participle.Parser[Statement] {
	return participle.MustBuild[Statement](
		participle.Lexer(definition{}),
		participle.Elide("Space"),
		participle.CaseInsensitive("Keyword", "Clause", "Ident"),
		participle.UseLookahead(0), // a token decides; where two must, the tags say (?= …)
	)
})

// Parse returns the statements of f that could be read, in order, and one
// diagnostic for each one that could not. The work is linear in the text.
func Parse(f *source.File) (*Script, source.List) {
	script := &Script{File: f}
	var errs source.List
	expecter := newExpecter()
	for _, st := range split(f.Text) {
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

// split cuts a text into its statements, leaving out empty ones.
func split(text string) []tokenizedStatement {
	var statements []tokenizedStatement
	scan := scanner{text: text}
	var tokens []lexer.Token
	last := 0 // number of tokens up to the last that is no space
	for {
		t, _ := scan.Next() // never fails
		if !t.EOF() && !isPunct(&t, ";") {
			if t.Type != spaceToken {
				tokens = append(tokens, t)
				last = len(tokens)
			} else if last > 0 {
				tokens = append(tokens, t)
			}
			continue
		}
		if last > 0 {
			at := tokenSpan(&tokens[last-1]).End
			end := source.Span{Start: at, End: at}
			if !t.EOF() {
				end = tokenSpan(&t)
			}
			tokens = append(tokens[:last], lexer.EOFToken(lexer.Position{Offset: at}))
			statements = append(statements, tokenizedStatement{tokens: tokens, end: end})
			tokens, last = nil, 0
		}
		if t.EOF() {
			return statements
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
	statement, err := run(st.tokens)
	if err == nil {
		if finish(f, statement, errs) {
			return statement
		}
		return nil
	}
	newFailure(f, st, expecter, err).report(errs)
	return nil
}

// run parses tokens that end in EOF.
func run(tokens []lexer.Token) (*Statement, error) {
	rest := tokenList(tokens)
	lex, err := lexer.Upgrade(&rest, spaceToken)
	if err != nil {
		return nil, err
	}
	return grammar().ParseFromLexer(lex)
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
// tree promises. It reports a clause given twice.
func finish(f *source.File, s *Statement, errs *source.List) bool {
	query := s.Select
	switch {
	case s.Create != nil:
		s.Create.Kind = strings.ToUpper(s.Create.Kind)
	case s.View != nil:
		query = s.View.Select
	case s.Insert != nil:
		query = s.Insert.Select
	case s.Explain != nil:
		s.Explain.Mode = strings.ToUpper(s.Explain.Mode)
		if query = s.Explain.Select; s.Explain.Insert != nil {
			query = s.Explain.Insert.Select
		}
	}
	return query == nil || finishSelect(f, query, errs)
}

func finishSelect(f *source.File, q *Select, errs *source.List) bool {
	if q.From != nil && q.From.File != nil {
		*q.From.File = unquote(*q.From.File)
	}
	for _, c := range q.Closing {
		if e := c.Emit; e != nil {
			if q.Emit != nil {
				errs.Errorf(f, c.Span(), "keep one of them", "EMIT is given twice")
				return false
			}
			if e.Mode = strings.ToUpper(e.Mode); e.Mode == "ONWINDOWCLOSE" {
				e.Mode = "ON WINDOW CLOSE"
			}
			q.Emit = e
			continue
		}
		l := c.Lateness
		l.OnLate = strings.ToUpper(l.OnLate)
		switch have := q.Lateness; {
		case have == nil:
			q.Lateness = l
		case l.Interval == nil && have.DataTo == nil: // LATE DATA TO behind EMIT
			have.DataTo = l.DataTo
		case l.Interval != nil && have.Interval == nil && l.DataTo == nil:
			l.DataTo = have.DataTo
			q.Lateness = l
		default:
			what := "LATE DATA TO"
			if l.Interval != nil && have.Interval != nil {
				what = "ALLOWED LATENESS"
			}
			errs.Errorf(f, c.Span(), "keep one of them", "%s is given twice", what)
			return false
		}
	}
	return true
}

// errorPosition returns where participle's error stands.
func errorPosition(err error) int {
	var perr participle.Error
	if errors.As(err, &perr) {
		return perr.Position().Offset
	}
	return -1
}
