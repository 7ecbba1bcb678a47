package parser

import (
	"slices"
	"sort"
)

// query writes a query: one that is short on a line where it fits, others each
// clause on a line of its own.
func (l *layout) query(q *Query) {
	l.to(q.Pos.Offset)
	l.open()
	if len(q.With) > 0 {
		l.with(q.With)
		l.to(q.First.Pos.Offset)
		l.hard()
	}
	sections := []part{{l.index(q.First.Pos.Offset), func() { l.term(q.First) }}}
	if s := q.First.Select; s != nil && len(q.Rest) == 0 {
		sections = l.selectSections(s)
	}
	for _, op := range q.Rest {
		sections = append(sections, part{l.index(op.Pos.Offset), func() {
			l.to(op.Term.Pos.Offset)
			l.hard()
			l.term(op.Term)
		}})
	}
	l.sections(append(sections, l.endSections(q)...), isShort(q))
	l.close()
}

// sections writes clauses, each on its own line: the breaks are left to the group
// when they are few.
func (l *layout) sections(list []part, short bool) {
	sort.Slice(list, func(i, j int) bool { return list[i].start < list[j].start })
	for i, s := range list {
		l.until(s.start)
		switch {
		case i > 0 && short:
			l.line()
		case i > 0:
			l.hard()
		}
		s.write()
	}
}

// isShort reports whether a query may stand on one line.
func isShort(q *Query) bool {
	if len(q.With) > 0 || len(q.Rest) > 0 {
		return false
	}
	clauses := len(q.Cuts)
	if len(q.OrderBy) > 0 {
		clauses++
	}
	switch t := q.First; {
	case t.Paren != nil:
		return clauses == 0 && isShort(t.Paren)
	case t.Values != nil:
		return clauses <= 1
	}
	s := q.First.Select
	clauses += len(s.Closing)
	for _, is := range []bool{len(s.From) > 0, s.Where != nil, len(s.GroupBy) > 0, s.Having != nil, len(s.Windows) > 0, s.Qualify != nil} {
		if is {
			clauses++
		}
	}
	for _, t := range s.From {
		clauses += len(t.Joins)
	}
	return clauses <= 2
}

// with writes the common table expressions.
func (l *layout) with(list []*CTE) {
	for i, c := range list {
		l.to(c.Pos.Offset)
		if i > 0 {
			l.hard()
		}
		l.until(l.index(c.Query.Pos.Offset) - 1)
		l.parenthesized(func() { l.query(c.Query) })
	}
}

// parenthesized writes "(", what is inside, and ")": on one line, or the inside on
// lines of its own.
func (l *layout) parenthesized(inside func()) {
	end := l.closes[l.at]
	l.open()
	l.token()
	l.nest(func() {
		l.line()
		inside()
		l.until(end)
	})
	l.line()
	l.token()
	l.close()
}

// values writes VALUES (…), …: on one line, or each row on its own.
func (l *layout) values(v *Values) {
	var rows []part
	for _, r := range v.Rows {
		rows = append(rows, part{l.index(r.Pos.Offset), func() { l.listIn(l.exprParts(r.Exprs...), l.at) }})
	}
	l.token()
	l.list(rows, l.index(v.EndPos.Offset))
}

func (l *layout) term(t *Term) {
	switch {
	case t.Select != nil:
		l.open()
		sections := l.selectSections(t.Select)
		l.sections(sections, len(sections) <= 3)
		l.close()
	case t.Values != nil:
		l.values(t.Values)
	case t.Paren.Pos.Offset == t.Pos.Offset: // an INTERSECT that binds tighter: no parenthesis is written
		l.query(t.Paren)
	default:
		l.parenthesized(func() { l.query(t.Paren) })
	}
}

// selectSections returns the clauses of a SELECT.
func (l *layout) selectSections(s *Select) []part {
	items := make([]part, len(s.Items))
	for i, it := range s.Items {
		items[i] = part{l.index(it.Pos.Offset), func() { l.inside(l.exprParts(it.Expr), l.index(it.EndPos.Offset)) }}
	}
	sections := []part{{l.index(s.Pos.Offset), func() {
		l.until(items[0].start)
		l.list(items, l.index(s.Items[len(s.Items)-1].EndPos.Offset))
	}}}
	if len(s.From) > 0 {
		tables := make([]part, len(s.From))
		for i, t := range s.From {
			tables[i] = part{l.index(t.Pos.Offset), func() { l.tableExpr(t) }}
		}
		sections = append(sections, l.listSection(tables, 1, s.From[len(s.From)-1].Node))
	}
	if len(s.GroupBy) > 0 {
		keys := make([]part, len(s.GroupBy))
		for i, g := range s.GroupBy {
			keys[i] = part{l.index(g.Pos.Offset), func() { l.groupItem(g) }}
		}
		sections = append(sections, l.listSection(keys, 2, s.GroupBy[len(s.GroupBy)-1].Node))
	}
	if len(s.Windows) > 0 {
		windows := make([]part, len(s.Windows))
		for i, w := range s.Windows {
			windows[i] = part{l.index(w.Pos.Offset), func() { l.window(w.Spec) }}
		}
		sections = append(sections, l.listSection(windows, 1, s.Windows[len(s.Windows)-1].Node))
	}
	for _, e := range []*Expr{s.Where, s.Having, s.Qualify} {
		if e != nil {
			sections = append(sections, part{l.clause(e.Span().Start, 1), func() { l.expr(e) }})
		}
	}
	for _, c := range s.Closing {
		sections = append(sections, part{l.index(c.Pos.Offset), func() {
			if c.Emit != nil {
				l.inside(l.exprParts(c.Emit.Every), l.index(c.EndPos.Offset))
			} else {
				l.inside(l.exprParts(c.Lateness.Interval), l.index(c.EndPos.Offset))
			}
		}})
	}
	return sections
}

// listSection returns the clause that is n words and a list behind them.
func (l *layout) listSection(items []part, n int, last Node) part {
	return part{items[0].start - n, func() {
		l.until(items[0].start)
		l.list(items, l.index(last.EndPos.Offset))
	}}
}

// endSections returns ORDER BY, LIMIT and OFFSET.
func (l *layout) endSections(q *Query) []part {
	var sections []part
	if n := len(q.OrderBy); n > 0 {
		keys := make([]part, n)
		for i, k := range q.OrderBy {
			keys[i] = part{l.index(k.Pos.Offset), func() { l.inside(l.exprParts(k.Expr), l.index(k.EndPos.Offset)) }}
		}
		sections = append(sections, l.listSection(keys, 2, q.OrderBy[n-1].Node))
	}
	for _, c := range q.Cuts {
		sections = append(sections, part{l.index(c.Pos.Offset), func() {
			l.inside(l.exprParts(c.Limit, c.Offset, c.Fetch), l.index(c.EndPos.Offset))
		}})
	}
	return sections
}

func (l *layout) groupItem(g *GroupItem) {
	end := l.index(g.EndPos.Offset)
	if g.Expr != nil {
		l.inside(l.exprParts(g.Expr), end)
		return
	}
	var parts []part
	for _, set := range g.Sets {
		parts = append(parts, l.exprParts(set...)...)
	}
	open := l.at
	for !isPunct(&l.tokens[open].Token, "(") {
		open++
	}
	l.listIn(parts, open)
}

// tableExpr writes a table and its joins: on one line, or each join on its own.
func (l *layout) tableExpr(t *TableExpr) {
	l.open()
	l.tableRef(t.First)
	l.nest(func() {
		for _, j := range t.Joins {
			l.to(j.Pos.Offset)
			l.line()
			l.join(j)
		}
	})
	l.close()
}

func (l *layout) join(j *Join) {
	l.open()
	l.to(j.Right.Pos.Offset)
	l.tableRef(j.Right)
	l.nest(func() {
		parts := l.exprParts(slices.Concat(j.Within, []*Expr{j.Grace, j.Tolerance, j.On})...)
		for _, e := range []*Expr{j.On, j.Tolerance} {
			if e != nil {
				l.inside(parts, l.clause(e.Span().Start, 1))
				l.line()
			}
		}
		if late := j.Lateness; late != nil {
			l.inside(parts, l.index(late.Pos.Offset))
			l.line()
			parts = append(parts, l.exprParts(late.Interval)...)
		}
		l.inside(parts, l.index(j.EndPos.Offset))
	})
	l.close()
}

func (l *layout) tableRef(r *TableRef) {
	parts := l.queryPart(r.Query)
	switch {
	case r.Nested != nil:
		parts = append(parts, part{l.index(r.Nested.Pos.Offset) - 1, func() { l.parenthesized(func() { l.tableExpr(r.Nested) }) }})
	case r.Function != nil:
		l.listIn(l.argParts(r.Function), l.index(r.Function.Name.EndPos.Offset))
	case len(r.Options) > 0:
		l.options(r.Options)
	}
	l.inside(append(parts, l.exprParts(r.AsOf)...), l.index(r.EndPos.Offset))
}

func (l *layout) argParts(f *TableFunction) []part {
	var parts []part
	for _, a := range f.Args {
		parts = append(parts, l.exprParts(append(slices.Clip(a.PartitionBy), a.Expr)...)...)
		parts = append(parts, l.queryPart(a.Query)...)
	}
	return parts
}
