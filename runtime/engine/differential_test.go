package engine_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	_ "modernc.org/sqlite"

	"tidemark/connectors/builtin"
	"tidemark/parser/source"
	"tidemark/runtime/engine"
)

var (
	differentialSeed  = flag.Uint64("differential.seed", 0, "seed of the differential tests (0: another one each run)")
	differentialCases = flag.Int("differential.cases", 800, "queries of each differential test")
)

// seed returns the seed of a run, printed so that a failure can be had again.
func seed(t *testing.T) uint64 {
	s := *differentialSeed
	if s == 0 {
		s = rand.Uint64()
	}
	t.Logf("-differential.seed=%d", s)
	return s
}

// tableColumns are those of the table that the differential tests read.
var tableColumns = []column{
	{"id", kindInt, 1000, true}, {"a", kindInt, 1000, true}, {name: "b", kind: kindBig}, {name: "x", kind: kindDbl}, {name: "y", kind: kindWild},
	{name: "s", kind: kindStr}, {name: "u", kind: kindStr}, {name: "p", kind: kindBool},
}

// randomRow makes a row of them: int64, float64, string, bool or nil.
func randomRow(r *rand.Rand, id int) []any {
	pick := func(nulls int, list ...any) any {
		if r.IntN(nulls) == 0 {
			return nil
		}
		return list[r.IntN(len(list))]
	}
	letters, text := []string{"a", "b", "A", "B", " ", "%", "_", "世", "☃", "0", "'", `"`, "\n"}, ""
	for range r.IntN(5) {
		text += letters[r.IntN(len(letters))]
	}
	return []any{
		int64(id),
		pick(6, int64(0), int64(1), int64(-1), int64(2), int64(-3), int64(10), int64(-1000), int64(r.IntN(2001)-1000)),
		pick(6, int64(math.MaxInt64), int64(math.MinInt64), int64(math.MinInt64+1), int64(1<<53), int64(1<<53+1), int64(-1<<53-1), int64(0), int64(1), int64(math.MaxInt32), int64(math.MinInt32)),
		pick(6, 0.0, math.Copysign(0, -1), 0.25, -0.25, 1.0, -1.5, 2.0, 100.0, -100.75),
		pick(6, 0.0, math.Copysign(0, -1), 1e300, -1e300, 5e-324, 0.1, 0.30000000000000004, 1e16, 123456789.123, math.MaxFloat64),
		pick(6, "", "a", "ab", "b", "B", "abc", "世界", "10", "b%"),
		pick(8, text),
		pick(5, true, false),
	}
}

// trial is a query over rows.
type trial struct {
	rows  [][]any
	query *selection
	world *world
}

// world is where trials run: a database and a file that hold the same rows.
type world struct {
	db   *sql.DB
	path string
	rows [][]any // what they hold, if held
	held bool
}

// newWorld returns a world without rows.
func newWorld(t *testing.T) *world {
	t.Helper()
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	db.SetMaxOpenConns(1) // each connection has a database of its own
	var columns []string
	for _, c := range tableColumns {
		columns = append(columns, c.name+" "+lite[c.kind])
	}
	if _, err := db.Exec("PRAGMA case_sensitive_like = ON; CREATE TABLE t (" + strings.Join(columns, ", ") + ")"); err != nil {
		t.Fatal(err)
	}
	return &world{db: db, path: filepath.Join(t.TempDir(), "t.ndjson")}
}

// hold puts the rows into the database and the file, unless they are there.
func (w *world) hold(rows [][]any) error {
	if w.held && len(rows) == len(w.rows) && (len(rows) == 0 || &rows[0] == &w.rows[0]) {
		return nil
	}
	w.rows, w.held = rows, true
	tx, err := w.db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if _, err := tx.Exec("DELETE FROM t"); err != nil {
		return err
	}
	var file bytes.Buffer
	for _, row := range rows {
		if _, err := tx.Exec("INSERT INTO t VALUES ("+strings.Repeat(", ?", len(row))[2:]+")", row...); err != nil {
			return err
		}
		for i, v := range row {
			text, err := json.Marshal(v)
			if err != nil {
				return err
			}
			fmt.Fprintf(&file, "%c%q:%s", "{,"[min(i, 1)], tableColumns[i].name, text)
		}
		file.WriteString("}\n")
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	return os.WriteFile(w.path, file.Bytes(), 0o600)
}

// tablePeriod is how many queries run over the same random rows.
const tablePeriod = 16

func randomRows(r *rand.Rand) [][]any {
	rows := make([][]any, r.IntN(40))
	for id := range rows {
		rows[id] = randomRow(r, id)
	}
	return rows
}

// TestDifferential holds random expressions and queries against SQLite.
func TestDifferential(t *testing.T) {
	s := seed(t)
	for name, make := range map[string]func(*gen) *selection{
		"expressions": func(g *gen) *selection { return g.scalars(2 + g.pick(3)) },
		"aggregates":  func(g *gen) *selection { return g.grouped(g.pick(3)) },
		"queries":     func(g *gen) *selection { g.subqueries = true; return g.composed(1 + g.pick(2)) },
		"windows":     func(g *gen) *selection { return g.windowed(g.pick(2)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			cases := *differentialCases
			if testing.Short() {
				cases /= 10
			}
			expressions := 0
			var rows [][]any
			for i := range cases {
				if i%tablePeriod == 0 {
					rows = randomRows(rand.New(rand.NewPCG(s, uint64(i))))
				}
				g := &gen{r: rand.New(rand.NewPCG(s, uint64(i)+1)), cols: tableColumns}
				tr := &trial{rows: rows, query: make(g), world: w}
				expressions += len(tr.query.items)
				if why := tr.run(); why != "" {
					tr.shrink()
					t.Fatalf("-differential.seed=%d, case %d: %s", s, i, tr.report())
				}
			}
			t.Logf("%d queries with %d expressions", cases, expressions)
		})
	}
}

// invalid begins the answer of run for a query that SQLite does not take, which
// shows no difference, and refusal that for one which Tidemark alone does not.
const (
	invalid = "sqlite: "
	refusal = "tidemark: "
)

// fails reports whether the results of the trial differ or, when refused is set,
// whether Tidemark has none.
func (tr *trial) fails(refused bool) bool {
	why := tr.run()
	return why != "" && !strings.HasPrefix(why, invalid) && strings.HasPrefix(why, refusal) == refused
}

// run runs the trial in both and returns how the results differ, "" when they
// agree.
func (tr *trial) run() string {
	cols, tols := tr.query.columns()
	var ks []kind
	for _, c := range cols {
		ks = append(ks, c.kind)
	}
	if err := tr.world.hold(tr.rows); err != nil {
		return "loading the rows: " + err.Error()
	}
	want, err := liteRows(tr.world.db, tr.query.sql(inLite), ks)
	if err != nil {
		return invalid + err.Error()
	}
	got, err := tr.tidemark(ks)
	if err != nil && strings.Contains(err.Error(), "has the same value for all rows") {
		return ""
	}
	if err != nil {
		return refusal + err.Error()
	}
	if len(tr.query.order) == 0 {
		sortRows(want, tols)
		sortRows(got, tols)
	}
	if len(got) != len(want) {
		return fmt.Sprintf("tidemark has %d rows, sqlite %d\ntidemark %v\nsqlite   %v", len(got), len(want), got, want)
	}
	for i := range got {
		for j := range got[i] {
			if !agree(got[i][j], want[i][j], tols[j]) {
				return fmt.Sprintf("column c%d of\ntidemark %v\nsqlite   %v", j, got[i], want[i])
			}
		}
	}
	return ""
}

// sortRows sorts by the columns that must agree exactly, then by the others.
func sortRows(rows [][]any, tols []tolerance) {
	slices.SortStableFunc(rows, func(a, b []any) int {
		later := 0
		for i := range a {
			c := compareValues(a[i], b[i])
			if c != 0 && tols[i] == exact {
				return c
			}
			if later == 0 {
				later = c
			}
		}
		return later
	})
}

// agree reports whether two values are the same, but for the tolerance.
func agree(a, b any, tol tolerance) bool {
	x, ok1 := a.(float64)
	y, ok2 := b.(float64)
	if !ok1 || !ok2 || tol == exact {
		return compareValues(a, b) == 0
	}
	d := math.Abs(x - y)
	return d <= 1e-9*max(math.Abs(x), math.Abs(y)) || tol == rounded && d <= 0.50001e-6
}

// compareValues orders int64, float64, string and nil, which comes last.
func compareValues(a, b any) int {
	switch a := a.(type) {
	case int64:
		if b, ok := b.(int64); ok {
			return compare(a, b)
		}
	case float64:
		if b, ok := b.(float64); ok {
			return compare(a, b)
		}
	case string:
		if b, ok := b.(string); ok {
			return strings.Compare(a, b)
		}
	case nil:
		if b == nil {
			return 0
		}
		return 1
	}
	return -1
}

func compare[T int64 | float64](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// tidemark runs the query here.
func (tr *trial) tidemark(ks []kind) ([][]any, error) {
	opts := engine.Options{Workers: 1 + len(tr.rows)%3, BatchRows: 1 + len(tr.rows)%7}
	out, err := printed(tr.script(tr.world.path), opts)
	if err != nil {
		return nil, err
	}
	return parseRows(out, ks)
}

// printed runs a script and returns what it prints, as JSON lines unless opts
// has another form.
func printed(script string, opts engine.Options) (string, error) {
	var out bytes.Buffer
	opts.Stdout = &out
	job, problems, err := engine.New(builtin.Registry()).Prepare(source.NewFile("differential.sql", script), opts)
	if problems.HasErrors() {
		return "", errors.New(problems.Render())
	}
	if err != nil {
		return "", err
	}
	_, err = job.Run(context.Background(), context.Background())
	return out.String(), err
}

func (tr *trial) script(path string) string {
	var columns []string
	for _, c := range tableColumns {
		columns = append(columns, c.name+" "+tide[c.kind])
	}
	return fmt.Sprintf("CREATE STREAM t (%s) WITH (path = '%s');\n%s;\n", strings.Join(columns, ", "), path, tr.query.sql(inTide))
}

// parseRows reads the printed rows into int64, float64, string and nil.
func parseRows(out string, ks []kind) ([][]any, error) {
	var rows [][]any
	for line := range strings.Lines(out) {
		dec := json.NewDecoder(strings.NewReader(line))
		dec.UseNumber()
		if _, err := dec.Token(); err != nil {
			return nil, err
		}
		var row []any
		for dec.More() {
			if _, err := dec.Token(); err != nil {
				return nil, err
			}
			v, err := dec.Token()
			if err == nil && len(row) < len(ks) {
				v, err = ofKind(v, ks[len(row)])
			}
			if err != nil {
				return nil, fmt.Errorf("%s: %w", line, err)
			}
			row = append(row, v)
		}
		if len(row) != len(ks) {
			return nil, fmt.Errorf("%d columns, not %d: %s", len(row), len(ks), line)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// ofKind turns a JSON value into that of a column.
func ofKind(v any, k kind) (any, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case bool:
		if k == kindBool {
			if v {
				return int64(1), nil
			}
			return int64(0), nil
		}
	case json.Number:
		switch k {
		case kindInt, kindBig:
			return v.Int64()
		case kindDbl, kindWild:
			return v.Float64()
		}
	case string:
		if k == kindStr {
			return v, nil
		}
	}
	return nil, fmt.Errorf("%v is no value of type %s", v, tide[k])
}

// liteRows reads the result of a query of SQLite.
func liteRows(db *sql.DB, query string, ks []kind) ([][]any, error) {
	rows, err := db.Query(query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all [][]any
	for rows.Next() {
		row, at := make([]any, len(ks)), make([]any, len(ks))
		for i := range row {
			at[i] = &row[i]
		}
		if err := rows.Scan(at...); err != nil {
			return nil, err
		}
		for i, v := range row {
			switch v := v.(type) {
			case bool:
				row[i] = int64(0)
				if v {
					row[i] = int64(1)
				}
			case []byte:
				row[i] = string(v)
			case int64:
				if ks[i] == kindDbl || ks[i] == kindWild {
					row[i] = float64(v)
				}
			}
		}
		all = append(all, row)
	}
	return all, rows.Err()
}

// report shows a trial and how its results differ.
func (tr *trial) report() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\ntidemark: %s\nsqlite:   %s\n", tr.run(), tr.query.sql(inTide), tr.query.sql(inLite))
	for _, row := range tr.rows {
		for i, v := range row {
			text := fmt.Sprint(v)
			if s, ok := v.(string); ok {
				text = strconv.Quote(s)
			}
			fmt.Fprintf(&b, "%s=%s ", tableColumns[i].name, text)
		}
		b.WriteByte('\n')
	}
	return b.String()
}
