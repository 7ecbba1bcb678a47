package format

import (
	"bytes"
	"context"
	"io"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/twmb/avro"
	"github.com/twmb/avro/ocf"
	"google.golang.org/protobuf/encoding/protowire"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// unknown decodes all chunks that next hands out, three rows at a time, and returns how
// many rows and unknown fields they had.
func unknown(t *testing.T, cfg connectors.SourceConfig, dec connectors.Decoder, next func(context.Context, *connectors.Chunk) error) (rows, fields int64) {
	t.Helper()
	var place connectors.Place
	pool := data.NewPool(cfg.Columns())
	for {
		c := &connectors.Chunk{}
		if err := next(context.Background(), c); err == io.EOF {
			return rows, fields
		} else if err != nil {
			t.Fatal(err)
		}
		for done := false; !done; {
			b := pool.Get()
			done = dec.Decode(c, b, &place, 3)
			rows += int64(b.N)
			b.Release()
		}
		if c.Fatal != nil {
			t.Fatal(c.Fatal)
		}
		fields += c.Unknown
	}
}

// TestUnknownFields counts what no column is declared for, and not what is declared and
// not needed.
func TestUnknownFields(t *testing.T) {
	for _, test := range []struct {
		format, text string
		inferred     bool
		want         int64
	}{
		{"json", `{"a":1,"b":"x","c":{"a":1},"d":[2]}
{"b":"y","a":2}
{"a":3,"new":"z","B":"w"}
{"c":1,"a":4,"c":2}
`, false, 5},
		{"csv", "c,B,a,d\n1,x,1,\n2,y,2,\n,,3,z\n3,,4,", false, 8},
		{"csv", "a,b,c\n1,x,1\n2,y,2\nx,y,2\n3,z,3,4\n3,z,3\n4,w,\n", false, 4}, // without the bad ones
		{"csv", "a,b\n1,x\n2,y\n3,z\n4,w\n", false, 0},
		{"csv", "a,b,b\n1,x,3\n2,y,3\n3,z,3\n4,w,3\n", true, 4}, // b_2 was not in what the columns were inferred from
	} {
		cfg := config(schema(t, "a BIGINT, b STRING"), "format", test.format, "on_error", "skip")
		cfg.Needed, cfg.Inferred = []int{0}, test.inferred
		r, err := NewReading(cfg)
		if err != nil {
			t.Fatal(err)
		}
		dec, err := r.NewDecoder()
		if err != nil {
			t.Fatal(err)
		}
		recs := NewRecords(&input{r: strings.NewReader(test.text)}, "in", &r.Framing, 16, false)
		if rows, fields := unknown(t, cfg, dec, recs.Next); rows != 4 || fields != test.want {
			t.Errorf("%s: %d rows with %d unknown fields, want 4 with %d\n%s", test.format, rows, fields, test.want, test.text)
		}
	}
}

// TestUnknownAvroFields counts the fields of a writer's schema, in files and messages.
func TestUnknownAvroFields(t *testing.T) {
	const writer = `{"type":"record","name":"r","fields":[{"name":"old","type":"long"},{"name":"A","type":"long"},{"name":"b","type":"string"},{"name":"new","type":["null","string"]}]}`
	cfg := config(schema(t, "a BIGINT, b STRING"), "format", "avro", "schema", writer)
	cfg.Needed = []int{0}
	r, err := NewReading(cfg)
	if err != nil {
		t.Fatal(err)
	}
	dec, err := r.NewDecoder()
	if err != nil {
		t.Fatal(err)
	}
	record := []byte{2, 4, 2, 'x', 0}
	given := false
	rows, fields := unknown(t, cfg, dec, func(_ context.Context, c *connectors.Chunk) error {
		if given {
			return io.EOF
		}
		given = true
		all := messages(record, record, record, record)
		c.Data, c.Messages = all.Data, all.Messages
		return nil
	})
	if rows != 4 || fields != 8 {
		t.Errorf("messages: %d rows with %d unknown fields, want 4 with 8", rows, fields)
	}

	var file bytes.Buffer
	w, err := ocf.NewWriter(&file, avro.MustParse(writer))
	if err != nil {
		t.Fatal(err)
	}
	for range 4 {
		if err := w.Encode(map[string]any{"old": int64(1), "A": int64(2), "b": "x", "new": nil}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	pieces := r.Frames(&input{r: &file}, "in.avro")
	if rows, fields := unknown(t, cfg, dec, pieces.Next); rows != 4 || fields != 8 {
		t.Errorf("a file: %d rows with %d unknown fields, want 4 with 8", rows, fields)
	}
}

// TestUnknownParquetColumns counts a value a row for each column of a file that is not
// declared.
func TestUnknownParquetColumns(t *testing.T) {
	type wide struct {
		A    int64  `parquet:"a"`
		B    string `parquet:"b"`
		New  int64  `parquet:"new"`
		More []item `parquet:"more,list"`
	}
	cfg := config(schema(t, "a BIGINT, b STRING"), "format", "parquet")
	cfg.Needed = []int{0}
	p, err := NewParquet(cfg)
	if err != nil {
		t.Fatal(err)
	}
	p.rows = 3
	dec, err := p.NewDecoder()
	if err != nil {
		t.Fatal(err)
	}
	var done atomic.Int64
	r, err := p.Open(openTest(t, writeParquet(t, t.TempDir(), make([]wide, 4))), "in.parquet", &done)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if rows, fields := unknown(t, cfg, dec, r.Next); rows != 4 || fields != 8 {
		t.Errorf("%d rows with %d unknown columns, want 4 with 8", rows, fields)
	}
}

// TestUnknownProtoFields counts the fields that the description of a message does not have.
func TestUnknownProtoFields(t *testing.T) {
	p, _, err := newProtoMessage(event(t), nil, "", &settings{})
	if err != nil {
		t.Fatal(err)
	}
	known := event(t).Fields().Get(0).Number()
	b := protowire.AppendBytes(protowire.AppendTag(nil, known, protowire.BytesType), []byte("x"))
	for _, number := range []protowire.Number{9000, 9001} {
		b = protowire.AppendVarint(protowire.AppendTag(b, number, protowire.VarintType), 7)
	}
	if err := p.scan(b); err != nil || p.unknown != 2 {
		t.Fatalf("%d unknown fields, %v; want 2", p.unknown, err)
	}
}
