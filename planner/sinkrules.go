package planner

import (
	"strings"

	"tidemark/parser"
	"tidemark/planner/catalog"
	"tidemark/planner/plan"
)

// sinkRules holds a query against what its sink can take.
func (b *binder) sinkRules(ins *parser.Insert, r *catalog.Relation, sink *plan.Sink) bool {
	at := ins.Table.Span()
	if !r.InMemory() && (r.Computed != nil || r.Metadata != nil) {
		b.errorf(at, "declare another relation for writing, without these columns", "%s has columns that are computed or tell about records, which cannot be written", r.Name)
		return false
	}
	if !sink.Input.Properties().Updating {
		return true
	}
	if r.InMemory() && len(r.Key) == 0 {
		return true // its readers take what comes
	}
	if only, remedy := b.conns.AppendOnly(r); only && !r.InMemory() {
		b.errorf(at, b.appendOnlyHint(sink, r, remedy), "%s takes new rows only, but this query changes rows it has emitted", r.Name)
		return false
	}
	if len(r.Key) == 0 {
		return true
	}
	parts := plan.KeyParts(sink)
	if parts == nil {
		b.errorf(at, "group the query by the columns of the primary key", "the rows of this updating query have no key, and %s replaces rows by (%s)", r.Name, strings.Join(columnNames(r, r.Key), ", "))
		return false
	}
	var unselected, outside []string
	for _, p := range parts {
		inKey := false
		for _, c := range p.Columns {
			for _, k := range r.Key {
				inKey = inKey || c == k
			}
		}
		switch {
		case len(p.Columns) == 0:
			unselected = append(unselected, p.Name)
		case !inKey:
			outside = append(outside, r.Schema[p.Columns[0]].Name)
		}
	}
	if len(unselected) > 0 {
		b.errorf(at, "select "+strings.Join(unselected, ", ")+" into the primary key: without it rows would replace one another that belong apart",
			"this query changes rows, and leaves out part of their key: %s", strings.Join(unselected, ", "))
		return false
	}
	if len(outside) > 0 {
		full := append(columnNames(r, r.Key), outside...)
		b.errorf(at, "declare PRIMARY KEY ("+strings.Join(full, ", ")+"): without it rows would replace one another that belong apart",
			"the primary key of %s lacks %s, by which this query tells its rows apart", r.Name, strings.Join(outside, ", "))
		return false
	}
	return true
}

func columnNames(r *catalog.Relation, cols []int) []string {
	names := make([]string, len(cols))
	for i, c := range cols {
		names[i] = r.Schema[c].Name
	}
	return names
}

// appendOnlyHint lists the ways out for an updating query.
func (b *binder) appendOnlyHint(sink *plan.Sink, r *catalog.Relation, remedy string) string {
	var ways []string
	if len(r.Key) == 0 {
		key := "…"
		if parts := plan.KeyParts(sink); len(parts) > 0 {
			var names []string
			for _, p := range parts {
				if len(p.Columns) > 0 {
					names = append(names, r.Schema[p.Columns[0]].Name)
				}
			}
			if len(names) == len(parts) {
				key = strings.Join(names, ", ")
			}
		}
		ways = append(ways, "declare it as a TABLE with PRIMARY KEY ("+key+") in a connector that replaces rows")
	}
	if isWindowed(sink) || changingTop(sink) && b.unbounded(sink) == nil {
		ways = append(ways, "add EMIT FINAL to emit each row once")
	}
	if remedy != "" {
		ways = append(ways, "set format = '"+remedy+"'")
	}
	if len(ways) == 0 {
		return "use a connector that replaces rows"
	}
	return strings.Join(ways, "; or ")
}

// isWindowed reports whether what makes the plan update is a windowed aggregate.
func isWindowed(n plan.Node) bool {
	for len(n.Inputs()) > 0 {
		if a, ok := n.(*plan.Aggregate); ok {
			return a.Window != nil
		}
		n = n.Inputs()[0]
	}
	return false
}
