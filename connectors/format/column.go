package format

import (
	"bytes"
	"encoding/binary"
	"errors"
	"time"
	"unicode/utf8"

	"tidemark/operators/data"
)

// kind is what the decoders switch on, once per value.
type kind uint8

const (
	kindText kind = iota // String
	kindInt
	kindBigInt
	kindDecimal // in one int64
	kindDouble
	kindTimestamp
	kindBool
	kindJSON
	kindOther // through a data.TextParser
)

func kindOf(t data.Type) kind {
	switch t.Kind {
	case data.String:
		return kindText
	case data.Int:
		return kindInt
	case data.BigInt:
		return kindBigInt
	case data.Double:
		return kindDouble
	case data.Timestamp:
		return kindTimestamp
	case data.Boolean:
		return kindBool
	case data.JSON:
		return kindJSON
	case data.Decimal:
		if t.Class() == data.ClassInt {
			return kindDecimal
		}
	}
	return kindOther
}

// column is a needed column and where its values of the current batch go. Values
// are written by row number, so that a row is only there once it is complete,
// and a record that turns out bad is simply written over.
type column struct {
	name  string
	typ   data.Type
	kind  kind
	class data.Class
	// always columns are decoded for rows that failed the filter, too.
	always bool
	// inferred columns lose no digits: their type is a guess.
	inferred bool
	preds    []predicate

	v       *data.Vector
	ints    []int64
	floats  []float64
	bools   []bool
	wides   []data.Int128
	offsets []uint32
	bytes   []byte // v.Bytes while decoding; row n begins at offsets[n]
	nulls   []bool // nil until the batch has a NULL

	precision, scale int
	limit            int64 // of a short decimal's unscaled values
	clock            *data.TimeParser
	guess            int // the length of the last TIMESTAMP text
	other            *data.TextParser
	json             data.JSONReader
	scratch          data.Vector
}

func newColumn(c data.Column, zone *time.Location) column {
	col := column{name: c.Name, typ: c.Type, kind: kindOf(c.Type), class: c.Type.Class(),
		precision: int(c.Type.Precision), scale: int(c.Type.Scale)}
	switch col.kind {
	case kindDecimal:
		col.limit = powers[col.precision]
	case kindTimestamp:
		col.clock = data.NewTimeParser(zone)
	case kindOther:
		col.other = data.NewTextParser(c.Type, zone)
	}
	return col
}

// begin makes room for n rows in v.
func (c *column) begin(v *data.Vector, n int) {
	v.Resize(c.typ, n)
	c.v, c.ints, c.floats, c.bools, c.wides, c.nulls = v, v.Ints, v.Floats, v.Bools, v.Wides, nil
	c.offsets, c.bytes = v.Offsets, v.Bytes
}

// end cuts the vector to n rows.
func (c *column) end(n int) {
	v := c.v
	switch c.class {
	case data.ClassInt:
		v.Ints = v.Ints[:n]
	case data.ClassFloat:
		v.Floats = v.Floats[:n]
	case data.ClassBool:
		v.Bools = v.Bools[:n]
	case data.ClassWide:
		v.Wides = v.Wides[:n]
	case data.ClassBytes:
		v.Offsets = v.Offsets[:n+1]
		v.Bytes = c.bytes[:c.offsets[n]]
	}
	if c.nulls != nil {
		v.Null = c.nulls[:n]
	}
	c.v = nil
}

// setNull makes row n NULL.
func (c *column) setNull(n int) {
	if c.nulls == nil {
		c.nulls = make([]bool, c.rows())
	}
	c.setZero(n)
	c.nulls[n] = true
}

// rows is how many rows there is room for.
func (c *column) rows() int {
	return len(c.ints) + len(c.floats) + len(c.bools) + len(c.wides) + max(0, len(c.offsets)-1)
}

// setZero gives row n, which will not be selected, a value of no meaning.
func (c *column) setZero(n int) {
	switch c.class {
	case data.ClassInt:
		c.ints[n] = 0
	case data.ClassFloat:
		c.floats[n] = 0
	case data.ClassBool:
		c.bools[n] = false
	case data.ClassWide:
		c.wides[n] = data.Int128{}
	case data.ClassBytes:
		c.offsets[n+1] = c.offsets[n]
	}
	c.valid(n)
}

// setText makes d[i:j] the value of row n of a ClassBytes column.
func (c *column) setText(n int, d []byte, i, j int) {
	at := int(c.offsets[n])
	size := j - i
	if cap(c.bytes) < at+size+16 {
		grown := make([]byte, at, 2*at+size+4096)
		copy(grown, c.bytes[:at])
		c.bytes = grown
	}
	c.bytes = c.bytes[:at+size+16]
	if size <= 16 {
		// Two whole words are cheaper than a copy of variable length.
		to := c.bytes[at : at+16]
		binary.LittleEndian.PutUint64(to, word(d, i))
		binary.LittleEndian.PutUint64(to[8:], word(d, i+8))
	} else {
		copy(c.bytes[at:], d[i:j])
	}
	c.offsets[n+1] = uint32(at + size)
	c.valid(n)
}

// set parses text, which is plain ASCII or was checked, into row n. On an error
// the row has no value. Spaces around the text do not matter.
func (c *column) set(n int, text []byte) error {
	var x int64
	var err error
	if c.inferred && c.typ.Kind == data.Decimal && finer(text, c.scale) {
		return errFiner
	}
	switch c.kind {
	case kindTimestamp:
		x, err = c.clock.Parse(text)
	case kindDecimal:
		x, err = data.ParseDecimal64(text, c.precision, c.scale)
	case kindBigInt:
		x, err = data.ParseInt(text)
	default:
		return c.setRare(n, text)
	}
	if err != nil {
		return c.setRare(n, text)
	}
	c.ints[n] = x
	c.valid(n)
	return nil
}

// valid notes that row n, which may have been NULL before, has a value.
func (c *column) valid(n int) {
	if c.nulls != nil {
		c.nulls[n] = false
	}
}

// setRare is set for the kinds and forms that are not met often.
func (c *column) setRare(n int, text []byte) error {
	err := c.parse(n, text)
	if err != nil {
		if trimmed := bytes.Trim(text, " \t"); len(trimmed) < len(text) {
			return c.parse(n, trimmed)
		}
	}
	return err
}

func (c *column) parse(n int, text []byte) error {
	var err error
	switch c.kind {
	case kindInt:
		var x int64
		if x, err = data.ParseInt(text); err == nil && x != int64(int32(x)) {
			err = data.ErrRange
		}
		c.ints[n] = x
	case kindBigInt:
		c.ints[n], err = data.ParseInt(text)
	case kindDecimal:
		c.ints[n], err = data.ParseDecimal64(text, c.precision, c.scale)
	case kindDouble:
		c.floats[n], err = data.ParseDouble(text)
	case kindTimestamp:
		c.ints[n], err = c.clock.Parse(text)
	case kindBool:
		c.bools[n], err = data.ParseBool(text)
	default:
		return c.setOther(n, text)
	}
	c.valid(n)
	return err
}

// setOther is set for the kinds that need no speed.
func (c *column) setOther(n int, text []byte) error {
	if c.kind == kindJSON {
		return c.setJSON(n, text)
	}
	s := &c.scratch
	s.Reset(c.typ)
	if err := c.other.Append(s, text); err != nil {
		return err
	}
	c.setFrom(n, s)
	return nil
}

// setFrom makes the first value of s row n.
func (c *column) setFrom(n int, s *data.Vector) {
	if s.IsNull(0) {
		c.setNull(n)
		return
	}
	switch c.class {
	case data.ClassInt:
		c.ints[n] = s.Ints[0]
	case data.ClassFloat:
		c.floats[n] = s.Floats[0]
	case data.ClassBool:
		c.bools[n] = s.Bools[0]
	case data.ClassWide:
		c.wides[n] = s.Wides[0]
	case data.ClassBytes:
		c.setCopy(n, s.Text(0))
	}
	c.valid(n)
}

// setCopy is setText for text that has no padding behind it.
func (c *column) setCopy(n int, text []byte) {
	at := int(c.offsets[n])
	c.bytes = append(c.bytes[:at], text...)
	c.offsets[n+1] = uint32(len(c.bytes))
	c.valid(n)
}

// maxQuoted is how much of a value a message shows.
const maxQuoted = 40

// valueReason says that a value is not one of the column's type.
func (c *column) valueReason(text []byte, err error) string {
	if inner, ok := err.(*data.TextError); ok && inner.Path != "" {
		return "column " + c.name + inner.Error() // column items[3].price: …
	}
	shown := text
	dots := ""
	if len(shown) > maxQuoted {
		shown = shown[:maxQuoted]
		for len(shown) > 0 && !utf8.RuneStart(text[len(shown)]) {
			shown = shown[:len(shown)-1]
		}
		dots = "..."
	}
	reason := "column " + c.name + ": '" + string(shown) + dots + "' is not a valid " + c.typ.String()
	switch {
	case errors.Is(err, data.ErrRange):
		reason = "column " + c.name + ": '" + string(shown) + dots + "' is out of range for " + c.typ.String()
	case err == errFiner:
		reason = "column " + c.name + ": '" + string(shown) + dots + "' has more digits after the point than " + c.typ.String()
	}
	if c.inferred {
		reason += ", which the first " + itoa(sampleRecords) + " records suggest: declare the column"
	}
	return reason
}

// setJSON puts a JSON document into row n, which is checked whole.
func (c *column) setJSON(n int, text []byte) error {
	if c.json.Reset(text); !c.json.Valid() {
		return data.ErrSyntax
	}
	c.setCopy(n, text)
	return nil
}
