package agg

import (
	"math/big"

	"tidemark/operators/data"
)

// momentResult is one of the aggregates of moments. of returns false for NULL.
type momentResult struct {
	name  string // for messages
	least int64  // values that it needs; with fewer it is NULL
	of    func(s spread) (ratio, bool)
}

// spread is the count and the sums of a group, by which the results are found.
type spread struct {
	n     int64
	scale int // decimal digits after the point
	sums  []exact
}

// deviation returns n*Σab - Σa*Σb as m * 2^exp: n² times the covariance of a and b
// in the population. ab names the sum of products, a and b those of the values.
func (s spread) deviation(ab, a, b int) (m *big.Int, exp int) {
	m, exp = s.sums[ab].big()
	m.Mul(m, big.NewInt(s.n))
	x, expX := s.sums[a].big()
	y, expY := s.sums[b].big()
	x.Mul(x, y)
	if more := expX + expY - exp; more > 0 {
		x.Lsh(x, uint(more))
	} else {
		m.Lsh(m, uint(-more))
		exp += more
	}
	return m.Sub(m, x), exp
}

// over returns the deviation divided by n * m, m being n or n - 1.
func (s spread) over(m int64, ab, a, b int) ratio {
	r := ratio{den: big.NewInt(s.n)}
	r.num, r.exp = s.deviation(ab, a, b)
	r.den.Mul(r.den, big.NewInt(m))
	if s.scale > 0 {
		unit := data.Pow10(s.scale).Big()
		r.den.Mul(r.den, unit).Mul(r.den, unit)
	}
	return r
}

func variancePop(s spread) (ratio, bool)  { return s.over(s.n, sumXX, sumX, sumX), true }
func varianceSamp(s spread) (ratio, bool) { return s.over(s.n-1, sumXX, sumX, sumX), true }

func deviationPop(s spread) (ratio, bool) {
	r, _ := variancePop(s)
	r.root = true
	return r, true
}

func deviationSamp(s spread) (ratio, bool) {
	r, _ := varianceSamp(s)
	r.root = true
	return r, true
}

func covariancePop(s spread) (ratio, bool)  { return s.over(s.n, sumXY, sumX, sumY), true }
func covarianceSamp(s spread) (ratio, bool) { return s.over(s.n-1, sumXY, sumX, sumY), true }

// correlation is the root of xy²/(xx*yy); NULL where one side never varies.
func correlation(s spread) (ratio, bool) {
	xx, expX := s.deviation(sumXX, sumX, sumX)
	yy, expY := s.deviation(sumYY, sumY, sumY)
	xy, exp := s.deviation(sumXY, sumX, sumY)
	r := ratio{num: new(big.Int).Mul(xy, xy), den: xx.Mul(xx, yy), exp: 2*exp - expX - expY, root: true, negative: xy.Sign() < 0}
	return r, r.den.Sign() != 0
}

// ratio is num/den * 2^exp or, when root is set, the square root of that.
type ratio struct {
	num, den *big.Int
	exp      int
	root     bool
	negative bool // of a root: it is to be taken below zero
}

// enoughBits is more than the 53 bits of a double and one to round by.
const enoughBits = 60

// round returns the double next to r: it is computed in whole numbers to more
// bits than a double has, the last of which stands for all that follow.
func (r ratio) round() float64 {
	x := new(big.Int).Abs(r.num)
	bits := enoughBits
	if r.root {
		if r.num.Sign()*r.den.Sign() < 0 { // of sums that no values have: a damaged snapshot
			return 0
		}
		bits *= 2
	}
	exp := r.exp
	if shift := bits + r.den.BitLen() - x.BitLen(); shift > 0 {
		x.Lsh(x, uint(shift))
		exp -= shift
	}
	if r.root && exp%2 != 0 {
		x.Lsh(x, 1)
		exp--
	}
	rest := new(big.Int)
	x.QuoRem(x, r.den, rest)
	more := rest.Sign() != 0
	if r.root {
		root := new(big.Int).Sqrt(x)
		more = more || rest.Mul(root, root).Cmp(x) != 0
		x, exp = root, exp/2
	}
	if more {
		x.SetBit(x, 0, 1)
	}
	f := new(big.Float).SetInt(x) // exactly
	nearest, _ := f.SetMantExp(f, exp).Float64()
	if r.num.Sign() < 0 || r.negative {
		nearest = -nearest
	}
	return nearest + 0 // never -0
}
