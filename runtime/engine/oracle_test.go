package engine_test

import (
	"bytes"
	"context"
	"fmt"
	"math/big"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"time"

	"tidemark/connectors/builtin"
	"tidemark/parser/source"
	"tidemark/runtime/engine"
)

// The oracle is a second implementation of the windowed aggregate, as slow and
// obvious as it can be: rows one at a time, maps, big numbers. It shares no code
// with the engine.

// row is an input row: time in seconds, a key that may be NULL, a value in cents
// that may be NULL.
type row struct {
	ts    int64
	key   *string
	cents *int64
}

// query is a generated query.
type query struct {
	size, offset    int64  // seconds
	slide           int64  // of a hop; the step of a cumulate
	window          string // TUMBLE, HOP or CUMULATE
	delay, lateness int64
	emit            string // "", "FINAL", "CHANGES" or "EVERY"
	every           int64
	keyed           bool
	where           *int64 // v > where, cents
	having          int64  // COUNT(*) > having; -1 none
	timing
}

func (q query) sql(path, format string) string {
	var b strings.Builder
	column, watermark := q.timing.sql(q.delay)
	fmt.Fprintf(&b, "CREATE STREAM s (%s, k STRING, v DECIMAL(12,2), pad STRING, %s)\n", column, watermark)
	fmt.Fprintf(&b, "WITH (connector = 'file', path = '%s', format = '%s');\n", path, format)
	key := ""
	if q.keyed {
		key = "k, "
	}
	fmt.Fprintf(&b, "SELECT window_start, window_end, %sCOUNT(*) AS n, COUNT(v) AS nv, SUM(v) AS s, MIN(v) AS lo, MAX(v) AS hi, COUNT(DISTINCT v) AS d\nFROM s\n", key)
	if q.where != nil {
		fmt.Fprintf(&b, "WHERE v > %s\n", money(*q.where))
	}
	slide := ""
	if q.window != "TUMBLE" {
		slide = fmt.Sprintf("INTERVAL '%d' SECOND, ", q.slide)
	}
	fmt.Fprintf(&b, "GROUP BY %s(ts, %sINTERVAL '%d' SECOND, INTERVAL '%d' SECOND)", q.window, slide, q.size, q.offset)
	if q.keyed {
		b.WriteString(", k")
	}
	if q.having >= 0 {
		fmt.Fprintf(&b, "\nHAVING COUNT(*) > %d", q.having)
	}
	if q.lateness > 0 {
		fmt.Fprintf(&b, "\nALLOWED LATENESS INTERVAL '%d' SECOND", q.lateness)
	}
	switch q.emit {
	case "":
	case "EVERY":
		fmt.Fprintf(&b, "\nEMIT EVERY INTERVAL '%d' SECOND", q.every)
	default:
		fmt.Fprintf(&b, "\nEMIT %s", q.emit)
	}
	b.WriteString(";\n")
	return b.String()
}

func money(cents int64) string {
	sign := ""
	if cents < 0 {
		sign, cents = "-", -cents
	}
	return fmt.Sprintf("%s%d.%02d", sign, cents/100, cents%100)
}

func stamp(sec int64) string { return time.Unix(sec, 0).UTC().Format(time.RFC3339) }

// windows lists the windows that hold a time, which is positive, in order of their
// ends.
func (q query) windows(ts int64) (list [][2]int64) {
	switch base := (ts-q.offset)/q.size*q.size + q.offset; q.window {
	case "TUMBLE":
		return [][2]int64{{base, base + q.size}}
	case "CUMULATE":
		for end := base + q.slide; end <= base+q.size; end += q.slide {
			if ts < end {
				list = append(list, [2]int64{base, end})
			}
		}
		return list
	}
	for start := (ts-q.offset)/q.slide*q.slide + q.offset; ts < start+q.size; start -= q.slide {
		list = append([][2]int64{{start, start + q.size}}, list...)
	}
	return list
}

// group is what the oracle remembers of a window and key: its rows.
type group struct {
	start int64
	end   int64
	key   *string
	cents []*int64
	shown bool
	early *group // as it was shown last while it was open
}

func (g *group) render(q query) string {
	sum, n := new(big.Int), 0
	var lo, hi *int64
	distinct := map[int64]bool{}
	for _, c := range g.cents {
		if c == nil {
			continue
		}
		n++
		sum.Add(sum, big.NewInt(*c))
		distinct[*c] = true
		if lo == nil || *c < *lo {
			lo = c
		}
		if hi == nil || *c > *hi {
			hi = c
		}
	}
	show := func(c *int64) string {
		if c == nil {
			return "null"
		}
		return money(*c)
	}
	total := "null"
	if n > 0 {
		total = money(sum.Int64())
	}
	key := ""
	if q.keyed {
		key = `"k":null,`
		if g.key != nil {
			key = fmt.Sprintf(`"k":"%s",`, *g.key)
		}
	}
	return fmt.Sprintf(`"row":{"window_start":"%s","window_end":"%s",%s"n":%d,"nv":%d,"s":%s,"lo":%s,"hi":%s,"d":%d}}`,
		stamp(g.start), stamp(g.end), key, len(g.cents), n, total, show(lo), show(hi), len(distinct))
}

// oracle returns the changelog and the number of late and of partly late rows.
func oracle(q query, rows []row) (changelog []string, late, partly int) {
	const never = int64(-1 << 62)
	groups := map[string]*group{}
	w := never
	name := func(end int64, key *string) string {
		if key == nil || !q.keyed {
			return fmt.Sprintf("%d", end)
		}
		return fmt.Sprintf("%d/%s", end, *key)
	}
	change := func(op string, g *group) {
		changelog = append(changelog, fmt.Sprintf(`{"op":"%s",%s`, op, g.render(q)))
	}
	passes := func(g *group) bool { return int64(len(g.cents)) > q.having }
	gone := func(end int64) bool { // the window is past correcting
		if q.lateness == 0 {
			return w >= end
		}
		return w > end+q.lateness
	}
	// update brings the result from what a group was to what it is.
	update := func(old, g *group) {
		switch before, after := old != nil && passes(old), passes(g); {
		case before && after:
			change("-U", old)
			change("+U", g)
		case before:
			change("-D", old)
		case after:
			change("+I", g)
		}
	}
	fire := func(crossed bool) {
		var due []*group
		for _, g := range groups {
			closes := w >= g.end && !g.shown
			if q.emit == "" && closes || q.emit == "FINAL" && gone(g.end) || q.emit == "EVERY" && (closes || crossed && w < g.end) {
				due = append(due, g)
			}
		}
		sort.Slice(due, func(i, j int) bool {
			a, b := due[i], due[j]
			switch {
			case a.end != b.end:
				return a.end < b.end
			case a.key == nil || b.key == nil:
				return a.key != nil
			}
			return *a.key < *b.key
		})
		for _, g := range due {
			if g.shown = w >= g.end; g.early == nil || len(g.early.cents) != len(g.cents) {
				update(g.early, g)
			}
			if q.emit == "EVERY" {
				was := *g
				g.early = &was
			}
		}
		for n, g := range groups {
			if gone(g.end) {
				delete(groups, n)
			}
		}
	}
	after := q.watermarks(q.delay, rows)
	for i, r := range rows {
		if q.where == nil || r.cents != nil && *r.cents > *q.where {
			windows, missed := q.windows(r.ts), 0
			for _, x := range windows {
				start, end := x[0], x[1]
				if gone(end) {
					missed++
					continue
				}
				g := groups[name(end, r.key)]
				if g == nil {
					g = &group{start: start, end: end, key: r.key}
					groups[name(end, r.key)] = g
				}
				var old *group
				if len(g.cents) > 0 {
					was := *g
					old = &was
				}
				g.cents = append(g.cents, r.cents)
				if q.emit == "CHANGES" || q.emit != "FINAL" && w >= end {
					update(old, g)
					g.shown = true
				}
			}
			switch {
			case missed == len(windows):
				late++
			case missed > 0:
				partly++
			}
		}
		if after[i] > w {
			crossed := w == never || w/max(1, q.every) != after[i]/max(1, q.every)
			w = after[i]
			fire(crossed)
		}
	}
	w = 1 << 61
	fire(true)
	return changelog, late, partly
}

func generate(r *rand.Rand, n int, size, disorder int64) []row {
	keys := []string{"a", "b", "B", "key-longer-than-16-bytes", "", "ü"}
	rows := make([]row, n)
	t := time.Date(2026, 1, 5, 10, 0, 0, 0, time.UTC).Unix()
	for i := range rows {
		t += r.Int64N(max(1, size/4))
		rows[i].ts = t - r.Int64N(disorder+1)
		if r.IntN(50) == 0 {
			rows[i].ts -= r.Int64N(4 * size)
		}
		if r.IntN(8) > 0 {
			rows[i].key = &keys[r.IntN(len(keys))]
		}
		if r.IntN(10) > 0 {
			c := r.Int64N(2000) - 500
			rows[i].cents = &c
		}
	}
	return rows
}

func writeJSON(t *testing.T, dir string, rows []row) string {
	t.Helper()
	var b bytes.Buffer
	for i, r := range rows {
		fmt.Fprintf(&b, `{"ts":"%s"`, stamp(r.ts))
		if r.key != nil {
			fmt.Fprintf(&b, `,"k":"%s"`, *r.key)
		}
		if r.cents != nil {
			fmt.Fprintf(&b, `,"v":%s`, money(*r.cents))
		}
		fmt.Fprintf(&b, `,"sec":%d,"pad":"%d"}`+"\n", r.ts, i) // behind what filters look at
	}
	path := filepath.Join(dir, "in.ndjson")
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// run runs a script and returns what it prints and its report.
func run(t *testing.T, sql string, opts engine.Options) (string, *engine.Report) {
	t.Helper()
	var out bytes.Buffer
	opts.Stdout = &out
	job, problems, err := engine.New(builtin.Registry()).Prepare(source.NewFile("test.sql", sql), opts)
	if problems.HasErrors() {
		t.Fatalf("%s\n%s", sql, problems.Render())
	}
	if err != nil {
		t.Fatal(err)
	}
	report, err := job.Run(context.Background(), context.Background())
	if err != nil {
		t.Fatalf("%s\n%v", sql, err)
	}
	return out.String(), report
}

func randomQuery(r *rand.Rand) query {
	q := query{size: 1 + r.Int64N(30), delay: r.Int64N(10), having: -1, keyed: r.IntN(4) > 0}
	q.offset = r.Int64N(q.size)
	q.window, q.slide = []string{"TUMBLE", "TUMBLE", "HOP", "HOP", "CUMULATE"}[r.IntN(5)], q.size
	if n := 1 + r.Int64N(12); q.window != "TUMBLE" {
		q.size = q.slide * n
		if q.window == "HOP" {
			q.size += r.Int64N(q.slide)
		}
	}
	if r.IntN(2) == 0 {
		q.lateness = 1 + r.Int64N(40)
	}
	q.emit, q.every = []string{"", "", "FINAL", "CHANGES", "EVERY"}[r.IntN(5)], 1+r.Int64N(40)
	if r.IntN(3) == 0 {
		c := r.Int64N(1000) - 300
		q.where = &c
	}
	if r.IntN(3) == 0 {
		q.having = r.Int64N(4)
	}
	q.timing = randomTiming(r)
	return q
}

// TestOracle holds generated queries over generated input, out of order and with
// late rows, against the oracle: the whole changelog, in order, and the account.
func TestOracle(t *testing.T) {
	rounds := 150
	if testing.Short() {
		rounds = 20
	}
	for seed := range uint64(rounds) {
		r := rand.New(rand.NewPCG(seed, 1))
		q := randomQuery(r)
		rows := generate(r, r.IntN(400), q.slide, q.delay+r.Int64N(5))
		sql := q.sql(writeJSON(t, t.TempDir(), rows), "json")
		want, late, partly := oracle(q, rows)
		got, report := run(t, sql, engine.Options{Output: "changelog", Workers: 1 + r.IntN(4), BatchRows: 1 + r.IntN(100)})
		if wantText := strings.Join(append(want, ""), "\n"); got != wantText {
			t.Fatalf("seed %d\n%s\n%s", seed, sql, firstDifference(got, wantText))
		}
		s := report.Statements[0]
		if s.Late != int64(late) || s.PartlyLate != int64(partly) || s.Read != int64(len(rows)) || s.Read != s.Used+s.Filtered+s.Late+s.Rejected || s.Used < 0 {
			t.Fatalf("seed %d\n%s\naccount %+v, want %d late and %d partly late of %d", seed, sql, s, late, partly, len(rows))
		}
	}
}

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := 0; i < max(len(g), len(w)); i++ {
		a, b := "(end)", "(end)"
		if i < len(g) {
			a = g[i]
		}
		if i < len(w) {
			b = w[i]
		}
		if a != b {
			return fmt.Sprintf("line %d\ngot  %s\nwant %s", i+1, a, b)
		}
	}
	return "no difference"
}

// TestDeterminism: the changelog is the same, byte for byte, for any batch size
// and number of workers.
func TestDeterminism(t *testing.T) {
	for seed := range uint64(6) {
		r := rand.New(rand.NewPCG(seed, 2))
		q := randomQuery(r)
		q.lateness, q.emit = []int64{0, 20, 20}[seed%3], []string{"", "EVERY", "CHANGES", "FINAL"}[seed%4]
		rows := generate(r, 20_000, q.size, q.delay+2)
		sql := q.sql(writeJSON(t, t.TempDir(), rows), "json")
		first, _ := run(t, sql, engine.Options{Output: "changelog", Workers: 1, BatchRows: 1})
		for _, size := range []int{1, 3, 64, 4096} {
			for _, workers := range []int{1, 2, 4} {
				got, _ := run(t, sql, engine.Options{Output: "changelog", Workers: workers, BatchRows: size})
				if got != first {
					t.Fatalf("seed %d, batches of %d, %d workers: %s", seed, size, workers, firstDifference(got, first))
				}
			}
		}
	}
}

// batch is the oracle's answer without streams: every row in its group, whatever
// the order, as sorted lines.
func batch(q query, rows []row) string {
	groups := map[string]*group{}
	for _, r := range rows {
		if q.where != nil && (r.cents == nil || *r.cents <= *q.where) {
			continue
		}
		for _, w := range q.windows(r.ts) {
			name := fmt.Sprint(w[1])
			if q.keyed && r.key != nil {
				name += "/" + *r.key
			}
			if groups[name] == nil {
				groups[name] = &group{start: w[0], end: w[1], key: r.key}
			}
			groups[name].cents = append(groups[name].cents, r.cents)
		}
	}
	var lines []string
	for _, g := range groups {
		if int64(len(g.cents)) > q.having {
			text := strings.TrimPrefix(g.render(q), `"row":`)
			lines = append(lines, strings.TrimSuffix(text, "}")+"\n")
		}
	}
	sort.Strings(lines)
	return strings.Join(lines, "")
}

// TestAnyOrderWithinTheBound: rows that arrive in any order that keeps them on
// time come to what a batch over all of them gives.
func TestAnyOrderWithinTheBound(t *testing.T) {
	for seed := range uint64(30) {
		r := rand.New(rand.NewPCG(seed, 3))
		q := randomQuery(r)
		q.timing = timing{}
		q.delay, q.emit = 15, []string{"", "FINAL", "CHANGES", "EVERY"}[seed%4]
		rows := generate(r, 300, q.slide, 0)
		sort.SliceStable(rows, func(i, j int) bool { return rows[i].ts < rows[j].ts })
		want := batch(q, rows)
		for order := range 4 {
			shuffled := shuffleWithin(r, rows, q.delay)
			got, report := run(t, q.sql(writeJSON(t, t.TempDir(), shuffled), "json"), engine.Options{Output: "json", Workers: 2, BatchRows: 16})
			if report.Statements[0].Late != 0 {
				t.Fatalf("seed %d: %d rows were late", seed, report.Statements[0].Late)
			}
			if got = sortLines(got); got != want {
				t.Fatalf("seed %d order %d: %s", seed, order, firstDifference(got, want))
			}
		}
	}
}

// shuffleWithin moves rows about so that none comes after one that is more than
// bound younger.
func shuffleWithin(r *rand.Rand, rows []row, bound int64) []row {
	type moved struct {
		row
		at int64
	}
	m := make([]moved, len(rows))
	for i, x := range rows {
		m[i] = moved{x, x.ts + r.Int64N(bound+1)}
	}
	sort.SliceStable(m, func(i, j int) bool { return m[i].at < m[j].at })
	out := make([]row, len(rows))
	for i := range m {
		out[i] = m[i].row
	}
	return out
}

func sortLines(s string) string {
	lines := strings.SplitAfter(s, "\n")
	sort.Strings(lines)
	return strings.Join(lines, "")
}
