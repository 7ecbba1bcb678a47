package operators_test

import (
	"math/rand/v2"
	"testing"

	"tidemark/operators"
	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/operators/optest"
	"tidemark/parser/source"
)

func column(i int) expr.Expr { return expr.NewColumn(i, in[i].Name, in[i].Type, source.Span{}) }

func number(x int64) expr.Expr { return expr.IntLiteral(x, source.Span{}) }

func call(t *testing.T, name string, args ...expr.Expr) expr.Expr {
	t.Helper()
	e, err := expr.NewCall(name, args, source.Span{})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestFilter(t *testing.T) {
	pred := call(t, ">", column(2), number(2))
	var account *operators.Account
	c := optest.Case{In: in, Out: in, Steps: true,
		Begin: func() { account = &operators.Account{} },
		New:   func() operators.Operator { return operators.NewFilter(pred, account) },
		Input: `
		2026-01-05T10:00:00Z A 5
		2026-01-05T10:00:01Z A 2
		wm 2026-01-05T10:00:01Z
		2026-01-05T10:00:02Z A NULL
		2026-01-05T10:00:03Z B 2.01
		end`,
		Want: `
		+I 2026-01-05T10:00:00Z A 5.00
		wm 2026-01-05T10:00:01Z
		+I 2026-01-05T10:00:03Z B 2.01
		end`}
	optest.Run(t, c)
	if n := account.Filtered.Load(); n != 2 {
		t.Errorf("%d rows filtered, want 2", n)
	}
	for seed := range uint64(20) {
		c.Input = randomInput(rand.New(rand.NewPCG(seed, 4)), 40)
		optest.Invariant(t, c, seed)
	}
}

// Where a filter lets only one half of an update through, the row enters the
// result or leaves it.
func TestFilterUpdates(t *testing.T) {
	pred := call(t, ">", column(2), number(2))
	optest.Run(t, optest.Case{In: in, Out: in, New: func() operators.Operator { return operators.NewFilter(pred, nil) },
		Input: `
		+I 2026-01-05T10:00:00Z A 1
		-U 2026-01-05T10:00:00Z A 1
		+U 2026-01-05T10:00:00Z A 3
		-U 2026-01-05T10:00:00Z A 3
		+U 2026-01-05T10:00:00Z A 4
		-U 2026-01-05T10:00:00Z A 4
		+U 2026-01-05T10:00:00Z A 2
		-U 2026-01-05T10:00:00Z A 2
		+U 2026-01-05T10:00:00Z A 1
		+I 2026-01-05T10:00:00Z B 5
		-D 2026-01-05T10:00:00Z B 5`,
		Want: `
		+I 2026-01-05T10:00:00Z A 3.00
		-U 2026-01-05T10:00:00Z A 3.00
		+U 2026-01-05T10:00:00Z A 4.00
		-D 2026-01-05T10:00:00Z A 4.00
		+I 2026-01-05T10:00:00Z B 5.00
		-D 2026-01-05T10:00:00Z B 5.00`})
}

// An update that moves its row to another key leaves nothing under the old one.
func TestRekey(t *testing.T) {
	c := optest.Case{In: in, Out: in, Steps: true, New: func() operators.Operator { return operators.NewRekey([]int{1}) },
		Input: `
		+I 2026-01-05T10:00:00Z A 1
		-U 2026-01-05T10:00:00Z A 1
		+U 2026-01-05T10:00:00Z A 2
		-U 2026-01-05T10:00:00Z A 2
		+U 2026-01-05T10:00:00Z NULL 2
		wm 2026-01-05T10:00:00Z
		-U 2026-01-05T10:00:00Z NULL 2
		+U 2026-01-05T10:00:00Z NULL 3
		-D 2026-01-05T10:00:00Z NULL 3`,
		Want: `
		+I 2026-01-05T10:00:00Z A 1.00
		-U 2026-01-05T10:00:00Z A 1.00
		+U 2026-01-05T10:00:00Z A 2.00
		-D 2026-01-05T10:00:00Z A 2.00
		+I 2026-01-05T10:00:00Z NULL 2.00
		wm 2026-01-05T10:00:00Z
		-U 2026-01-05T10:00:00Z NULL 2.00
		+U 2026-01-05T10:00:00Z NULL 3.00
		-D 2026-01-05T10:00:00Z NULL 3.00`}
	optest.Run(t, c)
}

func TestProject(t *testing.T) {
	exprs := []expr.Expr{call(t, "lower", column(1)), column(0), call(t, "+", column(2), number(1)), number(7)}
	out := make(data.Schema, len(exprs))
	for i, e := range exprs {
		out[i].Type = e.Type()
	}
	c := optest.Case{In: in, Out: out, Steps: true, New: func() operators.Operator { return operators.NewProject(exprs) },
		Input: `
		2026-01-05T10:00:00Z A 5
		wm 2026-01-05T10:00:01Z
		-U 2026-01-05T10:00:01Z NULL 2
		+U 2026-01-05T10:00:02Z ÄB NULL`,
		Want: `
		+I a 2026-01-05T10:00:00Z 6.00 7
		wm 2026-01-05T10:00:01Z
		-U NULL 2026-01-05T10:00:01Z 3.00 7
		+U äb 2026-01-05T10:00:02Z NULL 7`}
	optest.Run(t, c)
	for seed := range uint64(20) {
		c.Input = randomInput(rand.New(rand.NewPCG(seed, 5)), 40)
		optest.Invariant(t, c, seed)
	}
}

// The first row that fails is the one reported, whichever expression it fails in,
// and everything before it comes out.
func TestFirstFailingRow(t *testing.T) {
	// 1/(v-4) fails on the fourth row, 1/(v-3) on the third.
	inverse := func(x int64) expr.Expr {
		return call(t, "/", number(1), call(t, "-", column(2), number(x)))
	}
	input := `
		2026-01-05T10:00:00Z A 1
		wm 2026-01-05T10:00:00Z
		2026-01-05T10:00:00Z B 2
		wm 2026-01-05T10:00:01Z
		2026-01-05T10:00:00Z C 3
		wm 2026-01-05T10:00:02Z
		2026-01-05T10:00:00Z D 4`
	exprs := []expr.Expr{column(1), call(t, "is null", inverse(4)), call(t, "is null", inverse(3))}
	optest.Run(t, optest.Case{In: in, Input: input, Steps: true, Err: "division by zero",
		New: func() operators.Operator { return operators.NewProject(exprs) },
		Want: `
		+I A false false
		wm 2026-01-05T10:00:00Z
		+I B false false
		wm 2026-01-05T10:00:01Z`})
	pred := call(t, "or", call(t, ">", inverse(4), number(9)), call(t, "<", inverse(3), number(9)))
	optest.Run(t, optest.Case{In: in, Input: input, Err: "division by zero",
		New: func() operators.Operator { return operators.NewFilter(pred, nil) },
		Want: `
		+I 2026-01-05T10:00:00Z A 1.00
		+I 2026-01-05T10:00:00Z B 2.00`})
}
