package querytest

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync"

	"tidemark/operators"
	"tidemark/parser/source"
	"tidemark/planner/plan"
)

// Coverage notes which clauses and operators of the scripts under test have had something
// to do. It is safe for concurrent use.
type Coverage struct {
	mu    sync.Mutex
	by    map[coverKey]*covered
	order []*covered
}

// NewCoverage returns a coverage of nothing.
func NewCoverage() *Coverage { return &Coverage{by: map[coverKey]*covered{}} }

// coverKey tells a node of a plan from others, however often it is planned: with others
// reading it or not.
type coverKey struct{ file, title string }

// covered is a node and what has passed it in all tests.
type covered struct {
	coverKey
	counts operators.ProbeCounts
	inputs []*covered
	of     string // the query or view that it is a part of
	line   int
	filter bool // it may leave rows out
	late   bool // it corrects what it has emitted
}

// Finding is a clause or operator that no test has reached, or not in full.
type Finding struct {
	Place string // "file:line"
	Text  string
}

// nodes returns what is noted of each node of plans that belongs to a script other than
// the test file itself.
func (c *Coverage) nodes(f *file, queries []*plan.Query) map[plan.Node]*covered {
	c.mu.Lock()
	defer c.mu.Unlock()
	found := map[plan.Node]*covered{}
	for _, q := range queries {
		in, at := q.File, q.Span.Start
		if file, place, ok := f.declared(q.Name); ok && in == f.source { // that of a name that is expected
			in, at = file, place
		}
		c.walk(f, q.Root.Input, in, at, q.Name, found)
	}
	return found
}

// walk notes n and what is below it. of names the query or view that it is a part of.
func (c *Coverage) walk(f *file, n plan.Node, in *source.File, at int, of string, found map[plan.Node]*covered) *covered {
	if x := found[n]; x != nil {
		return x
	}
	if s, ok := n.(*plan.Shared); ok {
		if file, place, ok := f.declared(s.Name); ok {
			in, at, of = file, place, s.Name
		}
		x := c.walk(f, s.Input, in, at, of, found)
		found[n] = x
		return x
	}
	var inputs []*covered
	for _, i := range n.Inputs() {
		if x := c.walk(f, i, in, at, of, found); x != nil {
			inputs = append(inputs, x)
		}
	}
	if in == f.source {
		return nil
	}
	title := plan.Title(n)
	switch n.(type) {
	case *plan.Project:
		if len(inputs) == 1 {
			return inputs[0] // does the same whatever comes
		}
	}
	key := coverKey{in.Name, title}
	x := c.by[key]
	if x == nil {
		line, _ := in.Position(at)
		x = &covered{coverKey: key, of: of, line: line}
		switch n := n.(type) {
		case *plan.Filter:
			x.filter = true
		case *plan.Scan:
			x.filter = len(n.Filter) > 0
		case *plan.Aggregate:
			x.late = n.Lateness > 0 && n.Properties().Updating
		}
		c.by[key] = x
		c.order = append(c.order, x)
	}
	x.inputs = inputs
	found[n] = x
	return x
}

// declared returns where the scripts declare or fill a name.
func (f *file) declared(name string) (*source.File, int, bool) {
	for _, s := range f.scripts {
		for _, st := range s.Statements {
			switch {
			case st.View != nil && strings.EqualFold(st.View.Name.Text, name):
				return s.File, st.Pos.Offset, true
			case st.Insert != nil && strings.EqualFold(st.Insert.Table.Text, name):
				return s.File, st.Pos.Offset, true
			}
		}
	}
	return nil, 0, false
}

// Findings returns how many clauses and operators there are, and what was not reached.
func (c *Coverage) Findings() (total int, list []Finding) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, x := range c.order {
		total++
		if why := x.missing(); why != "" {
			list = append(list, Finding{fmt.Sprintf("%s:%d", filepath.ToSlash(x.file), x.line), fmt.Sprintf("%s, %s: %s", x.of, x.title, why)})
		}
	}
	return total, list
}

// missing says what has not happened to a node, "" when everything has.
func (x *covered) missing() string {
	rows, left := x.counts.Rows.Load(), x.counts.LeftOut.Load()
	came := left
	for _, in := range x.inputs {
		came += in.counts.Rows.Load()
	}
	if len(x.inputs) == 1 && x.filter {
		left = x.inputs[0].counts.Rows.Load() - rows
	}
	switch {
	case len(x.inputs) > 0 && came == 0:
		return "" // what is below it is to blame
	case rows == 0 && x.filter && came > 0:
		return "no row has passed"
	case rows == 0:
		return "gave no row"
	case x.filter && left == 0:
		return "no row was left out"
	case x.late && x.counts.Corrections.Load() == 0:
		return "no late row has corrected anything"
	}
	return ""
}
