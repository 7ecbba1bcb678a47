package build

import (
	"slices"
	"testing"

	"tidemark/planner/plan"
)

// Only a union whose branches come together may let their source wait.
func TestLanes(t *testing.T) {
	in := numbers(6)
	inputs := map[string]*input{"s": in}
	r := in.relation("s")
	of := func(branches ...plan.Node) *plan.Union {
		return &plan.Union{Branches: branches, Out: branches[0].Schema()}
	}
	cols := func(n plan.Node) plan.Node { return project(n, col(n, 1), col(n, 2)) }
	shared := &plan.Shared{Name: "v", Input: cols(scan(r, 0, 0))}
	counted := &plan.Shared{Name: "n", Input: count(scan(r, 0, 0), 2, 0, 1)}
	for _, c := range []struct {
		name    string
		queries []*plan.Query
		want    []bool
	}{
		{"one source", []*plan.Query{query("a", of(cols(scan(r, 0, 0)), cols(scan(r, 0, 0))))}, []bool{true, true}},
		{"another reader", []*plan.Query{query("a", of(cols(scan(r, 0, 0)), cols(scan(r, 0, 0)))), query("b", cols(scan(r, 0, 0)))}, []bool{false, false}},
		{"a shared part", []*plan.Query{query("a", of(shared, shared))}, []bool{true, true}},
		{"a part shared with another", []*plan.Query{query("a", of(shared, shared)), query("b", shared)}, []bool{false, false}},
		{"behind windows", []*plan.Query{query("a", of(counted, counted))}, []bool{true, true}},
		{"one behind windows", []*plan.Query{query("a", of(cols(count(scan(r, 0, 0), 2, 0, 1)), cols(scan(r, 0, 0))))}, []bool{false, false}},
	} {
		w := &world{inputs: inputs, shape: shapes[0], got: map[string]*lines{}}
		env := w.env()
		env.Bounded = func(plan.Node) bool { return true }
		b := newBuilder(env)
		if err := b.build(c.queries); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if got := b.unions[0].run.Alone; !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
