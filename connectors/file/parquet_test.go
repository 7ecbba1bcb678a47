package file

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// parquetFolder has the files of the format's tests under the given names.
func parquetFolder(t *testing.T, names map[string]string) string {
	files := map[string]string{}
	for name, of := range names {
		content, err := os.ReadFile(filepath.Join("..", "format", "testdata", "parquet", of+".parquet"))
		if err != nil {
			t.Fatal(err)
		}
		files[name] = string(content)
	}
	return folder(t, files)
}

// Several files are one input, whose rows know where they come from.
func TestParquetFiles(t *testing.T) {
	dir := parquetFolder(t, map[string]string{"1.parquet": "pages_plain", "2.parquet": "pages_index"})
	for _, max := range []int{100, 4096} {
		cfg := describing(dir, []string{"path", "line", "offset", "partition", "ingest_time"}, "path", "*.parquet")
		cfg.Schema[0] = data.Column{Name: "id", Type: data.Of(data.BigInt)}
		got := rows(t, cfg, max)
		if len(got) != 2000 {
			t.Fatalf("%d rows", len(got))
		}
		for i, row := range got {
			// A file of 1000 rows has four groups, each a chunk.
			file, n := 1+i/1000, i%1000
			want := fmt.Sprintf("%d|%s|%d|%d|0|1970-01-01T00:00:0%dZ", n, filepath.Join(dir, fmt.Sprintf("%d.parquet", file)), n+1, n, (file-1)*4+n/300+1)
			if row != want {
				t.Fatalf("row %d: %s, want %s", i, row, want)
			}
		}
	}
}

func TestParquetProgress(t *testing.T) {
	dir := parquetFolder(t, map[string]string{"1.parquet": "pages_plain", "2.parquet": "pages_index"})
	cfg := config(dir, "path", "*.parquet")
	cfg.Schema, cfg.Needed = data.Schema{{Name: "id", Type: data.Of(data.BigInt)}}, []int{0}
	r, _ := open(t, cfg)
	var c connectors.Chunk
	last := int64(-1)
	for {
		err := r.Next(context.Background(), &c)
		done, total := r.Progress()
		if done <= last && err == nil || done > total {
			t.Errorf("%d of %d bytes after %d", done, total, last)
		}
		last = done
		if err == io.EOF {
			if done != total {
				t.Errorf("%d of %d bytes at the end", done, total)
			}
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	r, _ = open(t, cfg)
	if err := r.Next(ctx, &c); err != context.Canceled {
		t.Errorf("after the end of the context: %v", err)
	}
}

func TestInferParquet(t *testing.T) {
	dir := parquetFolder(t, map[string]string{"n.parquet": "nested", "data": "int96", "whole.parquet.gz": "int96"})
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe.parquet"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "text.parquet"), []byte("a,b\n1,2\n1,2\n1,2\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		options []string
		want    string
	}{
		{[]string{"path", "n*.parquet"}, "l ARRAY<BIGINT>, ll ARRAY<ARRAY<INT>>, m MAP<STRING,BIGINT>, r ROW<x BIGINT,y ROW<z STRING>>, lr ARRAY<ROW<k STRING,v ARRAY<DOUBLE>>>, rl ROW<a ARRAY<BIGINT>,m MAP<STRING,ARRAY<BOOLEAN>>>"},
		{[]string{"path", "data", "format", "parquet"}, "ts_ns TIMESTAMP"},
		{[]string{"path", "text.parquet"}, "text.parquet: no parquet file: it does not begin with PAR1"},
		{[]string{"path", "x.parquet"}, "there is no file 'x.parquet' (did you mean 'n.parquet'?)"},
		{[]string{"path", "whole.parquet.gz"}, "'whole.parquet.gz' is compressed as a whole, and parquet is read piece by piece (decompress it: parquet files are compressed within)"},
		{[]string{"path", "pipe.parquet"}, "'pipe.parquet' is no regular file, and parquet describes its columns at the end (write it to a file first)"},
	} {
		if got := infer(dir, c.options...); got != c.want {
			t.Errorf("%v:\n%s\nwant\n%s", c.options, got, c.want)
		}
	}
	src, err := NewSource(config(dir, "path", "pipe.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := src.Open(context.Background()); err == nil || !strings.HasSuffix(err.Error(), "pipe.parquet' is no regular file, and parquet describes its columns at the end (write it to a file first)") {
		t.Errorf("a pipe: %v", err)
	}
	// A second file that has not got the columns of the first is named.
	two := parquetFolder(t, map[string]string{"1.parquet": "pages_plain", "2.parquet": "int96"})
	cfg := config(two, "path", "*.parquet")
	cfg.Schema, cfg.Needed = data.Schema{{Name: "id", Type: data.Of(data.BigInt)}}, []int{0}
	r, dec := open(t, cfg)
	var c connectors.Chunk
	var place connectors.Place
	for err == nil {
		if err = r.Next(context.Background(), &c); err == nil {
			dec.Decode(&c, data.NewPool(cfg.Columns()).Get(), &place, 1000)
		}
	}
	if want := filepath.Join(two, "2.parquet") + ": the file has no column id; it has ts_ns"; err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}
