package format

import (
	"fmt"
	"strings"

	"github.com/twmb/avro"

	"tidemark/operators/data"
)

// avroKind is how values of an Avro type are written.
type avroKind uint8

const (
	avroNull avroKind = iota
	avroBoolean
	avroInt // int and long
	avroFloat
	avroDouble
	avroBytes // bytes and string
	avroFixed
	avroEnum
	avroRecord
	avroArray
	avroMap
	avroUnion
)

// avroType is a type of a schema. It may be part of itself.
type avroType struct {
	kind    avroKind
	text    string // what messages call it
	logical string
	size    int      // of a fixed
	symbols [][]byte // of an enum
	null    int      // the branch of a union that is null; -1 where none is
	// names and parts are the fields of a record in the order of their bytes; parts
	// without names the branches of a union, or what an array or a map has.
	names []string
	parts []*avroType
	typ   data.Type // of a scalar
	what  string    // why there is no type for it
	open  bool      // its type is being worked out
}

// parseAvro reads a schema, which must be that of a record. known are the schemas that
// it refers to, in order.
func parseAvro(text string, known ...string) (*avroType, error) {
	var cache avro.SchemaCache
	for _, k := range known {
		if _, err := cache.Parse(k); err != nil {
			return nil, fmt.Errorf("not a valid Avro schema: %s", plainAvro(err))
		}
	}
	s, err := cache.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("not a valid Avro schema: %s", plainAvro(err))
	}
	t := avroTypes{}.add(s.Root().ExpandReferences(), "")
	if t.kind != avroRecord {
		return nil, fmt.Errorf("the Avro schema is one of %s, and a record is expected, whose fields are the columns", t.text)
	}
	return t, nil
}

// plainAvro is what the library says, without its name.
func plainAvro(err error) string { return strings.TrimPrefix(err.Error(), "avro: ") }

// avroTypes are the named types that have been met.
type avroTypes map[string]*avroType

// add returns the type of a node, in whose place names without one belong to a namespace.
func (known avroTypes) add(n *avro.SchemaNode, namespace string) *avroType {
	if n.Name == "" {
		if t := known[namespace+"."+n.Type]; t != nil {
			return t
		}
		if t := known[n.Type]; t != nil {
			return t
		}
	}
	t := &avroType{text: n.Type, logical: n.LogicalType, null: -1}
	if n.Name != "" {
		name := n.Name
		if n.Namespace != "" && !strings.Contains(name, ".") {
			name = n.Namespace + "." + name
		}
		known[name], namespace = t, name[:max(0, strings.LastIndexByte(name, '.'))]
	}
	switch n.Type {
	case "null":
		t.kind, t.what = avroNull, "null"
	case "boolean":
		t.kind, t.typ = avroBoolean, data.Of(data.Boolean)
	case "int", "long":
		t.kind, t.typ = avroInt, avroInteger(n)
	case "float":
		t.kind, t.typ = avroFloat, data.Of(data.Double)
	case "double":
		t.kind, t.typ = avroDouble, data.Of(data.Double)
	case "string":
		t.kind, t.typ = avroBytes, data.Of(data.String)
	case "bytes":
		t.kind, t.typ = avroBytes, avroBinary(n)
	case "fixed":
		t.kind, t.size, t.typ = avroFixed, n.Size, avroBinary(n)
	case "enum":
		t.kind, t.typ = avroEnum, data.Of(data.String)
		for _, s := range n.Symbols {
			t.symbols = append(t.symbols, []byte(s))
		}
	case "record", "error":
		t.kind = avroRecord
		for i := range n.Fields {
			f := &n.Fields[i]
			t.names, t.parts = append(t.names, f.Name), append(t.parts, known.add(&f.Type, namespace))
		}
	case "array":
		t.kind, t.parts = avroArray, []*avroType{known.add(n.Items, namespace)}
	case "map":
		t.kind, t.parts = avroMap, []*avroType{known.add(n.Values, namespace)}
	case "union":
		t.kind = avroUnion
		for i := range n.Branches {
			if n.Branches[i].Type == "null" {
				t.null = i
			}
			t.parts = append(t.parts, known.add(&n.Branches[i], namespace))
		}
		t.text = t.unionText()
	default:
		t.kind, t.what = avroNull, "a type of its own, "+n.Type
	}
	if t.logical != "" {
		t.text += " (" + t.logical + ")"
	}
	return t
}

func (t *avroType) unionText() string {
	parts := make([]string, len(t.parts))
	for i, p := range t.parts {
		parts[i] = p.text
	}
	return "a union of " + list(parts, " and ")
}

func list(parts []string, and string) string {
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	last := len(parts) - 1
	return strings.Join(parts[:last], ", ") + and + parts[last]
}

// avroInteger is the type of an int or long.
func avroInteger(n *avro.SchemaNode) data.Type {
	switch n.LogicalType {
	case "date":
		return data.Of(data.Date)
	case "time-millis", "time-micros":
		return data.Of(data.Time)
	case "timestamp-millis", "timestamp-micros", "timestamp-nanos", "local-timestamp-millis", "local-timestamp-micros", "local-timestamp-nanos":
		return data.Of(data.Timestamp)
	}
	if n.Type == "int" {
		return data.Of(data.Int)
	}
	return data.Of(data.BigInt)
}

// avroBinary is the type of bytes or of a fixed.
func avroBinary(n *avro.SchemaNode) data.Type {
	switch {
	case n.LogicalType == "decimal" && n.Precision >= 1 && n.Precision <= data.MaxPrecision && n.Scale >= 0 && n.Scale <= n.Precision:
		return data.DecimalType(n.Precision, n.Scale)
	case n.LogicalType == "duration" && n.Size == 12:
		return data.Of(data.Interval)
	case n.LogicalType == "uuid" && n.Size == 16:
		return data.Of(data.String)
	}
	return data.Of(data.Bytes)
}

// scalar reports whether a value of the type is one value.
func (t *avroType) scalar() bool { return t.kind != avroNull && t.kind < avroRecord }

// natural returns the type of the values. Where there is none, what says what they are.
func (t *avroType) natural() (typ data.Type, what string) {
	if t.scalar() || t.kind == avroNull {
		return t.typ, t.what
	}
	if t.open {
		return typ, "a record that contains itself"
	}
	t.open = true
	defer func() { t.open = false }()
	switch t.kind {
	case avroUnion:
		return t.unionType()
	case avroArray:
		if typ, what = t.parts[0].natural(); what == "" {
			typ = data.ArrayOf(typ)
		}
		return typ, what
	case avroMap:
		if typ, what = t.parts[0].natural(); what == "" {
			typ = data.MapOf(data.Of(data.String), typ)
		}
		return typ, what
	}
	fields := make([]data.Field, len(t.parts))
	for i, p := range t.parts {
		f, what := p.natural()
		if what != "" {
			return typ, what
		}
		fields[i] = data.Field{Name: t.names[i], Type: f}
	}
	if len(fields) == 0 {
		return typ, "a record without fields"
	}
	return data.RowOf(fields...), ""
}

// unionType is the type that all branches but null have in common: the widest number,
// else a text.
func (t *avroType) unionType() (typ data.Type, what string) {
	first := true
	for i, p := range t.parts {
		if i == t.null {
			continue
		}
		branch, why := p.natural()
		switch {
		case why != "":
			return typ, why
		case first:
			typ, first = branch, false
		case typ == branch:
		case typ.Nested() || branch.Nested():
			return typ, t.text
		case typ.Kind == data.Int && branch.Kind == data.BigInt, typ.Integer() && branch.Kind == data.Double:
			typ = branch
		case typ.Kind == data.BigInt && branch.Kind == data.Int, typ.Kind == data.Double && branch.Integer():
		default:
			typ = data.Of(data.String)
		}
	}
	if first {
		return typ, "null"
	}
	return typ, ""
}

// columns are the fields of a record as columns.
func (t *avroType) columns() (data.Schema, error) {
	s := make(data.Schema, len(t.parts))
	for i, name := range distinctNames(t.names) {
		typ, what := t.parts[i].natural()
		if what != "" {
			return nil, fmt.Errorf("column %s is %s, which no type is for: declare the columns, without it", name, what)
		}
		s[i] = data.Column{Name: name, Type: typ}
	}
	return s, nil
}
