package plan

import "strings"

// Fingerprint describes what a step remembers: two steps of different plans can go on
// from each other's state when they have the same. What may change between two runs of a
// job is no part of it: the lateness that is allowed, when rows are emitted, where late
// ones go, and the delay of watermarks.
func Fingerprint(n Node) string {
	title, details := describe(n)
	parts := []string{title}
	for _, d := range details {
		switch kind, _, _ := strings.Cut(d, ":"); kind {
		case "computes", "matches", "and", "by", "keeps", "orders":
			parts = append(parts, d)
		}
	}
	add := func(is bool, what string) {
		if is {
			parts = append(parts, what)
		}
	}
	switch n := n.(type) {
	case *Aggregate:
		mode := n.Emit.String()
		if n.Emit == EmitFinal { // it keeps what ON WINDOW CLOSE keeps
			mode = EmitClose.String()
		}
		parts = append(parts, mode)
		add(n.Every > 0, "EVERY")
		add(n.Approximate, "APPROXIMATE")
	case *FrameJoin:
		parts = append(parts, n.calls())
	case *Join: // the age of rows is known or not
		add(n.TTL > 0, "TTL")
	case *TopN:
		add(n.TTL > 0, "TTL")
	}
	types := make([]string, 0, len(n.Schema()))
	for _, c := range n.Schema() {
		types = append(types, c.Type.String())
	}
	return strings.Join(append(parts, "makes "+strings.Join(types, ", ")), "; ")
}

// LatenessOf returns how late rows of a step may be, in microseconds; 0 for steps that do
// not ask.
func LatenessOf(n Node) int64 {
	switch n := n.(type) {
	case *Aggregate:
		return n.Lateness
	case *IntervalJoin:
		return n.Lateness
	case *Join:
		return n.Lateness
	case *FrameJoin:
		return n.Lateness
	case *Over:
		return n.Lateness
	case *TopN:
		return n.Lateness
	}
	return 0
}

// Conditions describes the filters of some queries, those that sources apply included, each
// as often as there are such. A job whose rows have to fulfil others than before cannot go
// on: what its steps remember, and its sinks have, is of other rows.
func Conditions(queries []*Query) []string {
	var list []string
	seen := map[Node]bool{}
	for _, q := range queries {
		Walk(q.Root, func(n Node) {
			if seen[n] {
				return
			}
			seen[n] = true
			switch n := n.(type) {
			case *Filter:
				list = append(list, Title(n))
			case *Scan:
				if len(n.Filter) > 0 {
					list = append(list, "Filter of "+n.Relation.Name+": "+conjunction(n.Filter))
				}
			}
		})
	}
	return list
}
