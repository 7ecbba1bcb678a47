package engine

import (
	"fmt"
	"strings"

	"tidemark/planner/catalog"
	"tidemark/planner/plan"
)

// keeps are the shares of rows that advice is given for, by how many of a million
// may be lost.
var keeps = []struct {
	name string
	lost int64
}{{"99 %", 10_000}, {"99.9 %", 1000}, {"99.99 %", 100}, {"all", 0}}

// advise works out the choices for a use.
func (u *use) advise(r *catalog.Relation, column string) Use {
	out := Use{Statement: u.statement, What: u.what}
	own := u.choice("as written", u.delay, u.lateness)
	if r.Watermark.Generator == catalog.Bounded {
		out.Choices = append(out.Choices, own)
	}
	for _, k := range keeps {
		if need, ok := u.exceed.Covering(k.lost); ok {
			c := u.choice(k.name, need, 0)
			c.Clause = fmt.Sprintf("WATERMARK FOR %s AS %s", column, column)
			if need > 0 {
				c.Clause += " - INTERVAL " + interval(need)
			}
			out.add(c)
		}
		if need, ok := u.lags.Covering(k.lost); ok && min(need, u.lags.Most()) > u.delay && u.statement != "" && r.Watermark.Generator == catalog.Bounded {
			if u.lags.Beyond(need) == 0 { // so much and no more, as the summary of a run says
				need = u.lags.Most()
			}
			c := u.choice(k.name, u.delay, need-u.delay)
			c.Clause = allowed(need - u.delay)
			out.add(c)
		}
	}
	return out
}

// allowed is the clause that allows a lateness.
func allowed(us int64) string { return "ALLOWED LATENESS INTERVAL " + interval(us) }

// add adds a choice. One that is there already keeps more than it was offered for.
func (u *Use) add(c Choice) {
	for i, x := range u.Choices {
		if x.Delay == c.Delay && x.Lateness == c.Lateness && x.Clause != "" {
			u.Choices[i].Name = c.Name
			return
		}
	}
	u.Choices = append(u.Choices, c)
}

// choice says what a delay and a lateness come to.
func (u *use) choice(name string, delay, lateness int64) Choice {
	return Choice{Name: name, Delay: delay, Lateness: lateness, Lost: u.of(lateness).Beyond(delay + lateness), Latency: delay, Windows: u.open(delay, lateness)}
}

// open returns how many windows a key may have at once: those between the
// watermark, less the lateness, and the latest row.
func (u *use) open(delay, lateness int64) int64 {
	if u.window == nil || u.window.Kind == plan.Session {
		return 0
	}
	w := u.window
	every := w.Slide
	n := (w.Size + every - 1) / every // windows that a row is in
	if lateness == 0 {
		return n + (delay+every-1)/every
	}
	return n + 1 + (delay+lateness)/every
}

// interval prints microseconds as an interval literal, exactly.
func interval(us int64) string {
	if us%1_000_000 == 0 {
		return literal(us)
	}
	return "'" + strings.TrimRight(fmt.Sprintf("%d.%06d", us/1_000_000, us%1_000_000), "0") + "' SECOND"
}
