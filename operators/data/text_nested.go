package data

import (
	"strconv"
	"strings"
	"time"
)

// nestedParser turns JSON into encoded values of one type, which may be a part of
// a nested one. Types do not contain themselves, so that each parser is at work
// on one value at a time and can keep its memory.
type nestedParser struct {
	typ    Type
	scalar *TextParser // of a scalar type
	one    Vector      // the value that scalar made

	elem, key *nestedParser // of an ARRAY and a MAP
	entries   MapBuilder

	fields []fieldParser // of a ROW
	pieces []byte        // the fields met, in the order of the text
}

type fieldParser struct {
	name   string
	parser *nestedParser
	// The last value met in the present object: pieces[from:to]; to is 0 when
	// there is none.
	from, to int
}

func newNestedParser(t Type, zone *time.Location) *nestedParser {
	p := &nestedParser{typ: t}
	switch t.Kind {
	case Array:
		p.elem = newNestedParser(t.Elem(), zone)
	case Map:
		p.elem = newNestedParser(t.Elem(), zone)
		p.key = newNestedParser(t.Key(), zone)
	case Row:
		for _, f := range t.Fields() {
			p.fields = append(p.fields, fieldParser{name: f.Name, parser: newNestedParser(f.Type, zone)})
		}
	default:
		p.scalar = NewTextParser(t, zone)
	}
	return p
}

// append appends the value of a JSON text to v; null is NULL.
func (p *nestedParser) append(v *Vector, text []byte) error {
	out, isNull, err := p.whole(v.Bytes, text)
	switch {
	case err != nil:
		return err
	case isNull:
		v.AppendNull()
		return nil
	}
	v.Bytes = out
	v.EndText()
	return nil
}

// whole appends the value of a JSON text without a mark.
func (p *nestedParser) whole(dst, text []byte) (out []byte, isNull bool, err error) {
	r := jsonReader{d: text}
	if isNull = r.word("null"); !isNull {
		if c := r.peek(); c != '[' && c != '{' {
			return nil, false, ErrSyntax
		}
		dst, err = p.value(&r, dst)
	}
	if err == nil && !r.atEnd() {
		err = ErrSyntax
	}
	return dst, isNull, err
}

// element appends the next value of r as an element. A string is what its
// characters are the text form of.
func (p *nestedParser) element(r *jsonReader, dst []byte) ([]byte, error) {
	switch c := r.peek(); {
	case c == 'n':
		if !r.word("null") {
			return nil, ErrSyntax
		}
		return append(dst, nullMark), nil
	case c == '"' && p.typ.Kind != JSON:
		text, ok := r.text()
		if !ok {
			return nil, ErrSyntax
		}
		return p.fromText(dst, text)
	case p.typ.Nested():
		return p.value(r, append(dst, valueMark))
	}
	raw, ok := r.raw()
	if !ok {
		return nil, ErrSyntax
	}
	isNested := raw[0] == '[' || raw[0] == '{'
	switch k := p.typ.Kind; {
	case k == JSON:
		return appendTextElement(append(dst, valueMark), raw), nil
	case k == Bytes || isNested && k != String:
		return nil, p.misfit(raw)
	}
	return p.fromText(dst, raw)
}

// fromText appends the value that text is the text form of as an element.
func (p *nestedParser) fromText(dst, text []byte) ([]byte, error) {
	switch {
	case p.typ.Kind == String:
		return appendTextElement(append(dst, valueMark), text), nil
	case p.typ.Nested():
		mark := len(dst)
		dst, isNull, err := p.whole(append(dst, valueMark), text)
		if err == ErrSyntax {
			return nil, p.misfit(text)
		}
		if isNull {
			dst[mark] = nullMark
		}
		return dst, err
	}
	p.one.Reset(p.typ)
	if err := p.scalar.Append(&p.one, text); err != nil {
		return nil, err
	}
	return AppendElement(dst, &p.one, 0), nil
}

// misfit is the error of a JSON value of another kind than the type's.
func (p *nestedParser) misfit(raw []byte) error {
	return &TextError{Text: shorten(raw), Type: p.typ, Err: ErrSyntax}
}

// value appends the next value of r, of a nested type, without a mark.
func (p *nestedParser) value(r *jsonReader, dst []byte) ([]byte, error) {
	opening := byte('{')
	if p.typ.Kind == Array {
		opening = '['
	}
	if r.peek() != opening {
		raw, ok := r.raw()
		if !ok {
			return nil, ErrSyntax
		}
		return nil, p.misfit(raw)
	}
	r.i++
	switch p.typ.Kind {
	case Array:
		return p.array(r, dst)
	case Map:
		return p.object(r, dst)
	}
	return p.row(r, dst)
}

func (p *nestedParser) array(r *jsonReader, dst []byte) ([]byte, error) {
	if r.take(']') {
		return append(dst, endMark), nil
	}
	for n := 1; ; n++ {
		var err error
		if dst, err = p.elem.element(r, dst); err != nil {
			return nil, inside(err, func() string { return "[" + strconv.Itoa(n) + "]" })
		}
		if r.take(',') {
			continue
		}
		if !r.take(']') {
			return nil, ErrSyntax
		}
		return append(dst, endMark), nil
	}
}

func (p *nestedParser) object(r *jsonReader, dst []byte) ([]byte, error) {
	b := &p.entries
	b.Reset()
	err := p.members(r, func(name []byte) error {
		parts, err := p.key.fromText(b.parts, name)
		if err != nil {
			return err
		}
		if b.parts = parts; parts[b.end()] == nullMark {
			return p.key.misfit(name)
		}
		b.endKey()
		if parts, err = p.elem.element(r, b.parts); err != nil {
			key := b.parts[b.entries[len(b.entries)-1].key:]
			return inside(err, func() string { return "[" + keyText(p.key.typ, key) + "]" })
		}
		b.parts = parts
		b.endEntry()
		return nil
	})
	if err != nil {
		return nil, err
	}
	return b.AppendTo(dst), nil
}

// keyText returns an encoded key of a MAP for a message.
func keyText(t Type, raw []byte) string {
	text := strings.Trim(string(shorten(appendJSONKey(nil, t, raw[1:]))), `"`)
	if t.Numeric() {
		return text
	}
	return "'" + text + "'"
}

func (p *nestedParser) row(r *jsonReader, dst []byte) ([]byte, error) {
	p.pieces = p.pieces[:0]
	for i := range p.fields {
		p.fields[i].to = 0
	}
	next := 0 // the field that is likely to come
	err := p.members(r, func(name []byte) error {
		at, isExact := p.find(name, next)
		if at < 0 || !isExact && p.fields[at].to > 0 {
			if !r.skip(0) {
				return ErrSyntax
			}
			return nil
		}
		f := &p.fields[at]
		pieces, err := f.parser.element(r, p.pieces)
		if err != nil {
			return inside(err, func() string { return "." + QuoteName(f.name) })
		}
		f.from, f.to = len(p.pieces), len(pieces)
		p.pieces, next = pieces, at+1
		return nil
	})
	if err != nil {
		return nil, err
	}
	for i := range p.fields {
		if f := &p.fields[i]; f.to > 0 {
			dst = append(dst, p.pieces[f.from:f.to]...)
		} else {
			dst = append(dst, nullMark)
		}
	}
	return dst, nil
}

// find returns the place of the field called name and true, or of one called so
// in other letter case and false, or -1. It looks at next first.
func (p *nestedParser) find(name []byte, next int) (at int, isExact bool) {
	if next < len(p.fields) && p.fields[next].name == string(name) {
		return next, true
	}
	at = -1
	for i := range p.fields {
		if p.fields[i].name == string(name) {
			return i, true
		}
		if at < 0 && len(p.fields[i].name) == len(name) && strings.EqualFold(p.fields[i].name, string(name)) {
			at = i
		}
	}
	return at, false
}

// members calls each for every member of the object whose brace has been read,
// with its name; each reads the value.
func (p *nestedParser) members(r *jsonReader, each func(name []byte) error) error {
	if r.take('}') {
		return nil
	}
	for {
		if r.peek() != '"' {
			return ErrSyntax
		}
		name, ok := r.text()
		if !ok || !r.take(':') {
			return ErrSyntax
		}
		if err := each(name); err != nil {
			return err
		}
		if r.take(',') {
			continue
		}
		if !r.take('}') {
			return ErrSyntax
		}
		return nil
	}
}

// inside puts a step in front of the place that an error names.
func inside(err error, step func() string) error {
	if e, ok := err.(*TextError); ok {
		e.Path = step() + e.Path
	}
	return err
}
