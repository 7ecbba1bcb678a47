package format

import (
	"fmt"
	"strings"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// parquetColumn reads a needed column of one file.
type parquetColumn struct {
	name   string
	typ    data.Type
	leaves []*leafCursor
	nested *nestedValue // nil for a column of scalars
	// A nested column that is declared as JSON or STRING is put together here first.
	document *data.Vector
}

// newParquetColumns finds the needed columns among the fields of a file.
func newParquetColumns(fields []*parquetField, set *settings) ([]*parquetColumn, error) {
	columns := make([]*parquetColumn, len(set.columns))
	if set.inferred {
		fields = withNames(fields)
	}
	for i, c := range set.columns {
		f := findField(fields, c.Name)
		if f == nil {
			return nil, noField("the file has no column "+c.Name, c.Name, fields)
		}
		col := &parquetColumn{name: c.Name, typ: c.Type}
		typ := c.Type
		if !typ.Nested() && f.leaf < 0 && f.what == "" && (typ.Kind == data.JSON || typ.Kind == data.String) {
			typ = f.typ
			col.document = &data.Vector{}
		}
		n, err := newNestedValue(f, typ, c.Name, set)
		if err != nil {
			return nil, err
		}
		if col.leaves = n.leaves; n.cursor == nil {
			col.nested = n
		}
		columns[i] = col
	}
	return columns, nil
}

// withNames returns the fields under the names that an inferred schema has.
func withNames(fields []*parquetField) []*parquetField {
	out := make([]*parquetField, len(fields))
	for i, name := range distinctNames(fieldNames(fields)) {
		f := *fields[i]
		f.name = name
		out[i] = &f
	}
	return out
}

// newNestedValue prepares to read a field as values of the declared type.
func newNestedValue(f *parquetField, typ data.Type, path string, set *settings) (*nestedValue, error) {
	n := &nestedValue{field: f, typ: typ, path: path}
	if f.leaf >= 0 {
		if f.what != "" {
			return nil, fmt.Errorf("column %s is %s, which no type is for", path, f.what)
		}
		reader := newLeafReader(f, typ, set)
		caster, ok := newCaster(reader.typ, typ, set)
		if !ok {
			return nil, wrongType(path, f, typ)
		}
		n.cursor = &leafCursor{field: f, reader: reader, caster: caster}
		n.leaves = []*leafCursor{n.cursor}
		return n, nil
	}
	var err error
	switch {
	case typ.Kind == data.Array && f.isArray():
		err = n.add(f.parts[0], typ.Elem(), path+"[]", set)
	case typ.Kind == data.Map && f.isMap():
		if err = n.add(f.parts[0], typ.Key(), path+"[key]", set); err == nil {
			err = n.add(f.parts[1], typ.Elem(), path+"[]", set)
		}
	case typ.Kind == data.Row && f.isRow():
		for _, declared := range typ.Fields() {
			part := findField(f.parts, declared.Name)
			if part == nil {
				return nil, noField("column "+path+" has no field "+declared.Name+" in the file", declared.Name, f.parts)
			}
			if err = n.add(part, declared.Type, path+"."+declared.Name, set); err != nil {
				break
			}
		}
	default:
		err = wrongType(path, f, typ)
	}
	if err == nil && len(n.leaves) == 0 {
		err = fmt.Errorf("column %s is declared as a ROW without fields", path)
	}
	return n, err
}

func (n *nestedValue) add(f *parquetField, typ data.Type, path string, set *settings) error {
	part, err := newNestedValue(f, typ, path, set)
	if err != nil {
		return err
	}
	n.parts, n.leaves = append(n.parts, part), append(n.leaves, part.leaves...)
	return nil
}

func (f *parquetField) isArray() bool { return f.rep > 0 && len(f.parts) == 1 }
func (f *parquetField) isMap() bool   { return f.rep > 0 && len(f.parts) == 2 }
func (f *parquetField) isRow() bool   { return f.leaf < 0 && f.rep == 0 }

func noField(message, name string, fields []*parquetField) error {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.name
	}
	return noName(message, name, names)
}

// noName says what is missing, what it may be called instead, and what there is.
func noName(message, name string, names []string) error {
	if near := connectors.Near(name, names); near != "" {
		message += " (did you mean " + near + "?)"
	}
	return fmt.Errorf("%s; it has %s", message, strings.Join(names, ", "))
}

func wrongType(path string, f *parquetField, typ data.Type) error {
	if f.what != "" {
		return fmt.Errorf("column %s is declared %s, and in the file it has %s, which no type is for", path, typ, f.what)
	}
	return fmt.Errorf("column %s is declared %s, and in the file it is %s: declare it so, and CAST it where it is used", path, typ, f.typ)
}

// read makes v the n rows from row on of the row group.
func (c *parquetColumn) read(v *data.Vector, row int64, n int, bad fault) error {
	for _, l := range c.leaves {
		if err := l.seek(row); err != nil {
			return err
		}
	}
	v.Reset(c.typ)
	switch {
	case c.nested == nil:
		if err := c.leaves[0].flat(v, n, c.name, bad); err != nil {
			return err
		}
	case c.document == nil:
		return c.nested.rows(v, n, bad)
	default:
		c.document.Reset(c.nested.typ)
		if err := c.nested.rows(c.document, n, bad); err != nil {
			return err
		}
		for i := range n {
			if c.document.IsNull(i) {
				v.AppendNull()
				continue
			}
			v.Bytes = data.AppendText(v.Bytes, c.document, i)
			v.AppendText(nil)
		}
	}
	if len(v.Bytes) > maxNestedBytes {
		return errHuge
	}
	return nil
}
