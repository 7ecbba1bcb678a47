package expr

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"tidemark/operators/data"
	"tidemark/parser/source"
)

// The rows of a test have the columns k and x, those of its table j, y and z.
var (
	relatedRows  = data.Schema{{Name: "k", Type: data.Of(data.Int)}, {Name: "x", Type: data.Of(data.Int)}}
	relatedPairs = data.Schema{{Name: "j", Type: data.Of(data.Int)}, {Name: "y", Type: data.Of(data.Int)}, {Name: "z", Type: data.Of(data.Int)},
		{Name: "x", Type: data.Of(data.Int)}}
)

// intColumns returns random small numbers, some of them NULL.
func intColumns(r *rand.Rand, columns, n, upTo int) []*data.Vector {
	cols := make([]*data.Vector, columns)
	for c := range cols {
		cols[c] = &data.Vector{}
		cols[c].Reset(data.Of(data.Int))
		for range n {
			if r.IntN(8) == 0 {
				cols[c].AppendNull()
			} else {
				cols[c].AppendInt(int64(r.IntN(upTo)))
			}
		}
	}
	return cols
}

// related returns the test k = j AND where, for EXISTS or x IN (y), with as many keys.
func related(t *testing.T, table []*data.Vector, keys int, where string, in, not bool) *Related {
	r := Related{Cell: &Cell{Columns: table, Text: "SELECT …"}, Not: not}
	if keys > 0 {
		r.Keys = []Expr{mustBind(t, "k", relatedRows)}
	}
	r.Uses = []Expr{mustBind(t, "x", relatedRows)}
	if where != "" {
		r.Where = mustBind(t, where, relatedPairs)
	}
	if in {
		r.Same = mustBind(t, "x = y", relatedPairs)
	}
	return NewRelated(r, source.Span{})
}

// byHand is what a test of a row comes to, worked out pair by pair: true, false,
// NULL, or that it fails.
func byHand(r *Related, table []*data.Vector, b *data.Batch, row int, holds func(j, y, z, k, x *int64) (ok, fails bool)) string {
	value := func(v *data.Vector, i int) *int64 {
		if v.IsNull(i) {
			return nil
		}
		return &v.Ints[i]
	}
	unknown := false
	k, x := value(b.Cols[0], row), value(b.Cols[1], row)
	for i := range table[0].Len() {
		j, y, z := value(table[0], i), value(table[1], i), value(table[2], i)
		if len(r.Keys) > 0 && (k == nil || j == nil || *k != *j) {
			continue
		}
		ok, fails := holds(j, y, z, k, x)
		switch {
		case fails:
			return "fails"
		case !ok:
		case r.Same == nil, x != nil && y != nil && *x == *y:
			return fmt.Sprint(!r.Not)
		case x == nil || y == nil:
			unknown = true
		}
	}
	if unknown {
		return "NULL"
	}
	return fmt.Sprint(r.Not)
}

func TestRelated(t *testing.T) {
	conditions := map[string]func(j, y, z, k, x *int64) (ok, fails bool){
		"":      func(_, _, _, _, _ *int64) (bool, bool) { return true, false },
		"z > x": func(_, _, z, _, x *int64) (bool, bool) { return z != nil && x != nil && *z > *x, false },
		"6 / z > 1": func(_, _, z, _, _ *int64) (bool, bool) {
			return z != nil && *z != 0 && 6 / *z > 1, z != nil && *z == 0
		},
	}
	for where, holds := range conditions {
		for seed := range uint64(40) {
			r := rand.New(rand.NewPCG(seed, 1))
			table := intColumns(r, 3, []int{0, 5, 40, 3000}[seed%4], 6)
			n := []int{1, 20, 300}[seed%3]
			b := &data.Batch{Cols: intColumns(r, 2, n, 6), N: n}
			test := related(t, table, int(seed%2), where, seed%5 < 3, seed%7 < 3)
			var rows []int32 // nil, or every third
			for i := 0; seed%2 == 0 && i < n; i += 3 {
				rows = append(rows, int32(i))
			}
			checkRelated(t, test, b, rows, func(row int) string { return byHand(test, table, b, row, holds) })
		}
	}
}

// checkRelated evaluates a test up to the first row that fails, in one go and row
// by row.
func checkRelated(t *testing.T, test *Related, b *data.Batch, rows []int32, want func(int) string) {
	t.Helper()
	all := rows
	for i := 0; rows == nil && i < b.N; i++ {
		all = append(all, int32(i))
	}
	failed := -1
	for _, r := range all {
		if want(int(r)) == "fails" {
			failed = int(r)
			break
		}
	}
	var out data.Vector
	err := Compile(test).Eval(b, rows, &out)
	var re *RowError
	switch {
	case failed < 0 && err != nil:
		t.Fatalf("%s: %v", test.Where, err)
	case failed >= 0 && (!errors.As(err, &re) || re.Row != failed):
		t.Fatalf("%s: %v, want an error in row %d", test.Where, err, failed)
	}
	p := Compile(test)
	for _, r := range all {
		var one data.Vector
		err := p.Eval(b, []int32{r}, &one)
		got := "fails"
		if err == nil {
			got = shown(&one, int(r))
		}
		if w := want(int(r)); got != w {
			t.Fatalf("%s, row %d alone: %s, want %s", test.Where, r, got, w)
		}
		if failed < 0 && shown(&out, int(r)) != want(int(r)) {
			t.Fatalf("%s, row %d: %s, want %s", test.Where, r, shown(&out, int(r)), want(int(r)))
		}
	}
}

func shown(v *data.Vector, i int) string {
	if v.IsNull(i) {
		return "NULL"
	}
	return fmt.Sprint(v.Bools[v.Index(i)])
}

// A Related is rebuilt with its operands, told apart by its cell, and counts as
// something that only a run can work out.
func TestRelatedAsTree(t *testing.T) {
	test := related(t, nil, 1, "6 / z > x", false, true)
	moved := Remap(test, func(i int) int { return i + 3 })
	if got := Columns(moved); len(got) != 2 || got[0] != 3 || got[1] != 4 {
		t.Errorf("moved, it reads %v", got)
	}
	if !Equal(test, Remap(moved, func(i int) int { return i - 3 })) || Equal(test, moved) {
		t.Error("it is not equal to itself, or is to another one")
	}
	if Equal(test, related(t, nil, 1, "6 / z > x", false, true)) {
		t.Error("tests of two subqueries are equal")
	}
	if f, err := Fold(test); err != nil || f != Expr(test) || !UsesSubquery(test) || !CanFail(test) || IsConst(test) {
		t.Error("it is folded, or taken for what it is not")
	}
	if test.String() != "NOT EXISTS (SELECT …)" {
		t.Error(test.String())
	}
}
