package expr

import (
	"errors"
	"testing"

	"pgregory.net/rapid"

	"tidemark/operators/data"
)

// drawRows draws a selection: nil for all, or any ascending part.
func drawRows(t *rapid.T, n int) []int32 {
	switch rapid.IntRange(0, 2).Draw(t, "selection") {
	case 0:
		return nil
	case 1: // few rows of many
		return []int32{int32(rapid.IntRange(0, n-1).Draw(t, "row"))}
	}
	rows := []int32{}
	for i := range n {
		if rapid.Bool().Draw(t, "selected") {
			rows = append(rows, int32(i))
		}
	}
	return rows
}

// single returns row i of b as a batch of its own, with flat columns.
func single(b *data.Batch, i int) *data.Batch {
	one := &data.Batch{N: 1}
	for _, c := range b.Cols {
		v := &data.Vector{}
		v.Reset(c.Type)
		v.AppendFrom(c, i)
		one.Cols = append(one.Cols, v)
	}
	return one
}

func selected(rows []int32, n int) []int {
	var list []int
	for i := range n {
		if rows == nil {
			list = append(list, i)
		}
	}
	for _, r := range rows {
		list = append(list, int(r))
	}
	return list
}

// Evaluating a batch equals evaluating its rows one by one, errors included, for
// any selection, with a program used before; and folding changes nothing.
func TestBatchEqualsRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := drawExpr(t, "nsbta", 3)
		program := Compile(e)
		for range 2 {
			n := rapid.SampledFrom([]int{1, 2, 7, 33}).Draw(t, "n")
			b, rows := drawBatch(t, n), []int32(nil)
			rows = drawRows(t, n)
			var v data.Vector
			err := program.Eval(b, rows, &v)
			if v.Type != e.Type() && err == nil {
				t.Fatalf("%s has type %s, its vector %s", e, e.Type(), v.Type)
			}
			checkRows(t, e, e, b, rows, &v, err)
			if err == nil && !v.Const && e.Type().Class() == data.ClassBytes {
				if len(v.Offsets) != n+1 || int(v.Offsets[n]) != len(v.Bytes) {
					t.Fatalf("%s: %d offsets for %d rows", e, len(v.Offsets), n)
				}
			}
			folded, err := Fold(e)
			if err != nil {
				t.Fatal(err)
			}
			if folded.Type() != e.Type() {
				t.Fatalf("%s folds to the type %s from %s", e, folded.Type(), e.Type())
			}
			checkFold(t, e, folded, b)
		}
	})
}

// checkRows compares the result of a batch with that of single rows of want.
func checkRows(t *rapid.T, e, want Expr, b *data.Batch, rows []int32, v *data.Vector, err error) {
	t.Helper()
	for _, i := range selected(rows, b.N) {
		exp, expErr := evalRow(want, single(b, i), 0)
		var re *RowError
		if errors.As(err, &re) && re.Row == i {
			if expErr == nil || re.Err.Error() != expErr.(*RowError).Err.Error() {
				t.Fatalf("%s fails on row %d with %v; alone it gives %s, %v", e, i, err, exp, expErr)
			}
			return
		}
		if expErr != nil {
			t.Fatalf("%s: row %d fails alone with %v, in the batch: %v", e, i, expErr, err)
		}
		if err == nil {
			if got := show(v, i); got != exp {
				t.Fatalf("%s: row %d is %s, alone %s", e, i, got, exp)
			}
		}
	}
	if err != nil {
		t.Fatalf("%s: %v, but no row fails alone", e, err)
	}
}

// checkFold compares e with its folded form row by row.
func checkFold(t *rapid.T, e, folded Expr, b *data.Batch) {
	for i := range b.N {
		want, wantErr := evalRow(e, single(b, i), 0)
		got, gotErr := evalRow(folded, single(b, i), 0)
		if got != want || (gotErr == nil) != (wantErr == nil) {
			t.Fatalf("%s folds to %s: row %d is %s, %v instead of %s, %v", e, folded, i, got, gotErr, want, wantErr)
		}
	}
}

// Select keeps the rows where Eval gives TRUE. It may not reach an error behind
// a NULL, because an AND that is not TRUE is settled by its first part.
func TestSelectEqualsEval(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := drawExpr(t, "b", 3)
		p := Compile(e)
		n := rapid.SampledFrom([]int{1, 5, 40}).Draw(t, "n")
		b := drawBatch(t, n)
		rows := drawRows(t, n)
		var v data.Vector
		evalErr := Compile(e).Eval(b, rows, &v)
		in := append([]int32{}, rows...)
		if rows == nil {
			in = nil
		}
		var got []int32
		var err error
		if rapid.Bool().Draw(t, "in place") && rows != nil {
			got, err = p.Select(b, in, in[:0])
		} else {
			got, err = p.Select(b, in, nil)
		}
		if err != nil {
			var re, ee *RowError
			errors.As(err, &re)
			if !errors.As(evalErr, &ee) || ee.Row > re.Row {
				t.Fatalf("%s: Select fails with %v on row %d, Eval with %v", e, err, re.Row, evalErr)
			}
			return
		}
		if evalErr != nil {
			return
		}
		var want []int32
		for _, i := range selected(rows, n) {
			if !v.IsNull(i) && v.Bools[v.Index(i)] {
				want = append(want, int32(i))
			}
		}
		if len(got) != len(want) {
			t.Fatalf("%s selects %v instead of %v", e, got, want)
		}
		for k := range got {
			if got[k] != want[k] {
				t.Fatalf("%s selects %v instead of %v", e, got, want)
			}
		}
	})
}

// The text of an expression binds again, and to the same text but for the places
// that constants gain beside decimals: the second time it is stable. A
// text does not show the type of a NULL.
func TestTextBindsAgain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := drawExpr(t, "nsbta", 3)
		Walk(e, func(x Expr) bool {
			if l, ok := x.(*Literal); ok && l.IsNull() {
				t.Skip("NULL")
			}
			return true
		})
		again, err := bind(e.String(), testSchema)
		if err != nil {
			t.Fatalf("%s: %v", e, err)
		}
		third, err := bind(again.String(), testSchema)
		if err != nil {
			t.Fatalf("%s: %v", again, err)
		}
		if third.String() != again.String() {
			t.Fatalf("%s becomes %s becomes %s", e, again, third)
		}
	})
}
