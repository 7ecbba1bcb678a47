package planner

import "tidemark/parser"

// lateNames returns the relations that the LATE DATA TO clauses of a statement name,
// but for those in subqueries of expressions.
func lateNames(s *parser.Statement) []*parser.Name {
	var l lateFinder
	switch {
	case s.Create != nil:
		l.query(s.Create.As)
	case s.View != nil:
		l.query(s.View.Query)
	case s.Insert != nil:
		l.query(s.Insert.Query)
	case s.Query != nil:
		l.query(s.Query)
	case s.Explain != nil && s.Explain.Insert != nil:
		l.query(s.Explain.Insert.Query)
	case s.Explain != nil:
		l.query(s.Explain.Query)
	}
	return l.names
}

// lateFinder walks over queries.
type lateFinder struct{ names []*parser.Name }

func (l *lateFinder) lateness(c *parser.Lateness) {
	if c != nil && c.DataTo != nil {
		l.names = append(l.names, c.DataTo)
	}
}

func (l *lateFinder) query(q *parser.Query) {
	if q == nil {
		return
	}
	for _, c := range q.With {
		l.query(c.Query)
	}
	l.term(q.First)
	for _, op := range q.Rest {
		l.term(op.Term)
	}
}

func (l *lateFinder) term(t *parser.Term) {
	if t == nil {
		return
	}
	l.query(t.Paren)
	if t.Select == nil {
		return
	}
	for _, f := range t.Select.From {
		l.tables(f)
	}
	l.lateness(t.Select.Lateness)
}

func (l *lateFinder) tables(t *parser.TableExpr) {
	l.table(t.First)
	for _, j := range t.Joins {
		l.table(j.Right)
		l.lateness(j.Lateness)
	}
}

func (l *lateFinder) table(t *parser.TableRef) {
	l.query(t.Query)
	if t.Nested != nil {
		l.tables(t.Nested)
	}
	if t.Function != nil {
		for _, a := range t.Function.Args {
			l.query(a.Query)
		}
	}
}
