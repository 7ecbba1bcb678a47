package format

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	parquet "github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"
	"pgregory.net/rapid"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// order is a row with a bit of everything.
type orderRow struct {
	ID     int64            `parquet:"id"`
	Name   *string          `parquet:"name,dict"`
	Note   string           `parquet:"note"`
	Amount int64            `parquet:"amount,decimal(2:12)"`
	At     int64            `parquet:"at,timestamp(millisecond)"`
	Rate   *float64         `parquet:"rate"`
	Open   bool             `parquet:"open"`
	Tags   []string         `parquet:"tags,list"`
	Counts map[string]int32 `parquet:"counts"`
	Items  []item           `parquet:"items,list"`
}

type item struct {
	Price *int32    `parquet:"price" json:"price"`
	Sizes []float64 `parquet:"sizes,list" json:"sizes"`
}

// text returns the row as readParquet shows it.
func (r *orderRow) text(line int) string {
	nested := func(x any) string {
		b, err := json.Marshal(x)
		if err != nil {
			panic(err)
		}
		text := strings.ReplaceAll(string(b), `"sizes":null`, `"sizes":[]`)
		switch {
		case text != "null":
			return text
		case reflect.TypeOf(x).Kind() == reflect.Map:
			return "{}"
		}
		return "[]"
	}
	name, rate := "NULL", "NULL"
	if r.Name != nil {
		name = *r.Name
	}
	if r.Rate != nil {
		rate = string(data.AppendDouble(nil, *r.Rate))
	}
	return fmt.Sprintf("%d|%d|%s|%s|%s|%s|%s|%t|%s|%s|%s", line, r.ID, name, r.Note, data.AppendDecimal64(nil, r.Amount, 2),
		data.AppendTimestamp(nil, r.At*1000), rate, r.Open, nested(r.Tags), nested(r.Counts), nested(r.Items))
}

func drawRow(t *rapid.T) orderRow {
	word := rapid.StringMatching(`[a-zé]{0,6}`)
	r := orderRow{
		ID: rapid.Int64().Draw(t, "id"), Note: word.Draw(t, "note"), Amount: rapid.Int64Range(-999_999_999_999, 999_999_999_999).Draw(t, "amount"),
		At: rapid.Int64Range(-62135596800000, 253402300799999).Draw(t, "at"), Open: rapid.Bool().Draw(t, "open"),
		Tags: rapid.SliceOfN(word, 0, 4).Draw(t, "tags"),
	}
	if rapid.Bool().Draw(t, "named") {
		s := rapid.SampledFrom([]string{"a", "bb", "ccc"}).Draw(t, "name")
		r.Name = &s
	}
	if rapid.Bool().Draw(t, "rated") {
		x := float64(rapid.IntRange(-1000, 1000).Draw(t, "rate")) / 8
		r.Rate = &x
	}
	if rapid.Bool().Draw(t, "counted") {
		r.Counts = rapid.MapOfN(word, rapid.Int32(), 0, 3).Draw(t, "counts")
	}
	for range rapid.IntRange(0, 3).Draw(t, "items") {
		var it item
		if rapid.Bool().Draw(t, "priced") {
			x := rapid.Int32().Draw(t, "price")
			it.Price = &x
		}
		for range rapid.IntRange(0, 3).Draw(t, "sizes") {
			it.Sizes = append(it.Sizes, float64(rapid.IntRange(0, 99).Draw(t, "size"))/4)
		}
		r.Items = append(r.Items, it)
	}
	return r
}

// writeParquet writes rows with the given options into a new file of a folder.
func writeParquet[T any](t interface{ Fatal(...any) }, dir string, rows []T, options ...parquet.WriterOption) string {
	f, err := os.CreateTemp(dir, "*.parquet")
	if err != nil {
		t.Fatal(err)
	}
	w := parquet.NewGenericWriter[T](f, options...)
	if _, err := w.Write(rows); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return f.Name()
}

// What is written is read back, whatever the pages, row groups, codecs, chunks
// and batches.
func TestParquetRoundTrip(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		rows := rapid.SliceOfN(rapid.Custom(drawRow), 0, 60).Draw(rt, "rows")
		codec := rapid.SampledFrom([]compress.Codec{&parquet.Uncompressed, &parquet.Snappy, &parquet.Gzip, &parquet.Zstd}).Draw(rt, "codec")
		path := writeParquet(rt, dir, rows, parquet.Compression(codec), parquet.DataPageVersion(rapid.IntRange(1, 2).Draw(rt, "version")),
			parquet.PageBufferSize(rapid.SampledFrom([]int{16, 100, 1 << 20}).Draw(rt, "page")),
			parquet.MaxRowsPerRowGroup(rapid.SampledFrom([]int64{1, 7, 1000}).Draw(rt, "group")))
		defer os.Remove(path)
		cfg, err := parquetConfig(t, path)
		if err != nil {
			rt.Fatal(err)
		}
		const schema = "id BIGINT, name STRING, note STRING, amount DECIMAL(12,2), at TIMESTAMP, rate DOUBLE, open BOOLEAN, tags ARRAY<STRING>, " +
			"counts MAP<STRING,INT>, items ARRAY<ROW<price INT,sizes ARRAY<DOUBLE>>>"
		if got := describe(cfg.Schema); got != schema {
			rt.Fatalf("%s, want %s", got, schema)
		}
		want := make([]string, len(rows))
		for i := range rows {
			want[i] = rows[i].text(i + 1)
		}
		// Some columns, in any order.
		needed := rapid.Permutation(cfg.Needed).Draw(rt, "needed")[:rapid.IntRange(1, len(cfg.Needed)).Draw(rt, "columns")]
		cfg.Needed = needed
		for i, row := range want {
			cells := strings.Split(row, "|")
			row = cells[0]
			for _, k := range needed {
				row += "|" + cells[k+1]
			}
			want[i] = row
		}
		res := readParquet(t, cfg, path, rapid.Int64Range(1, 70).Draw(rt, "chunk"), rapid.IntRange(1, 70).Draw(rt, "batch"))
		if res.err != "" || res.bad != nil || strings.Join(res.rows, "\n") != strings.Join(want, "\n") {
			rt.Fatalf("%s %v\n%s\nwant\n%s", res.err, res.bad, strings.Join(res.rows, "\n"), strings.Join(want, "\n"))
		}
	})
}

// numbered are rows whose statistics rule out row groups.
type numbered struct {
	N    int64   `parquet:"n"`
	Word string  `parquet:"word"`
	Cent int32   `parquet:"cent,decimal(2:9)"`
	Rate float64 `parquet:"rate"`
	Gone *int64  `parquet:"gone"`
}

// A filter selects the rows it would select without statistics, keeps all rows
// in their places, and lets the time column be read everywhere.
func TestParquetFilter(t *testing.T) {
	var rows []numbered
	for i := range 400 {
		n := int64(i)
		row := numbered{N: n, Word: fmt.Sprintf("w%03d", i/2), Cent: int32(i * 5), Rate: float64(i)}
		if i >= 350 {
			row.Gone = &n
		}
		rows = append(rows, row)
	}
	path := writeParquet(t, t.TempDir(), rows, parquet.MaxRowsPerRowGroup(50))
	cfg, err := parquetConfig(t, path)
	if err != nil {
		t.Fatal(err)
	}
	all := readParquet(t, cfg, path, 1000, 1000)
	for _, c := range []struct {
		column int
		op     string
		values []string
		ruled  int // row groups that are not read
	}{
		{0, "=", []string{"70"}, 7}, {0, "<", []string{"50"}, 7}, {0, "<=", []string{"50"}, 6}, {0, ">", []string{"349"}, 7}, {0, ">=", []string{"349"}, 6},
		{0, "<>", []string{"3"}, 0}, {0, "in", []string{"3", "399", "NULL"}, 6}, {0, "=", []string{"NULL"}, 8}, {0, "=", []string{"1000"}, 8},
		{1, "=", []string{"w100"}, 7}, {1, ">", []string{"w1999"}, 8}, {2, "<", []string{"1.00"}, 7},
		{3, "=", []string{"70"}, 0}, // DOUBLE: bounds say nothing of NaN
		{4, "=", []string{"360"}, 0},
	} {
		p := connectors.Predicate{Column: c.column, Op: c.op}
		for _, v := range c.values {
			p.Values = append(p.Values, constant(t, cfg.Schema[c.column].Type, v))
		}
		filtered := cfg
		filtered.Filter, filtered.Always = []connectors.Predicate{p}, []int{2}
		f, err := NewFilter(cfg.Columns(), filtered.Filter)
		if err != nil {
			t.Fatal(err)
		}
		selected := 0
		got := readParquet(t, filtered, path, 60, 33)
		if len(got.rows) != len(rows) {
			t.Fatalf("%v: %d rows", c, len(got.rows))
		}
		for i, row := range got.rows {
			passes := f.passes(oneBatch(cfg.Schema, all.rows[i]), 0, nil)
			if passes == strings.HasPrefix(row, "-") {
				t.Errorf("%v: row %s", c, row)
			}
			if passes {
				selected++
				if row != all.rows[i] {
					t.Errorf("%v: %s, want %s", c, row, all.rows[i])
				}
			}
			if always := strings.Split(row, "|")[3]; always != strings.Split(all.rows[i], "|")[3] {
				t.Errorf("%v: the column that is always needed: %s", c, row)
			}
		}
		if selected == 0 && c.ruled < 8 && c.column != 4 {
			t.Errorf("%v: no rows", c)
		}
		reading, err := NewParquet(filtered)
		if err != nil {
			t.Fatal(err)
		}
		file, err := openParquet(openTest(t, path), "x")
		if err != nil {
			t.Fatal(err)
		}
		ruled := 0
		for i, g := range file.meta.RowGroups() {
			if reading.rulesOut(&parquetGroup{file: file, group: g, index: i}) {
				ruled++
			}
		}
		file.release()
		if ruled != c.ruled {
			t.Errorf("%v: %d row groups are ruled out, want %d", c, ruled, c.ruled)
		}
	}
}

// oneBatch parses what show has made of a row.
func oneBatch(s data.Schema, row string) *data.Batch {
	b := data.NewPool(s).Get()
	for i, cell := range strings.Split(row, "|")[1:] {
		if cell == "NULL" {
			b.Cols[i].AppendNull()
		} else if err := data.NewTextParser(s[i].Type, nil).Append(b.Cols[i], []byte(cell)); err != nil {
			panic(err)
		}
	}
	b.N = 1
	return b
}

// When all users of a file are done with it, it is closed; not before.
func TestParquetCloses(t *testing.T) {
	path := writeParquet(t, t.TempDir(), []numbered{{N: 1}, {N: 2}, {N: 3}})
	cfg, err := parquetConfig(t, path)
	if err != nil {
		t.Fatal(err)
	}
	before := openFiles()
	readParquet(t, cfg, path, 1, 1)
	cfg.Schema[0].Type = data.Of(data.Boolean)
	if res := readParquet(t, cfg, path, 1, 1); res.err == "" {
		t.Error("read as BOOLEAN")
	}
	if after := openFiles(); after != before {
		t.Errorf("%d files are open, %d were before", after, before)
	}
}

// openFiles counts the parquet files that are open, where the system tells: else 0.
func openFiles() int {
	entries, _ := os.ReadDir("/proc/self/fd")
	n := 0
	for _, e := range entries {
		if target, err := os.Readlink(filepath.Join("/proc/self/fd", e.Name())); err == nil && strings.HasSuffix(target, ".parquet") {
			n++
		}
	}
	return n
}
