package format

import (
	"context"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"tidemark/connectors"
	"tidemark/operators/data"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// openTest opens a file of a test.
func openTest(t testing.TB, path string) *os.File {
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// readParquet reads a file through two decoders that take turns, chunks of rows
// rows and batches of max.
func readParquet(t testing.TB, cfg connectors.SourceConfig, path string, rows int64, max int) result {
	p, err := NewParquet(cfg)
	if err != nil {
		return result{err: err.Error()}
	}
	p.rows = rows
	var done atomic.Int64
	name := filepath.Base(path)
	r, err := p.Open(openTest(t, path), name, &done)
	if err != nil {
		return result{err: err.Error()}
	}
	defer r.Close()
	var decoders [2]connectors.Decoder
	for i := range decoders {
		if decoders[i], err = p.NewDecoder(); err != nil {
			t.Fatal(err)
		}
	}
	pool := data.NewPool(cfg.Columns())
	var c connectors.Chunk
	var place connectors.Place
	var res result
	for n := 0; ; n++ {
		err := r.Next(context.Background(), &c)
		if err == io.EOF {
			if info, err := os.Stat(path); err == nil && done.Load() != info.Size() {
				t.Errorf("%d of %d bytes were read at the end", done.Load(), info.Size())
			}
			return res
		}
		if err != nil {
			t.Fatal(err)
		}
		if c.Name != name || c.First != res.lines || c.NewFile != (n == 0) || c.Unit != "row " {
			t.Fatalf("chunk %d: %+v after %d rows", n, c, res.lines)
		}
		for finished := false; !finished; {
			b := pool.Get()
			finished = decoders[n%2].Decode(&c, b, &place, max)
			for i, v := range b.Cols {
				if !v.Const && (v.Len() != b.N || v.Null != nil && len(v.Null) != b.N) {
					t.Fatalf("column %d has %d values and %d validities in a batch of %d", i, v.Len(), len(v.Null), b.N)
				}
			}
			if b.N > max {
				t.Fatalf("%d rows in a batch of %d", b.N, max)
			}
			res.rows = append(res.rows, show(b, &place, res.lines)...)
			b.Release()
		}
		for _, bad := range c.Bad {
			res.bad = append(res.bad, strconv.FormatInt(res.lines+bad.Line+1, 10)+" ["+bad.Column+"] "+bad.Reason+": "+string(bad.Record))
		}
		res.count += c.Records
		if c.Fatal != nil {
			res.err = c.Fatal.Error()
			return res
		}
		if c.Lines > c.Count {
			t.Fatalf("%d rows in a chunk of %d", c.Lines, c.Count)
		}
		res.lines += c.Lines
		if on, _ := cfg.Options.Enum("on_error", "fail", "fail", "skip"); on == "fail" && len(c.Bad) > 0 {
			return res
		}
	}
}

// parquetConfig returns a configuration that reads a file by its own schema.
func parquetConfig(t testing.TB, path string, options ...string) (connectors.SourceConfig, error) {
	s, err := InferParquet(openTest(t, path), filepath.Base(path))
	cfg := config(s, append([]string{"format", "parquet"}, options...)...)
	cfg.Inferred = true
	return cfg, err
}

func describe(s data.Schema) string {
	var cols []string
	for _, c := range s {
		cols = append(cols, c.Name+" "+c.Type.String())
	}
	return strings.Join(cols, ", ")
}

// TestParquetOfOthers reads files that another writer has made, whatever the
// size of chunks and batches.
func TestParquetOfOthers(t *testing.T) {
	files, err := filepath.Glob("testdata/parquet/*.parquet")
	if err != nil || len(files) == 0 {
		t.Fatal("no files", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".parquet")
		cfg, err := parquetConfig(t, file)
		if name == "lz4" {
			if err == nil || err.Error() != "lz4.parquet: is compressed with LZ4_RAW, which cannot be read: write it with zstd, snappy or gzip" {
				t.Errorf("%v", err)
			}
			continue
		}
		if err != nil {
			t.Error(err)
			continue
		}
		golden, _, _ := strings.Cut(name, "_") // one for all forms of the same rows
		golden = filepath.Join("testdata/parquet", golden+".want")
		want, err := os.ReadFile(golden)
		for _, size := range []struct {
			rows int64
			max  int
		}{{1 << 20, 1 << 20}, {1, 1}, {7, 3}, {100, 64}, {299, 1000}} {
			res := readParquet(t, cfg, file, size.rows, size.max)
			got := strings.Join(append([]string{describe(cfg.Schema)}, res.rows...), "\n") + "\n"
			if res.err != "" || res.bad != nil {
				t.Errorf("%s: %s %v", name, res.err, res.bad)
			}
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if err != nil || got != string(want) {
				t.Errorf("%s in chunks of %d, batches of %d, %v:\n%s\nwant\n%s", name, size.rows, size.max, err, got, want)
				break
			}
		}
	}
}
