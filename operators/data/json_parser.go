package data

import "time"

// JSONParser turns JSON values into values of one type; one goroutine at a time.
type JSONParser struct {
	parts *nestedParser
	value []byte
}

// NewJSONParser returns a parser for values of t. Timestamps without a zone are
// taken to be in zone; nil is UTC.
func NewJSONParser(t Type, zone *time.Location) *JSONParser {
	return &JSONParser{parts: newNestedParser(t, zone)}
}

// Append appends the value that a JSON text stands for to v, which has the
// parser's type: null is NULL, a string what its characters are the text form of,
// anything else what it is itself the text form of. An array or an object is a
// STRING or JSON as it is written, and else of a nested type only. On an error, a
// *TextError, v is as it was.
func (p *JSONParser) Append(v *Vector, text []byte) error {
	r := jsonReader{d: text}
	var err error
	p.value, err = p.parts.element(&r, p.value[:0])
	if err == nil && !r.atEnd() {
		err = ErrSyntax
	}
	if err != nil {
		if inner, ok := err.(*TextError); ok {
			return inner
		}
		return &TextError{Text: shorten(text), Type: p.parts.typ, Err: err}
	}
	v.AppendEncoded(p.value)
	return nil
}
