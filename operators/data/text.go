package data

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"
	"unicode/utf8"
)

// TextParser turns texts into values of one type; one goroutine at a time.
type TextParser struct {
	typ   Type
	times *TimeParser
}

// NewTextParser returns a parser for values of t. Timestamps without a zone are
// taken to be in zone; nil is UTC.
func NewTextParser(t Type, zone *time.Location) *TextParser {
	return &TextParser{typ: t, times: NewTimeParser(zone)}
}

// Append appends the value of text to v, which has the parser's type. Spaces
// around it do not matter, except for strings. On an error, which wraps ErrSyntax
// or ErrRange and quotes the text, v is as it was.
func (p *TextParser) Append(v *Vector, text []byte) error {
	err := p.append(v, text)
	if err == nil {
		return nil
	}
	return &TextError{Text: shorten(text), Type: p.typ, Err: err}
}

// TextError says that a text is not a value of a type.
type TextError struct {
	Text string
	Type Type
	Err  error // ErrSyntax or ErrRange
}

// Error returns "'abc' is not a valid BIGINT" or "'300000000000' is out of range for INT".
func (e *TextError) Error() string {
	if errors.Is(e.Err, ErrRange) {
		return fmt.Sprintf("'%s' is out of range for %s", e.Text, e.Type)
	}
	return fmt.Sprintf("'%s' is not a valid %s", e.Text, e.Type)
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
		if !json.Valid(text) {
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
// base64.
func AppendText(dst []byte, v *Vector, i int) []byte {
	if v.IsNull(i) {
		return dst
	}
	k := v.Index(i)
	switch v.Type.Kind {
	case Boolean:
		return AppendBool(dst, v.Bools[k])
	case Double:
		return AppendDouble(dst, v.Floats[k])
	case Decimal:
		if v.Type.Class() == ClassWide {
			return AppendDecimal(dst, v.Wides[k], int(v.Type.Scale))
		}
		return AppendDecimal64(dst, v.Ints[k], int(v.Type.Scale))
	case String, JSON:
		return append(dst, v.Text(i)...)
	case Bytes:
		return base64.StdEncoding.AppendEncode(dst, v.Text(i))
	case Date:
		return AppendDate(dst, v.Ints[k])
	case Time:
		return AppendTime(dst, v.Ints[k])
	case Timestamp:
		return AppendTimestamp(dst, v.Ints[k])
	case Interval:
		return AppendInterval(dst, v.Wides[k])
	}
	return AppendDecimal64(dst, v.Ints[k], 0)
}
