package planner

import (
	"slices"

	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/parser/source"
	"tidemark/planner/plan"
)

// pruner leaves out what nobody uses: columns of scans, expressions of
// projections, aggregates. A scan of a relation with a watermark keeps its time
// column, whose values make the watermark that the summary shows.
type pruner struct {
	// shared deals with a shared part of which a node needs some columns.
	shared func(s *plan.Shared, need set) (plan.Node, []int)
}

// root prunes a whole tree.
func (p *pruner) root(n plan.Node) plan.Node {
	sink, ok := n.(*plan.Sink)
	if !ok {
		want := n.Schema()
		pruned, at := p.node(n, everything(len(want)))
		return inPlace(pruned, want, at)
	}
	if sink.Columns == nil {
		return p.whole(n)
	}
	need := newSet(len(sink.Input.Schema()))
	need.add(sink.Columns...)
	c := *sink
	in, at := p.node(sink.Input, need)
	c.Input, c.Columns = in, plan.MoveAll(sink.Columns, at)
	return &c
}

// whole prunes below n, all of whose inputs' columns are needed.
func (p *pruner) whole(n plan.Node) plan.Node {
	return mapInput(n, func(in plan.Node) plan.Node {
		width := len(in.Schema())
		pruned, at := p.node(in, everything(width))
		return inPlace(pruned, in.Schema(), at)
	})
}

func everything(n int) set {
	s := newSet(n)
	for i := range s {
		s[i] = true
	}
	return s
}

func identity(n int) []int {
	at := make([]int, n)
	for i := range at {
		at[i] = i
	}
	return at
}

// inPlace puts the columns of n, which have moved to at, back to their places.
func inPlace(n plan.Node, want data.Schema, at []int) plan.Node {
	have := n.Schema()
	same := len(have) == len(want)
	p := &plan.Project{Input: n}
	for i, c := range at {
		if c < 0 {
			continue // nobody needs it
		}
		same = same && c == i
		p.Exprs = append(p.Exprs, expr.NewColumn(c, have[c].Name, have[c].Type, source.Span{}))
		p.Out = append(p.Out, have[c])
	}
	if same {
		return n
	}
	return p
}

// set tells which columns of a node are needed.
type set []bool

func newSet(n int) set { return make(set, n) }

func (s set) clone() set { return append(set(nil), s...) }

// add adds columns; those below 0 stand for none.
func (s set) add(cols ...int) {
	for _, c := range cols {
		if c >= 0 {
			s[c] = true
		}
	}
}

// addRead adds the columns that e reads, which may be nil.
func (s set) addRead(e expr.Expr) {
	if e != nil {
		s.add(expr.Columns(e)...)
	}
}

// addKeys adds the columns that rows are sorted by.
func (s set) addKeys(keys []plan.SortKey) {
	for _, k := range keys {
		s.add(k.Column)
	}
}

// below returns what is needed of the input of a node that puts columns of its own
// behind the width ones of its input.
func (s set) below(width int) set {
	below := newSet(width)
	copy(below, s)
	return below
}

// node returns n without the columns that are not needed, and where those that
// are left have moved: the new place of each old column, -1 for one that is gone.
// Some that are not needed may stay.
func (p *pruner) node(n plan.Node, need set) (plan.Node, []int) {
	switch n := n.(type) {
	case *plan.Scan:
		return pruneScan(n, need)
	case *plan.Filter:
		need.addRead(n.Pred)
		in, at := p.node(n.Input, need)
		return &plan.Filter{Input: in, Pred: moved(n.Pred, at)}, at
	case *plan.Project:
		return p.project(n, need)
	case *plan.Values:
		return pruneValues(n, need)
	case *plan.Aggregate:
		return p.aggregate(n, need)
	case *plan.Over:
		return p.over(n, need)
	case *plan.TopN:
		return p.topN(n, need)
	case *plan.Shared:
		return p.shared(n, need)
	case *plan.Union:
		return p.union(n, need)
	case *plan.IntervalJoin:
		return p.intervalJoin(n, need)
	case *plan.Join:
		return p.join(n, need)
	case *plan.FrameJoin:
		return p.frameJoin(n, need)
	case *plan.Lookup:
		return pruneLookup(n, need)
	case *plan.Unnest:
		return p.unnest(n, need)
	case *plan.Windowed:
		return p.windowed(n, need)
	case *plan.Sort:
		need.addKeys(n.Keys)
		if n.Input.Properties().Updating {
			break // rows are told apart by all their columns
		}
		c := *n
		in, at := p.node(n.Input, need)
		c.Input, c.Keys = in, moveKeys(n.Keys, at)
		return &c, at
	case *plan.First:
		need.add(n.Key...)
		c := *n
		in, at := p.node(n.Input, need)
		c.Input, c.Key = in, plan.MoveAll(n.Key, at)
		return &c, at
	case *plan.Upsert:
		need.add(n.Key...)
		c := *n
		in, at := p.node(n.Input, need)
		c.Input, c.Key = in, plan.MoveAll(n.Key, at)
		return &c, at
	case *plan.Require:
		need.add(n.Columns...)
		c := *n
		in, at := p.node(n.Input, need)
		c.Input, c.Columns = in, plan.MoveAll(n.Columns, at)
		return &c, at
	case *plan.Watermark:
		need.add(n.Time)
		need.addRead(n.Marks)
		c := *n
		in, at := p.node(n.Input, need)
		c.Input, c.Time, c.Marks = in, at[n.Time], moved(n.Marks, at)
		return &c, at
	case *plan.LateData:
		c := *n
		c.Input, _ = p.node(n.Input, newSet(len(n.Input.Schema())))
		return &c, identity(len(need))
	case *plan.Stamp:
		last := len(need) - 1
		in, at := p.node(n.Input, need[:last].clone())
		if !need[last] {
			return in, append(at, -1)
		}
		return &plan.Stamp{Input: in}, append(at, len(in.Schema()))
	}
	return p.whole(n), identity(len(need))
}

func pruneValues(n *plan.Values, need set) (plan.Node, []int) {
	out := &plan.Values{Rows: make([][]expr.Expr, len(n.Rows))}
	at := make([]int, len(n.Out))
	for i := range at {
		at[i] = -1
		if !need[i] {
			continue
		}
		at[i] = len(out.Out)
		out.Out = append(out.Out, n.Out[i])
		for r, row := range n.Rows {
			out.Rows[r] = append(out.Rows[r], row[i])
		}
	}
	return out, at
}

func pruneScan(n *plan.Scan, need set) (plan.Node, []int) {
	for _, f := range n.Filter {
		need.addRead(f)
	}
	need.add(n.Time)
	need.addRead(n.TimeExpr)
	need.addRead(n.Marks)
	c := *n
	c.Columns = nil
	at := make([]int, len(n.Columns))
	for i, col := range n.Columns {
		at[i] = -1
		if need[i] {
			at[i] = len(c.Columns)
			c.Columns = append(c.Columns, col)
		}
	}
	if n.TimeExpr != nil {
		last := len(n.Columns)
		at = append(at, len(c.Columns))
		c.Time, c.TimeExpr = at[last], moved(n.TimeExpr, at)
	} else {
		c.Time = plan.Move(n.Time, at)
	}
	c.Marks = moved(n.Marks, at)
	c.Filter = make([]expr.Expr, len(n.Filter))
	for i, f := range n.Filter {
		c.Filter[i] = moved(f, at)
	}
	return &c, at
}

func (p *pruner) project(n *plan.Project, need set) (plan.Node, []int) {
	below := newSet(len(n.Input.Schema()))
	for i, e := range n.Exprs {
		if need[i] {
			below.addRead(e)
		}
	}
	in, down := p.node(n.Input, below)
	out := &plan.Project{Input: in, Once: n.Once}
	at := make([]int, len(n.Exprs))
	for i, e := range n.Exprs {
		at[i] = -1
		if need[i] {
			at[i] = len(out.Exprs)
			out.Exprs, out.Out = append(out.Exprs, moved(e, down)), append(out.Out, n.Out[i])
		}
	}
	return out, at
}

func (p *pruner) aggregate(n *plan.Aggregate, need set) (plan.Node, []int) {
	first := len(n.Out) - len(n.Aggs)
	c := *n
	c.Out = append(data.Schema(nil), n.Out[:first]...)
	c.Aggs = nil
	at := make([]int, len(n.Out))
	below := newSet(len(n.Input.Schema()))
	below.add(n.Time)
	below.add(n.Keys...)
	for i := range at {
		if i < first {
			at[i] = i
			continue
		}
		at[i] = -1
		if a := n.Aggs[i-first]; need[i] {
			at[i] = len(c.Out)
			c.Out, c.Aggs = append(c.Out, n.Out[i]), append(c.Aggs, a)
			below.add(a.Cols...)
			below.add(a.Filter)
		}
	}
	n.Late.Needs(func(_, col int) { below.add(col) })
	in, down := p.node(n.Input, below)
	c.Input, c.Keys, c.Time, c.Late = in, plan.MoveAll(n.Keys, down), plan.Move(n.Time, down), n.Late.Moved(down, nil)
	for i, a := range c.Aggs {
		c.Aggs[i] = a.Moved(down)
	}
	return &c, at
}

// union prunes the branches, which keep their columns in one order.
func (p *pruner) union(n *plan.Union, need set) (plan.Node, []int) {
	for c, col := range n.Out {
		if col.Time {
			need.add(c)
		}
	}
	at, kept := make([]int, len(need)), 0
	c := &plan.Union{}
	for i, w := range need {
		at[i] = -1
		if w {
			at[i] = kept
			kept++
			c.Out = append(c.Out, n.Out[i])
		}
	}
	for _, b := range n.Branches {
		in, down := p.node(b, need.clone())
		have := in.Schema()
		row := &plan.Project{Input: in}
		same := len(have) == kept
		for i, w := range need {
			if !w {
				continue
			}
			k := down[i]
			same = same && k == at[i]
			row.Exprs = append(row.Exprs, expr.NewColumn(k, have[k].Name, have[k].Type, source.Span{}))
			row.Out = append(row.Out, have[k])
		}
		if same {
			c.Branches = append(c.Branches, in)
		} else {
			c.Branches = append(c.Branches, row)
		}
	}
	return c, at
}

// unnest prunes the columns of the rows that are repeated; what the array is made
// into stays.
func (p *pruner) unnest(n *plan.Unnest, need set) (plan.Node, []int) {
	width := len(n.Input.Schema())
	below := need.below(width)
	below.add(n.Array)
	c := *n
	in, at := p.node(n.Input, below)
	c.Input, c.Array = in, at[n.Array]
	c.Out = append(data.Schema(nil), in.Schema()...)
	for i := width; i < len(n.Out); i++ {
		at = append(at, len(c.Out))
		c.Out = append(c.Out, n.Out[i])
	}
	return &c, at
}

// moved returns e, which may be nil, with its columns at their new places.
func moved(e expr.Expr, at []int) expr.Expr {
	if e == nil {
		return nil
	}
	return expr.Remap(e, func(i int) int { return at[i] })
}

// moveKeys returns the keys with their columns at their new places.
func moveKeys(keys []plan.SortKey, at []int) []plan.SortKey {
	out := slices.Clone(keys)
	for i := range out {
		out[i].Column = plan.Move(out[i].Column, at)
	}
	return out
}
