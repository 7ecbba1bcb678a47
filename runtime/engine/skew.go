package engine

import (
	"fmt"
	"slices"
	"strings"

	"tidemark/planner/catalog"
	"tidemark/planner/plan"
	"tidemark/runtime/build"
	"tidemark/runtime/dataflow"
)

// SkewReport says how far behind the rows of a source or partition came, as far as
// they have been counted: see dataflow.Monitor.
type SkewReport struct {
	// Against is what a row's time is held against: "clock", the time of day, where the
	// input has no end, else "newest row", the latest time before it.
	Against string `json:"against"`
	Rows    int64  `json:"rows"`
	// Histogram and Severities are the rows by how far they are behind.
	Histogram  []RowCount `json:"histogram"`
	Severities []RowCount `json:"severities"`
	Mean       int64      `json:"mean_us"`
	Most       int64      `json:"max_us"`
	// LateRatio is the share of rows that came behind the watermark; above 5 % the
	// source is problematic, and Choices are what would have kept more of its rows.
	LateRatio   float64  `json:"late_ratio"`
	Problematic bool     `json:"problematic"`
	Choices     []Choice `json:"choices,omitempty"`
}

// RowCount is how many rows there are of a kind.
type RowCount struct {
	Name string `json:"name"`
	Rows int64  `json:"rows"`
}

// skewReport reports what a monitor has counted; nil when that is nothing.
func skewReport(m *dataflow.Monitor, live bool) *SkewReport {
	if m == nil || m.Rows == 0 {
		return nil
	}
	r := &SkewReport{Against: "newest row", Rows: m.Rows, Mean: m.Mean(), Most: m.Most, LateRatio: m.LateRatio(), Problematic: m.Problematic()}
	if live {
		r.Against = "clock"
	}
	for i, n := range m.Buckets {
		r.Histogram = append(r.Histogram, RowCount{dataflow.SkewBuckets[i], n})
	}
	for i, n := range m.Severities {
		r.Severities = append(r.Severities, RowCount{dataflow.SeverityNames[i], n})
	}
	return r
}

// advise adds what would have kept more of a problematic source's rows, and what each
// choice costs: how much later results come, and how many windows are kept. missed is by how
// much the latest row that a statement left out had missed its window, -1 where none was: so
// much lateness keeps all, however far behind the watermark rows came.
func (r *SkewReport) advise(m *dataflow.Monitor, of *catalog.Relation, uses []*use, missed int64) {
	if r == nil || !r.Problematic || of == nil {
		return
	}
	bounded := of.Watermark != nil && of.Watermark.Generator == catalog.Bounded
	column, delay := of.Schema[of.Watermark.Column].Name, of.Watermark.Delay
	windows := func(delay, lateness int64) int64 {
		most := int64(0)
		for _, u := range uses {
			most = max(most, u.open(delay, lateness))
		}
		return most
	}
	add := func(c Choice) {
		if i := slices.IndexFunc(r.Choices, func(x Choice) bool { return x.Clause == c.Clause }); i >= 0 {
			r.Choices[i].Name = c.Name // it keeps more than it was offered for
			return
		}
		c.Windows = windows(c.Delay, c.Lateness)
		r.Choices = append(r.Choices, c)
	}
	for _, k := range keeps[:3] {
		need, ok := m.Lags.Covering(k.lost)
		if !ok {
			continue
		}
		lost := m.Lags.Beyond(need)
		add(Choice{Name: k.name, Delay: need, Latency: need, Lost: lost,
			Clause: fmt.Sprintf("WATERMARK FOR %s AS %s - INTERVAL %s", column, column, interval(need))})
		if !bounded || need <= delay || missed < 0 {
			continue
		}
		c := Choice{Name: k.name, Delay: delay, Lateness: need - delay, Latency: delay, Lost: lost}
		if c.Lateness >= missed {
			c.Name, c.Lateness, c.Lost = keeps[3].name, missed, 0
		}
		c.Clause = allowed(c.Lateness)
		add(c)
	}
}

// relationOf returns the relation of a name that a statement reads; nil when none does.
func relationOf(name string, statements []*build.Statement) *catalog.Relation {
	for _, st := range statements {
		for _, r := range inputs(st.Query.Root) {
			if r.Name == name && r.Watermark != nil {
				return r
			}
		}
	}
	return nil
}

// queriesOf returns the queries of statements.
func queriesOf(statements []*build.Statement) []*plan.Query {
	list := make([]*plan.Query, len(statements))
	for i, st := range statements {
		list[i] = st.Query
	}
	return list
}

// rounded leaves of a length that is no matter of microseconds its milliseconds.
func rounded(us int64) int64 {
	if us > 1_000_000 {
		return us / 1000 * 1000
	}
	return us
}

// lines are what the summary says: one line, and more where something should be done.
// Nothing is to be said of rows that are in order.
func (r *SkewReport) lines(name string) string {
	if r == nil || r.Most == 0 && r.Against != "clock" {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: behind the %s by %s on average, %s at most:", name, r.Against, period(rounded(r.Mean)), period(rounded(r.Most)))
	for i, s := range r.Severities {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, " %d %s", s.Rows, strings.ReplaceAll(s.Name, "_", " "))
	}
	b.WriteByte('\n')
	if !r.Problematic {
		return b.String()
	}
	fmt.Fprintf(&b, "%s: problematic: %s of its rows came behind the watermark\n", name, share(int64(r.LateRatio*1e6), 1e6))
	for _, c := range r.Choices {
		cost := "results come " + period(c.Latency) + " after the end of a window"
		if c.Lateness > 0 {
			cost = "late rows correct results"
		}
		if c.Windows > 0 {
			cost += fmt.Sprintf(", %s of a key kept at once", count(c.Windows, "window"))
		}
		fmt.Fprintf(&b, "  %-8s is kept by %s (%s)\n", c.Name, c.Clause, cost)
	}
	return b.String()
}
