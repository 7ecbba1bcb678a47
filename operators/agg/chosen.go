package agg

import (
	"slices"

	"tidemark/operators/data"
)

// choice says how one row of a group is chosen, and which of its values: what
// FIRST_VALUE, LAST_VALUE, ARG_MIN and ARG_MAX have in common. Of rows with equal
// keys the first one to arrive comes first.
type choice struct {
	value data.Type // of column 0
	keys  []sortKey
	last  bool // the last row in order, else the first
	// needs is a column that rows are left out without, or -1.
	needs int
}

// left reports whether row i is left out.
func (c *choice) left(in Rows, i int) bool { return c.needs >= 0 && in.Cols[c.needs].IsNull(i) }

// chosen keeps the row chosen so far: for inputs that take no rows back.
type chosen struct {
	choice

	keys   texts // key and arrival
	values texts // as an element
	key    []byte
	text   []byte
}

func (s *chosen) Resize(n int) {
	s.keys.resize(n)
	s.values.resize(n)
}

func (s *chosen) Update(groups, rows []int32, in Rows) {
	for k, r := range rows {
		i := int(r)
		if s.left(in, i) {
			continue
		}
		s.key = appendSeq(appendSortKey(s.key[:0], s.choice.keys, in, i), in.arrival(r))
		if s.keys.improve(groups[k], s.key, s.last) {
			s.text = data.AppendElement(s.text[:0], in.Cols[0], i)
			s.values.set(groups[k], s.text)
		}
	}
}

func (s *chosen) Merge(groups []int32, from State) {
	f := from.(*chosen)
	for i := range f.keys.slots {
		from, g := int32(i), groups[i]
		if f.keys.has(from) && s.keys.improve(g, f.keys.text(from), s.last) {
			s.values.set(g, f.values.text(from))
		}
	}
}

func (s *chosen) Append(out *data.Vector, groups []int32) (int, error) {
	for _, g := range groups {
		if !s.values.has(g) {
			out.AppendNull()
			continue
		}
		out.AppendEncoded(s.values.text(g))
	}
	return 0, nil
}

func (s *chosen) Reset() {
	s.keys.reset()
	s.values.reset()
}

func (s *chosen) Bytes() int64 { return s.keys.bytes() + s.values.bytes() }

func (s *chosen) AppendSnapshot(dst []byte) []byte {
	return appendBlock(dst, func(w *writer) {
		s.keys.save(w)
		s.values.save(w)
	})
}

func (s *chosen) LoadSnapshot(src []byte) ([]byte, error) {
	return loadBlock(src, func(r *reader) {
		s.keys.load(r, func(key []byte) bool { return len(key) >= seqLen })
		s.values.load(r, func(text []byte) bool { return isElement(s.value, text) })
		same := func(a, b textSlot) bool { return (a.len < 0) == (b.len < 0) }
		if !slices.EqualFunc(s.keys.slots, s.values.slots, same) {
			r.Fail()
		}
	})
}

// bindChoice binds a choice that is filled in but for its value's type. The row
// that is chosen may be any that was not taken back, so that all are kept where
// rows are.
func bindChoice(s *Spec, f *Func, c choice) error {
	f.Args[0] = known(f.Args[0])
	f.Result, c.value = f.Args[0], f.Args[0]
	if s.Updating {
		f.InOrder = true
		f.create = func() State {
			return &arrivals{args: f.Args[:1], keys: c.keys, needs: c.needs, found: true, result: c.of}
		}
		return nil
	}
	f.create = func() State { return &chosen{choice: c} }
	return nil
}

// bindFirstLast binds FIRST_VALUE and LAST_VALUE: by ORDER BY, else by event time,
// and then by arrival.
func bindFirstLast(s *Spec, f *Func) error {
	needs := -1
	if s.IgnoreNulls {
		needs = 0
	}
	return bindChoice(s, f, choice{keys: sortKeys(s, f), last: f.Name == "LAST_VALUE", needs: needs})
}

// bindArg binds ARG_MIN and ARG_MAX.
func bindArg(s *Spec, f *Func) error {
	f.Args[1] = known(f.Args[1])
	if err := ordered(f.Name, f.Args[1]); err != nil {
		return err
	}
	return bindChoice(s, f, choice{keys: []sortKey{{col: 1, desc: f.Name == "ARG_MAX"}}, needs: 1})
}

// isElement reports whether text is an element of type t, as data.AppendElement
// writes it.
func isElement(t data.Type, text []byte) bool {
	var v data.Vector
	v.Reset(t)
	v.AppendEncoded(text)
	if !v.IsNull(0) {
		return true
	}
	return len(text) == 1 && text[0] == data.AppendNullElement(nil)[0]
}

// of is the result of a choice among rows that are all kept.
func (c *choice) of(s *arrivals, out *data.Vector, g int32) error {
	t := s.ordered.first(g)
	if c.last {
		t = s.ordered.last(g)
	}
	out.AppendEncoded(s.payload(t))
	return nil
}
