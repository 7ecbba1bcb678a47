package expr

import "tidemark/operators/data"

// logicNode is AND (or, with or set, OR) of two or more conditions. Each is
// evaluated only for the rows that those before it leave undecided, unless it
// cannot fail and is cheap: then evaluating it everywhere costs less than
// keeping from it.
type logicNode struct {
	or    bool
	args  []node
	guard []bool // args that must not see decided rows
	out   target
	live  []int32
}

func compileLogic(c *Call) node {
	n := &logicNode{or: c.Func == orFunc, args: compileAll(c.Args)}
	for _, a := range c.Args {
		n.guard = append(n.guard, !isDense(a))
	}
	return n
}

func (l *logicNode) eval(b *data.Batch, rows []int32, dst *data.Vector) (*data.Vector, error) {
	out, nulls := l.out.vector(dst, b.N)
	started := false
	for i, a := range l.args {
		reach := rows
		if started && l.guard[i] {
			l.live = l.undecided(l.live[:0], out, rows, b.N)
			if reach = l.live; len(reach) == 0 {
				continue
			}
		}
		v, err := a.eval(b, reach, nil)
		if err != nil {
			return nil, err
		}
		if v.Const && !v.IsNull(0) {
			if v.Bools[0] != l.or {
				continue // TRUE in AND, FALSE in OR: changes nothing
			}
			if !started {
				return v, nil
			}
		}
		if !started {
			started = true
			out.Resize(data.Of(data.Boolean), b.N)
			out.Null = nil
			fill(out.Bools, !l.or)
		}
		l.combine(out, nulls, v, reach, b.N)
	}
	if !started {
		return l.neutral(), nil
	}
	return out, nil
}

// neutral is TRUE for AND and FALSE for OR.
func (l *logicNode) neutral() *data.Vector {
	if l.or {
		return constFalse
	}
	return constTrue
}

var constTrue, constFalse = BoolLiteral(true, spanOf(nil)).Value, BoolLiteral(false, spanOf(nil)).Value

// undecided appends the rows that are not yet FALSE (for OR: TRUE).
func (l *logicNode) undecided(to []int32, out *data.Vector, rows []int32, n int) []int32 {
	if to == nil {
		to = make([]int32, 0, n)
	}
	if rows == nil {
		for i, x := range out.Bools {
			if x != l.or || out.Null != nil && out.Null[i] {
				to = append(to, int32(i))
			}
		}
		return to
	}
	for _, r := range rows {
		if out.Bools[r] != l.or || out.Null != nil && out.Null[r] {
			to = append(to, r)
		}
	}
	return to
}

// combine folds v into out at rows. While a row is NULL its value is kept at the
// neutral one, so that values combine without looking at NULLs.
func (l *logicNode) combine(out *data.Vector, nulls *nullBuf, v *data.Vector, rows []int32, n int) {
	if !v.Const && v.Null == nil && out.Null == nil && rows == nil {
		o, x := out.Bools, v.Bools[:len(out.Bools)]
		if l.or {
			for i, y := range x {
				o[i] = o[i] || y
			}
		} else {
			for i, y := range x {
				o[i] = o[i] && y
			}
		}
		return
	}
	if out.Null == nil && v.Null != nil {
		out.Null = nulls.clear(n)
	}
	if rows == nil {
		for i := range n {
			l.combineRow(out, v, i)
		}
		return
	}
	for _, r := range rows {
		l.combineRow(out, v, int(r))
	}
}

func (l *logicNode) combineRow(out, v *data.Vector, i int) {
	switch {
	case v.IsNull(i):
		if out.Bools[i] != l.or { // undecided
			out.Null[i] = true
		}
	case v.Bools[v.Index(i)] == l.or: // decides
		out.Bools[i] = l.or
		if out.Null != nil {
			out.Null[i] = false
		}
	}
}

func fill[T any](s []T, x T) {
	for i := range s {
		s[i] = x
	}
}
