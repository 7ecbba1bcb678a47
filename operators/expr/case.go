package expr

import (
	"tidemark/operators/data"
	"tidemark/parser/source"
)

// NewCase builds the searched form of CASE; els may be nil, for NULL. The
// branches are cast to the one type they meet in.
func NewCase(whens []When, els Expr, at source.Span) (Expr, error) {
	if els == nil {
		els = NewLiteral(nullOf(data.Of(data.Unknown)), at)
	}
	values := make([]Expr, 0, len(whens)+1)
	for _, w := range whens {
		values = append(values, w.Then)
	}
	values, t, err := unify(append(values, els), "the branches of CASE")
	if err != nil {
		return nil, err
	}
	c := &Case{Else: values[len(whens)], typ: t, at: at}
	for i, w := range whens {
		cond, err := condition(w.Cond, "WHEN")
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
	branch []int32 // per physical row: which of parts has its value
	parts  []*data.Vector
	null   *data.Vector
}

// begin starts a batch of n rows.
func (c *choice) begin(n int) {
	if cap(c.branch) < n {
		c.branch = make([]int32, n)
	}
	c.branch, c.parts = c.branch[:n], c.parts[:0]
}

// add gives rows (nil means all) the values of v.
func (c *choice) add(v *data.Vector, rows []int32) {
	k := int32(len(c.parts))
	c.parts = append(c.parts, v)
	if rows == nil {
		fill(c.branch, k)
		return
	}
	for _, r := range rows {
		c.branch[r] = k
	}
}

// result returns the assembled vector.
func (c *choice) result(rows []int32, dst *data.Vector) *data.Vector {
	switch {
	case len(c.parts) == 0:
		return c.null
	case len(c.parts) == 1:
		return c.parts[0]
	}
	n := len(c.branch)
	out, nulls := c.out.vector(dst, n)
	out.Resize(c.typ, n)
	out.Null = nil
	for _, p := range c.parts {
		if p.Null != nil {
			out.Null = nulls.clear(n)
			break
		}
	}
	switch c.typ.Class() {
	case data.ClassInt:
		gather(c, out, out.Ints, rows, func(v *data.Vector) []int64 { return v.Ints })
	case data.ClassFloat:
		gather(c, out, out.Floats, rows, func(v *data.Vector) []float64 { return v.Floats })
	case data.ClassBool:
		gather(c, out, out.Bools, rows, func(v *data.Vector) []bool { return v.Bools })
	case data.ClassWide:
		gather(c, out, out.Wides, rows, func(v *data.Vector) []data.Int128 { return v.Wides })
	case data.ClassBytes:
		w := newTextWriter(out, n)
		m := n
		if rows != nil {
			m = len(rows)
		}
		for k := range m {
			i := k
			if rows != nil {
				i = int(rows[k])
			}
			v := c.parts[c.branch[i]]
			if v.IsNull(i) {
				out.Null[i] = true
				continue
			}
			w.put(append(w.at(i), v.Text(i)...))
		}
		w.close()
	}
	return out
}

// gather picks each row's value from its branch.
func gather[T any](c *choice, out *data.Vector, to []T, rows []int32, values func(*data.Vector) []T) {
	if rows == nil {
		for i, k := range c.branch {
			v := c.parts[k]
			to[i] = values(v)[v.Index(i)]
			if v.IsNull(i) {
				out.Null[i] = true
			}
		}
		return
	}
	for _, r := range rows {
		v := c.parts[c.branch[r]]
		to[r] = values(v)[v.Index(int(r))]
		if v.IsNull(int(r)) {
			out.Null[r] = true
		}
	}
}

// caseNode evaluates each branch for the rows that reach it, and no others.
type caseNode struct {
	choice
	conds, thens []node
	els          node
	sels         [][]int32 // per branch: the rows that take it
	rest         []int32   // the rows that took none so far
}

func compileCase(c *Case) node {
	n := &caseNode{els: compile(c.Else), choice: choice{typ: c.typ, null: nullOf(c.typ)}, sels: make([][]int32, len(c.Whens))}
	for _, w := range c.Whens {
		n.conds = append(n.conds, compile(w.Cond))
		n.thens = append(n.thens, compile(w.Then))
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
	sels [2][]int32
}

func compileCoalesce(c *Call) node {
	return &coalesceNode{args: compileAll(c.Args), choice: choice{typ: c.typ, null: nullOf(c.typ)}}
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
		// Later arguments overwrite the branch of the rows that are NULL here.
		missing := c.sels[i&1][:0]
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
		c.sels[i&1], left = missing, missing
		if len(left) == 0 {
			break
		}
	}
	return c.result(rows, dst), nil
}
