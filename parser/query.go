package parser

import (
	"strings"
	"sync"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"

	"tidemark/parser/source"
)

// The productions that the hand-written parts of the grammar read.
var (
	queryProduction     = production[Query]()
	tableExprProduction = production[TableExpr]()
)

// production returns what reads one of the tree's nodes; its parser is built once.
func production[T any]() func(*lexer.PeekingLexer, ...participle.ParseOption) (*T, error) {
	parser := sync.OnceValues(func() (*participle.Parser[T], error) {
		return participle.ParserForProduction[T](grammar())
	})
	return func(lex *lexer.PeekingLexer, options ...participle.ParseOption) (*T, error) {
		p, err := parser()
		if err != nil {
			return nil, err
		}
		return p.ParseFromLexer(lex, options...)
	}
}

// nestedQuery reads "(query)". A query's many possible continuations are left to
// the expecter when something else stands before the parenthesis.
func nestedQuery(lex *lexer.PeekingLexer) (*Query, error) {
	lex.Next()
	q, err := queryProduction(lex, participle.AllowTrailing(true))
	if err == nil {
		err = finishQuery(q)
	}
	if err != nil {
		return nil, err
	}
	if !isPunct(lex.Peek(), ")") {
		return nil, &participle.UnexpectedTokenError{Unexpected: *lex.Peek()}
	}
	lex.Next()
	return q, nil
}

// opensQuery reports whether the parenthesis that comes next holds a query. That
// of "((SELECT 1) + 2)" does not, that of "((SELECT 1) UNION SELECT 2)" does.
func opensQuery(lex *lexer.PeekingLexer) bool {
	before := lex.MakeCheckpoint()
	defer lex.LoadCheckpoint(before)
	var closes []int // of each parenthesis, the token that closes it
	for isPunct(lex.Peek(), "(") {
		closes = append(closes, closedBy(lex.Next()))
	}
	if len(closes) == 0 || !startsQuery(lex) {
		return false
	}
	for i := len(closes) - 1; i > 0 && closes[i] > 0; i-- {
		if next := tokenAfter(lex, closes[i]); !isPunct(next, ")") {
			return isOneOf(next, "UNION", "INTERSECT", "EXCEPT", "ORDER", "LIMIT", "OFFSET", "FETCH")
		}
	}
	return true
}

// matchParentheses notes at every "(" which token closes it: the line of its
// position, which nothing else uses, holds the index. It spares opensQuery the
// search, which would cost quadratic time where parentheses nest.
func matchParentheses(tokens []lexer.Token) {
	var open []int
	for i := range tokens {
		switch t := &tokens[i]; {
		case isPunct(t, "("):
			t.Pos.Line = 0 // part of the tokens may have been matched as part of more
			open = append(open, i)
		case isPunct(t, ")") && len(open) > 0:
			tokens[open[len(open)-1]].Pos.Line = i
			open = open[:len(open)-1]
		}
	}
}

// closedBy returns the index of the token that closes the parenthesis t, or 0.
func closedBy(t *lexer.Token) int { return t.Pos.Line }

// tokenAfter returns the token behind the one with the given index, which is not the last.
func tokenAfter(lex *lexer.PeekingLexer, i int) *lexer.Token {
	for i++; ; i++ {
		if t := &lex.Range(lexer.RawCursor(i), lexer.RawCursor(i+1))[0]; t.Type != spaceToken {
			return t
		}
	}
}

// startsQuery reports whether a query begins here, other than by a parenthesis.
func startsQuery(lex *lexer.PeekingLexer) bool {
	before := lex.MakeCheckpoint()
	defer lex.LoadCheckpoint(before)
	switch t := lex.Next(); {
	case isWord(t, "SELECT"):
		return true
	case isWord(t, "VALUES"):
		return isPunct(lex.Peek(), "(")
	case isWord(t, "WITH"):
		name := lex.Next()
		if next := lex.Peek(); isWord(name, "RECURSIVE") && isName(next) {
			return true
		}
		return isName(name) && (isWord(lex.Peek(), "AS") || isPunct(lex.Peek(), "("))
	}
	return false
}

// finishQuery brings what the grammar captured as written into the form that the
// tree promises. The queries that the hand-written parts read are finished there.
func finishQuery(q *Query) error {
	for _, c := range q.With {
		if err := finishQuery(c.Query); err != nil {
			return err
		}
	}
	if err := finishTerm(q.First); err != nil {
		return err
	}
	for _, op := range q.Rest {
		if op.Op = strings.ToUpper(op.Op); op.Op == "UNIONALL" {
			op.Op = "UNION ALL"
		}
		word, _, _ := strings.Cut(op.Op, " ")
		op.OpAt = source.Span{Start: op.Pos.Offset, End: op.Pos.Offset + len(word)}
		if err := finishTerm(op.Term); err != nil {
			return err
		}
	}
	groupIntersections(q)
	if err := finishCuts(q); err != nil {
		return err
	}
	return handClosing(q)
}

func finishTerm(t *Term) error {
	switch {
	case t.Select != nil:
		return finishSelect(t.Select)
	case t.Paren != nil:
		return finishQuery(t.Paren)
	}
	return nil
}

// groupIntersections makes a term of its own of every run of INTERSECT, which
// binds tighter than UNION and EXCEPT.
func groupIntersections(q *Query) {
	last := &q.First
	rest := q.Rest[:0]
	for i := 0; i < len(q.Rest); i++ {
		op := q.Rest[i]
		if op.Op != "INTERSECT" || len(rest) == 0 {
			rest = append(rest, op)
			last = &op.Term
			continue
		}
		inner := (*last).Paren
		if inner == nil || len(inner.Rest) == 0 || inner.Pos.Offset != (*last).Pos.Offset { // not a run that began before
			inner = &Query{Node: (*last).Node, First: *last}
			*last = &Term{Node: inner.Node, Paren: inner}
		}
		inner.Rest = append(inner.Rest, op)
		inner.EndPos, (*last).EndPos = op.EndPos, op.EndPos
		rest[len(rest)-1].EndPos = op.EndPos
	}
	q.Rest = rest
	if len(rest) == 0 {
		q.Rest = nil
	}
}

// finishCuts works LIMIT, OFFSET and FETCH out.
func finishCuts(q *Query) error {
	var limited, moved bool
	for _, c := range q.Cuts {
		given := &limited
		what := "LIMIT"
		if c.Offset != nil {
			given, what = &moved, "OFFSET"
		}
		if *given {
			return &syntaxError{pos: c.Pos, span: c.Span(), message: what + " is given twice", hint: "keep one of them"}
		}
		*given = true
		switch {
		case c.Offset != nil:
			q.Offset = c.Offset
		case c.Limit != nil:
			q.Limit = c.Limit
		case c.Fetch != nil:
			q.Limit = c.Fetch
		case !c.All:
			q.Limit = &Expr{X: &Literal{At: At(c.Span()), Kind: IntegerLiteral, Text: "1"}}
		}
	}
	return nil
}

// handClosing gives the clauses that stand behind ORDER BY and LIMIT to the
// SELECT that they close.
func handClosing(q *Query) error {
	if len(q.Closing) == 0 {
		return nil
	}
	if q.First.Select == nil || len(q.Rest) > 0 {
		c := q.Closing[0]
		what := "EMIT"
		if c.Lateness != nil {
			what = "ALLOWED LATENESS"
		}
		return &syntaxError{pos: c.Pos, span: c.Span(), message: what + " closes one SELECT, and it is not clear which one", hint: "write it at the end of the SELECT it is for"}
	}
	s, more := q.First.Select, q.Closing
	s.EndPos, q.First.EndPos = more[len(more)-1].EndPos, more[len(more)-1].EndPos
	s.Closing, q.Closing = append(s.Closing, more...), nil
	return closeSelect(s, more)
}

func finishSelect(s *Select) error {
	for _, t := range s.From {
		if err := finishTableExpr(t); err != nil {
			return err
		}
	}
	return closeSelect(s, s.Closing)
}

func finishTableExpr(t *TableExpr) error {
	for _, j := range t.Joins {
		if err := finishJoin(j); err != nil {
			return err
		}
	}
	return nil
}

// finishJoin tells a join's kind from its words.
func finishJoin(j *Join) error {
	kind := strings.TrimSuffix(strings.ToUpper(j.Kind), "JOIN")
	if rest, ok := strings.CutSuffix(kind, "ASOF"); ok {
		j.Asof, kind = true, rest
	}
	switch kind = strings.TrimSuffix(kind, "OUTER"); kind {
	case "":
		kind = "INNER"
	case "LEFTSEMI", "LEFTANTI":
		kind = strings.TrimPrefix(kind, "LEFT")
	case "RIGHTSEMI", "RIGHTANTI", "FULLSEMI", "FULLANTI":
		i := len(kind) - len("SEMI")
		return &syntaxError{pos: j.Pos, span: source.Span{Start: j.Pos.Offset, End: j.Pos.Offset + i},
			message: kind[:i] + " " + kind[i:] + " JOIN is not supported", hint: "exchange the two sides, and write " + kind[i:] + " JOIN"}
	}
	j.Kind = kind
	if j.Lateness != nil {
		j.Lateness.OnLate = strings.ToUpper(j.Lateness.OnLate)
	}
	return nil
}

// closeSelect takes Lateness and Emit from the clauses that close a SELECT. It
// reports a clause given twice.
func closeSelect(s *Select, clauses []*Closing) error {
	twice := func(c *Closing, what string) error {
		return &syntaxError{pos: c.Pos, span: c.Span(), message: what + " is given twice", hint: "keep one of them"}
	}
	for _, c := range clauses {
		if e := c.Emit; e != nil {
			if s.Emit != nil {
				return twice(c, "EMIT")
			}
			if e.Mode = strings.ToUpper(e.Mode); e.Mode == "ONWINDOWCLOSE" {
				e.Mode = "ON WINDOW CLOSE"
			}
			s.Emit = e
			continue
		}
		l := c.Lateness
		l.OnLate = strings.ToUpper(l.OnLate)
		switch have := s.Lateness; {
		case have == nil:
			s.Lateness = l
		case l.Interval == nil && have.DataTo == nil: // LATE DATA TO behind EMIT
			have.DataTo = l.DataTo
		case l.Interval != nil && have.Interval == nil && l.DataTo == nil:
			l.DataTo = have.DataTo
			s.Lateness = l
		case l.Interval != nil && have.Interval != nil:
			return twice(c, "ALLOWED LATENESS")
		default:
			return twice(c, "LATE DATA TO")
		}
	}
	return nil
}
