package planner

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tidemark/operators/data"
	"tidemark/planner/catalog"
	"tidemark/planner/plan"
)

// columns writes a schema as "name TYPE, …", with * for event-time attributes.
func columns(s data.Schema) string {
	parts := make([]string, len(s))
	for i, c := range s {
		parts[i] = c.Name + " " + c.Type.String()
		if c.Time {
			parts[i] += "*"
		}
	}
	return strings.Join(parts, ", ")
}

// The names and types of results.
func TestResultColumns(t *testing.T) {
	for _, c := range []struct{ query, want string }{
		{"SELECT * FROM plain", "ts TIMESTAMP, name STRING, n INT"},
		{"SELECT *, n + 1 FROM plain", "ts TIMESTAMP, name STRING, n INT, column2 INT"},
		{"SELECT NAME, Name AS N FROM PLAIN", "NAME STRING, N STRING"},
		{"SELECT p.name, P.n FROM plain AS p", "name STRING, n INT"},
		{"SELECT plain.name FROM plain", "name STRING"},
		{`SELECT "name" FROM "plain" AS "p"`, "name STRING"},
		{`SELECT "Id", "ID", "odd name", VALUE AS v FROM mixed`, "Id INT, ID INT, odd name DOUBLE, v STRING"},
		{"SELECT ID FROM mixed", "ID INT"}, // written exactly so
		{"SELECT lower(name), UPPER(name), lower(name) FROM plain", "lower STRING, upper STRING, lower_2 STRING"},
		{"SELECT n, n AS n_2, n FROM plain", "n INT, n_2 INT, n_3 INT"},
		{"SELECT CAST(n AS BIGINT), n::DOUBLE, CAST(1 AS DOUBLE), CASE WHEN n > 1 THEN 1 END FROM plain", "n BIGINT, n_2 DOUBLE, double DOUBLE, case INT"},
		{"SELECT 1, 'x', NULL, 2.50, 1e3, -9223372036854775808 AS least, TRUE AS t", "column1 INT, column2 STRING, column3 STRING, column4 DECIMAL(3,2), column5 DOUBLE, least BIGINT, t BOOLEAN"},
		{"SELECT COUNT(*), SUM(clicks), SUM(amount), AVG(amount), MIN(event_time) FROM clicks", "count BIGINT, sum BIGINT, sum_2 DECIMAL(38,2), avg DECIMAL(38,6), min TIMESTAMP"},
		{"SELECT event_time, event_time AS at FROM clicks", "event_time TIMESTAMP*, at TIMESTAMP*"},
		{"SELECT event_time + INTERVAL '1' SECOND AS later FROM clicks", "later TIMESTAMP"},
		{"SELECT window_start, window_end, window_time FROM clicks GROUP BY TUMBLE(event_time, INTERVAL '1' HOUR)", "window_start TIMESTAMP, window_end TIMESTAMP, window_time TIMESTAMP*"},
		{"SELECT WINDOW_START AS s, window_time AS t FROM clicks GROUP BY TUMBLE(event_time, INTERVAL '1' HOUR)", "s TIMESTAMP, t TIMESTAMP*"},
		{"SELECT * FROM per_minute", "window_start TIMESTAMP, window_end TIMESTAMP, window_time TIMESTAMP*, who STRING, total DECIMAL(38,2)"},
		{"SELECT v.Total FROM per_minute v", "Total DECIMAL(38,2)"},
		{"SELECT at, page FROM pages", "at TIMESTAMP*, page STRING"},
	} {
		q := planQuery(t, c.query)
		if got := columns(q.Schema()); got != c.want {
			t.Errorf("%s\ngives %s\nwant  %s", c.query, got, c.want)
		}
	}
}

// What GROUP BY may name.
func TestGroupKeys(t *testing.T) {
	for _, c := range []struct{ query, keys, aggs string }{
		{"SELECT page FROM clicks GROUP BY page", "page", ""},
		{"SELECT page AS p, COUNT(*) FROM clicks GROUP BY p", "page", "COUNT(*)"},
		{"SELECT lower(page) AS p, COUNT(*) FROM clicks GROUP BY p, 1", "LOWER(page)", "COUNT(*)"},
		{"SELECT page AS user_id, COUNT(*) FROM clicks GROUP BY user_id, page", "user_id, page", "COUNT(*)"}, // the input's column comes first
		{"SELECT lower(page) || '!' AS x, lower(page) FROM clicks GROUP BY lower(page)", "LOWER(page)", ""},
		{"SELECT lower(page) || user_id FROM clicks GROUP BY lower(page), lower(page) || user_id", "LOWER(page), LOWER(page) || user_id", ""},
		{"SELECT amount + 1, SUM(amount + 1) FROM clicks GROUP BY amount + 1", "amount + 1", "SUM(amount + 1)"},
		{"SELECT SUM(clicks) + SUM(clicks) * 2, COUNT(*) FROM clicks HAVING SUM(clicks) > 1", "", "SUM(clicks), COUNT(*)"},
		{"SELECT COUNT(DISTINCT page), COUNT(page) FROM clicks", "", "COUNT(DISTINCT page), COUNT(page)"},
		{"SELECT 1 AS one FROM clicks HAVING COUNT(*) > 3", "", "COUNT(*)"},
		{"SELECT PAGE FROM clicks c GROUP BY c.page", "page", ""},
	} {
		a := aggregateOf(t, bound(t, c.query))
		var keys, aggs []string
		for k := range a.Keys {
			keys = append(keys, a.Out[k].Name)
		}
		for _, call := range a.Aggs {
			aggs = append(aggs, call.Text)
		}
		if got := strings.Join(keys, ", "); got != c.keys {
			t.Errorf("%s\ngroups by %s, not by %s", c.query, got, c.keys)
		}
		if got := strings.Join(aggs, ", "); got != c.aggs {
			t.Errorf("%s\ncomputes %s, not %s", c.query, got, c.aggs)
		}
	}
}

func aggregateOf(t *testing.T, n plan.Node) *plan.Aggregate {
	t.Helper()
	for {
		if a, ok := n.(*plan.Aggregate); ok {
			return a
		}
		if len(n.Inputs()) == 0 {
			t.Fatal("the plan has no aggregate")
		}
		n = n.Inputs()[0]
	}
}

// Inside of a window over a window, window_start is the outer one's in the SELECT
// list, and the inner one's in WHERE and in aggregates.
func TestWindowColumnsOfTwoWindows(t *testing.T) {
	q := "SELECT window_start, MIN(window_start) AS first FROM per_minute WHERE window_start > '2026-01-01' " +
		"GROUP BY TUMBLE(window_time, INTERVAL '1' HOUR)"
	got := plan.NewPrinter().Explain(bound(t, q))
	for _, want := range []string{"Project window_start, MIN(window_start) AS first", "Filter window_start > ", "Project window_time, window_start"} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is missing in\n%s", want, got)
		}
	}
}

func TestWindow(t *testing.T) {
	const minute = int64(60_000_000)
	for _, c := range []struct {
		query                  string
		size, offset, lateness int64
		emit                   plan.EmitMode
		updating               bool
	}{
		{"TUMBLE(event_time, INTERVAL '5' MINUTE)", 5 * minute, 0, 0, plan.EmitClose, false},
		{"TUMBLE(clicks.event_time, INTERVAL '1 hour', INTERVAL '10' MINUTE)", 60 * minute, 10 * minute, 0, plan.EmitClose, false},
		{"TUMBLE(event_time, SIZE => INTERVAL '5' MINUTE, OFFSET => INTERVAL '-1' MINUTE)", 5 * minute, 4 * minute, 0, plan.EmitClose, false},
		{"TUMBLE(event_time, INTERVAL '1' MINUTE * 5, INTERVAL '11' MINUTE)", 5 * minute, minute, 0, plan.EmitClose, false},
		{"TUMBLE(event_time, INTERVAL '5' MINUTE) ALLOWED LATENESS INTERVAL '3' MINUTE", 5 * minute, 0, 3 * minute, plan.EmitClose, true},
		{"TUMBLE(event_time, INTERVAL '5' MINUTE) ALLOWED LATENESS INTERVAL '3' MINUTE ON LATE RECOMPUTE", 5 * minute, 0, 3 * minute, plan.EmitClose, true},
		{"TUMBLE(event_time, INTERVAL '5' MINUTE) ALLOWED LATENESS INTERVAL '0' MINUTE", 5 * minute, 0, 0, plan.EmitClose, false},
		{"TUMBLE(event_time, INTERVAL '5' MINUTE) ALLOWED LATENESS 3 MINUTES EMIT FINAL", 5 * minute, 0, 3 * minute, plan.EmitFinal, false},
		{"TUMBLE(event_time, INTERVAL '5' MINUTE) EMIT ON WINDOW CLOSE", 5 * minute, 0, 0, plan.EmitClose, false},
		{"TUMBLE(event_time, INTERVAL '5' MINUTE) EMIT CHANGES", 5 * minute, 0, 0, plan.EmitChanges, true},
	} {
		q := planQuery(t, "SELECT COUNT(*) FROM clicks GROUP BY "+c.query)
		a := aggregateOf(t, q)
		if a.Window.Size != c.size || a.Window.Offset != c.offset || a.Lateness != c.lateness || a.Emit != c.emit {
			t.Errorf("%s: size %d, offset %d, lateness %d, emit %s", c.query, a.Window.Size, a.Window.Offset, a.Lateness, a.Emit)
		}
		if got := q.Properties().Updating; got != c.updating {
			t.Errorf("%s: updating is %v", c.query, got)
		}
	}
	if a := aggregateOf(t, planQuery(t, "SELECT COUNT(*) FROM clicks EMIT CHANGES")); a.Window != nil || a.Emit != plan.EmitChanges || !a.Properties().Updating {
		t.Errorf("an aggregate without window: %+v", a)
	}
}

// The windows of GROUP BY by all the ways their lengths can be given.
func TestWindowKinds(t *testing.T) {
	const second, minute, hour = int64(1_000_000), int64(60_000_000), int64(3_600_000_000)
	for call, want := range map[string]plan.Window{
		"TUMBLE(event_time, INTERVAL '5' MINUTE)":                                                     {Kind: plan.Tumble, Size: 5 * minute, Slide: 5 * minute},
		"HOP(event_time, INTERVAL '30' SECOND, INTERVAL '5' MINUTE)":                                  {Kind: plan.Hop, Size: 5 * minute, Slide: 30 * second},
		"hop(event_time, SIZE => INTERVAL '5' MINUTE, SLIDE => INTERVAL '1' MINUTE)":                  {Kind: plan.Hop, Size: 5 * minute, Slide: minute},
		"HOP(event_time, INTERVAL '7' SECOND, INTERVAL '5' MINUTE, INTERVAL '-1' SECOND)":             {Kind: plan.Hop, Size: 5 * minute, Slide: 7 * second, Offset: 6 * second},
		"HOP(event_time, INTERVAL '1' SECOND, INTERVAL '10000' SECOND)":                               {Kind: plan.Hop, Size: 10_000 * second, Slide: second},
		"HOP(event_time, INTERVAL '5' MINUTE, INTERVAL '5' MINUTE)":                                   {Kind: plan.Hop, Size: 5 * minute, Slide: 5 * minute},
		"CUMULATE(event_time, INTERVAL '1' HOUR, INTERVAL '1' DAY, INTERVAL '25' HOUR)":               {Kind: plan.Cumulate, Size: 24 * hour, Slide: hour, Offset: hour},
		"CUMULATE(event_time, SIZE => INTERVAL '1' DAY, STEP => INTERVAL '1' HOUR)":                   {Kind: plan.Cumulate, Size: 24 * hour, Slide: hour},
		"SESSION(event_time, INTERVAL '30' SECOND)":                                                   {Kind: plan.Session, Gap: 30 * second},
		"SESSION(TIMECOL => event_time, GAP => INTERVAL '30' SECOND)":                                 {Kind: plan.Session, Gap: 30 * second},
		"TUMBLE(event_time AT TIME ZONE 'Europe/Berlin', INTERVAL '1' DAY)":                           {Kind: plan.Tumble, Size: 24 * hour, Slide: 24 * hour, Zone: "Europe/Berlin"},
		"HOP(event_time AT TIME ZONE 'Europe/Berlin', INTERVAL '1' HOUR, INTERVAL '36' HOUR)":         {Kind: plan.Hop, Size: 36 * hour, Slide: hour, Zone: "Europe/Berlin"},
		"CUMULATE(event_time AT TIME ZONE 'Asia/Tokyo', INTERVAL '1' HOUR, INTERVAL '1' DAY)":         {Kind: plan.Cumulate, Size: 24 * hour, Slide: hour, Zone: "Asia/Tokyo"},
		"TUMBLE(event_time AT TIME ZONE 'Europe/Berlin', INTERVAL '7' DAY, INTERVAL '4' DAY)":         {Kind: plan.Tumble, Size: 168 * hour, Slide: 168 * hour, Offset: 96 * hour, Zone: "Europe/Berlin"},
		"TUMBLE(event_time, INTERVAL '1' DAY AT TIME ZONE 'Europe/Berlin')":                           {Kind: plan.Tumble, Size: 24 * hour, Slide: 24 * hour, Zone: "Europe/Berlin"},
		"HOP(event_time, INTERVAL '1' DAY, INTERVAL '7' DAY AT TIME ZONE 'Europe/Berlin')":            {Kind: plan.Hop, Size: 168 * hour, Slide: 24 * hour, Zone: "Europe/Berlin"},
		"CUMULATE(event_time, INTERVAL '1' DAY, INTERVAL '7' DAY AT TIME ZONE 'Asia/Tokyo')":          {Kind: plan.Cumulate, Size: 168 * hour, Slide: 24 * hour, Zone: "Asia/Tokyo"},
		"SESSION(event_time AT TIME ZONE 'Europe/Berlin', INTERVAL '1' MINUTE + INTERVAL '1' SECOND)": {Kind: plan.Session, Gap: minute + second},
	} {
		if got := *aggregateOf(t, planQuery(t, "SELECT COUNT(*) FROM clicks GROUP BY "+call)).Window; got != want {
			t.Errorf("%s: %+v, want %+v", call, got, want)
		}
	}
}

// How INSERT fills the columns of its target.
func TestInsertColumns(t *testing.T) {
	for _, c := range []struct {
		query string
		want  []int // per target column: the query's column
	}{
		{"INSERT INTO lines SELECT ts, name, n FROM plain", []int{0, 1, 2}},
		{"INSERT INTO lines (total, window_start) SELECT n, ts FROM plain", []int{1, -1, 0}},
		{`INSERT INTO lines ("user_id", TOTAL) SELECT name, n FROM plain`, []int{-1, 0, 1}},
		{"INSERT INTO lines SELECT NULL, NULL, NULL", []int{0, 1, 2}},
	} {
		r := mustPlan(t, c.query)
		q := r.Queries[0]
		if got := r.bound[0].(*plan.Sink).Columns; !slices.Equal(got, c.want) {
			t.Errorf("%s fills %v, want %v", c.query, got, c.want)
		}
		checkNode(t, c.query, q.Root)
		if q.Name != q.Root.Relation.Name {
			t.Errorf("%s is called %s", c.query, q.Name)
		}
	}
}

// What is converted when it is stored, and what is not.
func TestAssignment(t *testing.T) {
	types := []string{"BOOLEAN", "INT", "BIGINT", "DOUBLE", "DECIMAL(12,2)", "STRING", "DATE", "TIME", "TIMESTAMP", "INTERVAL"}
	// allowed[from] lists the other types that a value is stored in.
	allowed := map[string]string{
		"BOOLEAN": "STRING", "STRING": "", "TIME": "STRING", "INTERVAL": "STRING",
		"INT": "BIGINT DOUBLE DECIMAL(12,2) STRING", "BIGINT": "INT DOUBLE DECIMAL(12,2) STRING",
		"DOUBLE": "INT BIGINT DECIMAL(12,2) STRING", "DECIMAL(12,2)": "INT BIGINT DOUBLE STRING",
		"DATE": "TIMESTAMP STRING", "TIMESTAMP": "DATE TIME STRING",
	}
	for _, from := range types {
		for _, to := range types {
			script := fmt.Sprintf("CREATE STREAM a (x %s) WITH (path = 'a.csv'); CREATE STREAM b (y %s) WITH (path = 'b.csv'); INSERT INTO b SELECT x FROM a", from, to)
			_, problems := planText(t, "q.sql", script, catalog.New())
			want := from == to || slices.Contains(strings.Fields(allowed[from]), to)
			if got := !problems.HasErrors(); got != want {
				t.Errorf("%s into %s: allowed is %v, and should be %v\n%s", from, to, got, want, problems.Render())
			}
			for _, p := range problems {
				if !strings.Contains(p.Message, from) || !strings.Contains(p.Message, to) {
					t.Errorf("%s into %s: the message does not name both: %s", from, to, p.Message)
				}
			}
		}
	}
	// A constant takes the type of what it fills.
	q := planQuery(t, "INSERT INTO lines SELECT '2026-01-05T10:00:00Z', 'A', '7.50'")
	checkNode(t, "constants", q)
	if v := q.Input.(*plan.Values); v.Rows[0][2].String() != "7.50" {
		t.Errorf("'7.50' became %s", v.Rows[0][2])
	}
}

// The rules of sinks, where they are kept.
func TestSinkRulesKept(t *testing.T) {
	window := " FROM clicks GROUP BY TUMBLE(event_time, INTERVAL '5' MINUTE), user_id "
	for _, query := range []string{
		// append-only queries
		"INSERT INTO lines SELECT window_start, user_id, SUM(amount)" + window,
		"INSERT INTO lines SELECT window_start, user_id, SUM(amount)" + window + "ALLOWED LATENESS INTERVAL '3' MINUTE EMIT FINAL",
		"INSERT INTO by_user SELECT user_id, SUM(amount), COUNT(*)" + window,
		"INSERT INTO by_user SELECT user_id, amount, 1 FROM clicks",
		// updating queries
		"INSERT INTO totals SELECT window_start, user_id, SUM(amount)" + window + "EMIT CHANGES",
		"INSERT INTO totals SELECT window_end, user_id, SUM(amount)" + window + "ALLOWED LATENESS INTERVAL '3' MINUTE",
		"INSERT INTO totals SELECT window_time, user_id, SUM(amount)" + window + "EMIT CHANGES",
		"INSERT INTO totals (user_id, window_start) SELECT user_id, window_start" + window + "EMIT CHANGES",
		"INSERT INTO by_user SELECT user_id, SUM(amount), COUNT(*) FROM clicks GROUP BY user_id",
		"INSERT INTO by_user SELECT clicks, SUM(amount), COUNT(*) FROM clicks GROUP BY clicks", // text of different numbers differs
		"INSERT INTO by_user SELECT 'all', SUM(amount), COUNT(*) FROM clicks",                  // one row
		"INSERT INTO history SELECT user_id, SUM(amount) FROM clicks GROUP BY user_id",         // a changelog
	} {
		planQuery(t, query)
	}
}

// Items keep the order of the statements; SELECTs are counted.
func TestOrderOfItems(t *testing.T) {
	r := mustPlan(t, "SELECT 1 AS a; EXPLAIN SELECT 2 AS b; INSERT INTO history SELECT user_id, amount FROM clicks; SELECT 3 AS c;")
	var got []string
	for _, it := range r.Items {
		if it.Explain != nil {
			got = append(got, "explain")
		} else {
			got = append(got, it.Query.Name+": "+it.Query.Text)
		}
	}
	want := []string{"query 1: SELECT 1 AS a", "explain", "history: INSERT INTO history SELECT user_id, amount FROM clicks", "query 2: SELECT 3 AS c"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if len(r.Queries) != 3 || len(r.Explains) != 1 {
		t.Errorf("%d queries and %d answers", len(r.Queries), len(r.Explains))
	}
}

// Views are known to later scripts over the same catalog, and messages about a
// view's use point into the text that uses it.
func TestCatalogOutlivesScripts(t *testing.T) {
	first := "CREATE STREAM s (a INT, b STRING) WITH (path = 's.csv');\nCREATE VIEW v AS SELECT a + 1 AS c FROM s;"
	r, problems := planText(t, "first.sql", first, catalog.New())
	if len(problems) > 0 {
		t.Fatal(problems.Render())
	}
	cat := r.Catalog
	_, problems = planText(t, "second.sql", "SELECT c FROM v;\nSELECT d FROM v", cat)
	if len(problems) != 1 || problems[0].Error() != "second.sql:2:8: there is no column d in v" {
		t.Errorf("got\n%s", problems.Render())
	}
	if len(cat.Views()) != 1 || cat.View("V") == nil || columns(cat.View("v").Schema) != "c INT" {
		t.Errorf("the catalog has the views %v", cat.Views())
	}
}

// What a script leaves behind is what holds at its end, whatever its queries have
// seen on the way.
func TestCatalogIsThatOfTheEnd(t *testing.T) {
	r, problems := planText(t, "q.sql", "CREATE STREAM s (a INT);\nCREATE STREAM t (a INT);\nSELECT a FROM s;\nDROP STREAM s;\nCREATE OR REPLACE STREAM t (b INT);", catalog.New())
	if len(problems) > 0 {
		t.Fatal(problems.Render())
	}
	if r.Catalog.Lookup("s") != nil || columns(r.Catalog.Lookup("t").Schema) != "b INT" {
		t.Errorf("the catalog has %v", r.Catalog.Relations())
	}
}

// A relation that was not used in this script is not checked in it.
func TestOptionsOfUnusedRelations(t *testing.T) {
	r, problems := planText(t, "first.sql", "CREATE STREAM s (a INT) WITH (pth = 's.csv')", catalog.New())
	cat := r.Catalog
	if len(problems) != 1 || problems[0].File.Name != "first.sql" {
		t.Errorf("got\n%s", problems.Render())
	}
	if _, problems = planText(t, "second.sql", "SELECT 1 AS x", cat); len(problems) > 0 {
		t.Errorf("got\n%s", problems.Render())
	}
	if _, problems = planText(t, "third.sql", "SELECT a FROM s", cat); len(problems) != 1 || problems[0].File.Name != "first.sql" {
		t.Errorf("got\n%s", problems.Render())
	}
}

// Long expressions cost time in proportion to their length.
func TestLongExpressions(t *testing.T) {
	for _, op := range []string{" AND ", " OR "} {
		terms := make([]string, 20000)
		for i := range terms {
			terms[i] = fmt.Sprintf("n <> %d", i)
		}
		planQuery(t, "SELECT name FROM plain WHERE "+strings.Join(terms, op))
	}
	planQuery(t, "SELECT MAX(n)"+strings.Repeat(" + 1", 5000)+" AS x FROM plain")
}

// Whatever is planned, there are messages or a plan that can be shown.
func FuzzPlan(f *testing.F) {
	for _, folder := range []string{"diagnostics", "explain"} {
		files, err := filepath.Glob(filepath.Join("testdata", folder, "*.txt"))
		if err != nil || len(files) == 0 {
			f.Fatalf("no test data in %s: %v", folder, err)
		}
		for _, path := range files {
			for _, c := range readGolden(f, path) {
				f.Add(c.text)
			}
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, problems := planText(t, "q.sql", text, prelude(t))
		problems.Render()
		if problems.HasErrors() {
			return
		}
		if logical, physical := r.Explain(Logical), r.Explain(Physical); len(r.Queries) > 0 && (logical == "" || physical == "") {
			t.Errorf("nothing to show of\n%s", text)
		}
		for _, q := range r.Queries {
			plan.Walk(q.Root, func(n plan.Node) { checkNode(t, text, n) })
		}
	})
}
