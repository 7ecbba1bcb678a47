package engine_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"

	"tidemark/connectors"
	"tidemark/runtime/engine"
)

// joinWorld writes two inputs, out of order by up to disorder seconds, with skewed and
// NULL keys and equal times, and declares them as l and r.
func joinWorld(t *testing.T, r *rand.Rand, rows, disorder int) string {
	return paddedWorld(t, r, rows, disorder, 0)
}

// paddedWorld is joinWorld with rows in the files that are longer by so many bytes.
func paddedWorld(t *testing.T, r *rand.Rand, rows, disorder, padding int) string {
	t.Helper()
	pad := strings.Repeat(" ", padding)
	dir := t.TempDir()
	script := ""
	for _, name := range []string{"l", "r"} {
		var b strings.Builder
		for i := range rows {
			key := fmt.Sprintf(`,"k":"k%d"`, min(r.IntN(40), r.IntN(40)))
			if r.IntN(15) == 0 {
				key = ""
			}
			fmt.Fprintf(&b, `{"ts":"%s"%s,"v":%d,"id":%d%s}`+"\n", stamp(int64(i/3)-r.Int64N(int64(disorder)+1)), key, r.IntN(10), i, pad)
		}
		path := filepath.Join(dir, name+".ndjson")
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		script += fmt.Sprintf("CREATE STREAM %s (ts TIMESTAMP, k STRING, v INT, id INT, WATERMARK FOR ts AS ts - INTERVAL '5' SECOND) WITH (path = '%s');\n", name, path)
	}
	for _, name := range []string{"l", "r"} {
		script += strings.ReplaceAll(`CREATE VIEW {}w AS SELECT window_start, window_end, window_time, k, SUM(v) AS s FROM {}
				GROUP BY HOP(ts, INTERVAL '10' SECOND, INTERVAL '20' SECOND), k ALLOWED LATENESS INTERVAL '4' SECOND;
			CREATE VIEW {}x AS SELECT * FROM TABLE(TUMBLE(TABLE {}, DESCRIPTOR(ts), INTERVAL '10' SECOND));
			`, "{}", name)
	}
	script += `CREATE VIEW frames AS SELECT k, ts, COUNT(*) OVER w AS n, SUM(v) OVER (PARTITION BY k ORDER BY ts) AS s, MAX(v) OVER w AS m FROM r WHERE v < 9
		WINDOW w AS (PARTITION BY k ORDER BY ts RANGE INTERVAL '7' SECOND PRECEDING);
		`
	script += "CREATE TABLE rt (k STRING PRIMARY KEY, ts TIMESTAMP, v INT, id INT, WATERMARK FOR ts AS ts - INTERVAL '5' SECOND);\n" +
		"INSERT INTO rt SELECT k, ts, v, id FROM r WHERE k IS NOT NULL;\n"
	return script
}

// joinQueries are joins of l and r.
var joinQueries = []string{
	"SELECT l.id, r.id AS other FROM l JOIN r WITHIN (INTERVAL '2' SECOND, INTERVAL '4' SECOND) ON l.k = r.k AND l.v < r.v ALLOWED LATENESS INTERVAL '2' SECOND",
	"SELECT l.id, r.id AS other FROM l FULL JOIN r WITHIN INTERVAL '3' SECOND ON l.k = r.k AND l.v = r.v ALLOWED LATENESS INTERVAL '2' SECOND",
	"SELECT l.id FROM l ANTI JOIN r WITHIN (INTERVAL '-1' SECOND, INTERVAL '4' SECOND) ON l.k = r.k",
	"SELECT a.id, b.id AS other, c.id AS third FROM l a LEFT JOIN l b WITHIN INTERVAL '2' SECOND ON a.k = b.k AND b.v = 3 JOIN r c WITHIN INTERVAL '1' SECOND ON a.k = c.k",
	"SELECT window_start, COUNT(*) AS n FROM (SELECT l.ts FROM l LEFT JOIN r WITHIN INTERVAL '2' SECOND ON l.k = r.k) GROUP BY TUMBLE(ts, INTERVAL '10' SECOND)",
	"SELECT l.k, l.id, r.id AS other FROM l ASOF LEFT JOIN r ON l.k = r.k AND r.ts <= l.ts ALLOWED LATENESS INTERVAL '3' SECOND",
	"SELECT l.id, r.id AS other FROM l ASOF JOIN r ON l.k = r.k AND l.v = r.v AND r.ts < l.ts TOLERANCE INTERVAL '20' SECOND",
	"SELECT lw.window_start, lw.k, lw.s, rw.s AS t FROM lw FULL JOIN rw ON lw.window_start = rw.window_start AND lw.window_end = rw.window_end AND lw.k = rw.k",
	"SELECT lw.window_start, lw.k, lw.s FROM lw ANTI JOIN rw ON lw.window_start = rw.window_start AND lw.window_end = rw.window_end AND lw.k = rw.k AND rw.s > 5",
	"SELECT a.id, b.id AS other FROM lx a LEFT JOIN rx b ON a.window_start = b.window_start AND a.window_end = b.window_end AND a.k = b.k ALLOWED LATENESS INTERVAL '5' SECOND",
	"SELECT window_start, COUNT(*) AS n FROM (SELECT lw.window_time FROM lw JOIN rw ON lw.window_start = rw.window_start AND lw.window_end = rw.window_end AND lw.k = rw.k) GROUP BY TUMBLE(window_time, INTERVAL '30' SECOND)",
	"SELECT l.id, t.id AS other FROM l LEFT JOIN rt FOR SYSTEM_TIME AS OF l.ts AS t ON l.k = t.k AND l.v < t.v",
	"SELECT l.id, t.id AS other FROM l LEFT JOIN (SELECT v + 1 AS w, k, id, ts FROM rt WHERE v > 3) FOR SYSTEM_TIME AS OF l.ts AS t ON l.k = t.k",
	"SELECT l.id, r.id AS other FROM l ASOF LEFT JOIN r ON l.k = r.k AND r.ts <= l.ts AND r.v < l.v TOLERANCE INTERVAL '20' SECOND",
	"SELECT l.id, n, s, m FROM l LEFT JOIN frames FOR SYSTEM_TIME AS OF l.ts AS f ON l.k = f.k AND l.v < 8",
	"SELECT window_start, SUM(n) AS n FROM (SELECT l.ts, n FROM l JOIN frames FOR SYSTEM_TIME AS OF l.ts AS f ON l.k = f.k ALLOWED LATENESS INTERVAL '3' SECOND) GROUP BY TUMBLE(ts, INTERVAL '10' SECOND)",
	"SELECT l.k, l.id, r.id AS other FROM l FULL JOIN r ON l.k = r.k AND l.v = r.v AND l.id % 3 = 0",
	"SELECT l.k, l.id, u.n FROM l LEFT JOIN (SELECT k, COUNT(*) AS n FROM r GROUP BY k) u ON l.k = u.k",
	"SELECT a.k, a.s, b.n FROM (SELECT k, SUM(v) AS s FROM l GROUP BY k) a FULL JOIN (SELECT k, COUNT(*) AS n FROM r WHERE v > 6 GROUP BY k) b ON a.k = b.k AND a.s < 9 * b.n",
	"SELECT l.k, l.v FROM l ANTI JOIN (SELECT k FROM r WHERE v > 8) u ON l.k = u.k",
	"SET state_ttl = '20 seconds'; SELECT l.k, l.id, r.id AS other FROM l LEFT JOIN r ON l.k = r.k AND l.v = r.v",
	"SELECT window_start, COUNT(*) AS n FROM (SELECT l.ts FROM l ASOF JOIN r ON l.k = r.k AND r.ts <= l.ts) GROUP BY TUMBLE(ts, INTERVAL '10' SECOND)",
	// Rows without a match go at other moves of the watermark than in order of their times.
	"SELECT a.id, b.id AS other FROM l a FULL JOIN l b WITHIN (INTERVAL '-3' SECOND, INTERVAL '3' SECOND) ON a.k = b.k AND a.v < b.v",
	"SELECT window_start, a, b, COUNT(*) AS n FROM (SELECT l.ts, l.v AS a, r.v AS b FROM l LEFT JOIN (SELECT r.k, r.ts, r.v FROM l RIGHT JOIN r WITHIN (INTERVAL '-5' SECOND, INTERVAL '2' SECOND) ON l.k = r.k AND r.v = 5) r WITHIN INTERVAL '1' SECOND ON l.k = r.k) GROUP BY HOP(ts, INTERVAL '2' SECOND, INTERVAL '10' SECOND), a, b EMIT EVERY INTERVAL '1' SECOND",
	// Each worker holds the watermark back for other rows.
	"SELECT v, MIN(n) AS n, COUNT(*) AS c FROM (SELECT a.v, a.n FROM (SELECT k, ts, v, COUNT(*) OVER (PARTITION BY k ORDER BY ts ROWS BETWEEN CURRENT ROW AND 3 FOLLOWING) AS n FROM l) a ASOF LEFT JOIN r b ON a.k = b.k AND b.ts <= a.ts) GROUP BY ROLLUP(v)",
	// A change of the key takes a row from one worker to another: -U and +U of different rows meet.
	"SELECT a.k, a.n, b.id FROM (SELECT k, COUNT(*) AS n FROM l GROUP BY k) a FULL JOIN r b ON a.n = b.v",
}

// The changelog of a join is the same for any size of batches, number of workers and
// number of rows in a block of a file.
func TestJoinsAreDeterministic(t *testing.T) {
	for i, query := range joinQueries {
		world := joinWorld(t, rand.New(rand.NewPCG(uint64(i), 7)), 1200, 9)
		long := paddedWorld(t, rand.New(rand.NewPCG(uint64(i), 7)), 1200, 9, 4*connectors.BlockSize/1200)
		first, _ := run(t, long+query, engine.Options{Output: "changelog", Workers: 3})
		for _, size := range []int{1, 3, 64, 4096} {
			for _, workers := range []int{1, 2, 4} {
				got, _ := run(t, world+query, engine.Options{Output: "changelog", Workers: workers, BatchRows: size})
				if got != first {
					t.Fatalf("%s\nbatches of %d, %d workers: %s", query, size, workers, firstDifference(got, first))
				}
			}
		}
		if strings.Count(first, "\n") < 20 {
			t.Errorf("%s\nhas only %s", query, first)
		}
	}
}

// sortedLines returns the lines of a result in bytewise order.
func sortedLines(t *testing.T, sql string) []string {
	t.Helper()
	got, _ := run(t, sql, engine.Options{Output: "csv"})
	lines := strings.Split(strings.TrimSuffix(got, "\n"), "\n")[1:]
	sort.Strings(lines)
	return lines
}

// A query without a time of its own gives what an ASOF join does: the last of all rows
// before, as none of them is late.
func TestAsofJoinIsWhatABatchGives(t *testing.T) {
	for seed := range uint64(4) {
		world := joinWorld(t, rand.New(rand.NewPCG(seed, 8)), 600, 4)
		asof := sortedLines(t, world+"SELECT l.id, r.id AS other FROM l ASOF JOIN r ON l.k = r.k AND r.ts <= l.ts")
		batch := sortedLines(t, world+`SELECT id, other FROM (
			SELECT l.id, r.id AS other, ROW_NUMBER() OVER (PARTITION BY l.id ORDER BY r.ts DESC, r.id DESC) AS place
			FROM l JOIN r WITHIN (INTERVAL '1' DAY, INTERVAL '0' DAY) ON l.k = r.k) WHERE place = 1`)
		if a, b := strings.Join(asof, "\n"), strings.Join(batch, "\n"); a != b || len(asof) < 100 {
			t.Fatalf("seed %d: %s", seed, firstDifference(a, b))
		}
	}
}

// A query that joins with the rows of the frame one by one gives what a temporal join with
// a view of frames does, where none of them is late.
func TestFramesAreWhatABatchGives(t *testing.T) {
	for seed := range uint64(4) {
		world := joinWorld(t, rand.New(rand.NewPCG(seed, 10)), 600, 4)
		frames := sortedLines(t, world+"SELECT l.id, n, COALESCE(m, 0) AS m FROM l JOIN frames FOR SYSTEM_TIME AS OF l.ts AS f ON l.k = f.k")
		batch := sortedLines(t, world+`SELECT l.id, COUNT(r.id) AS n, COALESCE(MAX(r.v), 0) AS m
			FROM l LEFT JOIN (SELECT * FROM r WHERE v < 9) r WITHIN (INTERVAL '7' SECOND, INTERVAL '0' SECOND) ON l.k = r.k WHERE l.k IS NOT NULL GROUP BY l.id`)
		if a, b := strings.Join(frames, "\n"), strings.Join(batch, "\n"); a != b || len(frames) < 100 {
			t.Fatalf("seed %d: %s", seed, firstDifference(a, b))
		}
	}
}

// Windows over a join have what a grouping of the join's rows by their time has, by the times of
// both sides, whether the inputs are in order or not: the watermark is held back for all rows.
func TestWindowsOverJoinsAreWhatABatchGives(t *testing.T) {
	for seed, disorder := range []int{0, 5} {
		world := joinWorld(t, rand.New(rand.NewPCG(uint64(seed), 11)), 600, disorder)
		for from, sides := range map[string]string{ // whose times are event times of the result
			"l JOIN r WITHIN INTERVAL '4' SECOND ON l.k = r.k":                                                                   "l r",
			"l JOIN r WITHIN (INTERVAL '-2' SECOND, INTERVAL '4' SECOND) ON l.k = r.k ALLOWED LATENESS INTERVAL '3' SECOND":      "l r",
			"l LEFT JOIN r WITHIN (INTERVAL '0' SECOND, INTERVAL '9' SECOND) ON l.k = r.k AND l.v < r.v":                         "l",
			"l RIGHT JOIN r WITHIN (INTERVAL '9' SECOND, INTERVAL '0' SECOND) ON l.k = r.k AND l.v < r.v":                        "r",
			"l LEFT JOIN r WITHIN (INTERVAL '9' SECOND, INTERVAL '-3' SECOND) ON l.k = r.k ALLOWED LATENESS INTERVAL '3' SECOND": "l",
			"l ASOF LEFT JOIN r ON l.k = r.k AND r.ts <= l.ts":                                                                   "l",
			"l LEFT JOIN rt FOR SYSTEM_TIME AS OF l.ts AS r ON l.k = r.k":                                                        "l",
		} {
			for _, side := range strings.Fields(sides) {
				rows := "(SELECT " + side + ".ts, l.id, r.id AS other FROM " + from + ")"
				sql := world + "SELECT window_start, COUNT(*) AS n, COUNT(id) AS a, COUNT(other) AS b FROM " + rows + " GROUP BY TUMBLE(ts, INTERVAL '7' SECOND)"
				if _, report := run(t, sql, engine.Options{Output: "none"}); report.Statements[len(report.Statements)-1].Late != 0 {
					t.Fatalf("%s: %d late rows", from, report.Statements[len(report.Statements)-1].Late)
				}
				same(t, from+" by "+side, sortedLines(t, sql), sortedLines(t, world+"SELECT DATE_BIN(INTERVAL '7' SECOND, ts) AS w, COUNT(*) AS n, COUNT(id) AS a, COUNT(other) AS b FROM "+rows+" GROUP BY DATE_BIN(INTERVAL '7' SECOND, ts)"))
			}
		}
	}
}

// The LEFT join as of a time has a row for each of the left side, and those with a match are
// the INNER join's.
func TestJoinsAsOfATimeAgree(t *testing.T) {
	world := joinWorld(t, rand.New(rand.NewPCG(5, 12)), 800, 5)
	for _, from := range []string{
		"l ASOF {} JOIN r b ON l.k = b.k AND b.ts <= l.ts",
		"l ASOF {} JOIN r b ON l.k = b.k AND b.ts < l.ts AND b.v < l.v TOLERANCE INTERVAL '9' SECOND",
		"l {} JOIN rt FOR SYSTEM_TIME AS OF l.ts AS b ON l.k = b.k AND l.v < b.v",
		"l {} JOIN (SELECT k, n AS id FROM frames) FOR SYSTEM_TIME AS OF l.ts AS b ON l.k = b.k AND l.v < 7",
	} {
		of := func(kind string) []string {
			return sortedLines(t, world+"SELECT l.id, b.id AS other FROM "+strings.Replace(from, "{}", kind, 1))
		}
		inner, left := of(""), of("LEFT")
		if len(left) != 800 {
			t.Errorf("%s: LEFT has %d rows of 800", from, len(left))
		}
		misses := len(left)
		left = slices.DeleteFunc(left, func(line string) bool { return strings.HasSuffix(line, ",") })
		same(t, from, left, inner)
		if misses -= len(left); misses < 20 || len(inner) < 100 {
			t.Errorf("%s: %d matches, %d misses", from, len(inner), misses)
		}
	}
}

// Of each kind of join the result is what the other kinds make it: those with a match,
// and those without.
func TestKindsOfJoinsAgree(t *testing.T) {
	world := joinWorld(t, rand.New(rand.NewPCG(3, 9)), 800, 5)
	for name, from := range map[string]string{
		"tables":         "l a {} JOIN r b ON a.k = b.k AND a.v < b.v",
		"a loaded table": "l a {} JOIN (SELECT k, v, id FROM r) b ON a.k = b.k AND a.v < b.v",
		"windows":        "lx a {} JOIN rx b ON a.window_start = b.window_start AND a.window_end = b.window_end AND a.k = b.k AND a.v < b.v",
		"intervals":      "l a {} JOIN r b WITHIN INTERVAL '4' SECOND ON a.k = b.k AND a.v < b.v",
	} {
		of := func(kind, columns string) []string {
			return sortedLines(t, world+"SELECT "+columns+" FROM "+strings.Replace(from, "{}", kind, 1))
		}
		const both = "a.id, b.id AS other"
		inner, left, right, full := of("INNER", both), of("LEFT", both), of("RIGHT", both), of("FULL", both)
		var missing []string // left rows without a match, and then right ones
		for _, id := range of("ANTI", "a.id") {
			missing = append(missing, id+",")
		}
		same(t, name+": LEFT is INNER and ANTI", left, slices.Concat(missing, inner))
		swapped := strings.NewReplacer("l a", "r a", "lx a", "rx a", "r b", "l b", "rx b", "lx b", "FROM r)", "FROM l)", "a.v < b.v", "b.v < a.v").Replace(strings.Replace(from, "{}", "LEFT", 1))
		same(t, name+": RIGHT is LEFT from the other side", right, sortedLines(t, world+"SELECT b.id, a.id AS other FROM "+swapped))
		same(t, name+": FULL is RIGHT and ANTI", full, slices.Concat(missing, right))
		seen := map[string]bool{}
		var ids []string
		for _, line := range inner {
			if id, _, _ := strings.Cut(line, ","); !seen[id] {
				seen[id] = true
				ids = append(ids, id)
			}
		}
		same(t, name+": SEMI is INNER's left rows", of("SEMI", "a.id"), ids)
		if len(inner) < 50 || len(missing) < 50 {
			t.Errorf("%s: %d matches, %d misses", name, len(inner), len(missing))
		}
	}
}

func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	sort.Strings(want)
	if a, b := strings.Join(got, "\n"), strings.Join(want, "\n"); a != b {
		t.Errorf("%s: %s", what, firstDifference(a, b))
	}
}
