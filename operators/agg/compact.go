package agg

import (
	"math"

	"tidemark/operators/data"
)

// Compacter is a State whose groups can do without the values that they keep: for
// windows that are closed, and wait for late rows. Groups that are compact and groups
// that are not stand side by side, and may be merged and joined.
type Compacter interface {
	Regrouper
	// Compact replaces what groups keep by summaries of bounded size. The result of a
	// group stays what it is until it gets another row or group, and is then within the
	// bound that Func.Bound tells.
	Compact(groups []int32)
	// Summarize is Compact, with results that are those of the summaries at once: they
	// depend on the values alone, whatever parts have been compacted before.
	Summarize(groups []int32)
}

// compactWays are how the groups of an aggregate are compacted.
type compactWays struct {
	plain func() State // what keeps all values, and the summaries: both Regroupers
	fresh func() State
	// turn adds what a group of the first keeps to a group of the second.
	turn func(exact State, from int32, sketch State, to int32)
	// values are those of the first.
	values func(exact State) *forest
	show   func(sketch State, out *data.Vector, g int32)
	result data.Type // of fixed width
}

// compacting is the values of groups, and of those that have been compacted, sketches
// of them.
type compacting struct {
	ways    *compactWays
	exact   Regrouper
	sketch  Regrouper // nil until a group is compacted
	forms   []compactForm
	compact int         // groups that are compact
	kept    data.Vector // by group: the result of those whose form is compactKept
	to, at  []int32     // scratch
	one     [1]int32
	value   data.Vector
}

// compactForm is what a group has.
type compactForm uint8

const (
	notCompact  compactForm = iota
	compactKept             // a summary, and its result as it was when it was compacted
	compactOnly             // a summary
)

func newCompacting(w *compactWays) State {
	s := &compacting{ways: w, exact: w.plain().(Regrouper)}
	s.kept.Reset(w.result)
	return s
}

// summaries makes room for summaries of all groups.
func (s *compacting) summaries() {
	if s.sketch == nil {
		s.sketch = s.ways.fresh().(Regrouper)
	}
	s.Resize(len(s.forms))
}

func (s *compacting) Resize(n int) {
	s.exact.Resize(n)
	s.forms = extend(s.forms, n, notCompact)
	if s.sketch == nil {
		return
	}
	s.sketch.Resize(n)
	k := &s.kept
	switch k.Type.Class() {
	case data.ClassInt:
		k.Ints = extend(k.Ints, n, 0)
	case data.ClassFloat:
		k.Floats = extend(k.Floats, n, 0)
	default:
		k.Wides = extend(k.Wides, n, data.Int128{})
	}
	if k.Null != nil {
		k.Null = extend(k.Null, n, false)
	}
}

// keep makes row i of v the result of a group.
func (s *compacting) keep(g int32, v *data.Vector, i int) {
	k := &s.kept
	if v.IsNull(i) {
		k.SetNull(int(g), len(s.forms))
		return
	}
	if k.Null != nil {
		k.Null[g] = false
	}
	switch k.Type.Class() {
	case data.ClassInt:
		k.Ints[g] = v.Ints[i]
	case data.ClassFloat:
		k.Floats[g] = v.Floats[i]
	default:
		k.Wides[g] = v.Wides[i]
	}
}

func (s *compacting) Compact(groups []int32) {
	s.summaries()
	for _, g := range groups {
		if s.forms[g] != notCompact {
			continue
		}
		s.value.Reset(s.ways.result)
		if _, err := s.exact.Append(&s.value, s.only(g)); err != nil {
			s.value.AppendNull() // a result that does not fit was reported, or is never asked for
		}
		s.keep(g, &s.value, 0)
		s.turn(g, compactKept)
	}
	if s.ways.values(s.exact).wasteful() {
		full := s.exact
		s.exact = s.ways.plain().(Regrouper)
		s.exact.Resize(len(s.forms))
		s.exact.Merge(countTo(len(s.forms)), full)
	}
}

func (s *compacting) Summarize(groups []int32) {
	s.summaries()
	for _, g := range groups {
		s.turn(g, compactOnly)
	}
}

// turn makes a group one of a compact form. The values that it has are taken into its
// summary.
func (s *compacting) turn(g int32, form compactForm) {
	if !s.empty(g) {
		s.ways.turn(s.exact, g, s.sketch, g)
	}
	s.exact.Clear(s.only(g))
	if s.forms[g] == notCompact {
		s.compact++
	}
	s.forms[g] = form
}

// empty reports whether no values of a group are kept.
func (s *compacting) empty(g int32) bool { return s.ways.values(s.exact).total(g) == 0 }

// only returns the list of one group, good until the next.
func (s *compacting) only(g int32) []int32 {
	s.one[0] = g
	return s.one[:]
}

func (s *compacting) Update(groups, rows []int32, in Rows) {
	if s.compact == 0 {
		s.exact.Update(groups, rows, in)
		return
	}
	for pass := range 2 { // those that are not compact, then those that are
		s.to, s.at = s.to[:0], s.at[:0]
		for k, g := range groups {
			if (s.forms[g] != notCompact) == (pass == 1) {
				s.to, s.at = append(s.to, g), append(s.at, rows[k])
			}
		}
		if pass == 0 {
			s.exact.Update(s.to, s.at, in)
			continue
		}
		for _, g := range s.to {
			s.forms[g] = compactOnly
		}
		s.sketch.Update(s.to, s.at, in)
	}
}

// Merge adds the groups of another. A group that has nothing yet becomes what it is given,
// a compact one with its result.
func (s *compacting) Merge(groups []int32, from State) {
	f := from.(*compacting)
	if f.compact > 0 {
		s.summaries()
		for i, form := range f.forms {
			if form != notCompact {
				s.receive(groups[i], form, &f.kept, int32(i))
			}
		}
		s.sketch.Merge(groups, f.sketch)
	}
	s.exact.Merge(groups, f.exact)
	s.absorb(groups)
}

// receive prepares group g for a compact one, i, of what keeps the results kept.
func (s *compacting) receive(g int32, form compactForm, kept *data.Vector, i int32) {
	if s.forms[g] != notCompact || form == compactOnly || !s.empty(g) {
		s.turn(g, compactOnly)
		return
	}
	s.keep(g, kept, int(i))
	s.turn(g, compactKept)
}

// absorb takes values that compact groups have been given into their summaries.
func (s *compacting) absorb(groups []int32) {
	if s.compact == 0 {
		return
	}
	for _, g := range groups {
		if s.forms[g] != notCompact && !s.empty(g) {
			s.turn(g, compactOnly)
		}
	}
}

// Join unites groups: see Merge.
func (s *compacting) Join(to, from []int32) {
	if s.compact == 0 {
		s.exact.Join(to, from)
		return
	}
	for k, f := range from {
		g := to[k]
		if s.forms[f] == notCompact {
			s.exact.Join(to[k:k+1], from[k:k+1])
			s.absorb(to[k : k+1])
			continue
		}
		s.receive(g, s.forms[f], &s.kept, f)
		s.sketch.Join(to[k:k+1], from[k:k+1])
	}
}

// Clear makes groups empty.
func (s *compacting) Clear(groups []int32) {
	s.exact.Clear(groups)
	if s.compact == 0 {
		return
	}
	s.sketch.Clear(groups)
	for _, g := range groups {
		if s.forms[g] != notCompact {
			s.forms[g] = notCompact
			s.compact--
		}
	}
}

func (s *compacting) Append(out *data.Vector, groups []int32) (int, error) {
	if s.compact == 0 {
		return s.exact.Append(out, groups)
	}
	for k, g := range groups {
		switch s.forms[g] {
		case compactKept:
			out.AppendFrom(&s.kept, int(g))
		case compactOnly:
			s.ways.show(s.sketch, out, g)
		default:
			if _, err := s.exact.Append(out, groups[k:k+1]); err != nil {
				return k, err
			}
		}
	}
	return 0, nil
}

func (s *compacting) Reset() {
	if s.sketch != nil {
		s.exact, s.sketch = s.ways.plain().(Regrouper), nil
	} else {
		s.exact.Reset()
	}
	s.forms, s.compact = s.forms[:0], 0
	s.kept.Reset(s.ways.result)
}

func (s *compacting) Bytes() int64 {
	v := &s.kept
	b := s.exact.Bytes() + int64(cap(s.forms)+4*cap(s.to)+4*cap(s.at)+8*cap(v.Ints)+8*cap(v.Floats)+16*cap(v.Wides)+cap(v.Null))
	if s.sketch != nil {
		b += s.sketch.Bytes()
	}
	return b
}

func (s *compacting) AppendSnapshot(dst []byte) []byte {
	return appendBlock(dst, func(w *writer) {
		w.Append(s.exact.AppendSnapshot)
		w.Uvarint(uint64(len(s.forms)))
		w.Flag(s.compact > 0)
		if s.compact == 0 {
			return
		}
		w.Append(s.sketch.AppendSnapshot)
		kept := data.Vector{}
		kept.Reset(s.ways.result)
		for g, form := range s.forms {
			w.Uvarint(uint64(form))
			if form == compactKept {
				kept.AppendFrom(&s.kept, g)
			}
		}
		w.Vector(&kept)
	})
}

func (s *compacting) LoadSnapshot(src []byte) ([]byte, error) {
	return loadBlock(src, func(r *reader) {
		s.Reset()
		if r.Apply(s.exact.LoadSnapshot) != nil {
			r.Fail()
			return
		}
		groups := r.Uvarint()
		switch compact := r.Flag(); {
		case groups > math.MaxInt32, compact && groups > uint64(len(r.Rest())):
			r.Fail()
			return
		case !compact:
			s.Resize(int(groups))
			return
		}
		s.sketch = s.ways.fresh().(Regrouper)
		if r.Apply(s.sketch.LoadSnapshot) != nil {
			r.Fail()
			return
		}
		for range groups {
			form := r.Uvarint()
			if form > uint64(compactOnly) {
				r.Fail()
				return
			}
			s.forms = append(s.forms, compactForm(form))
			if form != uint64(notCompact) {
				s.compact++
			}
		}
		s.loadKept(r)
	})
}

// loadKept reads the results of the groups that have kept them.
func (s *compacting) loadKept(r *reader) {
	kept := data.Vector{}
	r.Vector(&kept, s.ways.result)
	if r.Damaged() || kept.Const {
		r.Fail()
		return
	}
	s.summaries()
	i := 0
	for g, form := range s.forms {
		if form != compactKept {
			continue
		}
		if i == kept.Len() {
			r.Fail()
			return
		}
		s.keep(int32(g), &kept, i)
		i++
	}
	if i != kept.Len() {
		r.Fail()
	}
}
