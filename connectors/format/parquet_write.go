package format

import (
	"bytes"
	"encoding/binary"
	"fmt"

	parquet "github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// parquetEncoder writes rows as one file, in groups of about parquetGroupSize bytes.
type parquetEncoder struct {
	schema  data.Schema
	fields  []*parquetOut
	file    *parquet.Schema
	options []parquet.WriterOption
	writer  *parquet.GenericWriter[any]
	out     bytes.Buffer
	err     error // what the library said of a row
	leaves  [][]parquet.Value
	rows    []parquet.Row
	group   int // bytes in the row group at hand
	most    int // bytes that it may have
	part    data.Vector
	text    []byte
	texts   []byte // that values of the rows at hand are in
}

// parquetGroupSize is about how many bytes of values a row group has.
const parquetGroupSize = 64 << 20

// parquetOut writes a column, or a part of one.
type parquetOut struct {
	leaf   int // the first leaf
	leaves int
	rep    int // of what repeats in it
	parts  []*parquetOut
}

// newParquetEncoder returns an encoder, compressed as the options say.
func newParquetEncoder(schema data.Schema, o connectors.Options) (*parquetEncoder, error) {
	name, err := o.Enum("compression", "snappy", "none", "snappy", "gzip", "zstd")
	if err != nil {
		return nil, err
	}
	codec := map[string]compress.Codec{"none": &parquet.Uncompressed, "snappy": &parquet.Snappy, "gzip": &parquet.Gzip, "zstd": &parquet.Zstd}[name]
	e := &parquetEncoder{schema: schema, most: parquetGroupSize}
	nodes := make([]parquet.Node, len(schema))
	names := make([]string, len(schema))
	for i, c := range schema {
		names[i] = c.Name
		var out *parquetOut
		if nodes[i], out, err = e.node(c.Type, 0); err != nil {
			return nil, &connectors.OptionError{Option: "format", Message: fmt.Sprintf("column %s: %s", c.Name, err)}
		}
		nodes[i] = parquet.Optional(nodes[i])
		e.fields = append(e.fields, out)
	}
	e.file = parquet.NewSchema("row", ordered(names, nodes))
	e.options = []parquet.WriterOption{e.file, parquet.Compression(codec), parquet.CreatedBy("tidemark", "", "")}
	return e, nil
}

// orderedGroup is a group whose fields come as they are declared.
type orderedGroup struct {
	parquet.Group
	fields []parquet.Field
}

// Fields returns the fields in order.
func (g *orderedGroup) Fields() []parquet.Field { return g.fields }

func ordered(names []string, nodes []parquet.Node) parquet.Node {
	g := &orderedGroup{Group: parquet.Group{}, fields: make([]parquet.Field, len(names))}
	for i, name := range names {
		g.Group[name] = nodes[i]
	}
	place := map[string]int{}
	for i, name := range names {
		place[name] = i
	}
	for _, f := range g.Group.Fields() {
		g.fields[place[f.Name()]] = f
	}
	return g
}

// node returns how values of a type are stored, and what writes them. rep is how often
// what they are in repeats.
func (e *parquetEncoder) node(t data.Type, rep int) (n parquet.Node, out *parquetOut, err error) {
	out = &parquetOut{leaf: len(e.leaves), rep: rep}
	part := func(t data.Type, rep int) parquet.Node {
		if err != nil {
			return nil
		}
		var n parquet.Node
		var p *parquetOut
		n, p, err = e.node(t, rep)
		out.parts = append(out.parts, p)
		return n
	}
	switch t.Kind {
	case data.Array:
		if elem := part(t.Elem(), rep+1); err == nil {
			n = parquet.List(parquet.Optional(elem))
		}
	case data.Map:
		key := part(t.Key(), rep+1)
		if value := part(t.Elem(), rep+1); err == nil {
			n = parquet.Map(key, parquet.Optional(value))
		}
	case data.Row:
		var names []string
		var nodes []parquet.Node
		for _, f := range t.Fields() {
			if f := part(f.Type, rep); err == nil {
				nodes = append(nodes, parquet.Optional(f))
			}
			names = append(names, f.Name)
		}
		if err == nil && len(nodes) == 0 {
			err = fmt.Errorf("a ROW without fields cannot be written as parquet")
		}
		if err == nil {
			n = ordered(names, nodes)
		}
	default:
		n = parquetLeaf(t)
		e.leaves = append(e.leaves, nil)
	}
	out.leaves = len(e.leaves) - out.leaf
	return n, out, err
}

// parquetLeaf is how values of a type that is not nested are stored.
func parquetLeaf(t data.Type) parquet.Node {
	switch t.Kind {
	case data.Boolean:
		return parquet.Leaf(parquet.BooleanType)
	case data.Int:
		return parquet.Int(32)
	case data.BigInt:
		return parquet.Int(64)
	case data.Double:
		return parquet.Leaf(parquet.DoubleType)
	case data.Bytes:
		return parquet.Leaf(parquet.ByteArrayType)
	case data.JSON:
		return parquet.JSON()
	case data.Date:
		return parquet.Date()
	case data.Time:
		return parquet.TimeAdjusted(parquet.Microsecond, false) // of no zone
	case data.Timestamp:
		return parquet.Timestamp(parquet.Microsecond)
	case data.Decimal:
		switch {
		case t.Precision <= 9:
			return parquet.Decimal(int(t.Scale), int(t.Precision), parquet.Int32Type)
		case t.Class() == data.ClassInt:
			return parquet.Decimal(int(t.Scale), int(t.Precision), parquet.Int64Type)
		}
		return parquet.Decimal(int(t.Scale), int(t.Precision), parquet.FixedLenByteArrayType(16))
	}
	return parquet.String()
}

// header implements binaryForm: it begins a file.
func (e *parquetEncoder) header(dst []byte) []byte {
	e.out.Reset()
	e.writer, e.group, e.err = parquet.NewGenericWriter[any](&e.out, e.options...), 0, nil
	return dst
}

// batch implements binaryForm.
func (e *parquetEncoder) batch(dst []byte, b *data.Batch) []byte {
	for k := range b.Rows() {
		e.row(b.Cols, b.Row(k))
	}
	e.write()
	return e.drain(dst)
}

// record implements binaryForm.
func (e *parquetEncoder) record(dst []byte, cols []*data.Vector, i int) []byte {
	e.row(cols, i)
	e.write()
	return e.drain(dst)
}

// footer ends the file.
func (e *parquetEncoder) footer(dst []byte) ([]byte, error) {
	err := e.err
	if cerr := e.writer.Close(); err == nil {
		err = cerr
	}
	return e.drain(dst), err
}

// drain appends what the library has written.
func (e *parquetEncoder) drain(dst []byte) []byte {
	dst = append(dst, e.out.Bytes()...)
	e.out.Reset()
	return dst
}

// write hands the rows at hand to the library.
func (e *parquetEncoder) write() {
	if _, err := e.writer.WriteRows(e.rows); err != nil && e.err == nil {
		e.err = err
	}
	e.rows, e.texts = e.rows[:0], e.texts[:0]
	if e.group >= e.most {
		if err := e.writer.Flush(); err != nil && e.err == nil {
			e.err = err
		}
		e.group = 0
	}
}

// row adds row i to those at hand.
func (e *parquetEncoder) row(cols []*data.Vector, i int) {
	for k := range e.leaves {
		e.leaves[k] = e.leaves[k][:0]
	}
	for k, f := range e.fields {
		v := cols[k]
		switch {
		case v.IsNull(i):
			e.null(f, 0, 0)
		case v.Type.Nested():
			e.nested(f, v.Type, v.Text(i), 0, 1)
		default:
			e.leaf(f, v, i, 0, 1)
		}
	}
	n := len(e.rows)
	if n < cap(e.rows) {
		e.rows = e.rows[:n+1]
	} else {
		e.rows = append(e.rows, nil)
	}
	row := e.rows[n][:0]
	for _, values := range e.leaves {
		row = append(row, values...)
	}
	e.rows[n] = row
	e.group += 8 * len(row)
}

// null adds what stands for nothing in all leaves below.
func (e *parquetEncoder) null(f *parquetOut, rep, def int) {
	for k := f.leaf; k < f.leaf+f.leaves; k++ {
		e.leaves[k] = append(e.leaves[k], parquet.NullValue().Level(rep, def, k))
	}
}

// leaf adds row i of v, which is not NULL.
func (e *parquetEncoder) leaf(f *parquetOut, v *data.Vector, i, rep, def int) {
	k, x := v.Index(i), parquet.Value{}
	switch v.Type.Kind {
	case data.Boolean:
		x = parquet.BooleanValue(v.Bools[k])
	case data.Double:
		x = parquet.DoubleValue(v.Floats[k])
	case data.Int, data.Date:
		x = parquet.Int32Value(int32(v.Ints[k]))
	case data.BigInt, data.Time, data.Timestamp:
		x = parquet.Int64Value(v.Ints[k])
	case data.Decimal:
		switch {
		case v.Type.Precision <= 9:
			x = parquet.Int32Value(int32(v.Ints[k]))
		case v.Type.Class() == data.ClassInt:
			x = parquet.Int64Value(v.Ints[k])
		default:
			var b [16]byte
			binary.BigEndian.PutUint64(b[:], uint64(v.Wides[k].Hi))
			binary.BigEndian.PutUint64(b[8:], v.Wides[k].Lo)
			x = parquet.FixedLenByteArrayValue(e.keep(b[:]))
		}
	case data.String, data.JSON, data.Bytes:
		x = parquet.ByteArrayValue(e.keep(v.Text(i)))
	default:
		e.text = data.AppendText(e.text[:0], v, i)
		x = parquet.ByteArrayValue(e.keep(e.text))
	}
	e.leaves[f.leaf] = append(e.leaves[f.leaf], x.Level(rep, def, f.leaf))
}

// keep copies a text to where it stays until the rows are written.
func (e *parquetEncoder) keep(text []byte) []byte {
	e.group += len(text)
	if cap(e.texts)-len(e.texts) < len(text) {
		e.texts = make([]byte, 0, max(64<<10, len(text))) // values before keep the old one
	}
	at := len(e.texts)
	e.texts = append(e.texts, text...)
	return e.texts[at:len(e.texts):len(e.texts)]
}

// nested adds a value of a nested type. def is the level at which it is there.
func (e *parquetEncoder) nested(f *parquetOut, t data.Type, value []byte, rep, def int) {
	parts := data.Walk(t, value)
	if t.Kind == data.Row {
		for _, p := range f.parts {
			parts.Next()
			e.element(p, &parts, rep, def+1)
		}
		return
	}
	some := false
	for parts.Next() {
		if t.Kind == data.Map {
			e.required(f.parts[0], &parts, rep, def+1)
			parts.Next()
			e.element(f.parts[1], &parts, rep, def+2)
		} else {
			e.element(f.parts[0], &parts, rep, def+2)
		}
		some, rep = true, f.rep+1
	}
	if !some {
		e.null(f, rep, def)
	}
}

// element adds the present part of a nested value, which is there at level def.
func (e *parquetEncoder) element(f *parquetOut, parts *data.Elements, rep, def int) {
	if parts.IsNull() {
		e.null(f, rep, def-1)
		return
	}
	e.required(f, parts, rep, def)
}

func (e *parquetEncoder) required(f *parquetOut, parts *data.Elements, rep, def int) {
	if parts.Type().Nested() {
		e.nested(f, parts.Type(), parts.Value(), rep, def)
		return
	}
	e.part.Reset(parts.Type())
	parts.Append(&e.part)
	e.leaf(f, &e.part, 0, rep, def)
}
