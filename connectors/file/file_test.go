package file

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tidemark/connectors"
	"tidemark/operators/data"
)

var schema = data.Schema{{Name: "a", Type: data.Of(data.String)}, {Name: "b", Type: data.Of(data.BigInt)}}

func zipped(texts ...string) string {
	var b bytes.Buffer
	for _, t := range texts { // a member each
		w := gzip.NewWriter(&b)
		io.WriteString(w, t)
		w.Close()
	}
	return b.String()
}

// folder writes files into a new folder.
func folder(t *testing.T, files map[string]string) string {
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func config(dir string, options ...string) connectors.SourceConfig {
	m := map[string]string{}
	for i := 0; i < len(options); i += 2 {
		m[options[i]] = options[i+1]
	}
	return connectors.SourceConfig{Name: "t", Schema: schema, Needed: []int{0, 1}, Options: connectors.NewOptions(m), BaseDir: dir}
}

// tester is a *testing.T or a *rapid.T.
type tester interface {
	Helper()
	Cleanup(func())
	Fatal(...any)
}

// open opens a source; it is closed at the end of the test.
func open(t tester, cfg connectors.SourceConfig) (connectors.Reader, connectors.Decoder) {
	t.Helper()
	src, err := Connector().NewSource(cfg)
	if err != nil {
		t.Fatal(err)
	}
	r, err := src.Open(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	dec, err := src.NewDecoder()
	if err != nil {
		t.Fatal(err)
	}
	return r, dec
}

// read returns the rows as "file:line|a|b", and the error at the end.
func read(t *testing.T, cfg connectors.SourceConfig, block int) ([]string, error) {
	src, err := NewSource(cfg)
	if err != nil {
		return nil, err
	}
	src.(*source).block = block
	r, err := src.Open(context.Background())
	if err != nil {
		return nil, err
	}
	defer r.Close()
	dec, err := src.NewDecoder()
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	var c connectors.Chunk
	var place connectors.Place
	pool := data.NewPool(cfg.Columns())
	line := int64(0)
	for {
		if err := r.Next(context.Background(), &c); err == io.EOF {
			if done, total := r.Progress(); total >= 0 && done != total {
				t.Errorf("read %d of %d bytes", done, total)
			}
			return rows, nil
		} else if err != nil {
			return rows, err
		}
		if c.NewFile {
			line = c.HeaderLines
		}
		for done := false; !done; {
			b := pool.Get()
			done = dec.Decode(&c, b, &place, 100)
			for i := 0; i < b.N; i++ {
				rows = append(rows, fmt.Sprintf("%s:%d|%s|%s", filepath.Base(c.Name), line+place.Line(i)+1, data.AppendText(nil, b.Cols[0], i), data.AppendText(nil, b.Cols[1], i)))
			}
		}
		line += c.Lines
	}
}

func TestSource(t *testing.T) {
	dir := folder(t, map[string]string{
		"one.csv": "a,b\nx,1\ny,2", "two.csv": "B,A\r\n3,z\r\n", "none.csv": "", "only.csv": "a,b\n",
		"days/2.csv": "a,b\nq,2\n", "days/10.csv": "a,b\nq,10\n", "days/1.csv": "b,a\n1,q\n", "days/0.csv": "a,b", "days/sub.csv/x": "",
		"z.csv.gz": zipped("a,b\nx,1\ny", ",2\n"), "z.ndjson": `{"a":"x","b":1}`, "z.json.gz": zipped(`{"b":1}` + "\n"), "empty.csv.gz": "",
		"t.tsv": "a\tb\nx,y\t1\n", "odd[1].csv": "a,b\nodd,1\n",
	})
	tests := []struct{ path, want string }{
		{"one.csv", "one.csv:2|x|1 one.csv:3|y|2"},
		{"two.csv", "two.csv:2|z|3"},
		{"none.csv", ""}, {"only.csv", ""}, {"empty.csv.gz", ""},
		{"days/*.csv", "1.csv:2|q|1 10.csv:2|q|10 2.csv:2|q|2"},
		{"[ot]*.csv", "odd[1].csv:2|odd|1 one.csv:2|x|1 one.csv:3|y|2 two.csv:2|z|3"},
		{"z.csv.gz", "z.csv.gz:2|x|1 z.csv.gz:3|y|2"},
		{"z.ndjson", "z.ndjson:1|x|1"}, {"z.json.gz", "z.json.gz:1||1"},
		{"t.tsv", "t.tsv:2|x,y|1"},
		{"odd[1].csv", "odd[1].csv:2|odd|1"},
		{filepath.Join(dir, "one.csv"), "one.csv:2|x|1 one.csv:3|y|2"},
	}
	for _, c := range tests {
		for _, block := range []int{1 << 18, 1, 5} {
			got, err := read(t, config(dir, "path", c.path), block)
			if err != nil {
				t.Errorf("%s: %v", c.path, err)
			} else if d := cmp.Diff(c.want, strings.Join(got, " ")); d != "" {
				t.Errorf("%s, block %d (-want +got)\n%s", c.path, block, d)
			}
		}
	}
}

func TestSourceErrors(t *testing.T) {
	text := "a,b\n"
	for i := uint64(1); i < 5000; i++ {
		text += fmt.Sprintf("%x,1\n", i*i*0x9e3779b97f4a7c15)
	}
	whole := zipped(text)
	dir := folder(t, map[string]string{"clicks.csv": "user,b\n", "cut.csv.gz": whole[:len(whole)/2], "not.csv.gz": "a,b\nx,1\ny,2\nz,3\n", "x.dat": "", "empty/.hidden": ""})
	tests := []struct{ path, want string }{
		{"click.csv", "there is no file 'DIR/click.csv' (did you mean 'DIR/clicks.csv'?)"},
		{"something.csv", "there is no file 'DIR/something.csv' (the folder has clicks.csv, cut.csv.gz, not.csv.gz, x.dat)"},
		{"no/such.csv", "there is no file 'DIR/no/such.csv' (there is no folder 'DIR/no'; paths start from the script's folder)"},
		{"empty/x.csv", "there is no file 'DIR/empty/x.csv' (the folder 'DIR/empty' has no files)"},
		{"empty/*.csv", "no file matches 'DIR/empty/*.csv' (the folder 'DIR/empty' has no files)"},
		{"[a.csv", "'DIR/[a.csv' is not a valid pattern (* stands for any text, ? for one character, [abc] for one of some; a [ must be closed)"},
		{"clicks.csv", "DIR/clicks.csv: the header has no column a; it has user, b"},
		{"cut.csv.gz", "DIR/cut.csv.gz: the compressed data ends too early: is the file cut off, or not gzip data at all?"},
		{"not.csv.gz", "DIR/not.csv.gz: not valid gzip data, which its name promises: invalid header"},
		{"x.dat", "the format cannot be told from the path 'x.dat' (add format = 'csv' or another of csv, tsv, json, …)"},
		{"", "connector 'file' needs the option path (write for example path = 'clicks.csv')"},
	}
	for _, c := range tests {
		_, err := read(t, config(dir, "path", c.path), 64)
		want, _, cut := strings.Cut(c.want, "…)")
		if err == nil || !strings.HasPrefix(strings.ReplaceAll(err.Error(), dir, "DIR"), want) || !cut && len(want) != len(strings.ReplaceAll(err.Error(), dir, "DIR")) {
			t.Errorf("%q: got\n%v\nwant\n%s", c.path, err, c.want)
		}
	}
	_, err := read(t, config(dir, "path", "empty", "format", "csv"), 64)
	if want := "'DIR/empty' is a folder (to read the files in it write for example path = 'DIR/empty/*.csv')"; err == nil || strings.ReplaceAll(err.Error(), dir, "DIR") != want {
		t.Error(err)
	}
	rows, _ := read(t, config(dir, "path", "cut.csv.gz"), 64)
	if len(rows) == 0 {
		t.Error("no rows before the place where the file is cut off")
	}
}

// TestCancel checks that a reader stops when its context ends.
func TestCancel(t *testing.T) {
	dir := folder(t, map[string]string{"a.csv": "a,b\n" + strings.Repeat("x,1\n", 100)})
	src, _ := NewSource(config(dir, "path", "a.csv"))
	src.(*source).block = 16
	ctx, cancel := context.WithCancel(context.Background())
	r, err := src.Open(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var c connectors.Chunk
	if err := r.Next(ctx, &c); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := r.Next(ctx, &c); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func batch(rows ...string) *data.Batch {
	b := data.NewPool(schema).Get()
	for _, r := range rows {
		f := strings.Fields(r)
		for c := data.Insert; c <= data.Delete; c++ {
			if c.String() == f[0] {
				b.Changes = append(b.Changes, c)
			}
		}
		for k := range schema {
			data.NewTextParser(schema[k].Type, nil).Append(b.Cols[k], []byte(f[k+1]))
		}
		b.N++
	}
	return b
}

func TestSink(t *testing.T) {
	ctx := context.Background()
	tests := []struct {
		path    string
		key     []int
		writes  []string // a batch each; ! flushes
		want    string
		options []string
	}{
		{"o.csv", nil, []string{"+I x 1", "+I y 2", "!"}, "a,b\nx,1\ny,2\n", nil},
		{"o.csv", nil, []string{"!"}, "a,b\n", nil},
		{"o.csv", nil, []string{"+I x 1", "!", "!", "+I y 2", "!"}, "a,b\nx,1\ny,2\n", nil},
		{"o.csv.gz", nil, []string{"+I x 1", "!", "+I y 2", "!"}, "a,b\nx,1\ny,2\n", nil},
		{"o.json", []int{0}, []string{"+I y 2", "+I x 1", "-U x 1", "+U x 5", "+I z 1", "-D z 1", "!"}, "{\"a\":\"x\",\"b\":5}\n{\"a\":\"y\",\"b\":2}\n", nil},
		{"o.csv", []int{0}, []string{"+I y 2", "!", "+I x 1", "!"}, "a,b\nx,1\ny,2\n", nil},
		{"o.json", []int{0}, []string{"+I y 2", "-D y 2", "!"}, "{\"op\":\"+I\",\"row\":{\"a\":\"y\",\"b\":2}}\n{\"op\":\"-D\",\"row\":{\"a\":\"y\",\"b\":2}}\n", []string{"format", "changelog-json"}},
	}
	for _, c := range tests {
		dir := folder(t, map[string]string{"o.csv": "old"})
		m := map[string]string{"path": c.path}
		for i := 0; i < len(c.options); i += 2 {
			m[c.options[i]] = c.options[i+1]
		}
		s, err := NewSink(connectors.SinkConfig{Name: "t", Schema: schema, Key: c.key, Options: connectors.NewOptions(m), BaseDir: dir})
		if err != nil {
			t.Fatal(err)
		}
		flushed := false
		for _, w := range c.writes {
			if w == "!" {
				err, flushed = s.Flush(ctx), true
			} else if err = s.Write(ctx, batch(w)); !flushed {
				if text, _ := os.ReadFile(filepath.Join(dir, "o.csv")); string(text) != "old" {
					t.Errorf("%v: the file changed before Flush", c.writes)
				}
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(filepath.Join(dir, c.path))
		if err == nil && strings.HasSuffix(c.path, ".gz") {
			z, _ := gzip.NewReader(bytes.NewReader(text))
			text, err = io.ReadAll(z)
		}
		if err != nil || string(text) != c.want {
			t.Errorf("%s %v: got %q, %v, want %q", c.path, c.writes, text, err, c.want)
		}
		left, _ := filepath.Glob(filepath.Join(dir, ".*"))
		if len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	}
}

func TestSinkAbandonedAndErrors(t *testing.T) {
	dir := folder(t, map[string]string{"sub/x": ""})
	open := func(path string) (connectors.Sink, error) {
		return NewSink(connectors.SinkConfig{Schema: schema, Options: connectors.NewOptions(map[string]string{"path": path, "format": "csv"}), BaseDir: dir})
	}
	s, err := open("o.csv")
	if err != nil {
		t.Fatal(err)
	}
	s.Write(context.Background(), batch("+I x 1"))
	s.Close()
	if names, _ := filepath.Glob(filepath.Join(dir, "*o.csv*")); len(names) > 0 {
		t.Errorf("left behind: %v", names)
	}
	for path, want := range map[string]string{
		"no/o.csv": "there is no folder 'DIR/no' to write 'o.csv' in (create it first)",
	} {
		if _, err := open(path); err == nil || strings.ReplaceAll(err.Error(), dir, "DIR") != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
