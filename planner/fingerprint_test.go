package planner

import (
	"slices"
	"testing"

	"tidemark/planner/plan"
)

// joinPrints are the fingerprints of the joins of a query with two streams and a table.
func joinPrints(t *testing.T, query string) (prints []string, lateness []int64) {
	t.Helper()
	r := mustPlan(t, `CREATE STREAM a (k STRING, v INT, ts TIMESTAMP, WATERMARK FOR ts AS ts) WITH (path = 'a.csv');
		CREATE STREAM b (k STRING, v INT, ts TIMESTAMP, WATERMARK FOR ts AS ts) WITH (path = 'b.csv');
		CREATE VIEW day AS SELECT k, SUM(v) OVER (PARTITION BY k ORDER BY ts RANGE INTERVAL '1' DAY PRECEDING) AS s FROM b;
		CREATE VIEW week AS SELECT k, SUM(v) OVER (PARTITION BY k ORDER BY ts RANGE INTERVAL '7' DAY PRECEDING) AS s FROM b;
		`+query)
	plan.Walk(r.Queries[len(r.Queries)-1].Root, func(n plan.Node) {
		switch n.(type) {
		case *plan.IntervalJoin, *plan.Join, *plan.FrameJoin:
			prints, lateness = append(prints, plan.Fingerprint(n)), append(lateness, plan.LatenessOf(n))
		}
	})
	if len(prints) == 0 {
		t.Fatalf("%s\nhas no join", query)
	}
	return prints, lateness
}

// What a join remembers is told by its fingerprint: a run does not go on with what is remembered
// for another join, and does with that for a shorter lateness.
func TestFingerprintsOfJoins(t *testing.T) {
	for _, pair := range [][2]string{
		{"SELECT a.v FROM a JOIN b WITHIN INTERVAL '1' HOUR ON a.k = b.k", "SELECT a.v FROM a JOIN b WITHIN INTERVAL '2' HOUR ON a.k = b.k"},
		{"SELECT a.v FROM a JOIN b WITHIN INTERVAL '1' HOUR ON a.k = b.k", "SELECT a.v FROM a SEMI JOIN b WITHIN INTERVAL '1' HOUR ON a.k = b.k"},
		{"SELECT a.v FROM a JOIN b WITHIN INTERVAL '1' HOUR ON a.k = b.k", "SELECT a.v FROM a JOIN b WITHIN INTERVAL '1' HOUR ON a.k = b.k AND a.v < b.v"},
		{"SELECT a.v FROM a ASOF JOIN b ON a.k = b.k AND b.ts <= a.ts", "SELECT a.v FROM a ASOF JOIN b ON a.k = b.k AND b.ts < a.ts"},
		{"SELECT a.v FROM a ASOF JOIN b ON a.k = b.k AND b.ts <= a.ts", "SELECT a.v FROM a ASOF JOIN b ON a.k = b.k AND b.ts <= a.ts TOLERANCE INTERVAL '1' HOUR"},
		{"SELECT s FROM a JOIN day FOR SYSTEM_TIME AS OF a.ts AS d ON a.k = d.k", "SELECT s FROM a JOIN week FOR SYSTEM_TIME AS OF a.ts AS d ON a.k = d.k"},
		{"SELECT a.v, b.v AS w FROM a JOIN b ON a.k = b.k", "SET state_ttl = '1 hour'; SELECT a.v, b.v AS w FROM a JOIN b ON a.k = b.k"},
	} {
		one, _ := joinPrints(t, pair[0])
		other, _ := joinPrints(t, pair[1])
		if slices.Equal(one, other) {
			t.Errorf("%s\n%s\nare both %s", pair[0], pair[1], one)
		}
	}
	for _, query := range []string{
		"SELECT a.v FROM a JOIN b WITHIN INTERVAL '1' HOUR ON a.k = b.k",
		"SELECT a.v FROM a ASOF JOIN b ON a.k = b.k AND b.ts <= a.ts",
		"SELECT s FROM a JOIN day FOR SYSTEM_TIME AS OF a.ts AS d ON a.k = d.k",
	} {
		one, none := joinPrints(t, query)
		other, some := joinPrints(t, query+" ALLOWED LATENESS INTERVAL '1' MINUTE")
		if !slices.Equal(one, other) || none[0] != 0 || some[0] != 60_000_000 {
			t.Errorf("%s\nwith lateness %d: %s; with lateness %d: %s", query, none, one, some, other)
		}
	}
}
