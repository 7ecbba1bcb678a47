package format

import (
	"fmt"

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
	err    error // the first value that its field cannot have
}

// protoOut writes one field.
type protoOut struct {
	of         *protoEncoder
	path       string
	number     protowire.Number
	kind       protoreflect.Kind
	enum       *protoEnum
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
	if e.fields, err = e.outs(m, fields, ""); err != nil {
		return nil, &connectors.OptionError{Option: "format", Message: err.Error()}
	}
	return e, nil
}

func (e *protoEncoder) outs(m protoreflect.MessageDescriptor, fields []data.Field, path string) ([]*protoOut, error) {
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
		out, err := e.out(m.Fields().Get(i), f.Type, path+f.Name)
		if err != nil {
			return nil, err
		}
		outs = append(outs, out)
	}
	return outs, nil
}

func (e *protoEncoder) out(d protoreflect.FieldDescriptor, typ data.Type, path string) (out *protoOut, err error) {
	out = &protoOut{of: e, path: path, number: d.Number(), kind: d.Kind()}
	switch {
	case d.IsMap():
		if typ.Kind != data.Map {
			return nil, wrongOut(d, typ, path)
		}
		if out.key, err = e.out(d.MapKey(), typ.Key(), path+"[key]"); err == nil {
			out.value, err = e.out(d.MapValue(), typ.Elem(), path+"[]")
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
			out.inner, err = e.out(m.Fields().ByNumber(1), typ, path)
		case known == "Timestamp" && typ.Kind == data.Timestamp:
			out.timestamp = true
		case known == "" && typ.Kind == data.Row:
			out.parts, err = e.outs(m, typ.Fields(), path+".")
		default:
			err = wrongOut(d, typ, path)
		}
		return out, err
	}
	if !out.takes(typ) {
		return nil, wrongOut(d, typ, path)
	}
	if d.Enum() != nil {
		out.enum = newProtoEnum(d.Enum())
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

// fault implements faulty.
func (e *protoEncoder) fault() error {
	err := e.err
	e.err = nil
	return err
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
