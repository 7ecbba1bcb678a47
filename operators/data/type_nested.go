package data

import (
	"strings"
	"unique"
)

// MaxNesting is the most levels of ARRAY, MAP and ROW that a type may have.
// Who makes types from what a user wrote checks it with Depth.
const MaxNesting = 32

// Field is a named field of a ROW.
type Field struct {
	Name string
	Type Type
}

// typePart is one type inside a nested type: the element of an ARRAY, the key
// and then the value of a MAP, each field of a ROW. Parts are a list of unique
// values, so that types that look alike are ==.
type typePart struct {
	Field
	width int // how many bytes an encoded value takes, 0 where they differ
	rest  unique.Handle[typePart]
}

func nested(k Kind, fields ...Field) Type {
	t := Type{Kind: k}
	for i := len(fields) - 1; i >= 0; i-- {
		t.parts = unique.Make(typePart{fields[i], valueWidth(fields[i].Type), t.parts})
	}
	return t
}

// noParts ends a list of parts.
var noParts unique.Handle[typePart]

// part returns the n-th type inside t; the zero Field when there is none.
func (t Type) part(n int) Field {
	for at := t.parts; at != noParts; n-- {
		p := at.Value()
		if n == 0 {
			return p.Field
		}
		at = p.rest
	}
	return Field{}
}

// ArrayOf returns ARRAY<elem>.
func ArrayOf(elem Type) Type { return nested(Array, Field{Type: elem}) }

// MapOf returns MAP<key,value>.
func MapOf(key, value Type) Type { return nested(Map, Field{Type: key}, Field{Type: value}) }

// RowOf returns ROW<fields>.
func RowOf(fields ...Field) Type { return nested(Row, fields...) }

// Elem returns the type of an ARRAY's elements or a MAP's values, and the
// unknown type for any other.
func (t Type) Elem() Type {
	switch t.Kind {
	case Array:
		return t.part(0).Type
	case Map:
		return t.part(1).Type
	}
	return Type{}
}

// Key returns the type of a MAP's keys, and the unknown type for any other.
func (t Type) Key() Type {
	if t.Kind != Map {
		return Type{}
	}
	return t.part(0).Type
}

// Fields returns the fields of a ROW in a slice of its own, nil for any other.
func (t Type) Fields() []Field {
	if t.Kind != Row {
		return nil
	}
	var fields []Field
	for at := t.parts; at != noParts; {
		p := at.Value()
		fields, at = append(fields, p.Field), p.rest
	}
	return fields
}

// Nested reports whether the type is an ARRAY, MAP or ROW.
func (t Type) Nested() bool { return t.Kind >= Array }

// Depth returns how many levels of ARRAY, MAP and ROW the type has: 0 for a
// scalar.
func (t Type) Depth() int {
	if !t.Nested() {
		return 0
	}
	inner := 0
	for at := t.parts; at != noParts; {
		p := at.Value()
		inner, at = max(inner, p.Type.Depth()), p.rest
	}
	return inner + 1
}

func (t Type) writeParts(b *strings.Builder) {
	b.WriteByte('<')
	for at := t.parts; at != noParts; {
		p := at.Value()
		if t.Kind == Row {
			b.WriteString(QuoteName(p.Name))
			b.WriteByte(' ')
		}
		p.Type.write(b)
		if at = p.rest; at != noParts {
			b.WriteByte(',')
		}
	}
	b.WriteByte('>')
}

// QuoteName returns a field's name as it is written in SQL: in double quotes
// where it would not be read as one word.
func QuoteName(name string) string {
	plain := name != ""
	for i := range len(name) {
		c := name[i]
		letter := c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || c >= 0x80
		if !letter && (i == 0 || c-'0' > 9) {
			plain = false
		}
	}
	if plain {
		return name
	}
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}
