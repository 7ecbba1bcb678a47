package format

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"
	"pgregory.net/rapid"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// drawProto draws a value of a field, or of an element of it.
func drawProto(t *rapid.T, d protoreflect.FieldDescriptor) protoreflect.Value {
	name := string(d.Name())
	switch d.Kind() {
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(rapid.Bool().Draw(t, name))
	case protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Sfixed32Kind:
		return protoreflect.ValueOfInt32(rapid.Int32().Draw(t, name))
	case protoreflect.Int64Kind, protoreflect.Sint64Kind, protoreflect.Sfixed64Kind:
		return protoreflect.ValueOfInt64(rapid.Int64().Draw(t, name))
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		return protoreflect.ValueOfUint32(rapid.Uint32().Draw(t, name))
	case protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		return protoreflect.ValueOfUint64(rapid.Uint64().Draw(t, name))
	case protoreflect.FloatKind:
		return protoreflect.ValueOfFloat32(rapid.Float32().Draw(t, name))
	case protoreflect.DoubleKind:
		return protoreflect.ValueOfFloat64(rapid.Float64().Draw(t, name))
	case protoreflect.StringKind:
		return protoreflect.ValueOfString(rapid.StringMatching("[a-zé]{0,5}").Draw(t, name))
	case protoreflect.BytesKind:
		return protoreflect.ValueOfBytes(rapid.SliceOfN(rapid.Byte(), 0, 5).Draw(t, name))
	case protoreflect.EnumKind:
		return protoreflect.ValueOfEnum(rapid.SampledFrom([]protoreflect.EnumNumber{0, 7, -1, 9, -1 << 31}).Draw(t, name))
	}
	m := dynamicpb.NewMessage(d.Message())
	one := d.Message().Fields().Get(0)
	m.Set(one, drawProto(t, one))
	return protoreflect.ValueOfMessage(m)
}

// drawMessage draws a message with some of its fields.
func drawMessage(t *rapid.T, d protoreflect.MessageDescriptor) *dynamicpb.Message {
	m := dynamicpb.NewMessage(d)
	for i := range d.Fields().Len() {
		f := d.Fields().Get(i)
		n := rapid.IntRange(0, 3).Draw(t, "values")
		switch {
		case f.IsMap():
			for range n {
				m.Mutable(f).Map().Set(drawProto(t, f.MapKey()).MapKey(), drawProto(t, f.MapValue()))
			}
		case f.IsList():
			for range n {
				m.Mutable(f).List().Append(drawProto(t, f))
			}
		case n > 0:
			m.Set(f, drawProto(t, f))
		}
	}
	return m
}

// kinds returns what reads and writes the messages with all kinds of fields.
func kinds(t *testing.T) (protoreflect.MessageDescriptor, connectors.SourceConfig) {
	t.Helper()
	options := []string{"format", "protobuf", "proto_file", "kinds.proto", "message", "kinds.All"}
	cfg := config(nil, options...)
	cfg.BaseDir = "testdata"
	m, err := protoOptions(cfg.Options, cfg.BaseDir)
	if err != nil {
		t.Fatal(err)
	}
	for i := range m.Fields().Len() {
		typ, what := protoType(m.Fields().Get(i))
		if what != "" {
			t.Fatal(what)
		}
		cfg.Schema = append(cfg.Schema, data.Column{Name: string(m.Fields().Get(i).Name()), Type: typ})
	}
	cfg.Needed = all(cfg.Schema)
	return m, cfg
}

// TestProtobufKinds reads messages that the library has written, with fields of all kinds,
// and has the library read what is written of them.
func TestProtobufKinds(t *testing.T) {
	m, cfg := kinds(t)
	r, err := NewReading(cfg)
	if err != nil {
		t.Fatal(err)
	}
	enc, err := NewMessageEncoder(t.Context(), connectors.SinkConfig{Schema: cfg.Schema, Options: cfg.Options, BaseDir: cfg.BaseDir})
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(rt *rapid.T) {
		want := drawMessage(rt, m)
		wire, err := proto.Marshal(want)
		if err != nil {
			rt.Fatal(err)
		}
		dec, err := r.NewDecoder()
		if err != nil {
			rt.Fatal(err)
		}
		b := data.NewPool(cfg.Columns()).Get()
		c := messages(wire)
		if dec.Decode(c, b, &connectors.Place{}, 1); len(c.Bad) > 0 {
			rt.Fatal(c.Bad)
		}
		back, whole, err := enc.Encode(b.Cols, 0, data.Insert)
		if err != nil || !whole {
			rt.Fatal(err)
		}
		got := dynamicpb.NewMessage(m)
		if err := proto.Unmarshal(back, got); err != nil {
			rt.Fatal(err)
		}
		if !proto.Equal(want, got) {
			rt.Fatalf("got  %s\nwant %s", protojson.Format(got), protojson.Format(want))
		}
	})
}

// TestProtobufOutOfRange writes values that are none of their fields'.
func TestProtobufOutOfRange(t *testing.T) {
	d20, bigint, double, text := data.DecimalType(20, 0), data.Of(data.BigInt), data.Of(data.Double), data.Of(data.String)
	for _, c := range []struct {
		column string
		typ    data.Type
		value  string
		want   string // as JSON, or the error
	}{
		{"u32", bigint, "4294967295", "4294967295"},
		{"u32", bigint, "4294967296", "column u32: 4294967296 is out of range for uint32"},
		{"u32", data.Of(data.Int), "-1", "column u32: -1 is out of range for uint32"},
		{"f32", bigint, "-9223372036854775808", "column f32: -9223372036854775808 is out of range for fixed32"},
		{"u64", bigint, "-1", "column u64: -1 is out of range for uint64"},
		{"u64", d20, "18446744073709551615", `"18446744073709551615"`},
		{"u64", d20, "18446744073709551616", "column u64: 18446744073709551616 is out of range for uint64"},
		{"f64", d20, "-99999999999999999999", "column f64: -99999999999999999999 is out of range for fixed64"},
		{"f64", data.DecimalType(18, 0), "123456789012345678", `"123456789012345678"`},
		{"f", double, "1e300", "column f: 1e+300 is out of range for float"},
		{"f", double, "-3.4028235e38", "-3.4028235e+38"},
		{"f", double, "Infinity", `"Infinity"`},
		{"f", double, "0.1", "0.1"},
		{"f", double, "1e-300", "0"},
		{"color", text, "BLUE", `"BLUE"`},
		{"color", text, "-1", `"NEGATIVE"`},
		{"color", text, "9", "9"},
		{"color", text, "BLU", "column color: 'BLU' is no value of the enum kinds.All.Color (did you mean BLUE?); it has BLUE, NEGATIVE, RED, ROUGE"},
		{"color", text, "2147483648", "column color: '2147483648' is no value"},
		{"some_u32", bigint, "-5", "column some_u32: -5 is out of range for uint32"},
		{"some_f", double, "-1e39", "column some_f: -1e+39 is out of range for float"},
	} {
		m, cfg := kinds(t)
		s := data.Schema{{Name: c.column, Type: c.typ}}
		enc, err := NewMessageEncoder(t.Context(), connectors.SinkConfig{Schema: s, Options: cfg.Options, BaseDir: cfg.BaseDir})
		if err != nil {
			t.Fatal(err)
		}
		encode := func(value string) (string, error) {
			b := data.NewPool(s).Get()
			if err := data.NewTextParser(c.typ, nil).Append(b.Cols[0], []byte(value)); err != nil {
				t.Fatal(err)
			}
			wire, _, err := enc.Encode(b.Cols, 0, data.Insert)
			if err != nil {
				return "", err
			}
			x := dynamicpb.NewMessage(m)
			if err := proto.Unmarshal(wire, x); err != nil {
				t.Fatal(err)
			}
			json, err := protojson.MarshalOptions{EmitUnpopulated: true, UseProtoNames: true}.Marshal(x)
			return strings.ReplaceAll(string(json), " ", ""), err
		}
		got, err := encode(c.value)
		if err != nil {
			if !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("%s: %v, want %s", c.column, err, c.want)
			}
		} else if !strings.Contains(got, `"`+c.column+`":`+c.want+",") {
			t.Errorf("%s: %s, want %s", c.column, got, c.want)
		}
		good := "0"
		if c.column == "color" {
			good = "RED"
		}
		if _, err := encode(good); err != nil {
			t.Errorf("%s: the row after a bad one: %v", c.column, err)
		}
	}
}

// TestProtobufClosedEnum writes an enum of a kind whose numbers all have names.
func TestProtobufClosedEnum(t *testing.T) {
	s := schema(t, "closed STRING")
	e, err := NewFileEncoder(connectors.SinkConfig{Schema: s, BaseDir: "testdata",
		Options: connectors.NewOptions(map[string]string{"format": "protobuf", "proto_file": "closed.proto", "message": "Old"})})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ value, want string }{{"TWO", "\x02\x08\x02"}, {"2", ""}} {
		b := oneBatch(s, "1|"+c.value)
		got := e.AppendBatch(nil, b)
		if err := e.Err(); (err == nil) != (c.want != "") || err == nil && string(got) != c.want {
			t.Errorf("%s: %q, %v", c.value, got, err)
		}
	}
}
