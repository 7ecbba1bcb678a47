package agg

import "tidemark/operators/data"

// truths counts what is true and what is false: BOOL_AND, BOOL_OR and COUNT_IF.
type truths struct {
	result truthResult

	counts []truthCount
	pick   picker
}

type truthCount struct{ yes, no int64 }

// truthResult appends what follows from a group's counts.
type truthResult func(out *data.Vector, c truthCount)

func (s *truths) Resize(n int) { s.counts = extend(s.counts, n, truthCount{}) }

func (s *truths) Update(groups, rows []int32, in Rows)  { s.add(groups, rows, in.Cols[0], 1) }
func (s *truths) Retract(groups, rows []int32, in Rows) { s.add(groups, rows, in.Cols[0], -1) }

func (s *truths) add(groups, rows []int32, arg *data.Vector, d int64) {
	groups, at := s.pick.pick(groups, rows, arg)
	for k, r := range at {
		if c := &s.counts[groups[k]]; arg.Bools[r] {
			c.yes += d
		} else {
			c.no += d
		}
	}
}

func (s *truths) Merge(groups []int32, from State) {
	for i, x := range from.(*truths).counts {
		c := &s.counts[groups[i]]
		c.yes += x.yes
		c.no += x.no
	}
}

func (s *truths) Append(out *data.Vector, groups []int32) (int, error) {
	for _, g := range groups {
		s.result(out, s.counts[g])
	}
	return 0, nil
}

func (s *truths) Reset()       { s.counts = s.counts[:0] }
func (s *truths) Bytes() int64 { return int64(16*cap(s.counts)) + s.pick.bytes() }

func (s *truths) AppendSnapshot(dst []byte) []byte {
	return appendBlock(dst, func(w *writer) {
		w.Uvarint(uint64(len(s.counts)))
		for _, c := range s.counts {
			w.Uvarint(uint64(c.yes))
			w.Uvarint(uint64(c.no))
		}
	})
}

func (s *truths) LoadSnapshot(src []byte) ([]byte, error) {
	return loadBlock(src, func(r *reader) {
		s.Reset()
		for range r.Count(2) {
			s.counts = append(s.counts, truthCount{int64(r.Uvarint()), int64(r.Uvarint())})
		}
	})
}

func allTrue(out *data.Vector, c truthCount) {
	if c.yes+c.no == 0 {
		out.AppendNull()
		return
	}
	out.AppendBool(c.no == 0)
}

func anyTrue(out *data.Vector, c truthCount) {
	if c.yes+c.no == 0 {
		out.AppendNull()
		return
	}
	out.AppendBool(c.yes > 0)
}

func howManyTrue(out *data.Vector, c truthCount) { out.AppendInt(c.yes) }
