package parser

import (
	"github.com/alecthomas/participle/v2/lexer"

	"tidemark/parser/source"
)

// syntaxError is what the hand-written parts of the grammar report. Either
// message is complete, or expected says what could stand at pos.
type syntaxError struct {
	pos      lexer.Position // of the token that did not fit
	expected []string       // in people's words: FROM, `","`, "an expression"
	open     *lexer.Token   // the parenthesis still open, when closing it was possible

	span          source.Span // for a complete message
	message, hint string
}

// Error, Message and Position make it an error that participle passes through.
func (e *syntaxError) Error() string            { return e.Message() }
func (e *syntaxError) Position() lexer.Position { return e.pos }
func (e *syntaxError) Message() string {
	if e.message != "" {
		return e.message
	}
	return "expected " + list(e.expected)
}

// expected reports that the next token should have been one of what.
func expected(lex *lexer.PeekingLexer, what ...string) *syntaxError {
	return &syntaxError{pos: lex.Peek().Pos, expected: what}
}

// unclosed is expected with the closing parenthesis added.
func unclosed(lex *lexer.PeekingLexer, open *lexer.Token, what ...string) *syntaxError {
	return &syntaxError{pos: lex.Peek().Pos, expected: append(what, `")"`), open: open}
}

// failure reports a complete message about the next token.
func failure(lex *lexer.PeekingLexer, message, hint string) *syntaxError {
	t := lex.Peek()
	return &syntaxError{pos: t.Pos, span: tokenSpan(t), message: message, hint: hint}
}
