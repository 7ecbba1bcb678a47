package state

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// timed are ids with times.
type timed struct {
	times map[int32]int64 // of those that are set
	ended map[int32]bool  // to be returned as soon as may be
	links [100]int32
}

func (o *timed) DueAt(id int32) int64 {
	if o.ended[id] {
		return math.MinInt64
	}
	return o.times[id]
}

func (o *timed) Link(id int32) *int32 { return &o.links[id] }

// Ids come out in the order of their times, at the first watermark that reaches
// them, however the times move to later meanwhile.
func TestTimers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		scale := rapid.SampledFrom([]int64{1, 100, 70_000, 1 << 33, 1 << 54}).Draw(t, "scale")
		owner := &timed{times: map[int32]int64{}, ended: map[int32]bool{}}
		timers, times, ended := NewTimers(owner), owner.times, owner.ended
		now := int64(math.MinInt64)
		if rapid.Bool().Draw(t, "begun") {
			now = rapid.Int64Range(-50, 50).Draw(t, "now") * scale
		}
		next := int32(1)
		for range rapid.IntRange(0, 60).Draw(t, "events") {
			switch rapid.IntRange(0, 4).Draw(t, "event") {
			case 0, 1:
				at := rapid.Int64Range(-100, 100).Draw(t, "at")*scale + rapid.Int64Range(-2, 2).Draw(t, "near")
				if rapid.IntRange(0, 20).Draw(t, "extreme") == 0 {
					at = rapid.SampledFrom([]int64{math.MaxInt64, math.MaxInt64 - 1}).Draw(t, "far")
				}
				times[next] = max(at, now)
				timers.Set(next, at)
				next++
			case 2:
				if next > 1 {
					id := rapid.Int32Range(1, next-1).Draw(t, "moved")
					if at, set := times[id]; set && at < math.MaxInt64-200*scale {
						times[id] = at + rapid.Int64Range(0, 100).Draw(t, "by")*scale
					}
				}
			case 3:
				if next > 1 {
					if id := rapid.Int32Range(1, next-1).Draw(t, "ended"); rapid.Bool().Draw(t, "really") {
						ended[id] = true
					}
				}
			default:
				now = max(now, rapid.Int64Range(-120, 120).Draw(t, "until")*scale)
				if rapid.IntRange(0, 15).Draw(t, "end") == 0 {
					now = math.MaxInt64
				}
				last := int64(math.MinInt64)
				for {
					due, at := timers.Due(now, nil)
					if len(due) == 0 {
						break
					}
					if at < last || at > now {
						t.Fatalf("due at %d, after %d, until %d", at, last, now)
					}
					last = at
					for _, id := range due {
						if want, set := times[id]; !set || want != at && !ended[id] {
							t.Fatalf("id %d is due at %d, want %d (%v)", id, at, want, set)
						}
						delete(times, id)
					}
				}
				for id, at := range times {
					if at <= now && !ended[id] {
						t.Fatalf("id %d was due at %d, is not at %d", id, at, now)
					}
					if timers.Soon() > at {
						t.Fatalf("soon is %d, id %d due at %d", timers.Soon(), id, at)
					}
				}
			}
		}
	})
}

type timedList struct {
	times []int64
	links []int32
}

func (o *timedList) DueAt(id int32) int64 { return o.times[id] }
func (o *timedList) Link(id int32) *int32 { return &o.links[id] }

func BenchmarkTimers(b *testing.B) {
	const live, spread = 100_000, 600_000_000
	owner := &timedList{make([]int64, live+1), make([]int32, live+1)}
	timers := NewTimers(owner)
	for i := range owner.times[1:] {
		owner.times[i+1] = int64(i) * spread / live
		timers.Set(int32(i+1), owner.times[i+1])
	}
	var due []int32
	b.ReportAllocs()
	now := int64(0)
	for n := 0; n < b.N; {
		now += spread / live
		for {
			due, _ = timers.Due(now, due[:0])
			if len(due) == 0 {
				break
			}
			for _, id := range due {
				owner.times[id] += spread
				timers.Set(id, owner.times[id])
				n++
			}
		}
	}
}
