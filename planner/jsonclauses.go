package planner

import (
	"tidemark/operators/expr"
	"tidemark/parser"
)

// jsonCall binds a JSON function with what the standard may have behind its
// arguments.
func (x *scoped) jsonCall(c *parser.Call, name string, operands []*parser.Expr) expr.Expr {
	j, at := c.JSON, c.Span()
	switch {
	case name == "JSON_OBJECT" && j.Nulls == "ABSENT":
		return x.call("JSON_OBJECT ABSENT ON NULL", at, operands...)
	case name == "JSON_ARRAY" && j.Nulls == "NULL":
		return x.call("JSON_BUILD_ARRAY", at, operands...)
	case j.Nulls != "": // what they do anyway
		return x.call(name, at, operands...)
	}
	clauses, ok := expr.JSONClauses{}, true
	if j.Returning != nil {
		clauses.Returning, ok = x.typeOf(j.Returning)
	}
	if j.Wrapper != "WITHOUT" {
		clauses.Wrapper = j.Wrapper
	}
	for _, b := range []struct {
		from *parser.JSONBehavior
		to   *expr.JSONBehavior
	}{{j.OnEmpty, &clauses.OnEmpty}, {j.OnError, &clauses.OnError}} {
		if b.from == nil {
			continue
		}
		*b.to = expr.JSONBehavior{Kind: b.from.Kind, At: b.from.Span()}
		if b.from.Default != nil {
			b.to.Default = x.bind(b.from.Default)
			ok = ok && b.to.Default != nil
		}
	}
	args := make([]expr.Expr, len(operands))
	for i, o := range operands {
		args[i] = x.bind(o)
		ok = ok && args[i] != nil
	}
	if !ok {
		return nil
	}
	e, err := expr.NewJSONCall(name, args, clauses, at)
	return x.check(e, err, at)
}

// withNulls turns the clause NULL ON NULL or ABSENT ON NULL of an aggregate into
// the call of another, or of one with a filter.
func withNulls(c *parser.Call, name string) (*parser.Call, string) {
	if c.JSON == nil {
		return c, name
	}
	switch {
	case name == "JSON_ARRAYAGG" && c.JSON.Nulls == "NULL":
		return c, "JSON_AGG"
	case name == "JSON_OBJECTAGG" && c.JSON.Nulls == "ABSENT" && len(c.Args) == 2:
		present := *c
		value := c.Args[1].X
		at := parser.At(value.Span())
		present.Filter = &parser.Expr{X: &parser.Is{At: at, X: value, Not: true, What: "NULL"}}
		if c.Filter != nil {
			present.Filter = &parser.Expr{X: &parser.Binary{At: at, Op: "AND", L: c.Filter, R: present.Filter}}
		}
		return &present, name
	}
	return c, name
}
