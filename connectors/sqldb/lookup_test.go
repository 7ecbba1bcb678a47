package sqldb

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// lookupTable makes a database by statements and opens a lookup in its table t.
func lookupTable(t *testing.T, statements string, schema data.Schema, key []int, options ...string) (*lookup, string, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "t.db")
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(statements); err != nil {
		t.Fatal(err)
	}
	m := map[string]string{"path": path, "table": "t"}
	for i := 0; i < len(options); i += 2 {
		m[options[i]] = options[i+1]
	}
	l, err := NewLookup(connectors.LookupConfig{Name: "words", Schema: schema, Key: key, Options: connectors.NewOptions(m)})
	if err != nil {
		return nil, path, err
	}
	t.Cleanup(func() { l.Close() })
	return l.(*lookup), path, nil
}

// ask looks keys up, each of values in text form split by blanks, and returns the rows
// that were found, sorted.
func ask(t *testing.T, l *lookup, keys ...string) (string, error) {
	t.Helper()
	vectors := make([]*data.Vector, len(l.key))
	for i, k := range l.key {
		vectors[i] = &data.Vector{}
		vectors[i].Reset(l.schema[k].Type)
		for _, text := range keys {
			if err := data.NewTextParser(l.schema[k].Type, nil).Append(vectors[i], []byte(strings.Fields(text)[i])); err != nil {
				t.Fatal(err)
			}
		}
	}
	out := data.NewPool(l.schema).Get()
	err := l.Find(context.Background(), vectors, len(keys), out)
	if err != nil {
		return "", err
	}
	var lines []string
	for r := range out.Cols[0].Len() {
		var values []string
		for _, v := range out.Cols {
			text := "NULL"
			if !v.IsNull(r) {
				text = string(data.AppendText(nil, v, r))
			}
			values = append(values, text)
		}
		lines = append(lines, strings.Join(values, " "))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n"), err
}

func TestLookup(t *testing.T) {
	s := data.Schema{{Name: "id", Type: data.Of(data.BigInt)}, {Name: "Name", Type: data.Of(data.String)}, {Name: "at", Type: data.Of(data.Timestamp)},
		{Name: "ok", Type: data.Of(data.Boolean)}, {Name: "price", Type: data.DecimalType(8, 2)}, {Name: "w", Type: data.Of(data.Double)}, {Name: "day", Type: data.Of(data.Date)}}
	const table = `CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, at TIMESTAMP, ok BOOLEAN, price NUMERIC, w REAL, day TEXT, more BLOB);
		INSERT INTO t VALUES (1, 'Ann', '2026-01-05T10:00:00.5Z', 1, '1.50', 0.5, '2026-01-05', x'00'),
			(2, NULL, NULL, NULL, NULL, NULL, NULL, NULL), (3, 'Cy', '2026-01-05 11:00:00', 0, 7, 2, '2026-01-06', NULL);`
	l, _, err := lookupTable(t, table, s, []int{0})
	if err != nil {
		t.Fatal(err)
	}
	got, err := ask(t, l, "1", "2", "3", "4")
	const want = "1 Ann 2026-01-05T10:00:00.5Z true 1.50 0.5 2026-01-05\n2 NULL NULL NULL NULL NULL NULL\n3 Cy 2026-01-05T11:00:00Z false 7.00 2 2026-01-06"
	if err != nil || got != want {
		t.Errorf("got\n%s\n%v\nwant\n%s", got, err, want)
	}
	byName, _, err := lookupTable(t, table, s[:2], []int{1, 0})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := ask(t, byName, "Ann 1", "Ann 2", "Cy 3"); err != nil || got != "1 Ann\n3 Cy" {
		t.Errorf("by two columns: got\n%s\n%v", got, err)
	}
	var many []string
	for i := range 1200 {
		many = append(many, fmt.Sprint(i))
	}
	if got, err := ask(t, l, many...); err != nil || got != want {
		t.Errorf("of 1200 keys: got\n%s\n%v", got, err)
	}
}

func TestLookupErrors(t *testing.T) {
	s := data.Schema{{Name: "id", Type: data.Of(data.BigInt)}, {Name: "n", Type: data.Of(data.Int)}}
	const table = "CREATE TABLE t (id INTEGER, n TEXT); INSERT INTO t VALUES (1, 'many')"
	l, _, err := lookupTable(t, table, s, []int{0})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ask(t, l, "1"); err == nil || !strings.Contains(err.Error(), "table t: column n has many, which is no INT") {
		t.Errorf("got %v", err)
	}
	for _, c := range []struct {
		name, statements, want string
		schema                 data.Schema
		options                []string
	}{
		{"no table", "CREATE TABLE other (id INTEGER)", "there is no table t in", s, nil},
		{"no column", "CREATE TABLE t (id INTEGER)", "has no column n", s, nil},
		{"no database", table, "there is no database", s, []string{"path", "nowhere.db"}},
		{"no number", table, "cache_rows", s, []string{"cache_rows", "-1"}},
	} {
		if _, _, err := lookupTable(t, c.statements, c.schema, []int{0}, c.options...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
}

// A table that is locked is asked again, each time after twice as long.
func TestLookupTriesAgain(t *testing.T) {
	s := data.Schema{{Name: "id", Type: data.Of(data.BigInt)}}
	const table = "PRAGMA journal_mode = delete; CREATE TABLE t (id INTEGER); INSERT INTO t VALUES (1)"
	l, path, err := lookupTable(t, table, s, []int{0}, "busy_timeout", "0", "lookup_retries", "2", "lookup_delay", "1s")
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	for _, free := range []int{1, 2, 3} { // after so many waits
		if _, err := db.Exec("BEGIN EXCLUSIVE"); err != nil {
			t.Fatal(err)
		}
		locked := true
		unlock := func() {
			if _, err := db.Exec("COMMIT"); err != nil {
				t.Fatal(err)
			}
			locked = false
		}
		var waits []time.Duration
		l.retry.Wait = func(_ context.Context, d time.Duration) error {
			if waits = append(waits, d); len(waits) == free {
				unlock()
			}
			return nil
		}
		got, err := ask(t, l, "1")
		if free <= 2 && (err != nil || got != "1") || free > 2 && (err == nil || !strings.Contains(err.Error(), "locked")) {
			t.Errorf("free after %d: got %q, %v", free, got, err)
		}
		if want := []time.Duration{time.Second, 2 * time.Second}[:min(free, 2)]; !slices.Equal(waits, want) {
			t.Errorf("free after %d: waited %v, want %v", free, waits, want)
		}
		if locked {
			unlock()
		}
	}
}
