package agg

import "tidemark/operators/data"

// wideExtreme is MIN and MAX of the types stored in two words: decimals of many
// digits, and intervals, which have the order of their lengths.
type wideExtreme struct {
	greatest bool
	interval bool

	best []data.Int128
	seen []bool
	pick picker
}

func (s *wideExtreme) Resize(n int) {
	s.best = extend(s.best, n, data.Int128{})
	s.seen = extend(s.seen, n, false)
}

func (s *wideExtreme) Update(groups, rows []int32, in Rows) {
	arg := in.Cols[0]
	groups, at := s.pick.pick(groups, rows, arg)
	groups = groups[:len(at)]
	for k, r := range at {
		s.add(groups[k], arg.Wides[r])
	}
}

func (s *wideExtreme) add(g int32, x data.Int128) {
	if !s.seen[g] || s.better(x, s.best[g]) {
		s.best[g], s.seen[g] = x, true
	}
}

// better reports whether x takes the place of y. Of intervals with one length the
// one with fewer months counts as less, so that the order of rows never shows.
func (s *wideExtreme) better(x, y data.Int128) bool {
	c := 0
	if s.interval {
		c = data.IntervalLength(x).Cmp(data.IntervalLength(y))
	}
	if c == 0 {
		c = x.Cmp(y)
	}
	return c != 0 && (c > 0) == s.greatest
}

func (s *wideExtreme) Merge(groups []int32, from State) {
	f := from.(*wideExtreme)
	for i, seen := range f.seen {
		if seen {
			s.add(groups[i], f.best[i])
		}
	}
}

func (s *wideExtreme) Append(out *data.Vector, groups []int32) (int, error) {
	for _, g := range groups {
		if !s.seen[g] {
			out.AppendNull()
			continue
		}
		out.AppendWide(s.best[g])
	}
	return 0, nil
}

func (s *wideExtreme) Reset() { s.best, s.seen = s.best[:0], s.seen[:0] }

func (s *wideExtreme) Bytes() int64 {
	return int64(16*cap(s.best)+cap(s.seen)) + s.pick.bytes()
}

func (s *wideExtreme) AppendSnapshot(dst []byte) []byte {
	return appendBlock(dst, func(w *writer) {
		w.Uvarint(uint64(len(s.best)))
		for i, x := range s.best {
			w.Flag(s.seen[i])
			w.Word(uint64(x.Hi))
			w.Word(x.Lo)
		}
	})
}

func (s *wideExtreme) LoadSnapshot(src []byte) ([]byte, error) {
	return loadBlock(src, func(r *reader) {
		s.Reset()
		for range r.Count(17) {
			s.seen = append(s.seen, r.Flag())
			s.best = append(s.best, data.Int128{Hi: int64(r.Word()), Lo: r.Word()})
		}
	})
}
