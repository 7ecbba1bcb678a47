package planner

import (
	"strconv"
	"strings"

	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/parser"
)

// items binds the SELECT list.
func (x *scoped) items(s *parser.Select) (exprs []expr.Expr, out data.Schema, ok bool) {
	ok = true
	aliased := map[string]bool{}
	var named []bool
	for i, it := range s.Items {
		if it.Star {
			from := -1 // t.*: of one table
			if it.Qualifier != nil {
				if from = x.scope.table(it.Qualifier); from < 0 {
					hint := ""
					if title := x.scope.title(); title != "" {
						hint = "its input is called " + title
					}
					x.errorf(it.Qualifier.Span(), hint, "%s is not in the FROM of this query", it.Qualifier.Text)
					ok = false
					continue
				}
			}
			switch {
			case len(x.scope.names) == 0:
				x.errorf(it.Span(), "add FROM", "* has nothing to stand for: the query has no FROM")
				ok = false
			case x.group != nil:
				x.errorf(it.Span(), "name the columns that are grouped by, and the aggregates", "SELECT * cannot be used in a query that groups")
				ok = false
			}
			if !ok {
				continue
			}
			for k, c := range x.scope.schema {
				if from >= 0 && x.scope.tables[k] != from || from < 0 && x.scope.hidden[k] || x.scope.lost[k] != nil {
					continue
				}
				exprs = append(exprs, expr.NewColumn(k, c.Name, c.Type, it.Span()))
				out = append(out, c)
				named = append(named, false)
			}
			continue
		}
		e := x.bind(it.Expr)
		if e != nil && x.group != nil {
			if x.group.failed {
				continue // which columns are grouped by is not known
			}
			e = x.finish(e)
		}
		if it.Alias != nil {
			if key := it.Alias.Text; aliased[strings.ToLower(key)] && !it.Alias.Quoted || aliased[key] {
				x.errorf(it.Alias.Span(), "give one of them another name", "two columns of the result are called %s", key)
				ok = false
			}
			aliased[it.Alias.Text] = true
			if !it.Alias.Quoted {
				aliased[strings.ToLower(it.Alias.Text)] = true
			}
		}
		if e != nil && e.Type().Kind == data.Unknown { // NULL: text, as in PostgreSQL
			cast, err := expr.NewCast(e, data.Of(data.String), false, e.Span())
			e = x.check(cast, err, e.Span())
		}
		if e == nil {
			ok = false
			continue
		}
		exprs = append(exprs, e)
		out = append(out, data.Column{Name: itemName(it, i), Type: e.Type()})
		named = append(named, it.Alias != nil)
	}
	uniqueNames(out, named)
	return exprs, out, ok
}

// itemName is the name of a column of the result, as PostgreSQL gives it, but for
// expressions that have none.
func itemName(it *parser.SelectItem, i int) string {
	if it.Alias != nil {
		return it.Alias.Text
	}
	if name := exprName(it.Expr); name != "" {
		return name
	}
	return "column" + strconv.Itoa(i+1)
}

func exprName(e *parser.Expr) string {
	switch n := e.X.(type) {
	case *parser.Ref:
		return n.Parts[len(n.Parts)-1].Text
	case *parser.Call:
		return strings.ToLower(n.Name.Text)
	case *parser.Cast:
		if name := exprName(n.X); name != "" {
			return name
		}
		return strings.ToLower(n.Type.Name)
	case *parser.Case:
		return "case"
	case *parser.Field:
		return n.Name.Text
	case *parser.Subscript:
		return exprName(n.X)
	case *parser.Array:
		return "array"
	case *parser.Map:
		return "map"
	case *parser.Row:
		return "row"
	case *parser.Exists:
		return "exists"
	}
	return ""
}

// uniqueNames gives columns that were not named by an alias a number where
// another has their name: sum, sum_2.
func uniqueNames(out data.Schema, named []bool) {
	taken := map[string]bool{}
	for i := range out {
		if named[i] {
			taken[out[i].Name] = true
		}
	}
	for i := range out {
		if named[i] {
			continue
		}
		name := out[i].Name
		for n := 2; taken[name]; n++ {
			name = out[i].Name + "_" + strconv.Itoa(n)
		}
		out[i].Name = name
		taken[name] = true
	}
}
