package agg

import "tidemark/operators/data"

// textExtreme is MIN and MAX of strings and bytes, in bytewise order.
type textExtreme struct {
	greatest bool

	best texts
	pick picker
}

func (s *textExtreme) Resize(n int) { s.best.resize(n) }

func (s *textExtreme) Update(groups, rows []int32, in Rows) {
	arg := in.Cols[0]
	groups, at := s.pick.pick(groups, rows, arg)
	groups = groups[:len(at)]
	for k, r := range at {
		s.best.improve(groups[k], arg.Bytes[arg.Offsets[r]:arg.Offsets[r+1]], s.greatest)
	}
}

func (s *textExtreme) Merge(groups []int32, from State) {
	f := &from.(*textExtreme).best
	for i := range f.slots {
		if f.slots[i].len >= 0 {
			s.best.improve(groups[i], f.text(int32(i)), s.greatest)
		}
	}
}

func (s *textExtreme) Append(out *data.Vector, groups []int32) (int, error) {
	for _, g := range groups {
		if !s.best.has(g) {
			out.AppendNull()
			continue
		}
		out.AppendText(s.best.text(g))
	}
	return 0, nil
}

func (s *textExtreme) Reset()       { s.best.reset() }
func (s *textExtreme) Bytes() int64 { return s.best.bytes() + s.pick.bytes() }

func (s *textExtreme) AppendSnapshot(dst []byte) []byte { return appendBlock(dst, s.best.save) }

func (s *textExtreme) LoadSnapshot(src []byte) ([]byte, error) {
	return loadBlock(src, func(r *reader) {
		s.best.load(r, func([]byte) bool { return true })
	})
}
