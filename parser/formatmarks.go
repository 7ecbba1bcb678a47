package parser

import (
	"reflect"
	"sort"
	"strings"

	"github.com/alecthomas/participle/v2/lexer"

	"tidemark/parser/source"
)

// tokenMarks is what the tree tells of a token.
type tokenMarks struct {
	name   bool // of a name: written as it is
	before bool // it follows the token before it without a space
	after  bool // the token after it follows without a space
	// padding is the spaces before it besides the usual one: types stand under each other.
	padding int
}

// marker sets the marks of a statement's tokens.
type marker struct{ tokens []formatToken }

// markTokens marks the tokens of a statement by walking its tree.
func markTokens(tokens []formatToken, s *Statement) {
	m := &marker{tokens}
	m.walk(reflect.ValueOf(s))
}

// walk visits every node. The tree has many types, and this is no place where
// time counts; it may be deep, though.
func (m *marker) walk(root reflect.Value) {
	todo := []reflect.Value{root}
	for len(todo) > 0 {
		v := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		switch v.Kind() {
		case reflect.Pointer, reflect.Interface:
			if v.IsNil() {
				continue
			}
			if v.Kind() == reflect.Pointer {
				m.mark(v.Interface())
			}
			todo = append(todo, v.Elem())
		case reflect.Slice:
			for i := range v.Len() {
				todo = append(todo, v.Index(i))
			}
		case reflect.Struct:
			for i := range v.NumField() {
				todo = append(todo, v.Field(i))
			}
		}
	}
}

// indexOf returns the index of the first token at or behind a place.
func indexOf(tokens []formatToken, offset int) int {
	return sort.Search(len(tokens), func(i int) bool { return tokens[i].Pos.Offset >= offset })
}

// within returns the tokens that a node covers.
func (m *marker) within(s source.Span) []formatToken {
	return m.tokens[indexOf(m.tokens, s.Start):indexOf(m.tokens, s.End)]
}

// callee marks the parenthesis behind a place as that of a call: sum(a).
func (m *marker) callee(end int) {
	if i := indexOf(m.tokens, end); i < len(m.tokens) && isPunct(&m.tokens[i].Token, "(") {
		m.tokens[i].marks.before = true
	}
}

// firstWord marks the parenthesis behind a node's first word, if it is one of these.
func (m *marker) firstWord(s source.Span, words ...string) {
	if i := indexOf(m.tokens, s.Start); i < len(m.tokens) && isOneOf(&m.tokens[i].Token, words...) {
		m.callee(tokenSpan(&m.tokens[i].Token).End)
	}
}

func (m *marker) mark(node any) {
	switch n := node.(type) {
	case *Name:
		for tokens, i := m.within(n.Span()), 0; i < len(tokens); i++ {
			tokens[i].marks.name = true
		}
	case *TypeName:
		m.typeName(n)
	case *Call:
		m.callee(n.Name.Span().End)
	case *CreateFunction:
		m.callee(n.Name.Span().End)
	case *TableFunction:
		m.callee(n.Name.Span().End)
		if n.Table {
			m.firstWord(n.Span(), "TABLE")
		}
	case *TableArg:
		if n.Descriptor != nil {
			m.callee(m.tokens[indexOf(m.tokens, n.Descriptor[0].Pos.Offset)-1].Pos.Offset)
		}
	case *GroupItem:
		if n.Kind == "ROLLUP" || n.Kind == "CUBE" {
			m.firstWord(n.Span(), n.Kind)
		}
	case *Cast:
		m.firstWord(n.Span(), "CAST", "TRY_CAST")
	case *Row:
		m.firstWord(n.Span(), "ROW")
	case *Unary, *Literal, *IntervalLiteral:
		m.sign(node.(ExprNode))
	case *Binary:
		if n.Op == ">>" {
			m.within(n.OpAt)[0].marks.after = true
		}
	case *Subscript:
		m.slice(n)
	}
}

// typeName marks ARRAY<INT>, DECIMAL(12,2).
func (m *marker) typeName(n *TypeName) {
	tokens := m.within(n.Span())
	for i := range tokens {
		t := &tokens[i]
		switch {
		case isPunct(&t.Token, "<"):
			t.marks.before, t.marks.after = true, true
		case isPunct(&t.Token, ">"), isPunct(&t.Token, "("):
			t.marks.before = true
		case isPunct(&t.Token, ",") && tokens[i+1].Type == numberToken:
			t.marks.after = true
		}
	}
}

// sign marks the sign before a number, and the minus of -x and the tilde of ~x. "- -x" keeps its space:
// "--" would begin a comment.
func (m *marker) sign(n ExprNode) {
	tokens := m.within(n.Span())
	for i := range tokens {
		t := &tokens[i].Token
		if !isPunct(t, "-") && !isPunct(t, "+") && !isPunct(t, "~") {
			if i > 0 {
				return
			}
			continue // INTERVAL -5 DAYS
		}
		if i+1 < len(tokens) && !isPunct(&tokens[i+1].Token, t.Value) {
			tokens[i].marks.after = true
		}
		return
	}
}

// slice marks the colon of a[1:2].
func (m *marker) slice(n *Subscript) {
	if !n.Slice {
		return
	}
	from := n.X.Span().End
	if n.Index != nil {
		from = n.Index.Span().End
	}
	for tokens, i := m.within(source.Span{Start: from, End: n.End}), 0; i < len(tokens); i++ {
		if isPunct(&tokens[i].Token, ":") {
			tokens[i].marks.before, tokens[i].marks.after = true, true
			return
		}
	}
}

// spaced reports whether there is a space between two tokens within a line.
func spaced(left, right *formatToken) bool {
	if left.marks.after || right.marks.before {
		return false
	}
	if left.Type == numberToken && isPunct(&right.Token, ".") {
		return true // the point would be the number's
	}
	for _, p := range []string{"(", "[", ".", "::"} {
		if isPunct(&left.Token, p) {
			return false
		}
	}
	for _, p := range []string{",", ")", "]", "[", ".", "::", ":"} {
		if isPunct(&right.Token, p) {
			return p == "[" && isPunct(&left.Token, ",") // the next list of a list
		}
	}
	return true
}

// written returns a token as the layout has it.
func written(t *formatToken) string {
	if !t.marks.name && isBareWord(&t.Token) && t.Value == t.text {
		return strings.ToUpper(t.text)
	}
	return t.text
}

// isOpening reports whether t is a bracket that opens.
func isOpening(t *lexer.Token) bool { return isPunct(t, "(") || isPunct(t, "[") }

// isClosing reports whether t is a bracket that closes.
func isClosing(t *lexer.Token) bool { return isPunct(t, ")") || isPunct(t, "]") }
