package agg

import (
	"fmt"
	"math"
	"strconv"

	"github.com/DataDog/sketches-go/ddsketch/mapping"

	"tidemark/operators/data"
)

// Compacter is a State that can do without the values that it keeps: for windows
// that are closed, and wait for late rows.
type Compacter interface {
	State
	// Compact replaces what all groups keep by summaries of bounded size. Results stay
	// what they are until a group gets another row, and are then within the bound that
	// Func.Bound tells. It must not be called again before a Reset.
	Compact()
}

// compacting is the values of groups, and when they have been compacted, sketches of
// them.
type compacting struct {
	plain  func() State
	exact  State        // nil after Compact
	sketch State        // nil before
	fresh  func() State // a new sketch
	turn   func(exact, sketch State, groups int32)
	show   func(sketch State, out *data.Vector, g int32)
	result data.Type
	groups int
	// kept has the results of the first groups as they were when they were compacted;
	// touched tells the groups that have got rows since.
	kept    data.Vector
	touched []bool
}

func newCompacting(c compacting) State {
	c.exact = c.plain()
	c.kept.Reset(c.result)
	return &c
}

func (s *compacting) Compact() {
	s.kept.Reset(s.result)
	all := countTo(s.groups)
	for len(all) > 0 {
		bad, err := s.exact.Append(&s.kept, all)
		if err == nil {
			break
		}
		s.kept.AppendNull() // a result that does not fit was reported, or is never asked for
		all = all[bad+1:]
	}
	s.summarize()
}

func (s *compacting) summarize() {
	s.sketch, s.touched = s.fresh(), extend(s.touched[:0], s.groups, false)
	s.sketch.Resize(s.groups)
	s.turn(s.exact, s.sketch, int32(s.groups))
	s.exact = nil
}

func (s *compacting) Resize(n int) {
	s.groups = n
	if s.sketch == nil {
		s.exact.Resize(n)
		return
	}
	s.sketch.Resize(n)
	s.touched = extend(s.touched, n, false)
}

func (s *compacting) Update(groups, rows []int32, in Rows) {
	if s.sketch == nil {
		s.exact.Update(groups, rows, in)
		return
	}
	for _, g := range groups {
		s.touched[g] = true
	}
	s.sketch.Update(groups, rows, in)
}

func (s *compacting) Merge(groups []int32, from State) {
	f := from.(*compacting)
	if s.sketch == nil && f.sketch == nil {
		s.exact.Merge(groups, f.exact)
		return
	}
	other := f.sketch
	if other == nil {
		other = s.fresh()
		other.Resize(f.groups)
		s.turn(f.exact, other, int32(f.groups))
	}
	if s.sketch == nil {
		s.summarize()
	}
	for _, g := range groups {
		s.touched[g] = true
	}
	s.sketch.Merge(groups, other)
}

func (s *compacting) Append(out *data.Vector, groups []int32) (int, error) {
	if s.sketch == nil {
		return s.exact.Append(out, groups)
	}
	for _, g := range groups {
		if int(g) < s.kept.Len() && !s.touched[g] {
			out.AppendFrom(&s.kept, int(g))
		} else {
			s.show(s.sketch, out, g)
		}
	}
	return 0, nil
}

func (s *compacting) Reset() {
	if s.sketch != nil {
		s.exact, s.sketch = s.plain(), nil
	} else {
		s.exact.Reset()
	}
	s.groups, s.touched = 0, s.touched[:0]
	s.kept.Reset(s.result)
}

func (s *compacting) Bytes() int64 {
	if s.sketch == nil {
		return s.exact.Bytes()
	}
	v := &s.kept
	return s.sketch.Bytes() + int64(cap(s.touched)+8*cap(v.Ints)+8*cap(v.Floats)+16*cap(v.Wides)+cap(v.Null))
}

func (s *compacting) AppendSnapshot(dst []byte) []byte {
	return appendBlock(dst, func(w *writer) {
		w.Flag(s.sketch != nil)
		w.Uvarint(uint64(s.groups))
		if s.sketch == nil {
			w.Append(s.exact.AppendSnapshot)
			return
		}
		w.Append(s.sketch.AppendSnapshot)
		w.Vector(&s.kept)
		for _, t := range s.touched {
			w.Flag(t)
		}
	})
}

func (s *compacting) LoadSnapshot(src []byte) ([]byte, error) {
	return loadBlock(src, func(r *reader) {
		s.Reset()
		compacted, groups := r.Flag(), r.Uvarint()
		if groups > math.MaxInt32 {
			r.Fail()
			return
		}
		load := s.exact.LoadSnapshot
		if compacted {
			s.exact, s.sketch = nil, s.fresh()
			load = s.sketch.LoadSnapshot
		}
		if r.Apply(load) != nil {
			r.Fail()
			return
		}
		if compacted {
			r.Vector(&s.kept, s.result)
			if uint64(s.kept.Len()) > groups || s.kept.Const || groups > uint64(len(r.Rest())) {
				r.Fail()
				return
			}
			for range groups {
				s.touched = append(s.touched, r.Flag())
			}
		}
		s.Resize(int(groups))
	})
}

// The bounds of what is computed from sketches.
const (
	countBound = "exact up to 1024 values, then within 2.5 % for 99 of 100 groups"
	placeBound = "within 1 % of the values that it lies between"
)

// compactly makes f one whose State is a Compacter, where the values of a group are
// kept; it returns an error for those that cannot do without them. An accumulator that
// is small stays as it is.
func (f *Func) compactly(s *Spec, distinct bool) error {
	switch f.Name {
	case "COUNT":
		if distinct {
			f.compactCount()
			return nil
		}
	case "PERCENTILE_CONT", "PERCENTILE_DISC", "MEDIAN":
		return f.compactPercentile(s)
	case "ARRAY_AGG", "STRING_AGG", "JSON_AGG", "JSON_ARRAYAGG", "JSON_OBJECTAGG", "MODE":
		return f.noCompactForm("")
	}
	if distinct {
		return f.noCompactForm("DISTINCT ")
	}
	return nil
}

func (f *Func) noCompactForm(distinct string) error {
	return fmt.Errorf("%s(%s…) needs all its values, and has no compact form for ON LATE APPROXIMATE; leave ON LATE APPROXIMATE out: late rows then correct the exact result", f.Name, distinct)
}

// compactCount lets COUNT(DISTINCT x) become APPROX_COUNT_DISTINCT.
func (f *Func) compactCount() {
	plain := f.create
	f.Bound = countBound
	f.create = func() State {
		return newCompacting(compacting{
			plain: plain, fresh: func() State { return &approxCount{} }, result: f.Result,
			turn: func(exact, sketch State, groups int32) {
				values, to := &exact.(*distinctBag).values, sketch.(*approxCount)
				var key []byte
				for g := range groups {
					values.walk(g, func(t int32) bool {
						key = values.appendKey(key[:0], t)
						to.sketches[g].add(textHash(key))
						return true
					})
				}
			},
			show: func(sketch State, out *data.Vector, g int32) { _, _ = sketch.Append(out, []int32{g}) },
		})
	}
}

// compactPercentile lets a percentile become APPROX_PERCENTILE, which interpolates
// where the exact one does.
func (f *Func) compactPercentile(s *Spec) error {
	arg := f.valueType()
	if !arg.Numeric() {
		return fmt.Errorf("%s of %s has no compact form for ON LATE APPROXIMATE, which numbers alone have; leave ON LATE APPROXIMATE out: late rows then correct the exact result", f.Name, arg)
	}
	place := half
	if f.Name != "MEDIAN" {
		of := &Func{Name: f.Name}
		var err error
		if place, err = percentilePlace(s, of); err != nil {
			return err
		}
	}
	index, err := mapping.NewLogarithmicMapping(relativeError)
	if err != nil {
		return fmt.Errorf("preparing %s: %w", f.Name, err)
	}
	plain, desc, between := f.create, descending(f), f.Name != "PERCENTILE_DISC"
	f.Bound = placeBound
	fresh := func() State {
		return &approxPercentile{place: place, desc: desc, scale: int(arg.Scale), index: index}
	}
	f.create = func() State {
		return newCompacting(compacting{
			plain: plain, fresh: fresh, result: f.Result,
			turn: func(exact, sketch State, groups int32) {
				values, to := exact.(*bag), sketch.(*approxPercentile)
				for g := range groups {
					values.values.walk(g, func(t int32) bool {
						to.put(g, values.read(t), 0, values.values.nodes[t].copies)
						return true
					})
				}
			},
			show: func(sketch State, out *data.Vector, g int32) {
				x, ok := sketch.(*approxPercentile).lies(g, between)
				appendAbout(out, x, ok)
			},
		})
	}
	return nil
}

// lies returns the percentile of a group, false where it has no values. between says
// that it may lie between two of them.
func (s *approxPercentile) lies(g int32, interpolates bool) (float64, bool) {
	n := s.buckets.total(g)
	if n == 0 {
		return 0, false
	}
	value := func(i int64) float64 {
		return s.middle(int64(s.buckets.nodes[s.buckets.at(g, i)].prefix ^ 1<<63))
	}
	if !interpolates {
		return value(s.place.rank(n, s.desc)), true
	}
	place := s.place
	if s.desc {
		place = place.fromAbove()
	}
	at, rest := place.of(n - 1)
	low := value(at)
	if rest == 0 {
		return low, true
	}
	return between(low, value(at+1), float64(rest)/math.Pow10(place.digits)), true
}

// appendAbout appends a number to out, rounded to what its type can hold; NULL without
// one.
func appendAbout(out *data.Vector, x float64, ok bool) {
	switch {
	case !ok:
		out.AppendNull()
	case out.Type.Kind == data.Double:
		out.AppendFloat(x)
	case out.Type.Kind == data.Int:
		out.AppendInt(int64(min(max(math.Round(x), math.MinInt32), math.MaxInt32)))
	case out.Type.Integer():
		out.AppendInt(int64(min(max(math.Round(x), -1<<63), 1<<63-1024)))
	default:
		v, err := data.ParseDecimal(strconv.AppendFloat(nil, x, 'f', int(out.Type.Scale), 64), int(out.Type.Precision), int(out.Type.Scale))
		switch {
		case err != nil: // beyond the type by less than the bound
			out.AppendNull()
		case out.Type.Class() == data.ClassWide:
			out.AppendWide(v)
		default:
			n, _ := v.Int64()
			out.AppendInt(n)
		}
	}
}
