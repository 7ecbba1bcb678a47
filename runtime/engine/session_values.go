package engine

import (
	"slices"
	"strings"

	"tidemark/parser"
)

// Rows that are inserted one by one would make each statement of a long session slower
// than the one before: neighbours that fill a stream in memory alike are kept as one
// INSERT, which has the same rows in the same order.

// listed returns an INSERT of a plain list of rows; nil for other statements.
func listed(s *parser.Statement) *parser.Insert {
	if s.Insert == nil || s.Insert.ByName {
		return nil
	}
	q := s.Insert.Query
	if q.First.Values == nil || len(q.With) > 0 || len(q.Rest) > 0 || len(q.OrderBy) > 0 || q.Limit != nil || q.Offset != nil {
		return nil
	}
	return s.Insert
}

// alike reports whether two INSERTs fill the same columns of the same relation.
func alike(a, b *parser.Insert) bool {
	same := func(x, y *parser.Name) bool { return x.Text == y.Text && x.Quoted == y.Quoted }
	return same(a.Table, b.Table) && slices.EqualFunc(a.Columns, b.Columns, same) &&
		len(a.Query.First.Values.Rows[0].Exprs) == len(b.Query.First.Values.Rows[0].Exprs)
}

// together returns the text of an INSERT with the rows of another one, which is insert
// and stands in text, behind its own.
func together(first, text string, insert *parser.Insert) string {
	rows := insert.Query.First.Values.Rows
	first = strings.TrimRight(strings.TrimSpace(first), "; \t\r\n")
	return first + "\n, " + strings.TrimSpace(text[rows[0].Span().Start:rows[len(rows)-1].Span().End]) + ";"
}
