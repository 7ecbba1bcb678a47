package format

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"pgregory.net/rapid"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// event is the message that the tests are about.
func event(t testing.TB) protoreflect.MessageDescriptor {
	t.Helper()
	m, err := protoOptions(connectors.NewOptions(map[string]string{"proto_file": "events.proto", "message": "shop.Event"}), "testdata")
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// protoMessages are messages given as JSON, one a line.
func protoMessages(t testing.TB, lines string) *connectors.Chunk {
	t.Helper()
	c := &connectors.Chunk{Messages: &connectors.Messages{}}
	m := event(t)
	for _, line := range strings.Split(lines, "\n") {
		x := dynamicpb.NewMessage(m)
		if err := protojson.Unmarshal([]byte(line), x); err != nil {
			t.Fatal(err)
		}
		b, err := proto.Marshal(x)
		if err != nil {
			t.Fatal(err)
		}
		c.Data = append(c.Data, b...)
		c.Messages.Ends = append(c.Messages.Ends, uint32(len(c.Data)))
	}
	return c
}

func protoConfig(t testing.TB, columns string) connectors.SourceConfig {
	cfg := config(schema(t, columns), "format", "protobuf", "proto_file", "events.proto", "message", "Event", "on_error", "skip")
	cfg.BaseDir = "testdata"
	return cfg
}

func TestProtobuf(t *testing.T) {
	const full = `{"s":"é","i":-5,"l":"0","u":"18446744073709551615","z":-7,"x":4000000000,"y":"-9","f":0.5,"d":1e300,"b":true,"raw":"AP8=","color":"BLUE","at":"2026-01-05T10:00:00.123456Z","took":"-1.5s","maybe":"4",
		"nums":["-1","300"],"tags":["a",""],"rates":{"k":1.5,"":0},"pos":{"x":3},"path":[{"x":1,"y":2},{}],"places":{"7":{"y":0.5}},"tree":{"v":1,"left":{"v":2}},"word":"w","colors":["BLUE","RED"],"words":["x",""]}`
	lines := strings.ReplaceAll(full, "\n", "") + "\n{}\n" + `{"number":"5","color":9,"maybe":"0"}`
	tests := []struct{ schema, want string }{
		{"s STRING, i INT, l BIGINT, u DECIMAL(30;3), z INT", "1|é|-5|0|18446744073709551615.000|-7\n2||0|NULL|0.000|0\n3||0|NULL|0.000|0"},
		{"x BIGINT, y BIGINT, f DOUBLE, d DOUBLE, b BOOLEAN, raw BYTES", "1|4000000000|-9|0.5|1e+300|true|AP8=\n2|0|0|0|0|false|\n3|0|0|0|0|false|"},
		{"color STRING, at TIMESTAMP, took INTERVAL, maybe BIGINT, word STRING, number BIGINT, nothing INT", "1|BLUE|2026-01-05T10:00:00.123456Z|PT-1.5S|4|w|NULL|NULL\n2|RED|NULL|NULL|NULL|NULL|NULL|NULL\n3|9|NULL|NULL|0|NULL|5|NULL"},
		{"nums JSON, tags ARRAY<STRING>, rates MAP<STRING;STRING>, pos JSON, path JSON", `1|[-1,300]|["a",""]|{"":"0","k":"1.5"}|{"x":3,"y":null}|[{"x":1,"y":2},{"x":0,"y":null}]` + "\n" + `2|[]|[]|{}|NULL|[]` + "\n" + `3|[]|[]|{}|NULL|[]`},
		{"places JSON, colors ARRAY<STRING>, words ARRAY<STRING>", `1|{"7":{"x":0,"y":0.5}}|["BLUE","RED"]|["x",""]` + "\n2|{}|[]|[]\n3|{}|[]|[]"},
		{"d STRING, i STRING, at STRING", "1|1e+300|-5|2026-01-05T10:00:00.123456Z\n2|0|0|NULL\n3|0|0|NULL"},
	}
	for _, c := range tests {
		rows, bad := decodeMessages(t, protoConfig(t, c.schema), protoMessages(t, lines))
		if d := cmp.Diff(c.want, strings.ReplaceAll(strings.Join(rows, "\n"), "\u00a0", " ")); d != "" || bad != nil {
			t.Errorf("%s: %q (-want +got)\n%s", c.schema, bad, d)
		}
	}
}

// TestProtobufWire decodes what a writer of the same description may write otherwise:
// numbers one by one or packed, a message in pieces, unknown fields.
func TestProtobufWire(t *testing.T) {
	var b []byte
	b = protowire.AppendTag(b, 99, protowire.BytesType)
	b = protowire.AppendString(b, "unknown")
	for _, x := range []int64{1, -2} {
		b = protowire.AppendTag(b, 16, protowire.VarintType)
		b = protowire.AppendVarint(b, protowire.EncodeZigZag(x))
	}
	b = protowire.AppendTag(b, 16, protowire.BytesType)
	b = protowire.AppendBytes(b, protowire.AppendVarint(nil, protowire.EncodeZigZag(3)))
	for _, part := range [][]byte{protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), 4), protowire.AppendFixed64(protowire.AppendTag(nil, 2, protowire.Fixed64Type), 0)} {
		b = protowire.AppendTag(b, 19, protowire.BytesType)
		b = protowire.AppendBytes(b, part)
	}
	broken := append([]byte{}, b[:len(b)-1]...)
	wrong := protowire.AppendString(protowire.AppendTag(nil, 2, protowire.BytesType), "x")
	utf8 := protowire.AppendString(protowire.AppendTag(nil, 1, protowire.BytesType), "\xff")
	c := &connectors.Chunk{Messages: &connectors.Messages{}}
	for _, m := range [][]byte{b, broken, wrong, utf8} {
		c.Data = append(c.Data, m...)
		c.Messages.Ends = append(c.Messages.Ends, uint32(len(c.Data)))
	}
	rows, bad := decodeMessages(t, protoConfig(t, "nums JSON, pos JSON, i INT, s STRING"), c)
	if d := cmp.Diff([]string{`1|[1,-2,3]|{"x":4,"y":0}|0|`}, rows); d != "" {
		t.Error(d)
	}
	want := []string{"the record is no valid Protobuf message", "column i: the record has wire type 2, and the description of the messages says int32", "column s: the text is not valid UTF-8"}
	if d := cmp.Diff(want, bad); d != "" {
		t.Error(d)
	}
}

// TestProtobufFile reads messages from a file, each behind its length.
func TestProtobufFile(t *testing.T) {
	c := protoMessages(t, `{"i":1}`+"\n"+`{"i":2,"s":"`+strings.Repeat("x", 100)+`"}`+"\n"+`{"i":3}`+"\n{}")
	var file []byte
	for i := range c.Messages.Ends {
		file = protowire.AppendBytes(file, c.Messages.Message(c.Data, i))
	}
	cfg := protoConfig(t, "i INT")
	cfg.Options = cfg.Options.With("max_record_bytes", "50")
	rows, bad := readBack(t, cfg, file)
	if d := cmp.Diff([]string{"1|1", "3|3", "4|0"}, rows); d != "" || len(bad) != 1 || !strings.HasPrefix(bad[0], "the record is longer than max_record_bytes = 50") {
		t.Error(d, bad)
	}
}

func TestProtobufOptions(t *testing.T) {
	dir := t.TempDir()
	set := &descriptorpb.FileDescriptorSet{}
	for _, f := range []protoreflect.FileDescriptor{timestamppb.File_google_protobuf_timestamp_proto, durationpb.File_google_protobuf_duration_proto, wrapperspb.File_google_protobuf_wrappers_proto, event(t).ParentFile()} {
		set.File = append(set.File, protodesc.ToFileDescriptorProto(f))
	}
	write := func(name string, b []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	whole, err := proto.Marshal(set)
	if err != nil {
		t.Fatal(err)
	}
	set.File = set.File[1:]
	part, err := proto.Marshal(set)
	if err != nil {
		t.Fatal(err)
	}
	write("whole.pb", whole)
	write("part.pb", part)
	write("broken.proto", []byte("message {"))
	write("one.proto", []byte(`syntax = "proto3"; message One { int32 i = 1; }`))
	write("outside.proto", []byte(`syntax = "proto3"; import "../secret.proto"; message One { int32 i = 1; }`))
	tests := []struct{ options, want string }{
		{"descriptor_file=whole.pb message=shop.Event", ""},
		{"descriptor_file=whole.pb message=Node", ""},
		{"proto_file=one.proto", ""},
		{"descriptor_file=whole.pb", "there are several messages (name one with message: shop.Event, shop.Event.Pos, shop.Node)"},
		{"descriptor_file=whole.pb message=shop.Evnt", "there is no message 'shop.Evnt' (did you mean shop.Event?)"},
		{"descriptor_file=part.pb message=shop.Event", "is not complete"},
		{"descriptor_file=missing.pb", "cannot be read: no such file"},
		{"descriptor_file=one.proto", "is no set of file descriptors"},
		{"proto_file=broken.proto", "broken.proto"},
		{"proto_file=outside.proto", "secret.proto"},
		{"proto_file=one.proto descriptor_file=whole.pb", "described twice"},
		{"", "needs a description"},
	}
	for _, c := range tests {
		m := map[string]string{}
		for _, o := range strings.Fields(c.options) {
			name, value, _ := strings.Cut(o, "=")
			m[name] = value
		}
		_, err := protoOptions(connectors.NewOptions(m), dir)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v", c.options, err)
		}
	}
	for _, columns := range []string{"b TIMESTAMP", "tags STRING, tree ITEMS", "tree STRING", "i INT, I INT", "at BIGINT", "tags MAP<STRING;STRING>", "rates ARRAY<STRING>"} {
		if _, err := NewReading(protoConfig(t, columns)); err == nil || !strings.Contains(err.Error(), "column ") {
			t.Errorf("%s: %v", columns, err)
		}
	}
}

func FuzzProtobuf(f *testing.F) {
	c := protoMessages(f, `{"s":"x","nums":["1"],"tags":["a"],"rates":{"k":1.5},"pos":{"x":3},"places":{"7":{"y":0.5}},"words":["x"],"at":"2026-01-05T10:00:00Z"}`)
	f.Add(c.Data, false)
	f.Add(append([]byte{byte(len(c.Data))}, c.Data...), true)
	m := event(f)
	f.Fuzz(func(t *testing.T, b []byte, whole bool) {
		cfg := protoConfig(t, "s STRING, i INT, nums JSON, tags ARRAY<STRING>, rates MAP<STRING;STRING>, path JSON, places JSON, words ARRAY<STRING>, at TIMESTAMP, color STRING")
		if whole {
			r, err := NewReading(cfg)
			if err != nil {
				t.Fatal(err)
			}
			frames := r.Frames(&input{r: strings.NewReader(string(b))}, "x")
			var c connectors.Chunk
			for frames.Next(t.Context(), &c) == nil {
			}
			return
		}
		c := &connectors.Chunk{Data: b, Messages: &connectors.Messages{Ends: []uint32{uint32(len(b))}}}
		rows, bad := decodeMessages(t, cfg, c)
		if len(rows)+len(bad) != 1 {
			t.Fatal(rows, bad)
		}
		if proto.Unmarshal(b, dynamicpb.NewMessage(m)) != nil && len(rows) == 1 && len(b) > 0 {
			// The library also refuses what stands in fields that are not read.
			return
		}
	})
}

// TestProtobufSink writes rows and reads them back, by the library and by itself.
func TestProtobufSink(t *testing.T) {
	s := schema(t, "s STRING, i INT, z INT, y BIGINT, d DOUBLE, b BOOLEAN, raw BYTES, at TIMESTAMP, tags ARRAY<STRING>")
	s = append(s, data.Column{Name: "l", Type: data.Of(data.BigInt)}, data.Column{Name: "maybe", Type: data.Of(data.BigInt)},
		data.Column{Name: "rates", Type: data.MapOf(data.Of(data.String), data.Of(data.Double))},
		data.Column{Name: "path", Type: data.ArrayOf(data.RowOf(data.Field{Name: "y", Type: data.Of(data.Double)}, data.Field{Name: "x", Type: data.Of(data.Int)}))},
		data.Column{Name: "places", Type: data.MapOf(data.Of(data.Int), data.RowOf(data.Field{Name: "x", Type: data.Of(data.Int)}))})
	options := connectors.NewOptions(map[string]string{"format": "protobuf", "proto_file": "events.proto", "message": "Event"})
	m := event(t)
	rapid.Check(t, func(rt *rapid.T) {
		b := data.NewPool(s).Get()
		for _, v := range b.Cols {
			drawValue(rt, v, false)
		}
		b.N = 1
		e, err := NewFileEncoder(connectors.SinkConfig{Schema: s, Options: options, BaseDir: "testdata"})
		if err != nil {
			rt.Fatal(err)
		}
		file := e.AppendBatch(e.AppendHeader(nil), b)
		one, err := NewMessageEncoder(t.Context(), connectors.SinkConfig{Schema: s, Options: options, BaseDir: "testdata"})
		if err != nil {
			rt.Fatal(err)
		}
		message, whole, err := one.Encode(b.Cols, 0, data.Insert)
		if err != nil || !whole || string(protowire.AppendBytes(nil, message)) != string(file) {
			rt.Fatalf("a message %x, a file %x", message, file)
		}
		if err := proto.Unmarshal(message, dynamicpb.NewMessage(m)); err != nil {
			rt.Fatal(err)
		}
		cfg := config(s, "format", "protobuf", "proto_file", "events.proto", "message", "Event")
		cfg.BaseDir = "testdata"
		rows, bad := readBack(rt, cfg, file)
		if d := cmp.Diff(shown(b), rows); d != "" || bad != nil {
			rt.Fatalf("%q\n%s", bad, d)
		}
	})
	for _, columns := range []string{"color INT", "u DECIMAL(12;2)", "i BIGINT", "f INT", "nothing INT", "tags STRING", "took INTERVAL"} {
		if _, err := NewFileEncoder(connectors.SinkConfig{Schema: schema(t, columns), Options: options, BaseDir: "testdata"}); err == nil {
			t.Errorf("%s is taken", columns)
		}
	}
}
