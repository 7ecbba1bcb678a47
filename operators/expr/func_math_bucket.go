package expr

import (
	"errors"
	"math"
	"math/big"

	"tidemark/operators/data"
)

var (
	errBucketCount  = errors.New("WIDTH_BUCKET needs 1 to 2147483646 buckets")
	errBucketBounds = errors.New("the bounds of WIDTH_BUCKET are equal")
	errBucketFinite = errors.New("WIDTH_BUCKET has no buckets for a NaN or between infinite bounds")
)

// bucketEntry is WIDTH_BUCKET of exact numbers, which is exact, and of DOUBLEs.
func bucketEntry() *entry {
	const dec, dbl, n = data.Decimal, data.Double, data.BigInt
	return &entry{name: "WIDTH_BUCKET", family: "math",
		doc:      "The number of the bucket that the first number falls into, of n equal ones from the second (inclusive) to the third (exclusive); 0 before the first, n + 1 behind the last. Bounds may fall.",
		examples: [][2]string{{"WIDTH_BUCKET(5.35, 0.024, 10.06, 5)", "3"}, {"WIDTH_BUCKET(-1, 0, 10, 5)", "0"}, {"WIDTH_BUCKET(10, 0, 10, 5)", "6"}},
		overloads: []*Function{
			intFunction(data.Int, nil, dec, dec, dec, n).perCall(exactBucketKernel),
			intFunction(data.Int, func(f *frame, i int) (int64, error) {
				return bucket(f.float(0, i), f.float(1, i), f.float(2, i), f.int(3, i))
			}, dbl, dbl, dbl, n),
		}}
}

// bucket is width_bucket of PostgreSQL.
func bucket(x, low, high float64, n int64) (int64, error) {
	switch {
	case n < 1 || n >= math.MaxInt32:
		return 0, errBucketCount
	case x != x || low-low != 0 || high-high != 0:
		return 0, errBucketFinite
	case low == high:
		return 0, errBucketBounds
	case low > high:
		x, low, high = -x, -low, -high
	}
	switch {
	case x < low:
		return 0, nil
	case x >= high:
		return n + 1, nil
	}
	// Halves, as the difference of two finite numbers may be infinite.
	part := (x/2 - low/2) / (high/2 - low/2)
	return min(int64(float64(n)*part), n-1) + 1, nil
}

// exactBucketKernel computes in integers: in 128 bits where they suffice.
func exactBucketKernel(c *Call) kernel {
	var at [3]func(f *frame, i int) data.Int128
	var scale int
	for k := range at {
		t := c.Args[k].Type()
		at[k], scale = decimalAt(k, t), max(scale, int(t.Scale))
	}
	return intRows(func(f *frame, i int) (int64, error) {
		n := f.int(3, i)
		if n < 1 || n >= math.MaxInt32 {
			return 0, errBucketCount
		}
		var v [3]data.Int128
		exact := true
		for k := range v {
			var ok bool
			v[k], ok = at[k](f, i).Rescale(int(c.Args[k].Type().Scale), scale)
			exact = exact && ok
		}
		if exact {
			if b, ok := bucketOf(v[0], v[1], v[2], n); ok {
				return b, nil
			}
		}
		var wide [3]*big.Int
		for k := range wide {
			wide[k] = rescaleBig(at[k](f, i).Big(), int(c.Args[k].Type().Scale), scale)
		}
		return bucketOfBig(wide[0], wide[1], wide[2], n)
	})
}

// bucketOf gives up where 128 bits are too few, or where the bounds are equal.
func bucketOf(x, low, high data.Int128, n int64) (b int64, ok bool) {
	if low.Cmp(high) > 0 {
		x, low, high = x.Neg(), low.Neg(), high.Neg()
	}
	switch {
	case low == high:
		return 0, false
	case x.Cmp(low) < 0:
		return 0, true
	case x.Cmp(high) >= 0:
		return n + 1, true
	}
	part, ok1 := x.Sub(low)
	whole, ok2 := high.Sub(low)
	product, ok3 := part.Mul(wideOf(n))
	if !ok1 || !ok2 || !ok3 {
		return 0, false
	}
	return int64(product.QuoTrunc(whole).Lo) + 1, true
}

func bucketOfBig(x, low, high *big.Int, n int64) (int64, error) {
	if low.Cmp(high) > 0 {
		x, low, high = x.Neg(x), low.Neg(low), high.Neg(high)
	}
	switch {
	case low.Cmp(high) == 0:
		return 0, errBucketBounds
	case x.Cmp(low) < 0:
		return 0, nil
	case x.Cmp(high) >= 0:
		return n + 1, nil
	}
	x.Sub(x, low).Mul(x, big.NewInt(n))
	return x.Quo(x, high.Sub(high, low)).Int64() + 1, nil
}
