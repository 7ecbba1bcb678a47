package engine_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"tidemark/runtime/engine"
)

// sessionQuery is a generated query by sessions.
type sessionQuery struct {
	gap, delay, lateness int64  // seconds
	emit                 string // "", "FINAL" or "CHANGES"
	keyed                bool
	where                *int64 // v > where, cents
}

func (q sessionQuery) stream(path string) string {
	return fmt.Sprintf("CREATE STREAM s (ts TIMESTAMP, k STRING, v DECIMAL(12,2), pad STRING, WATERMARK FOR ts AS ts - INTERVAL '%d' SECOND)\n"+
		"WITH (connector = 'file', path = '%s', format = 'json');\n", q.delay, path)
}

// query is the SELECT without its semicolon.
func (q sessionQuery) query() string {
	key := ""
	if q.keyed {
		key = "k, "
	}
	text := "SELECT window_start, window_end, " + key + "COUNT(*) AS n, SUM(v) AS s, COUNT(DISTINCT v) AS d, MAX(v) AS hi, LAST_VALUE(pad) AS p, window_time AS t\nFROM s\n"
	if q.where != nil {
		text += "WHERE v > " + money(*q.where) + "\n"
	}
	text += fmt.Sprintf("GROUP BY SESSION(ts, INTERVAL '%d' SECOND)", q.gap)
	if q.keyed {
		text += ", k"
	}
	if q.lateness > 0 {
		text += fmt.Sprintf("\nALLOWED LATENESS INTERVAL '%d' SECOND", q.lateness)
	}
	if q.emit != "" {
		text += "\nEMIT " + q.emit
	}
	return text
}

func randomSessionQuery(r *rand.Rand) sessionQuery {
	q := sessionQuery{gap: 1 + r.Int64N(12), delay: r.Int64N(10), keyed: r.IntN(4) > 0, emit: []string{"", "", "FINAL", "CHANGES"}[r.IntN(4)]}
	if r.IntN(2) == 0 {
		q.lateness = 1 + r.Int64N(40)
	}
	if r.IntN(3) == 0 {
		c := r.Int64N(1000) - 300
		q.where = &c
	}
	return q
}

// numbered is an input row with its place in the input.
type numbered struct {
	row
	n int
}

// sessionGroup is a session of the oracle: rows in order of time, then of arrival.
type sessionGroup struct {
	key   *string
	rows  []numbered
	shown bool // its row is in the result
}

func (g *sessionGroup) end(q sessionQuery) int64 { return g.rows[len(g.rows)-1].ts + q.gap }

func (g *sessionGroup) render(q sessionQuery) string {
	sum, values, most := int64(0), map[int64]bool{}, int64(-1<<62)
	for _, r := range g.rows {
		if r.cents != nil {
			sum += *r.cents
			values[*r.cents] = true
			most = max(most, *r.cents)
		}
	}
	s, hi := "null", "null"
	if len(values) > 0 {
		s, hi = money(sum), money(most)
	}
	key := ""
	if q.keyed {
		key = `"k":null,`
		if g.key != nil {
			key = fmt.Sprintf(`"k":"%s",`, *g.key)
		}
	}
	return fmt.Sprintf(`"row":{"window_start":"%s","window_end":"%s",%s"n":%d,"s":%s,"d":%d,"hi":%s,"p":"%d","t":"%s"}}`,
		stamp(g.rows[0].ts), stamp(g.end(q)), key, len(g.rows), s, len(values), hi, g.rows[len(g.rows)-1].n, stamp(g.end(q)))
}

// before is the order of what a row or a move of the watermark makes.
func (g *sessionGroup) before(o *sessionGroup, q sessionQuery) int {
	if c := cmp.Or(cmp.Compare(g.end(q), o.end(q)), cmp.Compare(g.rows[0].ts, o.rows[0].ts)); c != 0 {
		return c
	}
	switch {
	case g.key == nil || o.key == nil:
		if g.key != nil {
			return -1
		}
		return 1
	}
	return cmp.Compare(*g.key, *o.key)
}

// sessionOracle returns the changelog and the number of late rows: a second
// implementation of sessions, as slow and obvious as it can be.
func sessionOracle(q sessionQuery, rows []row) (changelog []string, late int) {
	w := int64(-1 << 62)
	groups := map[string][]*sessionGroup{}
	change := func(op string, g *sessionGroup) {
		changelog = append(changelog, fmt.Sprintf(`{"op":"%s",%s`, op, g.render(q)))
	}
	closed := func(g *sessionGroup) bool { return w > g.end(q) }
	gone := func(g *sessionGroup) bool { return w > g.end(q)+q.lateness }
	fire := func() {
		var due []*sessionGroup
		for name, list := range groups {
			var kept []*sessionGroup
			for _, g := range list {
				if q.emit == "" && closed(g) && !g.shown || q.emit == "FINAL" && gone(g) {
					due = append(due, g)
					g.shown = true
				}
				if !gone(g) {
					kept = append(kept, g)
				}
			}
			groups[name] = kept
		}
		slices.SortFunc(due, func(a, b *sessionGroup) int { return a.before(b, q) })
		for _, g := range due {
			change("+I", g)
		}
	}
	for i, r := range rows {
		if q.where == nil || r.cents != nil && *r.cents > *q.where {
			name := ""
			if q.keyed && r.key != nil {
				name = "/" + *r.key
			}
			merged := &sessionGroup{key: r.key, rows: []numbered{{r, i}}}
			var others, touched []*sessionGroup
			for _, g := range groups[name] {
				if r.ts-g.rows[len(g.rows)-1].ts > q.gap || g.rows[0].ts-r.ts > q.gap {
					others = append(others, g)
					continue
				}
				touched = append(touched, g)
				merged.rows = append(merged.rows, g.rows...)
			}
			slices.SortFunc(merged.rows, func(a, b numbered) int { return cmp.Or(cmp.Compare(a.ts, b.ts), cmp.Compare(a.n, b.n)) })
			if gone(merged) {
				late++
			} else {
				groups[name] = append(others, merged)
				show := q.emit == "CHANGES" || q.emit == "" && closed(merged)
				slices.SortFunc(touched, func(a, b *sessionGroup) int { return a.before(b, q) })
				updates := len(touched) == 1 && touched[0].shown && show && touched[0].rows[0].ts == merged.rows[0].ts && touched[0].end(q) == merged.end(q)
				for _, g := range touched {
					switch {
					case updates:
						change("-U", g)
					case g.shown:
						change("-D", g)
					}
				}
				switch {
				case updates:
					change("+U", merged)
				case show:
					change("+I", merged)
				}
				merged.shown = show
			}
		}
		if t := r.ts - q.delay; t > w {
			w = t
			fire()
		}
	}
	w = 1 << 61
	fire()
	return changelog, late
}

// checkLegal checks that a changelog takes back only what is there, and gives no
// row twice; rows are known by all their values.
func checkLegal(changelog string) error {
	there := map[string]bool{}
	for i, line := range strings.Split(strings.TrimSpace(changelog), "\n") {
		if line == "" {
			continue
		}
		var c struct {
			Op  string
			Row json.RawMessage
		}
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			return err
		}
		adds := c.Op[0] == '+'
		if there[string(c.Row)] == adds {
			return fmt.Errorf("line %d: %s", i+1, line)
		}
		there[string(c.Row)] = adds
	}
	return nil
}

// TestSessionOracle holds generated queries over generated input, out of order and
// with late rows, against the oracle: the whole changelog, in order, and the account.
func TestSessionOracle(t *testing.T) {
	rounds := 100
	if testing.Short() {
		rounds = 20
	}
	for seed := range uint64(rounds) {
		r := rand.New(rand.NewPCG(seed, 11))
		q := randomSessionQuery(r)
		rows := generate(r, r.IntN(400), 3*q.gap, q.delay+r.Int64N(5))
		sql := q.stream(writeJSON(t, t.TempDir(), rows)) + q.query() + ";\n"
		want, late := sessionOracle(q, rows)
		got, report := run(t, sql, engine.Options{Output: "changelog", Workers: 1 + r.IntN(4), BatchRows: 1 + r.IntN(100)})
		if wantText := strings.Join(append(want, ""), "\n"); got != wantText {
			t.Fatalf("seed %d\n%s\n%s", seed, sql, firstDifference(got, wantText))
		}
		if err := checkLegal(got); err != nil {
			t.Fatalf("seed %d\n%s\nno legal changelog: %v", seed, sql, err)
		}
		s := report.Statements[0]
		if s.Late != int64(late) || s.Read != int64(len(rows)) || s.Read != s.Used+s.Filtered+s.Late+s.Rejected || s.Used < 0 {
			t.Fatalf("seed %d\n%s\naccount %+v, want %d late of %d", seed, sql, s, late, len(rows))
		}
	}
}

// TestSessionDeterminism: the changelog is the same, byte for byte, for any batch
// size and number of workers.
func TestSessionDeterminism(t *testing.T) {
	for seed := range uint64(4) {
		r := rand.New(rand.NewPCG(seed, 12))
		q := randomSessionQuery(r)
		q.keyed, q.lateness, q.emit = true, []int64{0, 20}[seed%2], []string{"", "", "CHANGES", "FINAL"}[seed]
		rows := generate(r, 2000, 2*q.gap, q.delay+2)
		sql := q.stream(writeJSON(t, t.TempDir(), rows)) + q.query() + ";\n"
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

// TestSessionsInAnyOrder: rows that arrive in any order that keeps them on time
// come to the sessions of a batch over all of them, and so do windows over these.
func TestSessionsInAnyOrder(t *testing.T) {
	for seed := range uint64(15) {
		r := rand.New(rand.NewPCG(seed, 13))
		q := randomSessionQuery(r)
		q.delay, q.emit = 15, []string{"", "FINAL", "CHANGES", "EVERY INTERVAL '7' SECOND"}[seed%4]
		rows := generate(r, 300, 3*q.gap, 0)
		slices.SortStableFunc(rows, func(a, b row) int { return cmp.Compare(a.ts, b.ts) })
		late := q.lateness
		q.lateness = 0
		changes, _ := sessionOracle(sessionQuery{gap: q.gap, keyed: q.keyed, where: q.where}, rows)
		q.lateness = late
		var want []string
		for _, line := range changes {
			want = append(want, withoutPad(strings.TrimSuffix(strings.TrimPrefix(line, `{"op":"+I","row":`), "}"))+"\n")
		}
		slices.Sort(want)
		for order := range 3 {
			stream := q.stream(writeJSON(t, t.TempDir(), shuffleWithin(r, rows, q.delay)))
			got, report := run(t, stream+q.query()+";\n", engine.Options{Output: "json", Workers: 2, BatchRows: 16})
			if n := report.Statements[0].Late; n != 0 {
				t.Fatalf("seed %d: %d rows were late", seed, n)
			}
			if got = sortLines(withoutPad(got)); got != strings.Join(want, "") {
				t.Fatalf("seed %d order %d\n%s\n%s", seed, order, q.query(), firstDifference(got, strings.Join(want, "")))
			}
			over := stream + "CREATE VIEW v AS " + q.query() + ";\nSELECT window_start AS w, COUNT(*) AS n, SUM(n) AS m FROM v GROUP BY TUMBLE(t, INTERVAL '20' SECOND);\n"
			got, report = run(t, over, engine.Options{Output: "json", Workers: 2, BatchRows: 16})
			if n := report.Statements[0].Late; n != 0 {
				t.Fatalf("seed %d: %d sessions were late for a window over them", seed, n)
			}
			if text := tumbled(t, want); sortLines(got) != text {
				t.Fatalf("seed %d order %d: windows over sessions of\n%s\n%s", seed, order, over, firstDifference(sortLines(got), text))
			}
		}
	}
}

// TestSessionsOverChanges: sessions of rows that are taken back and corrected come
// to those of the rows that are left in the end, however these came to be.
func TestSessionsOverChanges(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 14))
		q := randomSessionQuery(r)
		rows := generate(r, 200, 2*q.gap, q.delay)
		stream := q.stream(writeJSON(t, t.TempDir(), rows))
		inner := "CREATE VIEW v AS SELECT k, window_time AS t, COUNT(*) AS n, SUM(v) AS s FROM s GROUP BY TUMBLE(ts, INTERVAL '2' SECOND), k\n" +
			"HAVING COUNT(*) % 3 <> 0 ALLOWED LATENESS INTERVAL '300' SECOND EMIT "
		outer := fmt.Sprintf(";\nSELECT k, window_start, window_end, COUNT(*) AS c, SUM(n) AS m, SUM(s) AS s, COUNT(DISTINCT n) AS d FROM v GROUP BY SESSION(t, INTERVAL '%d' SECOND), k", q.gap)
		want, _ := run(t, stream+inner+"FINAL"+outer+";\n", engine.Options{Output: "json", Workers: 2, BatchRows: 16})
		for _, emit := range []string{"CHANGES", "ON WINDOW CLOSE"} {
			for _, own := range []string{"", "\nEMIT FINAL", "\nEMIT CHANGES", "\nALLOWED LATENESS INTERVAL '5' SECOND"} {
				sql := stream + inner + emit + outer + own + ";\n"
				first := ""
				for _, opts := range []engine.Options{{Workers: 1, BatchRows: 1}, {Workers: 3, BatchRows: 7}, {Workers: 2, BatchRows: 1000}} {
					opts.Output = "changelog"
					got, _ := run(t, sql, opts)
					if err := checkLegal(got); err != nil {
						t.Fatalf("seed %d\n%s\nno legal changelog: %v", seed, sql, err)
					}
					if first == "" {
						first = got
					}
					if got != first {
						t.Fatalf("seed %d, %d workers\n%s\n%s", seed, opts.Workers, sql, firstDifference(got, first))
					}
				}
				got, report := run(t, sql, engine.Options{Output: "json", Workers: 2, BatchRows: 16})
				if sortLines(got) != sortLines(want) {
					t.Fatalf("seed %d\n%s\n%s", seed, sql, firstDifference(sortLines(got), sortLines(want)))
				}
				if n := report.Statements[0].Late; n != 0 {
					t.Fatalf("seed %d: %d corrections were late", seed, n)
				}
			}
		}
	}
}

// withoutPad leaves out which of several rows at one time came last.
func withoutPad(text string) string {
	for {
		from := strings.Index(text, `"p":"`)
		if from < 0 {
			return text
		}
		to := from + 5 + strings.Index(text[from+5:], `"`) + 2
		text = text[:from] + text[to:]
	}
}

func parseStamp(t *testing.T, text string) int64 {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at.Unix()
}

// tumbled counts sessions, as printed, by windows of 20 seconds.
func tumbled(t *testing.T, sessions []string) string {
	type window struct{ n, m int64 }
	windows := map[string]window{}
	for _, line := range sessions {
		var s struct {
			T string
			N int64
		}
		if err := json.Unmarshal([]byte(line), &s); err != nil {
			t.Fatal(err)
		}
		at := parseStamp(t, s.T)
		name := stamp(at - at%20)
		w := windows[name]
		windows[name] = window{w.n + 1, w.m + s.N}
	}
	var lines []string
	for name, w := range windows {
		lines = append(lines, fmt.Sprintf(`{"w":"%s","n":%d,"m":%d}`+"\n", name, w.n, w.m))
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}
