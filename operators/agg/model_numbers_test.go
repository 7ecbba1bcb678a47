package agg

import (
	"math"
	"math/big"
	"strings"

	"tidemark/operators/data"
)

// fraction returns that of a percentile, from below.
func (m *model) fraction() *big.Rat {
	if m.f.Name == "MEDIAN" {
		return big.NewRat(1, 2)
	}
	for _, c := range m.spec.Consts {
		if c != nil {
			f, _ := new(big.Rat).SetString(string(data.AppendText(nil, c, 0)))
			if len(m.spec.Order) > 0 && m.spec.Order[0].Desc && m.f.Name == "PERCENTILE_CONT" {
				return f.Sub(big.NewRat(1, 1), f)
			}
			return f
		}
	}
	return nil
}

// rank is the place of PERCENTILE_DISC among n values in ascending order.
func (m *model) rank(n int) int {
	for i := range n {
		if m.fraction().Cmp(big.NewRat(int64(i+1), int64(n))) <= 0 {
			if len(m.spec.Order) > 0 && m.spec.Order[0].Desc {
				return n - 1 - i
			}
			return i
		}
	}
	return n - 1
}

func (m *model) continuous(sorted []modelRow) string {
	place := m.fraction()
	place.Mul(place, big.NewRat(int64(len(sorted)-1), 1))
	at := int(new(big.Int).Quo(place.Num(), place.Denom()).Int64())
	rest := place.Sub(place, big.NewRat(int64(at), 1))
	if rest.Sign() == 0 || at+1 < len(sorted) && compareFully(m.in.Cols[0], sorted[at].row, sorted[at+1].row) == 0 {
		if m.in.Cols[0].Type.Kind == data.Double || m.in.Cols[0].Type.Kind == data.Interval {
			return m.at(sorted, at)
		}
		rest.SetInt64(0)
	}
	if m.in.Cols[0].Type.Kind == data.Double {
		v, part := m.in.Cols[0], 0.0
		part, _ = rest.Float64()
		return doubleText(between(v.Floats[sorted[at].row], v.Floats[sorted[at+1].row], part))
	}
	x, _ := m.rat(0, sorted[at])
	if rest.Sign() > 0 {
		y, _ := m.rat(0, sorted[at+1])
		x.Add(x, rest.Mul(rest, y.Sub(y, x)))
	}
	if m.f.Result.Kind == data.Interval {
		n, _ := new(big.Int).SetString(roundRat(x, 0), 10)
		v, _ := fromBig(n)
		return string(data.AppendInterval(nil, lengthInterval(v)))
	}
	return m.exact(x)
}

func (m *model) mode(sorted []modelRow) string {
	v, best, most := m.in.Cols[0], -1, 0
	for i, r := range sorted {
		n := 0
		for _, o := range sorted {
			if compareFully(v, r.row, o.row) == 0 {
				n++
			}
		}
		if n > most || n == most && descending(m.f) {
			best, most = i, n
		}
	}
	return m.at(sorted, best)
}

// sum is SUM and AVG.
func (m *model) sum(rows []modelRow) string {
	total := new(big.Rat)
	nan, plus, minus := false, false, false
	for _, r := range rows {
		x, ok := m.rat(0, r)
		if !ok {
			f := m.in.Cols[0].Floats[m.in.Cols[0].Index(r.row)]
			nan, plus, minus = nan || f != f, plus || f > 0, minus || f < 0
			continue
		}
		total.Add(total, x)
	}
	n := big.NewRat(int64(len(rows)), 1)
	switch {
	case nan, plus && minus:
		return doubleText(math.NaN())
	case plus:
		return doubleText(math.Inf(1))
	case minus:
		return doubleText(math.Inf(-1))
	case m.f.Result.Kind != data.Double && m.f.Name == "AVG":
		return m.exact(total.Quo(total, n))
	case m.f.Result.Kind != data.Double:
		return m.exact(total)
	}
	if f, _ := total.Float64(); !math.IsInf(f, 0) || m.f.Name == "SUM" {
		if m.f.Name == "AVG" { // the sum is rounded, and then the quotient
			f /= float64(len(rows))
		}
		return m.double(f)
	}
	scaled, _ := new(big.Rat).Quo(total, new(big.Rat).SetInt(new(big.Int).Lsh(big.NewInt(1), 64))).Float64()
	return m.double(math.Ldexp(scaled/float64(len(rows)), 64))
}

func (m *model) double(f float64) string {
	if math.IsInf(f, 0) {
		return "overflow"
	}
	return doubleText(f + 0)
}

// exact rounds x to the result's scale.
func (m *model) exact(x *big.Rat) string {
	text := roundRat(x, int(m.f.Result.Scale))
	digits := strings.TrimLeft(strings.ReplaceAll(strings.TrimPrefix(text, "-"), ".", ""), "0")
	if m.f.Result.Kind == data.BigInt {
		if n, _ := new(big.Int).SetString(text, 10); !n.IsInt64() {
			return "overflow"
		}
	} else if len(digits) > data.MaxPrecision {
		return "overflow"
	}
	return text
}

// roundRat writes x with scale digits after the point, rounded half away from zero.
func roundRat(x *big.Rat, scale int) string {
	text := x.FloatString(scale)
	if strings.Trim(text, "-0.") == "" {
		text = strings.TrimPrefix(text, "-")
	}
	return text
}

// moments returns the means of column a and b and n times their covariance.
func (m *model) deviation(rows []modelRow, a, b int) (*big.Rat, bool) {
	sumA, sumB := new(big.Rat), new(big.Rat)
	for _, r := range rows {
		x, ok := m.rat(a, r)
		y, ok2 := m.rat(b, r)
		if !ok || !ok2 {
			return nil, false
		}
		sumA.Add(sumA, x)
		sumB.Add(sumB, y)
	}
	n := big.NewRat(int64(len(rows)), 1)
	meanA, meanB := sumA.Quo(sumA, n), sumB.Quo(sumB, n)
	total := new(big.Rat)
	for _, r := range rows {
		x, _ := m.rat(a, r)
		y, _ := m.rat(b, r)
		total.Add(total, x.Sub(x, meanA).Mul(x, y.Sub(y, meanB)))
	}
	return total, true
}

func (m *model) variance(rows []modelRow) string {
	return m.overDegrees(rows, 0, strings.HasPrefix(m.f.Name, "STDDEV"))
}

func (m *model) overDegrees(rows []modelRow, b int, root bool) string {
	degrees := len(rows)
	if strings.HasSuffix(m.f.Name, "SAMP") {
		degrees--
	}
	if degrees < 1 {
		return "NULL"
	}
	d, ok := m.deviation(rows, 0, b)
	if !ok {
		return doubleText(math.NaN())
	}
	d.Quo(d, big.NewRat(int64(degrees), 1))
	if root {
		return m.double(nearestRoot(d))
	}
	f, _ := d.Float64()
	return m.double(f)
}

// exactly returns a double as a fraction; what is too large for one counts as the least
// power of two that is.
func exactly(f float64) *big.Rat {
	if math.IsInf(f, 1) {
		return new(big.Rat).SetInt(new(big.Int).Lsh(big.NewInt(1), 1024))
	}
	return new(big.Rat).SetFloat64(f)
}

// nearestRoot returns the double next to the square root of x, which is not
// negative; of two that are equally near the even one. A first guess, which was
// rounded twice, is put right with exact squares.
func nearestRoot(x *big.Rat) float64 {
	root, _ := new(big.Float).Sqrt(new(big.Float).SetPrec(500).SetRat(x)).Float64()
	// against compares the root with the middle of root and a neighbour.
	against := func(neighbour float64) int {
		middle := exactly(root)
		middle.Add(middle, exactly(neighbour)).Quo(middle, big.NewRat(2, 1))
		return x.Cmp(middle.Mul(middle, middle))
	}
	odd := func() bool { return math.Float64bits(root)&1 == 1 }
	for root > 0 {
		below := math.Nextafter(root, 0)
		if c := against(below); c > 0 || c == 0 && !odd() {
			break
		}
		root = below
	}
	for root < math.MaxFloat64 {
		above := math.Nextafter(root, math.Inf(1))
		if c := against(above); c < 0 || c == 0 && !odd() {
			break
		}
		root = above
	}
	return root
}

func (m *model) pairs(rows []modelRow) string {
	if m.f.Name != "CORR" {
		return m.overDegrees(rows, 1, false)
	}
	if len(rows) == 0 {
		return "NULL"
	}
	xx, ok := m.deviation(rows, 0, 0)
	yy, ok2 := m.deviation(rows, 1, 1)
	if !ok || !ok2 {
		return doubleText(math.NaN())
	}
	if xx.Sign() == 0 || yy.Sign() == 0 {
		return "NULL"
	}
	xy, _ := m.deviation(rows, 0, 1)
	f := nearestRoot(new(big.Rat).Quo(new(big.Rat).Mul(xy, xy), xx.Mul(xx, yy)))
	return m.double(math.Copysign(f, float64(xy.Sign())))
}

func (m *model) list(rows []modelRow) string {
	if m.f.Name == "STRING_AGG" || m.f.Name == "ARRAY_AGG" && m.spec.IgnoreNulls {
		rows = m.without(rows, 0)
	}
	if m.spec.Distinct {
		key := OrderKey{}
		if len(m.spec.Order) > 0 {
			key = m.spec.Order[0]
		}
		up := m.distinct(m.sorted(rows, []OrderKey{{}}, 0)) // the shortest of equal intervals
		rows = m.sorted(up, []OrderKey{key}, 0)
	} else {
		rows = m.sorted(rows, m.spec.Order, len(m.f.Args))
	}
	if len(rows) == 0 {
		return "NULL"
	}
	var parts []string
	switch m.f.Name {
	case "STRING_AGG":
		separator := ","
		if len(m.spec.Consts) > 1 {
			separator = string(m.spec.Consts[1].Text(0))
		}
		for _, r := range rows {
			parts = append(parts, m.text(0, r))
		}
		return strings.Join(parts, separator)
	case "JSON_OBJECTAGG":
		values := map[string]string{}
		var names []string
		for _, r := range rows {
			if m.null(0, r) {
				return "a key of JSON_OBJECTAGG is NULL"
			}
			name := string(data.AppendJSONString(nil, data.AppendText(nil, m.in.Cols[0], r.row)))
			if _, seen := values[name]; !seen {
				names = append(names, name)
			}
			values[name] = m.json(1, r)
		}
		for _, n := range names {
			parts = append(parts, n+":"+values[n])
		}
		return "{" + strings.Join(parts, ",") + "}"
	case "JSON_ARRAYAGG":
		rows = m.without(rows, 0)
	}
	for _, r := range rows {
		parts = append(parts, m.json(0, r))
	}
	return "[" + strings.Join(parts, ",") + "]"
}
