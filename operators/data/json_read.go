package data

import (
	"unicode/utf16"
	"unicode/utf8"
)

// maxJSONDepth is how deep arrays and objects may stand in each other in a text
// that is read as JSON.
const maxJSONDepth = 1000

// jsonReader reads the JSON text d from place i on. Its methods return false for
// what is not JSON, and leave i somewhere then.
type jsonReader struct {
	d       []byte
	i       int
	scratch []byte // the last string that had escapes
}

// peek goes to the next byte that is no white space and returns it, 0 at the end.
func (r *jsonReader) peek() byte {
	for ; r.i < len(r.d); r.i++ {
		switch c := r.d[r.i]; c {
		case ' ', '\t', '\n', '\r':
		default:
			return c
		}
	}
	return 0
}

// atEnd reports whether only white space is left.
func (r *jsonReader) atEnd() bool {
	r.peek()
	return r.i == len(r.d)
}

// take goes past c if it comes next.
func (r *jsonReader) take(c byte) bool {
	if r.peek() != c {
		return false
	}
	r.i++
	return true
}

// raw goes past the next value and returns it as it is written.
func (r *jsonReader) raw() ([]byte, bool) {
	r.peek()
	from := r.i
	if !r.skip(0) {
		return nil, false
	}
	return r.d[from:r.i], true
}

// skip goes past the next value.
func (r *jsonReader) skip(depth int) bool {
	switch c := r.peek(); {
	case c == '"':
		_, ok := r.text()
		return ok
	case c == '{' || c == '[':
		return depth < maxJSONDepth && r.skipNested(c, depth+1)
	case c == '-' || c-'0' <= 9:
		return r.number()
	}
	return r.word("null") || r.word("true") || r.word("false")
}

func (r *jsonReader) skipNested(opening byte, depth int) bool {
	closing := opening + 2 // {} and [] are two apart
	r.i++
	if r.take(closing) {
		return true
	}
	for {
		if opening == '{' && !r.name() {
			return false
		}
		if !r.skip(depth) {
			return false
		}
		if !r.take(',') {
			return r.take(closing)
		}
	}
}

// name goes past the name of a member and its colon.
func (r *jsonReader) name() bool {
	if r.peek() != '"' {
		return false
	}
	_, ok := r.text()
	return ok && r.take(':')
}

// word goes past w if it comes next.
func (r *jsonReader) word(w string) bool {
	r.peek()
	if end := r.i + len(w); end <= len(r.d) && string(r.d[r.i:end]) == w {
		r.i = end
		return true
	}
	return false
}

func (r *jsonReader) number() bool {
	if r.d[r.i] == '-' {
		r.i++
	}
	if r.at() == '0' {
		r.i++
	} else if !r.digits() {
		return false
	}
	if r.at() == '.' {
		if r.i++; !r.digits() {
			return false
		}
	}
	if r.at()|0x20 == 'e' {
		r.i++
		if c := r.at(); c == '+' || c == '-' {
			r.i++
		}
		return r.digits()
	}
	return true
}

// at returns the byte at i, 0 at the end.
func (r *jsonReader) at() byte {
	if r.i < len(r.d) {
		return r.d[r.i]
	}
	return 0
}

// digits goes past one or more digits.
func (r *jsonReader) digits() bool {
	from := r.i
	for r.i < len(r.d) && r.d[r.i]-'0' <= 9 {
		r.i++
	}
	return r.i > from
}

// text goes past the string at i and returns its characters, which belong to the
// text or, until the next call, to the reader.
func (r *jsonReader) text() ([]byte, bool) {
	from := r.i + 1
	for i := from; i < len(r.d); {
		switch c := r.d[i]; {
		case c == '"':
			r.i = i + 1
			return r.d[from:i], true
		case c == '\\':
			r.i = i
			return r.unescape(append(r.scratch[:0], r.d[from:i]...))
		case c < ' ':
			return nil, false
		case c < utf8.RuneSelf:
			i++
		default:
			_, size := utf8.DecodeRune(r.d[i:])
			if size == 1 {
				return nil, false
			}
			i += size
		}
	}
	return nil, false
}

// unescape appends the rest of a string to its beginning.
func (r *jsonReader) unescape(out []byte) ([]byte, bool) {
	for r.i < len(r.d) {
		switch c := r.d[r.i]; {
		case c == '"':
			r.i++
			r.scratch = out
			return out, true
		case c == '\\':
			ch, ok := r.escape()
			if !ok {
				return nil, false
			}
			out = utf8.AppendRune(out, ch)
		case c < ' ':
			return nil, false
		default:
			_, size := utf8.DecodeRune(r.d[r.i:])
			if size == 1 && c >= utf8.RuneSelf {
				return nil, false
			}
			out = append(out, r.d[r.i:r.i+size]...)
			r.i += size
		}
	}
	return nil, false
}

// escape goes past the escape sequence at i, both of a surrogate pair, and
// returns the character it stands for. Half of a pair stands for none.
func (r *jsonReader) escape() (rune, bool) {
	if r.i+2 > len(r.d) {
		return 0, false
	}
	c := r.d[r.i+1]
	r.i += 2
	switch c {
	case '"', '\\', '/':
		return rune(c), true
	case 'b':
		return '\b', true
	case 'f':
		return '\f', true
	case 'n':
		return '\n', true
	case 'r':
		return '\r', true
	case 't':
		return '\t', true
	case 'u':
		ch := r.hex()
		if !utf16.IsSurrogate(ch) {
			return ch, ch >= 0
		}
		return r.pair(ch)
	}
	return 0, false
}

// pair goes past the second half of a surrogate pair and returns its character.
func (r *jsonReader) pair(high rune) (rune, bool) {
	if r.i+2 > len(r.d) || r.d[r.i] != '\\' || r.d[r.i+1] != 'u' {
		return 0, false
	}
	r.i += 2
	ch := utf16.DecodeRune(high, r.hex())
	return ch, ch != utf8.RuneError
}

// hex goes past four hexadecimal digits and returns their value, or -1.
func (r *jsonReader) hex() rune {
	if r.i+4 > len(r.d) {
		return -1
	}
	var x rune
	for _, c := range r.d[r.i : r.i+4] {
		switch {
		case c-'0' <= 9:
			x = x<<4 | rune(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			x = x<<4 | rune(c|0x20-'a'+10)
		default:
			return -1
		}
	}
	r.i += 4
	return x
}
