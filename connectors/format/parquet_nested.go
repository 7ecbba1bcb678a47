package format

import (
	"errors"
	"fmt"

	"tidemark/operators/data"
)

// nestedValue puts values of a nested type together from the entries of the
// leaves that its parts are stored in.
type nestedValue struct {
	field *parquetField
	typ   data.Type
	path  string // "items[].price"
	// leaves are the cursors of all leaves below that are read.
	leaves []*leafCursor
	cursor *leafCursor    // of a scalar
	parts  []*nestedValue // see parquetField; of a ROW those that are declared
	// What a MAP's entries are collected in.
	entries    data.MapBuilder
	key, value []byte
}

// maxNestedBytes is the most bytes that a value, or a batch of one column, has.
const maxNestedBytes = 1 << 30

var (
	errLevels = errors.New("its levels make no sense")
	errHuge   = errors.New("a value, or the values of a few rows, are larger than 1 GiB")
)

// element appends the next value to what is put together in dst.
func (n *nestedValue) element(dst []byte, bad func(reason string)) ([]byte, error) {
	lead := n.leaves[0]
	def, err := lead.definition()
	if err != nil {
		return dst, err
	}
	if n.field.nullable && def < n.field.def {
		return data.AppendNullElement(dst), n.skip()
	}
	switch n.typ.Kind {
	case data.Row:
		dst = data.BeginElement(dst)
		for _, p := range n.parts {
			if dst, err = p.element(dst, bad); err != nil {
				return dst, err
			}
		}
		return dst, nil
	case data.Array:
		return n.array(data.BeginElement(dst), def, bad)
	case data.Map:
		return n.mapOf(data.BeginElement(dst), def, bad)
	}
	if def != n.field.maxDef {
		return dst, errLevels
	}
	k := n.cursor.take()
	if reason, is := n.cursor.values.bad[k]; is {
		bad(n.path + ": " + reason)
	}
	return data.AppendElement(dst, &n.cursor.values.v, k), nil
}

func (n *nestedValue) array(dst []byte, def byte, bad func(string)) ([]byte, error) {
	if def < n.field.some {
		return data.EndArray(dst), n.skip()
	}
	for {
		var err error
		if dst, err = n.parts[0].element(dst, bad); err != nil {
			return dst, err
		}
		if len(dst) > maxNestedBytes {
			return dst, errHuge
		}
		if more, err := n.another(); !more {
			return data.EndArray(dst), err
		}
	}
}

func (n *nestedValue) mapOf(dst []byte, def byte, bad func(string)) ([]byte, error) {
	n.entries.Reset()
	if def < n.field.some {
		return n.entries.AppendTo(dst), n.skip()
	}
	size := len(dst)
	for {
		var err error
		if n.key, err = n.parts[0].element(n.key[:0], bad); err != nil {
			return dst, err
		}
		if n.value, err = n.parts[1].element(n.value[:0], bad); err != nil {
			return dst, err
		}
		if !n.entries.AddEncoded(n.key, n.value) {
			bad(n.path + ": a key of the MAP is NULL")
		}
		if size += len(n.key) + len(n.value); size > maxNestedBytes {
			return dst, errHuge
		}
		if more, err := n.another(); !more {
			return n.entries.AppendTo(dst), err
		}
	}
}

// another reports whether the ARRAY or MAP goes on after an element.
func (n *nestedValue) another() (bool, error) {
	lead := n.leaves[0]
	some, err := lead.load()
	if !some || err != nil {
		return false, err
	}
	switch rep := lead.reps[lead.pos]; {
	case rep > n.field.rep:
		return false, errLevels
	case rep < n.field.rep:
		return false, nil
	}
	return true, nil
}

// skip goes over the one entry that every leaf below has for a NULL or for an
// ARRAY or MAP that is empty.
func (n *nestedValue) skip() error {
	for _, c := range n.leaves {
		def, err := c.definition()
		if err != nil {
			return err
		}
		if def == c.field.maxDef {
			return errLevels
		}
		c.pos++
	}
	return nil
}

// definition returns the definition level of the entry that comes next.
func (c *leafCursor) definition() (byte, error) {
	some, err := c.load()
	switch {
	case err != nil:
		return 0, err
	case !some:
		return 0, fmt.Errorf("it ends after %d of %d rows of a row group", c.row, c.rows)
	case c.defs == nil:
		return 0, nil
	}
	return c.defs[c.pos], nil
}

// rows appends the next n rows to v, a vector of the type.
func (n *nestedValue) rows(v *data.Vector, count int, bad fault) error {
	var buf []byte
	for i := range count {
		var err error
		if buf, err = n.element(buf[:0], func(reason string) { bad(i, reason) }); err != nil {
			return err
		}
		for _, c := range n.leaves {
			c.row++
		}
		if data.IsNullElement(buf) {
			v.AppendNull()
		} else {
			v.AppendText(buf[1:])
		}
		if len(v.Bytes) > maxNestedBytes {
			return errHuge
		}
	}
	return nil
}
