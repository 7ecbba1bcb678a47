package plan

import (
	"slices"

	"tidemark/operators/data"
	"tidemark/operators/expr"
)

// KeyPart is one part of what identifies a row of a node's output.
type KeyPart struct {
	Name string
	// Columns are the output columns of which each alone tells the part; empty
	// when a projection has left all of them out.
	Columns []int
}

// KeyParts returns what identifies a row of n's output: nil when nothing is
// known to, an empty slice that is not nil when there is only one row. Where there
// are several choices it is the first of which no part has been left out.
func KeyParts(n Node) []KeyPart {
	choices := keyChoices(n)
	for _, c := range choices {
		if len(c.unseen) == 0 && !slices.ContainsFunc(c.parts, func(p KeyPart) bool { return len(p.Columns) == 0 }) {
			return c.parts
		}
	}
	if len(choices) > 0 {
		return choices[0].parts
	}
	return nil
}

// keyChoice is one thing that identifies a row, as long as nobody sees some columns.
type keyChoice struct {
	parts  []KeyPart
	unseen []int
}

// keyChoices returns all that is known to identify a row of n's output.
func keyChoices(n Node) []keyChoice {
	switch n := n.(type) {
	case *TopN:
		return n.keyChoices()
	case *Filter:
		choices := keyChoices(n.Input)
		return slices.DeleteFunc(slices.Clone(choices), func(c keyChoice) bool {
			return slices.ContainsFunc(expr.Columns(n.Pred), func(col int) bool { return slices.Contains(c.unseen, col) })
		})
	case *Project:
		var choices []keyChoice
		for _, c := range keyChoices(n.Input) {
			choices = append(choices, n.choice(c))
		}
		return choices
	}
	if parts := keyParts(n); parts != nil {
		return []keyChoice{{parts: parts}}
	}
	return nil
}

// choice returns what is left of a choice behind the projection.
func (n *Project) choice(in keyChoice) keyChoice {
	out := keyChoice{parts: make([]KeyPart, len(in.parts))}
	for k, p := range in.parts {
		out.parts[k].Name = p.Name
		for i, e := range n.Exprs {
			if tells(e, p.Columns) {
				out.parts[k].Columns = append(out.parts[k].Columns, i)
			}
		}
	}
	for i, e := range n.Exprs {
		if slices.ContainsFunc(expr.Columns(e), func(col int) bool { return slices.Contains(in.unseen, col) }) {
			out.unseen = append(out.unseen, i)
		}
	}
	return out
}

// keyParts is KeyParts of nodes that leave no choice.
func keyParts(n Node) []KeyPart {
	switch n := n.(type) {
	case *Values:
		if len(n.Rows) == 1 {
			return []KeyPart{}
		}
		return nil
	case *Shared, *Over, *Sort, *Watermark, *Stamp, *Require:
		return KeyParts(n.Inputs()[0])
	case *Series:
		return []KeyPart{{n.Out[0].Name, []int{0}}}
	case *Lookup:
		return n.keyParts()
	case *Join:
		return n.keyParts()
	case *FrameJoin:
		return KeyParts(n.Left)
	case *First:
		return keyOf(n.Schema(), n.Key)
	case *Upsert:
		return keyOf(n.Schema(), n.Key)
	case *Windowed:
		return n.keyParts()
	case *Unnest:
		parts := KeyParts(n.Input)
		if parts == nil || !n.Ordinality {
			return nil
		}
		last := len(n.Out) - 1
		return append(parts, KeyPart{n.Out[last].Name, []int{last}})
	case *Aggregate:
		return n.keyParts()
	case *Sink:
		return n.keyParts()
	}
	return nil
}

// keyOf returns the key that columns of a schema make.
func keyOf(s data.Schema, cols []int) []KeyPart {
	parts := make([]KeyPart, len(cols))
	for i, c := range cols {
		parts[i] = KeyPart{s[c].Name, []int{c}}
	}
	return parts
}

func (n *Aggregate) keyParts() []KeyPart {
	parts := []KeyPart{}
	first := 0
	if n.Window != nil {
		part := KeyPart{"window_start", []int{0, 1}}
		switch {
		case n.Window.Kind == Cumulate: // several start together
			part = KeyPart{"window_end", []int{1}}
		case n.Window.Kind == Attached && n.Window.Fixed && n.Window.Starts:
			part.Columns = []int{1, 2}
		case n.Window.Kind == Attached:
			part = KeyPart{"window_end", []int{1}}
		}
		parts, first = append(parts, part), 2
	}
	for k := range n.Keys {
		if k == 0 && n.Window != nil && n.Window.Fixed && n.Window.Starts {
			continue
		}
		parts = append(parts, KeyPart{n.Out[first+k].Name, []int{first + k}})
	}
	return parts
}

func (n *Sink) keyParts() []KeyPart {
	in := KeyParts(n.Input)
	if in == nil || n.Columns == nil {
		return in
	}
	parts := make([]KeyPart, len(in))
	for k, p := range in {
		parts[k].Name = p.Name
		for i, c := range n.Columns {
			for _, have := range p.Columns {
				if c == have {
					parts[k].Columns = append(parts[k].Columns, i)
				}
			}
		}
	}
	return parts
}

// tells reports whether different values of each of cols give different values
// of e, which reads one of them and nothing else.
func tells(e expr.Expr, cols []int) bool {
	switch e := e.(type) {
	case *expr.Column:
		for _, c := range cols {
			if e.Index == c {
				return true
			}
		}
	case *expr.Cast:
		return lossless(e.X.Type(), e.To) && tells(e.X, cols)
	case *expr.Call: // window_time: a timestamp moved by a constant length
		if (e.Func.Name == "-" || e.Func.Name == "+") && len(e.Args) == 2 && e.Type().Kind == data.Timestamp {
			l, ok := e.Args[1].(*expr.Literal)
			return ok && l.Type().Kind == data.Interval && !l.IsNull() && l.Value.Wides[0].Hi == 0 && tells(e.Args[0], cols)
		}
	}
	return false
}

// lossless reports whether a cast keeps different values different.
func lossless(from, to data.Type) bool {
	switch {
	case from == to:
		return true
	case to.Kind == data.String:
		return from.Kind != data.Bytes && from.Kind != data.Interval
	case from.Kind == data.Int && to.Kind == data.BigInt:
		return true
	case from.Integer() && to.Kind == data.Decimal:
		return true // a value that does not fit is an error
	case from.Kind == data.Decimal && to.Kind == data.Decimal:
		return to.Scale >= from.Scale
	case from.Kind == data.Date && to.Kind == data.Timestamp:
		return true
	}
	return false
}

// key returns a column for each part, or nil when one is missing.
func key(n Node) []int {
	parts := KeyParts(n)
	if parts == nil {
		return nil
	}
	cols := make([]int, len(parts))
	for k, p := range parts {
		if len(p.Columns) == 0 {
			return nil
		}
		cols[k] = p.Columns[0]
	}
	return cols
}

// Properties of a Scan: it inserts, unless the records are changes, and remembers nothing.
func (n *Scan) Properties() Properties {
	return Properties{Updating: n.Changes, Deletes: n.Changes, Time: n.Time}
}

// Properties of a Filter are those of its input.
func (n *Filter) Properties() Properties {
	p := n.Input.Properties()
	p.State, p.Deletes = "", p.Updating // an updated row may no longer pass
	return p
}

// Properties of a Project follow the columns that it passes on.
func (n *Project) Properties() Properties {
	in := n.Input.Properties()
	p := Properties{Updating: in.Updating, Deletes: in.Deletes, Key: key(n), Time: -1}
	p.Time = TimeOf(n.Out)
	return p
}

// Properties of Values: they insert, and are one row or have no key.
func (n *Values) Properties() Properties {
	p := Properties{Time: -1}
	if len(n.Rows) == 1 {
		p.Key = []int{}
	}
	return p
}

// TimeOf returns the first event-time column of a schema, or -1.
func TimeOf(s data.Schema) int {
	for i := range s {
		if s[i].Time {
			return i
		}
	}
	return -1
}

// Properties of an Aggregate: without a window, per row, with lateness and over
// what updates it updates; otherwise each group is emitted once.
func (n *Aggregate) Properties() Properties {
	p := Properties{Key: key(n), Time: -1}
	in := n.Input.Properties()
	switch {
	case n.Window != nil && n.Emit == EmitFinal:
	case n.Window != nil:
		p.Updating = n.Emit == EmitChanges || n.Every > 0 || n.Lateness > 0 || in.Updating
	default:
		// Without aggregates a group is there or not: the rows are distinct.
		p.Updating = len(n.Aggs) > 0 || in.Updating
		p.Time = TimeOf(n.Out)
	}
	p.Deletes = p.Updating && (in.Updating && (n.Window != nil || len(n.Keys) > 0) || n.bySession())
	p.State = n.state()
	return p
}

// bySession reports whether the window is one of sessions, which may change their
// bounds and become one.
func (n *Aggregate) bySession() bool { return n.Window != nil && n.Window.Kind == Session }

// keyed reports whether there are several groups, of each window where there is one.
func (n *Aggregate) keyed() bool {
	if n.Window != nil && n.Window.Starts {
		return len(n.Keys) > 1
	}
	return len(n.Keys) > 0
}

// state says what the node remembers.
func (n *Aggregate) state() string {
	groups, windows := "one row for each group", " of each open window"
	if !n.keyed() {
		groups = "one row"
	}
	if n.bySession() { // which is of one group
		groups, windows = "one row", " of each open session"
	}
	switch {
	case n.Window == nil:
		return groups + ", kept to the end"
	case n.bySession() && n.Input.Properties().Updating:
		windows += " and each time in it"
	}
	if n.Lateness > 0 {
		return groups + windows + ", kept " + Duration(n.Lateness) + " past its end"
	}
	return groups + windows
}

// Properties of a Sink: what its input does, by the sink's key.
func (n *Sink) Properties() Properties {
	p := n.Input.Properties()
	p.Key, p.State = n.Key, ""
	if n.Relation != nil {
		time := -1
		for i, c := range n.Columns {
			if c >= 0 && c == p.Time {
				time = i
				break
			}
		}
		p.Time = time
	}
	return p
}
