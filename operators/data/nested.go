package data

import (
	"bytes"
	"encoding/binary"
	"math"
)

// The values of ARRAY, MAP and ROW are byte strings, so that whatever handles
// texts (hashing, key tables, sorting, snapshots) handles them too. Two values
// of one type are equal exactly when their bytes are, and bytes.Compare orders
// them element by element, NULLs last, a shorter array before its continuation.
//
// An ARRAY is its elements and endMark. A MAP is its entries, ordered by key,
// each a key and a value as elements, and endMark; keys are unique and not NULL.
// A ROW is its fields as elements. An element is nullMark, or valueMark and the
// value:
//
//	BOOLEAN                 one byte
//	other types of ClassInt eight bytes, big-endian, the sign bit flipped
//	DOUBLE                  eight bytes in total order; -0 is 0, there is one NaN
//	DECIMAL above 18 digits sixteen bytes, big-endian, the sign bit flipped
//	INTERVAL                its length (as a wide DECIMAL), then its months
//	STRING, BYTES, JSON     its bytes, 00 written as 00 FF, and 00
//	ARRAY, MAP, ROW         as above
//
// The one difference from comparisons outside: intervals of one length in
// different units (1 month, 30 days) stay apart, because the months must be kept.
const (
	endMark   = 0
	valueMark = 1
	nullMark  = 2

	zeroEscape = 0xFF // follows a zero byte that is not the end of its text
	signBit    = 1 << 63
	wideSize   = 16 // bytes of a wide DECIMAL, and of an INTERVAL's length
)

// AppendElement appends row i of v, of whatever type, to the ARRAY, MAP or ROW
// that is being put together in dst. A MAP's entries must come in the order of
// their keys; MapBuilder takes them in any.
func AppendElement(dst []byte, v *Vector, i int) []byte {
	if v.IsNull(i) {
		return append(dst, nullMark)
	}
	k := v.Index(i)
	dst = append(dst, valueMark)
	switch v.Type.Class() {
	case ClassInt:
		return binary.BigEndian.AppendUint64(dst, uint64(v.Ints[k])^signBit)
	case ClassFloat:
		return appendFloatElement(dst, v.Floats[k])
	case ClassBool:
		if v.Bools[k] {
			return append(dst, 1)
		}
		return append(dst, 0)
	case ClassWide:
		if w := v.Wides[k]; v.Type.Kind == Interval {
			dst = appendWideElement(dst, IntervalLength(w))
			return binary.BigEndian.AppendUint64(dst, uint64(w.Hi)^signBit)
		}
		return appendWideElement(dst, v.Wides[k])
	}
	if v.Type.Nested() {
		return append(dst, v.Text(i)...)
	}
	return appendTextElement(dst, v.Text(i))
}

// AppendNullElement appends a NULL element.
func AppendNullElement(dst []byte) []byte { return append(dst, nullMark) }

// BeginElement begins an element of a nested type, whose parts the caller appends.
func BeginElement(dst []byte) []byte { return append(dst, valueMark) }

// EndArray ends the ARRAY whose elements have been appended to dst. A ROW needs
// no end.
func EndArray(dst []byte) []byte { return append(dst, endMark) }

func appendFloatElement(dst []byte, f float64) []byte {
	if f != f {
		f = math.NaN()
	}
	b := math.Float64bits(f + 0) // -0 becomes 0
	if b&signBit != 0 {
		b = ^b
	} else {
		b ^= signBit
	}
	return binary.BigEndian.AppendUint64(dst, b)
}

func appendWideElement(dst []byte, w Int128) []byte {
	dst = binary.BigEndian.AppendUint64(dst, uint64(w.Hi)^signBit)
	return binary.BigEndian.AppendUint64(dst, w.Lo)
}

func appendTextElement(dst, text []byte) []byte {
	for {
		zero := bytes.IndexByte(text, 0)
		if zero < 0 {
			return append(append(dst, text...), 0)
		}
		dst = append(append(dst, text[:zero+1]...), zeroEscape)
		text = text[zero+1:]
	}
}

// AppendEncoded appends the element whose encoded form is raw, as Elements.Raw
// gives it, to a vector of the element's type. What is no element of the type
// becomes NULL.
func (v *Vector) AppendEncoded(raw []byte) {
	if len(raw) == 0 || raw[0] != valueMark || valueSize(v.Type, raw[1:]) != len(raw)-1 {
		v.AppendNull()
		return
	}
	v.appendValue(raw[1:])
}

// appendValue decodes a value whose size has been checked.
func (v *Vector) appendValue(b []byte) {
	switch v.Type.Class() {
	case ClassInt:
		v.AppendInt(intElement(b))
	case ClassFloat:
		v.AppendFloat(floatElement(b))
	case ClassBool:
		v.AppendBool(b[0] != 0)
	case ClassWide:
		v.AppendWide(wideElement(v.Type, b))
	case ClassBytes:
		if v.Type.Nested() {
			v.AppendText(b)
			return
		}
		v.Bytes = appendUnescaped(v.Bytes, b[:len(b)-1])
		v.EndText()
	}
}

func appendUnescaped(dst, text []byte) []byte {
	for {
		zero := bytes.IndexByte(text, 0)
		if zero < 0 {
			return append(dst, text...)
		}
		dst = append(dst, text[:zero+1]...)
		text = text[zero+2:]
	}
}

func intElement(b []byte) int64 { return int64(binary.BigEndian.Uint64(b) ^ signBit) }

func floatElement(b []byte) float64 {
	bits := binary.BigEndian.Uint64(b)
	if bits&signBit != 0 {
		return math.Float64frombits(bits ^ signBit)
	}
	return math.Float64frombits(^bits)
}

func wideElement(t Type, b []byte) Int128 {
	w := Int128{intElement(b), binary.BigEndian.Uint64(b[8:])}
	if t.Kind != Interval {
		return w
	}
	months := intElement(b[wideSize:])
	micros, _ := w.Sub(IntervalLength(NewInterval(months, 0)))
	return NewInterval(months, int64(micros.Lo))
}
