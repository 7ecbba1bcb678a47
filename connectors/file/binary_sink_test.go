package file

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// TestParquetSinkAtTheEnd writes what comes from an input without an end: a parquet file
// is not there before the last row, and nothing asks for it before; in a folder there is
// a file for each commit.
func TestParquetSinkAtTheEnd(t *testing.T) {
	ctx := context.Background()
	open := func(path string) connectors.Sink {
		s, err := NewSink(connectors.SinkConfig{Name: "s", Schema: partSchema, Options: connectors.NewOptions(map[string]string{"path": path, "format": "parquet"})})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	read := func(path string) int {
		cfg := config("", "path", path, "format", "parquet")
		cfg.Schema, cfg.Needed = partSchema, []int{0}
		return len(rows(t, cfg, 1000))
	}
	dir := t.TempDir()
	for path, want := range map[string]string{filepath.Join(dir, "o.parquet"): "o.parquet", filepath.Join(dir, "parts") + "/": "parts/*.parquet"} {
		s := open(path)
		files := 0
		for i := range int64(3) {
			writeNumbers(t, s, 10*i, 10*i+9)
			if live, ok := s.(connectors.Committer); ok {
				if err := live.Commit(ctx); err != nil {
					t.Fatal(err)
				}
				files++
			}
			if found, _ := filepath.Glob(filepath.Join(dir, want)); len(found) != files {
				t.Errorf("%s: %d files after %d writes", path, len(found), i+1)
			}
		}
		if err := s.Flush(ctx); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if n := read(filepath.Join(dir, want)); n != 30 {
			t.Errorf("%s: %d rows", path, n)
		}
	}
	s := open(filepath.Join(dir, "o.parquet"))
	writeNumbers(t, s, 1, 2)
	if err := s.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	b := data.NewPool(partSchema).Get()
	if err := s.Write(ctx, b); err == nil || !strings.Contains(err.Error(), "path = '"+filepath.Join(dir, "o")+"/'") {
		t.Error(err)
	}
}

// TestSinkOutOfRange writes a value that its field cannot have: the error names it, and no
// file is left.
func TestSinkOutOfRange(t *testing.T) {
	dir := folder(t, map[string]string{"m.proto": `syntax = "proto3"; message M { uint32 n = 1; }`})
	for _, path := range []string{"o.pb", "parts/"} {
		for _, key := range [][]int{nil, {0}} {
			if path == "parts/" && key != nil {
				continue // refused: TestPartsRefused
			}
			s, err := NewSink(connectors.SinkConfig{Name: "s", Schema: partSchema, Key: key, BaseDir: dir,
				Options: connectors.NewOptions(map[string]string{"path": path, "format": "protobuf", "proto_file": "m.proto"})})
			if err != nil {
				t.Fatal(err)
			}
			b := data.NewPool(partSchema).Get()
			b.Cols[0].AppendInt(1 << 32)
			b.N = 1
			if err = s.Write(context.Background(), b); err == nil {
				err = s.Flush(context.Background())
			}
			if err == nil || !strings.Contains(err.Error(), "column n: 4294967296 is out of range for uint32") {
				t.Errorf("%s: %v", path, err)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			if found, _ := filepath.Glob(filepath.Join(dir, strings.TrimSuffix(path, "/"), "*")); len(found) > 0 {
				t.Errorf("left behind: %v", found)
			}
			if _, err := os.Stat(filepath.Join(dir, "o.pb")); err == nil {
				t.Error("there is a file")
			}
		}
	}
}
