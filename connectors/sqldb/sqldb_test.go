package sqldb

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tidemark/connectors"
	"tidemark/operators/data"
)

var schema = data.Schema{{Name: "window_start", Type: data.Of(data.Timestamp)}, {Name: "user_id", Type: data.Of(data.String)}, {Name: "total", Type: data.DecimalType(12, 2)}}

// batch makes rows from "op second user total"; "-" is NULL.
func batch(rows ...string) *data.Batch {
	b := data.NewPool(schema).Get()
	for _, r := range rows {
		f := strings.Fields(r)
		for c := data.Insert; c <= data.Delete; c++ {
			if c.String() == f[0] {
				b.Changes = append(b.Changes, c)
			}
		}
		f[1] = "2026-01-05T10:00:0" + f[1] + "Z"
		for c := range schema {
			if f[c+1] == "-" {
				b.Cols[c].AppendNull()
			} else if err := data.NewTextParser(schema[c].Type, nil).Append(b.Cols[c], []byte(f[c+1])); err != nil {
				panic(err)
			}
		}
		b.N++
	}
	return b
}

func open(path string, key []int, options ...string) (connectors.Sink, error) {
	m := map[string]string{"path": path}
	for i := 0; i < len(options); i += 2 {
		m[options[i]] = options[i+1]
	}
	return NewSink(connectors.SinkConfig{Name: "agg", Schema: schema, Key: key, Options: connectors.NewOptions(m)})
}

func write(t *testing.T, s connectors.Sink, b ...*data.Batch) {
	t.Helper()
	for _, x := range b {
		if err := s.Write(context.Background(), x); err != nil {
			t.Fatal(err)
		}
	}
}

func finish(t *testing.T, s connectors.Sink) {
	t.Helper()
	if err := s.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// content returns a query's rows, with the storage class of each value.
func content(t *testing.T, path, query string) string {
	t.Helper()
	db, err := sql.Open("sqlite", (&settings{path: path, journal: "wal"}).dsn())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	names, _ := rows.Columns()
	var out []string
	for rows.Next() {
		values := make([]any, len(names))
		to := make([]any, len(names))
		for i := range values {
			to[i] = &values[i]
		}
		if err := rows.Scan(to...); err != nil {
			t.Fatal(err)
		}
		var cells []string
		for _, v := range values {
			cells = append(cells, fmt.Sprint(v))
		}
		out = append(out, strings.Join(cells, "|"))
	}
	return strings.Join(out, "\n")
}

const all = "SELECT * FROM agg ORDER BY 1, 2"

func TestUpsert(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a b?.db")
	for range 2 { // the second time changes nothing
		s, err := open(path, []int{0, 1})
		if err != nil {
			t.Fatal(err)
		}
		write(t, s, batch("+I 0 A 1.5", "+I 1 B 2", "-U 0 A 1.5", "+U 0 A 7"), batch("+I 2 C 3", "-D 2 C 3", "+I 3 D -", "-D 1 B 2", "+I 1 B 9"))
		finish(t, s)
		want := "2026-01-05T10:00:00Z|A|7.00\n2026-01-05T10:00:01Z|B|9.00\n2026-01-05T10:00:03Z|D|<nil>"
		if d := cmp.Diff(want, content(t, path, all)); d != "" {
			t.Fatalf("(-want +got)\n%s", d)
		}
	}
	s, err := open(path, []int{0, 1})
	if err != nil {
		t.Fatal(err)
	}
	write(t, s, batch("-D 0 A 7", "-D 3 D 0"))
	finish(t, s)
	if got := content(t, path, all); got != "2026-01-05T10:00:01Z|B|9.00" {
		t.Errorf("after deletes: %s", got)
	}
	want := `CREATE TABLE "agg" ("window_start" TEXT NOT NULL, "user_id" TEXT NOT NULL, "total" TEXT, PRIMARY KEY ("window_start", "user_id")) WITHOUT ROWID`
	if got := content(t, path, "SELECT sql FROM sqlite_schema"); got != want {
		t.Error(got)
	}
}

// TestManyRows checks batches above the sizes of statements and sends, against
// a map.
func TestManyRows(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	s, err := open(path, []int{1}, "commit_rows", "5000", "table", "agg")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for i := 0; i < 30; i++ {
		var rows []string
		for k := 0; k < 1000; k++ {
			user, total := fmt.Sprintf("u%d", (i*1000+k*7)%9001), fmt.Sprintf("%d.%02d", k, i)
			if k%11 == 0 {
				rows = append(rows, "-D 0 "+user+" 0")
				delete(want, user)
			} else {
				rows = append(rows, "+U 0 "+user+" "+total)
				want[user] = total
			}
		}
		write(t, s, batch(rows...))
	}
	finish(t, s)
	got := map[string]string{}
	for _, l := range strings.Split(content(t, path, "SELECT user_id, total FROM agg"), "\n") {
		user, total, _ := strings.Cut(l, "|")
		got[user] = total
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

func TestAppend(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	for range 2 {
		s, err := open(path, nil)
		if err != nil {
			t.Fatal(err)
		}
		write(t, s, batch("+I 0 A 1", "+I 0 A 1"))
		finish(t, s)
	}
	if got := content(t, path, "SELECT COUNT(*) FROM agg"); got != "4" {
		t.Errorf("%s rows", got)
	}
}

// TestAbandoned checks that nothing is seen of rows that were not flushed.
func TestAbandoned(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	s, err := open(path, []int{1})
	if err != nil {
		t.Fatal(err)
	}
	write(t, s, batch("+I 0 A 1"))
	if err := s.(*sink).send(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if got := content(t, path, all); got != "" {
		t.Errorf("got %s", got)
	}
}

func TestTypes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	s := data.Schema{}
	values := []struct {
		typ  data.Type
		text string
	}{{data.Of(data.Boolean), "true"}, {data.Of(data.Int), "7"}, {data.Of(data.BigInt), "9007199254740993"}, {data.Of(data.Double), "1.5"},
		{data.DecimalType(18, 0), "123456789012345678"}, {data.DecimalType(38, 0), "12345678901234567890123456789012345678"}, {data.DecimalType(12, 2), "-0.5"},
		{data.Of(data.Date), "2026-01-05"}, {data.Of(data.Time), "10:00:00"}, {data.Of(data.Bytes), "AAE="}, {data.Of(data.JSON), "[1]"}, {data.Of(data.Interval), "5 minutes"},
		{data.ArrayOf(data.Of(data.String)), `["it's", null]`}, {data.MapOf(data.Of(data.String), data.DecimalType(12, 2)), `{"b":1,"a":2}`}, {data.RowOf(data.Field{Name: "x", Type: data.Of(data.Date)}), `{"x":"2026-01-05"}`}}
	for i, v := range values {
		s = append(s, data.Column{Name: fmt.Sprintf("c%d", i), Type: v.typ})
	}
	b := data.NewPool(s).Get()
	for i, v := range values {
		if err := data.NewTextParser(v.typ, nil).Append(b.Cols[i], []byte(v.text)); err != nil {
			t.Fatal(err)
		}
	}
	b.N = 1
	sink, err := NewSink(connectors.SinkConfig{Name: "t", Schema: s, Key: []int{1}, Options: connectors.NewOptions(map[string]string{"path": path})})
	if err != nil {
		t.Fatal(err)
	}
	write(t, sink, b)
	finish(t, sink)
	var q []string
	for i := range s {
		q = append(q, fmt.Sprintf("typeof(c%d) || ':' || quote(c%d)", i, i))
	}
	want := "integer:1|integer:7|integer:9007199254740993|real:1.5|integer:123456789012345678|text:'12345678901234567890123456789012345678'|text:'-0.50'|text:'2026-01-05'|text:'10:00:00'|blob:X'0001'|text:'[1]'|text:'PT5M'" +
		`|text:'["it''s",null]'|text:'{"a":2.00,"b":1.00}'|text:'{"x":"2026-01-05"}'`
	if d := cmp.Diff(want, content(t, path, "SELECT "+strings.Join(q, ", ")+" FROM t")); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

func TestErrors(t *testing.T) {
	tests := []struct{ name, ddl, want string }{
		{"missing column", "CREATE TABLE agg (window_start TEXT, userid TEXT, total TEXT, PRIMARY KEY (window_start, userid))",
			`table agg in 'DB' has no column user_id (did you mean userid? Or add it: ALTER TABLE "agg" ADD COLUMN "user_id" TEXT)`},
		{"no key", "CREATE TABLE agg (window_start TEXT, user_id TEXT, total TEXT)",
			`table agg in 'DB' has no primary key or unique index on (window_start, user_id), which upserts need (add one: CREATE UNIQUE INDEX "agg_key" ON "agg" ("window_start", "user_id"))`},
		{"other key", "CREATE TABLE agg (window_start TEXT, user_id TEXT PRIMARY KEY, total TEXT)",
			`table agg in 'DB' has no primary key or unique index on (window_start, user_id), which upserts need (add one: CREATE UNIQUE INDEX "agg_key" ON "agg" ("window_start", "user_id"))`},
		{"unique index", "CREATE TABLE agg (window_start TEXT, user_id TEXT, total TEXT); CREATE UNIQUE INDEX i ON agg (user_id, window_start)", ""},
		{"extra column", "CREATE TABLE agg (window_start TEXT, user_id TEXT, total TEXT, extra TEXT NOT NULL, UNIQUE (window_start, user_id))",
			"table agg in 'DB' has a column extra that must not be NULL, and the relation does not have it (declare it, or give it a default in the database)"},
		{"extra column with default", "CREATE TABLE agg (id INTEGER PRIMARY KEY, window_start TEXT, user_id TEXT, total TEXT, extra TEXT NOT NULL DEFAULT 'x', UNIQUE (window_start, user_id))", ""},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "x.db")
			db, err := sql.Open("sqlite", path)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := db.Exec(c.ddl); err != nil {
				t.Fatal(err)
			}
			db.Close()
			s, err := open(path, []int{0, 1})
			if c.want != "" {
				if err == nil || strings.ReplaceAll(err.Error(), path, "DB") != c.want {
					t.Fatalf("got\n%v\nwant\n%s", err, c.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			write(t, s, batch("+I 0 A 1", "+U 0 A 2"))
			finish(t, s)
			if got := content(t, path, "SELECT total FROM agg"); got != "2.00" {
				t.Error(got)
			}
		})
	}
	dir := t.TempDir()
	text := filepath.Join(dir, "notes.txt")
	if err := os.WriteFile(text, []byte(strings.Repeat("just text\n", 100)), 0o644); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		text:                             "'DIR/notes.txt' is there, but it is not a SQLite database (choose another path, or remove the file)",
		filepath.Join(dir, "no", "x.db"): "there is no folder 'DIR/no' for the database 'x.db' (create it first)",
		dir:                              "'DIR' is a folder (name a database file in it)",
		"":                               "connector 'sqlite' needs the option path (write for example path = 'result.db')",
	} {
		if _, err := open(path, nil); err == nil || strings.ReplaceAll(err.Error(), dir, "DIR") != want {
			t.Errorf("got\n%v\nwant\n%s", err, want)
		}
	}
}

func TestWriteErrors(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	s, err := open(path, []int{0, 1})
	if err != nil {
		t.Fatal(err)
	}
	want := "column user_id is NULL in a row, and it is part of the primary key: filter such rows out, or give them a value with COALESCE"
	if err := s.Write(context.Background(), batch("+I 0 - 1")); err == nil || err.Error() != want {
		t.Error(err)
	}
	s.Close()
	s, err = open(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	write(t, s, batch("+I 0 A 1", "+I 0 A 1"))
	want = "'DB', table agg: the row with window_start = 2026-01-05T10:00:00Z, user_id = A, total = 1.00 cannot be stored: UNIQUE constraint failed: agg.window_start, agg.user_id; there is such a row already: declare these columns as the PRIMARY KEY to replace it, or leave the row out"
	if err := s.Flush(context.Background()); err == nil || strings.ReplaceAll(err.Error(), path, "DB") != want {
		t.Error(err)
	}
	s.Close()
	s, err = open(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	want = "'DB', table agg: a stream without a primary key takes only new rows, and this one is a change (-D): declare a primary key"
	if err := s.Write(context.Background(), batch("-D 0 A 1")); err == nil || strings.ReplaceAll(err.Error(), path, "DB") != want {
		t.Error(err)
	}
}

// TestBusy checks the words for a database that another program has locked.
func TestBusy(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	first, err := open(path, []int{1})
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	write(t, first, batch("+I 0 A 1"))
	if err := first.(*sink).send(context.Background()); err != nil {
		t.Fatal(err)
	}
	second, err := open(path, []int{1}, "busy_timeout", "5ms")
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	write(t, second, batch("+I 0 B 1"))
	want := "the database 'DB' was locked by another program for longer than busy_timeout = 5ms: end that program, or raise the option"
	if err := second.Flush(context.Background()); err == nil || strings.ReplaceAll(err.Error(), path, "DB") != want {
		t.Error(err)
	}
}

func BenchmarkUpsert(b *testing.B) {
	s, err := open(filepath.Join(b.TempDir(), "x.db"), []int{0, 1})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	var rows []string
	for i := 0; i < 8192; i++ {
		rows = append(rows, fmt.Sprintf("+I %d u%d %d.5", i%10, i, i))
	}
	batch := batch(rows...)
	for b.Loop() {
		if err := s.Write(context.Background(), batch); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/8192, "ns/row")
}
