package agg

import (
	"encoding/binary"
	"math"

	"tidemark/operators/data"
)

// distinctState passes each value of a group to another aggregate once. It keeps
// the set of the pairs (group, value), a value being one 64-bit word: itself, or
// the number of a text that is kept once for all groups.
type distinctState struct {
	arg   data.Type
	inner State

	groups int
	pairs  pairSet
	texts  textSet // of the values that are not words
	pick   picker
	fresh  data.Vector // values that were new to their groups, in order
	cols   [1]*data.Vector
	to     []int32 // their groups
	rows   []int32 // 0, 1, 2, …
	buf    []byte
}

func (s *distinctState) Resize(n int) {
	s.groups = max(s.groups, n)
	s.inner.Resize(n)
}

func (s *distinctState) Update(groups, rows []int32, in Rows) {
	arg := in.Cols[0]
	groups, at := s.pick.pick(groups, rows, arg)
	groups = groups[:len(at)]
	s.begin()
	switch s.arg.Class() {
	case data.ClassInt:
		for k, r := range at {
			if x := arg.Ints[r]; s.pairs.add(groups[k], uint64(x)) {
				s.to, s.fresh.Ints = append(s.to, groups[k]), append(s.fresh.Ints, x)
			}
		}
	case data.ClassFloat:
		for k, r := range at {
			key := floatKey(arg.Floats[r])
			if s.pairs.add(groups[k], uint64(key)) {
				s.to, s.fresh.Floats = append(s.to, groups[k]), append(s.fresh.Floats, keyFloat(key))
			}
		}
	default:
		for k, r := range at {
			if s.pairs.add(groups[k], s.word(arg, int(r))) {
				s.to = append(s.to, groups[k])
				appendPlain(&s.fresh, arg, int(r))
			}
		}
	}
	s.pass()
}

// begin empties the list of new values.
func (s *distinctState) begin() {
	s.to = s.to[:0]
	s.fresh.Reset(s.arg)
}

// pass adds the new values to the inner aggregate.
func (s *distinctState) pass() {
	for len(s.rows) < len(s.to) {
		s.rows = append(s.rows, int32(len(s.rows)))
	}
	s.cols[0] = &s.fresh
	s.inner.Update(s.to, s.rows[:len(s.to)], Rows{Cols: s.cols[:]})
}

// word returns the word of the value at position i of v: equal values, and only
// those, have one word.
func (s *distinctState) word(v *data.Vector, i int) uint64 {
	switch s.arg.Class() {
	case data.ClassInt:
		return uint64(v.Ints[i])
	case data.ClassFloat:
		return uint64(floatKey(v.Floats[i]))
	case data.ClassBool:
		if v.Bools[i] {
			return 1
		}
		return 0
	case data.ClassWide:
		w := v.Wides[i]
		if s.arg.Kind == data.Interval {
			w = data.IntervalLength(w)
		}
		s.buf = binary.BigEndian.AppendUint64(s.buf[:0], uint64(w.Hi))
		s.buf = binary.BigEndian.AppendUint64(s.buf, w.Lo)
		return uint64(s.texts.add(s.buf))
	}
	return uint64(s.texts.add(v.Bytes[v.Offsets[i]:v.Offsets[i+1]]))
}

// appendWord appends the value of a word to v. Of an interval it is one of the
// same length.
func (s *distinctState) appendWord(v *data.Vector, word uint64) {
	switch s.arg.Class() {
	case data.ClassInt:
		v.AppendInt(int64(word))
	case data.ClassFloat:
		v.AppendFloat(keyFloat(int64(word)))
	case data.ClassBool:
		v.AppendBool(word != 0)
	case data.ClassWide:
		b := s.texts.at(int(word))
		w := data.Int128{Hi: int64(binary.BigEndian.Uint64(b)), Lo: binary.BigEndian.Uint64(b[8:])}
		if s.arg.Kind == data.Interval {
			w = lengthInterval(w)
		}
		v.AppendWide(w)
	default:
		v.AppendText(s.texts.at(int(word)))
	}
}

// appendPlain appends row i of src, which is not NULL. Intervals that are equal
// become the same.
func appendPlain(to, src *data.Vector, i int) {
	if src.Type.Kind == data.Interval {
		to.AppendWide(lengthInterval(data.IntervalLength(src.Wides[src.Index(i)])))
		return
	}
	to.AppendFrom(src, i)
}

// lengthInterval returns an interval of the given length in microseconds.
func lengthInterval(length data.Int128) data.Int128 {
	if x, ok := length.Int64(); ok {
		return data.NewInterval(0, x)
	}
	month := data.Wide(30 * data.Day)
	months, _ := length.QuoTrunc(month).Int64()
	micros, _ := length.Rem(month).Int64()
	return data.NewInterval(months, micros)
}

func (s *distinctState) Merge(groups []int32, from State) {
	f := from.(*distinctState)
	s.begin()
	var one data.Vector
	one.Reset(s.arg)
	for _, p := range f.pairs.slots {
		if p.group == 0 {
			continue
		}
		g := groups[p.group-1]
		one.Reset(s.arg)
		f.appendWord(&one, p.word)
		if s.pairs.add(g, s.word(&one, 0)) {
			s.to = append(s.to, g)
			s.fresh.AppendFrom(&one, 0)
		}
	}
	s.pass()
}

func (s *distinctState) Append(out *data.Vector, groups []int32) (int, error) {
	return s.inner.Append(out, groups)
}

func (s *distinctState) Reset() {
	s.groups = 0
	s.pairs.reset()
	s.texts.reset()
	s.inner.Reset()
}

func (s *distinctState) Bytes() int64 {
	v := &s.fresh
	scratch := 8*cap(v.Ints) + 8*cap(v.Floats) + cap(v.Bools) + 16*cap(v.Wides) + 4*cap(v.Offsets) + cap(v.Bytes) + 4*cap(s.to) + 4*cap(s.rows)
	return s.inner.Bytes() + s.pairs.bytes() + s.texts.bytes() + s.pick.bytes() + int64(scratch)
}

// AppendSnapshot saves the values alone: the inner aggregate follows from them.
func (s *distinctState) AppendSnapshot(dst []byte) []byte {
	return appendBlock(dst, func(w *writer) {
		w.Uvarint(uint64(s.texts.len()))
		for i := range s.texts.len() {
			w.Text(s.texts.at(i))
		}
		w.Uvarint(uint64(s.groups))
		w.Uvarint(uint64(s.pairs.n))
		for _, p := range s.pairs.slots {
			if p.group > 0 {
				w.Uvarint(uint64(p.group))
				w.Word(p.word)
			}
		}
	})
}

func (s *distinctState) LoadSnapshot(src []byte) ([]byte, error) {
	return loadBlock(src, func(r *reader) {
		s.Reset()
		interned := s.arg.Class() == data.ClassBytes || s.arg.Class() == data.ClassWide
		for range r.Count(1) {
			text := r.Text()
			if s.arg.Class() == data.ClassWide && len(text) != 16 {
				r.Fail()
			}
			s.texts.add(text)
		}
		groups := r.Uvarint()
		if groups > math.MaxInt32 {
			r.Fail()
			return
		}
		s.Resize(int(groups))
		s.begin()
		for range r.Count(9) {
			g, word := r.Uvarint(), r.Word()
			if r.Damaged() || g < 1 || g > groups || interned && word >= uint64(s.texts.len()) {
				r.Fail()
				return
			}
			if s.pairs.add(int32(g-1), word) {
				s.to = append(s.to, int32(g-1))
				s.appendWord(&s.fresh, word)
			}
		}
		s.pass()
	})
}
