// Package data holds the values that flow through Tidemark: SQL types, typed
// column vectors, schemas and changelog batches. It depends on the standard
// library alone, so that every other package can stand on it.
package data

import (
	"strconv"
	"strings"
	"unique"
)

// Kind names a SQL type without its parameters.
type Kind uint8

// The kinds of the language. Unknown is the type of a bare NULL literal, which
// takes on whatever type its context asks for.
const (
	Unknown Kind = iota
	Boolean
	Int       // 32-bit range, stored in 64 bits
	BigInt    // 64-bit
	Double    // IEEE 754 binary64
	Decimal   // exact, up to 38 digits
	String    // UTF-8 text
	Bytes     // arbitrary bytes
	Date      // days since 1970-01-01
	Time      // microseconds since midnight
	Timestamp // microseconds since 1970-01-01T00:00:00Z: an instant
	Interval  // months and microseconds
	JSON      // a JSON document as text
	Array     // ARRAY<T>: values of one type in order
	Map       // MAP<K,V>: entries by key
	Row       // ROW<a T,…>: named fields in order
)

var kindNames = [...]string{"NULL", "BOOLEAN", "INT", "BIGINT", "DOUBLE", "DECIMAL", "STRING", "BYTES",
	"DATE", "TIME", "TIMESTAMP", "INTERVAL", "JSON", "ARRAY", "MAP", "ROW"}

// String returns the SQL name of the kind.
func (k Kind) String() string { return kindNames[k] }

// MaxPrecision is the most digits a DECIMAL can have.
const MaxPrecision = 38

// ShortPrecision is the most digits a DECIMAL can have to be stored in one
// int64; wider ones are stored as Int128.
const ShortPrecision = 18

// Type is a SQL type. It is a comparable value: two columns have the same type
// exactly when their Types are ==.
type Type struct {
	Kind Kind
	// Precision and Scale are set for Decimal only: digits in all, and digits
	// after the point.
	Precision, Scale uint8
	// parts are the types inside a nested type; the zero Handle elsewhere.
	parts unique.Handle[typePart]
}

// DecimalType returns DECIMAL(precision, scale).
func DecimalType(precision, scale int) Type {
	return Type{Kind: Decimal, Precision: uint8(precision), Scale: uint8(scale)}
}

// Of returns the type of a kind that has no parameters.
func Of(k Kind) Type { return Type{Kind: k} }

// String returns the type as it is written in SQL.
func (t Type) String() string {
	var b strings.Builder
	t.write(&b)
	return b.String()
}

func (t Type) write(b *strings.Builder) {
	b.WriteString(t.Kind.String())
	if t.Nested() {
		t.writeParts(b)
	}
	if t.Kind == Decimal {
		b.WriteByte('(')
		b.WriteString(strconv.Itoa(int(t.Precision)))
		b.WriteByte(',')
		b.WriteString(strconv.Itoa(int(t.Scale)))
		b.WriteByte(')')
	}
}

// Class says which slice of a Vector holds the values of a type. Kernels are
// written once per class, not once per type.
type Class uint8

// The storage classes.
const (
	ClassInt   Class = iota // Vector.Ints: Int, BigInt, Date, Time, Timestamp, Decimal up to ShortPrecision, Unknown
	ClassFloat              // Vector.Floats: Double
	ClassBool               // Vector.Bools: Boolean
	ClassWide               // Vector.Wides: Decimal above ShortPrecision, Interval
	ClassBytes              // Vector.Offsets and Vector.Bytes: String, Bytes, JSON, and the encoded Array, Map, Row
)

// Class returns the storage class of the type.
func (t Type) Class() Class {
	switch t.Kind {
	case Double:
		return ClassFloat
	case Boolean:
		return ClassBool
	case Interval:
		return ClassWide
	case Decimal:
		if t.Precision > ShortPrecision {
			return ClassWide
		}
		return ClassInt
	case String, Bytes, JSON, Array, Map, Row:
		return ClassBytes
	}
	return ClassInt
}

// Numeric reports whether arithmetic is defined between values of the type.
func (t Type) Numeric() bool { return t.Kind >= Int && t.Kind <= Decimal }

// Integer reports whether the type is INT or BIGINT.
func (t Type) Integer() bool { return t.Kind == Int || t.Kind == BigInt }
