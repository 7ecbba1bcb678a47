package operators_test

import (
	"fmt"
	"math/rand/v2"
	"sort"
	"strings"
	"testing"

	"tidemark/operators"
	"tidemark/operators/data"
	"tidemark/operators/optest"
	"tidemark/operators/state"
)

var sortSchema = data.Schema{{Name: "k", Type: data.Of(data.BigInt)}, {Name: "s", Type: data.Of(data.String)}}

func sorting(limit, offset int64, updating bool, keys ...state.SortKey) func() operators.Operator {
	return func() operators.Operator {
		return operators.NewSort(operators.SortConfig{Keys: keys, Limit: limit, Offset: offset, Updating: updating, BatchRows: 2, Out: sortSchema})
	}
}

func TestSort(t *testing.T) {
	k, s := state.SortKey{Column: 0}, state.SortKey{Column: 1, Desc: true, NullsFirst: true}
	const plain = "2 b\n wm 2026-01-01T00:00:00Z\n 1 a\n 2 a\n NULL c\n 1 NULL\n 1 a\n end"
	const changes = `+I 1 a
		+I 2 b
		-U 1 a
		+U 3 a
		+I 2 b
		-D 2 b
		+I 1 a
		-U 3 a
		+U 0 z
		end`
	for name, c := range map[string]struct {
		new         func() operators.Operator
		input, want string
	}{
		"ascending, nulls last": {sorting(-1, 0, false, k), plain, "+I 1 a\n +I 1 NULL\n +I 1 a\n +I 2 b\n +I 2 a\n +I NULL c\n end"},
		"two keys":              {sorting(-1, 0, false, k, s), plain, "+I 1 NULL\n +I 1 a\n +I 1 a\n +I 2 b\n +I 2 a\n +I NULL c\n end"},
		"limit and offset":      {sorting(2, 1, false, k), plain, "+I 1 NULL\n +I 1 a\n end"},
		"offset alone":          {sorting(-1, 4, false, k), plain, "+I 2 a\n +I NULL c\n end"},
		"offset beyond the end": {sorting(-1, 9, false, k), plain, "end"},
		"limit 0":               {sorting(0, 0, false, k), plain, "end"},
		"interrupted":           {sorting(-1, 0, false, k), "1 a", ""},
		"changes":               {sorting(-1, 0, true, k), changes, "+I 0 z\n +I 1 a\n +I 2 b\n end"},
		"changes, by arrival":   {sorting(2, 0, true), changes, "+I 2 b\n +I 1 a\n end"},
		"like rows":             {sorting(-1, 1, true, k), "5 a\n 5 b\n 5 a\n 1 c\n end", "+I 5 a\n +I 5 a\n +I 5 b\n end"},
	} {
		t.Run(name, func(t *testing.T) {
			optest.Run(t, optest.Case{In: sortSchema, Out: sortSchema, Input: c.input, Want: c.want, Steps: true, New: c.new})
		})
	}
}

// A random changelog is sorted as what it comes to; a random stream's first rows
// by a limit are those of the whole.
func TestSortAgainstSlices(t *testing.T) {
	for seed := range uint64(6) {
		r := rand.New(rand.NewPCG(seed, 7))
		var input strings.Builder
		var live []string // in order of arrival
		updating := seed%2 == 0
		for i := range 6000 {
			if updating && len(live) > 0 && r.IntN(3) == 0 {
				i := r.IntN(len(live))
				fmt.Fprintf(&input, "-D %s\n", live[i])
				live = append(live[:i:i], live[i+1:]...)
				continue
			}
			row := fmt.Sprintf("%d x%d", r.IntN(500), i) // no two are alike
			live = append(live, row)
			fmt.Fprintln(&input, row)
		}
		input.WriteString("end")
		key := func(row string) (k int) { fmt.Sscan(row, &k); return k }
		sort.SliceStable(live, func(i, j int) bool { return key(live[i]) > key(live[j]) })
		want := ""
		for _, row := range live[3:23] {
			want += "+I " + row + "\n"
		}
		optest.Run(t, optest.Case{In: sortSchema, Out: sortSchema, Input: input.String(), Want: want,
			New: sorting(20, 3, updating, state.SortKey{Column: 0, Desc: true})})
	}
}

func TestLimit(t *testing.T) {
	limit := func(n, skip int64) func() operators.Operator {
		return func() operators.Operator { return operators.NewLimit(n, skip) }
	}
	const input = "1 a\n wm 2026-01-01T00:00:00Z\n 2 b\n 3 c\n wm 2026-01-01T00:00:01Z\n 4 d\n end"
	for _, c := range []struct {
		n, skip   int64
		want, err string
	}{
		{2, 0, "+I 1 a\n wm 2026-01-01T00:00:00Z\n +I 2 b\n end", "the result is complete"},
		{1, 2, "wm 2026-01-01T00:00:00Z\n +I 3 c\n end", "the result is complete"},
		{4, 0, "+I 1 a\n wm 2026-01-01T00:00:00Z\n +I 2 b\n +I 3 c\n wm 2026-01-01T00:00:01Z\n +I 4 d\n end", "the result is complete"},
		{0, 0, "end", "the result is complete"},
		{9, 3, "wm 2026-01-01T00:00:00Z\n wm 2026-01-01T00:00:01Z\n +I 4 d\n end", ""},
		{-1, 3, "wm 2026-01-01T00:00:00Z\n wm 2026-01-01T00:00:01Z\n +I 4 d\n end", ""},
	} {
		optest.Run(t, optest.Case{In: sortSchema, Out: sortSchema, Input: input, Want: c.want, Steps: true, Err: c.err, New: limit(c.n, c.skip)})
	}
}
