package watermark

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// A monitor counts what a loop over the rows counts, however they are cut into batches.
func TestMonitor(t *testing.T) {
	const second = int64(1_000_000)
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 1))
		n := r.IntN(5000)
		times, bad := make([]int64, n), make([]bool, n)
		base := int64(1_700_000_000) * second
		for i := range times {
			base += r.Int64N(3 * second)
			times[i] = base - r.Int64N([]int64{1, 2 * second, 700 * second, 8000 * second}[r.IntN(4)])
			bad[i] = r.IntN(20) == 0
		}
		delay, now := 40*second, int64(0)
		if seed%2 == 1 {
			now = base - 500*second
		}
		var want Monitor
		latest, first := int64(0), true
		for i, x := range times {
			if bad[i] {
				continue
			}
			if first || x > latest {
				latest, first = x, false
			}
			skew := latest - x
			if skew > delay {
				want.Late++
			}
			if now != 0 {
				skew = now - x
			}
			want.Rows++
			want.Most = max(want.Most, skew)
			k := 0
			for _, bound := range []int64{-1, second, 5 * second, 30 * second, 300 * second} {
				if skew > bound {
					k++
				}
			}
			want.Buckets[k]++
			k = 0
			for _, bound := range []int64{60 * second, 300 * second, 3600 * second} {
				if skew >= bound {
					k++
				}
			}
			want.Severities[k]++
		}
		var got Monitor
		parts := []*Monitor{{}, {}}
		for from := 0; from < n; {
			to := min(n, from+1+r.IntN(700))
			var seen []int32
			if slices.Contains(bad[from:to], true) || r.IntN(2) == 0 {
				seen = []int32{}
				for i := from; i < to; i++ {
					if !bad[i] {
						seen = append(seen, int32(i-from))
					}
				}
			}
			got.Observe(times[from:to], seen, now, delay, 0)
			parts[r.IntN(2)].Observe(times[from:to], seen, now, delay, 0)
			from = to
		}
		if got.Rows != want.Rows || got.Late != want.Late || got.Buckets != want.Buckets || got.Severities != want.Severities || got.Most != want.Most {
			t.Fatalf("seed %d:\ngot  %+v\nwant %+v", seed, got, want)
		}
		sum := parts[0].Clone()
		sum.Add(parts[1])
		if got.Rows > 0 && (sum.Rows != got.Rows || sum.Lags.Rows() != got.Rows || got.Lags.Beyond(delay) != got.Late) {
			t.Fatalf("seed %d: %d rows in two parts, %d lags, %d late by their lags, want %d and %d", seed, sum.Rows, sum.Lags.Rows(), got.Lags.Beyond(delay), got.Rows, got.Late)
		}
	}
}

// Of very many rows it tells shares, which do not hang on how they are cut either.
func TestMonitorSamples(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 1))
	times := make([]int64, 800_000)
	for i := range times {
		times[i] = int64(i)*10_000 - r.Int64N(4_000_000)
	}
	var whole Monitor
	whole.Observe(times, nil, 0, 2_000_000, 0)
	var cut Monitor
	for from := 0; from < len(times); {
		to := min(len(times), from+1+r.IntN(20_000))
		cut.Observe(times[from:to], nil, 0, 2_000_000, 0)
		from = to
	}
	if cut.Rows != whole.Rows || cut.Late != whole.Late || cut.Buckets != whole.Buckets {
		t.Fatalf("%+v in batches, %+v at once", cut, whole)
	}
	late := 0
	latest := int64(0)
	for _, x := range times {
		latest = max(latest, x)
		if latest-x > 2_000_000 {
			late++
		}
	}
	exact := float64(late) / float64(len(times))
	if got := whole.LateRatio(); got < 0.98*exact || got > 1.02*exact {
		t.Fatalf("%v late, exactly %v", got, exact)
	}
	if d := whole.Rows - int64(len(times)); d < 0 || d >= sampleOf {
		t.Fatalf("%d rows for %d", whole.Rows, len(times))
	}
}

// A monitor tells the watermark that a row came behind where there is no fixed delay.
func TestMonitorBehindWatermark(t *testing.T) {
	var m Monitor
	m.Observe([]int64{10, 20, 5, 30}, nil, 0, -1, 15)
	if m.Rows != 4 || m.Late != 2 {
		t.Fatalf("%+v", m)
	}
}

func BenchmarkMonitor(b *testing.B) {
	r := rand.New(rand.NewPCG(3, 1))
	times := make([]int64, 8192)
	for i := range times {
		times[i] = int64(i)*10_000 - r.Int64N(4_000_000)
	}
	var m Monitor
	for range 100 {
		m.Observe(times, nil, 0, 2_000_000, 0)
	}
	b.ResetTimer()
	for range b.N {
		m.Observe(times, nil, 0, 2_000_000, 0)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/8192, "ns/row")
}
