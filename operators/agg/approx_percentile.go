package agg

import (
	"errors"
	"fmt"
	"math"

	"github.com/DataDog/sketches-go/ddsketch/mapping"

	"tidemark/operators/data"
)

// relativeError bounds what APPROX_PERCENTILE is off: its result is within this
// part of the value that PERCENTILE_DISC would give.
const relativeError = 0.01

// approxPercentile is APPROX_PERCENTILE: counts of values in buckets that grow
// with their distance from zero (C. Masson, J. E. Rim and H. K. Lee, "DDSketch",
// 2019). The buckets' bounds are fixed, so that neither order nor splits show.
type approxPercentile struct {
	place fraction
	desc  bool
	scale int // decimal digits of the argument after the point
	index mapping.IndexMapping

	buckets forest // of eight bytes: see bucket
	pick    picker
	key     []byte
}

// Buckets are numbered in the order of what is in them: 0 is zero, positive
// values begin at firstBucket, negative ones mirror them.
const (
	firstBucket    = 1 << 40
	infinityBucket = 1 << 50
	nanBucket      = 1 << 51
)

// bucket returns the number of the bucket of x.
func (s *approxPercentile) bucket(x float64) int64 {
	switch a := math.Abs(x); {
	case x != x:
		return nanBucket
	case a > s.index.MaxIndexableValue(): // infinite, or nearly so
		if x < 0 {
			return -infinityBucket
		}
		return infinityBucket
	case a < s.index.MinIndexableValue():
		return 0
	case x < 0:
		return -firstBucket - int64(s.index.Index(a))
	default:
		return firstBucket + int64(s.index.Index(a))
	}
}

// middle returns the value that stands for those in a bucket.
func (s *approxPercentile) middle(bucket int64) float64 {
	switch {
	case bucket == nanBucket:
		return math.NaN()
	case bucket == infinityBucket:
		return math.Inf(1)
	case bucket == -infinityBucket:
		return math.Inf(-1)
	case bucket == 0:
		return 0
	case bucket < 0:
		return -s.index.Value(int(-firstBucket - bucket))
	}
	return s.index.Value(int(bucket - firstBucket))
}

func (s *approxPercentile) Resize(n int) { s.buckets.resize(n) }

func (s *approxPercentile) Update(groups, rows []int32, in Rows) {
	arg := in.Cols[0]
	groups, at := s.pick.pick(groups, rows, arg)
	for k, r := range at {
		s.put(groups[k], arg, r, 1)
	}
}

// put adds copies of the value in row r of arg to a group.
func (s *approxPercentile) put(g int32, arg *data.Vector, r int32, copies int64) {
	x := 0.0
	switch arg.Type.Class() {
	case data.ClassFloat:
		x = arg.Floats[r]
	case data.ClassWide:
		x = arg.Wides[r].Float64() / math.Pow10(s.scale)
	default:
		x = float64(arg.Ints[r]) / math.Pow10(s.scale)
	}
	s.key = appendSeq(s.key[:0], s.bucket(x))
	s.buckets.add(g, s.key, copies)
}

func (s *approxPercentile) Merge(groups []int32, from State) {
	s.buckets.merge(groups, &from.(*approxPercentile).buckets, nil)
}

func (s *approxPercentile) Append(out *data.Vector, groups []int32) (int, error) {
	for _, g := range groups {
		n := s.buckets.total(g)
		if n == 0 {
			out.AppendNull()
			continue
		}
		t := s.buckets.at(g, s.place.rank(n, s.desc))
		out.AppendFloat(s.middle(int64(s.buckets.nodes[t].prefix ^ 1<<63)))
	}
	return 0, nil
}

func (s *approxPercentile) Reset()       { s.buckets.reset() }
func (s *approxPercentile) Bytes() int64 { return s.buckets.bytes() + s.pick.bytes() }

func (s *approxPercentile) AppendSnapshot(dst []byte) []byte {
	return appendBlock(dst, s.buckets.save)
}

func (s *approxPercentile) LoadSnapshot(src []byte) ([]byte, error) {
	return loadBlock(src, func(r *reader) {
		s.buckets.load(r, func(_ int32, key []byte, _ int64) bool { return len(key) == 8 })
	})
}

func bindApproxPercentile(s *Spec, f *Func) error {
	if s.Updating {
		return errors.New("APPROX_PERCENTILE does not follow an updating input; write PERCENTILE_DISC(0.95) WITHIN GROUP (ORDER BY x), which is exact")
	}
	place, err := percentilePlace(s, f)
	if err != nil {
		return err
	}
	t := f.valueType()
	if !t.Numeric() && t.Kind != data.Unknown {
		return notNumeric(f.Name, t)
	}
	index, err := mapping.NewLogarithmicMapping(relativeError)
	if err != nil {
		return fmt.Errorf("preparing APPROX_PERCENTILE: %w", err)
	}
	f.Result = data.Of(data.Double)
	f.create = func() State {
		return &approxPercentile{place: place, desc: descending(f), scale: int(t.Scale), index: index}
	}
	return nil
}
