package format

import (
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// TestUnknownFields counts what no column is declared for, and not what is declared and
// not needed.
func TestUnknownFields(t *testing.T) {
	schema := data.Schema{{Name: "a", Type: data.Of(data.BigInt)}, {Name: "b", Type: data.Of(data.String)}}
	r, err := NewReading(connectors.SourceConfig{Name: "s", Schema: schema, Needed: []int{0}, Options: connectors.NewOptions(map[string]string{"format": "json", "on_error": "skip"})})
	if err != nil {
		t.Fatal(err)
	}
	dec, err := r.NewDecoder()
	if err != nil {
		t.Fatal(err)
	}
	c := &connectors.Chunk{}
	text := `{"a":1,"b":"x","c":{"a":1},"d":[2]}
{"b":"y","a":2}
{"a":3,"new":"z","B":"w"}
{"c":1,"a":4,"c":2}
`
	c.Data = append(make([]byte, 0, len(text)+connectors.Padding), text...)
	var place connectors.Place
	pool, rows := data.NewPool(schema[:1]), 0
	for done := false; !done; {
		b := pool.Get()
		done = dec.Decode(c, b, &place, 3)
		rows += b.N
	}
	if rows != 4 || c.Unknown != 5 {
		t.Fatalf("%d rows with %d unknown fields, want 4 with 5", rows, c.Unknown)
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
