package operators_test

import (
	"testing"

	"tidemark/operators"
	"tidemark/operators/optest"
)

func TestRequire(t *testing.T) {
	c := optest.Case{In: in, Out: in, Steps: true,
		New: func() operators.Operator {
			return operators.NewRequire([]operators.Required{{Column: 2, Name: "amount of t"}, {Column: 1, Name: "user of t", Key: true}})
		},
		Input: `
		2026-01-05T10:00:00Z A 5
		wm 2026-01-05T10:00:00Z
		-U 2026-01-05T10:00:01Z A 2
		+U 2026-01-05T10:00:01Z A 3
		NULL A 2
		end`,
		Want: `
		+I 2026-01-05T10:00:00Z A 5.00
		wm 2026-01-05T10:00:00Z
		-U 2026-01-05T10:00:01Z A 2.00
		+U 2026-01-05T10:00:01Z A 3.00
		+I NULL A 2.00
		end`}
	optest.Run(t, c)

	// The first row that lacks something ends the output before it, whole updates
	// only; of two columns the first one is named.
	c.Input = `
		2026-01-05T10:00:00Z A 5
		wm 2026-01-05T10:00:00Z
		-U 2026-01-05T10:00:01Z A 2
		+U 2026-01-05T10:00:01Z NULL 3
		2026-01-05T10:00:01Z A NULL
		end`
	c.Want = `
		+I 2026-01-05T10:00:00Z A 5.00
		wm 2026-01-05T10:00:00Z`
	c.Err = "column user of t is NULL, and it is part of the primary key"
	optest.Run(t, c)
	c.Input = `
		2026-01-05T10:00:00Z NULL NULL
		2026-01-05T10:00:00Z A 1`
	c.Want, c.Err = "", "column amount of t is NULL, and it is declared NOT NULL"
	optest.Run(t, c)
}
