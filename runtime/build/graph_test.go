package build

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tidemark/operators/agg"
	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/planner/plan"
)

// numbers is an input of n rows (ts, k, v): a second apart, two keys.
func numbers(n int) *input {
	in := &input{schema: schemaOf("ts", timestamp, "k", text, "v", bigint)}
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range n {
		at := start.Add(time.Duration(i) * time.Second).Format(time.RFC3339)
		in.rows = append(in.rows, fmt.Sprintf("%s %s %d", at, []string{"a", "b"}[i%2], i))
	}
	return in
}

// count counts the rows of windows of size seconds by column k; without a size,
// of all rows, with changes.
func count(in plan.Node, size int64, time int, keys ...int) *plan.Aggregate {
	f, _ := agg.Resolve(agg.Spec{Name: "COUNT"})
	a := &plan.Aggregate{Input: in, Time: time, Keys: keys, Aggs: []plan.AggCall{{Func: f, Filter: -1, Text: "COUNT(*)"}}}
	if size > 0 {
		a.Window = &plan.Window{Size: size * 1_000_000, Slide: size * 1_000_000}
		a.Out = schemaOf("window_start", timestamp, "window_end", timestamp)
	} else {
		a.Emit = plan.EmitChanges
	}
	for _, k := range keys {
		a.Out = append(a.Out, in.Schema()[k])
	}
	a.Out = append(a.Out, data.Column{Name: "n", Type: bigint})
	return a
}

// What two statements share is computed once, also behind a keyed operator.
func TestShared(t *testing.T) {
	in := numbers(6)
	inputs := map[string]*input{"s": in}
	r := in.relation("s")
	counted := &plan.Shared{Name: "counted", Input: count(scan(r, 0, 0), 2, 0, 1)}
	big := &plan.Shared{Name: "big", Input: where(scan(r, 0, 0), call(">", expr.NewColumn(2, "v", bigint, nowhere), number(2)))}
	queries := []*plan.Query{
		query("all", project(counted, col(counted, 2), col(counted, 3))),
		query("a", project(where(counted, call("=", col(counted, 2), expr.StringLiteral("a", nowhere))), col(counted, 2))),
		query("v", project(big, col(big, 2))),
		query("w", project(big, call("*", col(big, 2), number(10)))),
	}
	check(t, inputs, queries, map[string]string{
		"all": "+I a 1\n +I b 1\n +I a 1\n +I b 1\n +I a 1\n +I b 1",
		"a":   "+I a\n +I a\n +I a",
		"v":   "+I 3\n +I 4\n +I 5",
		"w":   "+I 30\n +I 40\n +I 50",
	}, "")
	w, p, _ := run(t, inputs, shapes[0], queries)
	if in.opened != 1 || len(p.Flow.Sources) != 1 || len(p.Flow.Sources[0].Edges) != 2 || len(w.got) != 4 {
		t.Fatalf("opened %d times by %d sources", in.opened, len(p.Flow.Sources))
	}
	for i, filtered := range []int64{0, 0, 3, 3} {
		if st := p.Statements[i]; total(st).filtered != filtered || total(st).read != 6 {
			t.Errorf("%s: %+v", st.Query.Name, total(st))
		}
	}
}

// account is a statement's account.
type account struct{ read, rejected, filtered, late int64 }

func total(st *Statement) (a account) {
	for _, s := range st.Sources {
		stats := s.Of.Stats()
		a.read += s.Times * stats.Read
		a.rejected += s.Times * stats.Rejected
	}
	for _, u := range st.Accounts {
		a.filtered += u.Times * u.Of.Filtered.Load()
		a.late += u.Times * u.Of.Late.Load()
	}
	return a
}

// A row that fails in one branch of a shared part, or in one statement over a
// source, stops the others at the same row.
func TestFailingBranch(t *testing.T) {
	in := numbers(9)
	r := in.relation("s")
	bad := func(n plan.Node) plan.Node { // fails at v = 5
		return project(n, call("/", number(60), call("-", col(n, 2), number(5))))
	}
	one, two := scan(r, 0, 0), scan(r, 0, 0)
	check(t, map[string]*input{"s": in}, []*plan.Query{query("good", project(one, col(one, 2))), query("bad", bad(two))}, map[string]string{
		"good": "+I 0\n +I 1\n +I 2\n +I 3\n +I 4",
		"bad":  "+I -12\n +I -15\n +I -20\n +I -30\n +I -60",
	}, "s:6: division by zero")

	counted := &plan.Shared{Input: count(scan(r, 0, 0), 0, -1)}
	inserts := func(n plan.Node) plan.Node { return project(n, call("/", number(60), call("-", col(n, 0), number(3)))) }
	check(t, map[string]*input{"s": in}, []*plan.Query{query("good", counted), query("bad", inserts(counted))}, map[string]string{
		"good": "+I 1\n -U 1\n +U 2",
		"bad":  "+I -30\n -U -30\n +U -60",
	}, "division by zero")
}

func TestValues(t *testing.T) {
	none := &plan.Values{Rows: [][]expr.Expr{{}}}
	values := &plan.Values{Out: schemaOf("k", text, "v", bigint)}
	for i := range 5 {
		values.Rows = append(values.Rows, []expr.Expr{expr.StringLiteral(string(rune('a'+i)), nowhere), call("/", number(12), number(int64(3-i)))})
	}
	check(t, nil, []*plan.Query{query("one", project(none, number(7)))}, map[string]string{"one": "+I 7"}, "")
	check(t, nil, []*plan.Query{query("out", values)}, map[string]string{"out": "+I a 4\n +I b 6\n +I c 12"}, "VALUES:4: division by zero")
	values.Rows = values.Rows[:3]
	check(t, nil, []*plan.Query{query("out", where(values, call(">", col(values, 1), number(5))))}, map[string]string{"out": "+I b 6\n +I c 12"}, "")
	values.Rows = nil
	check(t, nil, []*plan.Query{query("out", values)}, map[string]string{"out": ""}, "")

	// The value of a subquery is there when the rows are made, not before.
	cell := &expr.Cell{Text: "SELECT 1"}
	late := &plan.Values{Out: schemaOf("v", bigint), Rows: [][]expr.Expr{{number(1)}, {expr.NewScalar(cell, bigint, nowhere)}}}
	w := &world{shape: shapes[0], got: map[string]*lines{}}
	p, err := Build([]*plan.Query{query("out", late)}, w.env())
	if err != nil {
		t.Fatal(err)
	}
	cell.Value = data.NewConst(bigint)
	cell.Value.AppendInt(42)
	if err := p.Flow.Run(t.Context(), t.Context()); err != nil || fmt.Sprint(w.got["out"].got) != "[+I 1 +I 42]" {
		t.Fatalf("%v, %v", w.got["out"].got, err)
	}
}

func literal(kind data.Type, s string) expr.Expr {
	e, err := expr.NewCast(expr.StringLiteral(s, nowhere), kind, false, nowhere)
	if err != nil {
		panic(err)
	}
	return e
}

func TestSeries(t *testing.T) {
	interval, date, decimal, wide := data.Of(data.Interval), data.Of(data.Date), data.DecimalType(6, 2), data.DecimalType(38, 0)
	for _, c := range []struct {
		t              data.Type
		from, to, step string
		stepType       data.Type
		want, err      string
	}{
		{bigint, "1", "3", "1", bigint, "1 2 3", ""},
		{bigint, "3", "1", "-1", bigint, "3 2 1", ""},
		{bigint, "3", "1", "1", bigint, "", ""},
		{bigint, "5", "5", "-2", bigint, "5", ""},
		{bigint, "1", "3", "0", bigint, "", "the step of GENERATE_SERIES is zero"},
		{bigint, "9223372036854775806", "9223372036854775807", "1", bigint, "9223372036854775806 9223372036854775807", ""},
		{bigint, "-9223372036854775807", "-9223372036854775808", "-5", bigint, "-9223372036854775807", ""},
		{data.Of(data.Int), "1", "9", "4", data.Of(data.Int), "1 5 9", ""},
		{data.Of(data.Int), "2147483645", "2147483647", "2", data.Of(data.Int), "2147483645 2147483647", ""},
		{decimal, "1.00", "2", "0.50", decimal, "1.00 1.50 2.00", ""},
		{wide, "99999999999999999999999999999999999998", "99999999999999999999999999999999999999", "1", wide,
			"99999999999999999999999999999999999998 99999999999999999999999999999999999999", ""},
		{timestamp, "2026-01-31T00:00:00Z", "2026-05-01T00:00:00Z", "1 month", interval, "2026-01-31T00:00:00Z 2026-02-28T00:00:00Z 2026-03-28T00:00:00Z 2026-04-28T00:00:00Z", ""},
		{timestamp, "2026-01-01T00:00:00Z", "2025-12-31T23:59:59Z", "-0.5 second", interval, "2026-01-01T00:00:00Z 2025-12-31T23:59:59.5Z 2025-12-31T23:59:59Z", ""},
		{timestamp, "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "0 second", interval, "", "zero"},
		{date, "2026-02-27", "2026-03-02", "1", bigint, "2026-02-27 2026-02-28 2026-03-01 2026-03-02", ""},
	} {
		n := &plan.Series{From: literal(c.t, c.from), To: literal(c.t, c.to), Step: literal(c.stepType, c.step), Out: schemaOf("x", c.t)}
		want := ""
		for _, v := range strings.Fields(c.want) {
			want += "+I " + v + "\n"
		}
		check(t, nil, []*plan.Query{query("out", n)}, map[string]string{"out": want}, c.err)
	}
	null := &plan.Series{From: expr.NullLiteral(bigint, nowhere), To: number(3), Step: number(1), Out: schemaOf("x", bigint)}
	check(t, nil, []*plan.Query{query("out", null)}, map[string]string{"out": ""}, "")

	long := &plan.Series{From: number(1), To: number(100_000), Step: number(1), Out: schemaOf("x", bigint)}
	w, _, err := run(t, nil, shapes[4], []*plan.Query{query("out", long)})
	if got := w.got["out"].got; err != nil || len(got) != 100_000 || got[99_999] != "+I 100000" || got[8192] != "+I 8193" {
		t.Fatalf("%d rows, %v", len(got), err)
	}
}

func sorted(in plan.Node, limit, offset int64, keys ...plan.SortKey) *plan.Sort {
	return &plan.Sort{Input: in, Keys: keys, Limit: limit, Offset: offset}
}

// LIMIT ends its statement early and no other; ORDER BY comes at the end, also
// over a result that was updated, and under an aggregate.
func TestSort(t *testing.T) {
	in := numbers(40)
	r := in.relation("s")
	plainScan := func() *plan.Scan { return scan(r, 0, 0) }
	s := plainScan()
	counted := &plan.Shared{Input: count(plainScan(), 0, -1, 1)} // (k, n), updating
	check(t, map[string]*input{"s": in}, []*plan.Query{
		query("limit", project(sorted(s, 3, 1), col(s, 2))),
		query("top", project(sorted(s, 3, 1, plan.SortKey{Column: 1, Desc: true}, plan.SortKey{Column: 2}), col(s, 1), col(s, 2))),
		query("folded", sorted(counted, -1, 0, plan.SortKey{Column: 1}, plan.SortKey{Column: 0, Desc: true})),
		query("first", sorted(counted, 1, 1)),
		query("total", count(sorted(plainScan(), 7, 0), 0, -1)),
		query("windows", sorted(project(count(plainScan(), 20, 0, 1), expr.NewColumn(2, "k", text, nowhere), expr.NewColumn(3, "n", bigint, nowhere)), -1, 0, plan.SortKey{Column: 0, Desc: true})),
	}, map[string]string{
		"limit":   "+I 1\n +I 2\n +I 3",
		"top":     "+I b 3\n +I b 5\n +I b 7",
		"folded":  "+I b 20\n +I a 20",
		"first":   "+I b 20",
		"total":   "+I 1\n -U 1\n +U 2\n -U 2\n +U 3\n -U 3\n +U 4\n -U 4\n +U 5\n -U 5\n +U 6\n -U 6\n +U 7",
		"windows": "+I b 10\n +I b 10\n +I a 10\n +I a 10",
	}, "")
}

// A statement with LIMIT ends although its input does not.
func TestLimitEndsTheInput(t *testing.T) {
	in := numbers(40)
	in.live = true
	s := scan(in.relation("s"), 0, 0)
	check(t, map[string]*input{"s": in}, []*plan.Query{query("out", sorted(project(s, col(s, 2)), 3, 0))}, map[string]string{"out": "+I 0\n +I 1\n +I 2"}, "")
	in.live = false
	in.rows = numbers(200_000).rows
	w, p, err := run(t, map[string]*input{"s": in}, shape{2, 64, 64}, []*plan.Query{query("out", sorted(s, 3, 0))})
	if err != nil || len(w.got["out"].got) != 3 || in.given > 100_000 || p.Flow.Sources[0].Stats().Read > 100_000 {
		t.Fatalf("%v: %d rows read for %d", err, in.given, len(w.got["out"].got))
	}
}
