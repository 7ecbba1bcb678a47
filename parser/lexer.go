package parser

import (
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/alecthomas/participle/v2/lexer"
)

// The token types. The invalid ones stand for text that is no token, so that the
// lexer never fails and the rest of the script is still read.
const (
	spaceToken   lexer.TokenType = iota + 1 // white space and comments
	keywordToken                            // a reserved word
	clauseToken                             // a word that may follow an optional alias
	identToken                              // any other word
	quotedToken                             // "name" or `name`
	stringToken                             // 'text'
	numberToken                             // 5, 1.5, .5, 1.5e3
	punctToken                              // punctuation and operators
	openStringToken
	openQuotedToken
	openCommentToken
	emptyQuotedToken
	badNumberToken
	badCharToken
)

// isInvalid reports whether t stands for text that is no token.
func isInvalid(t *lexer.Token) bool { return t.Type >= openStringToken }

// definition is the lexer as participle wants it.
type definition struct{}

// Symbols names the token types for the grammar's tags.
func (definition) Symbols() map[string]lexer.TokenType {
	return map[string]lexer.TokenType{
		"EOF": lexer.EOF, "Space": spaceToken, "Keyword": keywordToken, "Clause": clauseToken, "Ident": identToken,
		"Quoted": quotedToken, "String": stringToken, "Number": numberToken, "Punct": punctToken,
		"OpenString": openStringToken, "OpenQuoted": openQuotedToken, "OpenComment": openCommentToken,
		"EmptyQuoted": emptyQuotedToken, "BadNumber": badNumberToken, "BadChar": badCharToken,
	}
}

// Lex reads all of r.
func (d definition) Lex(_ string, r io.Reader) (lexer.Lexer, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	return &scanner{text: string(text)}, nil
}

// scanner cuts a text into tokens that cover it without gaps. Offsets are bytes;
// lines and columns are left to source.File.
type scanner struct {
	text string
	at   int
}

// Next returns the next token, or EOF. It never fails.
func (s *scanner) Next() (lexer.Token, error) {
	if s.at >= len(s.text) {
		return lexer.EOFToken(lexer.Position{Offset: len(s.text)}), nil
	}
	start := s.at
	kind, end := scanToken(s.text, start)
	s.at = end
	return lexer.Token{Type: kind, Value: s.text[start:end], Pos: lexer.Position{Offset: start}}, nil
}

// scanToken returns the type and end of the token that begins at i.
func scanToken(text string, i int) (lexer.TokenType, int) {
	c := text[i]
	switch {
	case isSpace(c):
		for i++; i < len(text) && isSpace(text[i]); i++ {
		}
		return spaceToken, i
	case strings.HasPrefix(text[i:], "--"):
		return spaceToken, lineEnd(text, i)
	case strings.HasPrefix(text[i:], "/*"):
		if n := strings.Index(text[i+2:], "*/"); n >= 0 {
			return spaceToken, i + n + 4
		}
		return openCommentToken, len(text)
	case c == '\'':
		return scanString(text, i)
	case c == '"' || c == '`':
		return scanQuoted(text, i)
	case isDigit(c) || c == '.' && i+1 < len(text) && isDigit(text[i+1]):
		return scanNumber(text, i)
	}
	if r, size := utf8.DecodeRuneInString(text[i:]); isWordStart(r) {
		end := wordEnd(text, i+size)
		return wordType(text[i:end]), end
	} else if r >= utf8.RuneSelf {
		if r == '\uFEFF' || unicode.IsSpace(r) {
			return spaceToken, i + size
		}
		return badCharToken, i + size
	}
	for _, op := range [...]string{
		"->>", "#>>", "!~*", "<>", "!=", "<=", ">=", "<<", "||", "::", "=>", "->", "#>", "~*", "!~", // ">>" is two tokens
	} {
		if strings.HasPrefix(text[i:], op) {
			return punctToken, i + len(op)
		}
	}
	if strings.IndexByte("(),;.*+-/%=<>[]{}~:&|#^", c) >= 0 {
		return punctToken, i + 1
	}
	return badCharToken, i + 1
}

// scanString reads 'text', in which a doubled quote stands for one. A string that is never
// closed ends with its line, or before the semicolon there, so that the
// statements after it are still read.
// What is left then holds quotes in pairs only, so this happens once in a text.
func scanString(text string, start int) (lexer.TokenType, int) {
	for i := start + 1; ; {
		n := strings.IndexByte(text[i:], '\'')
		if n < 0 {
			return openStringToken, openEnd(text, start, lineEnd(text, start))
		}
		i += n + 1
		if i >= len(text) || text[i] != '\'' {
			return stringToken, i
		}
		i++
	}
}

// scanQuoted reads a name in quotes, which must end in its line; the quote
// doubled stands for itself.
func scanQuoted(text string, start int) (lexer.TokenType, int) {
	quote, i := text[start], start+1
	for ; i < len(text) && text[i] != '\n'; i++ {
		if text[i] != quote {
			continue
		}
		if i+1 < len(text) && text[i+1] == quote && i > start+1 {
			i++
			continue
		}
		if i == start+1 {
			return emptyQuotedToken, i + 1
		}
		return quotedToken, i + 1
	}
	return openQuotedToken, openEnd(text, start, i)
}

// scanNumber reads digits, a fraction and an exponent. Letters or points that
// follow directly make it a bad number as a whole.
func scanNumber(text string, i int) (lexer.TokenType, int) {
	i = digitsEnd(text, i)
	if i < len(text) && text[i] == '.' {
		i = digitsEnd(text, i+1)
	}
	if i < len(text) && (text[i] == 'e' || text[i] == 'E') {
		j := i + 1
		if j < len(text) && (text[j] == '+' || text[j] == '-') {
			j++
		}
		if j < len(text) && isDigit(text[j]) {
			i = digitsEnd(text, j)
		}
	}
	end := i
	for end < len(text) {
		next := wordEnd(text, end)
		if next < len(text) && text[next] == '.' {
			next++
		}
		if next == end {
			break
		}
		end = next
	}
	if end > i {
		return badNumberToken, end
	}
	return numberToken, end
}

func digitsEnd(text string, i int) int {
	for i < len(text) && isDigit(text[i]) {
		i++
	}
	return i
}

// wordEnd returns the end of the letters and digits that begin at i.
func wordEnd(text string, i int) int {
	for i < len(text) {
		r, size := utf8.DecodeRuneInString(text[i:])
		if !isWordStart(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && r != '$' {
			break
		}
		i += size
	}
	return i
}

// openEnd returns where a quote that is never closed is taken to end: its line
// ends at end, maybe with the statement's semicolon.
func openEnd(text string, start, end int) int {
	if line := strings.TrimRight(text[start+1:end], " \t\r"); strings.HasSuffix(line, ";") {
		return start + len(line)
	}
	return end
}

func lineEnd(text string, i int) int {
	if n := strings.IndexByte(text[i:], '\n'); n >= 0 {
		return i + n
	}
	return len(text)
}

func isSpace(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isWordStart(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || r == '_' || r >= utf8.RuneSelf && unicode.IsLetter(r)
}

// unquote returns the text between the quotes of a string or quoted name, with
// doubled quotes made single.
func unquote(raw string) string {
	quote := raw[:1]
	return strings.ReplaceAll(raw[1:len(raw)-1], quote+quote, quote)
}
