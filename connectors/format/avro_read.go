package format

import (
	"errors"
	"fmt"
	"strings"

	"tidemark/operators/data"
)

// avroReader reads values of one type of a schema as they are declared; a worker's own.
type avroReader struct {
	t     *avroType
	typ   data.Type
	path  string
	wire  *wireType // of a scalar
	fault string    // why no value can be read; they are skipped
	// parts are the readers of a record's fields in the order of their bytes, of a union's
	// branches, or of what an array or map has; nil for what is skipped or null.
	parts []*avroReader
	place []int    // of a ROW: the declared field of each of the record's, or -1
	bufs  [][]byte // of a ROW: the fields as elements
	names *wireType
	whole []byte // of a column: its value as an element
	// What a MAP's entries are collected in.
	entries data.MapBuilder
	key     []byte
	value   []byte
}

// newAvroReader prepares to read values of a type as those of a declared one.
func newAvroReader(t *avroType, typ data.Type, path string, set *settings) *avroReader {
	r := &avroReader{t: t, typ: typ, path: path}
	ok := true
	switch {
	case t.kind == avroNull:
	case t.kind == avroUnion:
		for i, p := range t.parts {
			var part *avroReader
			if i != t.null {
				part = newAvroReader(p, typ, path, set)
			}
			r.parts = append(r.parts, part)
		}
	case t.scalar():
		r.wire, ok = newWireType(t.typ, typ, set)
	case t.kind == avroArray && typ.Kind == data.Array:
		r.parts = []*avroReader{newAvroReader(t.parts[0], typ.Elem(), path+"[]", set)}
	case t.kind == avroMap && typ.Kind == data.Map:
		if r.names, ok = newWireType(data.Of(data.String), typ.Key(), set); ok {
			r.parts = []*avroReader{newAvroReader(t.parts[0], typ.Elem(), path+"[]", set)}
		}
	case t.kind == avroRecord && typ.Kind == data.Row:
		fields := typ.Fields()
		r.bufs = make([][]byte, len(fields))
		r.parts, r.place = make([]*avroReader, len(t.parts)), make([]int, len(t.parts))
		for i := range r.place {
			r.place[i] = -1
		}
		for k, f := range fields {
			if i := findName(t.names, f.Name); i >= 0 {
				r.place[i], r.parts[i] = k, newAvroReader(t.parts[i], f.Type, path+"."+f.Name, set)
			}
		}
	default:
		ok = false
	}
	if !ok {
		r.fault = mismatch(path, t.text, typ)
	}
	return r
}

// findName returns the place of a name, or of one that differs only in case where there
// is none; -1 when there is neither.
func findName(names []string, name string) int {
	found := -1
	for i, n := range names {
		switch {
		case n == name:
			return i
		case found < 0 && strings.EqualFold(n, name):
			found = i
		}
	}
	return found
}

// avroRead is the reading of one record: the first value of it that the declared types
// cannot have is remembered, and reading goes on behind it.
type avroRead struct {
	avroCursor
	column, reason string
	name           string // of the column at hand
	s              scalar
}

func (r *avroRead) bad(reason string) {
	if r.reason == "" {
		r.column, r.reason = r.name, reason
	}
}

// put reads a value into row n of a column.
func (v *avroReader) put(r *avroRead, c *column, n int) error {
	for v.t.kind == avroUnion && v.fault == "" {
		i, err := r.branch(len(v.parts))
		if err != nil {
			return err
		}
		if v.parts[i] == nil {
			c.setNull(n)
			return nil
		}
		v = v.parts[i]
	}
	switch {
	case v.fault != "":
		r.bad(v.fault)
		c.setNull(n)
		return r.skip(v.t, 0)
	case v.t.kind == avroNull:
		c.setNull(n)
		return nil
	case v.wire == nil:
		var err error
		if v.whole, err = v.element(r, v.whole[:0], 0); err == nil {
			c.setNested(n, v.whole, v.typ)
		}
		return err
	}
	err := r.scalar(v.t, &r.s)
	if err == nil {
		if err = v.wire.put(c, n, &r.s); err != nil {
			err = &valueError{reason: err.Error()}
		}
	}
	return v.judge(r, err)
}

// judge notes that a value is bad and returns only errors behind which nothing can be read.
func (v *avroReader) judge(r *avroRead, err error) error {
	var value *valueError
	if errors.As(err, &value) {
		r.bad(badWire(v.path, value))
		return nil
	}
	return err
}

// element reads a value and appends it to a nested one that is put together in dst.
func (v *avroReader) element(r *avroRead, dst []byte, depth int) ([]byte, error) {
	if depth > maxDepth {
		return dst, errAvroDepth
	}
	switch {
	case v.fault != "":
		r.bad(v.fault)
		return data.AppendNullElement(dst), r.skip(v.t, depth)
	case v.t.kind == avroNull:
		return data.AppendNullElement(dst), nil
	case v.t.kind == avroUnion:
		i, err := r.branch(len(v.parts))
		if err != nil || v.parts[i] == nil {
			return data.AppendNullElement(dst), err
		}
		return v.parts[i].element(r, dst, depth+1)
	case v.t.kind == avroArray:
		dst = data.BeginElement(dst)
		err := v.blocks(r, func() (err error) {
			dst, err = v.parts[0].element(r, dst, depth+1)
			return err
		})
		return data.EndArray(dst), err
	case v.t.kind == avroMap:
		return v.mapOf(r, data.BeginElement(dst), depth)
	case v.t.kind == avroRecord:
		return v.row(r, data.BeginElement(dst), depth)
	}
	err := r.scalar(v.t, &r.s)
	if err == nil {
		var whole []byte
		if whole, err = v.wire.element(dst, &r.s); err == nil {
			return whole, nil
		}
		err = &valueError{reason: err.Error()}
	}
	return data.AppendNullElement(dst), v.judge(r, err)
}

// blocks calls each for every element of an array or map.
func (v *avroReader) blocks(r *avroRead, each func() error) error {
	for {
		count, _, err := r.block()
		if err != nil || count == 0 {
			return err
		}
		for ; count > 0; count-- {
			if err := r.avroCursor.element(); err != nil {
				return err
			}
			if err := each(); err != nil {
				return err
			}
		}
	}
}

func (v *avroReader) mapOf(r *avroRead, dst []byte, depth int) ([]byte, error) {
	v.entries.Reset()
	err := v.blocks(r, func() error {
		name, err := r.bytes()
		if err != nil {
			return err
		}
		if v.key, err = v.names.element(v.key[:0], &scalar{text: name}); err != nil {
			r.bad(badWire(v.path+"[key]", err))
			v.key = data.AppendNullElement(v.key[:0])
		}
		if v.value, err = v.parts[0].element(r, v.value[:0], depth+1); err != nil {
			return err
		}
		v.entries.AddEncoded(v.key, v.value)
		return nil
	})
	return v.entries.AppendTo(dst), err
}

func (v *avroReader) row(r *avroRead, dst []byte, depth int) ([]byte, error) {
	for k := range v.bufs {
		v.bufs[k] = data.AppendNullElement(v.bufs[k][:0])
	}
	for i, p := range v.parts {
		var err error
		if p == nil {
			err = r.skip(v.t.parts[i], depth+1)
		} else {
			k := v.place[i]
			v.bufs[k], err = p.element(r, v.bufs[k][:0], depth+1)
		}
		if err != nil {
			return dst, err
		}
	}
	for _, b := range v.bufs {
		dst = append(dst, b...)
	}
	return dst, nil
}

// avroRow reads records of one schema into the needed columns; a worker's own.
type avroRow struct {
	t       *avroType
	fields  []*avroReader // in the order of the record's; nil for those that are skipped
	column  []int         // of each field
	missing []int         // columns that no field is for
	last    int           // behind the last field that is needed
	// undeclared is how many fields of each record no column is declared for.
	undeclared int64
}

func newAvroRow(t *avroType, set *settings) *avroRow {
	row := &avroRow{t: t, fields: make([]*avroReader, len(t.parts)), column: make([]int, len(t.parts)), undeclared: set.undeclared(t.names)}
	names := t.names
	if set.inferred {
		names = distinctNames(names)
	}
	for k, c := range set.columns {
		i := findName(names, c.Name)
		if i < 0 || row.fields[i] != nil {
			row.missing = append(row.missing, k)
			continue
		}
		typ := c.Type
		if natural, what := t.parts[i].natural(); what == "" && natural.Nested() && document(typ) {
			typ = natural
		}
		row.fields[i], row.column[i], row.last = newAvroReader(t.parts[i], typ, c.Name, set), k, max(row.last, i+1)
	}
	return row
}

// read reads a record into row n. The cursor is left behind it; where whole is set only
// as far as a column needs it.
func (row *avroRow) read(r *avroRead, columns []column, n int, whole bool) error {
	r.column, r.reason = "", ""
	for _, k := range row.missing {
		columns[k].setNull(n)
	}
	fields := row.fields
	if !whole {
		fields = fields[:row.last]
	}
	for i, f := range fields {
		var err error
		if f == nil {
			err = r.skip(row.t.parts[i], 0)
		} else {
			r.name = columns[row.column[i]].name
			err = f.put(r, &columns[row.column[i]], n)
		}
		if err != nil {
			return fmt.Errorf("the record is no valid Avro in its field %s: %w", row.t.names[i], err)
		}
	}
	return nil
}
