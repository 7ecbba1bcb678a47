package planner

import (
	"fmt"
	"strings"
	"time"

	"tidemark/planner/catalog"
	"tidemark/planner/plan"
)

// starving returns what tells of the scans of some plans how others may starve.
func (r *Result) starving(roots []plan.Node) func(*plan.Scan) []string {
	merged := false
	for _, root := range roots {
		scans := map[*catalog.Relation]bool{}
		plan.Walk(root, func(n plan.Node) {
			if s, ok := n.(*plan.Scan); ok {
				scans[s.Relation] = true
			}
		})
		merged = merged || len(scans) > 1
	}
	return func(n *plan.Scan) []string { return r.starves(n, merged) }
}

// starves returns lines about how what waits for a source may wait for ever: where it, or one
// of its partitions, may hold the watermark back and does not count as idle meanwhile. merged
// says that there are several sources.
func (r *Result) starves(n *plan.Scan, merged bool) []string {
	const still = "W stands still, and with it all that waits for this source"
	var lines []string
	warn := func(format string, args ...any) {
		lines = append(lines, "warning: "+fmt.Sprintf(format, args...))
	}
	if r.ends(n.Relation) {
		if merged && isPipe(n.Relation) && n.Time >= 0 && n.Timing.Generator != catalog.Perfect {
			warn("it never goes idle, as it is taken for an input with an end: while the pipe is silent, %s; bounded = 'false' makes it one that may go idle", still)
		}
		return lines
	}
	if n.Time < 0 || n.Timing.Clock {
		return nil
	}
	timeout := n.Relation.Option("idle_timeout")
	if d, err := time.ParseDuration(timeout); timeout == "0" || err == nil && d == 0 {
		warn("it never goes idle (idle_timeout = '0'): while it is silent, or a partition of it never has a row, %s", still)
	}
	if n.Marks != nil {
		warn("only a marked row moves W, and a partition with rows is not idle: while none of them is marked, %s", still)
	}
	if n.Timing.Generator == catalog.Adaptive {
		warn("a partition moves W from its %s row on, and is not idle while rows come: until then %s", ordinal(min(n.Timing.Last, adaptiveFrom)), still)
	}
	return lines
}

// adaptiveFrom is from how many rows on an ADAPTIVE watermark moves, at most.
const adaptiveFrom = 100

// isPipe reports whether a source is the standard input.
func isPipe(r *catalog.Relation) bool {
	connector := strings.ToLower(r.Option("connector"))
	return connector == "stdio" || connector == "" && r.Option("path") == "-"
}

// ordinal writes 1st, 2nd, 3rd, 4th and so on.
func ordinal(n int) string {
	suffix := "th"
	if n%100 < 11 || n%100 > 13 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return fmt.Sprint(n) + suffix
}
