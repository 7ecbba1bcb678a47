package operators_test

import (
	"fmt"
	"math"
	"testing"

	"tidemark/operators"
	"tidemark/operators/data"
)

// Keys that come and go leave no memory behind, and neither does a time of many.
func TestSessionMemory(t *testing.T) {
	cfg := sessions(t, "*", "SUM", "MAX")
	cfg.BatchRows = 4096
	op := operators.NewSession(cfg, in)
	pool := data.NewPool(in)
	seq, rows := 0, 0
	feed := func(round, keys int, wm int64) {
		b := pool.Get()
		b.Seq = int64(seq)
		for i := range keys {
			b.Cols[0].AppendInt(int64(round) * 100 * second)
			b.Cols[1].AppendText(fmt.Appendf(nil, "key %d of round %d", i, round))
			b.Cols[2].AppendInt(1)
			b.AddRows(1, data.Insert, 0)
		}
		b.Trigger = nil
		b.AddStep(b.N, wm)
		seq += b.N + 1
		if err := op.Process(b, func(o *data.Batch) error { rows += o.N; o.Release(); return nil }); err != nil {
			t.Fatal(err)
		}
	}
	least := int64(math.MaxInt64)
	for round := range 50 {
		keys := 2000
		if round%10 == 9 {
			keys = 100_000
		}
		feed(round, keys, int64(round)*100*second)
		if round > 0 {
			least = min(least, op.Bytes())
		}
	}
	feed(50, 1, 50*100*second)
	if spans, free, keys, quiet := op.Room(); spans-free > 2001 || keys-quiet > 2001 || keys > 5000 || spans > 5000 {
		t.Errorf("room for %d sessions and %d keys, of which %d and %d are free", spans, keys, free, quiet)
	}
	if op.Bytes() > 2*least {
		t.Errorf("%d bytes at the end, %d when there was least", op.Bytes(), least)
	}
	feed(51, 0, data.MaxTime)
	if want := 45*2000 + 5*100_000 + 1; rows != want {
		t.Errorf("%d sessions, want %d", rows, want)
	}
	if spans, free, keys, quiet := op.Room(); spans != free || keys != quiet {
		t.Errorf("%d of %d sessions and %d of %d keys are left at the end", spans-free, spans, keys-quiet, keys)
	}
}

// An open session with SUM and COUNT takes no more than 64 bytes beside its key,
// and the room that growing slices have left.
func TestSessionBytes(t *testing.T) {
	const n = 255_000 // the slices of the aggregates double at 256 064
	total, table := sessionBytes(t, n, 16)
	if per := float64(total-table) / n; per > 64 {
		t.Errorf("%.1f bytes a session", per)
	}
}
