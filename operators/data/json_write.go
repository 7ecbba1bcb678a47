package data

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"math"
)

// AppendJSON appends row i of v as JSON: numbers and booleans bare, NULL as
// null, texts, times and doubles that are no numbers in quotes, BYTES in base64,
// a JSON document as it is but on one line, an ARRAY as an array, a MAP and a ROW
// as objects, the keys of a MAP as texts.
func AppendJSON(dst []byte, v *Vector, i int) []byte {
	if v.IsNull(i) {
		return append(dst, "null"...)
	}
	switch v.Type.Kind {
	case String:
		return AppendJSONString(dst, v.Text(i))
	case JSON:
		return appendJSONDocument(dst, v.Text(i))
	case Array, Map, Row:
		return appendJSONNested(dst, v.Type, v.Text(i))
	case Double:
		return appendJSONDouble(dst, v.Floats[v.Index(i)])
	}
	if bareInJSON(v.Type) {
		return AppendText(dst, v, i)
	}
	return append(AppendText(append(dst, '"'), v, i), '"')
}

// bareInJSON reports whether the text form of values of t is JSON.
func bareInJSON(t Type) bool {
	switch t.Kind {
	case Unknown, Boolean, Int, BigInt, Decimal:
		return true
	}
	return false
}

func appendJSONDouble(dst []byte, f float64) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return append(AppendDouble(append(dst, '"'), f), '"')
	}
	return AppendDouble(dst, f)
}

// appendJSONDocument appends a JSON document on one line.
func appendJSONDocument(dst, text []byte) []byte {
	if bytes.IndexByte(text, '\n') < 0 && bytes.IndexByte(text, '\r') < 0 {
		return append(dst, text...)
	}
	var b bytes.Buffer
	if json.Compact(&b, text) != nil {
		return AppendJSONString(dst, text)
	}
	return append(dst, b.Bytes()...)
}

// appendJSONNested appends an encoded value of a nested type.
func appendJSONNested(dst []byte, t Type, value []byte) []byte {
	opening, closing := byte('{'), byte('}')
	if t.Kind == Array {
		opening, closing = '[', ']'
	}
	dst = append(dst, opening)
	names := t.parts
	e := Walk(t, value)
	for n := 0; e.Next(); n++ {
		if n > 0 {
			dst = append(dst, ',')
		}
		switch t.Kind {
		case Row:
			field := names.Value()
			names = field.rest
			dst = append(appendJSONText(dst, field.Name), ':')
		case Map:
			dst = append(appendJSONKey(dst, e.part, e.raw[1:]), ':')
			if !e.Next() {
				return append(dst, "null}"...)
			}
		}
		dst = appendJSONElement(dst, e.part, e.raw)
	}
	return append(dst, closing)
}

// appendJSONElement appends an encoded element.
func appendJSONElement(dst []byte, t Type, raw []byte) []byte {
	if raw[0] == nullMark {
		return append(dst, "null"...)
	}
	b := raw[1:]
	switch t.Kind {
	case String:
		return append(appendJSONEscapes(append(dst, '"'), b[:len(b)-1]), '"')
	case JSON:
		return appendJSONDocument(dst, b[:len(b)-1]) // JSON has no zero bytes
	case Array, Map, Row:
		return appendJSONNested(dst, t, b)
	case Double:
		return appendJSONDouble(dst, floatElement(b))
	}
	if bareInJSON(t) {
		return appendElementText(dst, t, b)
	}
	return append(appendElementText(append(dst, '"'), t, b), '"')
}

// appendJSONKey appends an encoded key of a MAP: its text as a string.
func appendJSONKey(dst []byte, t Type, b []byte) []byte {
	switch {
	case t.Kind == String:
		return append(appendJSONEscapes(append(dst, '"'), b[:len(b)-1]), '"')
	case t.Nested():
		return AppendJSONString(dst, appendJSONNested(nil, t, b))
	case t.Kind == JSON:
		return AppendJSONString(dst, appendUnescaped(nil, b[:len(b)-1]))
	}
	return append(appendElementText(append(dst, '"'), t, b), '"')
}

// appendElementText appends the text form of an encoded value of a fixed width,
// or of BYTES.
func appendElementText(dst []byte, t Type, b []byte) []byte {
	switch t.Class() {
	case ClassInt:
		return appendIntText(dst, t, intElement(b))
	case ClassBool:
		return AppendBool(dst, b[0] != 0)
	case ClassFloat:
		return AppendDouble(dst, floatElement(b))
	case ClassWide:
		return appendWideText(dst, t, wideElement(t, b))
	}
	return base64.StdEncoding.AppendEncode(dst, appendUnescaped(nil, b[:len(b)-1]))
}

const hexDigits = "0123456789abcdef"

// AppendJSONString appends text, which is UTF-8, as a JSON string.
func AppendJSONString(dst, text []byte) []byte {
	return append(appendJSONBody(append(dst, '"'), text), '"')
}

func appendJSONText(dst []byte, text string) []byte { return AppendJSONString(dst, []byte(text)) }

// appendJSONEscapes appends what stands between the quotes of a JSON string for
// text in the form of appendTextElement.
func appendJSONEscapes(dst, text []byte) []byte {
	for {
		zero := bytes.IndexByte(text, 0)
		if zero < 0 {
			return appendJSONBody(dst, text)
		}
		dst = appendJSONBody(dst, text[:zero+1])
		text = text[zero+2:]
	}
}

// appendJSONBody appends what stands between the quotes of a JSON string.
func appendJSONBody(dst, text []byte) []byte {
	from := 0
	for i, c := range text {
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, text[from:i]...)
		from = i + 1
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return append(dst, text[from:]...)
}
