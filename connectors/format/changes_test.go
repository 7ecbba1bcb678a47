package format

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// readChanges decodes text and returns the rows, each its line, change and values, and
// the bad records.
func readChanges(t testing.TB, cfg connectors.SourceConfig, text string, block, most int) (rows, bad []string, records int64) {
	t.Helper()
	r, err := NewReading(cfg)
	if err != nil {
		t.Fatal(err)
	}
	dec, err := r.NewDecoder()
	if err != nil {
		t.Fatal(err)
	}
	recs := NewRecords(&input{r: strings.NewReader(text)}, "in.txt", &r.Framing, block, false)
	pool := data.NewPool(cfg.Columns())
	var c connectors.Chunk
	var place connectors.Place
	line := int64(0)
	for {
		if err := recs.Next(context.Background(), &c); err == io.EOF {
			return rows, bad, records
		} else if err != nil {
			t.Fatal(err)
		}
		for done := false; !done; {
			b := pool.Get()
			done = dec.Decode(&c, b, &place, most)
			for i, row := range show(b, &place, line) {
				rows = append(rows, b.Change(i).String()+" "+row)
				if b.Change(i) == data.UpdateBefore && (i+1 == b.N || b.Change(i+1) != data.UpdateAfter) {
					t.Fatalf("a -U without its +U: %q", rows)
				}
			}
			b.Release()
		}
		for _, x := range c.Bad {
			bad = append(bad, fmt.Sprintf("%d [%s] %s", line+x.Line+1, x.Column, x.Reason))
		}
		line += c.Lines
		records += c.Records
	}
}

func TestChanges(t *testing.T) {
	tests := []struct {
		name, format, schema string
		keyed                bool
		text                 string
		rows, bad            []string
	}{
		{name: "stream of Debezium's", format: "debezium-json", schema: "a STRING, b BIGINT",
			text: `{"before":null,"after":{"a":"x","b":1},"source":{"db":"d"},"op":"c","ts_ms":1}
{"op":"r","after":{"b":2,"a":"y","more":[1]}}
{"before":{"a":"x","b":1},"after":{"a":"x","b":3},"op":"u"}

{"schema":{"op":"z"},"payload":{"before":{"a":"y","b":2},"after":null,"op":"d"}}
{"schema":null,"payload":null}
`, rows: []string{"+I 1|x|1", "+I 2|y|2", "-U 3|x|1", "+U 3|x|3", "-D 5|y|2"}},
		{name: "table of Debezium's", format: "debezium-json", schema: "a STRING, b BIGINT", keyed: true,
			text: `{"before":null,"after":{"a":"x","b":1},"op":"u"}
{"before":{"a":"z","b":1},"after":{"a":"x","b":2},"op":"u"}
{"before":{"a":"x"},"op":"d"}`, rows: []string{"+U 1|x|1", "+U 2|x|2", "-D 3|x|NULL"}},
		{name: "faults of Debezium's", format: "debezium-json", schema: "a STRING, b BIGINT",
			text: `{"before":null,"after":{"a":"x","b":1},"op":"u"}
{"op":"t"}
{"op":"m","message":1}
{"after":{"a":"x"}}
{"op":"c","before":{"a":"x"}}
{"op":"d","after":{"a":"x"}}
{"op":"c","after":{"b":"x"}}
{"op":"u","before":{"b":1},"after":{"b":"x"}}
{"op":"u","before":{"b":"x"},"after":{"b":1}}
{"op":"c","after":[1]}
{"op":1,"after":{}}
{"op":"c","after":{"a":"x"}} x
{"op":"c","after":{"a":"x"}
[1]
{}
{"op":"\ud800","after":{}}
{"op":"c","after":{"a":"ok"}}`,
			rows: []string{"+I 17|ok|NULL"},
			bad: []string{
				"1 [] op 'u' needs the old row, and the member before is missing or null: declare a TABLE with a PRIMARY KEY, or let the database log whole rows (PostgreSQL: ALTER TABLE … REPLICA IDENTITY FULL)",
				"2 [] op 't' empties the whole table, which no row tells of: read the table again from a new snapshot",
				"3 [] op 'm' is none of c, r, u and d",
				"4 [] the member op, which says what becomes of the row, is missing",
				"5 [] op 'c' needs the new row, and the member after is missing or null",
				"6 [] op 'd' needs the old row, and the member before is missing or null: declare a TABLE with a PRIMARY KEY, or let the database log whole rows (PostgreSQL: ALTER TABLE … REPLICA IDENTITY FULL)",
				"7 [b] column b: 'x' is not a valid BIGINT",
				"8 [b] column b: 'x' is not a valid BIGINT",
				"9 [b] column b: 'x' is not a valid BIGINT",
				"10 [] not valid JSON: an object is expected, found '[' at byte 19",
				"11 [] not valid JSON: a text is expected, found '1' at byte 7",
				"12 [] not valid JSON: the end of the line is expected after the object, found 'x' at byte 30",
				"13 [] not valid JSON: ',' or '}' is expected, found the end of the line at byte 28",
				"14 [] not valid JSON: an object is expected, found '[' at byte 1",
				"15 [] the member op, which says what becomes of the row, is missing",
				`16 [] not valid JSON: both halves of a surrogate pair are expected, found '\\' at byte 8`,
			}},
		{name: "stream of changelog-json", format: "changelog-json", schema: "a STRING, b BIGINT",
			text: `{"op":"+I","row":{"a":"x","b":1}}
{"query":"q","op":"-U","row":{"a":"x","b":1}}
{"op":"+U","row":{"a":"x","b":2}}
{"op":"-D","row":{"a":"x","b":2}}
{"op":"*","row":{}}
{"op":"+I"}`, rows: []string{"+I 1|x|1", "-D 2|x|1", "+I 3|x|2", "-D 4|x|2"},
			bad: []string{"5 [] op '*' is none of +I, -U, +U and -D", "6 [] op '+I' needs the new row, and the member row is missing or null"}},
		{name: "table of changelog-json", format: "changelog-json", schema: "a STRING, b BIGINT", keyed: true,
			text: `{"op":"+I","row":{"a":"x","b":1}}
{"op":"-U","row":{"a":"x","b":1}}
{"op":"+U","row":{"a":"x","b":2}}
{"op":"-D","row":{"a":"x"}}`, rows: []string{"+I 1|x|1", "+U 3|x|2", "-D 4|x|NULL"}},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			cfg := config(schema(t, c.schema), "format", c.format, "on_error", "skip")
			if c.keyed {
				cfg.Key = []int{0}
			}
			for _, shape := range [][2]int{{4096, 100}, {7, 100}, {100, 1}, {4096, 3}} {
				rows, bad, _ := readChanges(t, cfg, c.text, shape[0], shape[1])
				if d := cmp.Diff(c.rows, rows, cmpopts.EquateEmpty()); d != "" {
					t.Fatalf("%v (-want +got)\n%s", shape, d)
				}
				if d := cmp.Diff(c.bad, bad, cmpopts.EquateEmpty()); d != "" {
					t.Fatalf("%v (-want +got)\n%s", shape, d)
				}
			}
		})
	}
}

// TestChangesRequired holds what must not be NULL against old rows, of which a
// database may log the key alone.
func TestChangesRequired(t *testing.T) {
	const text = `{"op":"d","before":{"k":1}}
{"op":"d","before":{"v":"x","at":"2026-01-05T10:00:00Z"}}
{"op":"d","before":{"k":1,"at":"2026-01-05T10:00:00Z"}}
{"op":"c","after":{"k":1,"at":"2026-01-05T10:00:00Z"}}`
	cfg := config(schema(t, "k BIGINT, v STRING, at TIMESTAMP"), "format", "debezium-json", "on_error", "skip")
	cfg.Key, cfg.Required, cfg.Always = []int{0}, []int{0, 1, 2}, []int{2}
	rows, bad, records := readChanges(t, cfg, text, 4096, 10)
	if d := cmp.Diff([]string{"-D 3|1|NULL|2026-01-05T10:00:00Z"}, rows); d != "" {
		t.Error(d)
	}
	want := []string{
		"1 [at] column at is NULL, and it is the event time: let the database log whole old rows (PostgreSQL: ALTER TABLE … REPLICA IDENTITY FULL)",
		"2 [k] column k is NULL, and it is declared NOT NULL",
		"4 [v] column v is NULL, and it is declared NOT NULL"}
	if d := cmp.Diff(want, bad); d != "" {
		t.Error(d)
	}
	if records != 4 {
		t.Errorf("%d records", records)
	}
}

// TestDebeziumEncoder writes every change and reads it back.
func TestDebeziumEncoder(t *testing.T) {
	s := schema(t, "a STRING, b BIGINT")
	b := data.NewPool(s).Get()
	for i, c := range []data.Change{data.Insert, data.UpdateBefore, data.UpdateAfter, data.UpdateAfter, data.Delete} {
		b.Cols[0].AppendText([]byte(`say "x"`))
		b.Cols[1].AppendInt(int64(i))
		b.AddRows(1, c, 0)
	}
	e, err := NewEncoder(s, connectors.NewOptions(map[string]string{"format": "debezium-json"}))
	if err != nil {
		t.Fatal(err)
	}
	text := string(e.AppendBatch(e.AppendHeader(nil), b))
	want := `{"before":null,"after":{"a":"say \"x\"","b":0},"op":"c"}
{"before":{"a":"say \"x\"","b":1},"after":{"a":"say \"x\"","b":2},"op":"u"}
{"before":null,"after":{"a":"say \"x\"","b":3},"op":"u"}
{"before":{"a":"say \"x\"","b":4},"after":null,"op":"d"}
`
	if text != want {
		t.Fatalf("got\n%s\nwant\n%s", text, want)
	}
	if !e.Halves(data.UpdateBefore) || e.Halves(data.UpdateAfter) {
		t.Error("an old row is half of a record, and nothing else is")
	}
	cfg := config(s, "format", "debezium-json")
	cfg.Key = []int{0}
	rows, bad, _ := readChanges(t, cfg, text, 4096, 10)
	if d := cmp.Diff([]string{"+I 1|say \"x\"|0", "+U 2|say \"x\"|2", "+U 3|say \"x\"|3", "-D 4|say \"x\"|4"}, rows); d != "" || bad != nil {
		t.Error(d, bad)
	}
}
