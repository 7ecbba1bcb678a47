package format

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"strings"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// avroEncoder writes rows as Avro: the blocks of a file, or one message for each.
type avroEncoder struct {
	schema data.Schema
	text   string // the schema as Avro has it
	// prefix is what a message begins with: the number of its schema. nil with file.
	prefix []byte
	codec  codec // of blocks; nil for messages
	name   string
	sync   [16]byte
	block  []byte
	value  []byte // the text of a value
	part   data.Vector
}

// newAvroEncoder returns an encoder of files, compressed as the options say.
func newAvroEncoder(schema data.Schema, o connectors.Options) (*avroEncoder, error) {
	e, err := newAvroMessages(schema)
	if err != nil {
		return nil, err
	}
	compression, err := o.Enum("compression", "snappy", "none", "snappy", "deflate", "zstd")
	if err != nil {
		return nil, err
	}
	e.name = map[string]string{"none": "null", "snappy": "snappy", "deflate": "deflate", "zstd": "zstandard"}[compression]
	if e.codec, err = newCodec(e.name); err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(e.text)) // the same for the same columns: files can be compared
	copy(e.sync[:], sum[:])
	return e, nil
}

// newAvroMessages returns an encoder of messages.
func newAvroMessages(schema data.Schema) (*avroEncoder, error) {
	e := &avroEncoder{schema: schema}
	var b strings.Builder
	names := map[string]bool{"row": true}
	if err := avroRecordText(&b, "row", schema, names); err != nil {
		return nil, err
	}
	e.text = b.String()
	return e, nil
}

// avroRecordText writes the schema of a record of columns, each of which may be NULL.
func avroRecordText(b *strings.Builder, name string, columns data.Schema, names map[string]bool) error {
	fmt.Fprintf(b, `{"type":"record","name":"%s","fields":[`, name)
	for i, c := range columns {
		if !avroName(c.Name) {
			return &connectors.OptionError{Option: "format", Message: fmt.Sprintf("the name %s cannot be one of a field in Avro", strconv.Quote(c.Name)),
				Hint: "use letters, digits and _ alone, not beginning with a digit"}
		}
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(b, `{"name":"%s","type":["null",`, c.Name)
		if err := avroTypeText(b, name+"_"+c.Name, c.Type, names); err != nil {
			return err
		}
		b.WriteString(`],"default":null}`)
	}
	b.WriteString("]}")
	return nil
}

// avroName reports whether Avro takes a name.
func avroName(name string) bool {
	for i, c := range []byte(name) {
		if !(c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z' || i > 0 && c >= '0' && c <= '9') {
			return false
		}
	}
	return name != ""
}

func avroTypeText(b *strings.Builder, name string, t data.Type, names map[string]bool) error {
	simple := func(typ, logical string) { fmt.Fprintf(b, `{"type":"%s","logicalType":"%s"}`, typ, logical) }
	switch t.Kind {
	case data.Boolean:
		b.WriteString(`"boolean"`)
	case data.Int:
		b.WriteString(`"int"`)
	case data.BigInt:
		b.WriteString(`"long"`)
	case data.Double:
		b.WriteString(`"double"`)
	case data.Bytes:
		b.WriteString(`"bytes"`)
	case data.Date:
		simple("int", "date")
	case data.Time:
		simple("long", "time-micros")
	case data.Timestamp:
		simple("long", "timestamp-micros")
	case data.Decimal:
		fmt.Fprintf(b, `{"type":"bytes","logicalType":"decimal","precision":%d,"scale":%d}`, t.Precision, t.Scale)
	case data.Array, data.Map:
		kind, of := "array", "items"
		if t.Kind == data.Map {
			kind, of = "map", "values"
		}
		fmt.Fprintf(b, `{"type":"%s","%s":["null",`, kind, of)
		if err := avroTypeText(b, name, t.Elem(), names); err != nil {
			return err
		}
		b.WriteString("]}")
	case data.Row:
		for names[name] {
			name += "_"
		}
		names[name] = true
		var columns data.Schema
		for _, f := range t.Fields() {
			columns = append(columns, data.Column{Name: f.Name, Type: f.Type})
		}
		return avroRecordText(b, name, columns, names)
	default: // texts, and what is written as one
		b.WriteString(`"string"`)
	}
	return nil
}

// header implements binaryForm.
func (e *avroEncoder) header(dst []byte) []byte {
	if e.codec == nil {
		return dst
	}
	dst = append(dst, ocfMagic...)
	dst = binary.AppendVarint(dst, 2)
	for _, text := range []string{"avro.codec", e.name, "avro.schema", e.text} {
		dst = appendAvroText(dst, []byte(text))
	}
	return append(append(dst, 0), e.sync[:]...)
}

// batch implements binaryForm: it appends a block.
func (e *avroEncoder) batch(dst []byte, b *data.Batch) []byte {
	if b.Rows() == 0 {
		return dst
	}
	e.block = e.block[:0]
	for k := range b.Rows() {
		e.block = e.row(e.block, b.Cols, b.Row(k))
	}
	if e.codec == nil {
		return append(dst, e.block...)
	}
	return e.appendBlock(dst, b.Rows())
}

func (e *avroEncoder) appendBlock(dst []byte, rows int) []byte {
	packed, err := e.codec.Compress(e.block)
	if err != nil { // none of the codecs fails on a byte slice
		packed = e.block
	}
	dst = binary.AppendVarint(binary.AppendVarint(dst, int64(rows)), int64(len(packed)))
	return append(append(dst, packed...), e.sync[:]...)
}

// record implements binaryForm: it appends a row as a message, or as a block of its own.
func (e *avroEncoder) record(dst []byte, cols []*data.Vector, i int) []byte {
	if e.codec == nil {
		return e.row(append(dst, e.prefix...), cols, i)
	}
	e.block = e.row(e.block[:0], cols, i)
	return e.appendBlock(dst, 1)
}

func (e *avroEncoder) row(dst []byte, cols []*data.Vector, i int) []byte {
	for k := range e.schema {
		dst = e.nullable(dst, cols[k], i)
	}
	return dst
}

// nullable appends row i of v as a union of null and its type.
func (e *avroEncoder) nullable(dst []byte, v *data.Vector, i int) []byte {
	if v.IsNull(i) {
		return append(dst, 0)
	}
	dst = append(dst, 2) // the second branch
	if v.Type.Nested() {
		return e.nested(dst, v.Type, v.Text(i))
	}
	k := v.Index(i)
	switch v.Type.Kind {
	case data.Boolean:
		if v.Bools[k] {
			return append(dst, 1)
		}
		return append(dst, 0)
	case data.Double:
		return binary.LittleEndian.AppendUint64(dst, math.Float64bits(v.Floats[k]))
	case data.String, data.JSON, data.Bytes:
		return appendAvroText(dst, v.Text(i))
	case data.Decimal:
		w := data.Int128{}
		if v.Type.Class() == data.ClassWide {
			w = v.Wides[k]
		} else {
			w = data.Wide(v.Ints[k])
		}
		return appendAvroDecimal(dst, w)
	case data.Int, data.BigInt, data.Date, data.Time, data.Timestamp:
		return binary.AppendVarint(dst, v.Ints[k])
	}
	e.value = data.AppendText(e.value[:0], v, i)
	return appendAvroText(dst, e.value)
}

func appendAvroText(dst, text []byte) []byte {
	return append(binary.AppendVarint(dst, int64(len(text))), text...)
}

// appendAvroDecimal appends a number as its big-endian bytes in two's complement, as
// few as there can be.
func appendAvroDecimal(dst []byte, w data.Int128) []byte {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:], uint64(w.Hi))
	binary.BigEndian.PutUint64(b[8:], w.Lo)
	from := 0
	for from < len(b)-1 && (b[from] == 0 && b[from+1] < 0x80 || b[from] == 0xff && b[from+1] >= 0x80) {
		from++
	}
	return appendAvroText(dst, b[from:])
}

// nested appends a value of a nested type.
func (e *avroEncoder) nested(dst []byte, t data.Type, value []byte) []byte {
	parts := data.Walk(t, value)
	if t.Kind == data.Row {
		for parts.Next() {
			dst = e.element(dst, &parts)
		}
		return dst
	}
	n := data.CountElements(t, value)
	if n == 0 {
		return append(dst, 0)
	}
	dst = binary.AppendVarint(dst, int64(n))
	for parts.Next() {
		if t.Kind == data.Map {
			e.part.Reset(parts.Type())
			parts.Append(&e.part)
			e.value = data.AppendText(e.value[:0], &e.part, 0)
			dst = appendAvroText(dst, e.value)
			parts.Next()
		}
		dst = e.element(dst, &parts)
	}
	return append(dst, 0)
}

// element appends the present part of a nested value.
func (e *avroEncoder) element(dst []byte, parts *data.Elements) []byte {
	if parts.IsNull() {
		return append(dst, 0)
	}
	if parts.Type().Nested() {
		return e.nested(append(dst, 2), parts.Type(), parts.Value())
	}
	e.part.Reset(parts.Type())
	parts.Append(&e.part)
	return e.nullable(dst, &e.part, 0)
}
