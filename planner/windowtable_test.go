package planner

import (
	"testing"

	"tidemark/planner/plan"
)

// A window in FROM whose columns the query groups by is the window of GROUP BY, in
// whatever way it is written and however far below it stands.
func TestSpellingsOfWindows(t *testing.T) {
	const sums = "SELECT window_start, window_end, user_id, SUM(amount) AS total FROM "
	const by = " GROUP BY window_start, window_end, user_id"
	for _, c := range []struct {
		want string
		same []string
	}{
		{sums + "clicks GROUP BY TUMBLE(event_time, INTERVAL '5' MINUTE), user_id", []string{
			sums + "TABLE(TUMBLE(TABLE clicks, DESCRIPTOR(event_time), INTERVAL '5' MINUTES))" + by,
			sums + "TABLE(TUMBLE(DATA => TABLE clicks, TIMECOL => DESCRIPTOR(event_time), SIZE => INTERVAL '5' MINUTES))" + by,
			sums + "TUMBLE(TABLE clicks, DESCRIPTOR(event_time), INTERVAL '5' MINUTES)" + by,
			sums + "TUMBLE(clicks, event_time, INTERVAL '5 minutes')" + by,
			sums + "TUMBLE(clicks, event_time, INTERVAL '5' MINUTE, INTERVAL '10' MINUTE)" + by,
			sums + "TUMBLE((SELECT * FROM clicks), event_time, INTERVAL '5' MINUTE) AS t" + by,
			sums + "(SELECT user_id, amount, window_end, window_start FROM TUMBLE(clicks, event_time, INTERVAL '5' MINUTE))" + by,
			sums + "TUMBLE(clicks, event_time, INTERVAL '5' MINUTE) GROUP BY user_id, 2, window_start, window_time",
			"WITH w AS (SELECT * FROM TUMBLE(clicks, event_time, INTERVAL '5' MINUTE)) " + sums + "w GROUP BY w.window_start, w.window_end, user_id",
		}},
		{sums + "clicks WHERE amount > 3 GROUP BY HOP(event_time, INTERVAL '1' MINUTE, INTERVAL '5' MINUTE), user_id HAVING COUNT(*) > 1", []string{
			sums + "TABLE(HOP(TABLE clicks, DESCRIPTOR(event_time), INTERVAL '1' MINUTES, INTERVAL '5' MINUTES)) WHERE amount > 3" + by + " HAVING COUNT(*) > 1",
			sums + "HOP(DATA => TABLE clicks, SLIDE => INTERVAL '1' MINUTE, SIZE => INTERVAL '5' MINUTE, TIMECOL => DESCRIPTOR(event_time)) WHERE amount > 3" + by + " HAVING COUNT(*) > 1",
			sums + "HOP((SELECT * FROM clicks WHERE amount > 3), event_time, INTERVAL '1' MINUTE, INTERVAL '5' MINUTE)" + by + " HAVING COUNT(*) > 1",
		}},
		{sums + "clicks GROUP BY CUMULATE(event_time, INTERVAL '1' MINUTE, INTERVAL '5' MINUTE), user_id EMIT FINAL", []string{
			sums + "TABLE(CUMULATE(TABLE clicks, DESCRIPTOR(event_time), INTERVAL '1' MINUTES, INTERVAL '5' MINUTES))" + by + " EMIT FINAL",
		}},
		{sums + "clicks GROUP BY SESSION(event_time, INTERVAL '5' MINUTE), user_id ALLOWED LATENESS INTERVAL '1' MINUTE", []string{
			sums + "TABLE(SESSION(TABLE clicks PARTITION BY user_id, DESCRIPTOR(event_time), INTERVAL '5' MINUTES))" + by + " ALLOWED LATENESS INTERVAL '1' MINUTE",
			sums + "SESSION(DATA => TABLE clicks PARTITION BY user_id, TIMECOL => DESCRIPTOR(event_time), GAP => INTERVAL '5' MINUTES)" + by + " ALLOWED LATENESS INTERVAL '1' MINUTE",
			sums + "(SELECT * FROM SESSION(TABLE clicks PARTITION BY user_id, DESCRIPTOR(event_time), INTERVAL '5' MINUTES))" + by + " ALLOWED LATENESS INTERVAL '1' MINUTE",
		}},
		{"SELECT window_start, COUNT(*) AS n FROM clicks GROUP BY SESSION(event_time, INTERVAL '5' MINUTE)", []string{
			"SELECT window_start, COUNT(*) AS n FROM TABLE(SESSION(TABLE clicks, DESCRIPTOR(event_time), INTERVAL '5' MINUTES)) GROUP BY window_start, window_end",
		}},
		{"SELECT window_start, COUNT(*) AS n FROM clicks GROUP BY TUMBLE(event_time AT TIME ZONE 'Europe/Berlin', INTERVAL '1' DAY)", []string{
			"SELECT window_start, COUNT(*) AS n FROM TUMBLE(clicks, event_time AT TIME ZONE 'Europe/Berlin', INTERVAL '1' DAY) GROUP BY window_start",
		}},
		{"SELECT window_start, COUNT(*) AS n FROM clicks GROUP BY TUMBLE(event_time, INTERVAL '5' MINUTE) EMIT EVERY INTERVAL '1' MINUTE", []string{
			"SELECT window_start, COUNT(*) AS n FROM TUMBLE(clicks, event_time, INTERVAL '5' MINUTE) GROUP BY window_start, window_end EMIT EVERY INTERVAL '1' MINUTE",
		}},
		{"SELECT TUMBLE_START(event_time, INTERVAL '5' MINUTE) AS s, TUMBLE_ROWTIME(event_time, INTERVAL '5' MINUTE) AS t FROM clicks GROUP BY TUMBLE(event_time, INTERVAL '5' MINUTE)", []string{
			"SELECT window_start AS s, window_time AS t FROM TUMBLE(clicks, event_time, INTERVAL '5' MINUTE) GROUP BY window_start, window_end",
		}},
		{"SELECT SESSION_START(event_time, INTERVAL '5' MINUTE) AS s, SESSION_END(event_time, INTERVAL '5' MINUTE) AS t FROM clicks GROUP BY SESSION(event_time, INTERVAL '5' MINUTE)", []string{
			"SELECT window_start AS s, window_end AS t FROM SESSION(clicks, event_time, INTERVAL '5' MINUTE) GROUP BY window_start, window_end",
		}},
	} {
		want := plan.NewPrinter().Explain(planQuery(t, c.want))
		for _, q := range c.same {
			if got := plan.NewPrinter().Explain(planQuery(t, q)); got != want {
				t.Errorf("%s\nis planned to\n%s\nand not, as\n%s, to\n%s", q, got, c.want, want)
			}
		}
	}
}

// Rows of windows that are grouped by these close with them, through whatever leaves
// the columns of the window as they are.
func TestWindowsOfWindows(t *testing.T) {
	const totals = "SELECT window_start, window_end, user_id, SUM(amount) AS total FROM HOP(clicks, event_time, INTERVAL '1' MINUTE, INTERVAL '5' MINUTE) GROUP BY window_start, window_end, user_id"
	for q, attached := range map[string]bool{
		"SELECT window_start, window_end, MAX(total) FROM (" + totals + ") GROUP BY window_start, window_end":                                 true,
		"SELECT s, e, MAX(total) FROM (SELECT window_start AS s, window_end AS e, total FROM (" + totals + ")) GROUP BY s, e":                 true,
		"SELECT window_end, MAX(total) FROM (" + totals + ") WHERE total > 3 GROUP BY window_end":                                             true,
		"SELECT window_start, MAX(total) FROM (" + totals + ") GROUP BY window_start":                                                         true,
		"SELECT user_id, MAX(total) FROM (" + totals + ") GROUP BY user_id":                                                                   false,
		"SELECT window_start, window_end, MAX(x) FROM (SELECT *, LEAD(total) OVER (ORDER BY total) AS x FROM (" + totals + ")) GROUP BY 1, 2": true,
		"SELECT window_start + INTERVAL '1' HOUR, MAX(total) FROM (" + totals + ") GROUP BY window_start + INTERVAL '1' HOUR":                 false,
		"SELECT who, SUM(total) FROM per_minute GROUP BY who, window_time":                                                                    true,
		"SELECT window_end, COUNT(*) FROM TUMBLE(clicks, event_time, INTERVAL '1' MINUTE) WHERE window_end > event_time GROUP BY window_end":  true,
	} {
		a := aggregateOf(t, planQuery(t, q))
		if got := a.Window != nil && a.Window.Kind == plan.Attached; got != attached {
			t.Errorf("%s\nis planned to\n%s", q, plan.NewPrinter().Explain(a))
		}
	}
}
