package format

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tidemark/connectors"
	"tidemark/operators/data"
)

func TestRaw(t *testing.T) {
	tests := []struct {
		schema, text string
		rows, bad    []string
	}{
		{"a STRING", "one, \"1\"\r\n\nthree", []string{"1|one, \"1\"", "2|", "3|three"}, nil},
		{"a STRING", "\xff\nok\n", []string{"2|ok"}, []string{"1 [a] column a: the text is not valid UTF-8: \xff"}},
		{"a BYTES", "\xff\n\n", []string{"1|/w==", "2|"}, nil},
		{"n INT", "7\nx\n\n99999999999\n", []string{"1|7"}, []string{
			"2 [n] column n: 'x' is not a valid INT: x", "3 [n] column n: '' is not a valid INT: ", "4 [n] column n: '99999999999' is out of range for INT: 99999999999"}},
		{"j JSON", "{\"a\":1}\n{\n", []string{`1|{"a":1}`}, []string{"2 [j] column j: '{' is not a valid JSON: {"}},
		{"t TIMESTAMP", "2026-01-05 10:00:00\n", []string{"1|2026-01-05T10:00:00Z"}, nil},
		{"a STRING", "0123456789abcdefghijk\nok\n", []string{"2|ok"}, []string{"1 [] the record is longer than max_record_bytes = 20: 0123456789abcdefghijk"}},
	}
	for _, c := range tests {
		for _, shape := range [][2]int{{4096, 10}, {3, 10}, {4096, 1}} {
			got := read(t, config(schema(t, c.schema), "format", "raw", "on_error", "skip", "max_record_bytes", "20"), c.text, shape[0], shape[1])
			if d := cmp.Diff(result{rows: c.rows, bad: c.bad, lines: got.lines, count: int64(len(c.rows) + len(c.bad))}, got, cmp.AllowUnexported(result{}), cmpopts.EquateEmpty()); d != "" {
				t.Errorf("%q %v (-want +got)\n%s", c.text, shape, d)
			}
		}
	}
	if _, err := NewReading(config(schema(t, "a STRING, b STRING"), "format", "raw")); err == nil {
		t.Error("two columns are taken")
	}
}

// TestRawMessages reads whole messages, line ends and all.
func TestRawMessages(t *testing.T) {
	cfg := config(schema(t, "a STRING"), "format", "raw")
	r, err := NewReading(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if !r.Binary {
		t.Error("the ends of messages are not asked for")
	}
	c := &connectors.Chunk{Data: []byte("a\nbc"), Messages: &connectors.Messages{Ends: []uint32{3, 3, 3, 4}, Null: []bool{false, true, false, false}}}
	got, bad := decodeMessages(t, cfg, c)
	if d := cmp.Diff([]string{"1|a\nb", "3|", "4|c"}, got); d != "" || bad != nil {
		t.Error(d, bad)
	}
}

// decodeMessages decodes a chunk of messages, two rows at a time.
func decodeMessages(t testing.TB, cfg connectors.SourceConfig, c *connectors.Chunk) (rows, bad []string) {
	t.Helper()
	r, err := NewReading(cfg)
	if err != nil {
		t.Fatal(err)
	}
	dec, err := r.NewDecoder()
	if err != nil {
		t.Fatal(err)
	}
	pool := data.NewPool(cfg.Columns())
	var place connectors.Place
	for done := false; !done; {
		b := pool.Get()
		done = dec.Decode(c, b, &place, 2)
		rows = append(rows, show(b, &place, 0)...)
		b.Release()
	}
	for _, x := range c.Bad {
		bad = append(bad, x.Reason)
	}
	return rows, bad
}
