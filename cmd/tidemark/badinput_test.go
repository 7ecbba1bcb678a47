package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// badInput is one row of the list of bad inputs: files, what is run over them, and what
// must come of it. Every run has the folder of the files for its data root.
type badInput struct {
	name  string
	files map[string]string
	links map[string]string // symbolic links, by their names
	stdin string            // of which a "|" ends what is there at a time
	sql   string
	out   string // all of standard output, as csv
	err   string // a pattern in standard error; "" for a run without an error
}

// pieces is an input that comes by and by.
type pieces struct{ left []string }

func (p *pieces) Read(b []byte) (int, error) {
	if len(p.left) == 0 {
		return 0, io.EOF
	}
	n := copy(b, p.left[0])
	if p.left[0] = p.left[0][n:]; p.left[0] == "" {
		p.left = p.left[1:]
	}
	return n, nil
}

// zipped is text as gzip makes it.
func zipped(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		panic(err)
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return b.String()
}

// bomb is gzip data that becomes far more than it is.
func bomb() string {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		panic(err)
	}
	line := bytes.Repeat([]byte("\n"), 1<<20)
	for range 80 {
		if _, err := w.Write(line); err != nil {
			panic(err)
		}
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return b.String()
}

const (
	intsTable  = "CREATE STREAM t (a INT, b STRING) WITH (path = 'in.json', on_error = '%'); SELECT a, b FROM t"
	timesTable = "CREATE STREAM t (a INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH (path = 'in.json', %); SELECT window_start, COUNT(*) AS n FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end"
)

// followed is what tail -F gives.
const followed = "CREATE STREAM t (a INT, b STRING) WITH (path = '-', format = 'json', bounded = 'false'); SELECT a, b FROM t"

func ints(onError string) string  { return strings.Replace(intsTable, "%", onError, 1) }
func times(options string) string { return strings.Replace(timesTable, "%", options, 1) }

func badInputs() []badInput {
	file := func(text string) map[string]string { return map[string]string{"in.json": text} }
	const good = `{"a":1,"b":"x"}` + "\n"
	secret := map[string]string{"../secret.csv": "a\n1\n"}
	return []badInput{
		{name: "malformed JSON ends the run", files: file(good + "{\"a\":\n"), sql: ints("fail"), out: "a,b\n1,x\n", err: `in\.json:2: not valid JSON`},
		{name: "malformed JSON is skipped", files: file("{\n" + good + "[]\n"), sql: ints("skip"), out: "a,b\n1,x\n"},
		{name: "wrong type", files: file(good + `{"a":"x"}` + "\n"), sql: ints("fail"), out: "a,b\n1,x\n", err: `in\.json:2: column a: 'x' is not a valid INT`},
		{name: "truncated last line that is whole", files: file(good + `{"a":2,"b":"y"}`), sql: ints("fail"), out: "a,b\n1,x\n2,y\n"},
		{name: "truncated last line that is not", files: file(good + `{"a":2,"b"`), sql: ints("fail"), out: "a,b\n1,x\n", err: `in\.json:2: not valid JSON: .* found the end of the line`},
		{name: "truncated last line of the standard input", stdin: good + `{"a":2,"b"`, sql: "CREATE STREAM t (a INT) WITH (path = '-', format = 'json'); SELECT a FROM t", out: "a\n1\n", err: `<stdin>:2: not valid JSON`},
		{name: "last line of a followed file, whose rest comes", stdin: good + `{"a":2|,"b":"|y"}` + "\n" + good, sql: followed, out: "a,b\n1,x\n2,y\n1,x\n"},
		{name: "last line of a followed file, whole but for its end", stdin: good + `{"a":2}|` + "\n" + good, sql: followed, out: "a,b\n1,x\n2,\n1,x\n"},
		{name: "last line of a followed file, whose rest does not come", stdin: good + `{"a":2,|"b"`, sql: followed, out: "a,b\n1,x\n", err: `<stdin>:2: not valid JSON`},
		{name: "giant line", files: file(good + `{"b":"` + strings.Repeat("x", 2<<20) + "\"}\n" + good), sql: ints("skip"), out: "a,b\n1,x\n1,x\n"},
		{name: "giant line ends the run", files: file(`{"b":"` + strings.Repeat("x", 2<<20)), sql: ints("fail"), out: "", err: `in\.json:1: the record is longer than max_record_bytes = 1048576`},
		{name: "invalid UTF-8", files: file("{\"b\":\"\xff\"}\n"), sql: ints("fail"), err: `in\.json:1: not valid JSON: UTF-8 is expected, found byte 0xff`},
		{name: "NULL event time", files: file(`{"a":1,"ts":null}` + "\n"), sql: times("on_error = 'fail'"), err: `in\.json:1: column ts is NULL, and it is the event time`},
		{name: "event time beyond all times", files: file(`{"ts":"99999-01-01T00:00:00Z"}` + "\n"), sql: times("on_error = 'fail'"), err: `in\.json:1: column ts: .* is not a valid TIMESTAMP|out of range`},
		{name: "far-future event time", files: file(`{"ts":"2026-01-05T10:00:00Z"}` + "\n" + `{"ts":"2999-01-01T00:00:00Z"}` + "\n" + `{"ts":"2026-01-05T10:00:30Z"}` + "\n"),
			sql: times("max_future_drift = '1 day'"), out: "window_start,n\n2026-01-05T10:00:00Z,2\n2999-01-01T00:00:00Z,1\n"},
		{name: "gzip data that is none", files: map[string]string{"in.csv.gz": "a\n1\n2\n3\n4\n5\n6\n7\n"}, sql: "SELECT * FROM 'in.csv.gz'", err: "in.csv.gz: not valid gzip data, which its name promises"},
		{name: "gzip data cut off", files: map[string]string{"in.csv.gz": zipped("a\n1\n")[:20]}, sql: "CREATE STREAM t (a INT) WITH (path = 'in.csv.gz'); SELECT a FROM t", err: "in.csv.gz: the compressed data ends too early"},
		{name: "gzip data with a wrong sum", files: map[string]string{"in.csv.gz": zipped("a\n1\n")[:len(zipped("a\n1\n"))-8] + "12345678"}, sql: "CREATE STREAM t (a INT) WITH (path = 'in.csv.gz'); SELECT a FROM t", out: "", err: "in.csv.gz: not valid gzip data, which its name promises: invalid checksum"},
		{name: "gzip bomb", files: map[string]string{"in.json.gz": bomb()}, sql: "CREATE STREAM t (a INT) WITH (path = 'in.json.gz'); SELECT a FROM t", err: "in.json.gz: decompressed it has .* beyond max_decompressed_ratio = 1000: if it is meant so, raise it"},
		{name: "gzip bomb that is meant so", files: map[string]string{"in.json.gz": bomb()}, sql: "CREATE STREAM t (a INT) WITH (path = 'in.json.gz', max_decompressed_ratio = '2000'); SELECT COUNT(*) AS n FROM t", out: "n\n0\n"},
		{name: "gzip data beyond the limit of bytes", files: map[string]string{"in.csv.gz": zipped("a\n1\n22222\n")}, sql: "CREATE STREAM t (a INT) WITH (path = 'in.csv.gz', max_decompressed_bytes = '5'); SELECT a FROM t", err: "in.csv.gz: decompressed it has more than max_decompressed_bytes = 5"},

		{name: "path outside by ..", files: secret, sql: "SELECT * FROM '../secret.csv'", err: "'../secret.csv' is outside the data root"},
		{name: "path outside, absolute", sql: "CREATE STREAM t (a STRING) WITH (path = '/etc/passwd', format = 'raw'); SELECT * FROM t", err: "'/etc/passwd' is outside the data root"},
		{name: "path outside by a link", files: secret, links: map[string]string{"in.csv": "../secret.csv"}, sql: "SELECT * FROM 'in.csv'", err: "'in.csv' is outside the data root"},
		{name: "path outside by a link that a pattern finds", files: secret, links: map[string]string{"in.csv": "../secret.csv"}, sql: "SELECT * FROM '*.csv'", err: `'\*.csv' is outside the data root`},
		{name: "path outside by a linked folder", files: secret, links: map[string]string{"up": ".."}, sql: "SELECT * FROM 'up/secret.csv'", err: "'up/secret.csv' is outside the data root"},
		{name: "sink outside", sql: "CREATE STREAM o (x INT) WITH (path = '../out.csv'); INSERT INTO o SELECT 1", err: "'../out.csv' is outside the data root"},
		{name: "sink outside by a link to nowhere", links: map[string]string{"out.db": "../made.db"}, sql: "CREATE TABLE o (x INT, PRIMARY KEY (x)) WITH (connector = 'sqlite', path = 'out.db'); INSERT INTO o SELECT 1", err: "'out.db' is outside the data root"},
		{name: "description outside", sql: "CREATE STREAM t (a INT) WITH (path = 'in.pb', format = 'protobuf', proto_file = '../x.proto'); SELECT a FROM t", err: "'../x.proto' is outside the data root"},
		{name: "path inside, though by ..", files: map[string]string{"in.csv": "a\n1\n", "sub/x": ""}, sql: "SELECT * FROM 'sub/../in.csv'", out: "a\n1\n"},

		{name: "quotes in the names of a table and its columns", sql: `CREATE TABLE o ("x""; DROP TABLE y; --" INT, "select" STRING, PRIMARY KEY ("x""; DROP TABLE y; --")) WITH (connector = 'sqlite', path = 'o.db', "table" = 'a"b''; DROP TABLE z; --');
			INSERT INTO o SELECT 1, 'it''s'`},
		{name: "quotes in the names of csv", files: map[string]string{"in.csv": "\"a \"\"b\"\"\",c\n1,2\n"}, sql: `SELECT "a ""b""" AS x, c FROM 'in.csv'`, out: "x,c\n1,2\n"},

		{name: "nested without end", sql: "SELECT " + strings.Repeat("(", 100_000) + "1" + strings.Repeat(")", 100_000), err: "deep|nest"},
		{name: "windows without end", files: file(""), sql: "CREATE STREAM t (ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH (path = 'in.json'); SELECT COUNT(*) AS n FROM TABLE(HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '1' SECOND, INTERVAL '1000000000' SECOND))", err: "each row would belong to 1000000000 windows: the fan-out, size / slide, is limited to 10000"},
		{name: "rows without end, of which few are asked for", sql: "SELECT x FROM GENERATE_SERIES(1, 1000000000) AS g(x) LIMIT 2", out: "x\n1\n2\n"},
		{name: "elements without end", sql: "SELECT COUNT(*) AS n FROM GENERATE_SERIES(1, 3) AS g(x) CROSS JOIN UNNEST(GENERATE_ARRAY(x, 1000000000)) AS u(y)", err: "GENERATE_ARRAY would make more than 1000000 elements, its limit"},
		{name: "text without end", sql: "SELECT LENGTH(REPEAT('x', 1000000000)) AS n", err: "the result of REPEAT would be longer than 16 MiB"},

		{name: "a change without its row", files: map[string]string{"in.json": `{"op":"u","after":{"a":1}}`}, sql: "CREATE STREAM t (a INT) WITH (path = 'in.json', format = 'debezium-json'); SELECT a FROM t", err: `in\.json:1: op 'u' needs the old row`},
		{name: "an Avro file that is none", files: map[string]string{"in.avro": "Obj\x02"}, sql: "SELECT * FROM 'in.avro'", err: "in.avro: no Avro file"},
		{name: "a Protobuf file cut off", files: map[string]string{"x.proto": `syntax = "proto3"; message M { int32 a = 1; }`, "in.pb": "\x02\x08\x07\x02\x08"}, sql: "CREATE STREAM t (a INT) WITH (path = 'in.pb', format = 'protobuf', proto_file = 'x.proto'); SELECT a FROM t", out: "a\n7\n", err: "in.pb: ends in the middle of message 2"},
		{name: "a Protobuf message that is none", files: map[string]string{"x.proto": `syntax = "proto3"; message M { int32 a = 1; }`, "in.pb": "\x01\x08\x02\x08\x07"}, sql: "CREATE STREAM t (a INT) WITH (path = 'in.pb', format = 'protobuf', proto_file = 'x.proto', on_error = 'skip'); SELECT a FROM t", out: "a\n7\n"},
	}
}

// TestBadInput runs the program over every row of the list.
func TestBadInput(t *testing.T) {
	for _, c := range badInputs() {
		t.Run(c.name, func(t *testing.T) {
			root := filepath.Join(t.TempDir(), "root")
			if err := os.Mkdir(root, 0o777); err != nil {
				t.Fatal(err)
			}
			for name, text := range c.files {
				path := filepath.Join(root, name)
				if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			for name, to := range c.links {
				if err := os.Symlink(to, filepath.Join(root, name)); err != nil {
					t.Fatal(err)
				}
			}
			var out, errs bytes.Buffer
			code := run([]string{"run", "-q", "-o", "csv", "--data-root", root, "-e", c.sql}, &console{stdin: &pieces{strings.Split(c.stdin, "|")}, stdout: &results{out: &out}, stderr: &errs})
			text := errs.String()
			switch {
			case (code != 0) != (c.err != ""):
				t.Errorf("exit code %d: %s", code, text)
			case c.err != "" && !regexp.MustCompile(c.err).MatchString(text):
				t.Errorf("got %q, want %q", text, c.err)
			case strings.Contains(text, "goroutine ") || strings.Contains(text, "panic"):
				t.Errorf("a trace: %s", text)
			}
			if got := strings.TrimSuffix(out.String(), "\n"); got != strings.TrimSuffix(c.out, "\n") && !(c.out == "" && !strings.Contains(got, "\n")) {
				t.Errorf("wrote %q, want %q", got, c.out)
			}
			if _, err := os.Lstat(filepath.Join(root, "..", "made.db")); err == nil {
				t.Error("a file was made outside")
			}
		})
	}
}
