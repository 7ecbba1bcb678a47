package expr

import (
	"errors"
	"fmt"

	"tidemark/operators/data"
	"tidemark/parser/source"
)

// node is one step of a compiled program.
type node interface {
	// eval returns the values for rows (ascending; nil means all b.N). The vector
	// is a column of b, a constant, or memory of the node that lasts until its
	// next eval; a node that computes uses dst instead of its own memory where
	// dst is not nil. The caller does not change the vector.
	eval(b *data.Batch, rows []int32, dst *data.Vector) (*data.Vector, error)
}

// kernel computes a call for the rows of a frame.
type kernel func(f *frame) error

// frame is what a kernel works on: arguments, and the prepared output vector.
type frame struct {
	n    int     // physical rows; 1 when every argument is constant
	rows []int32 // rows to compute, ascending; nil means all n
	args []*data.Vector
	out  *data.Vector // flat, n values; for ClassBytes empty after Reset
	// null is where a nullable kernel marks NULL results, by setNull; nil before.
	nulls *nullBuf
}

// mask is 0 for a constant argument, which makes i&mask the index of its one
// value, and -1 for a flat one.
func (f *frame) mask(arg int) int {
	if f.args[arg].Const {
		return 0
	}
	return -1
}

// int, float, wide, bool and text read one value of an argument.
func (f *frame) int(arg, i int) int64        { v := f.args[arg]; return v.Ints[v.Index(i)] }
func (f *frame) float(arg, i int) float64    { v := f.args[arg]; return v.Floats[v.Index(i)] }
func (f *frame) wide(arg, i int) data.Int128 { v := f.args[arg]; return v.Wides[v.Index(i)] }
func (f *frame) bool(arg, i int) bool        { v := f.args[arg]; return v.Bools[v.Index(i)] }
func (f *frame) text(arg, i int) []byte      { return f.args[arg].Text(i) }

// setNull makes the result of row i NULL.
func (f *frame) setNull(i int) {
	if f.out.Null == nil {
		f.out.Null = f.nulls.clear(f.n)
	}
	f.out.Null[i] = true
}

// fail reports that row i has no value.
func (f *frame) fail(i int, err error) error { return &RowError{Row: i, Err: err} }

// nullBuf is reusable memory for a validity slice.
type nullBuf struct{ buf []bool }

// take returns n unspecified entries.
func (b *nullBuf) take(n int) []bool {
	if cap(b.buf) < n {
		b.buf = make([]bool, n, max(n, 2*cap(b.buf)))
	}
	return b.buf[:n]
}

// clear returns n entries that are false.
func (b *nullBuf) clear(n int) []bool {
	s := b.take(n)
	clear(s)
	return s
}

// target is a node's output: memory of its own, or the vector it was handed.
type target struct {
	own   data.Vector
	nulls nullBuf
	lent  nullBuf // the memory of a vector that was handed in
}

// vector returns the vector to write to and the memory for its validity slice.
// A vector that was handed in keeps its memory apart from the node's.
func (t *target) vector(dst *data.Vector, n int) (*data.Vector, *nullBuf) {
	if dst == nil {
		return &t.own, &t.nulls
	}
	t.lent.buf = dst.Null
	return dst, &t.lent
}

// columnNode reads a column of the batch.
type columnNode struct{ index int }

func (c *columnNode) eval(b *data.Batch, _ []int32, _ *data.Vector) (*data.Vector, error) {
	return b.Cols[c.index], nil
}

// constNode is a literal.
type constNode struct{ v *data.Vector }

func (c *constNode) eval(*data.Batch, []int32, *data.Vector) (*data.Vector, error) { return c.v, nil }

// callNode evaluates its arguments, merges their NULLs and runs a kernel.
type callNode struct {
	run      kernel
	typ      data.Type
	dense    bool
	nullable bool
	args     []node
	at       source.Span
	text     fmt.Stringer // the expression, for messages

	f     frame
	out   target
	valid []int32 // the rows that no argument is NULL on
	null  *data.Vector
}

func (c *callNode) eval(b *data.Batch, rows []int32, dst *data.Vector) (*data.Vector, error) {
	f := &c.f
	constant, hasNulls := true, false
	for i, a := range c.args {
		v, err := a.eval(b, rows, nil)
		if err != nil {
			return nil, err
		}
		f.args[i] = v
		if !v.Const {
			constant = false
		}
		if v.Null != nil {
			hasNulls = true
		}
	}
	if rows != nil && len(rows) == 0 {
		return c.null, nil
	}
	if hasNulls && !c.nullable {
		for _, v := range f.args {
			if v.Const && v.IsNull(0) {
				return c.null, nil
			}
		}
	}
	f.n, f.rows = b.N, rows
	if constant {
		f.n, f.rows = 1, nil
		if b.N == 0 {
			return c.null, nil
		}
	}
	out, nulls := c.out.vector(dst, f.n)
	if c.typ.Class() == data.ClassBytes {
		out.Reset(c.typ)
	} else {
		out.Resize(c.typ, f.n)
	}
	out.Null = nil
	f.out, f.nulls = out, nulls
	if hasNulls && !c.nullable {
		c.mergeNulls(f)
	}
	if err := c.run(f); err != nil {
		return nil, c.locate(err, constant, rows)
	}
	out.Const = constant
	return out, nil
}

// mergeNulls makes the result NULL where an argument is, and takes those rows
// out of what the kernel computes.
func (c *callNode) mergeNulls(f *frame) {
	var null []bool
	for _, v := range f.args {
		if v.Null == nil || v.Const {
			continue
		}
		if null == nil {
			null = f.nulls.take(f.n)
			copy(null, v.Null)
			continue
		}
		for i, x := range v.Null[:f.n] {
			null[i] = null[i] || x
		}
	}
	if null == nil {
		return // constants that are not NULL
	}
	f.out.Null = null
	if c.dense {
		return
	}
	valid := c.valid[:0]
	if f.rows == nil {
		for i, x := range null {
			if !x {
				valid = append(valid, int32(i))
			}
		}
	} else {
		for _, r := range f.rows {
			if !null[r] {
				valid = append(valid, r)
			}
		}
	}
	if valid == nil {
		valid = []int32{}
	}
	c.valid, f.rows = valid, valid
}

// locate completes a kernel's error with the row and the place in the query.
func (c *callNode) locate(err error, constant bool, rows []int32) error {
	var re *RowError
	if !errors.As(err, &re) {
		re = &RowError{Err: err}
	}
	if constant && len(rows) > 0 {
		re.Row = int(rows[0])
	}
	re.Span, re.Expr = c.at, c.text.String()
	return re
}

// nullOf returns a constant NULL of type t.
func nullOf(t data.Type) *data.Vector {
	v := data.NewConst(t)
	v.AppendNull()
	return v
}

func (c *Column) compile() node  { return &columnNode{c.Index} }
func (l *Literal) compile() node { return &constNode{l.Value} }
func (s *Scalar) compile() node  { return &constNode{s.Cell.Value} }

func (c *Call) compile() node {
	switch c.Func {
	case andFunc, orFunc:
		return compileLogic(c)
	case coalesceFunc:
		return compileCoalesce(c)
	case tryFunc:
		return compileTry(c)
	}
	return newCallNode(c.Func.kernel(c), c.typ, c.Func, compileAll(c.Args), c)
}

func newCallNode(run kernel, t data.Type, f *Function, args []node, e Expr) *callNode {
	return &callNode{
		run: run, typ: t, dense: f.dense, nullable: f.nullable, args: args, at: e.Span(), text: e,
		f: frame{args: make([]*data.Vector, len(args))}, null: nullOf(t),
	}
}

func compileAll(list []Expr) []node {
	nodes := make([]node, len(list))
	for i, e := range list {
		nodes[i] = e.compile()
	}
	return nodes
}
