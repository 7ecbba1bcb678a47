package parser

import (
	"strings"

	"github.com/alecthomas/participle/v2/lexer"
)

// Open says what a text that ends before its statement does is waiting for.
type Open uint8

// What a text may end in.
const (
	// Nothing: a statement is complete, or there is none.
	Nothing Open = iota
	// InStatement is before the semicolon of a statement.
	InStatement
	// InString is inside a string.
	InString
	// InComment is inside a comment.
	InComment
)

// NextStatement returns where the first statement of a text that begins at a byte starts and
// ends, behind its semicolon. A text that ends before the semicolon, as it may while it
// is being typed, has no statement yet: start is where it begins, which is the end of
// the text where it holds only space and comments, and open says what it waits for.
func NextStatement(text string, from int) (start, end int, open Open) {
	scan := scanner{text: text, at: from}
	start = -1
	for {
		t, _ := scan.Next() // never fails
		switch {
		case t.EOF() && start < 0:
			return len(text), len(text), Nothing
		case t.EOF():
			return start, len(text), InStatement
		case t.Type == openCommentToken:
			return startOr(start, t), len(text), InComment
		case t.Type == openStringToken:
			return startOr(start, t), len(text), InString
		case t.Type == spaceToken:
		case isPunct(&t, ";"):
			if start >= 0 {
				return start, scan.at, Nothing
			}
		case start < 0:
			start = t.Pos.Offset
		}
	}
}

func startOr(start int, t lexer.Token) int {
	if start < 0 {
		return t.Pos.Offset
	}
	return start
}

// OneLine returns a text on one line, which means the same: comments up to the end of
// their line become ones in brackets. Line ends within strings become spaces.
func OneLine(text string) string {
	var b []byte
	scan := scanner{text: text}
	for t, _ := scan.Next(); !t.EOF(); t, _ = scan.Next() {
		value := t.Value
		switch {
		case t.Type == spaceToken && len(value) > 1 && value[:2] == "--":
			value = "/*" + strings.ReplaceAll(value[2:], "*/", "* /") + " */"
		case t.Type == spaceToken && value[0] != '/':
			value = " "
		}
		for i := range len(value) {
			if c := value[i]; c == '\n' || c == '\r' {
				b = append(b, ' ')
			} else {
				b = append(b, c)
			}
		}
	}
	return string(b)
}
