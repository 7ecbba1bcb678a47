package agg

import (
	"encoding/binary"
	"math"
	"math/bits"
	"slices"

	"tidemark/operators/data"
)

// none is the high word of a sum without rows: fewer than 2^63 rows cannot reach it.
const none = math.MinInt64

// total128 is the sum of int64 values in two's complement.
type total128 struct {
	lo uint64
	hi int64 // none: no rows
}

// add adds x.
func (t *total128) add(x total128) {
	if x.hi == none {
		return
	}
	if t.hi == none {
		t.hi = 0
	}
	lo, carry := bits.Add64(t.lo, x.lo, 0)
	t.lo, t.hi = lo, t.hi+x.hi+int64(carry)
}

// shortSum is SUM and AVG of integers and of decimals that fit one word. Sums
// are wide enough for any number of rows, so that only the result can overflow,
// whatever the order of the rows.
type shortSum struct {
	result  data.Type
	average bool
	counted bool // rows are counted: for averages, and where they are taken back
	shift   int  // scale of the result less that of the argument

	sums []total128
	n    []int64 // rows, when counted
	pick picker
}

func (s *shortSum) Resize(n int) {
	s.sums = extend(s.sums, n, total128{hi: none})
	if s.counted {
		s.n = extend(s.n, n, 0)
	}
}

func (s *shortSum) Update(groups, rows []int32, in Rows) {
	arg := in.Cols[0]
	groups, at := s.pick.pick(groups, rows, arg)
	addInts(s.sums, groups, at, arg.Ints)
	if s.counted {
		n := s.n
		for _, g := range groups {
			n[g]++
		}
	}
}

func (s *shortSum) Retract(groups, rows []int32, in Rows) {
	arg := in.Cols[0]
	groups, at := s.pick.pick(groups, rows, arg)
	for k, r := range at {
		s.take(groups[k], arg.Ints[r])
	}
}

func (s *shortSum) take(g int32, x int64) {
	t := &s.sums[g]
	lo, borrow := bits.Sub64(t.lo, uint64(x), 0)
	t.lo, t.hi = lo, t.hi-x>>63-int64(borrow)
	if s.n[g]--; s.n[g] == 0 {
		*t = total128{hi: none}
	}
}

func (s *shortSum) slide(m *Moves, from int, in Rows, out *data.Vector) (int, error) {
	arg := in.Cols[0]
	for k := from; k < len(m.Groups); k++ {
		taken, added := m.step(k)
		g := m.Groups[k]
		for _, r := range taken {
			if !arg.IsNull(int(r)) {
				s.take(g, arg.Ints[arg.Index(int(r))])
			}
		}
		for _, r := range added {
			if arg.IsNull(int(r)) {
				continue
			}
			s.sums[g].addInt(arg.Ints[arg.Index(int(r))])
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

// addInts adds ints[at[k]] to sums[groups[k]].
func addInts(sums []total128, groups, at []int32, ints []int64) {
	groups = groups[:len(at)]
	for k, r := range at {
		sums[groups[k]].addInt(ints[r])
	}
}

// addInt adds x.
func (t *total128) addInt(x int64) {
	hi := t.hi
	if hi == none {
		hi = 0
	}
	lo, carry := bits.Add64(t.lo, uint64(x), 0)
	t.lo, t.hi = lo, hi+x>>63+int64(carry)
}

func (s *shortSum) Merge(groups []int32, from State) {
	f := from.(*shortSum)
	for i, x := range f.sums {
		s.sums[groups[i]].add(x)
	}
	for i, x := range f.n {
		s.n[groups[i]] += x
	}
}

func (s *shortSum) Append(out *data.Vector, groups []int32) (int, error) {
	done := 0
	if !s.average && s.result.Class() == data.ClassWide && s.result.Precision >= 20 && out.Null == nil {
		done = s.appendShort(out, groups)
	}
	for k, g := range groups[done:] {
		if err := s.append(out, g); err != nil {
			return done + k, err
		}
	}
	return 0, nil
}

// appendShort appends the sums of groups up to the first that is NULL or takes more
// than 20 digits, and returns how many these are.
func (s *shortSum) appendShort(out *data.Vector, groups []int32) int {
	wides := slices.Grow(out.Wides, len(groups))
	n := 0
	for ; n < len(groups); n++ {
		t := s.sums[groups[n]]
		if t.hi != 0 && t.hi != -1 {
			break
		}
		wides = append(wides, data.Int128{Hi: t.hi, Lo: t.lo})
	}
	out.Wides = wides
	return n
}

// append appends the result of group g.
func (s *shortSum) append(out *data.Vector, g int32) error {
	t := s.sums[g]
	if t.hi == none {
		out.AppendNull()
		return nil
	}
	wide := total192{lo: t.lo, mid: uint64(t.hi), hi: t.hi >> 63}
	n := int64(1)
	if s.counted {
		n = s.n[g]
	}
	return appendExact(out, s.result, s.average, wide, s.shift, n)
}

func (s *shortSum) Reset() { s.sums, s.n = s.sums[:0], s.n[:0] }

func (s *shortSum) Bytes() int64 {
	return int64(16*cap(s.sums)+8*cap(s.n)) + s.pick.bytes()
}

func (s *shortSum) AppendSnapshot(dst []byte) []byte {
	return appendBlock(dst, func(w *writer) {
		w.Uvarint(uint64(len(s.sums)))
		room := w.Room(16 * len(s.sums))
		for i, t := range s.sums {
			binary.LittleEndian.PutUint64(room[16*i:], t.lo)
			binary.LittleEndian.PutUint64(room[16*i+8:], uint64(t.hi))
		}
		w.Uvarints(s.n)
	})
}

func (s *shortSum) LoadSnapshot(src []byte) ([]byte, error) {
	return loadBlock(src, func(r *reader) {
		s.Reset()
		for range r.Count(16) {
			s.sums = append(s.sums, total128{lo: r.Word(), hi: int64(r.Word())})
		}
		if s.counted {
			s.n = r.uvarints(s.n, s.sums)
		}
	})
}

// uvarints reads one number for each of sums to n; a group with rows has at
// least one.
func (r *reader) uvarints(n []int64, sums []total128) []int64 {
	for i := range sums {
		x := int64(r.Uvarint())
		if (x > 0) != (sums[i].hi != none) {
			r.Fail()
			x = 1
		}
		n = append(n, x)
	}
	return n
}
