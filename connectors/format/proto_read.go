package format

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"

	"tidemark/operators/data"
)

// protoMessage reads the needed fields of messages of one kind; a worker's own.
type protoMessage struct {
	fields   []*protoField
	byNumber map[protowire.Number]*protoField
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
	p = &protoMessage{byNumber: map[protowire.Number]*protoField{}}
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

// scan reads a message. Its fields hold what they have found.
func (p *protoMessage) scan(b []byte) error {
	for _, f := range p.fields {
		if f != nil {
			f.reset()
		}
	}
	for len(b) > 0 {
		number, typ, n := protowire.ConsumeTag(b)
		if n < 0 {
			return errProto
		}
		b = b[n:]
		size := protowire.ConsumeFieldValue(number, typ, b)
		if size < 0 {
			return errProto
		}
		if f := p.byNumber[number]; f != nil {
			if err := f.take(number, typ, b[:size]); err != nil {
				return err
			}
		}
		b = b[size:]
	}
	return nil
}

func (f *protoField) reset() {
	f.seen, f.raw, f.buf = false, nil, f.buf[:0]
	f.entries.Reset()
}

// take reads one occurrence of the field, of the given wire type.
func (f *protoField) take(number protowire.Number, typ protowire.Type, b []byte) error {
	packed := typ == protowire.BytesType && f.list && wireOf(f.kind) != protowire.BytesType
	if typ != wireOf(f.kind) && !packed {
		return &valueError{column: f.path, reason: fmt.Sprintf("the record has wire type %d, and the description of the messages says %s", typ, f.kind)}
	}
	switch typ {
	case protowire.BytesType:
		b, _ = protowire.ConsumeBytes(b)
	case protowire.StartGroupType:
		b, _ = protowire.ConsumeGroup(number, b)
	}
	switch {
	case f.key != nil:
		return f.entry(b)
	case packed:
		for len(b) > 0 {
			n := protowire.ConsumeFieldValue(1, wireOf(f.kind), b)
			if n < 0 {
				return errProto
			}
			if err := f.item(b[:n]); err != nil {
				return err
			}
			b = b[n:]
		}
		return nil
	case f.list:
		return f.item(b)
	}
	return f.set(b)
}

// set makes b the value; what was there before is replaced, or added to where it is a
// message.
func (f *protoField) set(b []byte) error {
	if f.message == nil && f.inner == nil {
		f.seen = true
		return f.read(b)
	}
	if f.seen {
		f.joined = append(append(f.joined[:0], f.raw...), b...)
		b = f.joined
	}
	f.seen, f.raw = true, b
	return nil
}

// item appends an element of the list.
func (f *protoField) item(b []byte) (err error) {
	f.seen = false
	if err = f.set(b); err == nil {
		f.buf, err = f.element(f.buf)
	}
	return err
}

// entry adds an entry of a map.
func (f *protoField) entry(b []byte) error {
	f.key.reset()
	f.value.reset()
	for len(b) > 0 {
		number, typ, n := protowire.ConsumeTag(b)
		if n < 0 {
			return errProto
		}
		b = b[n:]
		size := protowire.ConsumeFieldValue(number, typ, b)
		if size < 0 {
			return errProto
		}
		var err error
		switch number {
		case 1:
			err = f.key.take(number, typ, b[:size])
		case 2:
			err = f.value.take(number, typ, b[:size])
		}
		if err != nil {
			return err
		}
		b = b[size:]
	}
	key, err := f.key.orZero().element(f.part[:0])
	if err != nil {
		return err
	}
	at := len(key)
	if f.part, err = f.value.orZero().element(key); err != nil {
		return err
	}
	f.entries.AddEncoded(f.part[:at], f.part[at:])
	return nil
}

// orZero makes a value of an entry that is not there its default.
func (f *protoField) orZero() *protoField {
	if !f.seen {
		f.seen, f.s, f.raw = true, f.zero, nil
	}
	return f
}

func wireOf(k protoreflect.Kind) protowire.Type {
	switch k {
	case protoreflect.FloatKind, protoreflect.Fixed32Kind, protoreflect.Sfixed32Kind:
		return protowire.Fixed32Type
	case protoreflect.DoubleKind, protoreflect.Fixed64Kind, protoreflect.Sfixed64Kind:
		return protowire.Fixed64Type
	case protoreflect.StringKind, protoreflect.BytesKind, protoreflect.MessageKind:
		return protowire.BytesType
	case protoreflect.GroupKind:
		return protowire.StartGroupType
	}
	return protowire.VarintType
}

// read makes f.s the value that stands in b.
func (f *protoField) read(b []byte) error {
	s := &f.s
	switch wireOf(f.kind) {
	case protowire.Fixed32Type:
		x, _ := protowire.ConsumeFixed32(b)
		s.f, s.i = float64(math.Float32frombits(x)), int64(x)
		if f.kind == protoreflect.Sfixed32Kind {
			s.i = int64(int32(x))
		}
	case protowire.Fixed64Type:
		x, _ := protowire.ConsumeFixed64(b)
		s.f, s.i, s.w = math.Float64frombits(x), int64(x), data.Int128{Lo: x}
	case protowire.VarintType:
		x, _ := protowire.ConsumeVarint(b)
		s.b, s.i, s.w = x != 0, int64(x), data.Int128{Lo: x}
		switch f.kind {
		case protoreflect.Int32Kind:
			s.i = int64(int32(x))
		case protoreflect.Uint32Kind:
			s.i = int64(uint32(x))
		case protoreflect.Sint32Kind, protoreflect.Sint64Kind:
			s.i = protowire.DecodeZigZag(x)
		case protoreflect.EnumKind:
			if v := f.enum.Values().ByNumber(protoreflect.EnumNumber(x)); v != nil {
				s.text = append(s.text[:0:0], v.Name()...)
			} else {
				s.text = strconv.AppendInt(nil, int64(int32(x)), 10)
			}
		}
	default:
		if f.known != "" {
			return f.readTime(b)
		}
		s.text = b
	}
	return nil
}

// readTime reads a Timestamp or a Duration: seconds and nanoseconds.
func (f *protoField) readTime(b []byte) error {
	var seconds, nanos int64
	for len(b) > 0 {
		number, typ, n := protowire.ConsumeTag(b)
		if n < 0 {
			return errProto
		}
		b = b[n:]
		size := protowire.ConsumeFieldValue(number, typ, b)
		if size < 0 {
			return errProto
		}
		if x, _ := protowire.ConsumeVarint(b); typ == protowire.VarintType && number == 1 {
			seconds = int64(x)
		} else if typ == protowire.VarintType && number == 2 {
			nanos = int64(int32(x))
		}
		b = b[size:]
	}
	const most = 1e12 // seconds, far beyond any TIMESTAMP
	if seconds > most || seconds < -most {
		return &valueError{column: f.path, reason: fmt.Sprintf("%d seconds are out of range for %s", seconds, f.wire.from)}
	}
	micros := seconds*1e6 + floorDiv(nanos, 1000)
	if f.known == "Timestamp" && !data.IsTimestamp(micros) {
		return &valueError{column: f.path, reason: fmt.Sprintf("%d seconds since 1970 are out of range for TIMESTAMP", seconds)}
	}
	f.s.i, f.s.w = micros, data.NewInterval(0, micros)
	return nil
}

// element appends the value, which is there, to a nested one that is put together in dst.
func (f *protoField) element(dst []byte) ([]byte, error) {
	switch {
	case f.inner != nil:
		if err := f.inner.unwrap(f.raw); err != nil {
			return dst, err
		}
		return f.inner.orZero().element(dst)
	case f.message != nil:
		raw := f.raw
		if err := f.message.scan(raw); err != nil {
			return dst, err
		}
		dst = data.BeginElement(dst)
		for _, p := range f.message.fields {
			var err error
			if dst, err = p.whole(dst); err != nil {
				return dst, err
			}
		}
		return dst, nil
	}
	whole, err := f.wire.element(dst, &f.s)
	if err != nil {
		return dst, &valueError{column: f.path, reason: err.Error()}
	}
	return whole, nil
}

// unwrap reads the one field of a wrapper.
func (f *protoField) unwrap(b []byte) error {
	p := protoMessage{fields: []*protoField{f}, byNumber: map[protowire.Number]*protoField{1: f}}
	return p.scan(b)
}

// whole appends the field, whatever was found of it. f may be nil.
func (f *protoField) whole(dst []byte) ([]byte, error) {
	switch {
	case f == nil:
		return data.AppendNullElement(dst), nil
	case f.key != nil:
		return f.entries.AppendTo(data.BeginElement(dst)), nil
	case f.list:
		return data.EndArray(append(data.BeginElement(dst), f.buf...)), nil
	case !f.seen && f.presence:
		return data.AppendNullElement(dst), nil
	}
	return f.orZero().element(dst)
}

// put makes the field row n of a column.
func (f *protoField) put(c *column, n int) error {
	for f.inner != nil && !f.list {
		if !f.seen {
			c.setNull(n)
			return nil
		}
		if err := f.inner.unwrap(f.raw); err != nil {
			return err
		}
		f = f.inner.orZero()
	}
	if f.list || f.key != nil || f.message != nil {
		var err error
		if f.part, err = f.whole(f.part[:0]); err == nil {
			c.setNested(n, f.part, f.typ)
		}
		return err
	}
	if !f.seen && f.presence {
		c.setNull(n)
		return nil
	}
	if err := f.wire.put(c, n, &f.orZero().s); err != nil {
		return &valueError{column: f.path, reason: err.Error()}
	}
	return nil
}
