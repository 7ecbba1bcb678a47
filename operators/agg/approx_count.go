package agg

import (
	"errors"
	"slices"

	"github.com/axiomhq/hyperloglog"

	"tidemark/operators/data"
)

// approxCount is APPROX_COUNT_DISTINCT: exact up to fewHashes values in a group,
// a HyperLogLog sketch of 2^14 registers beyond, whose standard error is 0.8 %.
type approxCount struct {
	sketches []countSketch
	pick     picker
	key      []byte
}

// countSketch is the hashes of different values, or when they get many, a sketch.
// Which of the two it is depends on their number alone: the library's own sparse
// form would depend on how they came.
type countSketch struct {
	few  []uint64 // ascending
	many *hyperloglog.Sketch
}

const fewHashes = 1024

func (c *countSketch) add(hash uint64) {
	if c.many != nil {
		c.many.InsertHash(hash)
		return
	}
	i, found := slices.BinarySearch(c.few, hash)
	if found {
		return
	}
	c.few = slices.Insert(c.few, i, hash)
	if len(c.few) > fewHashes {
		c.many = hyperloglog.NewNoSparse()
		for _, h := range c.few {
			c.many.InsertHash(h)
		}
		c.few = nil
	}
}

func (s *approxCount) Resize(n int) { s.sketches = extend(s.sketches, n, countSketch{}) }

func (s *approxCount) Update(groups, rows []int32, in Rows) {
	arg := in.Cols[0]
	groups, at := s.pick.pick(groups, rows, arg)
	for k, r := range at {
		s.key = appendDistinct(s.key[:0], arg, int(r))
		s.sketches[groups[k]].add(textHash(s.key))
	}
}

func (s *approxCount) Merge(groups []int32, from State) {
	f := from.(*approxCount)
	for i := range f.sketches {
		s.sketches[groups[i]].merge(&f.sketches[i])
	}
}

// merge adds the values of x.
func (c *countSketch) merge(x *countSketch) {
	for _, h := range x.few {
		c.add(h)
	}
	if x.many == nil {
		return
	}
	if c.many == nil {
		c.many = hyperloglog.NewNoSparse()
		for _, h := range c.few {
			c.many.InsertHash(h)
		}
		c.few = nil
	}
	_ = c.many.Merge(x.many) // all have one precision: it cannot fail
}

func (s *approxCount) Append(out *data.Vector, groups []int32) (int, error) {
	for _, g := range groups {
		if c := &s.sketches[g]; c.many != nil {
			out.AppendInt(int64(c.many.Estimate()))
		} else {
			out.AppendInt(int64(len(c.few)))
		}
	}
	return 0, nil
}

func (s *approxCount) Reset() { s.sketches = s.sketches[:0] }

// sketchBytes is what a sketch holds: a byte for each register.
const sketchBytes = 1 << 14

func (s *approxCount) Bytes() int64 {
	b := int64(32*cap(s.sketches)) + s.pick.bytes()
	for i := range s.sketches {
		if c := &s.sketches[i]; c.many != nil {
			b += sketchBytes
		} else {
			b += int64(8 * cap(c.few))
		}
	}
	return b
}

func (s *approxCount) AppendSnapshot(dst []byte) []byte {
	return appendBlock(dst, func(w *writer) {
		w.Uvarint(uint64(len(s.sketches)))
		for i := range s.sketches {
			c := &s.sketches[i]
			w.Flag(c.many != nil)
			if c.many == nil {
				w.Uvarint(uint64(len(c.few)))
				for _, h := range c.few {
					w.Word(h)
				}
				continue
			}
			sketch, _ := c.many.MarshalBinary() // it fails for sketches of no precision only
			w.Text(sketch)
		}
	})
}

func (s *approxCount) LoadSnapshot(src []byte) ([]byte, error) {
	return loadBlock(src, func(r *reader) {
		s.Reset()
		groups := r.Count(2)
		s.Resize(groups)
		for i := range s.sketches {
			c := &s.sketches[i]
			if !r.Flag() {
				for range min(r.Count(8), fewHashes) {
					c.few = append(c.few, r.Word())
				}
				continue
			}
			c.many = hyperloglog.NewNoSparse()
			if err := r.sketch(c.many); err != nil {
				r.Fail()
				return
			}
		}
	})
}

// sketch reads a sketch into c, a new one.
func (r *reader) sketch(c *hyperloglog.Sketch) error {
	header, err := c.MarshalBinary()
	saved := r.Text()
	if err != nil || len(saved) != len(header) || !slices.Equal(header[:4], saved[:4]) {
		return errDamaged // of another form: it could not be merged with ours
	}
	return c.UnmarshalBinary(saved)
}

func bindApproxCount(s *Spec, f *Func) error {
	if s.Updating {
		return errors.New("APPROX_COUNT_DISTINCT cannot take values back, and its input is updating; write COUNT(DISTINCT x), which is exact")
	}
	f.Result = data.Of(data.BigInt)
	f.create = func() State { return &approxCount{} }
	return nil
}
