package expr

import (
	"errors"

	"tidemark/operators/data"
)

// Program is a compiled expression. It owns the memory its evaluation needs, so
// it serves one goroutine at a time.
type Program struct {
	root node
	typ  data.Type
	// terms are the conjuncts of a boolean expression, for Select.
	terms []*Program
	bools data.Vector
	sel   []int32
	left  []int32 // rows before a failing one
}

// Compile turns e into a Program.
func Compile(e Expr) *Program {
	p := &Program{root: e.compile(), typ: e.Type()}
	if parts := Conjuncts(e); len(parts) > 1 {
		for _, part := range parts {
			p.terms = append(p.terms, &Program{root: part.compile(), typ: part.Type()})
		}
	}
	return p
}

// Type returns the type of the values.
func (p *Program) Type() data.Type { return p.typ }

// Eval computes the value for each physical row in rows (ascending; nil means
// all b.N) into dst at that row's position, or makes dst constant. Positions
// that are not in rows are unspecified; of a ClassBytes result they are empty.
// dst must not be a column of b; it does not share memory with b or p
// afterwards. A *RowError names the first of rows that has no value; dst is
// unspecified then.
func (p *Program) Eval(b *data.Batch, rows []int32, dst *data.Vector) error {
	v, err := p.root.eval(b, rows, dst)
	if err != nil {
		return p.firstError(b, rows, dst, err)
	}
	if v != dst {
		copyVector(dst, v, rows, b.N)
	}
	return nil
}

// firstError looks for a row that fails earlier than the one of err: another
// part of the expression, evaluated later, may fail on it.
func (p *Program) firstError(b *data.Batch, rows []int32, dst *data.Vector, err error) error {
	for {
		var re *RowError
		if !errors.As(err, &re) {
			return err
		}
		p.left = p.left[:0]
		if rows == nil {
			for i := range re.Row {
				p.left = append(p.left, int32(i))
			}
		} else {
			for _, r := range rows {
				if int(r) < re.Row {
					p.left = append(p.left, r)
				}
			}
		}
		if len(p.left) == 0 {
			return err
		}
		_, earlier := p.root.eval(b, p.left, dst)
		if earlier == nil {
			return err
		}
		err = earlier
	}
}

// Select evaluates a boolean program and appends to out the rows where it is
// TRUE. out may share memory with rows, as in rows[:0]. The parts of an AND are
// evaluated only where those before them are TRUE. After an error the content
// of out is unspecified.
func (p *Program) Select(b *data.Batch, rows, out []int32) ([]int32, error) {
	if p.terms != nil {
		sel, err := p.selectTerms(b, rows)
		if err != nil {
			return out, err
		}
		return append(out, sel...), nil
	}
	return p.selectInto(b, rows, out)
}

// selectTerms narrows the selection term by term. A failing row does not hide an
// earlier one that a later term fails on.
func (p *Program) selectTerms(b *data.Batch, rows []int32) ([]int32, error) {
	var first *RowError
	for i, t := range p.terms {
		sel, err := t.selectInto(b, rows, p.sel[:0])
		for err != nil {
			re, ok := err.(*RowError)
			if !ok {
				return nil, err
			}
			// Go on with the rows before the failing one.
			first = re
			var before []int32
			for k := 0; k < re.Row && rows == nil; k++ {
				before = append(before, int32(k))
			}
			for _, r := range rows {
				if int(r) < re.Row {
					before = append(before, r)
				}
			}
			if before == nil {
				before = []int32{}
			}
			rows = before
			sel, err = t.selectInto(b, rows, p.sel[:0])
		}
		p.sel, rows = sel, sel
		if len(sel) == 0 || i == len(p.terms)-1 {
			break
		}
	}
	if first != nil {
		return nil, first
	}
	return rows, nil
}

// selectInto appends the rows where the program is TRUE.
func (p *Program) selectInto(b *data.Batch, rows, out []int32) ([]int32, error) {
	v, err := p.root.eval(b, rows, nil)
	if err != nil {
		return out, p.firstError(b, rows, &p.bools, err)
	}
	if v.Const {
		switch {
		case v.IsNull(0) || !v.Bools[0]:
		case rows == nil:
			for i := range b.N {
				out = append(out, int32(i))
			}
		default:
			out = append(out, rows...)
		}
		return out, nil
	}
	return appendTrue(out, v, rows, b.N), nil
}

// appendTrue appends the rows where v is TRUE, without branching on the values.
func appendTrue(out []int32, v *data.Vector, rows []int32, n int) []int32 {
	if rows != nil {
		n = len(rows)
	}
	k := len(out)
	if cap(out)-k < n {
		grown := make([]int32, k, k+n)
		copy(grown, out)
		out = grown
	}
	to := out[:k+n]
	bools := v.Bools
	switch {
	case rows == nil && v.Null == nil:
		for i, t := range bools[:n] {
			to[k] = int32(i)
			k += b2i(t)
		}
	case rows == nil:
		null := v.Null[:n]
		for i, t := range bools[:n] {
			to[k] = int32(i)
			k += b2i(t && !null[i])
		}
	case v.Null == nil:
		for _, r := range rows {
			to[k] = r
			k += b2i(bools[r])
		}
	default:
		for _, r := range rows {
			to[k] = r
			k += b2i(bools[r] && !v.Null[r])
		}
	}
	return to[:k]
}

// b2i is 1 for true; the compiler makes it branch-free.
func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
