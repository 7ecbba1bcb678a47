package planner

import (
	"testing"

	"tidemark/planner/plan"
)

// Two phases are for windows that are emitted when they close, over a source's rows,
// and for accumulators that are cheap to merge.
func TestTwoPhases(t *testing.T) {
	for query, want := range map[string]bool{
		"SELECT COUNT(*) AS n, SUM(amount) AS s FROM clicks GROUP BY TUMBLE(event_time, INTERVAL '1' MINUTE), user_id":                     true,
		"SELECT COUNT(*) AS n FROM clicks WHERE amount > 1 GROUP BY TUMBLE(event_time, INTERVAL '1' MINUTE)":                               true,
		"SELECT MAX(amount) AS m FROM clicks GROUP BY TUMBLE(event_time, INTERVAL '1' MINUTE) ALLOWED LATENESS INTERVAL '1' HOUR":          true,
		"SELECT MAX(amount) AS m FROM clicks GROUP BY TUMBLE(event_time, INTERVAL '1' MINUTE) EMIT FINAL":                                  true,
		"SELECT COUNT(*) AS n FROM clicks GROUP BY TUMBLE(event_time, INTERVAL '1' MINUTE) EMIT CHANGES":                                   false,
		"SELECT COUNT(DISTINCT user_id) AS n FROM clicks GROUP BY TUMBLE(event_time, INTERVAL '1' MINUTE)":                                 false,
		"SELECT COUNT(*) AS n FROM clicks GROUP BY user_id":                                                                                false,
		"SELECT COUNT(*) AS n FROM (SELECT * FROM clicks UNION ALL SELECT * FROM clicks) GROUP BY TUMBLE(event_time, INTERVAL '1' MINUTE)": false,
	} {
		g := newGraph([]plan.Node{bound(t, query)})
		for _, r := range rules {
			r.apply(g)
		}
		got := false
		plan.Walk(g.roots[0], func(n plan.Node) {
			if a, ok := n.(*plan.Aggregate); ok {
				got = a.TwoPhase
			}
		})
		if got != want {
			t.Errorf("%s\nin two phases: %v, want %v", query, got, want)
		}
	}
}
