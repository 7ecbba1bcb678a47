package operators_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"tidemark/operators"
	"tidemark/operators/data"
	"tidemark/operators/optest"
	"tidemark/operators/window"
)

// withBounds is the input's columns and those of a window.
var withBounds = append(append(data.Schema(nil), in...),
	data.Column{Name: "window_start", Type: data.Of(data.Timestamp)},
	data.Column{Name: "window_end", Type: data.Of(data.Timestamp)},
	data.Column{Name: "window_time", Type: data.Of(data.Timestamp)})

func oneWindow() operators.Operator {
	return operators.NewOneWindow(0, window.Tumble{Size: 5 * minute}, withBounds)
}

func eachWindow(grid func() window.Grid, batchRows int) func() operators.Operator {
	return func() operators.Operator { return operators.NewEachWindow(0, grid(), batchRows, withBounds, nil) }
}

func hopOfTen() window.Grid { return window.NewHop(5*minute, 10*minute, 0) }

func TestOneWindow(t *testing.T) {
	optest.Run(t, optest.Case{In: in, Out: withBounds, Steps: true, New: oneWindow,
		Input: `
		2026-01-05T10:00:00Z A 5
		2026-01-05T10:04:59.999999Z B 2
		wm 2026-01-05T10:02:59.999999Z
		-U 2026-01-05T10:04:59.999999Z B 2
		+U 2026-01-05T10:05:00Z B 3
		NULL C 1
		2026-01-05T10:00:01Z A 1
		end`,
		Want: `
		+I 2026-01-05T10:00:00Z A 5.00 2026-01-05T10:00:00Z 2026-01-05T10:05:00Z 2026-01-05T10:04:59.999999Z
		+I 2026-01-05T10:04:59.999999Z B 2.00 2026-01-05T10:00:00Z 2026-01-05T10:05:00Z 2026-01-05T10:04:59.999999Z
		wm 2026-01-05T10:02:59.999999Z
		-U 2026-01-05T10:04:59.999999Z B 2.00 2026-01-05T10:00:00Z 2026-01-05T10:05:00Z 2026-01-05T10:04:59.999999Z
		+U 2026-01-05T10:05:00Z B 3.00 2026-01-05T10:05:00Z 2026-01-05T10:10:00Z 2026-01-05T10:09:59.999999Z
		+I NULL C 1.00 NULL NULL NULL
		+I 2026-01-05T10:00:01Z A 1.00 2026-01-05T10:00:00Z 2026-01-05T10:05:00Z 2026-01-05T10:04:59.999999Z
		end`})
}

func TestEachWindow(t *testing.T) {
	c := optest.Case{In: in, Out: withBounds, Steps: true, New: eachWindow(hopOfTen, 3),
		Input: `
		2026-01-05T10:00:00Z A 5
		wm 2026-01-05T09:58:00Z
		-U 2026-01-05T10:04:00Z B 2
		+U 2026-01-05T10:05:00Z B 3
		NULL C 1
		end`,
		Want: `
		+I 2026-01-05T10:00:00Z A 5.00 2026-01-05T09:55:00Z 2026-01-05T10:05:00Z 2026-01-05T10:04:59.999999Z
		+I 2026-01-05T10:00:00Z A 5.00 2026-01-05T10:00:00Z 2026-01-05T10:10:00Z 2026-01-05T10:09:59.999999Z
		wm 2026-01-05T09:58:00Z
		-D 2026-01-05T10:04:00Z B 2.00 2026-01-05T09:55:00Z 2026-01-05T10:05:00Z 2026-01-05T10:04:59.999999Z
		-D 2026-01-05T10:04:00Z B 2.00 2026-01-05T10:00:00Z 2026-01-05T10:10:00Z 2026-01-05T10:09:59.999999Z
		+I 2026-01-05T10:05:00Z B 3.00 2026-01-05T10:00:00Z 2026-01-05T10:10:00Z 2026-01-05T10:09:59.999999Z
		+I 2026-01-05T10:05:00Z B 3.00 2026-01-05T10:05:00Z 2026-01-05T10:15:00Z 2026-01-05T10:14:59.999999Z
		+I NULL C 1.00 NULL NULL NULL
		end`}
	optest.Run(t, c)
	c.New = eachWindow(func() window.Grid { return window.NewCumulate(5*minute, 15*minute, 0) }, 2)
	c.Input = `
		2026-01-05T10:06:00Z A 5
		2026-01-05T10:14:00Z A 6`
	c.Want = `
		+I 2026-01-05T10:06:00Z A 5.00 2026-01-05T10:00:00Z 2026-01-05T10:10:00Z 2026-01-05T10:09:59.999999Z
		+I 2026-01-05T10:06:00Z A 5.00 2026-01-05T10:00:00Z 2026-01-05T10:15:00Z 2026-01-05T10:14:59.999999Z
		+I 2026-01-05T10:14:00Z A 6.00 2026-01-05T10:00:00Z 2026-01-05T10:15:00Z 2026-01-05T10:14:59.999999Z`
	optest.Run(t, c)
}

// In whatever shape rows come, they come once for each window that holds them.
func TestWindowedInvariant(t *testing.T) {
	for seed := range uint64(20) {
		input := randomInput(rand.New(rand.NewPCG(seed, 5)), 40)
		for size, grid := range map[int64]func() window.Grid{
			1: func() window.Grid { return window.NewSide(window.Tumble{Size: 5 * minute}) },
			2: hopOfTen,
			4: func() window.Grid { return window.NewHop(5*minute/2, 10*minute, 7) },
		} {
			c := optest.Case{In: in, Out: withBounds, Input: input, New: eachWindow(grid, 7)}
			got := optest.Invariant(t, c, seed)
			rows := 0
			for _, line := range strings.Split(strings.TrimSpace(input), "\n") {
				if f := strings.Fields(line); len(f) > 2 {
					rows++
				}
			}
			if n := int64(strings.Count(got, "\n") + 1); n != int64(rows)*size {
				t.Errorf("seed %d: %d rows in %d windows each gave %d", seed, rows, size, n)
			}
			if size > 1 {
				continue
			}
			c.New = oneWindow
			if one := optest.Invariant(t, c, seed); one != got {
				t.Errorf("seed %d: one window gives\n%s\neach gives\n%s", seed, one, got)
			}
		}
	}
}

// aggregateOverEnds adds up rows whose time is the end of the window that they are of.
func aggregateOverEnds(t *testing.T, step int64, inclusive bool) optest.Case {
	cfg := config(t, "SUM")
	cfg.PassTime = true
	cfg.Lateness.Inclusive = inclusive
	return optest.Case{In: in, Out: cfg.Out, Steps: true, New: func() operators.Operator {
		c := cfg
		c.Window = window.Ends{Step: step}
		return operators.NewAggregate(c, in)
	}}
}

// Rows of windows close with these, at any time or at the ends of a grid.
func TestAggregateByEnds(t *testing.T) {
	for _, step := range []int64{0, 5 * minute} {
		c := aggregateOverEnds(t, step, false)
		c.Input = `
		2026-01-05T10:05:00Z A 5
		2026-01-05T10:10:00Z A 1
		2026-01-05T10:05:00Z A 2
		wm 2026-01-05T10:04:59.999999Z
		2026-01-05T10:05:00Z B 4
		wm 2026-01-05T10:05:00Z
		2026-01-05T10:05:00Z B 4
		2026-01-05T10:10:00Z A 1
		end`
		c.Want = `
		wm 2026-01-05T10:04:59.999999Z
		+I 2026-01-05T10:05:00Z 2026-01-05T10:05:00Z A 7.00
		+I 2026-01-05T10:05:00Z 2026-01-05T10:05:00Z B 4.00
		wm 2026-01-05T10:05:00Z
		+I 2026-01-05T10:10:00Z 2026-01-05T10:10:00Z A 2.00
		end`
		optest.Run(t, c)
	}
	c := aggregateOverEnds(t, 0, true)
	c.Input = `
		2026-01-05T10:05:00Z A 5
		wm 2026-01-05T10:05:00Z
		2026-01-05T10:05:00Z A 4
		wm 2026-01-05T10:05:00.000001Z
		2026-01-05T10:05:00Z A 3
		end`
	c.Want = `
		wm 2026-01-05T10:05:00Z
		+I 2026-01-05T10:05:00Z 2026-01-05T10:05:00Z A 9.00
		wm 2026-01-05T10:05:00.000001Z
		end`
	optest.Run(t, c)
}
