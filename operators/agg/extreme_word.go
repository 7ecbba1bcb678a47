package agg

import (
	"math"

	"tidemark/operators/data"
)

// wordExtreme is MIN and MAX of the types that have an order as int64s: the ones
// stored so, and doubles by a mapping.
type wordExtreme struct {
	greatest bool
	float    bool

	best []int64 // the far end of int64 until there is a value
	seen []bool
	keys []int64 // of the doubles of one Update
	pick picker
}

func (s *wordExtreme) Resize(n int) {
	s.best = extend(s.best, n, s.far())
	s.seen = extend(s.seen, n, false)
}

// far is what every value is better than.
func (s *wordExtreme) far() int64 {
	if s.greatest {
		return math.MinInt64
	}
	return math.MaxInt64
}

func (s *wordExtreme) Update(groups, rows []int32, in Rows) {
	arg := in.Cols[0]
	groups, at := s.pick.pick(groups, rows, arg)
	groups = groups[:len(at)]
	if s.float {
		s.keys = s.keys[:0]
		for _, r := range at {
			s.keys = append(s.keys, floatKey(arg.Floats[r]))
		}
		for k, x := range s.keys {
			s.add(groups[k], x)
		}
		return
	}
	best, seen, ints := s.best, s.seen, arg.Ints
	if s.greatest {
		for k, r := range at {
			g := groups[k]
			best[g] = max(best[g], ints[r])
			seen[g] = true
		}
		return
	}
	for k, r := range at {
		g := groups[k]
		best[g] = min(best[g], ints[r])
		seen[g] = true
	}
}

func (s *wordExtreme) add(g int32, x int64) {
	if s.greatest {
		s.best[g] = max(s.best[g], x)
	} else {
		s.best[g] = min(s.best[g], x)
	}
	s.seen[g] = true
}

// floatKey maps doubles to integers that have their order, NaN being greatest.
// Both zeros become one, and all NaNs: so which of them a group had first never
// shows.
func floatKey(x float64) int64 {
	if math.IsNaN(x) {
		x = math.NaN()
	}
	b := int64(math.Float64bits(x + 0))
	return b ^ int64(uint64(b>>63)>>1)
}

// keyFloat is the inverse of floatKey.
func keyFloat(k int64) float64 { return math.Float64frombits(uint64(k ^ int64(uint64(k>>63)>>1))) }

func (s *wordExtreme) Merge(groups []int32, from State) {
	f := from.(*wordExtreme)
	for i, seen := range f.seen {
		if seen {
			s.add(groups[i], f.best[i])
		}
	}
}

func (s *wordExtreme) Append(out *data.Vector, groups []int32) (int, error) {
	for _, g := range groups {
		switch {
		case !s.seen[g]:
			out.AppendNull()
		case s.float:
			out.AppendFloat(keyFloat(s.best[g]))
		default:
			out.AppendInt(s.best[g])
		}
	}
	return 0, nil
}

func (s *wordExtreme) Reset() { s.best, s.seen = s.best[:0], s.seen[:0] }

func (s *wordExtreme) Bytes() int64 {
	return int64(8*cap(s.best)+cap(s.seen)+8*cap(s.keys)) + s.pick.bytes()
}

func (s *wordExtreme) AppendSnapshot(dst []byte) []byte {
	return appendBlock(dst, func(w *writer) {
		w.Uvarint(uint64(len(s.best)))
		for i, x := range s.best {
			w.Flag(s.seen[i])
			w.Word(uint64(x))
		}
	})
}

func (s *wordExtreme) LoadSnapshot(src []byte) ([]byte, error) {
	return loadBlock(src, func(r *reader) {
		s.Reset()
		for range r.Count(9) {
			s.seen = append(s.seen, r.Flag())
			s.best = append(s.best, int64(r.Word()))
		}
	})
}
