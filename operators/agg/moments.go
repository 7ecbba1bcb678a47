package agg

import (
	"math"

	"tidemark/operators/data"
)

// moments is the variances, standard deviations, covariances and the
// correlation. It sums the values, their squares and products exactly and rounds
// once, when the result is asked for.
type moments struct {
	args   []data.Type // one, or two for covariances
	result momentResult

	n        []int64 // values, or pairs of two
	improper []int64 // those that have a NaN or an infinity
	sums     []exact // sumsPer of each group
	pick     picker
}

// The sums of a group.
const (
	sumX = iota
	sumXX
	sumsOfOne // of an aggregate of one argument
)

// Further sums of an aggregate of two arguments.
const (
	sumY = sumsOfOne + iota
	sumYY
	sumXY
	sumsOfTwo
)

// sumsPer returns how many sums each group has.
func (s *moments) sumsPer() int {
	if len(s.args) == 2 {
		return sumsOfTwo
	}
	return sumsOfOne
}

func (s *moments) Resize(n int) {
	s.n = extend(s.n, n, 0)
	s.improper = extend(s.improper, n, 0)
	old := len(s.sums)
	if n *= s.sumsPer(); n > cap(s.sums) {
		grown := make([]exact, n, max(n, 2*cap(s.sums)))
		copy(grown, s.sums)
		s.sums = grown
	} else if n > old {
		s.sums = s.sums[:n]
	}
	for i := old; i < n; i++ {
		s.sums[i].reset()
	}
}

func (s *moments) Update(groups, rows []int32, in Rows)  { s.add(groups, rows, in, false) }
func (s *moments) Retract(groups, rows []int32, in Rows) { s.add(groups, rows, in, true) }

func (s *moments) add(groups, rows []int32, in Rows, minus bool) {
	if len(s.args) == 2 {
		s.addPairs(groups, rows, in, minus)
		return
	}
	arg := in.Cols[0]
	groups, at := s.pick.pick(groups, rows, arg)
	for k, r := range at {
		x, proper := numberAt(arg, int(r))
		if sums := s.count(groups[k], proper, minus); sums != nil {
			sums[sumX].add(&x, minus)
			x = x.times(&x)
			sums[sumXX].add(&x, minus)
		}
	}
}

func (s *moments) addPairs(groups, rows []int32, in Rows, minus bool) {
	for k, r := range rows {
		if in.Cols[0].IsNull(int(r)) || in.Cols[1].IsNull(int(r)) {
			continue
		}
		x, properX := numberAt(in.Cols[0], in.Cols[0].Index(int(r)))
		y, properY := numberAt(in.Cols[1], in.Cols[1].Index(int(r)))
		sums := s.count(groups[k], properX && properY, minus)
		if sums == nil {
			continue
		}
		sums[sumX].add(&x, minus)
		sums[sumY].add(&y, minus)
		for _, p := range [...]struct {
			sum  int
			a, b *number
		}{{sumXX, &x, &x}, {sumYY, &y, &y}, {sumXY, &x, &y}} {
			product := p.a.times(p.b)
			sums[p.sum].add(&product, minus)
		}
	}
}

// count counts a value of group g and returns the group's sums, to which it is
// to be added; nil when it is no number.
func (s *moments) count(g int32, proper, minus bool) []exact {
	d := int64(1)
	if minus {
		d = -1
	}
	s.n[g] += d
	if !proper {
		s.improper[g] += d
		return nil
	}
	per := s.sumsPer()
	return s.sums[int(g)*per:][:per]
}

// numberAt returns the value at position i of v; proper is false when it is NaN
// or infinite.
func numberAt(v *data.Vector, i int) (x number, proper bool) {
	switch v.Type.Class() {
	case data.ClassFloat:
		f := v.Floats[i]
		return floatNumber(f), f-f == 0
	case data.ClassWide:
		return wideNumber(v.Wides[i].Hi, v.Wides[i].Lo), true
	}
	return intNumber(v.Ints[i]), true
}

func (s *moments) Merge(groups []int32, from State) {
	f := from.(*moments)
	per := s.sumsPer()
	for i := range f.n {
		g := int(groups[i])
		s.n[g] += f.n[i]
		s.improper[g] += f.improper[i]
		for k := range per {
			s.sums[g*per+k].merge(&f.sums[i*per+k])
		}
	}
}

func (s *moments) Append(out *data.Vector, groups []int32) (int, error) {
	per := s.sumsPer()
	for k, g := range groups {
		n := s.n[g]
		if n < s.result.least {
			out.AppendNull()
			continue
		}
		if s.improper[g] > 0 {
			out.AppendFloat(math.NaN())
			continue
		}
		x, ok := s.result.of(spread{n: n, scale: int(s.args[0].Scale), sums: s.sums[int(g)*per:][:per]})
		if !ok {
			out.AppendNull()
			continue
		}
		f := x.round()
		if math.IsInf(f, 0) {
			return k, overflow(s.result.name, data.Of(data.Double), "")
		}
		out.AppendFloat(f)
	}
	return 0, nil
}

func (s *moments) Reset() { s.n, s.improper, s.sums = s.n[:0], s.improper[:0], s.sums[:0] }

func (s *moments) Bytes() int64 {
	b := int64(8*cap(s.n)+8*cap(s.improper)+32*cap(s.sums)) + s.pick.bytes()
	for i := range s.sums {
		b += int64(8 * cap(s.sums[i].chunk))
	}
	return b
}

func (s *moments) AppendSnapshot(dst []byte) []byte {
	return appendBlock(dst, func(w *writer) {
		w.Uvarint(uint64(len(s.n)))
		for i, n := range s.n {
			w.Uvarint(uint64(n))
			w.Uvarint(uint64(s.improper[i]))
		}
		for i := range s.sums {
			w.exact(&s.sums[i])
		}
	})
}

func (s *moments) LoadSnapshot(src []byte) ([]byte, error) {
	return loadBlock(src, func(r *reader) {
		s.Reset()
		groups := r.Count(2 + 2*s.sumsPer())
		s.Resize(groups)
		for i := range s.n {
			s.n[i], s.improper[i] = int64(r.Uvarint()), int64(r.Uvarint())
		}
		for i := range s.sums {
			r.exact(&s.sums[i])
		}
	})
}

// The chunks of a sum that begins at baseLimit reach far below and above the
// products of any two values.
const baseLimit = 1 << 10

func (w *writer) exact(a *exact) {
	if len(a.chunk) > 0 {
		a.carry()
	}
	w.Varint(int64(a.base))
	w.Uvarint(uint64(len(a.chunk)))
	for _, c := range a.chunk {
		w.Varint(c)
	}
}

func (r *reader) exact(a *exact) {
	base := r.Varint()
	if base < -baseLimit || base > baseLimit {
		r.Fail()
		return
	}
	a.reset()
	a.base = int32(base)
	for range min(r.Count(1), baseLimit) {
		a.chunk = append(a.chunk, r.Varint())
	}
}
