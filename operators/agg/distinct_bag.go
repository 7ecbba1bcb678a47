package agg

import "tidemark/operators/data"

// distinctBag passes each value of a group to another aggregate while the group
// has it: when it comes for the first time, and back when its last copy goes.
type distinctBag struct {
	arg   data.Type
	inner State // a Retracter or a Regrouper, as what uses the bag needs

	values forest
	pick   picker
	key    []byte
	to, at []int32 // groups and rows to pass on
	plain  data.Vector
}

func (s *distinctBag) Resize(n int) {
	s.values.resize(n)
	s.inner.Resize(n)
}

func (s *distinctBag) Update(groups, rows []int32, in Rows) {
	in = s.count(groups, rows, in, 1, 1)
	s.inner.Update(s.to, s.at, in)
}

func (s *distinctBag) Retract(groups, rows []int32, in Rows) {
	in = s.count(groups, rows, in, -1, 0)
	s.inner.(Retracter).Retract(s.to, s.at, in)
}

// count changes the number of copies of each value by d and lists the rows whose
// values then have as many as pass says. It returns where their values stand.
func (s *distinctBag) count(groups, rows []int32, in Rows, d, pass int64) Rows {
	arg := in.Cols[0]
	groups, at := s.pick.pick(groups, rows, arg)
	s.to, s.at = s.to[:0], s.at[:0]
	for k, r := range at {
		if s.key = appendDistinct(s.key[:0], arg, int(r)); s.values.add(groups[k], s.key, d) == pass {
			s.to, s.at = append(s.to, groups[k]), append(s.at, r)
		}
	}
	if s.arg.Kind != data.Interval {
		return in
	}
	s.plain.Reset(s.arg)
	for k, r := range s.at {
		appendPlain(&s.plain, arg, int(r))
		s.at[k] = int32(k)
	}
	return Rows{Cols: []*data.Vector{&s.plain}}
}

// appendDistinct appends a key that equal values, and only those, share.
func appendDistinct(dst []byte, v *data.Vector, i int) []byte {
	from := len(dst)
	dst = data.AppendElement(dst, v, i)
	dst = dst[:from+copy(dst[from:], dst[from+1:])] // there are no NULLs: the mark can go
	if v.Type.Kind == data.Interval {
		dst = dst[:from+16] // the length; months and days of one length are equal
	}
	return dst
}

func (s *distinctBag) Merge(groups []int32, from State) {
	fresh := data.Vector{}
	fresh.Reset(s.arg)
	var to []int32
	s.values.merge(groups, &from.(*distinctBag).values, func(g int32, key []byte) {
		to = append(to, g)
		s.appendValue(&fresh, key)
	})
	s.inner.Update(to, countTo(len(to)), Rows{Cols: []*data.Vector{&fresh}})
}

// appendValue appends the value that has a key, NULL when none has; of an
// interval, one of its length.
func (s *distinctBag) appendValue(v *data.Vector, key []byte) {
	s.key = append(append(s.key[:0], valueMark), key...)
	if s.arg.Kind != data.Interval {
		v.AppendEncoded(s.key)
		return
	}
	length := data.Vector{}
	length.Reset(data.DecimalType(data.MaxPrecision, 0)) // encoded as lengths are
	if length.AppendEncoded(s.key); length.IsNull(0) {
		v.AppendNull()
		return
	}
	v.AppendWide(lengthInterval(length.Wides[0]))
}

// countTo returns 0, 1, … n-1.
func countTo(n int) []int32 {
	rows := make([]int32, n)
	for i := range rows {
		rows[i] = int32(i)
	}
	return rows
}

func (s *distinctBag) Append(out *data.Vector, groups []int32) (int, error) {
	return s.inner.Append(out, groups)
}

func (s *distinctBag) Reset() {
	s.values.reset()
	s.inner.Reset()
}

func (s *distinctBag) Bytes() int64 {
	return s.inner.Bytes() + s.values.bytes() + s.pick.bytes() + int64(4*cap(s.to)+4*cap(s.at))
}

// AppendSnapshot saves the values alone: the inner aggregate follows from them.
func (s *distinctBag) AppendSnapshot(dst []byte) []byte { return appendBlock(dst, s.values.save) }

func (s *distinctBag) LoadSnapshot(src []byte) ([]byte, error) {
	return loadBlock(src, func(r *reader) {
		s.inner.Reset()
		values := data.Vector{}
		values.Reset(s.arg)
		var to []int32
		s.values.load(r, func(g int32, key []byte, _ int64) bool {
			to = append(to, g)
			s.appendValue(&values, key)
			return !values.IsNull(len(to) - 1)
		})
		s.inner.Resize(len(s.values.roots))
		if !r.Damaged() {
			s.inner.Update(to, countTo(len(to)), Rows{Cols: []*data.Vector{&values}})
		}
	})
}
