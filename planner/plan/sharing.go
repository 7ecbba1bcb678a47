package plan

import "tidemark/operators/data"

// Shared stands where the result of one subplan is used: a view, a common table
// expression, or what the INSERTs of a script put into a relation. All places
// that use it hold the same *Shared, so that it is computed once: a script's
// plan is a tree but for these.
type Shared struct {
	Input Node
	Name  string // the view's or relation's, as EXPLAIN shows it
}

// Union has the rows of all its inputs, whose columns have the same types. Their
// order is that of the source rows that made them; rows of different sources are
// merged by the lowest watermark. The watermark is the least of the inputs'.
type Union struct {
	Branches []Node
	Out      data.Schema
}

// Schema returns the input's columns.
func (n *Shared) Schema() data.Schema { return n.Input.Schema() }

// Schema returns the columns of the first branch; a time column is one only
// where it is in every branch.
func (n *Union) Schema() data.Schema { return n.Out }

// Inputs returns the one input.
func (n *Shared) Inputs() []Node { return []Node{n.Input} }

// Inputs returns the branches.
func (n *Union) Inputs() []Node { return n.Branches }

// Properties of a Shared are those of its input, which has the state.
func (n *Shared) Properties() Properties {
	p := n.Input.Properties()
	p.State = ""
	return p
}

// Properties of a Union: it updates when a branch does, and has no key, as two
// branches may have equal rows.
func (n *Union) Properties() Properties {
	p := Properties{Time: -1, State: "rows of one input that wait for the others"}
	for _, b := range n.Branches {
		in := b.Properties()
		p.Updating, p.Deletes = p.Updating || in.Updating, p.Deletes || in.Deletes
	}
	p.Time = TimeOf(n.Out)
	return p
}
