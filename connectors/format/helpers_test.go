package format

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// input is an Input over a string that gives at most step bytes a time.
type input struct {
	r    io.Reader
	step int
}

func (in *input) Read(_ context.Context, p []byte) (int, error) {
	if in.step > 0 && len(p) > in.step {
		p = p[:in.step]
	}
	return in.r.Read(p)
}

// schema parses "name TYPE, …" with the types that tests need.
func schema(t testing.TB, text string) data.Schema {
	t.Helper()
	types := map[string]data.Type{"STRING": data.Of(data.String), "INT": data.Of(data.Int), "BIGINT": data.Of(data.BigInt),
		"DOUBLE": data.Of(data.Double), "TIMESTAMP": data.Of(data.Timestamp), "BOOLEAN": data.Of(data.Boolean),
		"JSON": data.Of(data.JSON), "DATE": data.Of(data.Date), "TIME": data.Of(data.Time), "BYTES": data.Of(data.Bytes),
		"INTERVAL": data.Of(data.Interval), "DECIMAL(12;2)": data.DecimalType(12, 2), "DECIMAL(30;3)": data.DecimalType(30, 3),
		"ARRAY<STRING>": data.ArrayOf(data.Of(data.String)), "MAP<STRING;STRING>": data.MapOf(data.Of(data.String), data.Of(data.String)),
		"ITEMS": data.ArrayOf(data.RowOf(data.Field{Name: "name", Type: data.Of(data.String)}, data.Field{Name: "price", Type: data.DecimalType(12, 2)}))}
	var s data.Schema
	for _, part := range strings.Split(text, ",") {
		name, typ, _ := strings.Cut(strings.TrimSpace(part), " ")
		dt, ok := types[typ]
		if !ok {
			t.Fatalf("no type %q", typ)
		}
		s = append(s, data.Column{Name: name, Type: dt})
	}
	return s
}

func all(s data.Schema) []int {
	n := make([]int, len(s))
	for i := range n {
		n[i] = i
	}
	return n
}

func config(s data.Schema, options ...string) connectors.SourceConfig {
	m := map[string]string{}
	for i := 0; i < len(options); i += 2 {
		m[options[i]] = options[i+1]
	}
	return connectors.SourceConfig{Name: "t", Schema: s, Needed: all(s), Options: connectors.NewOptions(m)}
}

// result is everything that reading an input told.
type result struct {
	rows  []string // one a physical row: its line, its values; failed rows begin with -
	bad   []string
	lines int64
	count int64
	err   string
}

// read decodes text with the given block size and batch size.
func read(t testing.TB, cfg connectors.SourceConfig, text string, block, max int) result {
	t.Helper()
	r, err := NewReading(cfg)
	if err != nil {
		return result{err: err.Error()}
	}
	dec, err := r.NewDecoder()
	if err != nil {
		t.Fatal(err)
	}
	recs := NewRecords(&input{r: strings.NewReader(text)}, "in.txt", &r.Framing, block, false)
	pool := data.NewPool(cfg.Columns())
	var c connectors.Chunk
	var place connectors.Place
	var res result
	var offset, line int64
	for {
		err := recs.Next(context.Background(), &c)
		if err == io.EOF {
			break
		}
		if err != nil {
			res.err = err.Error()
			break
		}
		if c.NewFile {
			line, offset = c.HeaderLines, c.Offset
		}
		if c.Offset != offset {
			t.Fatalf("chunk at %d, want %d", c.Offset, offset)
		}
		if c.TooLong == 0 {
			offset += int64(len(c.Data))
		} else if offset = c.Offset; true {
			offset += skipped(text, int(c.Offset), &r.Framing)
		}
		for done := false; !done; {
			b := pool.Get()
			before := b.N
			done = dec.Decode(&c, b, &place, max)
			if b.N > max || before != 0 {
				t.Fatalf("%d rows in a batch of %d", b.N, max)
			}
			res.rows = append(res.rows, show(b, &place, line)...)
			b.Release()
		}
		for _, b := range c.Bad {
			res.bad = append(res.bad, fmt.Sprintf("%d [%s] %s: %s", line+b.Line+1, b.Column, b.Reason, b.Record))
		}
		res.count += c.Records
		line += c.Lines
		if r, _ := cfg.Options.Enum("on_error", "fail", "fail", "skip"); r == "fail" && len(c.Bad) > 0 {
			break
		}
	}
	res.lines = line
	return res
}

// skipped returns the length of the record at i of text, its line end included.
func skipped(text string, i int, f *Framing) int64 {
	end := len(text) - i
	if f.quotes() {
		if e, ok := f.recordEnd([]byte(text), i, false); ok {
			end = e + 1 - i
		}
	} else if nl := strings.IndexByte(text[i:], '\n'); nl >= 0 {
		end = nl + 1
	}
	return int64(end)
}

// show renders the rows of b.
func show(b *data.Batch, place *connectors.Place, line int64) []string {
	failed := make([]bool, b.N)
	if b.Sel != nil {
		for i := range failed {
			failed[i] = true
		}
		for _, i := range b.Sel {
			failed[i] = false
		}
	}
	var out []string
	for i := 0; i < b.N; i++ {
		var s []byte
		if failed[i] {
			s = append(s, '-')
		}
		s = strconv.AppendInt(s, line+place.Line(i)+1, 10)
		for _, v := range b.Cols {
			s = append(s, '|')
			if v.IsNull(i) {
				s = append(s, "NULL"...)
			} else {
				s = data.AppendText(s, v, i)
			}
		}
		out = append(out, string(s))
	}
	return out
}

// clicks makes the benchmark's data: n rows as JSON lines and as csv.
func clicks(n int) (js, cs []byte) {
	r := rand.New(rand.NewPCG(1, 42))
	base := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	cs = []byte("event_id,user_id,event_time,amount,page\n")
	for i := 0; i < n; i++ {
		ts := base.Add(time.Duration(i*10-r.IntN(2000)) * time.Millisecond).Format("2006-01-02T15:04:05.000Z")
		user, cents, page := r.IntN(5000), 1+r.IntN(50_000), r.IntN(50)
		js = fmt.Appendf(js, `{"event_id":%d,"user_id":"u%d","event_time":"%s","amount":%d.%02d,"page":"/p/%d"}`+"\n", i+3000000, user, ts, cents/100, cents%100, page)
		cs = fmt.Appendf(cs, "%d,u%d,%s,%d.%02d,/p/%d\n", i+3000000, user, ts, cents/100, cents%100, page)
	}
	return js, cs
}

const clicksSchema = "event_id BIGINT, user_id STRING, event_time TIMESTAMP, amount DECIMAL(12;2), page STRING"

// chunksOf reads all of text into chunks.
func chunksOf(t testing.TB, r *Reading, text []byte) []*connectors.Chunk {
	recs := NewRecords(&input{r: bytes.NewReader(text)}, "clicks", &r.Framing, connectors.BlockSize, false)
	var out []*connectors.Chunk
	for {
		c := &connectors.Chunk{}
		err := recs.Next(context.Background(), c)
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, c)
	}
}

func benchmark(b *testing.B, format string, needed ...int) {
	js, cs := clicks(100_000)
	text := js
	if format == "csv" {
		text = cs
	}
	cfg := config(schema(b, clicksSchema), "format", format)
	cfg.Needed = needed
	r, err := NewReading(cfg)
	if err != nil {
		b.Fatal(err)
	}
	dec, _ := r.NewDecoder()
	chunks := chunksOf(b, r, text)
	pool := data.NewPool(cfg.Columns())
	var place connectors.Place
	rows := 0
	for b.Loop() {
		for _, c := range chunks {
			c.Pos, c.Row, c.Lines, c.Records = 0, 0, 0, 0
			for done := false; !done; {
				batch := pool.Get()
				done = dec.Decode(c, batch, &place, 4096)
				rows += batch.N
				batch.Release()
			}
			if len(c.Bad) > 0 {
				b.Fatal(c.Bad[0].Reason)
			}
		}
	}
	if rows != b.N*100_000 {
		b.Fatalf("%d rows", rows)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(rows), "ns/row")
}

func BenchmarkJSON3(b *testing.B) { benchmark(b, "json", 1, 2, 3) }
func BenchmarkJSON5(b *testing.B) { benchmark(b, "json", 0, 1, 2, 3, 4) }
func BenchmarkJSON1(b *testing.B) { benchmark(b, "json", 2) }
func BenchmarkCSV3(b *testing.B)  { benchmark(b, "csv", 1, 2, 3) }
func BenchmarkCSV5(b *testing.B)  { benchmark(b, "csv", 0, 1, 2, 3, 4) }
