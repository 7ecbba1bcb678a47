package operators_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"tidemark/operators"
	"tidemark/operators/agg"
	"tidemark/operators/data"
	"tidemark/operators/optest"
	"tidemark/operators/watermark"
	"tidemark/operators/window"
)

const minute = 60_000_000

// in are the columns ts, k, v of the inputs below.
var in = data.Schema{
	{Name: "ts", Type: data.Of(data.Timestamp), Time: true},
	{Name: "k", Type: data.Of(data.String)},
	{Name: "v", Type: data.DecimalType(12, 2)},
}

// config is an aggregate of five-minute windows by k with the named aggregates
// over v, or COUNT(*) for "*".
func config(t *testing.T, calls ...string) operators.AggregateConfig {
	t.Helper()
	cfg := operators.AggregateConfig{
		Window: &window.Tumble{Size: 5 * minute}, Grouping: operators.Grouping{Keys: []int{1}, BatchRows: 3, Account: &operators.Account{},
			Out: data.Schema{{Name: "window_start", Type: data.Of(data.Timestamp)}, {Name: "window_end", Type: data.Of(data.Timestamp)}, {Name: "k", Type: in[1].Type}}},
	}
	for _, name := range calls {
		c, args, distinct := operators.AggregateCall{Cols: []int{2}, Filter: -1}, []data.Type{in[2].Type}, strings.HasPrefix(name, "DISTINCT ")
		if name == "*" {
			name, c.Cols, args = "COUNT", nil, nil
		}
		f, err := agg.Resolve(agg.Spec{Name: strings.TrimPrefix(name, "DISTINCT "), Args: args, Distinct: distinct})
		if err != nil {
			t.Fatal(err)
		}
		c.Func = f
		cfg.Calls = append(cfg.Calls, c)
		cfg.Out = append(cfg.Out, data.Column{Name: strings.ToLower(name), Type: f.Result})
	}
	return cfg
}

// clicks is the worked case: after 10:10 the watermark is 10:08, and the last row
// is late for [10:00, 10:05).
const clicks = `
	2026-01-05T10:00:00Z A 5
	wm 2026-01-05T09:58:00Z
	2026-01-05T10:02:00Z B 3
	wm 2026-01-05T10:00:00Z
	2026-01-05T10:04:00Z A 2
	wm 2026-01-05T10:02:00Z
	2026-01-05T10:06:00Z B 1
	wm 2026-01-05T10:04:00Z
	2026-01-05T10:08:00Z A 4
	wm 2026-01-05T10:06:00Z
	2026-01-05T10:10:00Z B 2
	wm 2026-01-05T10:08:00Z
	2026-01-05T10:01:00Z A 1
	end`

func TestAggregateClicks(t *testing.T) {
	first := `
		+I 2026-01-05T10:00:00Z 2026-01-05T10:05:00Z A 7.00
		+I 2026-01-05T10:00:00Z 2026-01-05T10:05:00Z B 3.00`
	rest := `
		+I 2026-01-05T10:05:00Z 2026-01-05T10:10:00Z A 4.00
		+I 2026-01-05T10:05:00Z 2026-01-05T10:10:00Z B 1.00
		+I 2026-01-05T10:10:00Z 2026-01-05T10:15:00Z B 2.00`
	correction := `
		-U 2026-01-05T10:00:00Z 2026-01-05T10:05:00Z A 7.00
		+U 2026-01-05T10:00:00Z 2026-01-05T10:05:00Z A 8.00`
	final := `
		+I 2026-01-05T10:00:00Z 2026-01-05T10:05:00Z A 8.00
		+I 2026-01-05T10:00:00Z 2026-01-05T10:05:00Z B 3.00`
	for _, c := range []struct {
		lateness int64
		emit     operators.EmitMode
		want     string
		late     int64
	}{
		{0, operators.EmitClose, first + rest, 1},
		{3 * minute, operators.EmitClose, first + correction + rest, 0},
		{2 * minute, operators.EmitClose, first + rest, 1},
		{0, operators.EmitFinal, first + rest, 1},
		{3 * minute, operators.EmitFinal, final + rest, 0},
	} {
		t.Run(fmt.Sprintf("lateness %d minutes, emit %d", c.lateness/minute, c.emit), func(t *testing.T) {
			var last *operators.Account
			cfg := config(t, "SUM")
			cfg.Lateness.Allowed, cfg.Emit = c.lateness, c.emit
			optest.Run(t, optest.Case{In: in, Out: cfg.Out, Input: clicks, Want: c.want,
				Begin: func() {
					last = &operators.Account{}
					cfg.Account = last
				},
				New: func() operators.Operator { return operators.NewAggregate(cfg, in) }})
			if last.Late.Load() != c.late {
				t.Errorf("%d late rows, want %d", last.Late.Load(), c.late)
			}
			if c.late > 0 && last.MissedBy.Load() != 3*minute {
				t.Errorf("missed by %d µs, want 3 minutes", last.MissedBy.Load())
			}
		})
	}
}

func TestAggregateChanges(t *testing.T) {
	cfg := config(t, "*", "MAX")
	cfg.Emit = operators.EmitChanges
	optest.Run(t, optest.Case{In: in, Out: cfg.Out, New: func() operators.Operator { return operators.NewAggregate(cfg, in) },
		Input: `
		2026-01-05T10:00:00Z A 5
		2026-01-05T10:00:01Z A NULL
		2026-01-05T10:00:02Z NULL 2
		2026-01-05T10:00:03Z NULL 3
		wm 2026-01-05T10:05:00Z
		2026-01-05T10:00:04Z A 9
		end`,
		Want: `
		+I 2026-01-05T10:00:00Z 2026-01-05T10:05:00Z A 1 5.00
		-U 2026-01-05T10:00:00Z 2026-01-05T10:05:00Z A 1 5.00
		+U 2026-01-05T10:00:00Z 2026-01-05T10:05:00Z A 2 5.00
		+I 2026-01-05T10:00:00Z 2026-01-05T10:05:00Z NULL 1 2.00
		-U 2026-01-05T10:00:00Z 2026-01-05T10:05:00Z NULL 1 2.00
		+U 2026-01-05T10:00:00Z 2026-01-05T10:05:00Z NULL 2 3.00`})
}

// A global aggregate has a row even without input, one by key has none.
func TestAggregateWithoutWindow(t *testing.T) {
	cfg := config(t, "*", "SUM")
	cfg.Window, cfg.Keys, cfg.Emit, cfg.Out = nil, nil, operators.EmitChanges, cfg.Out[3:]
	mk := func() operators.Operator { return operators.NewAggregate(cfg, in) }
	optest.Run(t, optest.Case{In: in, Out: cfg.Out, New: mk, Input: "end", Want: "+I 0 NULL"})
	optest.Run(t, optest.Case{In: in, Out: cfg.Out, New: mk, Input: `
		2026-01-05T10:00:00Z A 5
		2026-01-05T10:00:00Z B 2.5
		end`, Want: `
		+I 1 5.00
		-U 1 5.00
		+U 2 7.50`})
	keyed := config(t, "*")
	keyed.Window, keyed.Emit, keyed.Out = nil, operators.EmitChanges, keyed.Out[2:]
	optest.Run(t, optest.Case{In: in, Out: keyed.Out, New: func() operators.Operator { return operators.NewAggregate(keyed, in) }, Input: "end"})
}

// Moves of the watermark are passed on exactly where another operator needs them.
func TestAggregatePassesTime(t *testing.T) {
	cfg := config(t, "*")
	cfg.PassTime = true
	optest.Run(t, optest.Case{In: in, Out: cfg.Out, Steps: true, New: func() operators.Operator { return operators.NewAggregate(cfg, in) },
		Input: `
		2026-01-05T10:00:00Z A 5
		wm 2026-01-05T10:01:00Z
		wm 2026-01-05T10:06:00Z
		2026-01-05T10:07:00Z A 5
		wm 2026-01-05T10:07:00Z
		end`,
		Want: `
		wm 2026-01-05T10:01:00Z
		+I 2026-01-05T10:00:00Z 2026-01-05T10:05:00Z A 1
		wm 2026-01-05T10:06:00Z
		wm 2026-01-05T10:07:00Z
		+I 2026-01-05T10:05:00Z 2026-01-05T10:10:00Z A 1
		end`})
	final := config(t, "*")
	final.PassTime, final.Emit, final.Lateness = true, operators.EmitFinal, watermark.Lateness{Allowed: 2 * minute}
	optest.Run(t, optest.Case{In: in, Out: final.Out, Steps: true, New: func() operators.Operator { return operators.NewAggregate(final, in) },
		Input: `
		2026-01-05T10:00:00Z A 5
		wm 2026-01-05T10:06:00Z
		wm 2026-01-05T10:07:00Z
		wm 2026-01-05T10:07:01Z
		end`,
		Want: `
		wm 2026-01-05T10:04:59.999999Z
		+I 2026-01-05T10:00:00Z 2026-01-05T10:05:00Z A 1
		wm 2026-01-05T10:07:01Z
		end`})
}

// A sum that does not fit ends the run after everything before it, and names the group.
func TestAggregateOverflow(t *testing.T) {
	ints := data.Schema{in[0], in[1], {Name: "v", Type: data.Of(data.BigInt)}}
	f, err := agg.Resolve(agg.Spec{Name: "SUM", Args: []data.Type{ints[2].Type}})
	if err != nil {
		t.Fatal(err)
	}
	cfg := config(t)
	cfg.Calls = []operators.AggregateCall{{Func: f, Cols: []int{2}, Filter: -1}}
	cfg.Out = append(cfg.Out, data.Column{Name: "s", Type: f.Result})
	input := `
		2026-01-05T10:00:00Z A 1
		2026-01-05T10:00:00Z B 9223372036854775807
		2026-01-05T10:00:00Z B 9223372036854775807
		2026-01-05T10:00:00Z C 1
		end`
	optest.Run(t, optest.Case{In: ints, Out: cfg.Out, Input: input,
		New:  func() operators.Operator { return operators.NewAggregate(cfg, ints) },
		Want: "+I 2026-01-05T10:00:00Z 2026-01-05T10:05:00Z A 1",
		Err:  "k = B"})
	cfg.Emit = operators.EmitChanges
	optest.Run(t, optest.Case{In: ints, Out: cfg.Out, Input: input,
		New: func() operators.Operator { return operators.NewAggregate(cfg, ints) },
		Want: `
		+I 2026-01-05T10:00:00Z 2026-01-05T10:05:00Z A 1
		+I 2026-01-05T10:00:00Z 2026-01-05T10:05:00Z B 9223372036854775807`,
		Err: "k = B"})
}

// randomInput draws rows around a watermark that moves on, some of them late,
// with NULLs in keys and values.
func randomInput(r *rand.Rand, rows int) string {
	var b strings.Builder
	now := int64(1_767_607_200_000_000)
	for range rows {
		now += r.Int64N(90) * 1_000_000
		key, v := []string{"A", "B", "C", "NULL"}[r.IntN(4)], "NULL"
		if r.IntN(4) > 0 {
			v = fmt.Sprintf("%d.%02d", r.IntN(20)-10, r.IntN(100))
		}
		fmt.Fprintf(&b, "%s %s %s\n", data.AppendTimestamp(nil, now-r.Int64N(600)*1_000_000), key, v)
		if r.IntN(3) == 0 {
			fmt.Fprintf(&b, "wm %s\n", data.AppendTimestamp(nil, now-2*minute))
		}
	}
	return b.String() + "end"
}

func TestAggregateInvariant(t *testing.T) {
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 9))
		cfg := config(t, "*", "COUNT", "SUM", "AVG", "MIN", "MAX", "DISTINCT COUNT")
		cfg.Emit = operators.EmitMode(r.IntN(3))
		cfg.PassTime = r.IntN(2) == 0
		cfg.BatchRows = 1 + r.IntN(5)
		if r.IntN(2) == 0 {
			cfg.Lateness.Allowed = r.Int64N(10) * minute
		}
		got := optest.Invariant(t, optest.Case{In: in, Out: cfg.Out, Steps: cfg.PassTime, Input: randomInput(r, 60),
			New: func() operators.Operator { return operators.NewAggregate(cfg, in) }}, seed)
		if got == "" {
			t.Fatalf("seed %d: nothing was emitted", seed)
		}
	}
}
