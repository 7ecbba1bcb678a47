package engine_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"tidemark/runtime/engine"
)

// windowWorld is a random stream s of rows that come out of order and late; the
// watermark is so many seconds behind.
type windowWorld struct {
	declare string
	rows    []row
}

func newWindowWorld(t *testing.T, r *rand.Rand, delay int64, shift int64) windowWorld {
	rows := generate(r, 250, 12, 8)
	for i := range rows {
		rows[i].ts += shift
	}
	path := writeJSON(t, t.TempDir(), rows)
	return windowWorld{fmt.Sprintf("CREATE STREAM s (ts TIMESTAMP, k STRING, v DECIMAL(12,2), pad STRING, WATERMARK FOR ts AS ts - INTERVAL '%d' SECOND) WITH (path = '%s');\n", delay, path), rows}
}

// changes returns the changelog of a query.
func (w windowWorld) changes(t *testing.T, q string) string {
	t.Helper()
	out, _ := run(t, w.declare+q+";", engine.Options{Output: "changelog", Workers: 2})
	return out
}

// result returns what the changelog of a query leaves, which must be legal.
func (w windowWorld) result(t *testing.T, q string) string {
	t.Helper()
	changes := w.changes(t, q)
	rows, err := left(changes)
	if err != nil {
		t.Fatalf("%s\n%v\n%s", q, err, changes)
	}
	return rows
}

// anyWindow are windows of all kinds, over the column t.
var anyWindow = []string{
	"TUMBLE(t, INTERVAL '20' SECOND)", "TUMBLE(t, INTERVAL '15' SECOND, INTERVAL '4' SECOND)", "HOP(t, INTERVAL '5' SECOND, INTERVAL '20' SECOND)",
	"HOP(t, INTERVAL '6' SECOND, INTERVAL '20' SECOND)", "CUMULATE(t, INTERVAL '5' SECOND, INTERVAL '20' SECOND)", "SESSION(t, INTERVAL '4' SECOND)",
}

const sums = "SELECT window_start, window_end, k, COUNT(*) AS n, SUM(v) AS s, MAX(pad) AS p FROM s GROUP BY $W, k $L"

// grouped is the query by a window, with more clauses.
func grouped(window, clauses string) string {
	return strings.NewReplacer("$W", strings.Replace(window, "(t,", "(ts,", 1), "$L", clauses).Replace(sums)
}

var emissions = []string{"", "EMIT FINAL", "EMIT CHANGES", "EMIT EVERY INTERVAL '7' SECOND"}

// TestTumbleIsHopOfItsSize: windows of HOP that do not overlap are those of TUMBLE,
// whatever is emitted when.
func TestTumbleIsHopOfItsSize(t *testing.T) {
	for seed := range uint64(12) {
		r := rand.New(rand.NewPCG(seed, 41))
		w := newWindowWorld(t, r, r.Int64N(8), 0)
		clauses := emissions[seed%4]
		if seed%3 > 0 {
			clauses = fmt.Sprintf("ALLOWED LATENESS INTERVAL '%d' SECOND ", 1+r.IntN(30)) + clauses
		}
		n := fmt.Sprintf("INTERVAL '%d' SECOND", 5+r.IntN(20))
		tumble, hop := w.changes(t, grouped("TUMBLE(t, "+n+")", clauses)), w.changes(t, grouped("HOP(t, "+n+", "+n+")", clauses))
		if tumble != hop || tumble == "" {
			t.Fatalf("seed %d, %s: %s", seed, clauses, firstDifference(hop, tumble))
		}
	}
}

// TestEachRowIsInSizeBySlideWindows: where nothing is late, the counts of HOP add up to
// as many times the rows, however windows are written and emitted.
func TestEachRowIsInSizeBySlideWindows(t *testing.T) {
	for seed := range uint64(8) {
		r := rand.New(rand.NewPCG(seed, 42))
		w := newWindowWorld(t, r, 100, 0)
		slide, times := 1+r.IntN(9), 1+r.IntN(6)
		lengths := fmt.Sprintf("INTERVAL '%d' SECOND, INTERVAL '%d' SECOND", slide, slide*times)
		for _, from := range []string{"s GROUP BY HOP(ts, " + lengths + "), k", "HOP(s, ts, " + lengths + ") GROUP BY window_start, window_end, k"} {
			total := 0
			for line := range strings.Lines(w.result(t, "SELECT window_end, k, COUNT(*) AS n FROM "+from+" "+emissions[seed%4])) {
				var c struct{ N int }
				if err := json.Unmarshal([]byte(line), &c); err != nil {
					t.Fatal(err)
				}
				total += c.N
			}
			if want := len(w.rows) * times; total != want {
				t.Errorf("seed %d: %d rows in %d windows each add up to %d", seed, len(w.rows), times, total)
			}
		}
	}
}

// TestAllEmissionsLeaveTheSame: windows of every kind come to the same result, whatever
// is emitted before: that of EMIT FINAL, whose rows never change. Every changelog takes
// back only what is there, and gives no row twice.
func TestAllEmissionsLeaveTheSame(t *testing.T) {
	for i, window := range anyWindow {
		for seed := range uint64(4) {
			r := rand.New(rand.NewPCG(seed, uint64(100+i)))
			w := newWindowWorld(t, r, r.Int64N(8), 0)
			late := ""
			if seed > 0 {
				late = fmt.Sprintf("ALLOWED LATENESS INTERVAL '%d' SECOND ", 1+r.IntN(30))
			}
			final := w.changes(t, grouped(window, late+"EMIT FINAL"))
			if n := strings.Count(final, `{"op":"+I"`); n == 0 || n != strings.Count(final, "\n") {
				t.Fatalf("%s: final rows change\n%s", window, final)
			}
			want, _ := left(final)
			for _, emit := range emissions {
				changes := w.changes(t, grouped(window, late+emit))
				if err := checkLegal(changes); err != nil {
					t.Fatalf("seed %d, %s %s%s: %v", seed, window, late, emit, err)
				}
				if got, _ := left(changes); got != want {
					t.Fatalf("seed %d, %s %s%s: %s", seed, window, late, emit, firstDifference(got, want))
				}
			}
		}
	}
}

var anyStamp = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`)

// TestTimeIsRelative: to move all rows by a multiple of the slide moves the windows by
// as much, and changes nothing else.
func TestTimeIsRelative(t *testing.T) {
	for i, window := range anyWindow {
		shift := int64(3 * 20 * 15 * 6) // a multiple of every size and slide
		if strings.HasPrefix(window, "SESSION") {
			shift = 3601
		}
		for k, emit := range emissions {
			if shift == 3601 && k == 3 {
				continue // the instants of EMIT EVERY do not move
			}
			seed := uint64(i*10 + k)
			clauses := "ALLOWED LATENESS INTERVAL '9' SECOND " + emit
			if k == 3 {
				clauses = strings.Replace(clauses, "'7'", "'10'", 1)
			}
			was := newWindowWorld(t, rand.New(rand.NewPCG(seed, 43)), 3, 0).changes(t, grouped(window, clauses))
			is := newWindowWorld(t, rand.New(rand.NewPCG(seed, 43)), 3, shift).changes(t, grouped(window, clauses))
			want := anyStamp.ReplaceAllStringFunc(was, func(text string) string {
				at, err := time.Parse(time.RFC3339, text)
				if err != nil {
					t.Fatal(err)
				}
				return stamp(at.Unix() + shift)
			})
			if is != want || is == "" {
				t.Fatalf("%s %s: %s", window, clauses, firstDifference(is, want))
			}
		}
	}
}

// TestWindowsOfCorrectedWindows: a window over the results of another, which late rows
// correct, comes to what the final results of that one give, whenever either emits.
func TestWindowsOfCorrectedWindows(t *testing.T) {
	outer := []struct {
		by, window string
		size       int64
		slide      int64
	}{
		{"TUMBLE(window_time, INTERVAL '40' SECOND)", "TUMBLE(i, window_time, INTERVAL '40' SECOND)", 40, 40},
		{"HOP(window_time, INTERVAL '10' SECOND, INTERVAL '40' SECOND)", "HOP(i, window_time, INTERVAL '10' SECOND, INTERVAL '40' SECOND)", 40, 10},
	}
	for i, inner := range anyWindow {
		for k, o := range outer {
			for seed := range uint64(4) {
				r := rand.New(rand.NewPCG(seed, uint64(50*i+k)))
				w := newWindowWorld(t, r, 3, 0)
				clauses := fmt.Sprintf("ALLOWED LATENESS INTERVAL '%d' SECOND ", r.IntN(30)) + emissions[r.IntN(4)]
				in := strings.NewReplacer("window_start, window_end, k", "window_time, k", "$W", strings.Replace(inner, "(t,", "(ts,", 1), "$L", clauses).Replace(sums)
				view := "CREATE VIEW i AS " + in + ";\n"
				want := outerWindows(t, w.result(t, in), o.size, o.slide)
				emit := emissions[seed%3]
				for _, q := range []string{
					"SELECT window_start, COUNT(*) AS rows, SUM(n) AS n FROM i GROUP BY " + o.by + " " + emit,
					"SELECT window_start, COUNT(*) AS rows, SUM(n) AS n FROM " + o.window + " GROUP BY window_start, window_end " + emit,
				} {
					got, err := left(windowWorld{declare: w.declare + view}.changes(t, q))
					if err != nil {
						t.Fatalf("seed %d: %s%s: %v", seed, view, q, err)
					}
					if got != want {
						t.Fatalf("seed %d: %s%s: %s", seed, view, q, firstDifference(got, want))
					}
				}
			}
		}
	}
}

// outerWindows sums up rows with a window_time and n by windows.
func outerWindows(t *testing.T, inner string, size, slide int64) string {
	t.Helper()
	type sum struct{ rows, n int }
	all := map[int64]sum{}
	for line := range strings.Lines(inner) {
		var c struct {
			At time.Time `json:"window_time"`
			N  int
		}
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			t.Fatal(err)
		}
		for start := c.At.Unix() - c.At.Unix()%slide; start > c.At.Unix()-size; start -= slide {
			s := all[start]
			all[start] = sum{s.rows + 1, s.n + c.N}
		}
	}
	var lines []string
	for start, s := range all {
		lines = append(lines, fmt.Sprintf(`{"window_start":"%s","rows":%d,"n":%d}`+"\n", stamp(start), s.rows, s.n))
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}

// TestGroupsOfWindowsClose: rows of windows that are grouped by these come to what
// grouping them without a look at the window gives, and nothing of it is emitted before
// the window closes.
func TestGroupsOfWindowsClose(t *testing.T) {
	for i, inner := range anyWindow {
		for seed := range uint64(4) {
			r := rand.New(rand.NewPCG(seed, uint64(70+i)))
			w := newWindowWorld(t, r, r.Int64N(8), 0)
			clauses := ""
			if seed > 0 {
				clauses = fmt.Sprintf("ALLOWED LATENESS INTERVAL '%d' SECOND ", 1+r.IntN(30))
			}
			in := grouped(inner, clauses+emissions[r.IntN(4)])
			const outer = "SELECT s, e, COUNT(*) AS keys, SUM(n) AS n, MAX(s) AS most FROM (SELECT window_start$0 AS s, window_end$0 AS e, n FROM ("
			const by = ")) GROUP BY s, e"
			windowed := strings.ReplaceAll(outer, "$0", "") + in + by
			plain := strings.ReplaceAll(outer, "$0", " + INTERVAL '0' SECOND") + in + by
			for _, emit := range emissions[:3] {
				got := w.changes(t, windowed+" "+emit)
				if err := checkLegal(got); err != nil {
					t.Fatalf("seed %d, %s: %v", seed, windowed, err)
				}
				have, _ := left(got)
				if want := w.result(t, plain); have != want || want == "" {
					t.Fatalf("seed %d, %s %s: %s", seed, windowed, emit, firstDifference(have, want))
				}
				if emit == "EMIT FINAL" && strings.Count(got, "\n") != strings.Count(have, "\n") {
					t.Fatalf("seed %d, %s %s: final rows change", seed, windowed, emit)
				}
			}
		}
	}
}

// tableWindows are queries with windows in FROM that are not those of GROUP BY: rows of
// windows, groups of such rows, and of windows' results.
var tableWindows = []string{
	"SELECT k, pad, window_start, window_end, window_time FROM HOP(s, ts, INTERVAL '5' SECOND, INTERVAL '20' SECOND) WHERE v > 3",
	"SELECT k, pad, window_start, window_end FROM SESSION(TABLE s PARTITION BY k, DESCRIPTOR(ts), INTERVAL '4' SECOND)",
	"SELECT window_start, window_end, k, COUNT(*) AS n, SUM(v) AS s FROM HOP(s, ts, INTERVAL '5' SECOND, INTERVAL '20' SECOND) WHERE window_end > ts + INTERVAL '3' SECOND GROUP BY window_start, window_end, k",
	"SELECT window_start, window_end, COUNT(*) AS n, SUM(v) AS s FROM SESSION(TABLE s PARTITION BY k, DESCRIPTOR(ts), INTERVAL '4' SECOND) GROUP BY window_start, window_end",
	"SELECT window_start, window_end, k, COUNT(*) AS n FROM CUMULATE(s, ts, INTERVAL '5' SECOND, INTERVAL '20' SECOND) WHERE window_end > ts + INTERVAL '3' SECOND GROUP BY window_start, window_end, k EMIT CHANGES",
	"SELECT window_start, window_end, MAX(n) AS most, COUNT(*) AS keys FROM (" + "SELECT window_start, window_end, k, COUNT(*) AS n FROM s GROUP BY SESSION(ts, INTERVAL '4' SECOND), k ALLOWED LATENESS INTERVAL '9' SECOND) GROUP BY window_start, window_end",
	"SELECT window_start, window_end, k, GROUPING(k) AS g, COUNT(*) AS n FROM TUMBLE(s, ts, INTERVAL '20' SECOND) WHERE window_end > ts + INTERVAL '3' SECOND GROUP BY window_start, window_end, ROLLUP(k)",
	"SELECT window_start, window_end, COUNT(*) AS n FROM HOP((SELECT window_time, SUM(v) AS s FROM s GROUP BY TUMBLE(ts, INTERVAL '5' SECOND), k ALLOWED LATENESS INTERVAL '7' SECOND), window_time, INTERVAL '10' SECOND, INTERVAL '20' SECOND) WHERE window_end > window_time0 AND s > -1000000 GROUP BY window_start, window_end",
}

// TestTableWindowsAreDeterministic: what windows in FROM give is the same, byte for
// byte, for any batch size and number of workers, and every row is accounted for.
func TestTableWindowsAreDeterministic(t *testing.T) {
	for i, q := range tableWindows {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			w := newWindowWorld(t, rand.New(rand.NewPCG(uint64(i), 44)), 5, 0)
			first, report := run(t, w.declare+q+";", engine.Options{Output: "changelog", Workers: 1, BatchRows: 1})
			if strings.Count(first, "\n") < 10 {
				t.Fatalf("only\n%s", first)
			}
			if err := checkLegal(first); err != nil {
				t.Fatal(err)
			}
			if s := report.Statements[0]; s.Read+s.Repeated != s.Used+s.Filtered+s.Late+s.Rejected || s.Used < 0 {
				t.Errorf("account %+v", s)
			}
			for _, shape := range []struct{ size, workers int }{{7, 1}, {64, 3}, {4096, 2}, {1, 4}} {
				if got, _ := run(t, w.declare+q+";", engine.Options{Output: "changelog", Workers: shape.workers, BatchRows: shape.size}); got != first {
					t.Fatalf("batches of %d, %d workers: %s", shape.size, shape.workers, firstDifference(got, first))
				}
			}
		})
	}
}
