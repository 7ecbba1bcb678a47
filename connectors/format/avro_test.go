package format

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/avro"
	"github.com/twmb/avro/ocf"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// readAvro decodes a file, some rows at a time.
func readAvro(t testing.TB, cfg connectors.SourceConfig, file []byte, most int) (rows, bad []string, err error) {
	t.Helper()
	r, err := NewReading(cfg)
	if err != nil {
		return nil, nil, err
	}
	dec, err := r.NewDecoder()
	if err != nil {
		t.Fatal(err)
	}
	pieces := r.Frames(&input{r: bytes.NewReader(file), step: 1000}, "in.avro")
	pool := data.NewPool(cfg.Columns())
	var c connectors.Chunk
	var place connectors.Place
	for {
		if err := pieces.Next(context.Background(), &c); err == io.EOF {
			return rows, bad, nil
		} else if err != nil {
			return rows, bad, err
		}
		for done := false; !done; {
			b := pool.Get()
			done = dec.Decode(&c, b, &place, most)
			rows = append(rows, show(b, &place, c.First)...)
			b.Release()
		}
		for _, x := range c.Bad {
			bad = append(bad, fmt.Sprintf("%d [%s] %s", c.First+x.Line+1, x.Column, x.Reason))
		}
		if c.Fatal != nil {
			return rows, bad, c.Fatal
		}
	}
}

// written are values with every type that another writer may use.
const writtenSchema = `{"type":"record","name":"ev","namespace":"a.b","fields":[
	{"name":"skipped","type":{"type":"map","values":{"type":"array","items":"string"}}},
	{"name":"s","type":"string"},
	{"name":"i","type":"int"},
	{"name":"l","type":["null","long"]},
	{"name":"f","type":"float"},
	{"name":"d","type":"double"},
	{"name":"b","type":"boolean"},
	{"name":"raw","type":"bytes"},
	{"name":"day","type":{"type":"int","logicalType":"date"}},
	{"name":"clock","type":{"type":"int","logicalType":"time-millis"}},
	{"name":"ms","type":{"type":"long","logicalType":"timestamp-millis"}},
	{"name":"us","type":{"type":"long","logicalType":"timestamp-micros"}},
	{"name":"dec","type":{"type":"bytes","logicalType":"decimal","precision":30,"scale":2}},
	{"name":"color","type":{"type":"enum","name":"color","symbols":["RED","BLUE"]}},
	{"name":"again","type":["null","color"]},
	{"name":"tags","type":{"type":"array","items":["null","string"]}},
	{"name":"counts","type":{"type":"map","values":"long"}},
	{"name":"pos","type":{"type":"record","name":"p","fields":[{"name":"x","type":"int"},{"name":"y","type":["null","double"]}]}},
	{"name":"either","type":["null","int","string"]},
	{"name":"tree","type":["null",{"type":"record","name":"node","fields":[{"name":"v","type":"int"},{"name":"next","type":["null","node"]}]}]}
]}`

func written(t testing.TB, codec ocf.Codec) []byte {
	schema := avro.MustParse(writtenSchema)
	var file bytes.Buffer
	w, err := ocf.NewWriter(&file, schema, ocf.WithCodec(codec), ocf.WithBlockCount(2))
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 1, 5, 10, 0, 0, 123_000_000, time.UTC)
	for i := range 3 {
		row := map[string]any{"skipped": map[string]any{"a": []any{"b"}}, "s": fmt.Sprint("é", i), "i": int32(-i), "l": nil, "f": float32(0.5), "d": 1e300, "b": i == 1, "raw": []byte{0, 255},
			"day": at, "clock": time.Duration(i) * time.Millisecond, "ms": at, "us": at, "dec": big.NewRat(-123456789012345678, 100), "color": "BLUE", "again": "RED",
			"tags": []any{"x", nil}, "counts": map[string]any{"k": int64(i)}, "pos": map[string]any{"x": int32(1), "y": 2.5}, "either": int32(7), "tree": nil}
		if i == 2 {
			row["l"], row["again"], row["either"] = int64(1)<<40, nil, "seven"
			row["tree"] = map[string]any{"v": int32(1), "next": map[string]any{"v": int32(2), "next": nil}}
		}
		if err := w.Encode(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func TestAvroFile(t *testing.T) {
	tests := []struct{ schema, rows, bad string }{
		{"s STRING, i INT, l BIGINT, b BOOLEAN", "1|é0|0|NULL|false\n2|é1|-1|NULL|true\n3|é2|-2|1099511627776|false", ""},
		{"S STRING, nothing BIGINT", "1|é0|NULL\n2|é1|NULL\n3|é2|NULL", ""},
		{"f DOUBLE, d DOUBLE, raw BYTES", "1|0.5|1e+300|AP8=\n2|0.5|1e+300|AP8=\n3|0.5|1e+300|AP8=", ""},
		{"day DATE, clock TIME, ms TIMESTAMP, us TIMESTAMP", "1|2026-01-05|00:00:00|2026-01-05T10:00:00.123Z|2026-01-05T10:00:00.123Z\n2|2026-01-05|00:00:00.001|2026-01-05T10:00:00.123Z|2026-01-05T10:00:00.123Z\n3|2026-01-05|00:00:00.002|2026-01-05T10:00:00.123Z|2026-01-05T10:00:00.123Z", ""},
		{"dec DECIMAL(30;3), color STRING, again STRING, either STRING", "1|-1234567890123456.780|BLUE|RED|7\n2|-1234567890123456.780|BLUE|RED|7\n3|-1234567890123456.780|BLUE|NULL|seven", ""},
		{"tags ARRAY<STRING>, counts MAP<STRING;STRING>, pos JSON", "1|[\"x\",null]|{\"k\":\"0\"}|{\"x\":1,\"y\":2.5}\n2|[\"x\",null]|{\"k\":\"1\"}|{\"x\":1,\"y\":2.5}\n3|[\"x\",null]|{\"k\":\"2\"}|{\"x\":1,\"y\":2.5}", ""},
		{"l STRING, ms DATE", "", "1 [ms] column ms is declared DATE, and in the record it is long (timestamp-millis)\n2 [ms] column ms is declared DATE, and in the record it is long (timestamp-millis)\n3 [ms] column ms is declared DATE, and in the record it is long (timestamp-millis)"},
		{"either INT", "1|7\n2|7", "3 [either] column either: 'seven' is not a valid INT"},
		{"l INT", "1|NULL\n2|NULL", "3 [l] column l: '1099511627776' is out of range for INT"},
		{"dec DECIMAL(12;2)", "", "1 [dec] column dec: '-1234567890123456.78' is out of range for DECIMAL(12,2)"},
		{"tree STRING", "1|NULL\n2|NULL", "3 [tree] column tree is declared STRING, and in the record it is record"},
	}
	for _, codec := range []ocf.Codec{ocf.DeflateCodec(-1), ocf.SnappyCodec(), ocf.MustZstdCodec(nil, nil)} {
		file := written(t, codec)
		for _, c := range tests {
			for _, most := range []int{1, 100} {
				rows, bad, err := readAvro(t, config(schema(t, c.schema), "format", "avro", "on_error", "skip"), file, most)
				if err != nil {
					t.Fatal(err)
				}
				if d := cmp.Diff(c.rows, strings.Join(rows, "\n")); d != "" {
					t.Errorf("%s (-want +got)\n%s", c.schema, d)
				}
				if c.bad == "" && bad != nil || !strings.HasPrefix(strings.Join(bad, "\n"), c.bad) {
					t.Errorf("%s: bad %q", c.schema, bad)
				}
			}
		}
	}
}

func TestAvroDamage(t *testing.T) {
	file := written(t, ocf.DeflateCodec(-1))
	cfg := config(schema(t, "s STRING, tags ARRAY<STRING>"), "format", "avro", "on_error", "skip")
	for n := range file {
		if rows, _, err := readAvro(t, cfg, file[:n], 10); err == nil && len(rows) != 2 && len(rows) != 0 { // cut off behind a block, or the header
			t.Fatalf("the first %d bytes give %q", n, rows)
		}
	}
	for i := range file {
		broken := bytes.Clone(file)
		broken[i] ^= 0x55
		_, _, err := readAvro(t, cfg, broken, 10) // does not panic or hang
		if err != nil && !strings.HasPrefix(err.Error(), "in.avro: ") {
			t.Fatalf("byte %d: %v", i, err)
		}
	}
}

func TestInferAvro(t *testing.T) {
	file := written(t, ocf.SnappyCodec())
	s, err := InferAvro(context.Background(), &input{r: bytes.NewReader(file)}, "x.avro")
	if err == nil || err.Error() != "x.avro: column tree is a record that contains itself, which no type is for: declare the columns, without it" {
		t.Fatal(s, err)
	}
	var out bytes.Buffer
	w, err := ocf.NewWriter(&out, avro.MustParse(`{"type":"record","name":"r","fields":[{"name":"a","type":["null","int","long"]},{"name":"p","type":{"type":"record","name":"q","fields":[{"name":"x","type":{"type":"array","items":"float"}}]}},{"name":"e","type":["int","string"]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	s, err = InferAvro(context.Background(), &input{r: bytes.NewReader(out.Bytes())}, "x.avro")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range s {
		got = append(got, c.Name+" "+c.Type.String())
	}
	if d := cmp.Diff([]string{"a BIGINT", "p ROW<x ARRAY<DOUBLE>>", "e STRING"}, got); d != "" {
		t.Error(d)
	}
}

// TestAvroMessages reads messages with a given schema, and with a registry's, one of
// which refers to another.
func TestAvroMessages(t *testing.T) {
	const plain = `{"type":"record","name":"r","fields":[{"name":"a","type":"string"},{"name":"b","type":"long"}]}`
	one, err := avro.MustParse(plain).Encode(map[string]any{"a": "x", "b": int64(5)})
	if err != nil {
		t.Fatal(err)
	}
	cfg := config(schema(t, "b BIGINT, a STRING"), "format", "avro", "schema", plain, "on_error", "skip")
	rows, bad := decodeMessages(t, cfg, messages(one, nil, one[:2], append(bytes.Clone(one), 1), one))
	if d := cmp.Diff([]string{"1|5|x", "5|5|x"}, rows); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"the record is no valid Avro in its field b: it ends in the middle of a value", "the record has 1 bytes more than its schema: was it written with another one?"}, bad); d != "" {
		t.Error(d)
	}

	asked := 0
	registry := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		if user, password, _ := r.BasicAuth(); user != "u" || password != "p" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		switch r.URL.Path {
		case "/schemas/ids/7":
			fmt.Fprintf(w, `{"schema":%q}`, plain)
		case "/schemas/ids/8":
			fmt.Fprint(w, `{"schema":"{\"type\":\"record\",\"name\":\"s\",\"fields\":[{\"name\":\"a\",\"type\":\"n.t\"}]}","references":[{"name":"n.t","subject":"t","version":1}]}`)
		case "/subjects/t/versions/1":
			fmt.Fprint(w, `{"subject":"t","version":1,"id":3,"schema":"{\"type\":\"enum\",\"name\":\"t\",\"namespace\":\"n\",\"symbols\":[\"X\",\"Y\"]}"}`)
		default:
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprint(w, `{"error_code":40403,"message":"no"}`)
		}
	}))
	defer registry.Close()
	t.Setenv("AVRO_TEST_PASSWORD", "p")
	with := func(id byte, body ...byte) []byte { return append([]byte{0, 0, 0, 0, id}, body...) }
	cfg = config(schema(t, "b BIGINT, a STRING"), "format", "avro", "schema_registry.url", registry.URL, "schema_registry.user", "u", "schema_registry.password", "env:AVRO_TEST_PASSWORD", "on_error", "skip")
	rows, bad = decodeMessages(t, cfg, messages(with(7, one...), with(8, 2), with(7, one...), with(9), []byte("{}")))
	if d := cmp.Diff([]string{"1|5|x", "2|NULL|Y", "3|5|x"}, rows); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"the schema registry " + registry.URL + " does not know schema 9",
		"the message does not begin with a byte 0 and the number of its schema: it was not written with a schema registry"}, bad); d != "" {
		t.Error(d)
	}
	if asked != 4 {
		t.Errorf("the registry was asked %d times", asked)
	}
	c := messages(one)
	if _, bad = decodeMessages(t, config(schema(t, "b BIGINT"), "format", "avro", "on_error", "skip"), c); len(bad) != 1 || !strings.Contains(bad[0], "schema_registry.url") {
		t.Error(bad)
	}
	for _, o := range [][]string{{"schema", "{"}, {"schema", `"int"`}, {"schema_file", "missing.avsc"}, {"schema", plain, "schema_file", "x"}, {"schema_registry.url", "x"}, {"schema_registry.url", "http://u:p@x"}, {"schema_registry.url", "http://x", "schema_registry.password", "p"}} {
		if _, err := NewReading(config(schema(t, "b BIGINT"), append([]string{"format", "avro"}, o...)...)); err == nil {
			t.Errorf("%q is taken", o)
		}
	}
}

// TestAvroElementsWithoutBytes holds records that tell of far more than they hold.
func TestAvroElementsWithoutBytes(t *testing.T) {
	const s = `{"type":"record","name":"r","fields":[{"name":"a","type":{"type":"array","items":{"type":"array","items":"null"}}}]}`
	inner := append(binary.AppendVarint(nil, 1<<40), 0)
	record := append(binary.AppendVarint(nil, 2), append(inner, inner...)...)
	c := &connectors.Chunk{Data: append(record, 0), Messages: &connectors.Messages{Ends: []uint32{uint32(len(record) + 1)}}}
	for _, columns := range []string{"a STRING", "b STRING"} {
		c.Pos, c.Bad, c.Row = 0, nil, 0
		_, bad := decodeMessages(t, config(schema(t, columns), "format", "avro", "schema", s, "on_error", "skip"), c)
		if len(bad) != 1 || !strings.Contains(bad[0], "more elements than bytes") && !strings.Contains(bad[0], "declared STRING") {
			t.Errorf("%s: %q", columns, bad)
		}
	}
}

func FuzzAvro(f *testing.F) {
	file := written(f, ocf.SnappyCodec())
	f.Add(file, true)
	f.Add([]byte{2, 'x', 3}, false)
	f.Fuzz(func(t *testing.T, b []byte, whole bool) {
		cfg := config(schema(t, "s STRING, l BIGINT, dec DECIMAL(30;3), tags ARRAY<STRING>, counts MAP<STRING;STRING>, pos JSON, tree JSON, us TIMESTAMP, color STRING"), "format", "avro", "on_error", "skip")
		if whole {
			readAvro(t, cfg, b, 3)
			return
		}
		cfg.Options = cfg.Options.With("schema", writtenSchema)
		c := &connectors.Chunk{Data: b, Messages: &connectors.Messages{Ends: []uint32{uint32(len(b))}}}
		rows, bad := decodeMessages(t, cfg, c)
		_, err := avro.MustParse(writtenSchema).Decode(b, new(any))
		if err == nil && len(rows)+len(bad) != 1 || err != nil && len(rows) == 1 && bad == nil && false {
			t.Fatal(rows, bad, err)
		}
	})
}
