package agg

import (
	"math"

	"tidemark/operators/data"
)

// doubleSum is SUM and AVG of doubles. Sums are exact and rounded once, when the
// result is asked for, so that they depend on neither the order of the rows nor
// how they were split. A group's sum is an unevaluated hi + lo for as long as two
// doubles can hold it, which for values of a like magnitude is nearly always; a
// superaccumulator after that.
type doubleSum struct {
	average bool
	counted bool // rows are counted: for averages, and where they are taken back
	pairs   []pair
	supers  []superacc
	unused  []int32 // supers of groups that were cleared
	n       []int64 // rows, when counted
	pick    picker
}

// pair is the sum hi + lo, exactly. When hi is NaN the sum is elsewhere: the bits
// of lo are 0 for a group without rows, else 1 + the index of its superacc.
type pair struct{ hi, lo float64 }

var emptyPair = pair{hi: math.NaN()}

func (s *doubleSum) Resize(n int) {
	s.pairs = extend(s.pairs, n, emptyPair)
	if s.counted {
		s.n = extend(s.n, n, 0)
	}
}

// twoSum returns a + b rounded, and the error of that: both exact unless it is
// out of range, when lost is NaN or infinite (D. E. Knuth, The Art of Computer
// Programming, vol. 2, 4.2.2, theorem B).
func twoSum(a, b float64) (sum, lost float64) {
	sum = a + b
	t := sum - a
	return sum, (a - (sum - t)) + (b - t)
}

func (s *doubleSum) Update(groups, rows []int32, in Rows) {
	arg := in.Cols[0]
	groups, at := s.pick.pick(groups, rows, arg)
	groups = groups[:len(at)]
	pairs, floats := s.pairs, arg.Floats
	for k, r := range at {
		g, x := groups[k], floats[r]
		p := &pairs[g]
		hi, lost := twoSum(p.hi, x)
		lo, more := twoSum(p.lo, lost)
		if more == 0 { // it is NaN when x, the sum or p.hi is no number
			p.hi, p.lo = hi, lo
			continue
		}
		s.addSlow(g, x)
	}
	if s.counted {
		for _, g := range groups {
			s.n[g]++
		}
	}
}

func (s *doubleSum) Retract(groups, rows []int32, in Rows) {
	arg := in.Cols[0]
	groups, at := s.pick.pick(groups, rows, arg)
	for k, r := range at {
		s.take(groups[k], arg.Floats[r])
	}
}

func (s *doubleSum) take(g int32, x float64) {
	if x-x == 0 {
		s.add(g, -x)
	} else {
		s.super(g).count(x, -1)
	}
	s.n[g]--
}

// add adds x to group g.
func (s *doubleSum) add(g int32, x float64) {
	p := &s.pairs[g]
	hi, lost := twoSum(p.hi, x)
	lo, more := twoSum(p.lo, lost)
	if more == 0 {
		p.hi, p.lo = hi, lo
		return
	}
	s.addSlow(g, x)
}

// addSlow adds x to a group whose pair is not a sum or cannot hold the new one.
func (s *doubleSum) addSlow(g int32, x float64) {
	p := &s.pairs[g]
	if math.IsNaN(p.hi) && math.Float64bits(p.lo) == 0 && x-x == 0 {
		p.hi = x // the first value
		return
	}
	s.super(g).add(x)
}

// super returns the superacc of group g, to which its sum has been moved.
func (s *doubleSum) super(g int32) *superacc {
	p := &s.pairs[g]
	if math.IsNaN(p.hi) {
		if i := math.Float64bits(p.lo); i > 0 {
			return &s.supers[i-1]
		}
		p.hi, p.lo = 0, 0
	}
	i := len(s.supers)
	if k := len(s.unused); k > 0 {
		i = int(s.unused[k-1])
		s.unused = s.unused[:k-1]
		s.supers[i] = superacc{}
	} else {
		s.supers = append(s.supers, superacc{})
	}
	a := &s.supers[i]
	a.add(p.hi)
	a.add(p.lo)
	*p = pair{hi: math.NaN(), lo: math.Float64frombits(uint64(i + 1))}
	return a
}

func (s *doubleSum) Merge(groups []int32, from State) {
	f := from.(*doubleSum)
	for i, p := range f.pairs {
		g := groups[i]
		switch {
		case !math.IsNaN(p.hi):
			s.add(g, p.hi)
			s.add(g, p.lo)
		case math.Float64bits(p.lo) > 0:
			s.super(g).merge(&f.supers[math.Float64bits(p.lo)-1])
		}
	}
	for i, x := range f.n {
		s.n[groups[i]] += x
	}
}

func (s *doubleSum) Append(out *data.Vector, groups []int32) (int, error) {
	for k, g := range groups {
		if err := s.append(out, g); err != nil {
			return k, err
		}
	}
	return 0, nil
}

// append appends the result of group g.
func (s *doubleSum) append(out *data.Vector, g int32) error {
	p := s.pairs[g]
	if s.counted && s.n[g] == 0 || math.IsNaN(p.hi) && math.Float64bits(p.lo) == 0 {
		out.AppendNull()
		return nil
	}
	n := 1.0
	if s.average {
		n = float64(s.n[g])
	}
	x, ok := s.quotient(p, n)
	if !ok {
		return overflow("sum", data.Of(data.Double), "")
	}
	out.AppendFloat(x)
	return nil
}

// quotient returns the rounded sum that p stands for, divided by n, never
// as -0; ok is false when it is out of range though every value was finite.
func (s *doubleSum) quotient(p pair, n float64) (x float64, ok bool) {
	var a *superacc
	if !math.IsNaN(p.hi) {
		if sum := p.hi + p.lo; !math.IsInf(sum, 0) {
			return sum/n + 0, true
		}
		a = &superacc{}
		a.add(p.hi)
		a.add(p.lo)
	} else {
		a = &s.supers[math.Float64bits(p.lo)-1]
		if x, ok := a.special(); ok {
			return x, true
		}
		if sum := a.round(0); !math.IsInf(sum, 0) {
			return sum/n + 0, true
		}
	}
	x = math.Ldexp(a.round(64)/n, 64) // an average is in range though the sum is not
	return x, !math.IsInf(x, 0)
}

func (s *doubleSum) Reset() {
	s.pairs, s.supers, s.unused, s.n = s.pairs[:0], s.supers[:0], s.unused[:0], s.n[:0]
}

func (s *doubleSum) Bytes() int64 {
	return int64(16*cap(s.pairs)+8*(chunks+4)*cap(s.supers)+4*cap(s.unused)+8*cap(s.n)) + s.pick.bytes()
}

func (s *doubleSum) AppendSnapshot(dst []byte) []byte {
	return appendBlock(dst, func(w *writer) {
		w.Uvarint(uint64(len(s.pairs)))
		for i, p := range s.pairs {
			w.Word(math.Float64bits(p.hi))
			w.Word(math.Float64bits(p.lo))
			if s.counted {
				w.Word(uint64(s.n[i]))
			}
		}
		w.Uvarint(uint64(len(s.supers)))
		for i := range s.supers {
			a := &s.supers[i]
			a.carry()
			for _, c := range a.chunk {
				w.Varint(c)
			}
			w.Uvarint(uint64(a.nans))
			w.Uvarint(uint64(a.plusInfs))
			w.Uvarint(uint64(a.minusInfs))
		}
	})
}

func (s *doubleSum) LoadSnapshot(src []byte) ([]byte, error) {
	return loadBlock(src, func(r *reader) {
		s.Reset()
		for range r.Count(16) {
			s.pairs = append(s.pairs, pair{hi: math.Float64frombits(r.Word()), lo: math.Float64frombits(r.Word())})
			if s.counted {
				s.n = append(s.n, int64(r.Word()))
			}
		}
		for range r.Count(chunks + 3) {
			var a superacc
			for i := range a.chunk {
				a.chunk[i] = r.Varint()
			}
			a.nans, a.plusInfs, a.minusInfs = int64(r.Uvarint()), int64(r.Uvarint()), int64(r.Uvarint())
			s.supers = append(s.supers, a)
		}
		for _, p := range s.pairs {
			if math.IsNaN(p.hi) && math.Float64bits(p.lo) > uint64(len(s.supers)) {
				r.Fail()
			}
		}
	})
}

func (s *doubleSum) slide(m *Moves, from int, in Rows, out *data.Vector) (int, error) {
	arg := in.Cols[0]
	for k := from; k < len(m.Groups); k++ {
		taken, added := m.step(k)
		g := m.Groups[k]
		for _, r := range taken {
			if !arg.IsNull(int(r)) {
				s.take(g, arg.Floats[arg.Index(int(r))])
			}
		}
		for _, r := range added {
			if arg.IsNull(int(r)) {
				continue
			}
			s.add(g, arg.Floats[arg.Index(int(r))])
			if s.counted {
				s.n[g]++
			}
		}
		if err := s.append(out, g); err != nil {
			return k, err
		}
	}
	return len(m.Groups), nil
}
