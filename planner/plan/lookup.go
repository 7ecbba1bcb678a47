package plan

import (
	"tidemark/operators/data"
	"tidemark/planner/catalog"
)

// Lookup is a foreign table whose rows are found by key: the right side of a Join of
// JoinLookup, and of nothing else. It has columns of the relation.
type Lookup struct {
	Relation *catalog.Relation
	Columns  []int // of the relation
}

// Schema returns the columns that rows are found with.
func (n *Lookup) Schema() data.Schema {
	s := make(data.Schema, len(n.Columns))
	for i, c := range n.Columns {
		s[i] = data.Column{Name: n.Relation.Schema[c].Name, Type: n.Relation.Schema[c].Type}
	}
	return s
}

// Inputs returns nothing: a Lookup is a leaf.
func (n *Lookup) Inputs() []Node { return nil }

// Properties of a Lookup: nothing is known of foreign tables but their key.
func (n *Lookup) Properties() Properties { return Properties{Key: key(n), Time: -1} }

func (n *Lookup) keyParts() []KeyPart {
	if len(n.Relation.Key) == 0 {
		return nil
	}
	parts := []KeyPart{}
	for _, k := range n.Relation.Key {
		p := KeyPart{Name: n.Relation.Schema[k].Name}
		for i, c := range n.Columns {
			if c == k {
				p.Columns = append(p.Columns, i)
			}
		}
		parts = append(parts, p)
	}
	return parts
}
