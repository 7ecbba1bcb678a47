package data

import (
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"time"
	"unicode/utf8"
)

// TextParser turns texts into values of one type; one goroutine at a time.
type TextParser struct {
	typ    Type
	times  *TimeParser
	nested *nestedParser // of an ARRAY, MAP or ROW
	json   JSONReader
}

// NewTextParser returns a parser for values of t. Timestamps without a zone are
// taken to be in zone; nil is UTC.
func NewTextParser(t Type, zone *time.Location) *TextParser {
	p := &TextParser{typ: t, times: NewTimeParser(zone)}
	if t.Nested() {
		p.nested = newNestedParser(t, zone)
	}
	return p
}

// Append appends the value of text to v, which has the parser's type. Spaces
// around it do not matter, except for strings. A value of a nested type is read
// from JSON: null is NULL, a field of a ROW that is not there is NULL, of members
// with one name the last counts. On an error, a *TextError, v is as it was.
func (p *TextParser) Append(v *Vector, text []byte) error {
	err := p.append(v, text)
	if err == nil {
		return nil
	}
	if inner, ok := err.(*TextError); ok {
		return inner
	}
	return &TextError{Text: shorten(text), Type: p.typ, Err: err}
}

// TextError says that a text is not a value of a type.
type TextError struct {
	Text string
	Type Type
	// Path is where in a nested value the text stands, as SQL would get at it:
	// "[3].price"; "" for the value itself.
	Path string
	Err  error // ErrSyntax or ErrRange
}

// Error returns "'abc' is not a valid BIGINT", "'300000000000' is out of range
// for INT" or "[3].price: 'abc' is not a valid BIGINT".
func (e *TextError) Error() string {
	where := e.Path
	if where != "" {
		where += ": "
	}
	if errors.Is(e.Err, ErrRange) {
		return fmt.Sprintf("%s'%s' is out of range for %s", where, e.Text, e.Type)
	}
	return fmt.Sprintf("%s'%s' is not a valid %s", where, e.Text, e.Type)
}

// Unwrap returns ErrSyntax or ErrRange.
func (e *TextError) Unwrap() error { return e.Err }

// shorten cuts a text for a message.
func shorten(text []byte) string {
	const most = 60
	if len(text) <= most {
		return string(text)
	}
	cut := most
	for cut > most-4 && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return string(text[:cut]) + "…"
}

func (p *TextParser) append(v *Vector, text []byte) error {
	switch p.typ.Kind {
	case String:
		v.AppendText(text)
		return nil
	case JSON:
		if p.json.Reset(text); !p.json.Valid() {
			return ErrSyntax
		}
		v.AppendText(text)
		return nil
	case Bytes:
		raw, err := base64.StdEncoding.DecodeString(string(text))
		if err != nil {
			return ErrSyntax
		}
		v.AppendText(raw)
		return nil
	case Array, Map, Row:
		return p.nested.append(v, text)
	}
	return p.appendFixed(v, trimSpaces(text))
}

func trimSpaces(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t') {
		b = b[1:]
	}
	for len(b) > 0 && (b[len(b)-1] == ' ' || b[len(b)-1] == '\t') {
		b = b[:len(b)-1]
	}
	return b
}

func (p *TextParser) appendFixed(v *Vector, text []byte) error {
	var x int64
	var err error
	switch p.typ.Kind {
	case Double:
		f, err := ParseDouble(text)
		if err == nil {
			v.AppendFloat(f)
		}
		return err
	case Boolean:
		b, err := ParseBool(text)
		if err == nil {
			v.AppendBool(b)
		}
		return err
	case Interval:
		w, err := ParseInterval(text)
		if err == nil {
			v.AppendWide(w)
		}
		return err
	case Decimal:
		if p.typ.Class() == ClassWide {
			w, err := ParseDecimal(text, int(p.typ.Precision), int(p.typ.Scale))
			if err == nil {
				v.AppendWide(w)
			}
			return err
		}
		x, err = ParseDecimal64(text, int(p.typ.Precision), int(p.typ.Scale))
	case Int:
		if x, err = ParseInt(text); err == nil && (x < math.MinInt32 || x > math.MaxInt32) {
			err = ErrRange
		}
	case BigInt:
		x, err = ParseInt(text)
	case Date:
		x, err = ParseDate(text)
	case Time:
		x, err = ParseTime(text)
	case Timestamp:
		x, err = p.times.Parse(text)
	default:
		err = ErrSyntax
	}
	if err == nil {
		v.AppendInt(x)
	}
	return err
}

// AppendText appends the text form of row i of v; nothing for NULL. BYTES are
// base64, values of nested types JSON as AppendJSON writes it.
func AppendText(dst []byte, v *Vector, i int) []byte {
	if v.IsNull(i) {
		return dst
	}
	k := v.Index(i)
	switch v.Type.Class() {
	case ClassBool:
		return AppendBool(dst, v.Bools[k])
	case ClassFloat:
		return AppendDouble(dst, v.Floats[k])
	case ClassWide:
		return appendWideText(dst, v.Type, v.Wides[k])
	case ClassBytes:
		switch v.Type.Kind {
		case Bytes:
			return base64.StdEncoding.AppendEncode(dst, v.Text(i))
		case Array, Map, Row:
			return appendJSONNested(dst, v.Type, v.Text(i))
		}
		return append(dst, v.Text(i)...)
	}
	return appendIntText(dst, v.Type, v.Ints[k])
}

// appendIntText appends the text form of a value of ClassInt.
func appendIntText(dst []byte, t Type, x int64) []byte {
	switch t.Kind {
	case Date:
		return AppendDate(dst, x)
	case Time:
		return AppendTime(dst, x)
	case Timestamp:
		return AppendTimestamp(dst, x)
	}
	return AppendDecimal64(dst, x, int(t.Scale)) // an integer has scale 0
}

// appendWideText appends the text form of a value of ClassWide.
func appendWideText(dst []byte, t Type, w Int128) []byte {
	if t.Kind == Interval {
		return AppendInterval(dst, w)
	}
	return appendDecimal(dst, w, int(t.Scale))
}
