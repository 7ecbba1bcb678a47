package agg

import (
	"math/bits"

	"tidemark/operators/data"
)

// total192 is the sum of 128-bit values in two's complement.
type total192 struct {
	lo, mid uint64
	hi      int64
}

// add adds another total, or a value extended to one.
func (t *total192) add(lo, mid uint64, hi int64) {
	var carry uint64
	t.lo, carry = bits.Add64(t.lo, lo, 0)
	t.mid, carry = bits.Add64(t.mid, mid, carry)
	t.hi += hi + int64(carry)
}

// negative returns -t.
func (t total192) negative() total192 {
	var r total192
	var borrow uint64
	r.lo, borrow = bits.Sub64(0, t.lo, 0)
	r.mid, borrow = bits.Sub64(0, t.mid, borrow)
	hi, _ := bits.Sub64(0, uint64(t.hi), borrow)
	r.hi = int64(hi)
	return r
}

// quotient divides t, which is not negative, by n.
func (t total192) quotient(n uint64) (q total192, rest uint64) {
	q.hi = int64(uint64(t.hi) / n)
	q.mid, rest = bits.Div64(uint64(t.hi)%n, t.mid, n)
	q.lo, rest = bits.Div64(rest, t.lo, n)
	return q, rest
}

// mean returns t / n with shift more decimal digits, rounded half away from
// zero; ok is false when that needs more digits than a DECIMAL can have.
func (t total192) mean(n int64, shift int) (v data.Int128, ok bool) {
	minus := t.hi < 0
	if minus {
		t = t.negative()
	}
	q, rest := t.quotient(uint64(n))
	if q.hi != 0 || int64(q.mid) < 0 {
		return v, false
	}
	// rest < n < 2^63 and shift is at most 6, so that rest times the power of ten
	// fits 128 bits and the fraction is less than the power.
	power := data.Pow10(shift)
	if v, ok = (data.Int128{Hi: int64(q.mid), Lo: q.lo}).Mul(power); !ok {
		return v, false
	}
	scaled, _ := data.Int128{Lo: rest}.Mul(power)
	fraction, _ := scaled.DivRound(data.Wide(n))
	if v, ok = v.Add(fraction); !ok {
		return v, false
	}
	if minus {
		v = v.Neg()
	}
	return v, v.FitsPrecision(data.MaxPrecision)
}

// appendExact appends sum as a SUM, or divided by n as an average.
func appendExact(out *data.Vector, result data.Type, average bool, sum total192, shift int, n int64) error {
	if average {
		v, ok := sum.mean(n, shift)
		if !ok {
			return overflow("average", result, "")
		}
		out.AppendWide(v)
		return nil
	}
	v := data.Int128{Hi: int64(sum.mid), Lo: sum.lo}
	fits := sum.hi == v.Hi>>63
	if result.Class() == data.ClassWide {
		if !fits || !v.FitsPrecision(int(result.Precision)) {
			return overflow("sum", result, "")
		}
		out.AppendWide(v)
		return nil
	}
	x, small := v.Int64()
	if !fits || !small {
		return overflow("sum", result, "; sum a wider type, for example CAST(x AS DECIMAL(38,0))")
	}
	out.AppendInt(x)
	return nil
}

// wideSum is SUM and AVG of decimals that need two words.
type wideSum struct {
	result  data.Type
	average bool
	shift   int // scale of the result less that of the argument

	sums []total192
	n    []int64 // rows
	pick picker
}

func (s *wideSum) Resize(n int) {
	s.sums = extend(s.sums, n, total192{})
	s.n = extend(s.n, n, 0)
}

func (s *wideSum) Update(groups, rows []int32, in Rows) {
	arg := in.Cols[0]
	groups, at := s.pick.pick(groups, rows, arg)
	groups = groups[:len(at)]
	for k, r := range at {
		g, x := groups[k], arg.Wides[r]
		s.sums[g].add(x.Lo, uint64(x.Hi), x.Hi>>63)
		s.n[g]++
	}
}

func (s *wideSum) Retract(groups, rows []int32, in Rows) {
	arg := in.Cols[0]
	groups, at := s.pick.pick(groups, rows, arg)
	for k, r := range at {
		g, x := groups[k], arg.Wides[r]
		minus := total192{lo: x.Lo, mid: uint64(x.Hi), hi: x.Hi >> 63}.negative()
		s.sums[g].add(minus.lo, minus.mid, minus.hi)
		s.n[g]--
	}
}

func (s *wideSum) Merge(groups []int32, from State) {
	f := from.(*wideSum)
	for i, x := range f.sums {
		g := groups[i]
		s.sums[g].add(x.lo, x.mid, x.hi)
		s.n[g] += f.n[i]
	}
}

func (s *wideSum) Append(out *data.Vector, groups []int32) (int, error) {
	for k, g := range groups {
		if s.n[g] == 0 {
			out.AppendNull()
			continue
		}
		if err := appendExact(out, s.result, s.average, s.sums[g], s.shift, s.n[g]); err != nil {
			return k, err
		}
	}
	return 0, nil
}

func (s *wideSum) Reset() { s.sums, s.n = s.sums[:0], s.n[:0] }

func (s *wideSum) Bytes() int64 {
	return int64(24*cap(s.sums)+8*cap(s.n)) + s.pick.bytes()
}

func (s *wideSum) AppendSnapshot(dst []byte) []byte {
	return appendBlock(dst, func(w *writer) {
		w.Uvarint(uint64(len(s.sums)))
		for i, t := range s.sums {
			w.Word(t.lo)
			w.Word(t.mid)
			w.Word(uint64(t.hi))
			w.Word(uint64(s.n[i]))
		}
	})
}

func (s *wideSum) LoadSnapshot(src []byte) ([]byte, error) {
	return loadBlock(src, func(r *reader) {
		s.Reset()
		for range r.Count(32) {
			s.sums = append(s.sums, total192{lo: r.Word(), mid: r.Word(), hi: int64(r.Word())})
			s.n = append(s.n, int64(r.Word()))
		}
	})
}
