package format

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// sample makes a batch of one row of every type, one of NULLs and one of extremes.
func sample(t testing.TB) (data.Schema, *data.Batch) {
	s := schema(t, "s STRING, i INT, d DECIMAL(12;2), w DECIMAL(30;3), f DOUBLE, b BOOLEAN, t TIMESTAMP, y DATE, o TIME, x BYTES, j JSON, v INTERVAL")
	b := data.NewPool(s).Get()
	rows := [][]string{
		{"plain", "-7", "7.5", "1.25", "0.1", "true", "2026-01-05T10:00:00Z", "2026-01-05", "10:00:00", "AAEC", `{"a": 1}`, "5 minutes"},
		{"a,\"b\"\n", "0", "0", "0", "NaN", "false", "2026-01-05T10:00:00.0005Z", "1969-12-31", "23:59:59.5", "", "[1,\n2]", "1 year"},
		{"", "1", "-0.01", "-12345678901234567890.5", "1e300", "true", "2026-01-05T10:00:00Z", "2026-01-05", "00:00:00", "AAEC", `"x"`, "0 seconds"},
	}
	for k, col := range s {
		p := data.NewTextParser(col.Type, nil)
		for _, r := range rows {
			if err := p.Append(b.Cols[k], []byte(r[k])); err != nil {
				t.Fatal(err)
			}
		}
		b.Cols[k].AppendNull()
	}
	b.N = 4
	b.Changes = []data.Change{data.Insert, data.UpdateBefore, data.UpdateAfter, data.Delete}
	return s, b
}

func TestEncode(t *testing.T) {
	s, b := sample(t)
	tests := []struct {
		name string
		enc  *Encoder
		want string
	}{
		{"csv", newCSVEncoder(s), `s,i,d,w,f,b,t,y,o,x,j,v
plain,-7,7.50,1.250,0.1,true,2026-01-05T10:00:00Z,2026-01-05,10:00:00,AAEC,"{""a"": 1}",PT5M
"a,""b""
",0,0.00,0.000,NaN,false,2026-01-05T10:00:00.0005Z,1969-12-31,23:59:59.5,"","[1,
2]",P1Y
"",1,-0.01,-12345678901234567890.500,1e+300,true,2026-01-05T10:00:00Z,2026-01-05,00:00:00,AAEC,"""x""",PT0S
,,,,,,,,,,,
`},
		{"json", NewJSONEncoder(s, ""), `{"s":"plain","i":-7,"d":7.50,"w":1.250,"f":0.1,"b":true,"t":"2026-01-05T10:00:00Z","y":"2026-01-05","o":"10:00:00","x":"AAEC","j":{"a": 1},"v":"PT5M"}
{"s":"a,\"b\"\n","i":0,"d":0.00,"w":0.000,"f":"NaN","b":false,"t":"2026-01-05T10:00:00.0005Z","y":"1969-12-31","o":"23:59:59.5","x":"","j":[1,2],"v":"P1Y"}
{"s":"","i":1,"d":-0.01,"w":-12345678901234567890.500,"f":1e+300,"b":true,"t":"2026-01-05T10:00:00Z","y":"2026-01-05","o":"00:00:00","x":"AAEC","j":"x","v":"PT0S"}
{"s":null,"i":null,"d":null,"w":null,"f":null,"b":null,"t":null,"y":null,"o":null,"x":null,"j":null,"v":null}
`},
	}
	for _, c := range tests {
		got := string(c.enc.AppendBatch(c.enc.AppendHeader(nil), b))
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s (-want +got)\n%s", c.name, d)
		}
	}
}

func TestEncodeNested(t *testing.T) {
	s := schema(t, "a ARRAY<STRING>, n ITEMS, m MAP<STRING;STRING>")
	b := data.NewPool(s).Get()
	for k, texts := range [][]string{{`["x,\"y\"",null]`, "[]"}, {`[{"price":1},null]`, "null"}, {`{"b":"1","a":null}`, "{}"}} {
		p := data.NewTextParser(s[k].Type, nil)
		for _, text := range texts {
			if err := p.Append(b.Cols[k], []byte(text)); err != nil {
				t.Fatal(err)
			}
		}
	}
	b.N = 2
	for _, c := range []struct {
		enc  *Encoder
		want string
	}{
		{newCSVEncoder(s), `a,n,m
"[""x,\""y\"""",null]","[{""name"":null,""price"":1.00},null]","{""a"":null,""b"":""1""}"
[],,{}
`},
		{NewJSONEncoder(s, ""), `{"a":["x,\"y\"",null],"n":[{"name":null,"price":1.00},null],"m":{"a":null,"b":"1"}}
{"a":[],"n":null,"m":{}}
`},
		{NewChangelogEncoder(s, ""), `{"op":"+I","row":{"a":["x,\"y\"",null],"n":[{"name":null,"price":1.00},null],"m":{"a":null,"b":"1"}}}
{"op":"+I","row":{"a":[],"n":null,"m":{}}}
`},
	} {
		if d := cmp.Diff(c.want, string(c.enc.AppendBatch(c.enc.AppendHeader(nil), b))); d != "" {
			t.Errorf("(-want +got)\n%s", d)
		}
	}
}

func TestEncodeChangelog(t *testing.T) {
	s := schema(t, "a STRING, n BIGINT")
	b := data.NewPool(s).Get()
	for i, text := range []string{"x", "x", "\t\x01\\é", "z"} {
		b.Cols[0].AppendText([]byte(text))
		b.Cols[1].AppendInt(int64(i))
	}
	b.N, b.Changes = 4, []data.Change{data.Insert, data.UpdateBefore, data.UpdateAfter, data.Delete}
	b.Sel = []int32{0, 2, 3}
	tests := []struct {
		enc  *Encoder
		want string
	}{
		{NewChangelogEncoder(s, ""), `{"op":"+I","row":{"a":"x","n":0}}
{"op":"+U","row":{"a":"\t\u0001\\é","n":2}}
{"op":"-D","row":{"a":"z","n":3}}
`},
		{NewChangelogEncoder(s, "q1"), `{"query":"q1","op":"+I","row":{"a":"x","n":0}}
{"query":"q1","op":"+U","row":{"a":"\t\u0001\\é","n":2}}
{"query":"q1","op":"-D","row":{"a":"z","n":3}}
`},
		{NewJSONEncoder(s, "q1"), `{"query":"q1","a":"x","n":0}
{"query":"q1","a":"\t\u0001\\é","n":2}
{"query":"q1","a":"z","n":3}
`},
	}
	for _, c := range tests {
		if d := cmp.Diff(c.want, string(c.enc.AppendBatch(nil, b))); d != "" {
			t.Errorf("(-want +got)\n%s", d)
		}
	}
}

// TestRoundTrip checks that any text comes back, through csv (read by
// encoding/csv and by our own decoder) and through JSON.
func TestRoundTrip(t *testing.T) {
	s := schema(t, "a STRING, b STRING")
	rapid.Check(t, func(rt *rapid.T) {
		rows := rapid.SliceOfN(rapid.SliceOfN(rapid.OneOf(rapid.String(), rapid.StringMatching(`[",\n\r;' x]*`), rapid.Just("NULL")), 2, 2), 1, 8).Draw(rt, "rows")
		b := data.NewPool(s).Get()
		var want []string
		for i, r := range rows {
			for k := range r {
				if r[k] == "NULL" {
					b.Cols[k].AppendNull()
				} else {
					b.Cols[k].AppendText([]byte(r[k]))
				}
			}
			b.N = i + 1
			want = append(want, r[0]+"|"+r[1])
		}
		texts := map[string]*Encoder{"csv": newCSVEncoder(s), "json": NewJSONEncoder(s, "")}
		for name, enc := range texts {
			text := enc.AppendBatch(enc.AppendHeader(nil), b)
			var got []string
			for _, row := range read(t, config(s, "format", name), string(text), 1+len(text)/3, 5).rows {
				_, row, _ = strings.Cut(row, "|")
				got = append(got, row)
			}
			if d := cmp.Diff(want, got); d != "" {
				rt.Fatalf("%s: (-want +got)\n%s\n%q", name, d, text)
			}
			if name == "csv" && !bytes.Contains(text, []byte("\r")) {
				if records, err := csv.NewReader(bytes.NewReader(text)).ReadAll(); err != nil || len(records) != len(rows)+1 {
					rt.Fatalf("encoding/csv: %d records, %v", len(records), err)
				}
			}
		}
	})
}

func BenchmarkEncode(b *testing.B) {
	s := schema(b, "window_start TIMESTAMP, user_id STRING, sum_amount DECIMAL(12;2), n BIGINT")
	batch := data.NewPool(s).Get()
	for i := 0; i < 4096; i++ {
		batch.Cols[0].AppendInt(1767607200e6 + int64(i/1000)*300e6)
		batch.Cols[1].AppendText(fmt.Appendf(nil, "u%d", i*7%5000))
		batch.Cols[2].AppendInt(int64(i * 3217))
		batch.Cols[3].AppendInt(int64(i % 50))
	}
	batch.N = 4096
	for name, enc := range map[string]*Encoder{"csv": newCSVEncoder(s), "json": NewJSONEncoder(s, ""), "changelog": NewChangelogEncoder(s, "")} {
		b.Run(name, func(b *testing.B) {
			var buf []byte
			for b.Loop() {
				buf = enc.AppendBatch(buf[:0], batch)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/4096, "ns/row")
		})
	}
}

func TestEncoderOptions(t *testing.T) {
	s := schema(t, "a STRING, n BIGINT")
	b := data.NewPool(s).Get()
	b.Cols[0].AppendText([]byte("x;'y'"))
	b.Cols[1].AppendNull()
	b.Cols[0].AppendText([]byte("NA"))
	b.Cols[1].AppendInt(math.MinInt64)
	b.N = 2
	o := connectors.NewOptions(map[string]string{"format": "csv", "delimiter": ";", "quote": "'", "null": "NA", "header": "false"})
	e, err := NewEncoder(s, o)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(e.AppendBatch(e.AppendHeader(nil), b)), "'x;''y''';NA\n'NA';-9223372036854775808\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if _, err := NewEncoder(s, connectors.NewOptions(map[string]string{"format": "parquet"})); err == nil || err.Error() != "format = 'parquet' is none of its values (there are: "+strings.Join(writable, ", ")+")" {
		t.Error(err)
	}
}
