package format

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	parquet "github.com/parquet-go/parquet-go"
	pq "github.com/parquet-go/parquet-go/format"
	"pgregory.net/rapid"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// encodeParquet writes batches as a file.
func encodeParquet(t interface{ Fatal(...any) }, path string, s data.Schema, o connectors.Options, batches ...*data.Batch) {
	e, err := NewFileEncoder(connectors.SinkConfig{Schema: s, Options: o})
	if err != nil {
		t.Fatal(err)
	}
	if !e.Ends() {
		t.Fatal("a parquet file can be added to")
	}
	file := e.AppendHeader(nil)
	for _, b := range batches {
		file = e.AppendBatch(file, b)
	}
	if file, err = e.AppendFooter(file); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, file, 0o666); err != nil {
		t.Fatal(err)
	}
}

// TestParquetSink writes values of every type and reads them back.
func TestParquetSink(t *testing.T) {
	s := everything(t)
	path := filepath.Join(t.TempDir(), "x.parquet")
	rapid.Check(t, func(rt *rapid.T) {
		codec := rapid.SampledFrom([]string{"none", "snappy", "gzip", "zstd"}).Draw(rt, "codec")
		var batches []*data.Batch
		var want []string
		for range rapid.IntRange(0, 2).Draw(rt, "batches") {
			b := drawRows(rt, s, rapid.IntRange(1, 4).Draw(rt, "rows"))
			batches = append(batches, b)
			for _, row := range shown(b) {
				_, values, _ := strings.Cut(row, "|")
				want = append(want, values)
			}
		}
		o := connectors.NewOptions(map[string]string{"format": "parquet", "compression": codec})
		encodeParquet(rt, path, s, o, batches...)
		got := readParquet(t, config(s, "format", "parquet"), path, 100, 3)
		for i, row := range got.rows {
			_, got.rows[i], _ = strings.Cut(row, "|")
		}
		if d := cmp.Diff(want, got.rows); d != "" || got.err != "" || got.bad != nil {
			rt.Fatalf("%s %q\n%s", got.err, got.bad, d)
		}
	})
}

// TestParquetSinkZones holds what other programs are told of times: a TIMESTAMP is an
// instant, and a TIME is of no zone.
func TestParquetSinkZones(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.parquet")
	encodeParquet(t, path, schema(t, "at TIMESTAMP, clock TIME"), connectors.NewOptions(map[string]string{"format": "parquet"}))
	f := openTest(t, path)
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	file, err := parquet.OpenFile(f, info.Size())
	if err != nil {
		t.Fatal(err)
	}
	at, clock := file.Metadata().Schema[1].LogicalType.Value.(*pq.TimestampType), file.Metadata().Schema[2].LogicalType.Value.(*pq.TimeType)
	if !at.IsAdjustedToUTC || clock.IsAdjustedToUTC {
		t.Errorf("a TIMESTAMP in UTC: %t, a TIME: %t", at.IsAdjustedToUTC, clock.IsAdjustedToUTC)
	}
}

// TestParquetSinkOrder keeps the order of the columns and tells their types.
func TestParquetSinkOrder(t *testing.T) {
	s := schema(t, "z BIGINT, a TIMESTAMP, m MAP<STRING;STRING>, d DECIMAL(30;3), b ITEMS, day DATE, clock TIME, j JSON, c DECIMAL(12;2)")
	path := filepath.Join(t.TempDir(), "x.parquet")
	encodeParquet(t, path, s, connectors.NewOptions(map[string]string{"format": "parquet"}))
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	got, err := InferParquet(f, path)
	if err != nil {
		t.Fatal(err)
	}
	show := func(s data.Schema) (out []string) {
		for _, c := range s {
			out = append(out, c.Name+" "+c.Type.String())
		}
		return out
	}
	if d := cmp.Diff(show(s), show(got)); d != "" {
		t.Error(d)
	}
}

// TestParquetSinkRead has the library read what was written.
func TestParquetSinkRead(t *testing.T) {
	s := schema(t, "id BIGINT, name STRING, note STRING, amount DECIMAL(12;2), rate DOUBLE, open BOOLEAN, tags ARRAY<STRING>")
	b := data.NewPool(s).Get()
	for i, name := range []string{"ann", "bob"} {
		b.Cols[0].AppendInt(int64(i))
		b.Cols[1].AppendText([]byte(name))
		b.Cols[2].AppendNull()
		b.Cols[3].AppendInt(150)
		b.Cols[4].AppendFloat(0.5)
		b.Cols[5].AppendBool(i == 1)
		tags := []byte(nil)
		for range i {
			v := data.NewConst(data.Of(data.String))
			v.AppendText([]byte("t"))
			tags = data.AppendElement(tags, v, 0)
		}
		b.Cols[6].AppendText(data.EndArray(tags))
		b.N++
	}
	path := filepath.Join(t.TempDir(), "x.parquet")
	encodeParquet(t, path, s, connectors.NewOptions(map[string]string{"format": "parquet", "compression": "zstd"}), b)
	type row struct {
		ID     *int64   `parquet:"id,optional"`
		Name   *string  `parquet:"name,optional"`
		Note   *string  `parquet:"note,optional"`
		Amount *int64   `parquet:"amount,optional,decimal(2:12)"`
		Rate   *float64 `parquet:"rate,optional"`
		Open   *bool    `parquet:"open,optional"`
	}
	rows, err := parquet.ReadFile[row](path)
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 2 || *rows[1].ID != 1 || *rows[0].Name != "ann" || rows[0].Note != nil || *rows[1].Amount != 150 || *rows[1].Rate != 0.5 || *rows[0].Open || !*rows[1].Open {
		t.Errorf("got %+v", rows)
	}
}

// TestParquetSinkGroups begins a row group when the last one has enough.
func TestParquetSinkGroups(t *testing.T) {
	s := schema(t, "a STRING")
	e, err := newParquetEncoder(s, connectors.NewOptions(nil))
	if err != nil {
		t.Fatal(err)
	}
	e.most = 100
	b := data.NewPool(s).Get()
	for range 3 {
		b.Cols[0].AppendText([]byte(strings.Repeat("x", 40)))
		b.N++
	}
	file := e.header(nil)
	for range 3 {
		file = e.batch(file, b)
	}
	if file, err = e.footer(file); err != nil {
		t.Fatal(err)
	}
	f, err := parquet.OpenFile(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(f.RowGroups()); n != 3 || f.NumRows() != 9 {
		t.Errorf("%d row groups of %d rows", n, f.NumRows())
	}
}
