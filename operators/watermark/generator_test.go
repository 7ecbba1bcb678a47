package watermark

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"tidemark/operators/data"
)

var timePool = data.NewPool(data.Schema{{Name: "ts", Type: data.Of(data.Timestamp)}})

// pieces cuts times into pieces and those into batches, as cut says: the sizes of
// the batches of each piece. Rows that are not marked do not count.
func pieces(times []int64, marked []bool, cut [][]int) []*Piece {
	var list []*Piece
	at := 0
	for n, sizes := range cut {
		p := &Piece{Number: int64(n)}
		for _, size := range sizes {
			b := timePool.Get()
			r := Rows{Batch: b}
			all := true
			seen := []int32{}
			for i, t := range times[at : at+size] {
				b.Cols[0].AppendInt(t)
				if marked == nil || marked[at+i] {
					seen = append(seen, int32(i))
				} else {
					all = false
				}
			}
			b.N = size
			r.Times = b.Cols[0].Ints
			if !all {
				r.Seen = seen
			}
			p.Rows = append(p.Rows, r)
			at += size
		}
		list = append(list, p)
	}
	return list
}

// drawCut draws how n rows are cut.
func drawCut(t *rapid.T, n int) [][]int {
	var cut [][]int
	for at := 0; at < n; {
		var sizes []int
		for range rapid.IntRange(1, 3).Draw(t, "batches") {
			if at < n {
				k := rapid.IntRange(1, n-at).Draw(t, "rows")
				sizes = append(sizes, k)
				at += k
			}
		}
		cut = append(cut, sizes)
	}
	return cut
}

// run surveys all pieces, in an order drawn, and settles them; it returns the
// steps with the rows counted through.
func run(t *rapid.T, g Generator, list []*Piece, again func() Generator) ([]data.Step, int64) {
	order := rapid.Permutation(list).Draw(t, "survey")
	for _, p := range order {
		g.Survey(p)
	}
	var steps []data.Step
	at := 0
	for _, p := range list {
		if rapid.IntRange(0, 9).Draw(t, "restore") == 0 {
			g = restored(t, g, again())
		}
		if err := g.Settle(p); err != nil {
			t.Fatal(err)
		}
		for _, r := range p.Rows {
			for _, s := range r.Batch.Steps {
				steps = append(steps, data.Step{Row: at + s.Row, Time: s.Time})
			}
			at += r.Batch.N
		}
	}
	return steps, g.Now()
}

// restored returns a new generator that goes on where g is.
func restored(t *rapid.T, g, fresh Generator) Generator {
	var e data.Encoder
	g.Snapshot(&e)
	d := data.NewDecoder(e.Bytes())
	if err := fresh.Restore(d); err != nil || d.Damaged() || len(d.Rest()) > 0 {
		t.Fatalf("%v, damaged %v, %d bytes left", err, d.Damaged(), len(d.Rest()))
	}
	return fresh
}

// generator returns a new generator for a partition of these pieces.
func generator(spec Spec, list []*Piece) Generator {
	if spec.Kind != Perfect {
		return New(spec)
	}
	var extents []Extent
	for _, p := range list {
		extents = append(extents, ExtentOf(p))
	}
	return NewPerfect(extents)
}

// rowByRow is what a generator must come to: the watermark after each row that
// counts, by a function of the times so far.
func rowByRow(times []int64, marked []bool, after func(seen []int64, k int) int64) []data.Step {
	var steps []data.Step
	var seen []int64
	for i, t := range times {
		if marked == nil || marked[i] {
			seen = append(seen, t)
		}
	}
	now, k := int64(data.MinTime), 0
	for i := range times {
		if marked != nil && !marked[i] {
			continue
		}
		if w := after(seen, k); w > now && w != data.MaxTime {
			now = w
			steps = append(steps, data.Step{Row: i + 1, Time: w})
		}
		k++
	}
	return steps
}

// However the input is cut into pieces and the pieces into batches, and in whatever
// order these are surveyed, the steps are those of one row after the other.
func TestGenerators(t *testing.T) {
	for _, extreme := range []bool{false, true} {
		rapid.Check(t, func(t *rapid.T) {
			time := rapid.Int64Range(-50, 50)
			if extreme {
				time = rapid.OneOf(time, rapid.SampledFrom([]int64{math.MinInt64 + 1, math.MinInt64 + 5, math.MaxInt64 - 1}))
			}
			times := rapid.SliceOfN(time, 0, 60).Draw(t, "times")
			var marked []bool
			if rapid.Bool().Draw(t, "marks") {
				marked = rapid.SliceOfN(rapid.Bool(), len(times), len(times)).Draw(t, "marked")
			}
			cut := drawCut(t, len(times))
			spec := Spec{Kind: rapid.SampledFrom([]Kind{Bounded, Adaptive, Perfect}).Draw(t, "kind")}
			spec.Delay = rapid.Int64Range(0, 10).Draw(t, "delay")
			spec.Share = rapid.SampledFrom([]int64{1, 100_000_000, 500_000_000, 950_000_000, whole}).Draw(t, "share")
			spec.Last = rapid.IntRange(1, 20).Draw(t, "last")
			spec.Drift = rapid.Int64Range(0, 30).Draw(t, "drift")

			want := rowByRow(times, marked, model(spec))
			list := pieces(times, marked, cut)
			got, now := run(t, generator(spec, list), list, func() Generator { return generator(spec, list) })
			if !slices.Equal(got, want) {
				t.Fatalf("%+v, %v of %v:\ngot  %v\nwant %v", spec, marked, times, got, want)
			}
			if n := len(want); n > 0 && now != want[n-1].Time || n == 0 && now != data.MinTime {
				t.Fatalf("now %d after %v", now, want)
			}
		})
	}
}

// model returns the watermark that a spec means after the k-th of the rows seen.
func model(s Spec) func(seen []int64, k int) int64 {
	return func(seen []int64, k int) int64 {
		if s.Kind == Perfect {
			if k+1 == len(seen) {
				return data.MaxTime
			}
			return slices.Min(seen[k+1:])
		}
		credible := []int64{}
		for _, t := range seen[:k+1] {
			if n := len(credible); s.Drift == 0 || n == 0 || t <= slices.Max(credible) || uint64(t-slices.Max(credible)) <= uint64(s.Drift) {
				credible = append(credible, t)
			}
		}
		latest := slices.Max(credible)
		if s.Kind == Bounded {
			return max(data.AddTime(latest, -s.Delay), data.MinTime)
		}
		if len(credible) < min(s.Last, 100) {
			return data.MinTime
		}
		var delays []int64
		for i := max(0, len(credible)-s.Last); i < len(credible); i++ {
			d := slices.Max(credible[:i+1]) - credible[i]
			if d < 0 {
				d = math.MaxInt64
			}
			delays = append(delays, d)
		}
		slices.Sort(delays)
		n := int64(len(delays))
		rank := (s.Share*n + whole - 1) / whole
		return data.AddTime(latest, -delays[rank-1])
	}
}

// A watermark never goes back, whatever raises it and whatever its rows say.
func TestNeverBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spec := Spec{Kind: rapid.SampledFrom([]Kind{Bounded, Adaptive, Perfect}).Draw(t, "kind"), Share: 900_000_000, Last: 5,
			Drift: rapid.Int64Range(0, 20).Draw(t, "drift")}
		times := rapid.SliceOfN(rapid.Int64Range(-50, 50), 1, 60).Draw(t, "times")
		list := pieces(times, nil, drawCut(t, len(times)))
		g := generator(spec, list)
		now := g.Now()
		for _, p := range list {
			g.Survey(p)
		}
		for _, p := range list {
			if floor := rapid.Int64Range(-60, 60).Draw(t, "floor"); floor > 40 {
				if moved := g.Raise(floor); moved != (floor > now) {
					t.Fatalf("raised from %d to %d: %v", now, floor, moved)
				}
				now = max(now, floor)
			}
			if err := g.Settle(p); err != nil {
				t.Fatal(err)
			}
			for _, r := range p.Rows {
				for _, s := range r.Batch.Steps {
					if s.Time <= now {
						t.Fatalf("from %d to %d", now, s.Time)
					}
					now = s.Time
				}
			}
			if g.Now() != now {
				t.Fatalf("it stands at %d, its steps say %d", g.Now(), now)
			}
		}
	})
}

// Over rows that are 0 to 999 ms behind the latest, 0.95 of them at most 949 ms, the
// delay is about 950 ms.
func TestAdaptiveDelay(t *testing.T) {
	const ms = 1000
	times := make([]int64, 20_000)
	for i := range times {
		times[i] = int64(i) - int64(i)*7919%1000*ms
	}
	g := New(Spec{Kind: Adaptive, Share: 950_000_000, Last: 1000})
	p := pieces(times, nil, [][]int{{len(times)}})[0]
	g.Survey(p)
	if err := g.Settle(p); err != nil {
		t.Fatal(err)
	}
	if d := (slices.Max(times) - g.Now()) / ms; d < 945 || d > 955 {
		t.Fatalf("the delay is %d ms", d)
	}
}

// It moves from the row on that completes what it needs, and not before.
func TestAdaptiveBegins(t *testing.T) {
	for _, last := range []int{1, 7, 99, 100, 101, 1000} {
		g := newAdaptive(whole, last)
		for i := range 300 {
			_, ok := g.take(int64(i))
			if want := i+1 >= min(last, 100); ok != want {
				t.Fatalf("of the last %d: row %d moves: %v", last, i+1, ok)
			}
		}
	}
}

func TestPercentile(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		share := rapid.Int64Range(1, whole).Draw(t, "share")
		last := rapid.IntRange(1, 40).Draw(t, "last")
		p := newPercentile(share, last)
		var all []int64
		for range rapid.IntRange(1, 120).Draw(t, "n") {
			v := rapid.Int64Range(0, 30).Draw(t, "v")
			all = append(all, v)
			p.add(v)
			window := slices.Clone(all[max(0, len(all)-last):])
			slices.Sort(window)
			want := window[(share*int64(len(window))+whole-1)/whole-1]
			if p.value() != want || p.len() != len(window) {
				t.Fatalf("of the last %d of %v, %d billionths: got %d, want %d", last, all, share, p.value(), want)
			}
		}
	})
}

func TestPerfectChanged(t *testing.T) {
	first := pieces([]int64{5, 3, 9}, nil, [][]int{{2}, {1}})
	extents := []Extent{ExtentOf(first[0]), ExtentOf(first[1])}
	for i, again := range [][]*Piece{
		pieces([]int64{5, 3, 9, 1}, nil, [][]int{{2}, {2}}),
		pieces([]int64{5, 3, 9, 1}, nil, [][]int{{2}, {1}, {1}}),
	} {
		g := NewPerfect(extents)
		var err error
		for _, p := range again {
			g.Survey(p)
			if e := g.Settle(p); e != nil {
				err = e
			}
		}
		if err != ErrChanged {
			t.Errorf("case %d: %v", i, err)
		}
	}
}

func TestLimit(t *testing.T) {
	p := pieces([]int64{1, 50, 3, 60, 4}, []bool{true, true, true, true, false}, [][]int{{5}})[0]
	ahead, _ := p.Rows[0].Limit(49, nil)
	if got := fmt.Sprint(p.Rows[0].Seen); ahead != 2 || got != "[0 2]" {
		t.Fatalf("%d ahead, %s left", ahead, got)
	}
	if ahead, _ = p.Rows[0].Limit(3, nil); ahead != 0 {
		t.Fatalf("%d ahead of the greatest", ahead)
	}
}

func BenchmarkAdaptive(b *testing.B) {
	g := newAdaptive(990_000_000, 1000)
	for i := range b.N {
		if w, ok := g.take(int64(i)*1000 - int64(i)*7919%100_000); ok {
			g.Raise(w)
		}
	}
}
