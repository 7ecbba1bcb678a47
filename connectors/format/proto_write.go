package format

import (
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// protoEncoder writes rows as Protobuf messages.
type protoEncoder struct {
	fields []*protoOut // of each column
	framed bool        // each message comes behind its length, as in files
	buf    []byte
}

// protoOut writes one field.
type protoOut struct {
	number     protowire.Number
	kind       protoreflect.Kind
	list       bool
	key, value *protoOut   // of a map
	parts      []*protoOut // of a message
	inner      *protoOut   // of a wrapper
	timestamp  bool
	part       data.Vector
	text       []byte
	buf        []byte
}

// newProtoEncoder returns an encoder of the message that the options name; framed for
// files.
func newProtoEncoder(schema data.Schema, o connectors.Options, baseDir string, framed bool) (*protoEncoder, error) {
	m, err := protoOptions(o, baseDir)
	if err != nil {
		return nil, err
	}
	e := &protoEncoder{framed: framed}
	fields := make([]data.Field, len(schema))
	for i, c := range schema {
		fields[i] = data.Field{Name: c.Name, Type: c.Type}
	}
	if e.fields, err = newProtoOuts(m, fields, ""); err != nil {
		return nil, &connectors.OptionError{Option: "format", Message: err.Error()}
	}
	return e, nil
}

func newProtoOuts(m protoreflect.MessageDescriptor, fields []data.Field, path string) ([]*protoOut, error) {
	names := make([]string, m.Fields().Len())
	for i := range names {
		names[i] = string(m.Fields().Get(i).Name())
	}
	var outs []*protoOut
	for _, f := range fields {
		i := findName(names, f.Name)
		if i < 0 {
			return nil, noName(fmt.Sprintf("message %s has no field %s", m.FullName(), f.Name), f.Name, names)
		}
		out, err := newProtoOut(m.Fields().Get(i), f.Type, path+f.Name)
		if err != nil {
			return nil, err
		}
		outs = append(outs, out)
	}
	return outs, nil
}

func newProtoOut(d protoreflect.FieldDescriptor, typ data.Type, path string) (out *protoOut, err error) {
	out = &protoOut{number: d.Number(), kind: d.Kind()}
	switch {
	case d.IsMap():
		if typ.Kind != data.Map {
			return nil, wrongOut(d, typ, path)
		}
		if out.key, err = newProtoOut(d.MapKey(), typ.Key(), path+"[key]"); err == nil {
			out.value, err = newProtoOut(d.MapValue(), typ.Elem(), path+"[]")
		}
		return out, err
	case d.IsList():
		if typ.Kind != data.Array {
			return nil, wrongOut(d, typ, path)
		}
		out.list, typ = true, typ.Elem()
	}
	if m := d.Message(); m != nil {
		switch known := wellKnown(m); {
		case known == "wrapper":
			out.inner, err = newProtoOut(m.Fields().ByNumber(1), typ, path)
		case known == "Timestamp" && typ.Kind == data.Timestamp:
			out.timestamp = true
		case known == "" && typ.Kind == data.Row:
			out.parts, err = newProtoOuts(m, typ.Fields(), path+".")
		default:
			err = wrongOut(d, typ, path)
		}
		return out, err
	}
	if !out.takes(typ) {
		return nil, wrongOut(d, typ, path)
	}
	return out, nil
}

func wrongOut(d protoreflect.FieldDescriptor, typ data.Type, path string) error {
	what := d.Kind().String()
	if m := d.Message(); m != nil {
		what = string(m.FullName())
	}
	return fmt.Errorf("column %s is %s, which cannot be written as %s: CAST it", path, typ, what)
}

// takes reports whether the field takes every value of a type.
func (p *protoOut) takes(typ data.Type) bool {
	switch p.kind {
	case protoreflect.BoolKind:
		return typ.Kind == data.Boolean
	case protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Sfixed32Kind:
		return typ.Kind == data.Int
	case protoreflect.Int64Kind, protoreflect.Sint64Kind, protoreflect.Sfixed64Kind:
		return typ.Integer()
	case protoreflect.DoubleKind:
		return typ.Kind == data.Double
	case protoreflect.StringKind:
		return !typ.Nested() && typ.Kind != data.Bytes
	case protoreflect.BytesKind:
		return typ.Kind == data.Bytes || typ.Kind == data.String
	}
	return false
}

// header implements binaryForm: there is none.
func (e *protoEncoder) header(dst []byte) []byte { return dst }

// batch implements binaryForm.
func (e *protoEncoder) batch(dst []byte, b *data.Batch) []byte {
	for k := range b.Rows() {
		dst = e.record(dst, b.Cols, b.Row(k))
	}
	return dst
}

// record implements binaryForm.
func (e *protoEncoder) record(dst []byte, cols []*data.Vector, i int) []byte {
	if !e.framed {
		return e.row(dst, cols, i)
	}
	e.buf = e.row(e.buf[:0], cols, i)
	return protowire.AppendBytes(dst, e.buf)
}

func (e *protoEncoder) row(dst []byte, cols []*data.Vector, i int) []byte {
	for k, f := range e.fields {
		dst = f.field(dst, cols[k], i)
	}
	return dst
}

// field appends the field with row i of v; NULL is a field that is not there.
func (p *protoOut) field(dst []byte, v *data.Vector, i int) []byte {
	if v.IsNull(i) {
		return dst
	}
	if !v.Type.Nested() {
		return p.one(dst, v, i)
	}
	return p.nested(dst, v.Type, v.Text(i))
}

// one appends a value that is not nested, with its tag.
func (p *protoOut) one(dst []byte, v *data.Vector, i int) []byte {
	dst = protowire.AppendTag(dst, p.number, wireOf(p.kind))
	k := v.Index(i)
	switch {
	case p.inner != nil:
		p.buf = p.inner.one(p.buf[:0], v, i)
		return protowire.AppendBytes(dst, p.buf)
	case p.timestamp:
		seconds := floorDiv(v.Ints[k], 1e6)
		p.buf = protowire.AppendVarint(protowire.AppendTag(p.buf[:0], 1, protowire.VarintType), uint64(seconds))
		p.buf = protowire.AppendVarint(protowire.AppendTag(p.buf, 2, protowire.VarintType), uint64(1000*(v.Ints[k]-seconds*1e6)))
		return protowire.AppendBytes(dst, p.buf)
	}
	switch p.kind {
	case protoreflect.BoolKind:
		return protowire.AppendVarint(dst, protowire.EncodeBool(v.Bools[k]))
	case protoreflect.Int32Kind, protoreflect.Int64Kind:
		return protowire.AppendVarint(dst, uint64(v.Ints[k]))
	case protoreflect.Sint32Kind, protoreflect.Sint64Kind:
		return protowire.AppendVarint(dst, protowire.EncodeZigZag(v.Ints[k]))
	case protoreflect.Sfixed32Kind:
		return protowire.AppendFixed32(dst, uint32(v.Ints[k]))
	case protoreflect.Sfixed64Kind:
		return protowire.AppendFixed64(dst, uint64(v.Ints[k]))
	case protoreflect.DoubleKind:
		return protowire.AppendFixed64(dst, math.Float64bits(v.Floats[k]))
	}
	if v.Type.Class() == data.ClassBytes {
		return protowire.AppendBytes(dst, v.Text(i))
	}
	p.text = data.AppendText(p.text[:0], v, i)
	return protowire.AppendBytes(dst, p.text)
}

// nested appends the field, or all its occurrences, with a value of a nested type.
func (p *protoOut) nested(dst []byte, t data.Type, value []byte) []byte {
	if t.Kind == data.Row {
		fields := p.message(nil, t, value)
		return protowire.AppendBytes(protowire.AppendTag(dst, p.number, protowire.BytesType), fields)
	}
	for e := data.Walk(t, value); e.Next(); {
		if t.Kind == data.Array {
			dst = p.element(dst, &e)
			continue
		}
		entry := p.key.element(nil, &e)
		e.Next()
		entry = p.value.element(entry, &e)
		dst = protowire.AppendBytes(protowire.AppendTag(dst, p.number, protowire.BytesType), entry)
	}
	return dst
}

func (p *protoOut) message(dst []byte, t data.Type, value []byte) []byte {
	e := data.Walk(t, value)
	for k := 0; e.Next(); k++ {
		if !e.IsNull() {
			dst = p.parts[k].element(dst, &e)
		}
	}
	return dst
}

// element appends the field with the present part of a nested value; what is NULL in an
// array or a map, which cannot leave it out, is an empty message or a default.
func (p *protoOut) element(dst []byte, e *data.Elements) []byte {
	if e.IsNull() {
		switch wireOf(p.kind) {
		case protowire.BytesType:
			return protowire.AppendBytes(protowire.AppendTag(dst, p.number, protowire.BytesType), nil)
		case protowire.Fixed32Type:
			return protowire.AppendFixed32(protowire.AppendTag(dst, p.number, protowire.Fixed32Type), 0)
		case protowire.Fixed64Type:
			return protowire.AppendFixed64(protowire.AppendTag(dst, p.number, protowire.Fixed64Type), 0)
		}
		return protowire.AppendVarint(protowire.AppendTag(dst, p.number, protowire.VarintType), 0)
	}
	if e.Type().Nested() {
		return p.nested(dst, e.Type(), e.Value())
	}
	p.part.Reset(e.Type())
	e.Append(&p.part)
	return p.one(dst, &p.part, 0)
}
