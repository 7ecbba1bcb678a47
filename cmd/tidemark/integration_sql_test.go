//go:build integration

package main

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tidemark/connectors"
	"tidemark/connectors/builtin"
	"tidemark/operators/data"
)

// sinkBed is a database with which the suite of sinks is run.
type sinkBed struct {
	connector string
	options   map[string]string
	// run runs statements of SQL; rows returns what a query returns, values separated
	// by |.
	run func(t testing.TB, statements string) string
	// restart stops the server, starts it again in the background and returns what waits
	// for that; nil for none.
	restart func(t testing.TB) (back func())
}

func (b *sinkBed) with(more ...string) connectors.Options {
	m := maps.Clone(b.options)
	for i := 0; i < len(more); i += 2 {
		m[more[i]] = more[i+1]
	}
	return connectors.NewOptions(m)
}

// sink opens a sink on a table.
func (b *sinkBed) sink(t testing.TB, table string, schema data.Schema, key []int, job *connectors.Job) connectors.Sink {
	t.Helper()
	c, _ := builtin.Registry().Lookup(b.connector)
	s, err := c.NewSink(connectors.SinkConfig{Name: table, Schema: schema, Key: key, Options: b.with(), Job: job})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func sqliteBed(t testing.TB) *sinkBed {
	path := filepath.Join(t.TempDir(), "x.db")
	return &sinkBed{connector: "sqlite", options: map[string]string{"path": path}, run: func(t testing.TB, statements string) string {
		t.Helper()
		db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(5000)")
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		rows, err := db.Query(statements)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		names, _ := rows.Columns()
		var out []string
		for rows.Next() {
			values, at := make([]sql.NullString, len(names)), make([]any, len(names))
			for i := range values {
				at[i] = &values[i]
			}
			if err := rows.Scan(at...); err != nil {
				t.Fatal(err)
			}
			texts := make([]string, len(names))
			for i, v := range values {
				texts[i] = v.String
			}
			out = append(out, strings.Join(texts, "|"))
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		return strings.Join(out, "\n")
	}}
}

func postgresBed(t testing.TB) *sinkBed {
	s := startPostgres(t)
	password := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(password, []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return &sinkBed{connector: "postgres", options: map[string]string{"url": s.url(), "password": "file:" + password},
		run:     func(t testing.TB, statements string) string { t.Helper(); return s.psql(t, "tidemark", statements) },
		restart: s.restart,
	}
}

// TestIntegrationSQL runs the suite of sinks and lookups against the databases.
func TestIntegrationSQL(t *testing.T) {
	for name, bed := range map[string]func(testing.TB) *sinkBed{"sqlite": sqliteBed, "postgres": postgresBed} {
		t.Run(name, func(t *testing.T) {
			b := bed(t)
			t.Run("upsert", b.testUpsert)
			t.Run("append", b.testAppend)
			t.Run("types", b.testTypes)
			t.Run("fault", b.testFault)
			t.Run("nul", b.testNUL)
			t.Run("marks", b.testMarks)
			t.Run("killed", b.testKilled)
			t.Run("random", b.testRandom)
			t.Run("command", b.testCommand)
			if b.restart != nil {
				t.Run("restart", b.testRestart)
				t.Run("restart lookup", b.testRestartLookup)
			}
		})
	}
}

var sinkSchema = data.Schema{{Name: "id", Type: data.Of(data.BigInt)}, {Name: "name", Type: data.Of(data.String)}, {Name: "x", Type: data.DecimalType(12, 2)}}

// changes makes a batch of sinkSchema from "+I id name x"; - is NULL.
func changes(t *testing.T, rows ...string) *data.Batch {
	t.Helper()
	b := data.NewPool(sinkSchema).Get()
	for _, r := range rows {
		f := strings.Fields(r)
		for c := data.Insert; c <= data.Delete; c++ {
			if c.String() == f[0] {
				b.Changes = append(b.Changes, c)
			}
		}
		appendTexts(t, b, f[1:])
	}
	return b
}

// appendTexts appends a row of texts; - is NULL.
func appendTexts(t *testing.T, b *data.Batch, texts []string) {
	t.Helper()
	for i, v := range b.Cols {
		if texts[i] == "-" {
			v.AppendNull()
		} else if err := data.NewTextParser(v.Type, nil).Append(v, []byte(texts[i])); err != nil {
			t.Fatal(err)
		}
	}
	b.N++
}

func mustWrite(t testing.TB, s connectors.Sink, b *data.Batch) {
	t.Helper()
	if err := s.Write(context.Background(), b); err != nil {
		t.Fatal(err)
	}
}

func mustFlush(t *testing.T, s connectors.Sink) {
	t.Helper()
	if err := s.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func (b *sinkBed) expect(t *testing.T, query, want string) {
	t.Helper()
	if got := b.run(t, query); got != want {
		t.Errorf("%s: got\n%s\nwant\n%s", query, got, want)
	}
}

func (b *sinkBed) testUpsert(t *testing.T) {
	s := b.sink(t, "up", sinkSchema, []int{0}, nil)
	mustWrite(t, s, changes(t, "+I 1 a 1", "+I 2 b 2", "+I 3 c 3", "-U 1 a 1", "+U 1 A 1.5", "-D 2 b 2"))
	mustFlush(t, s)
	mustWrite(t, s, changes(t, "-D 3 c 3", "+I 3 - -", "+I 4 d 4", "-D 4 d 4", "-D 9 z 9"))
	mustFlush(t, s)
	b.expect(t, "SELECT id, name, x FROM up ORDER BY id", "1|A|1.50\n3||")
	b.expect(t, "SELECT count(*) FROM up WHERE name IS NULL AND x IS NULL", "1")
}

func (b *sinkBed) testAppend(t *testing.T) {
	for range 2 {
		s := b.sink(t, "app", sinkSchema, nil, nil)
		mustWrite(t, s, changes(t, "+I 1 a 1", "+I 1 a 1"))
		mustFlush(t, s)
		mustWrite(t, s, changes(t, "+I 2 b 2"))
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	b.expect(t, "SELECT id, count(*) FROM app GROUP BY id", "1|4")
}

// testTypes writes values of all types and looks them up again.
func (b *sinkBed) testTypes(t *testing.T) {
	text, number := data.Of(data.String), data.DecimalType(12, 2)
	var schema data.Schema
	rows := [3][]string{}
	for _, c := range []struct {
		typ  data.Type
		a, b string
	}{
		{data.Of(data.BigInt), "9223372036854775807", "-9223372036854775808"}, {data.Of(data.Boolean), "true", "false"}, {data.Of(data.Int), "7", "-2147483648"},
		{data.Of(data.Double), "1.5", "0.1"}, {data.Of(data.Double), "NaN", "-Infinity"}, {number, "-0.5", "9999999999.99"}, {data.DecimalType(38, 0), "12345678901234567890123456789012345678", "-1"},
		{data.DecimalType(38, 10), "1234567890123456789012345678.0123456789", "0"}, {text, "tab\tline\nback\\slash \r 'quote' \"q\" \\N é", ""}, {data.Of(data.Bytes), "AAECXP8=", ""},
		{data.Of(data.Date), "2026-01-05", "0001-01-01"}, {data.Of(data.Time), "10:00:00.000001", "23:59:59"}, {data.Of(data.Timestamp), "2026-01-05T10:00:00.123456Z", "9999-12-31T23:59:59Z"},
		{data.Of(data.Interval), "P1Y2M", "-5 minutes"}, {data.Of(data.JSON), `{"a": [1, null, "x\\y"]}`, `"s"`}, {data.ArrayOf(text), `["it's","a\"b\\c",null,"NULL",""]`, "[]"},
		{data.ArrayOf(data.Of(data.BigInt)), "[1,null,-3]", "[]"}, {data.ArrayOf(data.Of(data.Timestamp)), `["2026-01-05T10:00:00Z"]`, "[null]"}, {data.ArrayOf(data.ArrayOf(data.Of(data.Int))), "[[1,2],[],[3]]", "[]"},
		{data.MapOf(text, number), `{"a":2.00,"b":null}`, "{}"}, {data.RowOf(data.Field{Name: "d", Type: data.Of(data.Date)}, data.Field{Name: "s", Type: text}), `{"d":"2026-01-05","s":null}`, `{"d":null,"s":"x"}`},
	} {
		schema = append(schema, data.Column{Name: fmt.Sprintf("c%d %s", len(schema), c.typ.Kind), Type: c.typ})
		rows[0], rows[1], rows[2] = append(rows[0], c.a), append(rows[1], c.b), append(rows[2], "-")
	}
	rows[2][0] = "5"
	batch := data.NewPool(schema).Get()
	for _, r := range rows {
		appendTexts(t, batch, r)
	}
	s := b.sink(t, "types", schema, []int{0}, nil)
	for range 2 { // the second replaces
		mustWrite(t, s, batch)
		mustFlush(t, s)
	}
	out := b.lookup(t, "types", schema, []int{0}, batch.Cols[:1], batch.N)
	if out.Cols[0].Len() != len(rows) {
		t.Fatalf("%d rows, want %d", out.Cols[0].Len(), len(rows))
	}
	for i := range rows {
		found := slices.Index(out.Cols[0].Ints, batch.Cols[0].Ints[i])
		for c := range schema {
			got, want := textOf(out.Cols[c], found), textOf(batch.Cols[c], i)
			if schema[c].Type.Kind == data.JSON {
				got, want = strings.ReplaceAll(got, " ", ""), strings.ReplaceAll(want, " ", "")
			}
			if b.connector == "sqlite" && want == "NaN" {
				want = "NULL" // SQLite has no NaN
			}
			if got != want {
				t.Errorf("row %d, %s: got %s, want %s", i, schema[c].Name, got, want)
			}
		}
	}
	// Each column is found by its values, too.
	for c := range schema {
		if schema[c].Type.Nested() || schema[c].Type.Kind == data.JSON || schema[c].Type.Kind == data.Interval || schema[c].Type.Kind == data.Double {
			continue
		}
		out := b.lookup(t, "types", schema, []int{c, 0}, []*data.Vector{batch.Cols[c], batch.Cols[0]}, batch.N)
		if got := out.Cols[0].Len(); got != 2 && c > 0 {
			t.Errorf("by %s %d rows are found, want 2", schema[c].Name, got)
		}
	}
}

func (b *sinkBed) lookup(t *testing.T, table string, schema data.Schema, key []int, keys []*data.Vector, n int) *data.Batch {
	t.Helper()
	c, _ := builtin.Registry().Lookup(b.connector)
	l, err := c.NewLookup(connectors.LookupConfig{Name: table, Schema: schema, Key: key, Options: b.with()})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	out := data.NewPool(schema).Get()
	if err := l.Find(context.Background(), keys, n, out); err != nil {
		t.Fatal(err)
	}
	return out
}

func textOf(v *data.Vector, i int) string {
	if v.IsNull(i) {
		return "NULL"
	}
	return string(data.AppendText(nil, v, i))
}

// testFault has a table refuse one row of many.
func (b *sinkBed) testFault(t *testing.T) {
	b.run(t, "CREATE TABLE fault (id BIGINT PRIMARY KEY, name VARCHAR(20), x NUMERIC CONSTRAINT small CHECK (CAST(x AS INTEGER) < 1000))")
	s := b.sink(t, "fault", sinkSchema, []int{0}, nil)
	mustWrite(t, s, changes(t, "+I 1 a 1"))
	mustFlush(t, s)
	var rows []string
	for i := range 5000 {
		rows = append(rows, fmt.Sprintf("+U %d n%d %d", i, i, i%1000+i/3700*500))
	}
	mustWrite(t, s, changes(t, rows...))
	err := s.Flush(context.Background())
	if err == nil || !strings.Contains(err.Error(), "the row with id = 3700 cannot be stored") || !strings.Contains(err.Error(), "small") || connectors.IsUnavailable(err) {
		t.Errorf("got %v", err)
	}
	b.expect(t, "SELECT count(*) FROM fault", "1")
}

// testNUL writes a text with a NUL, which PostgreSQL cannot store.
func (b *sinkBed) testNUL(t *testing.T) {
	s := b.sink(t, "nul", sinkSchema, []int{0}, nil)
	batch := changes(t, "+I 1 a 1", "+I 2 b@b 2", "+I 3 c 3")
	for i, c := range batch.Cols[1].Bytes {
		if c == '@' {
			batch.Cols[1].Bytes[i] = 0
		}
	}
	mustWrite(t, s, batch)
	err := s.Flush(context.Background())
	if b.connector == "sqlite" {
		if err != nil {
			t.Error(err)
		}
		return
	}
	if err == nil || !strings.Contains(err.Error(), "the row with id = 2 cannot be stored: column name has a NUL byte; PostgreSQL has no NUL in texts: take it out with REPLACE(name, CHR(0), '')") {
		t.Errorf("got %v", err)
	}
}

// suiteJob is the job of a test that writes to a table.
func suiteJob(table string) *connectors.Job {
	return &connectors.Job{ID: "0af3", Sink: "it's " + table}
}

// testMarks checks that marks are those of the rows, and that a process which was
// overtaken writes no more.
func (b *sinkBed) testMarks(t *testing.T) {
	ctx := context.Background()
	open := func(want connectors.Mark) connectors.Transactional {
		t.Helper()
		s := b.sink(t, "marked", sinkSchema, nil, suiteJob("marked")).(connectors.Transactional)
		if got, err := s.Marked(ctx); err != nil || got != want {
			t.Fatalf("the mark is %v, %v; want %v", got, err, want)
		}
		return s
	}
	s := open(connectors.Mark{})
	mustWrite(t, s, changes(t, "+I 1 a 1", "+I 2 b 2"))
	first := connectors.Mark{Checkpoint: 1, Rows: 2}
	if err := s.CommitMarked(ctx, first); err != nil {
		t.Fatal(err)
	}
	mustWrite(t, s, changes(t, "+I 3 c 3"))
	second := open(first)
	mustWrite(t, second, changes(t, "+I 3 c 3"))
	if err := second.CommitMarked(ctx, connectors.Mark{Checkpoint: 2, Rows: 3}); err != nil {
		t.Fatal(err)
	}
	if err := s.CommitMarked(ctx, connectors.Mark{Checkpoint: 2, Rows: 3}); err == nil || !strings.Contains(err.Error(), "another process of the same job") {
		t.Errorf("got %v", err)
	}
	open(connectors.Mark{Checkpoint: 2, Rows: 3})
	b.expect(t, "SELECT id FROM marked ORDER BY id", "1\n2\n3")
}

// testRandom folds random changes in parts and compares with what is there.
func (b *sinkBed) testRandom(t *testing.T) {
	s := b.sink(t, "rnd", sinkSchema, []int{0}, nil)
	want := map[string]string{}
	for i := range 20 {
		var rows []string
		for k := range 800 {
			id, x := strconv.Itoa((i*1000+k*7)%3001), fmt.Sprintf("%d.%02d", k, i)
			if k%11 == 0 {
				rows = append(rows, "-D "+id+" n 0")
				delete(want, id)
			} else {
				rows = append(rows, "+U "+id+" n "+x)
				want[id] = x
			}
		}
		mustWrite(t, s, changes(t, rows...))
		mustFlush(t, s)
	}
	got := map[string]string{}
	for _, l := range strings.Split(b.run(t, "SELECT id, x FROM rnd"), "\n") {
		id, x, _ := strings.Cut(l, "|")
		got[id] = x
	}
	if !maps.Equal(got, want) {
		t.Errorf("%d rows, want %d others", len(got), len(want))
	}
}

// script is a script that fills a table and one that looks its rows up.
func (b *sinkBed) script(statements string) string {
	with := "connector = '" + b.connector + "'"
	for name, value := range b.options {
		with += ", " + name + " = '" + value + "'"
	}
	return strings.ReplaceAll(statements, "WITH ()", "WITH ("+with+")")
}

// testCommand has the program itself fill a table, twice, and look its rows up.
func (b *sinkBed) testCommand(t *testing.T) {
	fill := b.script(`CREATE TABLE seen (user_id STRING PRIMARY KEY, n BIGINT) WITH ();
		INSERT INTO seen SELECT user_id, COUNT(*) FROM (VALUES ('a'), ('b'), ('a')) AS v (user_id) GROUP BY user_id`)
	for range 2 {
		if out := output(t, program(t, "tidemark"), "run", "-q", "-e", fill); out != "" {
			t.Errorf("it prints %s", out)
		}
	}
	b.expect(t, "SELECT user_id, n FROM seen ORDER BY user_id", "a|2\nb|1")
	got := output(t, program(t, "tidemark"), "run", "-q", "-o", "csv", "-e", b.script(`CREATE TABLE seen (user_id STRING PRIMARY KEY, n BIGINT) WITH ();
		SELECT v.user_id, s.n FROM (VALUES ('b'), ('z')) AS v (user_id) LEFT JOIN seen s ON v.user_id = s.user_id`))
	if got != "user_id,n\nb,1\nz,\n" {
		t.Errorf("the lookup gives\n%s", got)
	}
	if b.restart != nil {
		refused(t, strings.Replace(fill, "n BIGINT", "count BIGINT", 1), " has no column count\n")
	}
}

// refused runs a script that cannot be run, and wants a part of what is printed; no
// secret may be.
func refused(t *testing.T, script, want string) {
	t.Helper()
	cmd := exec.Command(program(t, "tidemark"), "run", "-q", "-e", script)
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), want) || strings.Contains(string(out), "secret") || strings.Contains(string(out), "pool") {
		t.Errorf("got %v\n%s\nwant %s", err, out, want)
	}
}

// testRestart stops the server between two commits: without a job the sink writes
// again, with one it says that the server is not available.
func (b *sinkBed) testRestart(t *testing.T) {
	ctx := context.Background()
	alone := b.sink(t, "re", sinkSchema, nil, nil)
	ofJob := b.sink(t, "rejob", sinkSchema, nil, suiteJob("rejob")).(connectors.Transactional)
	if _, err := ofJob.Marked(ctx); err != nil {
		t.Fatal(err)
	}
	rows := changes(t, "+I 1 a 1", "+I 2 b 2")
	mustWrite(t, alone, rows)
	mustFlush(t, alone)
	mustWrite(t, alone, rows)
	mustWrite(t, ofJob, rows)
	back := b.restart(t)
	if err := ofJob.CommitMarked(ctx, connectors.Mark{Checkpoint: 1, Rows: 2}); !connectors.IsUnavailable(err) {
		t.Errorf("got %v", err)
	}
	mustFlush(t, alone)
	back()
	if _, err := alone.(connectors.Troubled).Trouble(); err != nil {
		t.Errorf("there is still trouble: %v", err)
	}
	if m, err := ofJob.Marked(ctx); err != nil || m != (connectors.Mark{}) {
		t.Errorf("the mark is %v, %v", m, err)
	}
	mustWrite(t, ofJob, rows)
	if err := ofJob.CommitMarked(ctx, connectors.Mark{Checkpoint: 1, Rows: 2}); err != nil {
		t.Error(err)
	}
	b.expect(t, "SELECT id, count(*) FROM re GROUP BY id ORDER BY id", "1|2\n2|2")
	b.expect(t, "SELECT id, count(*) FROM rejob GROUP BY id ORDER BY id", "1|1\n2|1")
}

func (b *sinkBed) testRestartLookup(t *testing.T) {
	c, _ := builtin.Registry().Lookup(b.connector)
	l, err := c.NewLookup(connectors.LookupConfig{Name: "re", Schema: sinkSchema, Key: []int{0}, Options: b.with("lookup_retries", "20")})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	keys := changes(t, "+I 2 - -", "+I 7 - -").Cols[:1]
	find := func() {
		t.Helper()
		out := data.NewPool(sinkSchema).Get()
		if err := l.Find(context.Background(), keys, 2, out); err != nil || out.Cols[0].Len() != 2 {
			t.Errorf("%d rows, %v", out.Cols[0].Len(), err)
		}
	}
	find()
	back := b.restart(t)
	find()
	back()
}
