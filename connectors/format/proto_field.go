package format

import (
	"errors"
	"fmt"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"

	"tidemark/operators/data"
)

// protoMessage reads the needed fields of messages of one kind; a worker's own.
type protoMessage struct {
	fields   []*protoField
	byNumber map[protowire.Number]*protoField
	known    protoreflect.FieldDescriptors // nil where nothing else is to be known
	unknown  int64                         // fields that were read and are none of them
}

// protoField reads one field. While a message is read it holds what was found of it.
type protoField struct {
	name, path string
	typ        data.Type // as it is declared
	kind       protoreflect.Kind
	list       bool
	presence   bool // a field that is not there is NULL, and not its default
	enum       protoreflect.EnumDescriptor
	known      string        // the name of a well-known message that is one value
	wire       *wireType     // of one value
	message    *protoMessage // of a message that is a ROW
	key, value *protoField   // of a map
	inner      *protoField   // of a wrapper: what it has
	zero       scalar

	seen    bool
	s       scalar
	raw     []byte // a message; what comes in several pieces is put together in joined
	joined  []byte
	buf     []byte // the elements of a list
	entries data.MapBuilder
	part    []byte
}

var errProto = errors.New("the record is no valid Protobuf message")

// newProtoMessage prepares to read the named fields; missing are those that there are none
// of.
func newProtoMessage(m protoreflect.MessageDescriptor, fields []data.Field, path string, set *settings) (p *protoMessage, missing []int, err error) {
	p = &protoMessage{byNumber: map[protowire.Number]*protoField{}, known: m.Fields()}
	names := make([]string, m.Fields().Len())
	for i := range names {
		names[i] = string(m.Fields().Get(i).Name())
	}
	for k, f := range fields {
		i := findName(names, f.Name)
		var field *protoField
		if i < 0 {
			missing = append(missing, k)
		} else if field, err = newProtoField(m.Fields().Get(i), f.Type, path+f.Name, set); err != nil {
			return nil, nil, err
		} else if p.byNumber[m.Fields().Get(i).Number()] != nil {
			return nil, nil, fmt.Errorf("column %s is declared twice", field.path)
		} else {
			p.byNumber[m.Fields().Get(i).Number()] = field
		}
		p.fields = append(p.fields, field)
	}
	return p, missing, nil
}

func newProtoField(d protoreflect.FieldDescriptor, typ data.Type, path string, set *settings) (*protoField, error) {
	f := &protoField{name: string(d.Name()), path: path, typ: typ, kind: d.Kind(), presence: d.HasPresence()}
	natural, what := protoType(d)
	if what == "" {
		what = natural.String()
	}
	if natural.Nested() && document(typ) {
		f.typ = natural
	}
	wrong := func() (*protoField, error) { return nil, wrongProto(path, typ, what) }
	var err error
	switch {
	case d.IsMap():
		if f.typ.Kind != data.Map {
			return wrong()
		}
		if f.key, err = newProtoField(d.MapKey(), f.typ.Key(), path+"[key]", set); err == nil {
			f.value, err = newProtoField(d.MapValue(), f.typ.Elem(), path+"[]", set)
		}
		return f, err
	case d.IsList():
		if f.typ.Kind != data.Array {
			return wrong()
		}
		f.list = true
		if err := f.one(d, f.typ.Elem(), path+"[]", set); err != nil {
			return nil, err
		}
		return f, nil
	}
	return f, f.one(d, f.typ, path, set)
}

// one prepares to read one value of a field as a declared type.
func (f *protoField) one(d protoreflect.FieldDescriptor, typ data.Type, path string, set *settings) error {
	natural, what := newProtoTypes().value(d)
	if what == "" {
		what = natural.String()
	}
	f.enum = d.Enum()
	if m := d.Message(); m != nil {
		f.known = wellKnown(m)
		switch {
		case f.known == "wrapper":
			inner, err := newProtoField(m.Fields().ByNumber(1), typ, path, set)
			f.inner = inner
			return err
		case f.known == "" && typ.Kind != data.Row:
			return wrongProto(path, typ, what)
		case f.known == "":
			var err error
			f.message, _, err = newProtoMessage(m, typ.Fields(), path+".", set)
			return err
		}
	}
	var ok bool
	if f.wire, ok = newWireType(natural, typ, set); !ok {
		return wrongProto(path, typ, what)
	}
	if d.HasDefault() || d.Kind() == protoreflect.EnumKind {
		f.zero = defaultScalar(d)
	}
	return nil
}

func wrongProto(path string, typ data.Type, what string) error {
	return fmt.Errorf("column %s is declared %s, and in the description of the messages it is %s", path, typ, what)
}

// defaultScalar is the value of a field that is not there.
func defaultScalar(d protoreflect.FieldDescriptor) scalar {
	v := d.Default()
	switch d.Kind() {
	case protoreflect.EnumKind:
		e := d.DefaultEnumValue()
		if e == nil {
			e = d.Enum().Values().Get(0)
		}
		return scalar{text: []byte(e.Name())}
	case protoreflect.BoolKind:
		return scalar{b: v.Bool()}
	case protoreflect.StringKind:
		return scalar{text: []byte(v.String())}
	case protoreflect.BytesKind:
		return scalar{text: v.Bytes()}
	case protoreflect.FloatKind, protoreflect.DoubleKind:
		return scalar{f: v.Float()}
	case protoreflect.Uint32Kind, protoreflect.Uint64Kind, protoreflect.Fixed32Kind, protoreflect.Fixed64Kind:
		return scalar{i: int64(v.Uint()), w: data.Int128{Lo: v.Uint()}}
	case protoreflect.MessageKind, protoreflect.GroupKind:
	default:
		return scalar{i: v.Int()}
	}
	return scalar{}
}

// wellKnown tells the messages that stand for one value.
func wellKnown(m protoreflect.MessageDescriptor) string {
	name, google := strings.CutPrefix(string(m.FullName()), "google.protobuf.")
	switch {
	case !google:
	case name == "Timestamp", name == "Duration":
		return name
	case strings.HasSuffix(name, "Value") && name != "Value" && name != "ListValue" && name != "NullValue" && name != "EnumValue":
		return "wrapper"
	}
	return ""
}
