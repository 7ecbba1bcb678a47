package stdio

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tidemark/connectors"
	"tidemark/operators/data"
)

var schema = data.Schema{{Name: "user_id", Type: data.Of(data.String)}, {Name: "Total", Type: data.DecimalType(12, 2)}}

// batch makes rows from "op user total"; "-" is NULL.
func batch(rows ...string) *data.Batch {
	b := data.NewPool(schema).Get()
	for _, r := range rows {
		f := strings.Fields(r)
		for c := range schema {
			if f[c+1] == "-" {
				b.Cols[c].AppendNull()
			} else if err := data.NewTextParser(schema[c].Type, nil).Append(b.Cols[c], []byte(strings.ReplaceAll(f[c+1], "~", "\n"))); err != nil {
				panic(err)
			}
		}
		for c := data.Insert; c <= data.Delete; c++ {
			if c.String() == f[0] {
				b.Changes = append(b.Changes, c)
			}
		}
		b.N++
	}
	return b
}

func TestPrinter(t *testing.T) {
	appends := []string{"+I A 7.5", "+I - 1", "+I b~c -"}
	changes := []string{"+I B 1", "+I A 2", "+I - 9", "-U A 2", "+U A 3", "+I C 4", "-D C 4", "+I a -"}
	tests := []struct {
		name string
		cfg  connectors.PrintConfig
		rows []string
		want string
	}{
		{"csv", connectors.PrintConfig{Form: "csv"}, appends, "user_id,Total\nA,7.50\n,1.00\n\"b\nc\",\n"},
		{"csv without rows", connectors.PrintConfig{Form: "csv"}, nil, "user_id,Total\n"},
		{"json", connectors.PrintConfig{Form: "json", Tag: "q"}, appends, `{"query":"q","user_id":"A","Total":7.50}
{"query":"q","user_id":null,"Total":1.00}
{"query":"q","user_id":"b\nc","Total":null}
`},
		{"changelog is never folded", connectors.PrintConfig{Form: "changelog", Folded: true}, changes[1:5], `{"op":"+I","row":{"user_id":"A","Total":2.00}}
{"op":"+I","row":{"user_id":null,"Total":9.00}}
{"op":"-U","row":{"user_id":"A","Total":2.00}}
{"op":"+U","row":{"user_id":"A","Total":3.00}}
`},
		{"none", connectors.PrintConfig{Form: "none"}, appends, ""},
		{"a text for NULL", connectors.PrintConfig{Form: "csv", Null: "-"}, appends[:2], "user_id,Total\nA,7.50\n-,1.00\n"},
		{"a limit", connectors.PrintConfig{Form: "csv", Limit: 2}, appends, "user_id,Total\nA,7.50\n,1.00\n"},
		{"a limit of what it comes to", connectors.PrintConfig{Form: "csv", Limit: 1, Folded: true, Key: []int{0}}, changes, "user_id,Total\nA,3.00\n"},
		{"lines", connectors.PrintConfig{Form: "line", Null: "-"}, appends[1:], `─[ 1 ]──────────────
user_id │ -
Total   │ 1.00
─[ 2 ]──────────────
user_id │ b\nc
Total   │ -
`},
		{"a narrow table", connectors.PrintConfig{Form: "table", Width: 23}, []string{"+I abcdefghijk 7.5", "+I 日本語日本語 12345"}, `┌──────────┬──────────┐
│ user_id  │    Total │
├──────────┼──────────┤
│ abcdefg… │     7.50 │
│ 日本語…  │ 12345.00 │
└──────────┴──────────┘
`},
		{"a table that is too wide", connectors.PrintConfig{Form: "table", Width: 20, Null: "-"}, []string{"+I abcdefghijk 7.5", "+I - 12345"}, `─[ 1 ]──────────────
user_id │ abcdefghijk
Total   │ 7.50
─[ 2 ]──────────────
user_id │ -
Total   │ 12345.00
`},
		{"table", connectors.PrintConfig{Form: "table"}, appends, `┌─────────┬───────┐
│ user_id │ Total │
├─────────┼───────┤
│ A       │  7.50 │
│ NULL    │  1.00 │
│ b\nc    │  NULL │
└─────────┴───────┘
`},
		{"table without rows", connectors.PrintConfig{Form: "table"}, nil, `┌─────────┬───────┐
│ user_id │ Total │
├─────────┼───────┤
└─────────┴───────┘
`},
		{"live table", connectors.PrintConfig{Form: "table", Prompt: true}, appends, `┌─────────┬───────┐
│ user_id │ Total │
├─────────┼───────┤
│ A       │  7.50 │
│ NULL    │  1.00 │
│ b\nc    │  NULL │
└─────────┴───────┘
`},
		{"folded without key: NULLS LAST, bytewise", connectors.PrintConfig{Form: "csv", Folded: true}, changes, "user_id,Total\nA,3.00\nB,1.00\na,\n,9.00\n"},
		{"folded multiset", connectors.PrintConfig{Form: "csv", Folded: true}, []string{"+I A 1", "+I A 1", "+I B 2", "+I A 1", "-D A 1", "-D B 2"}, "user_id,Total\nA,1.00\nA,1.00\n"},
		{"folded by key", connectors.PrintConfig{Form: "json", Folded: true, Key: []int{0}}, []string{"+I B 1", "+I A 2", "-U A 2", "+U A 3", "+I B 5", "+I C 1", "-D C 1"},
			"{\"user_id\":\"A\",\"Total\":3.00}\n{\"user_id\":\"B\",\"Total\":5.00}\n"},
		{"folded to one row", connectors.PrintConfig{Form: "csv", Folded: true, Key: []int{}}, []string{"+I A 1", "-U A 1", "+U A 2"}, "user_id,Total\nA,2.00\n"},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			for _, each := range []bool{false, true} { // one batch, or one a row
				var out strings.Builder
				c.cfg.Out, c.cfg.Schema = &out, schema
				p, err := NewPrinter(c.cfg)
				if err != nil {
					t.Fatal(err)
				}
				var batches []*data.Batch
				if each {
					for _, r := range c.rows {
						batches = append(batches, batch(r))
					}
				} else {
					batches = append(batches, batch(c.rows...))
				}
				for _, b := range batches {
					if err := p.Write(context.Background(), b); err != nil {
						t.Fatal(err)
					}
				}
				if c.cfg.Prompt && len(c.rows) > 0 && !strings.Contains(out.String(), "b\\nc") {
					t.Error("not printed at once")
				}
				if err := p.Flush(context.Background()); err != nil {
					t.Fatal(err)
				}
				if err := p.Close(); err != nil {
					t.Fatal(err)
				}
				if d := cmp.Diff(c.want, out.String()); d != "" {
					t.Errorf("one row a batch %v (-want +got)\n%s", each, d)
				}
			}
		})
	}
	if _, err := NewPrinter(connectors.PrintConfig{Form: "jsn"}); err == nil || err.Error() != "there is no output form 'jsn': did you mean json?" {
		t.Error(err)
	}
}

// TestPages checks that a table of many rows is one table.
func TestPages(t *testing.T) {
	var out strings.Builder
	p, err := NewPrinter(connectors.PrintConfig{Out: &out, Schema: schema, Form: "table"})
	if err != nil {
		t.Fatal(err)
	}
	rows := make([]string, 2500)
	for i := range rows {
		rows[i] = "+I user 1"
	}
	p.Write(context.Background(), batch(rows...))
	p.Flush(context.Background())
	lines := strings.Split(out.String(), "\n")
	if len(lines) != 2500+4+1 || strings.Count(out.String(), "─┬─") != 1 || strings.Count(out.String(), "─┴─") != 1 {
		t.Fatalf("%d lines", len(lines))
	}
	for _, l := range lines[3:2503] {
		if l != "│ user    │  1.00 │" {
			t.Fatalf("line %q", l)
		}
	}
}

// TestKeyNull checks the error for a NULL key.
func TestKeyNull(t *testing.T) {
	s, err := NewSink(connectors.SinkConfig{Name: "t", Schema: schema, Key: []int{0}, Options: connectors.NewOptions(map[string]string{"format": "table"}), Stdout: &strings.Builder{}})
	if err != nil {
		t.Fatal(err)
	}
	want := "column user_id is NULL in a row, and it is part of the primary key: filter such rows out, or give them a value with COALESCE"
	if err := s.Write(context.Background(), batch("+I - 1")); err == nil || err.Error() != want {
		t.Error(err)
	}
}

// A screen shows the last rows that there is room for, at any width.
func TestScreen(t *testing.T) {
	sink, err := NewPrinter(connectors.PrintConfig{Form: "table", Folded: true, Key: []int{0}, Schema: schema, Screen: true})
	if err != nil {
		t.Fatal(err)
	}
	s := sink.(connectors.Screen)
	if err := s.Write(context.Background(), batch("+I A 1", "+I B 2", "+I C 3", "-D B 2", "-U A 1", "+U A 11", "+I D 4")); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		width, height int
		want          string
	}{
		{80, 24, "┌─────────┬───────┐\n│ user_id │ Total │\n├─────────┼───────┤\n│ A       │ 11.00 │\n│ C       │  3.00 │\n│ D       │  4.00 │\n└─────────┴───────┘"},
		{80, 6, "… 2 more before these\n┌─────────┬───────┐\n│ user_id │ Total │\n├─────────┼───────┤\n│ D       │  4.00 │\n└─────────┴───────┘"},
		{10, 7, "… 1 more before these\n─[ 1 ]──────────────\nuser_id │ C\nTotal   │ 3.00\n─[ 2 ]──────────────\nuser_id │ D\nTotal   │ 4.00"},
	} {
		if got := s.Draw(c.width, c.height); got != c.want {
			t.Errorf("on %d by %d:\n%s\nwant\n%s", c.width, c.height, got, c.want)
		}
	}
	if n := sink.(connectors.Counted).Count(); n != 3 {
		t.Errorf("%d rows", n)
	}
}
