package planner

import (
	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/parser"
	"tidemark/parser/source"
	"tidemark/planner/plan"
)

// openJoin is a join whose conditions are not all known: more may stand in WHERE.
// It never leaves the binder.
type openJoin struct {
	left, right plan.Node
	kind        plan.JoinKind
	at          source.Span
	// preds are the conditions so far, over the columns of both sides.
	preds []expr.Expr
	// within are the bounds of WITHIN, before and after in microseconds; nil without.
	within   *[2]int64
	lateness int64
	late     *lateTarget // of LATE DATA TO; nil without
	tables   []int       // of the left side's columns, as in its scope
	// asof is set for ASOF JOIN; tolerance is how old a match may be, negative for any
	// age.
	asof bool
	// temporal is set for FOR SYSTEM_TIME AS OF the left side's event time in column time.
	temporal  bool
	time      int
	tolerance int64
	// names are the tables of both sides' columns, nil for one without a name.
	names []*parser.Name
	// lost are columns of the result that have no value.
	lost map[int]*lostColumn
}

// Schema returns the columns of both sides.
func (n *openJoin) Schema() data.Schema {
	return plan.JoinSchema(n.kind, n.left.Schema(), n.right.Schema())
}

// Inputs returns the two sides.
func (n *openJoin) Inputs() []plan.Node { return []plan.Node{n.left, n.right} }

// Properties are not known yet.
func (n *openJoin) Properties() plan.Properties { return plan.Properties{Time: -1} }

// joinKinds are the words before JOIN.
var joinKinds = map[string]plan.JoinKind{"INNER": plan.JoinInner, "CROSS": plan.JoinInner, "LEFT": plan.JoinLeft,
	"RIGHT": plan.JoinRight, "FULL": plan.JoinFull, "SEMI": plan.JoinSemi, "ANTI": plan.JoinAnti}

// join binds "… JOIN right …" behind what stands before it in FROM.
func (b *binder) join(left plan.Node, ls *scope, j *parser.Join) (plan.Node, *scope, bool) {
	ref := *j.Right
	ref.AsOf = nil
	right, rs, ok := b.joinedSide(&ref)
	if !ok {
		return nil, nil, false
	}
	both := joinScope(ls, rs)
	n := &openJoin{left: left, right: right, kind: joinKinds[j.Kind], at: j.Right.Span(), tables: ls.tables, names: both.columnTables()}
	x := &scoped{binder: b, scope: both, clause: "ON"}
	ok = x.asof(j, n) && b.asOf(j.Right, ls, n) && b.joinLateness(x, j, n)
	if j.On != nil {
		on := x.condition(j.On, "ON")
		if on == nil {
			return nil, nil, false
		}
		n.preds = expr.Conjuncts(on)
	}
	if ok = ok && x.within(j.Within, n); !ok {
		return nil, nil, false
	}
	out := both
	if n.kind.LeftOnly() {
		out = ls
	}
	if len(j.Using) > 0 {
		return b.joinUsing(x, n, j.Using, out)
	}
	if n.waitsForWhere() {
		return n, out, true
	}
	node, ok := b.close(n, nil)
	out.lose(n.lost, 0)
	return node, out, ok
}

// waitsForWhere reports whether conditions in WHERE say no more than those in ON.
func (n *openJoin) waitsForWhere() bool { return n.kind == plan.JoinInner && !n.asof && !n.temporal }

// joinedSide binds what is joined to the tables before it.
func (b *binder) joinedSide(t *parser.TableRef) (plan.Node, *scope, bool) {
	n, s, ok := b.lookupSide(t)
	if n != nil || !ok {
		return n, s, ok
	}
	if n, s, ok = b.table(t); ok {
		n, ok = b.closeJoins(n, nil)
	}
	return n, s, ok
}

// joinScope is what names can mean over both sides of a join.
func joinScope(ls, rs *scope) *scope {
	s := &scope{from: ls.from, outer: ls.outer}
	s.schema = append(append(data.Schema(nil), ls.schema...), rs.schema...)
	s.names = append(append([]*parser.Name(nil), ls.names...), rs.names...)
	s.tables = append([]int(nil), ls.tables...)
	for _, t := range rs.tables {
		s.tables = append(s.tables, len(ls.names)+t)
	}
	for c := range ls.hidden {
		s.hide(c)
	}
	for c := range rs.hidden {
		s.hide(len(ls.schema) + c)
	}
	s.lose(ls.lost, 0)
	s.lose(rs.lost, len(ls.schema))
	return s
}

// within binds WITHIN x and WITHIN (before, after).
func (x *scoped) within(list []*parser.Expr, n *openJoin) bool {
	if len(list) == 0 {
		return true
	}
	const form = "write WITHIN INTERVAL '10' MINUTE, or WITHIN (INTERVAL '0' MINUTE, INTERVAL '10' MINUTE)"
	n.within = &[2]int64{}
	for i := range n.within {
		e := list[min(i, len(list)-1)]
		d, ok := x.constantLength(e, "WITHIN", form)
		if !ok {
			return false
		}
		if len(list) == 1 && d < 0 {
			x.errorf(e.Span(), form, "WITHIN cannot be negative")
			return false
		}
		n.within[i] = d
	}
	if n.within[0] < -n.within[1] {
		x.warnf(source.Span{Start: list[0].Span().Start, End: list[1].Span().End}, form, "WITHIN leaves no time between its bounds: no row has a match")
	}
	return true
}

// joinLateness binds GRACE PERIOD and the ALLOWED LATENESS of a join.
func (b *binder) joinLateness(x *scoped, j *parser.Join, n *openJoin) bool {
	e, what := j.Grace, "GRACE PERIOD"
	if l := j.Lateness; l != nil {
		if l.DataTo != nil {
			right := n.right.Schema()
			if i := instantsOf(n.right); n.temporal && i != nil {
				right = b.frameRows(i.over)
			}
			if n.late = x.lateTarget(l.DataTo, lateSides(n.left.Schema(), right)); n.late == nil {
				return false
			}
		}
		if l.OnLate == "APPROXIMATE" {
			b.errorf(l.Span(), "leave ON LATE APPROXIMATE out: a join has nothing to approximate", "a late row of a join is joined or not")
			return false
		}
		if l.Interval != nil && e != nil {
			b.errorf(l.Span(), "keep one of them", "GRACE PERIOD and ALLOWED LATENESS say the same")
			return false
		}
		if l.Interval != nil {
			e, what = l.Interval, "ALLOWED LATENESS"
		}
	}
	if e == nil {
		return true
	}
	d, ok := x.constantLength(e, what, "write "+what+" INTERVAL '3' MINUTE")
	if ok && d < 0 {
		b.errorf(e.Span(), "write "+what+" INTERVAL '3' MINUTE", "%s cannot be negative", what)
		return false
	}
	n.lateness = d
	return ok
}

// joinUsing adds the conditions of USING, whose columns stand once for both sides.
func (b *binder) joinUsing(x *scoped, n *openJoin, names []*parser.Name, out *scope) (plan.Node, *scope, bool) {
	width := len(n.left.Schema())
	var pairs [][2]int
	for i, name := range names {
		l, r := x.side(name, 0, width, "the left"), x.side(name, width, len(x.scope.schema), "the right")
		if l < 0 || r < 0 {
			return nil, nil, false
		}
		op := "="
		if n.asof && i == len(names)-1 {
			op = ">=" // the right time is at or before the left one
		}
		eq, err := expr.NewCall(op, []expr.Expr{x.column(l, name), x.column(r, name)}, name.Span())
		if eq = b.check(eq, err, name.Span()); eq == nil {
			return nil, nil, false
		}
		n.preds = append(n.preds, expr.Conjuncts(eq)...)
		pairs = append(pairs, [2]int{l, r})
	}
	node, ok := plan.Node(n), true
	if !n.waitsForWhere() {
		node, ok = b.close(n, nil)
		out.lose(n.lost, 0)
	}
	if !ok || n.kind.LeftOnly() {
		return node, out, ok
	}
	if n.kind != plan.JoinFull {
		for _, p := range pairs {
			if n.kind == plan.JoinRight {
				out.hide(p[0])
			} else {
				out.hide(p[1])
			}
		}
		return node, out, true
	}
	return b.mergeUsing(x, node, pairs, names, out)
}

// mergeUsing adds the columns of USING of a FULL join: the value of the side that
// is there.
func (b *binder) mergeUsing(x *scoped, node plan.Node, pairs [][2]int, names []*parser.Name, out *scope) (plan.Node, *scope, bool) {
	p := &plan.Project{Input: node, Out: append(data.Schema(nil), node.Schema()...)}
	for i, c := range p.Out {
		p.Exprs = append(p.Exprs, expr.NewColumn(i, c.Name, c.Type, x.scope.from))
	}
	var merged data.Schema
	for i, pair := range pairs {
		e, err := expr.NewCall("COALESCE", []expr.Expr{x.column(pair[0], names[i]), x.column(pair[1], names[i])}, names[i].Span())
		if e = b.check(e, err, names[i].Span()); e == nil {
			return nil, nil, false
		}
		c := data.Column{Name: x.scope.schema[pair[0]].Name, Type: e.Type()}
		p.Exprs, p.Out, merged = append(p.Exprs, e), append(p.Out, c), append(merged, c)
		out.hide(pair[0])
		out.hide(pair[1])
	}
	out.add(nil, merged)
	return p, out, true
}

// column is column i of the scope.
func (x *scoped) column(i int, at *parser.Name) expr.Expr {
	c := x.scope.schema[i]
	return expr.NewColumn(i, c.Name, c.Type, at.Span())
}

// side returns the one column called name among those from the first to below
// the last; -1 after reporting that there is none or more than one.
func (x *scoped) side(name *parser.Name, first, last int, which string) int {
	found, exact := x.scope.find(name, -1)
	at := -1
	for _, c := range found {
		switch {
		case c < first || c >= last:
		case at >= 0 && exact != at:
			x.errorf(name.Span(), "write the condition with ON", "%s has more than one column %s", which+" side of the join", name.Text)
			return -1
		case at < 0:
			at = c
		}
	}
	if at < 0 {
		x.errorf(name.Span(), nearColumn(name.Text, x.scope.schema[first:last].Names()), "%s side of the join has no column %s", which, name.Text)
	}
	return at
}

// closeJoins hands the conditions of WHERE to the joins below that they belong to,
// and filters by the others.
func (b *binder) closeJoins(n plan.Node, preds []expr.Expr) (plan.Node, bool) {
	j, ok := n.(*openJoin)
	if !ok {
		return filtered(n, preds), true
	}
	var parts []expr.Expr
	for _, p := range preds {
		parts = append(parts, expr.Conjuncts(p)...)
	}
	return b.close(j, parts)
}

// close makes a join whose conditions are known. preds are those of WHERE, over its
// columns.
func (b *binder) close(j *openJoin, preds []expr.Expr) (plan.Node, bool) {
	width := len(j.left.Schema())
	var below, rest []expr.Expr
	for _, p := range preds {
		switch l, r := sides(p, width); {
		case l && r:
			j.preds = append(j.preds, p) // an inner join's: WHERE says no more than ON
		case l:
			below = append(below, p)
		default:
			rest = append(rest, p)
		}
	}
	if left, ok := j.left.(*openJoin); ok {
		n, ok := b.close(left, below)
		if !ok {
			return nil, false
		}
		j.left = n
	} else {
		rest = append(below, rest...)
	}
	node, ok := b.closed(j)
	if !ok {
		return nil, false
	}
	return filtered(node, rest), true
}

// sides tells whether an expression over both sides of a join reads each of them.
func sides(e expr.Expr, width int) (left, right bool) {
	for _, c := range expr.Columns(e) {
		left, right = left || c < width, right || c >= width
	}
	return left, right
}
