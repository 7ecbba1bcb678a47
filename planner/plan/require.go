package plan

import (
	"strings"

	"tidemark/operators/data"
	"tidemark/planner/catalog"
)

// Require passes on rows for a relation whose key and NOT NULL columns must have
// values. A row that lacks one is an error.
type Require struct {
	Input    Node
	Relation *catalog.Relation
	// Columns are the input's columns to check, and Of those of the relation that
	// each of them fills.
	Columns, Of []int
}

// Schema returns the input's columns.
func (n *Require) Schema() data.Schema { return n.Input.Schema() }

// Inputs returns the one input.
func (n *Require) Inputs() []Node { return []Node{n.Input} }

// Properties of a Require are those of its input.
func (n *Require) Properties() Properties {
	p := n.Input.Properties()
	p.State = ""
	return p
}

func (n *Require) names() string {
	names := make([]string, len(n.Of))
	for i, c := range n.Of {
		names[i] = n.Relation.Schema[c].Name
	}
	return strings.Join(names, ", ")
}
