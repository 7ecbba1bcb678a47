package expr

import (
	"bytes"
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"tidemark/operators/data"
	"tidemark/parser/source"
)

// likeEntry is one of LIKE, ILIKE and their opposites. The third argument is the
// ESCAPE character, or an empty text for none.
func likeEntry(name, doc, example, value string) *entry {
	not, fold := strings.HasPrefix(name, "NOT"), strings.HasSuffix(name, "ILIKE")
	text := data.String
	return &entry{name: name, doc: doc, examples: [][2]string{{example, value}}, overloads: []*Function{{
		Params: []data.Kind{text, text, text}, Optional: 1, Returns: data.Boolean,
		check:  checkLike,
		kernel: func(c *Call) kernel { return likeKernel(c, fold, not) },
	}}}
}

// constantTexts returns the pattern and escape character if they are constants.
func constantTexts(args []Expr) (text, escape []byte, ok bool) {
	escape = defaultEscape
	for i, a := range args[1:] {
		l, isLiteral := a.(*Literal)
		if !isLiteral || l.IsNull() {
			return nil, nil, false
		}
		if i == 0 {
			text = l.Value.Text(0)
		} else {
			escape = l.Value.Text(0)
		}
	}
	return text, escape, true
}

// checkLike tries a constant pattern, so that a bad one is refused at once.
func checkLike(args []Expr, at source.Span) error {
	text, escape, ok := constantTexts(args)
	if !ok {
		return nil
	}
	if _, err := compilePattern(nil, text, escape, false); err != nil {
		return errorf(at, "", "%s", err)
	}
	return nil
}

// constantPattern compiles a pattern that is constant.
func constantPattern(args []Expr, fold bool) (pattern, bool) {
	text, escape, ok := constantTexts(args)
	if !ok {
		return pattern{}, false
	}
	p, err := compilePattern(nil, text, escape, fold)
	return p, err == nil
}

var defaultEscape = []byte(`\`)

var (
	errEscape     = errors.New("the ESCAPE of a pattern must be one character, or empty for none")
	errEscapeLast = errors.New("the pattern ends with its escape character")
)

// likeKernel compiles the pattern once where it is constant, else for each row
// that has another than the row before.
func likeKernel(c *Call, fold, not bool) kernel {
	if p, ok := constantPattern(c.Args, fold); ok {
		return boolRows(func(f *frame, i int) (bool, error) { return p.match(f.text(0, i)) != not, nil })
	}
	var p pattern
	var last, lastEscape []byte
	var lastErr error
	ready := false
	return boolRows(func(f *frame, i int) (bool, error) {
		escape := defaultEscape
		if len(f.args) == 3 {
			escape = f.text(2, i)
		}
		if text := f.text(1, i); !ready || !bytes.Equal(text, last) || !bytes.Equal(escape, lastEscape) {
			last, lastEscape, ready = append(last[:0], text...), append(lastEscape[:0], escape...), true
			p, lastErr = compilePattern(p.pieces[:0], last, lastEscape, fold)
		}
		if lastErr != nil {
			return false, lastErr
		}
		return p.match(f.text(0, i)) != not, nil
	})
}

// pattern is a compiled LIKE pattern: pieces that must follow one another, with
// any text between them.
type pattern struct {
	pieces []piece
	// head and tail tell whether the first piece must be at the start and the
	// last at the end of the text.
	head, tail bool
	fold       bool
}

// piece is text without %; where any is set, _ stands in runes as wildcard.
type piece struct {
	text  []byte // for pieces of literal bytes only
	runes []rune // otherwise: the characters, with wildcard for _
}

const wildcard = -1

// compilePattern turns a pattern into pieces. reuse is memory for them.
func compilePattern(reuse []piece, text, escape []byte, fold bool) (pattern, error) {
	p := pattern{pieces: reuse, head: true, fold: fold}
	esc, size := rune(-2), 0
	if len(escape) > 0 {
		if esc, size = utf8.DecodeRune(escape); size != len(escape) {
			return p, errEscape
		}
	}
	var runes []rune
	var raw []byte
	literal, percent := true, false
	end := func() {
		if len(runes) == 0 {
			return
		}
		if literal && !fold {
			p.pieces = append(p.pieces, piece{text: raw})
		} else {
			p.pieces = append(p.pieces, piece{runes: runes})
		}
		runes, raw, literal = nil, nil, true
	}
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		bytes := text[i : i+n]
		i += n
		switch {
		case r == esc:
			if i == len(text) {
				return p, errEscapeLast
			}
			r, n = utf8.DecodeRune(text[i:])
			bytes = text[i : i+n]
			i += n
		case r == '%':
			end()
			if len(p.pieces) == 0 {
				p.head = false
			}
			percent = true
			continue
		case r == '_':
			r, literal = wildcard, false
		}
		percent = false
		if fold && r != wildcard {
			r = unicode.ToLower(r)
		}
		runes, raw = append(runes, r), append(raw, bytes...)
	}
	end()
	p.tail = !percent
	return p, nil
}

// match reports whether the whole text fits the pattern. Between the first and
// the last, each piece is taken at its leftmost place, which leaves the others
// the most room.
func (p *pattern) match(s []byte) bool {
	pieces := p.pieces
	if len(pieces) == 0 {
		return !(p.head && p.tail) || len(s) == 0
	}
	if p.head {
		n := p.at(s, &pieces[0])
		if n < 0 {
			return false
		}
		s, pieces = s[n:], pieces[1:]
		if len(pieces) == 0 {
			return !p.tail || len(s) == 0
		}
	}
	last := len(pieces)
	if p.tail {
		last--
	}
	for k := range pieces[:last] {
		n := p.find(s, &pieces[k])
		if n < 0 {
			return false
		}
		s = s[n:]
	}
	return !p.tail || p.ends(s, &pieces[last])
}

// at returns how many bytes of s the piece takes at its start, or -1.
func (p *pattern) at(s []byte, c *piece) int {
	if c.runes == nil {
		if bytes.HasPrefix(s, c.text) {
			return len(c.text)
		}
		return -1
	}
	at := 0
	for _, want := range c.runes {
		if at == len(s) {
			return -1
		}
		r, n := utf8.DecodeRune(s[at:])
		if want != wildcard && r != want && !(p.fold && unicode.ToLower(r) == want) {
			return -1
		}
		at += n
	}
	return at
}

// find returns the end of the first place of the piece in s, or -1.
func (p *pattern) find(s []byte, c *piece) int {
	if c.runes == nil {
		if i := bytes.Index(s, c.text); i >= 0 {
			return i + len(c.text)
		}
		return -1
	}
	for at := 0; at <= len(s); {
		if n := p.at(s[at:], c); n >= 0 {
			return at + n
		}
		if at == len(s) {
			break
		}
		_, n := utf8.DecodeRune(s[at:])
		at += n
	}
	return -1
}

// ends reports whether s ends with the piece.
func (p *pattern) ends(s []byte, c *piece) bool {
	if c.runes == nil {
		return bytes.HasSuffix(s, c.text)
	}
	at := len(s)
	for range c.runes {
		if at == 0 {
			return false
		}
		_, n := utf8.DecodeLastRune(s[:at])
		at -= n
	}
	return p.at(s[at:], c) == len(s)-at
}
