package parser

import "unicode/utf8"

// statement writes the parts of a statement that have a layout; what is left is written in one line.
func (l *layout) statement(s *Statement) {
	switch {
	case s.Query != nil:
		l.query(s.Query)
	case s.Insert != nil:
		l.insert(s.Insert)
	case s.Create != nil:
		l.create(s.Create)
	case s.View != nil:
		l.queryBehind(s.View.Query)
	case s.Explain != nil && s.Explain.Insert != nil:
		l.to(s.Explain.Insert.Pos.Offset)
		l.breakBefore(s.Explain.Insert.Query)
		l.insert(s.Explain.Insert)
	case s.Explain != nil:
		l.queryBehind(s.Explain.Query)
	case s.Describe != nil && s.Describe.Query != nil:
		l.queryBehind(s.Describe.Query)
	case s.Feed != nil && s.Feed.Rows != nil:
		l.valuesBehind(s.Feed.Rows)
	case s.Expect != nil:
		l.expect(s.Expect)
	case s.Function != nil:
		l.nest(func() {
			l.until(l.clause(s.Function.Body.Span().Start, 1) + 1)
			l.line()
			l.expr(s.Function.Body)
		})
	}
}

// queryBehind writes what stands before a query, and the query: on the same line
// when it is short and fits.
func (l *layout) queryBehind(q *Query) {
	l.to(q.Pos.Offset)
	l.breakBefore(q)
	l.query(q)
}

// valuesBehind writes what stands before the rows of a test, and the rows.
func (l *layout) valuesBehind(v *Values) {
	l.to(v.Pos.Offset)
	l.line()
	l.values(v)
}

func (l *layout) expect(e *Expect) {
	switch {
	case e.Values != nil:
		l.valuesBehind(e.Values)
	case e.Query != nil:
		l.until(l.index(e.Query.Pos.Offset) - 1)
		l.parenthesized(func() { l.query(e.Query) })
	case e.Statement != nil:
		l.to(e.Statement.Pos.Offset)
		l.line()
		l.statement(e.Statement)
	}
}

func (l *layout) breakBefore(q *Query) {
	if isShort(q) {
		l.line()
	} else {
		l.hard()
	}
}

func (l *layout) insert(i *Insert) {
	if len(i.Columns) > 0 {
		l.listIn(nil, l.index(i.Columns[0].Pos.Offset)-1)
	}
	l.queryBehind(i.Query)
}

// longestAligned is the length of the names behind which types stand under each other.
const longestAligned = 24

// alignTypes puts the types of the columns under each other.
func (l *layout) alignTypes(elements []*Element) {
	longest := 0
	width := func(n *Name) int { return utf8.RuneCountInString(l.tokens[l.index(n.Pos.Offset)].text) }
	for _, e := range elements {
		if c := e.Column; c != nil && width(c.Name) <= longestAligned {
			longest = max(longest, width(c.Name))
		}
	}
	for _, e := range elements {
		if c := e.Column; c != nil {
			l.tokens[l.index(c.Name.Pos.Offset)+1].marks.padding = max(0, longest-width(c.Name))
		}
	}
}

// create writes CREATE STREAM and its kin: each column on its own line.
func (l *layout) create(c *CreateRelation) {
	if len(c.Elements) > 0 {
		open := l.index(c.Elements[0].Pos.Offset) - 1
		end := l.closes[open]
		l.alignTypes(c.Elements)
		l.until(open + 1)
		l.nest(func() {
			for _, e := range c.Elements {
				l.to(e.Pos.Offset)
				l.hard()
				l.element(e)
			}
			l.until(end)
		})
		l.hard()
		l.token()
	}
	if len(c.Options) > 0 {
		l.options(c.Options)
	}
	if c.As != nil {
		l.queryBehind(c.As)
	}
}

// options writes WITH (…): on one line, or each option on its own.
func (l *layout) options(list []*Option) {
	l.until(l.index(list[0].Pos.Offset) - 1)
	l.bracketed(nil, false)
}

func (l *layout) element(e *Element) {
	var parts []part
	switch {
	case e.Watermark != nil:
		parts = l.exprParts(e.Watermark.Expr, e.Watermark.Punctuated)
	case e.Column != nil:
		parts = l.exprParts(e.Column.Computed)
	}
	l.inside(parts, l.index(e.EndPos.Offset))
}
