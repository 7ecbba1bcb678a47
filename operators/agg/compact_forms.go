package agg

import (
	"fmt"
	"math"
	"strconv"

	"github.com/DataDog/sketches-go/ddsketch/mapping"

	"tidemark/operators/data"
)

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
	}
	if f.keepsAll() {
		return f.noCompactForm("")
	}
	if distinct {
		return f.noCompactForm("DISTINCT ")
	}
	return nil
}

// keepsAll reports whether the result of a group needs all of its values, whatever they are.
func (f *Func) keepsAll() bool {
	switch f.Name {
	case "ARRAY_AGG", "STRING_AGG", "JSON_AGG", "JSON_ARRAYAGG", "JSON_OBJECTAGG", "MODE":
		return true
	}
	return false
}

// KeepsValues reports whether a group grows with the values of its rows.
func (f *Func) KeepsValues() bool {
	switch f.Name {
	case "PERCENTILE_CONT", "PERCENTILE_DISC", "MEDIAN":
		return true
	}
	return f.Distinct || f.keepsAll()
}

func (f *Func) noCompactForm(distinct string) error {
	return fmt.Errorf("%s(%s…) needs all its values, and has no compact form for ON LATE APPROXIMATE; leave ON LATE APPROXIMATE out: late rows then correct the exact result", f.Name, distinct)
}

// compactCount lets COUNT(DISTINCT x) become APPROX_COUNT_DISTINCT.
func (f *Func) compactCount() {
	f.Bound = countBound
	ways := &compactWays{
		plain: f.create, fresh: func() State { return &approxCount{} }, result: f.Result,
		turn: func(exact State, from int32, sketch State, g int32) {
			values, to := &exact.(*distinctBag).values, sketch.(*approxCount)
			var key []byte
			values.walk(from, func(t int32) bool {
				key = values.appendKey(key[:0], t)
				to.sketches[g].add(textHash(key))
				return true
			})
		},
		values: func(exact State) *forest { return &exact.(*distinctBag).values },
		show:   func(sketch State, out *data.Vector, g int32) { _, _ = sketch.Append(out, []int32{g}) },
	}
	f.create = func() State { return newCompacting(ways) }
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
	desc, between := descending(f), f.Name != "PERCENTILE_DISC"
	f.Bound = placeBound
	ways := &compactWays{
		plain: f.create, result: f.Result,
		fresh: func() State {
			return &approxPercentile{place: place, desc: desc, scale: int(arg.Scale), index: index}
		},
		turn: func(exact State, from int32, sketch State, g int32) {
			values, to := exact.(*bag), sketch.(*approxPercentile)
			values.values.walk(from, func(t int32) bool {
				to.put(g, values.read(t), 0, values.values.nodes[t].copies)
				return true
			})
		},
		values: func(exact State) *forest { return &exact.(*bag).values },
		show: func(sketch State, out *data.Vector, g int32) {
			x, ok := sketch.(*approxPercentile).lies(g, between)
			appendAbout(out, x, ok)
		},
	}
	f.create = func() State { return newCompacting(ways) }
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
