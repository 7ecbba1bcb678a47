package format

import (
	"bytes"
	"fmt"
	"slices"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// op is a comparison.
type op uint8

const (
	opEq op = iota
	opNe
	opLt
	opLe
	opGt
	opGe
	opIn
)

var opNames = [...]string{"=", "<>", "<", "<=", ">", ">=", "in"}

// predicate is a pushed-down condition, prepared for its column.
type predicate struct {
	op     op
	never  bool // a NULL constant: no row passes
	values []*data.Vector
	num    int64
	text   []byte
	nums   map[int64]struct{}
	texts  map[string]struct{}
}

// newPredicate prepares p for a column of class class. Unknown operators report
// false.
func newPredicate(p connectors.Predicate, class data.Class) (predicate, bool) {
	out := predicate{}
	known := false
	for i, name := range opNames {
		if name == p.Op {
			out.op, known = op(i), true
		}
	}
	for _, v := range p.Values {
		if !v.IsNull(0) {
			out.values = append(out.values, v)
		}
	}
	if !known || out.op != opIn && len(p.Values) != 1 {
		return out, false
	}
	out.never = len(out.values) == 0
	if out.never {
		return out, true
	}
	switch {
	case class == data.ClassInt && out.op == opIn:
		out.nums = make(map[int64]struct{}, len(out.values))
		for _, v := range out.values {
			out.nums[v.Ints[0]] = struct{}{}
		}
	case class == data.ClassInt:
		out.num = out.values[0].Ints[0]
	case class == data.ClassBytes && out.op == opIn:
		out.texts = make(map[string]struct{}, len(out.values))
		for _, v := range out.values {
			out.texts[string(v.Text(0))] = struct{}{}
		}
	case class == data.ClassBytes:
		out.text = out.values[0].Text(0)
	}
	return out, true
}

// passes reports whether row n, which is set, passes the column's predicates.
func (c *column) passes(n int) bool {
	if c.nulls != nil && c.nulls[n] {
		return false
	}
	for i := range c.preds {
		if !c.preds[i].holds(c, n) {
			return false
		}
	}
	return true
}

func (p *predicate) holds(c *column, n int) bool {
	if p.never {
		return false
	}
	cmp := 0
	switch c.class {
	case data.ClassInt:
		x := c.ints[n]
		if p.op == opIn {
			_, ok := p.nums[x]
			return ok
		}
		cmp = order(x, p.num)
	case data.ClassBytes:
		text := c.bytes[c.offsets[n]:c.offsets[n+1]]
		if p.op == opIn {
			_, ok := p.texts[string(text)]
			return ok
		}
		cmp = bytes.Compare(text, p.text)
	default:
		if p.op == opIn {
			for _, v := range p.values {
				if data.Compare(c.v, n, v, 0) == 0 {
					return true
				}
			}
			return false
		}
		cmp = data.Compare(c.v, n, p.values[0], 0)
	}
	switch p.op {
	case opEq:
		return cmp == 0
	case opNe:
		return cmp != 0
	case opLt:
		return cmp < 0
	case opLe:
		return cmp <= 0
	case opGt:
		return cmp > 0
	}
	return cmp >= 0
}

func order(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// Filter selects rows of batches by predicates, for sources that make columns
// without a decoder of this package.
type Filter struct {
	columns []int
	tests   []predicate
	class   []data.Class
}

// NewFilter prepares a source's filter for batches of the given columns.
func NewFilter(columns data.Schema, filter []connectors.Predicate) (*Filter, error) {
	f := &Filter{}
	for _, p := range filter {
		c := columns[p.Column]
		t, ok := newPredicate(p, c.Type.Class())
		if !ok {
			return nil, fmt.Errorf("the condition %s %s cannot be pushed into a source", c.Name, p.Op)
		}
		f.columns, f.tests, f.class = append(f.columns, p.Column), append(f.tests, t), append(f.class, c.Type.Class())
	}
	return f, nil
}

// Select takes the rows that fail out of the selection of b.
func (f *Filter) Select(b *data.Batch) {
	if len(f.tests) == 0 {
		return
	}
	n := b.Rows()
	sel := b.SelBuf(n) // in place, where b has a selection
	for k := range n {
		if i := b.Row(k); f.passes(b, i, nil) {
			sel = append(sel, int32(i))
		}
	}
	if len(sel) < n {
		b.Sel = sel
	}
}

// passes reports whether row i passes, but for tests of columns that are not known.
func (f *Filter) passes(b *data.Batch, i int, unknown []int) bool {
	for k := range f.tests {
		if slices.Contains(unknown, f.columns[k]) {
			continue
		}
		v := b.Cols[f.columns[k]]
		if v.IsNull(i) {
			return false
		}
		c := column{v: v, class: f.class[k], ints: v.Ints, bytes: v.Bytes, offsets: v.Offsets}
		if !f.tests[k].holds(&c, v.Index(i)) {
			return false
		}
	}
	return true
}
