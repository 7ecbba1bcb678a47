package agg

import "tidemark/operators/data"

// countState is COUNT(*) and COUNT(x).
type countState struct{ n []int64 }

func (s *countState) Resize(n int) { s.n = extend(s.n, n, 0) }

func (s *countState) Update(groups, rows []int32, in Rows)  { s.add(groups, rows, in, 1) }
func (s *countState) Retract(groups, rows []int32, in Rows) { s.add(groups, rows, in, -1) }

// add counts each row as d.
func (s *countState) add(groups, rows []int32, in Rows, d int64) {
	n := s.n
	if len(in.Cols) == 0 || in.Cols[0].Null == nil {
		for _, g := range groups {
			n[g] += d
		}
		return
	}
	arg := in.Cols[0]
	if arg.Const {
		if !arg.Null[0] {
			s.add(groups, rows, Rows{}, d)
		}
		return
	}
	groups = groups[:len(rows)]
	for k, r := range rows {
		if !arg.Null[r] {
			n[groups[k]] += d
		}
	}
}

func (s *countState) Merge(groups []int32, from State) {
	for i, x := range from.(*countState).n {
		s.n[groups[i]] += x
	}
}

func (s *countState) Append(out *data.Vector, groups []int32) (int, error) {
	out.AppendIntsOf(s.n, groups)
	return 0, nil
}

func (s *countState) Reset()       { s.n = s.n[:0] }
func (s *countState) Bytes() int64 { return int64(8 * cap(s.n)) }

func (s *countState) AppendSnapshot(dst []byte) []byte {
	return appendBlock(dst, func(w *writer) {
		w.Uvarint(uint64(len(s.n)))
		w.Uvarints(s.n)
	})
}

func (s *countState) LoadSnapshot(src []byte) ([]byte, error) {
	return loadBlock(src, func(r *reader) {
		s.n = s.n[:0]
		for range r.Count(1) {
			s.n = append(s.n, int64(r.Uvarint()))
		}
	})
}

func (s *countState) slide(m *Moves, from int, in Rows, out *data.Vector) (int, error) {
	counts := func(r int32) bool { return len(in.Cols) == 0 || !in.Cols[0].IsNull(int(r)) }
	plain := len(in.Cols) == 0 || in.Cols[0].Null == nil
	for k := from; k < len(m.Groups); k++ {
		taken, added := m.step(k)
		n := &s.n[m.Groups[k]]
		if plain {
			*n += int64(len(added) - len(taken))
		} else {
			for _, r := range taken {
				if counts(r) {
					*n--
				}
			}
			for _, r := range added {
				if counts(r) {
					*n++
				}
			}
		}
		out.AppendInt(*n)
	}
	return len(m.Groups), nil
}
