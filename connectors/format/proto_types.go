package format

import (
	"google.golang.org/protobuf/reflect/protoreflect"

	"tidemark/operators/data"
)

// protoTypes finds the types of fields.
type protoTypes struct {
	open map[protoreflect.FullName]bool // messages that are being looked into
	left int                            // how many more fields are looked at
}

// maxProtoFields is how many fields the type of a column may have, at all levels.
const maxProtoFields = 10_000

// protoType is the type of a field; where there is none, what says what it is.
func protoType(d protoreflect.FieldDescriptor) (typ data.Type, what string) {
	return newProtoTypes().of(d)
}

func newProtoTypes() *protoTypes {
	return &protoTypes{open: map[protoreflect.FullName]bool{}, left: maxProtoFields}
}

func (p *protoTypes) of(d protoreflect.FieldDescriptor) (typ data.Type, what string) {
	switch {
	case d.IsMap():
		key, _ := p.value(d.MapKey())
		if typ, what = p.value(d.MapValue()); what == "" {
			typ = data.MapOf(key, typ)
		}
		return typ, what
	case d.IsList():
		if typ, what = p.value(d); what == "" {
			typ = data.ArrayOf(typ)
		}
		return typ, what
	}
	return p.value(d)
}

// value is the type of one value of a field.
func (p *protoTypes) value(d protoreflect.FieldDescriptor) (typ data.Type, what string) {
	switch d.Kind() {
	case protoreflect.BoolKind:
		return data.Of(data.Boolean), ""
	case protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Sfixed32Kind:
		return data.Of(data.Int), ""
	case protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		return data.DecimalType(20, 0), ""
	case protoreflect.FloatKind, protoreflect.DoubleKind:
		return data.Of(data.Double), ""
	case protoreflect.StringKind, protoreflect.EnumKind:
		return data.Of(data.String), ""
	case protoreflect.BytesKind:
		return data.Of(data.Bytes), ""
	case protoreflect.MessageKind, protoreflect.GroupKind:
		return p.message(d.Message())
	}
	return data.Of(data.BigInt), ""
}

func (p *protoTypes) message(m protoreflect.MessageDescriptor) (typ data.Type, what string) {
	switch wellKnown(m) {
	case "Timestamp":
		return data.Of(data.Timestamp), ""
	case "Duration":
		return data.Of(data.Interval), ""
	case "wrapper":
		return p.value(m.Fields().ByNumber(1))
	}
	if p.open[m.FullName()] {
		return typ, "a message that contains itself"
	}
	p.open[m.FullName()] = true
	defer delete(p.open, m.FullName())
	var fields []data.Field
	for i := range m.Fields().Len() {
		f := m.Fields().Get(i)
		if p.left--; p.left < 0 {
			return typ, "a message with too many fields"
		}
		t, what := p.of(f)
		if what != "" {
			return typ, what
		}
		fields = append(fields, data.Field{Name: string(f.Name()), Type: t})
	}
	if len(fields) == 0 {
		return typ, "a message without fields"
	}
	return data.RowOf(fields...), ""
}
