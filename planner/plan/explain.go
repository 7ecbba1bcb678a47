package plan

import (
	"fmt"
	"strconv"
	"strings"

	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/planner/catalog"
)

// Title returns a node's line in EXPLAIN.
func Title(n Node) string {
	title, _ := describe(n)
	return title
}

// describe returns a node's headline and the lines about what it does.
func describe(n Node) (title string, details []string) {
	switch n := n.(type) {
	case *Sink:
		if n.Relation == nil {
			return "Print " + names(n.Schema()), nil
		}
		return fmt.Sprintf("Insert into %s (%s)", n.Relation.Name, strings.ToLower(n.Relation.Kind.String())), sinkColumns(n)
	case *Project:
		return describeProject(n), nil
	case *Values:
		return describeValues(n), nil
	case *Series:
		return "Series from " + n.From.String() + " to " + n.To.String() + " by " + n.Step.String(), nil
	case *Shared:
		return "Shared " + n.Name, nil
	case *Union:
		return "Union of " + strconv.Itoa(len(n.Branches)) + " inputs", nil
	case *Unnest:
		return describeUnnest(n), nil
	case *Windowed:
		return "Rows of " + n.Window.Describe(n.Input.Schema()[n.Time].Name), nil
	case *Sort:
		return describeSort(n), nil
	case *First:
		return "First row by " + columnList(n.Input.Schema(), n.Key), nil
	case *Upsert:
		return "Upsert by " + columnList(n.Input.Schema(), n.Key), nil
	case *Watermark:
		return "Watermark for " + n.Input.Schema()[n.Time].Name, []string{"watermark: " + watermark(n.Input.Schema()[n.Time].Name, n.Timing, n.Marks)}
	case *LateData:
		return "Rows of " + n.From + " that came too late", []string{"columns: " + names(n.Out)}
	case *Stamp:
		return "Stamp with the watermark", nil
	case *Require:
		return "Require values of " + n.names(), nil
	case *Filter:
		return "Filter " + n.Pred.String(), nil
	case *Aggregate:
		return describeAggregate(n)
	case *IntervalJoin:
		return describeIntervalJoin(n)
	case *Join:
		return describeJoin(n)
	case *FrameJoin:
		return describeFrameJoin(n)
	case *Lookup:
		return "Look up " + n.Relation.Name, []string{"finds: " + names(n.Schema())}
	case *Over:
		return describeOver(n)
	case *TopN:
		return describeTopN(n)
	case *Scan:
		return describeScan(n)
	}
	return "?", nil
}

func describeProject(n *Project) string {
	if !n.Once {
		return "Project " + outputs(n.Exprs, n.Out)
	}
	var computed, passed []string
	for i, e := range n.Exprs {
		if _, ok := e.(*expr.Column); ok {
			passed = append(passed, n.Out[i].Name)
		} else {
			computed = append(computed, e.String())
		}
	}
	title := "Compute once " + strings.Join(computed, ", ")
	if len(passed) > 0 {
		title += "; pass on " + strings.Join(passed, ", ")
	}
	return title
}

func sinkColumns(n *Sink) []string {
	in := n.Input.Schema()
	parts := make([]string, len(n.Columns))
	for i, c := range n.Columns {
		name := n.Relation.Schema[i].Name
		switch {
		case c < 0:
			parts[i] = name + " ← NULL"
		case in[c].Name == name:
			parts[i] = name
		default:
			parts[i] = name + " ← " + in[c].Name
		}
	}
	return []string{"columns: " + strings.Join(parts, ", ")}
}

func describeAggregate(n *Aggregate) (string, []string) {
	in := n.Input.Schema()
	var by []string
	if n.Window != nil {
		by = append(by, n.Window.Describe(in[n.Time].Name))
	}
	for _, k := range n.Keys {
		by = append(by, in[k].Name)
	}
	title := "Aggregate all rows"
	if len(by) > 0 {
		title = "Aggregate by " + strings.Join(by, ", ")
	}
	var details []string
	if len(n.Aggs) > 0 {
		calls := make([]string, len(n.Aggs))
		for i, a := range n.Aggs {
			calls[i] = a.Text
		}
		details = append(details, "computes: "+strings.Join(calls, ", "))
	}
	emits := "emits: "
	if n.Every > 0 {
		emits += "EVERY " + Duration(n.Every) + ", and "
	}
	emits += n.Emit.String()
	if n.Lateness > 0 {
		emits += ", late rows up to " + Duration(n.Lateness) + " past the end of their window"
	}
	details = append(details, emits)
	if n.Approximate {
		details = append(details, n.approximates())
	}
	details = n.Late.describe(details)
	if n.TwoPhase {
		details = append(details, "in two phases: the source's workers add up what is on time")
	}
	return title, details
}

// conjunction is conditions that must all be true.
func conjunction(list []expr.Expr) string {
	parts := make([]string, len(list))
	for i, x := range list {
		parts[i] = x.String()
	}
	return strings.Join(parts, " AND ")
}

func describeScan(n *Scan) (string, []string) {
	s := n.Schema()
	cols := make([]string, len(s))
	for i, c := range s {
		cols[i] = c.Name + " " + c.Type.String()
	}
	var details []string
	if len(cols) == 0 {
		details = append(details, "reads no column, only how many rows there are")
	} else if len(cols) < len(n.Relation.Schema) {
		details = append(details, fmt.Sprintf("reads %d of %d columns: %s", len(cols), len(n.Relation.Schema), strings.Join(cols, ", ")))
	} else {
		details = append(details, "reads: "+strings.Join(cols, ", "))
	}
	if len(n.Filter) > 0 {
		details = append(details, "filter in the source: "+conjunction(n.Filter))
	}
	if n.Time >= 0 {
		details = append(details, "watermark: "+watermark(s[n.Time].Name, n.Timing, n.Marks))
		if n.TimeExpr != nil {
			details = append(details, "event time: "+n.TimeExpr.String())
		}
	} else {
		details = append(details, "watermark: none")
	}
	return "Scan " + n.Relation.Name, details
}

// watermark writes how a watermark is made.
func watermark(column string, t catalog.Timing, marks expr.Expr) string {
	switch {
	case t.Clock && t.Delay > 0:
		return "the clock, which " + column + " is read from, - " + Duration(t.Delay)
	case t.Clock:
		return "the clock, which " + column + " is read from"
	case t.Generator == catalog.Perfect:
		return column + ", PERFECT"
	case t.Generator == catalog.Adaptive:
		share := strings.TrimRight(strconv.FormatFloat(float64(t.Share)/1e9, 'f', 9, 64), "0")
		return column + ", ADAPTIVE(" + strings.TrimSuffix(share, ".") + ", " + strconv.Itoa(t.Last) + ")"
	case marks != nil:
		return column + ", PUNCTUATED WHEN " + marks.String()
	case t.Delay > 0:
		return column + " - " + Duration(t.Delay)
	}
	return column
}

func describeValues(n *Values) string {
	switch {
	case len(n.Rows) != 1:
		return strconv.Itoa(len(n.Rows)) + " rows of constants: " + names(n.Out)
	case len(n.Out) == 0:
		return "One row"
	}
	return "One row " + outputs(n.Rows[0], n.Out)
}

func describeUnnest(n *Unnest) string {
	title := "Unnest " + n.Input.Schema()[n.Array].Name
	if n.Ordinality {
		title += " with ordinality"
	}
	if n.Outer {
		title += ", keeping rows without elements"
	}
	return title
}

func describeSort(n *Sort) string {
	var parts []string
	if len(n.Keys) > 0 {
		parts = append(parts, "Sort by "+sortKeys(n.Input.Schema(), n.Keys))
	}
	if n.Limit >= 0 {
		parts = append(parts, "Limit "+strconv.FormatInt(n.Limit, 10))
	}
	if n.Offset > 0 {
		parts = append(parts, "Skip "+strconv.FormatInt(n.Offset, 10))
	}
	if len(parts) == 0 {
		return "Emit the result once, at the end"
	}
	return strings.Join(parts, ", ")
}

func columnList(s data.Schema, cols []int) string {
	list := make([]string, len(cols))
	for i, c := range cols {
		list[i] = s[c].Name
	}
	return strings.Join(list, ", ")
}

// properties writes what is known of a node's output on one line.
func properties(n Node) string {
	p, s := n.Properties(), n.Schema()
	parts := []string{"changes: +I"}
	if p.Updating {
		parts[0] = "changes: +I -U +U"
		if p.Deletes {
			parts[0] += " -D"
		}
		if sink, ok := n.(*Sink); ok && sink.Relation != nil && len(sink.Key) > 0 {
			parts[0] += ", kept by primary key"
		}
	}
	switch {
	case p.Key == nil:
		parts = append(parts, "key: none")
	case len(p.Key) == 0:
		parts = append(parts, "key: () one row")
	default:
		cols := make([]string, len(p.Key))
		for i, c := range p.Key {
			cols[i] = s[c].Name
		}
		parts = append(parts, "key: ("+strings.Join(cols, ", ")+")")
	}
	if p.Time >= 0 {
		parts = append(parts, "time: "+s[p.Time].Name)
	} else if a, ok := n.(*Aggregate); ok && a.Window != nil {
		parts = append(parts, "time: window_time")
	} else {
		parts = append(parts, "time: none")
	}
	if p.State != "" {
		parts = append(parts, "state: "+p.State)
	} else {
		parts = append(parts, "state: none")
	}
	return strings.Join(parts, " · ")
}

// outputs writes computed columns, each with its name where that is not its text.
func outputs(exprs []expr.Expr, out data.Schema) string {
	parts := make([]string, len(exprs))
	for i, e := range exprs {
		parts[i] = e.String()
		if parts[i] != out[i].Name {
			parts[i] += " AS " + out[i].Name
		}
	}
	if len(parts) == 0 {
		return "nothing"
	}
	return strings.Join(parts, ", ")
}

func names(s data.Schema) string {
	if len(s) == 0 {
		return "nothing"
	}
	return strings.Join(s.Names(), ", ")
}

// units are the lengths that Duration counts in.
var units = []struct {
	name   string
	micros int64
}{{"day", 86_400_000_000}, {"hour", 3_600_000_000}, {"minute", 60_000_000}, {"second", 1_000_000}, {"millisecond", 1000}, {"microsecond", 1}}

// Duration writes a length in microseconds in words, in the largest unit that it
// is a multiple of: "5 minutes".
func Duration(micros int64) string {
	for _, u := range units {
		if micros%u.micros == 0 && (micros != 0 || u.name == "second") {
			n := micros / u.micros
			if n == 1 {
				return "1 " + u.name
			}
			return strconv.FormatInt(n, 10) + " " + u.name + "s"
		}
	}
	return ""
}
