package expr

import (
	"errors"
	"regexp"
	"strings"
	"unicode/utf8"

	"tidemark/operators/data"
)

var (
	errSimilarParen   = errors.New("the pattern has a ) too many")
	errSimilarBracket = errors.New("the pattern lacks a closing ]")
)

// similarEntry is SIMILAR TO or its opposite; the third argument is the ESCAPE
// character, or an empty text for none.
func similarEntry(name, doc, example, value string) *entry {
	not := strings.HasPrefix(name, "NOT")
	const s = data.String
	f := boolFunction(nil, s, s, s).lastOptional(1).perCall(func(c *Call) kernel {
		p := newPatternArg(c, 1, 2, defaultEscape, compileSimilar)
		return boolRows(func(f *frame, i int) (bool, error) {
			m, err := p.at(f, i)
			return err == nil && m.match(f.text(0, i)) != not, err
		})
	})
	f.check = checkPattern(1, 2, 0, defaultEscape, compileSimilar)
	return &entry{name: name, doc: doc, examples: [][2]string{{example, value}}, overloads: []*Function{f}}
}

// compileSimilar turns a pattern of the standard into a regular expression for
// the whole text: % is any text, _ any character, | * + ? {} () and [] are those
// of regular expressions, everything else is itself.
func compileSimilar(pattern, escape []byte) (*matcher, error) {
	esc, size := rune(-1), 0
	if len(escape) > 0 {
		if esc, size = utf8.DecodeRune(escape); size != len(escape) {
			return nil, errEscape
		}
	}
	var b strings.Builder
	b.WriteString(`\A(?:`)
	depth := 0
	for s := string(pattern); len(s) > 0; {
		r, n := utf8.DecodeRuneInString(s)
		c := s[:n]
		s = s[n:]
		switch {
		case r == esc:
			if s == "" {
				return nil, errEscapeLast
			}
			_, n = utf8.DecodeRuneInString(s)
			b.WriteString(regexp.QuoteMeta(s[:n]))
			s = s[n:]
		case r == '%':
			b.WriteString(".*")
		case r == '_':
			b.WriteString(".")
		case r == '(':
			depth++
			b.WriteString("(?:")
		case r == ')':
			if depth--; depth < 0 {
				return nil, errSimilarParen
			}
			b.WriteString(c)
		case r == '[':
			n := similarSet(&b, s, esc)
			if n < 0 {
				return nil, errSimilarBracket
			}
			s = s[n:]
		case strings.Contains("|*+?{}", c):
			b.WriteString(c)
		default:
			b.WriteString(regexp.QuoteMeta(c))
		}
	}
	b.WriteString(`)\z`)
	return compileRegexp([]byte(b.String()), patternFlags{})
}

// similarSet writes the set of characters that s begins with, behind its [, and
// returns its length, or -1 where it does not end.
func similarSet(b *strings.Builder, s string, esc rune) int {
	b.WriteByte('[')
	at := 0
	if strings.HasPrefix(s, "^") {
		b.WriteByte('^')
		at++
	}
	for start := at; at < len(s); {
		r, n := utf8.DecodeRuneInString(s[at:])
		switch {
		case r == ']' && at > start:
			b.WriteByte(']')
			return at + 1
		case strings.HasPrefix(s[at:], "[:"):
			end := strings.Index(s[at:], ":]")
			if end < 0 {
				return -1
			}
			n = end + 2
			b.WriteString(s[at : at+n])
		case r == esc:
			at += n
			if at == len(s) {
				return -1
			}
			_, n = utf8.DecodeRuneInString(s[at:])
			if strings.Contains(`\[]^-`, s[at:at+n]) {
				b.WriteByte('\\')
			}
			b.WriteString(s[at : at+n])
		default:
			if r == '\\' || r == '[' || r == ']' {
				b.WriteByte('\\')
			}
			b.WriteString(s[at : at+n])
		}
		at += n
	}
	return -1
}
