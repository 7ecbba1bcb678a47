package queries_test

import (
	"database/sql"
	"encoding/csv"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite"
)

// nexmarkStreams are the columns of the streams, times being the ones called …Time or expires.
var nexmarkStreams = map[string]string{
	"person":  "id, name, city, state, dateTime",
	"auction": "id, itemName, initialBid, reserve, dateTime, expires, seller, category",
	"bid":     "auction, bidder, price, channel, url, dateTime, extra",
}

// nexmarkBatch is a database with all rows of the streams.
func nexmarkBatch(t *testing.T, events string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(t.TempDir(), "batch.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	for name, columns := range nexmarkStreams {
		rows := nexmarkRows(t, "-e", fmt.Sprintf("CREATE STREAM %s WITH (connector = 'nexmark', events = '%s', event_rate = '1000', disorder = '2s'); SELECT %s FROM %[1]s",
			name, events, columns))
		tx, err := db.Begin()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(fmt.Sprintf("CREATE TABLE %s (%s)", name, columns)); err != nil {
			t.Fatal(err)
		}
		insert, err := tx.Prepare(fmt.Sprintf("INSERT INTO %s VALUES (?%s)", name, strings.Repeat(", ?", strings.Count(columns, ","))))
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			if _, err := insert.Exec(row...); err != nil {
				t.Fatal(err)
			}
		}
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
	}
	return db
}

// nexmarkRows runs a script and returns what it prints: numbers as float64 or int64,
// times in microseconds, all else as text.
func nexmarkRows(t *testing.T, args ...string) [][]any {
	t.Helper()
	out, _ := tidemark(t, nil, append([]string{"run", "-q", "-o", "csv"}, args...)...)
	records, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var rows [][]any
	for _, r := range records[1:] {
		row := make([]any, len(r))
		for i, cell := range r {
			row[i] = nexmarkValue(cell)
		}
		rows = append(rows, row)
	}
	return rows
}

func nexmarkValue(cell string) any {
	if n, err := strconv.ParseInt(cell, 10, 64); err == nil {
		return n
	}
	if x, err := strconv.ParseFloat(cell, 64); err == nil {
		return x
	}
	if at, err := time.Parse(time.RFC3339Nano, cell); err == nil {
		return at.UnixMicro()
	}
	return cell
}

// batchRows runs a query of SQLite.
func batchRows(t *testing.T, db *sql.DB, query string) [][]any {
	t.Helper()
	got, err := db.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Close()
	columns, err := got.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var rows [][]any
	for got.Next() {
		row, to := make([]any, len(columns)), make([]any, len(columns))
		for i := range row {
			to[i] = &row[i]
		}
		if err := got.Scan(to...); err != nil {
			t.Fatal(err)
		}
		for i, v := range row {
			if text, ok := v.(string); ok {
				row[i] = nexmarkValue(text)
			}
		}
		rows = append(rows, row)
	}
	if err := got.Err(); err != nil {
		t.Fatal(err)
	}
	return rows
}

// nexmarkLine is a row as a line to sort and compare by, but for the digits that a
// floating-point sum may differ in.
func nexmarkLine(row []any) string {
	cells := make([]string, len(row))
	for i, v := range row {
		switch v := v.(type) {
		case int64:
			cells[i] = strconv.FormatInt(v, 10)
		case float64:
			if v == math.Trunc(v) && math.Abs(v) < 1e15 {
				cells[i] = strconv.FormatInt(int64(v), 10)
			} else {
				cells[i] = strconv.FormatFloat(v, 'g', 9, 64)
			}
		default:
			cells[i] = fmt.Sprint(v)
		}
	}
	return strings.Join(cells, "|")
}

// overWindows adds up rows of a key and a count, whose windows differ from run to run.
func overWindows(rows [][]any) (sums [][]any) {
	total := map[int64]int64{}
	for _, row := range rows {
		total[row[0].(int64)] += row[1].(int64)
	}
	for key, n := range total {
		sums = append(sums, []any{key, n})
	}
	return sums
}

// Every query of Nexmark gives what SQLite gives for the same as a batch.
func TestNexmark(t *testing.T) {
	const events = "20000"
	db := nexmarkBatch(t, events)
	scripts, err := filepath.Glob(filepath.Join("nexmark", "q*.sql"))
	if err != nil || len(scripts) == 0 {
		t.Fatalf("%d scripts, %v", len(scripts), err)
	}
	for _, script := range scripts {
		name := strings.TrimSuffix(filepath.Base(script), ".sql")
		t.Run(name, func(t *testing.T) {
			var want, got []string
			for _, row := range batchRows(t, db, read(t, filepath.Join("nexmark", "batch", name+".sqlite"))) {
				want = append(want, nexmarkLine(row))
			}
			rows := nexmarkRows(t, "-D", "events="+events, script)
			if name == "q12" {
				rows = overWindows(rows)
			}
			for _, row := range rows {
				got = append(got, nexmarkLine(row))
			}
			slices.Sort(want)
			slices.Sort(got)
			if len(want) == 0 {
				t.Fatal("the batch has no rows")
			}
			for i := range max(len(want), len(got)) {
				switch {
				case i >= len(want):
					t.Fatalf("%d rows, want %d; the first too many is %s", len(got), len(want), got[i])
				case i >= len(got) || got[i] != want[i]:
					have := "nothing"
					if i < len(got) {
						have = got[i]
					}
					t.Fatalf("%d rows, want %d; row %d in order is\n%s\nwant\n%s", len(got), len(want), i, have, want[i])
				}
			}
		})
	}
}
