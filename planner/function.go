package planner

import (
	"slices"
	"strings"
	"sync"

	"tidemark/operators/agg"
	"tidemark/operators/expr"
	"tidemark/parser"
	"tidemark/parser/source"
	"tidemark/planner/catalog"
)

// function binds a call of anything that is called: scalar functions and
// aggregates; windows are refused here, they stand in GROUP BY.
func (x *scoped) function(c *parser.Call) expr.Expr {
	name := strings.ToUpper(c.Name.Text)
	if windowFunctions[name] && !isFunction(name) {
		switch f := windowForms[name]; {
		case f == nil:
			x.errorf(c.Name.Span(), windowHint(name), "%s is not supported", name)
		case x.clause == "GROUP BY":
			zoned := strings.Replace(f.example, "ts", "ts AT TIME ZONE 'Europe/Berlin'", 1)
			x.errorf(c.Span(), "write the window alone, with AT TIME ZONE behind its time: "+zoned, "%s cannot be part of an expression", name)
		default:
			x.errorf(c.Span(), "write it after GROUP BY, and use window_start and window_end", "%s belongs into GROUP BY, not into %s", name, x.clause)
		}
		return nil
	}
	if isWindowPart(name) && !isFunction(name) {
		return x.windowPartOf(c, name)
	}
	if c.Over != nil {
		return x.windowFunction(c, name)
	}
	if isWindowFunction(name) && x.cat.Function(name) == nil {
		x.errorf(c.Span(), "write "+name+"(…) OVER (PARTITION BY … ORDER BY …)", "%s needs OVER, which says over which rows it is computed", name)
		return nil
	}
	if isAggregateCall(c) {
		return x.aggregate(c, name)
	}
	if name == "GROUPING" && x.cat.Function(name) == nil {
		return x.groupingFunction(c)
	}
	macro := x.cat.Function(c.Name.Text)
	if name == currentWatermark && macro == nil {
		return x.currentWatermark(c)
	}
	if err := expr.Refused(name, c.Span()); err != nil && macro == nil {
		x.report(err, c.Span())
		return nil
	}
	if macro == nil && !isFunction(name) {
		for _, a := range c.Args { // what is wrong with the arguments is wrong anyway
			if _, star := a.X.X.(*parser.Star); !star {
				x.bind(a.X)
			}
		}
		if name == "UNNEST" || name == "GENERATE_SERIES" || name == "EXPLODE" {
			x.errorf(c.Span(), "write it in FROM: FROM t, UNNEST(a) AS u(element)", "%s gives rows, and so stands in FROM", name)
		} else if laterFunctions[name] {
			x.errorf(c.Name.Span(), "", "the function %s is not supported yet", name)
		} else {
			x.errorf(c.Name.Span(), nearFunction(name, x.cat), "there is no function %s", name)
		}
		return nil
	}
	switch {
	case c.Distinct:
		x.errorf(c.Span(), "DISTINCT is for aggregates, as in COUNT(DISTINCT x)", "%s is not an aggregate", name)
		return nil
	case c.OrderBy != nil || c.WithinGroup != nil:
		x.errorf(c.Span(), "ORDER BY is for aggregates, as in ARRAY_AGG(x ORDER BY y)", "%s is not an aggregate", name)
		return nil
	case c.Filter != nil:
		x.errorf(c.Span(), "FILTER is for aggregates, as in SUM(x) FILTER (WHERE …)", "%s is not an aggregate", name)
		return nil
	}
	operands := make([]*parser.Expr, len(c.Args))
	for i, a := range c.Args {
		if a.Name != nil {
			x.errorf(a.Name.Span(), "write the arguments in order, without names", "%s takes no named arguments", name)
			return nil
		}
		operands[i] = a.X
	}
	if macro != nil {
		return x.callMacro(macro, c, operands)
	}
	if c.JSON != nil {
		return x.jsonCall(c, name, operands)
	}
	return x.call(name, c.Span(), operands...)
}

// isAggregateCall reports whether a call is of an aggregate. Where a function has
// an aggregate's name, the number of its arguments tells them apart.
func isAggregateCall(c *parser.Call) bool {
	name := strings.ToUpper(c.Name.Text)
	return isAggregate(name) && !(isFunction(name) && len(c.Args) > 1)
}

// laterFunctions are functions that the language has and that are yet to come.
var laterFunctions = map[string]bool{
	"WINDOW_COMPLETENESS": true,
}

// aggregateNames has the name of every aggregate.
var aggregateNames = sync.OnceValue(func() map[string]bool {
	names := map[string]bool{}
	for _, n := range agg.Names() {
		names[n] = true
	}
	return names
})

func isAggregate(name string) bool { return aggregateNames()[name] }

// functionNames has every name of the function table, with what it stands for
// left out; it is worked out once.
var functionNames = sync.OnceValue(func() map[string]bool {
	names := map[string]bool{}
	for _, f := range expr.Functions() {
		names[f.Name] = true
		for _, a := range f.Aliases {
			names[a] = true
		}
	}
	return names
})

// isFunction reports whether the function table has a name that is called.
func isFunction(name string) bool { return functionNames()[name] }

func nearFunction(name string, cat *catalog.Catalog) string {
	names := slices.Clone(agg.Names())
	for _, f := range cat.Functions() {
		names = append(names, f.Name)
	}
	for w := range windowFunctions {
		names = append(names, w)
	}
	for n := range functionNames() {
		if n[0] >= 'A' && n[0] <= 'Z' && !strings.Contains(n, " ") {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	if near := source.Near(name, names); near != "" {
		return "did you mean " + near + "?"
	}
	return ""
}
