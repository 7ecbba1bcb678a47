package parser

import (
	"strings"

	"github.com/alecthomas/participle/v2/lexer"
)

// formatComment is a comment with how it stands in the text.
type formatComment struct {
	text  string
	own   bool // it begins a line
	blank bool // an empty line is before it
}

// formatToken is a token of a statement with the comments next to it.
type formatToken struct {
	lexer.Token
	text     string          // as in the file; Value may have a variable filled in
	before   []formatComment // as written; the fields below are taken from it
	trailing []formatComment // behind the token, on its line
	own      []formatComment // before the token, on lines of their own
	marks    tokenMarks
}

// formatStatement is the tokens of a statement, without its semicolon.
type formatStatement struct {
	leading  []formatComment // before it
	blank    bool            // an empty line is before its first token
	tokens   []formatToken
	trailing []formatComment // behind it, on its last line
}

// formatStatements cuts a text into its statements. rest is the comments behind
// the last one.
func formatStatements(text string) (statements []*formatStatement, rest []formatComment) {
	scan := scanner{text: fillNames(text)}
	var current *formatStatement // nil between statements
	var pending []formatComment
	newlines := 0
	// divide gives the comments behind a statement's end to it.
	divide := func() []formatComment {
		if len(statements) == 0 {
			return pending
		}
		behind, more := divideComments(pending)
		statements[len(statements)-1].trailing = behind
		return more
	}
	for {
		t, _ := scan.Next() // never fails
		raw := text[t.Pos.Offset : t.Pos.Offset+len(t.Value)]
		switch {
		case t.EOF():
			if current != nil {
				current.placeComments()
			}
			return statements, divide()
		case t.Type == spaceToken && !strings.HasPrefix(raw, "--") && !strings.HasPrefix(raw, "/*"):
			newlines += strings.Count(raw, "\n")
			continue
		case t.Type == spaceToken:
			pending = append(pending, formatComment{text: strings.TrimRight(raw, " \t\r"), own: newlines > 0, blank: newlines > 1})
		case isPunct(&t, ";"):
			if current != nil {
				current.placeComments()
			}
			current = nil
		case current == nil:
			current = &formatStatement{leading: divide(), blank: newlines > 1, tokens: []formatToken{{Token: t, text: raw}}}
			statements = append(statements, current)
			pending = nil
		default:
			current.tokens = append(current.tokens, formatToken{Token: t, text: raw, before: pending})
			pending = nil
		}
		newlines = 0
	}
}

// divideComments divides the comments behind a token into those on its line and
// those on lines of their own.
func divideComments(comments []formatComment) (trailing, own []formatComment) {
	n := 0
	for n < len(comments) && !comments[n].own && (n == 0 || !strings.HasPrefix(comments[n-1].text, "--")) {
		n++
	}
	return comments[:n], comments[n:]
}

// placeComments gives every comment inside the statement its place. Those before
// a comma come behind it.
func (s *formatStatement) placeComments() {
	for i := 1; i < len(s.tokens); i++ {
		t := &s.tokens[i]
		if isPunct(&t.Token, ",") && i+1 < len(s.tokens) && len(t.before) > 0 {
			next := &s.tokens[i+1]
			next.before, t.before = append(t.before, next.before...), nil
		}
		s.tokens[i-1].trailing, t.own = divideComments(t.before)
	}
}
