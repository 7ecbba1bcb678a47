package operators_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"tidemark/operators"
	"tidemark/operators/data"
)

// Rows that workers add up side by side, in any order that the pieces of an input
// can be read in, and what they leave give what one phase gives: late rows,
// corrections, moves of the watermark and all.
func TestTwoPhases(t *testing.T) {
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 3))
		cfg := config(t, "SUM", "*", "MAX")
		cfg.Emit = []operators.EmitMode{operators.EmitClose, operators.EmitFinal}[r.IntN(2)]
		cfg.Lateness.Allowed = r.Int64N(3) * 4 * minute
		keys := []int{1, 3, 3000}[r.IntN(3)]
		var pieces []*data.Batch
		pool := data.NewPool(in)
		wm, seq, befores := int64(data.MinTime), int64(0), []int64(nil)
		for p := range 1 + r.IntN(12) {
			b := pool.Get()
			b.Seq = seq
			befores = append(befores, wm)
			for i := range 1 + r.IntN(400) {
				at := int64(p)*3*minute + r.Int64N(5*minute)
				if r.IntN(9) == 0 {
					at -= r.Int64N(20 * minute)
				}
				b.Cols[0].AppendInt(at)
				b.Cols[1].AppendText(fmt.Appendf(nil, "k%d", r.IntN(keys)))
				b.Cols[2].AppendInt(int64(r.IntN(1000)))
				b.AddRows(1, data.Insert, 0)
				if w := at - 2*minute; w > wm {
					wm = w
					b.AddStep(i+1, w)
				}
			}
			b.Trigger = nil
			seq += int64(b.N) + 1
			pieces = append(pieces, b)
		}
		last := pool.Get()
		last.Seq = seq
		last.AddStep(0, data.MaxTime)
		befores, pieces = append(befores, wm), append(pieces, last)

		one, oneLate := onePhase(t, cfg, pieces)
		two, twoLate := twoPhase(t, cfg, pieces, befores, r)
		if one != two || oneLate != twoLate {
			t.Fatalf("seed %d: %d late in two phases, %d in one\n%s\nwant\n%s", seed, twoLate, oneLate, two, one)
		}
	}
}

// copyOf returns a batch of the same rows that somebody else may release.
func copyOf(b *data.Batch) *data.Batch {
	b.Retain(1)
	return data.NewPool(nil).View(b)
}

func onePhase(t *testing.T, cfg operators.AggregateConfig, pieces []*data.Batch) (string, int64) {
	cfg.Account = &operators.Account{}
	var out strings.Builder
	a := operators.NewAggregate(cfg, in)
	for _, b := range pieces {
		if err := a.Process(copyOf(b), write(&out)); err != nil {
			t.Fatal(err)
		}
	}
	return out.String(), cfg.Account.Late.Load()
}

func twoPhase(t *testing.T, cfg operators.AggregateConfig, pieces []*data.Batch, befores []int64, r *rand.Rand) (string, int64) {
	cfg.Account, cfg.Panes = &operators.Account{}, &operators.PanePool{}
	var out strings.Builder
	a := operators.NewAggregate(cfg, in)
	locals := []*operators.PreAggregate{operators.NewPreAggregate(cfg, in, 1), operators.NewPreAggregate(cfg, in, 1)}
	taken := map[int]*data.Batch{}
	take := func(k int) {
		if k < len(pieces) && taken[k] == nil {
			taken[k] = copyOf(pieces[k])
			locals[r.IntN(2)].Take(taken[k], befores[k])
		}
	}
	for k := range pieces {
		if r.IntN(2) == 0 { // another worker is ahead
			take(k + 1)
		}
		take(k)
		after := int64(data.MaxTime)
		if k+1 < len(befores) {
			after = befores[k+1]
		}
		for _, l := range locals {
			for _, part := range l.Due(after) {
				a.Absorb(part)
			}
		}
		if err := a.Process(taken[k], write(&out)); err != nil {
			t.Fatal(err)
		}
	}
	return out.String(), cfg.Account.Late.Load()
}

// write returns an Output that writes rows down.
func write(out *strings.Builder) operators.Output {
	return func(b *data.Batch) error {
		for i := range b.N {
			out.WriteString(b.Change(i).String())
			for _, v := range b.Cols {
				out.WriteByte(' ')
				out.Write(data.AppendText(nil, v, i))
			}
			out.WriteByte('\n')
		}
		b.Release()
		return nil
	}
}
