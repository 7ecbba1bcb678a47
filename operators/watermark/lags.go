package watermark

import (
	"math/bits"
	"slices"
)

// Lags counts how far rows lag behind: for each row a length of time that a
// watermark would have to wait for it to be in time. Lengths are counted by bounds
// that a person would choose, so that what is said of a bound is exact.
type Lags struct {
	bounds []int64 // microseconds, ascending; the first is 0
	counts []int64 // rows up to each bound and above the one before, then those above all
	n      int64
	most   int64
	starts [65]uint8 // the first bound that a lag of so many bits may not exceed
}

// bounds are 0 and the lengths that delays and lateness are given in, microseconds.
var bounds = func() []int64 {
	const ms, second = 1000, 1_000_000
	list := []int64{0}
	add := func(unit int64, counts ...int64) {
		for _, c := range counts {
			list = append(list, c*unit)
		}
	}
	add(ms, 1, 2, 5, 10, 20, 50, 100, 200, 500)
	add(second, 1, 2, 3, 5, 7, 10, 15, 20, 30, 45)
	add(60*second, 1, 2, 3, 5, 7, 10, 15, 20, 30, 45)
	add(3600*second, 1, 2, 3, 4, 6, 8, 12, 18)
	add(24*3600*second, 1, 2, 3, 5, 7, 14, 30, 90, 180, 365)
	return list
}()

// NewLags returns an empty count. exact are further bounds.
func NewLags(exact ...int64) *Lags {
	l := &Lags{bounds: slices.Clone(bounds)}
	for _, b := range exact {
		if b > 0 {
			l.bounds = append(l.bounds, b)
		}
	}
	slices.Sort(l.bounds)
	l.bounds = slices.Compact(l.bounds)
	l.counts = make([]int64, len(l.bounds)+1)
	for n := range l.starts {
		least := int64(1) // of so many bits
		if n > 1 {
			least = 1 << min(n-1, 62)
		}
		i, _ := slices.BinarySearch(l.bounds, least)
		l.starts[n] = uint8(i)
	}
	return l
}

// clone returns a copy that does not change with l.
func (l *Lags) clone() *Lags {
	c := *l
	c.counts = slices.Clone(l.counts)
	return &c
}

// add adds what another with the same bounds has counted.
func (l *Lags) add(x *Lags) {
	l.n, l.most = l.n+x.n, max(l.most, x.most)
	for i := range l.counts {
		l.counts[i] += x.counts[i]
	}
}

// Add counts a row that lags by some microseconds; none for less than 1.
func (l *Lags) Add(lag int64) { l.AddTimes(lag, 1) }

// AddTimes counts so many rows alike.
func (l *Lags) AddTimes(lag, rows int64) {
	l.n += rows
	if lag <= 0 {
		l.counts[0] += rows
		return
	}
	l.most = max(l.most, lag)
	i := int(l.starts[bits.Len64(uint64(lag))])
	for i < len(l.bounds) && l.bounds[i] < lag {
		i++
	}
	l.counts[i] += rows
}

// Rows returns how many rows have been counted.
func (l *Lags) Rows() int64 { return l.n }

// Most returns the greatest lag, microseconds.
func (l *Lags) Most() int64 { return l.most }

// Beyond returns how many rows lag by more than a length, which must be one of the
// bounds or Most.
func (l *Lags) Beyond(bound int64) int64 {
	i, _ := slices.BinarySearch(l.bounds, bound)
	n := int64(0)
	for _, c := range l.counts[min(i+1, len(l.counts)):] {
		n += c
	}
	return n
}

// Covering returns the least bound that no more than lost of a million rows lag
// beyond, and false when there is none.
func (l *Lags) Covering(lost int64) (bound int64, ok bool) {
	for _, b := range l.bounds {
		if l.Beyond(b)*1_000_000 <= lost*l.n {
			return b, true
		}
	}
	return 0, false
}

// Bar is how many rows lag by more than From and no more than To microseconds.
type Bar struct{ From, To, Rows int64 }

// Bars sorts the rows by the given bounds, which must be bounds of the count; the
// last bar, without a To, has those beyond all.
func (l *Lags) Bars(bounds ...int64) []Bar {
	bars := []Bar{{Rows: l.n - l.Beyond(0)}}
	from := int64(0)
	for _, b := range bounds {
		bars = append(bars, Bar{from, b, l.Beyond(from) - l.Beyond(b)})
		from = b
	}
	return append(bars, Bar{From: from, Rows: l.Beyond(from)})
}
