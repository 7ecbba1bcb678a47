package engine_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
)

// timing says how the oracle's watermark is made: the greatest time less the
// query's delay when generator is empty.
type timing struct {
	generator string // "", ASCENDING, ADAPTIVE, PUNCTUATED or PERFECT
	percent   int64  // of ADAPTIVE
	last      int
	above     int64 // PUNCTUATED WHEN v > above, cents
	drift     int64 // max_future_drift, seconds; 0 is none
	// computed makes the time a computed column of another one.
	computed bool
}

func randomTiming(r *rand.Rand) timing {
	t := timing{computed: r.IntN(3) == 0}
	t.generator = []string{"", "", "ASCENDING", "ADAPTIVE", "PUNCTUATED", "PERFECT"}[r.IntN(6)]
	t.percent, t.last = 1+r.Int64N(100), 1+r.IntN(200)
	t.above = r.Int64N(1000)
	return t
}

// sql returns the declaration of the time column and of its watermark.
func (t timing) sql(delay int64) (column, watermark string) {
	column = "ts TIMESTAMP"
	if t.computed {
		column = "sec BIGINT, ts AS TO_TIMESTAMP(sec)"
	}
	switch t.generator {
	case "":
		watermark = fmt.Sprintf("ts - INTERVAL '%d' SECOND", delay)
	case "ADAPTIVE":
		watermark = fmt.Sprintf("ADAPTIVE(%d.%02d, %d)", t.percent/100, t.percent%100, t.last)
	case "PUNCTUATED":
		watermark = "PUNCTUATED WHEN v > " + money(t.above)
	default:
		watermark = t.generator
	}
	return column, "WATERMARK FOR ts AS " + watermark
}

// watermarks returns the watermark after each row as it would be if it could go
// back.
func (t timing) watermarks(delay int64, rows []row) []int64 {
	const never = int64(-1 << 62)
	after := make([]int64, len(rows))
	latest := never
	var delays []int64
	for i, r := range rows {
		after[i] = never
		switch t.generator {
		case "PERFECT":
			for _, later := range rows[i+1:] {
				if after[i] == never || later.ts < after[i] {
					after[i] = later.ts
				}
			}
			continue
		case "PUNCTUATED":
			if r.cents == nil || *r.cents <= t.above {
				continue
			}
		}
		if t.drift > 0 && latest != never && r.ts > latest+t.drift {
			continue
		}
		latest = max(latest, r.ts)
		if t.generator != "ADAPTIVE" {
			after[i] = latest
			if t.generator == "" {
				after[i] -= delay
			}
			continue
		}
		delays = append(delays, latest-r.ts)
		if len(delays) < min(t.last, 100) {
			continue
		}
		recent := slices.Sorted(slices.Values(delays[max(0, len(delays)-t.last):]))
		rank := (int(t.percent)*len(recent) + 99) / 100
		after[i] = latest - recent[rank-1]
	}
	return after
}
