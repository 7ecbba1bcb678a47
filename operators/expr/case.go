package expr

import (
	"tidemark/operators/data"
	"tidemark/parser/source"
)

// NewCase builds the searched form of CASE; els may be nil, for NULL. The
// branches are cast to the one type they meet in.
func NewCase(whens []When, els Expr, at source.Span) (Expr, error) {
	return newCase(whens, els, "CASE", "WHEN", at)
}

// newCase is NewCase, and CASE under another name: what the messages call the
// whole and its condition.
func newCase(whens []When, els Expr, name, where string, at source.Span) (Expr, error) {
	if els == nil {
		els = NewLiteral(nullOf(data.Of(data.Unknown)), at)
	}
	values := make([]Expr, 0, len(whens)+1)
	for _, w := range whens {
		values = append(values, w.Then)
	}
	values, t, err := unify(append(values, els), "the branches of "+name)
	if err != nil {
		return nil, err
	}
	c := &Case{Else: values[len(whens)], typ: t, at: at}
	for i, w := range whens {
		cond, err := condition(w.Cond, where)
		if err != nil {
			return nil, err
		}
		c.Whens = append(c.Whens, When{cond, values[i]})
	}
	return c, nil
}

// condition makes sure that e is boolean.
func condition(e Expr, where string) (Expr, error) {
	if l, ok := e.(*Literal); e.Type().Kind == data.Boolean || ok && l.loose() {
		return coerce(e, data.Of(data.Boolean))
	}
	return nil, errorf(e.Span(), "compare it with something, as in "+e.String()+" <> …", "%s needs a condition, but %s is %s", where, e, e.Type())
}

// choice assembles a vector from branches that were each evaluated for some of
// the rows. It serves CASE and COALESCE.
type choice struct {
	out    target
	typ    data.Type
	parts  []*data.Vector
	rows   [][]int32 // which rows a part has the value of; where they overlap, the last part has
	branch []int32   // per physical row: which part has its value; for ClassBytes
	n      int
	null   *data.Vector
}

// begin starts a batch of n rows.
func (c *choice) begin(n int) { c.n, c.parts, c.rows = n, c.parts[:0], c.rows[:0] }

// add gives rows (nil means all) the values of v. Both must stay as they are
// until result is called.
func (c *choice) add(v *data.Vector, rows []int32) {
	c.parts, c.rows = append(c.parts, v), append(c.rows, rows)
}

// result returns the assembled vector.
func (c *choice) result(rows []int32, dst *data.Vector) *data.Vector {
	switch {
	case len(c.parts) == 0:
		return c.null
	case len(c.parts) == 1:
		return c.parts[0]
	}
	n := c.n
	out, nulls := c.out.vector(dst, n)
	out.Resize(c.typ, n)
	out.Null = nil
	for _, p := range c.parts {
		if p.Null != nil {
			out.Null = nulls.clear(n)
			break
		}
	}
	if c.typ.Class() == data.ClassBytes {
		c.assemble(out, rows)
		return out
	}
	for k, v := range c.parts {
		scatterNulls(out, v, c.rows[k])
		switch c.typ.Class() {
		case data.ClassInt:
			scatter(out.Ints, v.Ints, v.Const, c.rows[k])
		case data.ClassFloat:
			scatter(out.Floats, v.Floats, v.Const, c.rows[k])
		case data.ClassBool:
			scatter(out.Bools, v.Bools, v.Const, c.rows[k])
		case data.ClassWide:
			scatter(out.Wides, v.Wides, v.Const, c.rows[k])
		}
	}
	return out
}

// scatter copies values to their rows.
func scatter[T any](to, from []T, constant bool, rows []int32) {
	switch {
	case rows == nil && constant:
		fill(to, from[0])
	case rows == nil:
		copy(to, from)
	case constant:
		x := from[0]
		for _, r := range rows {
			to[r] = x
		}
	default:
		for _, r := range rows {
			to[r] = from[r]
		}
	}
}

// scatterNulls says for the rows of v whether they are NULL.
func scatterNulls(out, v *data.Vector, rows []int32) {
	if out.Null == nil {
		return
	}
	if v.Null == nil {
		scatter(out.Null, notNull, true, rows)
		return
	}
	scatter(out.Null, v.Null, v.Const, rows)
}

var notNull = []bool{false}

// assemble writes texts, which must come in row order.
func (c *choice) assemble(out *data.Vector, rows []int32) {
	if cap(c.branch) < c.n {
		c.branch = make([]int32, c.n)
	}
	c.branch = c.branch[:c.n]
	for k := range c.parts {
		scatter(c.branch, []int32{int32(k)}, true, c.rows[k])
	}
	w := newTextWriter(out, c.n)
	put := func(i int) {
		v := c.parts[c.branch[i]]
		if v.IsNull(i) {
			out.Null[i] = true
			return
		}
		w.put(append(w.at(i), v.Text(i)...))
	}
	if rows == nil {
		for i := range c.n {
			put(i)
		}
	}
	for _, r := range rows {
		put(int(r))
	}
	w.close()
}

// caseNode evaluates each branch for the rows that reach it, and no others.
type caseNode struct {
	choice
	conds, thens []node
	els          node
	sels         [][]int32 // per branch: the rows that take it
	rest         []int32   // the rows that took none so far
}

func (c *Case) compile() node {
	n := &caseNode{els: c.Else.compile(), choice: choice{typ: c.typ, null: nullOf(c.typ)}, sels: make([][]int32, len(c.Whens))}
	for _, w := range c.Whens {
		n.conds = append(n.conds, w.Cond.compile())
		n.thens = append(n.thens, w.Then.compile())
	}
	return n
}

func (c *caseNode) eval(b *data.Batch, rows []int32, dst *data.Vector) (*data.Vector, error) {
	c.begin(b.N)
	left := rows
	for i, cond := range c.conds {
		v, err := cond.eval(b, left, nil)
		if err != nil {
			return nil, err
		}
		var taken []int32
		if v.Const {
			if v.IsNull(0) || !v.Bools[0] {
				continue
			}
			taken, left = left, empty
		} else {
			taken = appendTrue(c.sels[i][:0], v, left, b.N)
			c.sels[i] = taken
			if len(taken) == 0 {
				continue
			}
			c.rest = without(c.rest, left, taken, b.N)
			left = c.rest
		}
		v, err = c.thens[i].eval(b, taken, nil)
		if err != nil {
			return nil, err
		}
		c.add(v, taken)
		if left != nil && len(left) == 0 {
			return c.result(rows, dst), nil
		}
	}
	if left == nil || len(left) > 0 {
		v, err := c.els.eval(b, left, nil)
		if err != nil {
			return nil, err
		}
		c.add(v, left)
	}
	return c.result(rows, dst), nil
}

var empty = []int32{}

// without writes the rows (nil means all n) that are not in taken, a part of
// them, to buf, which may be the memory of rows.
func without(buf, rows, taken []int32, n int) []int32 {
	buf = buf[:0]
	if buf == nil {
		buf = make([]int32, 0, n)
	}
	k := 0
	if rows == nil {
		for i := range int32(n) {
			if k < len(taken) && taken[k] == i {
				k++
				continue
			}
			buf = append(buf, i)
		}
		return buf
	}
	for _, r := range rows {
		if k < len(taken) && taken[k] == r {
			k++
			continue
		}
		buf = append(buf, r)
	}
	return buf
}

// coalesceNode evaluates each argument for the rows where those before are NULL.
type coalesceNode struct {
	choice
	args []node
	sels [][]int32 // per argument: the rows that are NULL up to it
}

func compileCoalesce(c *Call) node {
	return &coalesceNode{args: compileAll(c.Args), sels: make([][]int32, len(c.Args)), choice: choice{typ: c.typ, null: nullOf(c.typ)}}
}

func (c *coalesceNode) eval(b *data.Batch, rows []int32, dst *data.Vector) (*data.Vector, error) {
	c.begin(b.N)
	left := rows
	for i, a := range c.args {
		v, err := a.eval(b, left, nil)
		if err != nil {
			return nil, err
		}
		if v.Const && v.IsNull(0) {
			continue
		}
		c.add(v, left)
		if v.Null == nil || v.Const {
			return c.result(rows, dst), nil
		}
		missing := c.sels[i][:0]
		if missing == nil {
			missing = make([]int32, 0, b.N)
		}
		if left == nil {
			for k, null := range v.Null[:b.N] {
				if null {
					missing = append(missing, int32(k))
				}
			}
		} else {
			for _, r := range left {
				if v.Null[r] {
					missing = append(missing, r)
				}
			}
		}
		c.sels[i], left = missing, missing
		if len(left) == 0 {
			break
		}
	}
	return c.result(rows, dst), nil
}
