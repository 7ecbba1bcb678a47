package format

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"

	"tidemark/operators/data"
)

// takes reports whether the field is for values of a type. Only numbers without a sign,
// floats and enums may be given one that they cannot have.
func (p *protoOut) takes(typ data.Type) bool {
	switch p.kind {
	case protoreflect.BoolKind:
		return typ.Kind == data.Boolean
	case protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Sfixed32Kind:
		return typ.Kind == data.Int
	case protoreflect.Int64Kind, protoreflect.Sint64Kind, protoreflect.Sfixed64Kind, protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		return typ.Integer()
	case protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		return typ.Integer() || typ.Kind == data.Decimal && typ.Scale == 0
	case protoreflect.FloatKind, protoreflect.DoubleKind:
		return typ.Kind == data.Double
	case protoreflect.StringKind:
		return !typ.Nested() && typ.Kind != data.Bytes
	case protoreflect.EnumKind:
		return typ.Kind == data.String
	case protoreflect.BytesKind:
		return typ.Kind == data.Bytes || typ.Kind == data.String
	}
	return false
}

// one appends a value that is not nested, with its tag; one that the field cannot have is
// the encoder's fault.
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
	case protoreflect.Uint32Kind, protoreflect.Uint64Kind:
		return protowire.AppendVarint(dst, p.unsigned(v, i))
	case protoreflect.Fixed32Kind:
		return protowire.AppendFixed32(dst, uint32(p.unsigned(v, i)))
	case protoreflect.Fixed64Kind:
		return protowire.AppendFixed64(dst, p.unsigned(v, i))
	case protoreflect.FloatKind:
		return protowire.AppendFixed32(dst, p.float(v, i))
	case protoreflect.DoubleKind:
		return protowire.AppendFixed64(dst, math.Float64bits(v.Floats[k]))
	case protoreflect.EnumKind:
		return protowire.AppendVarint(dst, p.symbol(v, i))
	}
	if v.Type.Class() == data.ClassBytes {
		return protowire.AppendBytes(dst, v.Text(i))
	}
	p.text = data.AppendText(p.text[:0], v, i)
	return protowire.AppendBytes(dst, p.text)
}

// outOfRange notes that the field cannot have row i of v.
func (p *protoOut) outOfRange(v *data.Vector, i int) {
	p.bad(fmt.Errorf("column %s: %s is out of range for %s, which its field in the message is", p.path, data.AppendText(nil, v, i), p.kind))
}

func (p *protoOut) bad(err error) {
	if p.of.err == nil {
		p.of.err = err
	}
}

// unsigned returns row i of v, a whole number.
func (p *protoOut) unsigned(v *data.Vector, i int) uint64 {
	var w data.Int128
	if k := v.Index(i); v.Type.Class() == data.ClassWide {
		w = v.Wides[k]
	} else {
		w = data.Wide(v.Ints[k])
	}
	four := p.kind == protoreflect.Uint32Kind || p.kind == protoreflect.Fixed32Kind
	if w.Hi != 0 || four && w.Lo > math.MaxUint32 {
		p.outOfRange(v, i)
	}
	return w.Lo
}

// float returns the bits of row i of v, rounded.
func (p *protoOut) float(v *data.Vector, i int) uint32 {
	x := v.Floats[v.Index(i)]
	f := float32(x)
	if math.IsInf(float64(f), 0) && !math.IsInf(x, 0) {
		p.outOfRange(v, i)
	}
	return math.Float32bits(f)
}

// protoEnum are the values of an enum.
type protoEnum struct {
	name    string
	numbers map[string]int32
	open    bool // numbers without a name are values too
}

func newProtoEnum(d protoreflect.EnumDescriptor) *protoEnum {
	e := &protoEnum{name: string(d.FullName()), numbers: map[string]int32{}, open: !d.IsClosed()}
	for i := range d.Values().Len() {
		v := d.Values().Get(i)
		e.numbers[string(v.Name())] = int32(v.Number())
	}
	return e
}

// symbol returns the number of the enum's value that row i of v names, or is.
func (p *protoOut) symbol(v *data.Vector, i int) uint64 {
	text := v.Text(i)
	number, ok := p.enum.numbers[string(text)]
	if !ok && p.enum.open {
		x, err := strconv.ParseInt(string(text), 10, 32)
		number, ok = int32(x), err == nil
	}
	if !ok {
		p.bad(p.enum.unknown(p.path, string(text)))
	}
	return uint64(number)
}

// unknown says that a text is none of the enum's values.
func (e *protoEnum) unknown(path, text string) error {
	var names []string
	for name := range e.numbers {
		names = append(names, name)
	}
	slices.Sort(names)
	return noName(fmt.Sprintf("column %s: '%s' is no value of the enum %s", path, shorten([]byte(text)), e.name), text, names)
}
