package data

import (
	"bytes"
	"unique"
)

// Elements walks over the parts of one encoded ARRAY, MAP or ROW in order:
// elements, or the key and the value of each entry, or fields. It allocates
// nothing. Bytes that are no value of the type end the walk early.
type Elements struct {
	kind    Kind
	isValue bool                    // MAP: the next part is the value of an entry
	damaged bool                    // the walk ended at what is no part
	part    Type                    // of the present part
	width   int                     // ARRAY: of an element's value, 0 where they differ
	types   unique.Handle[typePart] // MAP: key and value; ROW: the fields still to come
	raw     []byte                  // the present part
	rest    []byte                  // what comes after it
}

// Walk returns an iterator over value, of the nested type t, in front of the
// first part. The value stays the caller's and must not change meanwhile.
func Walk(t Type, value []byte) Elements {
	e := Elements{kind: t.Kind, types: t.parts, rest: value}
	if t.Kind == Array && t.parts != noParts {
		p := t.parts.Value()
		e.part, e.width = p.Type, p.width
	}
	return e
}

// Elements returns an iterator over row i, which is not NULL, of a vector of a
// nested type.
func (v *Vector) Elements(i int) Elements { return Walk(v.Type, v.Text(i)) }

// Next goes to the next part and reports whether there is one.
func (e *Elements) Next() bool {
	// Most elements are of one width and not NULL.
	if w := e.width; w > 0 && len(e.rest) > w && e.rest[0] == valueMark {
		e.raw, e.rest = e.rest[:1+w], e.rest[1+w:]
		return true
	}
	return e.next()
}

func (e *Elements) next() bool {
	mayEnd, mayNull, width := true, true, e.width
	switch e.kind {
	case Map:
		p := e.types.Value()
		if mayNull = false; e.isValue {
			p, mayNull, mayEnd = p.rest.Value(), true, false
		}
		e.part, width = p.Type, p.width
		e.isValue = !e.isValue
	case Row:
		if e.types == noParts {
			return false
		}
		p := e.types.Value()
		e.part, width, e.types, mayEnd = p.Type, p.width, p.rest, false
	}
	size := elementSize(e.part, width, e.rest)
	if size <= 0 || !mayNull && e.rest[0] == nullMark {
		e.damaged = size != 0 || !mayEnd
		return false
	}
	e.raw, e.rest = e.rest[:size], e.rest[size:]
	return true
}

// Type returns the type of the present part.
func (e *Elements) Type() Type { return e.part }

// IsNull reports whether the present part is NULL.
func (e *Elements) IsNull() bool { return e.raw[0] == nullMark }

// Raw returns the present part in its encoded form, to be appended to another
// value as it is or compared with other parts of its type. It belongs to the
// value.
func (e *Elements) Raw() []byte { return e.raw }

// Value returns the present part, which is not NULL and of a nested type, as a
// value of its own. It belongs to the value walked over.
func (e *Elements) Value() []byte { return e.raw[1:] }

// Append decodes the present part into to, which has its type.
func (e *Elements) Append(to *Vector) {
	if e.IsNull() {
		to.AppendNull()
		return
	}
	to.appendValue(e.raw[1:])
}

// IsNullElement reports whether an encoded element, as Raw returns it, is NULL.
func IsNullElement(raw []byte) bool { return raw[0] == nullMark }

// AppendElements appends the elements of an encoded ARRAY to one that is being
// put together.
func AppendElements(dst, array []byte) []byte { return append(dst, array[:max(0, len(array)-1)]...) }

// CountElements returns how many elements an encoded ARRAY has, how many entries
// a MAP, how many fields a ROW.
func CountElements(t Type, value []byte) int {
	n := 0
	for e := Walk(t, value); e.Next(); {
		n++
	}
	if t.Kind == Map {
		n /= 2
	}
	return n
}

// ComparableElement returns what stands for an encoded element of type t in
// comparisons: two are equal as Compare has it exactly when these bytes are, and
// bytes.Compare orders them. Only an INTERVAL, of which the length counts, is not
// the whole of raw.
func ComparableElement(t Type, raw []byte) []byte {
	if t.Kind == Interval && len(raw) > 1+wideSize {
		return raw[:1+wideSize]
	}
	return raw
}

// damaged is the size of what is no value.
const damaged = -1

// elementSize returns how many bytes of b the element of type t at its beginning
// takes, 0 for the end mark. A value takes width bytes, if that is not 0.
func elementSize(t Type, width int, b []byte) int {
	switch {
	case len(b) == 0:
		return damaged
	case b[0] == endMark:
		return 0
	case b[0] == nullMark:
		return 1
	case b[0] != valueMark:
		return damaged
	case width > 0 && len(b) > width:
		return 1 + width
	}
	size := valueSize(t, b[1:])
	if size < 0 {
		return damaged
	}
	return 1 + size
}

// valueWidth returns how many bytes every encoded value of type t takes, 0 where
// they differ.
func valueWidth(t Type) int {
	switch t.Class() {
	case ClassBool:
		return 1
	case ClassWide:
		if t.Kind == Interval {
			return wideSize + 8
		}
		return wideSize
	case ClassBytes:
		return 0
	}
	return 8
}

// valueSize returns how many bytes of b the value of type t at its beginning takes.
func valueSize(t Type, b []byte) int {
	switch width := valueWidth(t); {
	case t.Nested():
		return nestedSize(t, b)
	case width == 0:
		return textSize(b)
	case len(b) < width:
		return damaged
	default:
		return width
	}
}

func textSize(b []byte) int {
	for at := 0; ; {
		zero := bytes.IndexByte(b[at:], 0)
		if zero < 0 {
			return damaged
		}
		at += zero + 1
		if at == len(b) || b[at] != zeroEscape {
			return at
		}
		at++
	}
}

func nestedSize(t Type, b []byte) int {
	e := Walk(t, b)
	for e.Next() {
	}
	size := len(b) - len(e.rest)
	switch {
	case e.damaged:
		return damaged
	case t.Kind == Row:
		return size
	}
	return size + 1 // the end mark
}
