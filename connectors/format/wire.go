package format

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"tidemark/operators/data"
)

// scalar is one value of a binary format that is not NULL, in the member that is for
// the class of its type.
type scalar struct {
	i    int64
	f    float64
	b    bool
	w    data.Int128
	text []byte // belongs to the record
}

// appendTo appends the value to a vector of its type.
func (s *scalar) appendTo(v *data.Vector) {
	switch v.Type.Class() {
	case data.ClassInt:
		v.AppendInt(s.i)
	case data.ClassFloat:
		v.AppendFloat(s.f)
	case data.ClassBool:
		v.AppendBool(s.b)
	case data.ClassWide:
		v.AppendWide(s.w)
	case data.ClassBytes:
		v.AppendText(s.text)
	}
}

// wireType makes values of the declared type of those that a format has.
type wireType struct {
	from, to data.Type
	caster   *caster // nil for the same type
	src, dst data.Vector
}

// newWireType returns what makes values of one type of those of another; ok is false
// where that cannot keep them.
func newWireType(from, to data.Type, set *settings) (w *wireType, ok bool) {
	w = &wireType{from: from, to: to}
	w.caster, ok = newCaster(from, to, set)
	return w, ok
}

// put makes the value row n of a column.
func (w *wireType) put(c *column, n int, s *scalar) error {
	if w.from.Kind == data.String && !utf8.Valid(s.text) {
		return errors.New(notUTF8)
	}
	if w.caster != nil {
		if err := w.cast(s); err != nil {
			return err
		}
		c.setFrom(n, &w.dst)
		return nil
	}
	switch c.class {
	case data.ClassInt:
		c.ints[n] = s.i
	case data.ClassFloat:
		c.floats[n] = s.f
	case data.ClassBool:
		c.bools[n] = s.b
	case data.ClassWide:
		c.wides[n] = s.w
	case data.ClassBytes:
		c.setCopy(n, s.text)
	}
	c.valid(n)
	return nil
}

// cast makes w.dst the value as one of the declared type.
func (w *wireType) cast(s *scalar) error {
	w.src.Reset(w.from)
	s.appendTo(&w.src)
	w.dst.Reset(w.to)
	return w.caster.append(&w.dst, &w.src, 0)
}

// element appends the value to a nested one that is put together in dst.
func (w *wireType) element(dst []byte, s *scalar) ([]byte, error) {
	if w.from.Kind == data.String && !utf8.Valid(s.text) {
		return dst, errors.New(notUTF8)
	}
	if w.caster == nil {
		w.dst.Reset(w.to)
		s.appendTo(&w.dst)
	} else if err := w.cast(s); err != nil {
		return dst, err
	}
	return data.AppendElement(dst, &w.dst, 0), nil
}

// setNested makes an encoded element, of the type typ, row n of the column: as it is,
// or as JSON where the column is declared so.
func (c *column) setNested(n int, element []byte, typ data.Type) {
	switch {
	case data.IsNullElement(element):
		c.setNull(n)
	case c.typ.Nested():
		c.setCopy(n, element[1:])
	default:
		c.scratch.Reset(typ)
		c.scratch.AppendText(element[1:])
		at := int(c.offsets[n])
		c.bytes = data.AppendText(c.bytes[:at], &c.scratch, 0)
		c.offsets[n+1] = uint32(len(c.bytes))
		c.valid(n)
	}
}

// document reports whether values of a nested type that is declared as typ are
// written as JSON.
func document(typ data.Type) bool { return typ.Kind == data.JSON || typ.Kind == data.String }

// valueError is a value that the declared type cannot have; the record can be read on.
type valueError struct{ column, reason string }

// Error returns the reason.
func (e *valueError) Error() string { return e.reason }

// badWire words an error about the value of a column or of a part of it.
func badWire(path string, err error) string {
	return fmt.Sprintf("column %s: %s", path, err)
}

// mismatch says that a field cannot be read as it is declared.
func mismatch(path, has string, typ data.Type) string {
	return fmt.Sprintf("column %s is declared %s, and in the record it is %s", path, typ, has)
}
