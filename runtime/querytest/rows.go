package querytest

import (
	"math"
	"strings"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// rows are rows in columns, each with its change.
type rows struct {
	schema  data.Schema
	cols    []*data.Vector
	changes []data.Change
}

func newRows(schema data.Schema) *rows {
	r := &rows{schema: schema, cols: make([]*data.Vector, len(schema))}
	for i, c := range schema {
		r.cols[i] = &data.Vector{}
		r.cols[i].Reset(c.Type)
	}
	return r
}

func (r *rows) len() int { return len(r.changes) }

// add appends row i of columns.
func (r *rows) add(cols []*data.Vector, i int, c data.Change) {
	for k, v := range r.cols {
		v.AppendFrom(cols[k], i)
	}
	r.changes = append(r.changes, c)
}

// addBatch appends the selected rows of a batch.
func (r *rows) addBatch(b *data.Batch) {
	for k := range b.Rows() {
		i := b.Row(k)
		r.add(b.Cols, i, b.Change(i))
	}
}

// from returns the rows from the i-th on.
func (r *rows) from(i int) *rows {
	out := newRows(r.schema)
	for ; i < r.len(); i++ {
		out.add(r.cols, i, r.changes[i])
	}
	return out
}

// only returns some of the columns; nil means all.
func (r *rows) only(columns []int) *rows {
	if columns == nil {
		return r
	}
	out := &rows{changes: r.changes}
	for _, c := range columns {
		out.schema, out.cols = append(out.schema, r.schema[c]), append(out.cols, r.cols[c])
	}
	return out
}

// folded returns what the rows come to, as changes of a table with a key, nil for a
// multiset; in order.
func (r *rows) folded(key []int) *rows {
	if len(key) == 0 {
		key = nil
	}
	fold := connectors.NewFold(r.schema, key)
	fold.NullKeys = true
	out := newRows(r.schema)
	if err := fold.Apply(&data.Batch{Cols: r.cols, N: r.len(), Changes: r.changes}); err != nil {
		return out // only of NULL keys, which are taken
	}
	out.addBatch(fold.Sorted())
	return out
}

// cell writes a value as a literal.
func cell(v *data.Vector, i int) string {
	if v.IsNull(i) {
		return "NULL"
	}
	text := string(data.AppendText(nil, v, i))
	switch v.Type.Kind {
	case data.Int, data.BigInt, data.Double, data.Decimal:
		if strings.Trim(text, "0123456789.eE+-") == "" {
			return text
		}
	case data.Boolean:
		return strings.ToUpper(text)
	}
	return "'" + strings.ReplaceAll(text, "'", "''") + "'"
}

// line writes a row as literals; with its change where that is asked for.
func (r *rows) line(i int, change bool) string {
	var parts []string
	if change {
		parts = append(parts, "'"+r.changes[i].String()+"'")
	}
	for _, v := range r.cols {
		parts = append(parts, cell(v, i))
	}
	return "(" + strings.Join(parts, ", ") + ")"
}

// tolerance is how far a DOUBLE may be from what is expected, of its size.
const tolerance = 1e-9

// sameCell reports whether two values of a type are the same; DOUBLEs, about.
func sameCell(a *data.Vector, i int, b *data.Vector, k int) bool {
	if a.IsNull(i) || b.IsNull(k) {
		return a.IsNull(i) && b.IsNull(k)
	}
	if a.Type.Class() != data.ClassFloat {
		return data.Compare(a, i, b, k) == 0
	}
	x, y := a.Floats[a.Index(i)], b.Floats[b.Index(k)]
	if x == y || math.IsNaN(x) && math.IsNaN(y) {
		return true
	}
	return math.Abs(x-y) <= tolerance*math.Max(math.Abs(x), math.Abs(y))
}

// sameRow reports whether row i of got is row k of want. Of want's columns, those from
// known on are not compared.
func sameRow(got *rows, i int, want *rows, k, known int) bool {
	for c := range known {
		if !sameCell(got.cols[c], i, want.cols[c], k) {
			return false
		}
	}
	return true
}

// exactKey is equal for rows whose values other than DOUBLEs are.
func (r *rows) exactKey(i int) string {
	var exact []int
	for c, v := range r.cols {
		if v.Type.Class() != data.ClassFloat {
			exact = append(exact, c)
		}
	}
	return string(connectors.AppendKey(nil, r.cols, exact, i))
}
