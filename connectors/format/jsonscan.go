package format

import (
	"fmt"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth is how deep arrays and objects may be nested.
const maxDepth = 1000

// syntaxError is a fault in a line of JSON: what was expected, and where.
type syntaxError struct {
	at   int // place in the chunk
	what string
}

// scanner walks over the JSON text of one chunk, checking its structure. The
// text ends in a line end, which no JSON value of a record can contain, so no
// scan leaves it. Every scan returns the place behind what it went over, or -1
// with the fault in err.
type scanner struct {
	d       []byte
	err     syntaxError
	scratch []byte // the last unescaped string
}

func (s *scanner) fail(at int, what string) int {
	s.err = syntaxError{at, what}
	return -1
}

// reason describes the fault, by its byte in the record that starts at start.
func (s *scanner) reason(start int) string {
	found := "the end of the line"
	if s.err.at < len(s.d) && s.d[s.err.at] != '\n' {
		r, size := utf8.DecodeRune(s.d[s.err.at:])
		if r == utf8.RuneError && size == 1 {
			found = fmt.Sprintf("byte 0x%02x", s.d[s.err.at])
		} else {
			found = fmt.Sprintf("%q", r)
		}
	}
	return fmt.Sprintf("not valid JSON: %s, found %s at byte %d", s.err.what, found, s.err.at-start+1)
}

// space returns the first place at or after i that is not white space.
func (s *scanner) space(i int) int {
	for c := s.d[i]; c == ' ' || c == '\t' || c == '\r'; {
		i++
		c = s.d[i]
	}
	return i
}

// value skips the value at i.
func (s *scanner) value(i, depth int) int {
	switch c := s.d[i]; {
	case c == '"':
		return s.skipString(i)
	case c == '{', c == '[':
		if depth >= maxDepth {
			return s.fail(i, fmt.Sprintf("at most %d levels of nesting are expected", maxDepth))
		}
		if c == '{' {
			return s.object(i, depth+1)
		}
		return s.array(i, depth+1)
	case c == '-' || c-'0' <= 9:
		return s.number(i)
	}
	return s.literal(i)
}

func (s *scanner) object(i, depth int) int {
	if i = s.space(i + 1); s.d[i] == '}' {
		return i + 1
	}
	for {
		if s.d[i] != '"' {
			return s.fail(i, "a name in double quotes is expected")
		}
		if i = s.skipString(i); i < 0 {
			return -1
		}
		if i = s.space(i); s.d[i] != ':' {
			return s.fail(i, "':' is expected")
		}
		if i = s.value(s.space(i+1), depth); i < 0 {
			return -1
		}
		switch i = s.space(i); s.d[i] {
		case '}':
			return i + 1
		case ',':
			i = s.space(i + 1)
		default:
			return s.fail(i, "',' or '}' is expected")
		}
	}
}

func (s *scanner) array(i, depth int) int {
	if i = s.space(i + 1); s.d[i] == ']' {
		return i + 1
	}
	for {
		if i = s.value(i, depth); i < 0 {
			return -1
		}
		switch i = s.space(i); s.d[i] {
		case ']':
			return i + 1
		case ',':
			i = s.space(i + 1)
		default:
			return s.fail(i, "',' or ']' is expected")
		}
	}
}

// literal skips true, false or null.
func (s *scanner) literal(i int) int {
	w := word(s.d, i)
	switch {
	case uint32(w) == 't'|'r'<<8|'u'<<16|'e'<<24, uint32(w) == 'n'|'u'<<8|'l'<<16|'l'<<24:
		return i + 4
	case w&0xffffffffff == 'f'|'a'<<8|'l'<<16|'s'<<24|'e'<<32:
		return i + 5
	}
	return s.fail(i, "a value is expected")
}

// number skips the number at i, which starts with a digit or a minus sign.
func (s *scanner) number(i int) int {
	d := s.d
	if d[i] == '-' {
		i++
	}
	if d[i] == '0' {
		i++
	} else {
		from := i
		if i = digits(d, i); i == from {
			return s.fail(i, "a digit is expected")
		}
	}
	if d[i] == '.' {
		from := i + 1
		if i = digits(d, from); i == from {
			return s.fail(i, "a digit is expected")
		}
	}
	if d[i]|0x20 == 'e' {
		i++
		if d[i] == '+' || d[i] == '-' {
			i++
		}
		from := i
		if i = digits(d, i); i == from {
			return s.fail(i, "a digit is expected")
		}
	}
	return i
}

// digits returns the first place at or after i that is no digit.
func digits(d []byte, i int) int {
	for {
		if m := nonDigits(word(d, i)); m != 0 {
			return i + first(m)
		}
		i += 8
	}
}

// skipString skips the string at i. Its characters are checked only as far as
// the structure needs: escapes and control characters, not UTF-8.
func (s *scanner) skipString(i int) int {
	i++
	for {
		m := stringStops(word(s.d, i))
		if m == 0 {
			i += 8
			continue
		}
		i += first(m)
		switch s.d[i] {
		case '"':
			return i + 1
		case '\\':
			if i = s.escape(i); i < 0 {
				return -1
			}
		default:
			return s.badControl(i)
		}
	}
}

func (s *scanner) badControl(i int) int {
	if s.d[i] == '\n' {
		return s.fail(i, "the end of the string is expected")
	}
	return s.fail(i, "a control character must be escaped in a string")
}

// escape skips the escape sequence at i.
func (s *scanner) escape(i int) int {
	switch s.d[i+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 2
	case 'u':
		if hex4(s.d[i+2:i+6]) >= 0 {
			return i + 6
		}
		return s.fail(i, "four hexadecimal digits are expected after \\u")
	}
	return s.fail(i, "an escape such as \\n or \\u0041 is expected")
}

// hex4 returns the value of four hexadecimal digits, or -1.
func hex4(b []byte) rune {
	var r rune
	for _, c := range b {
		switch {
		case c-'0' <= 9:
			r = r<<4 | rune(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return -1
		}
	}
	return r
}

// text returns the characters of the string at i, which belong to the chunk or
// to s.scratch, until the next call, and the place behind it.
func (s *scanner) text(i int) ([]byte, int) {
	from := i + 1
	i = from
	for {
		m := textStops(word(s.d, i))
		if m == 0 {
			i += 8
			continue
		}
		i += first(m)
		switch c := s.d[i]; {
		case c == '"':
			return s.d[from:i], i + 1
		case c == '\\':
			return s.unescape(from, i)
		case c < 0x20:
			return nil, s.badControl(i)
		}
		if i = s.utf8(i); i < 0 {
			return nil, -1
		}
	}
}

// utf8 goes over a character above ASCII.
func (s *scanner) utf8(i int) int {
	r, size := utf8.DecodeRune(s.d[i : i+utf8.UTFMax])
	if r == utf8.RuneError && size == 1 {
		return s.fail(i, "UTF-8 is expected")
	}
	return i + size
}

// unescape is text for strings with escapes: d[from:i] is their plain beginning.
func (s *scanner) unescape(from, i int) ([]byte, int) {
	out := append(s.scratch[:0], s.d[from:i]...)
	for {
		switch c := s.d[i]; {
		case c == '"':
			s.scratch = out
			return out, i + 1
		case c == '\\':
			next := s.escape(i)
			if next < 0 {
				return nil, -1
			}
			r := unescaped(s.d[i+1])
			if s.d[i+1] == 'u' {
				r = hex4(s.d[i+2 : i+6])
			}
			if utf16.IsSurrogate(r) {
				low := rune(-1)
				if s.d[next] == '\\' && s.d[next+1] == 'u' {
					low = hex4(s.d[next+2 : next+6])
				}
				if r = utf16.DecodeRune(r, low); r == utf8.RuneError {
					return nil, s.fail(i, noPair)
				}
				next += 6
			}
			out, i = utf8.AppendRune(out, r), next
		case c < 0x20:
			return nil, s.badControl(i)
		case c < utf8.RuneSelf:
			out, i = append(out, c), i+1
		default:
			next := s.utf8(i)
			if next < 0 {
				return nil, -1
			}
			out, i = append(out, s.d[i:next]...), next
		}
	}
}

// unescaped returns the character that the letter of an escape stands for.
func unescaped(c byte) rune {
	switch c {
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return rune(c)
}
