package file

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// describing returns a configuration with a column a and one for each key.
func describing(dir string, keys []string, options ...string) connectors.SourceConfig {
	cfg := config(dir, options...)
	cfg.Schema = data.Schema{{Name: "a", Type: data.Of(data.String)}}
	cfg.Metadata = map[int]string{}
	for _, k := range keys {
		typ := data.Of(data.BigInt)
		switch k {
		case "path":
			typ = data.Of(data.String)
		case "ingest_time":
			typ = data.Of(data.Timestamp)
		}
		cfg.Metadata[len(cfg.Schema)] = k
		cfg.Schema = append(cfg.Schema, data.Column{Name: "m_" + k, Type: typ})
	}
	cfg.Needed = nil
	for i := range cfg.Schema {
		cfg.Needed = append(cfg.Needed, i)
	}
	clock := int64(0)
	cfg.Now = func() int64 { clock += 1_000_000; return clock }
	return cfg
}

// rows reads all selected rows of a connector's source, batches of max rows.
func rows(t tester, cfg connectors.SourceConfig, max int) []string {
	r, dec := open(t, cfg)
	pool := data.NewPool(cfg.Columns())
	var out []string
	var c connectors.Chunk
	var place connectors.Place
	for {
		if err := r.Next(context.Background(), &c); err == io.EOF {
			return out
		} else if err != nil {
			t.Fatal(err)
		}
		for done := false; !done; {
			b := pool.Get()
			done = dec.Decode(&c, b, &place, max)
			for k := range b.Rows() {
				var row []string
				for _, v := range b.Cols {
					row = append(row, string(data.AppendText(nil, v, b.Row(k))))
				}
				out = append(out, strings.Join(row, "|"))
			}
			b.Release()
		}
	}
}

func TestMetadata(t *testing.T) {
	dir := folder(t, map[string]string{"1.csv": "a,b\nx,1\n\n\"two\nlines\",2\ny,3", "2.csv": "\xef\xbb\xbfa\nz\n"})
	keys := []string{"path", "line", "offset", "partition", "ingest_time", "OFFSET"}
	one, two := filepath.Join(dir, "1.csv"), filepath.Join(dir, "2.csv")
	want := []string{
		"x|" + one + "|2|4|0|1970-01-01T00:00:01Z|4",
		"two\nlines|" + one + "|4|9|0|1970-01-01T00:00:01Z|9",
		"y|" + one + "|6|23|0|1970-01-01T00:00:01Z|23",
		"z|" + two + "|2|5|0|1970-01-01T00:00:02Z|5",
	}
	for _, max := range []int{1, 2, 100} {
		if got := rows(t, describing(dir, keys, "path", "*.csv"), max); strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("batches of %d:\n%s\nwant\n%s", max, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

// Conditions on metadata and on records hold together, whichever comes first.
func TestMetadataFilter(t *testing.T) {
	dir := folder(t, map[string]string{"1.csv": "a\nx\ny\nx\nx\n"})
	cfg := describing(dir, []string{"line"}, "path", "1.csv")
	number, text := data.NewConst(data.Of(data.BigInt)), data.NewConst(data.Of(data.String))
	number.AppendInt(3)
	text.AppendText([]byte("x"))
	line, a := connectors.Predicate{Column: 1, Op: ">", Values: []*data.Vector{number}}, connectors.Predicate{Column: 0, Op: "=", Values: []*data.Vector{text}}
	for _, filter := range [][]connectors.Predicate{{line, a}, {a, line}} {
		cfg.Filter = filter
		if got := strings.Join(rows(t, cfg, 3), " "); got != "x|4 x|5" {
			t.Errorf("%v: %s", filter, got)
		}
	}
	cfg.Filter, cfg.Needed = []connectors.Predicate{{Column: 0, Op: ">", Values: line.Values}}, []int{1}
	if got := strings.Join(rows(t, cfg, 3), " "); got != "4 5" {
		t.Errorf("without a column of the records: %s", got)
	}
}

// Metadata is no field of a record: not of csv without a header, either.
func TestMetadataWithoutHeader(t *testing.T) {
	dir := folder(t, map[string]string{"1.csv": "x,1\ny,2\n"})
	cfg := config(dir, "path", "1.csv", "header", "false")
	cfg.Schema = data.Schema{{Name: "line", Type: data.Of(data.Int)}, schema[0], {Name: "o", Type: data.Of(data.BigInt)}, schema[1]}
	cfg.Metadata = map[int]string{0: "line", 2: "offset"}
	cfg.Needed = []int{3, 0, 2, 1}
	if got := strings.Join(rows(t, cfg, 9), " "); got != "1|1|0|x 2|2|4|y" {
		t.Error(got)
	}
	cfg.Needed = []int{3} // none is read
	if got := strings.Join(rows(t, cfg, 9), " "); got != "1 2" {
		t.Error(got)
	}
}

func TestUnknownMetadata(t *testing.T) {
	for _, c := range []struct {
		key  string
		typ  data.Kind
		want string
	}{
		{"ofset", data.BigInt, "connector 'file' has no metadata 'ofset' (did you mean offset?)"},
		{"headers", data.String, "connector 'file' has no metadata 'headers' (there are: path, line, offset, partition, ingest_time)"},
		{"path", data.BigInt, "column m is BIGINT, and the metadata 'path' is STRING (declare it m STRING METADATA FROM 'path')"},
		{"offset", data.Int, "column m is INT, and the metadata 'offset' is BIGINT (declare it m BIGINT METADATA FROM 'offset')"},
	} {
		cfg := config(t.TempDir(), "path", "x.csv")
		cfg.Schema, cfg.Metadata = append(data.Schema{}, data.Column{Name: "m", Type: data.Of(c.typ)}), map[int]string{0: c.key}
		if _, err := Connector().NewSource(cfg); err == nil || err.Error() != c.want {
			t.Errorf("%s: %v", c.key, err)
		}
	}
}

// The place that a record is said to have is where it is.
func TestOffsetsPoint(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		names := rapid.SliceOfN(rapid.StringMatching(`[a-z]{0,9}`), 1, 60).Draw(rt, "names")
		text := strings.Builder{}
		var want []string
		for i, n := range names {
			if rapid.Bool().Draw(rt, "blank") {
				text.WriteString("\r\n")
			}
			want = append(want, fmt.Sprintf("%s%d|%d|%d", n, i, strings.Count(text.String(), "\n")+1, text.Len()))
			fmt.Fprintf(&text, `{"a":"%s%d"}`+"\n", n, i)
		}
		f := folder(t, map[string]string{"x.json": text.String()})
		got := rows(rt, describing(f, []string{"line", "offset"}, "path", "x.json"), rapid.IntRange(1, 9).Draw(rt, "max"))
		if strings.Join(got, " ") != strings.Join(want, " ") {
			rt.Fatalf("%v, want %v", got, want)
		}
	})
}
