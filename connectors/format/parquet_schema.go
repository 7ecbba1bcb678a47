package format

import (
	"errors"
	"fmt"
	"strings"

	parquet "github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
	pq "github.com/parquet-go/parquet-go/format"

	"tidemark/operators/data"
)

// parquetField is a value of a parquet file's schema: a column, or a part of one.
type parquetField struct {
	name string
	// typ is the type that its values have by themselves, Unknown for one that no
	// type of the language is for; what says then what it is.
	typ  data.Type
	what string
	// nullable fields have a value where the definition level is at least def.
	nullable bool
	def      byte
	// leaf is the column chunk that holds the values of a scalar; -1 for others.
	leaf    int
	element *pq.SchemaElement
	maxDef  byte
	maxRep  byte
	// parts are the fields of a ROW, the element of an ARRAY, key and value of a
	// MAP. Of the latter two a further one begins at repetition level rep, and
	// there is one at all where the definition level is at least some.
	parts     []*parquetField
	rep, some byte
}

// parquetNode is an element of a parquet schema with its children.
type parquetNode struct {
	*pq.SchemaElement
	children []*parquetNode
	leaf     int
	def, rep byte // of its values
}

// parquetFields returns the columns of a file.
func parquetFields(f *parquet.File) ([]*parquetField, error) {
	t := treeBuilder{elements: f.Metadata().Schema}
	root, err := t.node(0, 0, 0)
	if err != nil {
		return nil, err
	}
	if t.next != len(t.elements) || root.leaf >= 0 {
		return nil, errors.New("its schema is no tree")
	}
	fields := make([]*parquetField, len(root.children))
	for i, c := range root.children {
		if fields[i], err = c.field(1); err != nil {
			return nil, err
		}
	}
	return fields, nil
}

// treeBuilder turns the depth-first list of a schema's elements into a tree.
type treeBuilder struct {
	elements []pq.SchemaElement
	next     int
	leaves   int
}

const maxParquetDepth = 3*data.MaxNesting + 3 // an ARRAY takes three levels

func (t *treeBuilder) node(depth int, def, rep byte) (*parquetNode, error) {
	if t.next == len(t.elements) {
		return nil, errors.New("its schema ends too early")
	}
	if depth > maxParquetDepth {
		return nil, fmt.Errorf("its columns are nested more than %d levels deep", data.MaxNesting)
	}
	n := &parquetNode{SchemaElement: &t.elements[t.next], leaf: -1, def: def, rep: rep}
	t.next++
	if depth > 0 {
		switch n.repetition() {
		case pq.Optional:
			n.def++
		case pq.Repeated:
			n.def++
			n.rep++
		}
	}
	if n.Type.Valid {
		n.leaf = t.leaves
		t.leaves++
		return n, nil
	}
	for range n.NumChildren.V {
		c, err := t.node(depth+1, n.def, n.rep)
		if err != nil {
			return nil, err
		}
		n.children = append(n.children, c)
	}
	if len(n.children) == 0 {
		return nil, fmt.Errorf("%s is a group without fields", n.Name)
	}
	return n, nil
}

func (n *parquetNode) repetition() pq.FieldRepetitionType {
	if n.RepetitionType.Valid {
		return n.RepetitionType.V
	}
	return pq.Required
}

func (n *parquetNode) isList() bool {
	_, list := n.LogicalType.Value.(*pq.ListType)
	return list || n.ConvertedType.Valid && n.ConvertedType.V == deprecated.List
}

func (n *parquetNode) isMap() bool {
	_, is := n.LogicalType.Value.(*pq.MapType)
	return is || n.ConvertedType.Valid && (n.ConvertedType.V == deprecated.Map || n.ConvertedType.V == deprecated.MapKeyValue)
}

// field returns the value that a node describes. level is how deep its type
// stands, 1 for a column.
func (n *parquetNode) field(level int) (*parquetField, error) {
	if n.repetition() != pq.Repeated {
		return n.single(level)
	}
	// A repeated field by itself is an ARRAY without NULLs.
	elem, err := n.single(level + 1)
	if err != nil {
		return nil, err
	}
	return n.list(elem, n, false), nil
}

// single is field without regard to repetition.
func (n *parquetNode) single(level int) (*parquetField, error) {
	if level > data.MaxNesting+1 {
		return nil, fmt.Errorf("column %s is nested more than %d levels deep", n.Name, data.MaxNesting)
	}
	f := &parquetField{name: n.Name, nullable: n.repetition() == pq.Optional, def: n.def, leaf: n.leaf,
		element: n.SchemaElement, maxDef: n.def, maxRep: n.rep}
	if n.leaf >= 0 {
		f.typ, f.what = parquetType(n.SchemaElement)
		return f, nil
	}
	if repeated := n.children[0]; len(n.children) == 1 && repeated.repetition() == pq.Repeated {
		switch {
		case n.isList():
			elem, err := repeated.listElement(n, level+1)
			if err != nil {
				return nil, err
			}
			return n.list(elem, repeated, f.nullable), nil
		case n.isMap() && len(repeated.children) == 2:
			return n.mapOf(repeated, level+1, f)
		}
	}
	fields := make([]data.Field, len(n.children))
	for i, c := range n.children {
		part, err := c.field(level + 1)
		if err != nil {
			return nil, err
		}
		f.add(part)
		fields[i] = data.Field{Name: c.Name, Type: part.typ}
	}
	if f.what == "" {
		f.typ = data.RowOf(fields...)
	}
	return f, nil
}

// add makes part a part of f, which has no type if its part has none.
func (f *parquetField) add(part *parquetField) {
	f.parts = append(f.parts, part)
	if part.what != "" {
		f.what = part.what
	}
}

// listElement returns the element of a LIST whose repeated child is n. Older
// writers leave out the level between the two.
func (n *parquetNode) listElement(list *parquetNode, level int) (*parquetField, error) {
	old := n.leaf >= 0 || len(n.children) > 1 || n.Name == "array" || n.Name == list.Name+"_tuple" || n.children[0].repetition() == pq.Repeated
	if old {
		return n.single(level)
	}
	return n.children[0].single(level)
}

// list returns the ARRAY of elem that the repeated node makes of n.
func (n *parquetNode) list(elem *parquetField, repeated *parquetNode, nullable bool) *parquetField {
	f := &parquetField{name: n.Name, nullable: nullable, def: n.def, leaf: -1, rep: repeated.rep, some: repeated.def}
	if repeated == n {
		f.def = n.def - 1
	}
	f.add(elem)
	if f.what == "" {
		f.typ = data.ArrayOf(elem.typ)
	}
	return f
}

func (n *parquetNode) mapOf(repeated *parquetNode, level int, f *parquetField) (*parquetField, error) {
	f.rep, f.some = repeated.rep, repeated.def
	for _, c := range repeated.children {
		part, err := c.field(level)
		if err != nil {
			return nil, err
		}
		f.add(part)
	}
	if f.what == "" {
		f.typ = data.MapOf(f.parts[0].typ, f.parts[1].typ)
	}
	return f, nil
}

// parquetSchema returns the columns of a file as they are by themselves.
func parquetSchema(fields []*parquetField) (data.Schema, error) {
	s := make(data.Schema, len(fields))
	for i, name := range distinctNames(fieldNames(fields)) {
		if fields[i].what != "" {
			return nil, fmt.Errorf("column %s is %s, which no type is for: declare the columns, without it", name, fields[i].what)
		}
		s[i] = data.Column{Name: name, Type: fields[i].typ}
	}
	return s, nil
}

// fieldNames returns the names of fields.
func fieldNames(fields []*parquetField) []string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.name
	}
	return names
}

// findField returns the field called name, ignoring case unless one has that very
// name.
func findField(fields []*parquetField, name string) *parquetField {
	var found *parquetField
	for _, f := range fields {
		switch {
		case f.name == name:
			return f
		case found == nil && strings.EqualFold(f.name, name):
			found = f
		}
	}
	return found
}
