package operators_test

import (
	"math/rand/v2"
	"testing"

	"tidemark/operators"
	"tidemark/operators/optest"
)

func TestFirst(t *testing.T) {
	c := optest.Case{In: in, Out: in, Steps: true,
		New: func() operators.Operator { return operators.NewFirst([]int{1}, in) },
		Input: `
		2026-01-05T10:00:00Z A 5
		2026-01-05T10:00:01Z A 2
		wm 2026-01-05T10:00:01Z
		2026-01-05T10:00:02Z NULL 1
		2026-01-05T10:00:03Z B 2
		2026-01-05T10:00:04Z NULL 2
		wm 2026-01-05T10:00:04Z
		2026-01-05T10:00:05Z B 3
		2026-01-05T10:00:06Z C 4
		end`,
		Want: `
		+I 2026-01-05T10:00:00Z A 5.00
		wm 2026-01-05T10:00:01Z
		+I 2026-01-05T10:00:02Z NULL 1.00
		+I 2026-01-05T10:00:03Z B 2.00
		wm 2026-01-05T10:00:04Z
		+I 2026-01-05T10:00:06Z C 4.00
		end`}
	optest.Run(t, c)
	for seed := range uint64(20) {
		c.Input = randomInput(rand.New(rand.NewPCG(seed, 4)), 40)
		optest.Invariant(t, c, seed)
	}
}
