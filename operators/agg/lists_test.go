package agg

import (
	"errors"
	"strings"
	"testing"

	"tidemark/operators/data"
)

// A list of more than 16 MiB is an error that names the limit, and leaves nothing
// of itself behind in the results.
func TestListsAreLimited(t *testing.T) {
	piece := strings.Repeat("x", 1<<20)
	for _, name := range []string{"STRING_AGG", "ARRAY_AGG", "JSON_ARRAYAGG", "JSON_OBJECTAGG"} {
		v := column(t, data.Of(data.String), piece)
		s, in := Spec{Name: name, Args: []data.Type{v.Type}}, only(v)
		if name == "JSON_OBJECTAGG" {
			keys := &data.Vector{}
			keys.Reset(data.Of(data.BigInt))
			for i := range 17 {
				keys.AppendInt(int64(i))
			}
			v.Const = true
			s.Args, in = []data.Type{keys.Type, v.Type}, Rows{Cols: []*data.Vector{keys, v}}
		}
		f, err := Resolve(s)
		if err != nil {
			t.Fatal(err)
		}
		state := f.New()
		state.Resize(2)
		rows := make([]int32, 15) // row 0 again and again
		if name == "JSON_OBJECTAGG" {
			rows = rowNumbers(15)
		}
		state.Update(make([]int32, 15), rows, in)
		ones := make([]int32, 17)
		rows = make([]int32, 17)
		if name == "JSON_OBJECTAGG" {
			rows = rowNumbers(17)
		}
		for i := range ones {
			ones[i] = 1
		}
		state.Update(ones, rows, in)
		out := &data.Vector{}
		out.Reset(f.Result)
		bad, err := state.Append(out, []int32{0, 1})
		if bad != 1 || !errors.Is(err, ErrOverflow) || !strings.Contains(err.Error(), "16 MiB") || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: group %d, %v", name, bad, err)
		}
		if out.Len() != 1 || len(out.Bytes) != len(out.Text(0)) || len(out.Bytes) < 15<<20 {
			t.Errorf("%s: %d results of %d bytes", name, out.Len(), len(out.Bytes))
		}
	}
}

// The text form of lists, with everything that needs to be written otherwise.
func TestLists(t *testing.T) {
	for _, c := range []struct {
		spec Spec
		typ  data.Type
		rows string
		want string
	}{
		{Spec{Name: "JSON_ARRAYAGG"}, data.Of(data.String), `a NULL "b\ `, `["a","\"b\\"]`},
		{Spec{Name: "JSON_AGG"}, data.Of(data.String), `a NULL "b\ `, `["a",null,"\"b\\"]`}, {Spec{Name: "JSON_AGG"}, data.Of(data.Int), "NULL", `[null]`}, {Spec{Name: "JSON_AGG"}, data.Of(data.Int), "", `NULL`},
		{Spec{Name: "JSON_ARRAYAGG"}, data.Of(data.Double), "1.5 NaN NULL", `[1.5,"NaN"]`},
		{Spec{Name: "JSON_ARRAYAGG"}, data.Of(data.JSON), `{"a":[1]} null`, `[{"a":[1]},null]`},
		{Spec{Name: "JSON_ARRAYAGG"}, data.Of(data.Timestamp), "2026-01-05T10:00:00Z", `["2026-01-05T10:00:00Z"]`},
		{Spec{Name: "JSON_ARRAYAGG"}, data.Of(data.Int), "NULL", `[]`},
		{Spec{Name: "JSON_ARRAYAGG"}, data.Of(data.Int), "", `NULL`},
		{Spec{Name: "ARRAY_AGG"}, data.Of(data.Int), "NULL 3 NULL 1", `[null,3,null,1]`},
		{Spec{Name: "ARRAY_AGG", IgnoreNulls: true}, data.Of(data.Int), "NULL 3 NULL 1", `[3,1]`},
		{Spec{Name: "ARRAY_AGG", Distinct: true}, data.Of(data.Int), "NULL 3 NULL 1 3", `[1,3,null]`},
		{Spec{Name: "ARRAY_AGG", Distinct: true, IgnoreNulls: true}, data.Of(data.Int), "NULL 3 NULL 1 3", `[1,3]`},
		{Spec{Name: "ARRAY_AGG"}, data.ArrayOf(data.Of(data.Int)), "[1,2] [] NULL", `[[1,2],[],null]`},
		{Spec{Name: "ARRAY_AGG"}, data.Of(data.Int), "", `NULL`},
		{Spec{Name: "STRING_AGG"}, data.Of(data.String), "b NULL a", `b,a`},
		{Spec{Name: "STRING_AGG"}, data.Of(data.String), "NULL", `NULL`},
		{Spec{Name: "STRING_AGG", Distinct: true}, data.Of(data.String), "b a b", `a,b`},
		{Spec{Name: "FIRST_VALUE"}, data.Of(data.String), "NULL a", `NULL`},
		{Spec{Name: "FIRST_VALUE", IgnoreNulls: true}, data.Of(data.String), "NULL a", `a`},
		{Spec{Name: "LAST_VALUE"}, data.ArrayOf(data.Of(data.Int)), "[1] [2]", `[2]`},
	} {
		got := one(t, c.spec, column(t, c.typ, strings.Fields(c.rows)...))
		text := "NULL"
		if !got.IsNull(0) {
			text = string(data.AppendText(nil, got, 0))
		}
		if text != c.want {
			t.Errorf("%+v of %v %s = %s, want %s", c.spec, c.typ, c.rows, text, c.want)
		}
	}
}
