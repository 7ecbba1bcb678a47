package operators_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sort"
	"strings"
	"testing"

	"tidemark/operators"
	"tidemark/operators/data"
	"tidemark/operators/optest"
	"tidemark/operators/watermark"
)

// firstRows is a FirstRows without its last column.
func firstRows(cfg operators.TopNConfig) operators.Operator {
	return narrow{operators.NewFirstRows(cfg, 0, overIn), len(cfg.Out)}
}

func TestFirstRows(t *testing.T) {
	cfg := topOf(1, false)
	cfg.Order, cfg.PassTime, cfg.Account = []operators.SortKey{{Column: 0}}, true, &operators.Account{}
	c := topCase(cfg, `
		2026-01-05T10:00:02Z A 5 a
		2026-01-05T10:00:01Z A 7 b
		2026-01-05T10:00:01Z A 4 c
		2026-01-05T10:00:04Z B 4 d
		wm 2026-01-05T10:00:01Z
		2026-01-05T10:00:00Z B 1 e
		wm 2026-01-05T10:00:01.000001Z
		2026-01-05T10:00:02Z B 3 f
		2026-01-05T10:00:05Z A 3 g
		end`, `
		wm 2026-01-05T10:00:01Z
		+I 2026-01-05T10:00:01Z A 7 b
		wm 2026-01-05T10:00:01.000001Z
		+I 2026-01-05T10:00:02Z B 3 f
		end`)
	c.New = func() operators.Operator { return firstRows(cfg) }
	c.Begin = func() { cfg.Account.Late.Store(0) }
	optest.Run(t, c)
	if n := cfg.Account.Late.Load(); n != 1 {
		t.Errorf("%d rows were late", n)
	}
}

// A key is forgotten when nothing has come to it for so long, and its next row is the
// first again.
func TestFirstRowsAreForgotten(t *testing.T) {
	cfg := topOf(1, true)
	cfg.Order, cfg.TTL = []operators.SortKey{{Column: 0}}, 10*seconds
	c := topCase(cfg, `
		2026-01-05T10:00:00Z A 1 a
		wm 2026-01-05T10:00:01Z
		2026-01-05T10:00:05Z A 2 b
		wm 2026-01-05T10:00:11Z
		2026-01-05T10:00:11Z A 3 c
		wm 2026-01-05T10:00:21.000001Z
		2026-01-05T10:00:30Z A 4 d
		2026-01-05T10:00:31Z A 5 e
		end`, `
		+I 2026-01-05T10:00:00Z A 1 a 1
		+I 2026-01-05T10:00:30Z A 4 d 1
		end`)
	c.New = func() operators.Operator { return firstRows(cfg) }
	optest.Run(t, c)
}

// The memory of keys that are forgotten is used for others.
func TestForgottenKeysTakeNoMemory(t *testing.T) {
	for name, op := range map[string]interface {
		operators.Operator
		Bytes() int64
	}{
		"first rows": operators.NewFirstRows(forgetful(operators.SortKey{Column: 0}), 0, overIn),
		"top":        operators.NewTopN(forgetful(operators.SortKey{Column: 2}), overIn),
		"top of 20":  operators.NewTopN(func() operators.TopNConfig { c := forgetful(operators.SortKey{Column: 2}); c.N = 20; return c }(), overIn),
	} {
		pool := data.NewPool(overIn)
		emitted := 0
		for i := range 200 {
			b := pool.Get()
			b.Seq = int64(i) * 1000
			for k := range 1000 {
				b.Cols[0].AppendInt(day0 + int64(i)*seconds)
				b.Cols[1].AppendText(fmt.Appendf(nil, "key %d", i*1000+k))
				b.Cols[2].AppendInt(int64(k))
				b.Cols[3].AppendText([]byte("s"))
				b.AddRows(1, data.Insert, 0)
			}
			b.Trigger = nil
			b.AddStep(b.N, day0+int64(i)*seconds)
			if err := op.Process(b, func(b *data.Batch) error { emitted += b.N; b.Release(); return nil }); err != nil {
				t.Fatal(err)
			}
		}
		if bytes := op.Bytes(); bytes > 3_000_000 || emitted < 199_000 {
			t.Errorf("%s: %d rows, %d bytes", name, emitted, bytes)
		}
	}
}

func forgetful(order operators.SortKey) operators.TopNConfig {
	cfg := topOf(1, false)
	cfg.Order, cfg.TTL, cfg.BatchRows = []operators.SortKey{order}, 3*seconds, 4096
	return cfg
}

// TestFirstRowsAgainstOracle holds the first rows of rows out of order and late to
// what sorting all rows that are used gives.
func TestFirstRowsAgainstOracle(t *testing.T) {
	rounds := 100
	if testing.Short() {
		rounds = 40
	}
	for seed := range uint64(rounds) {
		r := rand.New(rand.NewPCG(seed, 32))
		cfg := topOf(1+r.IntN(3), r.IntN(2) == 0)
		if r.IntN(6) == 0 {
			cfg.N = 10
		}
		cfg.Order, cfg.BatchRows, cfg.PassTime = []operators.SortKey{{Column: 0}}, 1+r.IntN(5), r.IntN(2) == 0
		if r.IntN(2) == 0 {
			cfg.Order = append(cfg.Order, operators.SortKey{Column: 2, Desc: r.IntN(2) == 0})
		}
		if r.IntN(4) == 0 {
			cfg.Partition = nil
		}
		lateness := int64(r.IntN(3))
		cfg.Lateness = watermark.Lateness{Allowed: lateness * seconds}
		or := &oracle{cfg: &operators.OverConfig{Partition: cfg.Partition, Order: cfg.Order}}
		var input, want strings.Builder
		var used []oracleRow
		shown := map[int]bool{}
		w, now := int64(-100), int64(0)
		show := func() {
			all := slices.Clone(used)
			sort.SliceStable(all, func(i, j int) bool { return all[i].ts < all[j].ts })
			for _, row := range all {
				part := or.partition(used, row.k)
				i := slices.IndexFunc(part, func(x oracleRow) bool { return x.seq == row.seq })
				if row.ts >= w-lateness || shown[row.seq] || i >= cfg.N {
					continue
				}
				shown[row.seq] = true
				fmt.Fprintf(&want, "+I %s", row.text())
				if cfg.Number {
					fmt.Fprintf(&want, " %d", i+1)
				}
				want.WriteString("\n")
			}
		}
		for seq := range r.IntN(60) {
			now += int64(r.IntN(3))
			row := randomOverRow(r, max(0, now-int64(r.IntN(6))), seq)
			fmt.Fprintln(&input, row.text())
			if row.ts >= w-lateness {
				used = append(used, row)
			}
			if r.IntN(3) == 0 && now-3 > w {
				w = now - int64(1+r.IntN(2))
				fmt.Fprintf(&input, "wm %s\n", data.AppendTimestamp(nil, day0+w*seconds))
				show()
			}
		}
		input.WriteString("end\n")
		w = 1 << 40
		show()
		c := topCase(cfg, input.String(), want.String())
		c.Steps, c.New = false, func() operators.Operator { return onTime{t, firstRows(cfg).(narrow), new(int64)} }
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { optest.Run(t, c) })
		if t.Failed() {
			t.Fatalf("seed %d: %+v\n%s", seed, cfg, input.String())
		}
	}
}
