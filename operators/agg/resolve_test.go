package agg

import (
	"errors"
	"strings"
	"testing"

	"tidemark/operators/data"
)

// What is wrong with a call is said with what to write instead.
func TestWrongCalls(t *testing.T) {
	num, text, truth, whole := data.Of(data.Double), data.Of(data.String), data.Of(data.Boolean), data.Of(data.Int)
	constant := func(typ data.Type, s string) *data.Vector {
		v := column(t, typ, s)
		v.Const = true
		return v
	}
	by := func(types ...data.Type) (keys []OrderKey) {
		for _, typ := range types {
			keys = append(keys, OrderKey{Type: typ})
		}
		return keys
	}
	types := func(ts ...data.Type) []data.Type { return ts }
	deep := whole
	for range data.MaxNesting {
		deep = data.ArrayOf(deep)
	}
	for _, c := range []struct {
		spec Spec
		want string
	}{
		{Spec{Name: "STDDEV", Args: types(text)}, "CAST(x AS DECIMAL(18,2))"},
		{Spec{Name: "CORR", Args: types(num)}, "takes two arguments, not 1"},
		{Spec{Name: "CORR", Args: types(num, truth)}, "CAST(x AS INT)"},
		{Spec{Name: "COVAR_POP", Args: types(num, num), Distinct: true}, "SELECT DISTINCT"},
		{Spec{Name: "BOOL_AND", Args: types(whole)}, "BOOL_AND(x > 0)"},
		{Spec{Name: "COUNT_IF", Args: types(text)}, "COUNT_IF(x > 0)"},
		{Spec{Name: "WINDOW_COMPLETENESS", Args: types(num)}, "must be a constant"},
		{Spec{Name: "WINDOW_COMPLETENESS", Args: types(num), Consts: []*data.Vector{constant(num, "0")}}, "positive number"},
		{Spec{Name: "BIT_OR_AGG", Args: types(num)}, "CAST(x AS BIGINT)"},
		{Spec{Name: "ARG_MIN", Args: types(text, truth)}, "CAST(x AS INT)"},
		{Spec{Name: "PERCENTILE_CONT", Args: types(num)}, "WITHIN GROUP (ORDER BY x)"},
		{Spec{Name: "PERCENTILE_CONT", Args: types(num), Order: by(num)}, "must be a constant"},
		{Spec{Name: "PERCENTILE_CONT", Args: types(whole), Consts: []*data.Vector{constant(whole, "95")}, Order: by(num)}, "from 0 to 1; write 0.95 for 95 percent"},
		{Spec{Name: "PERCENTILE_CONT", Args: types(num), Consts: []*data.Vector{constant(num, "-0.1")}, Order: by(num)}, "from 0 to 1"},
		{Spec{Name: "PERCENTILE_CONT", Args: types(num), Consts: []*data.Vector{constant(num, "NaN")}, Order: by(num)}, "from 0 to 1"},
		{Spec{Name: "PERCENTILE_CONT", Args: types(num), Consts: []*data.Vector{constant(num, "NULL")}, Order: by(num)}, "from 0 to 1"},
		{Spec{Name: "PERCENTILE_CONT", Args: types(num), Consts: []*data.Vector{constant(num, "0.5")}, Order: by(data.Of(data.Timestamp))}, "PERCENTILE_DISC(0.5) WITHIN GROUP"},
		{Spec{Name: "PERCENTILE_DISC", Args: types(num), Consts: []*data.Vector{constant(num, "0.5")}, Order: by(truth)}, "CAST(x AS INT)"},
		{Spec{Name: "PERCENTILE_DISC", Args: types(num, num), Order: by(num)}, "takes one argument, not 2"},
		{Spec{Name: "MEDIAN", Args: types(text)}, "CAST(x AS DECIMAL(18,2))"},
		{Spec{Name: "MODE"}, "MODE(x)"},
		{Spec{Name: "STRING_AGG", Args: types(whole)}, "STRING_AGG(CAST(x AS STRING), ', ')"},
		{Spec{Name: "STRING_AGG", Args: types(text, text)}, "must be a constant"},
		{Spec{Name: "ARRAY_AGG", Args: types(whole), Distinct: true, Order: by(text)}, "ordered by x itself"},
		{Spec{Name: "ARRAY_AGG", Args: types(deep)}, "deeper than the limit of 32"},
		{Spec{Name: "JSON_OBJECTAGG", Args: types(text, text), Distinct: true}, "takes no DISTINCT"},
		{Spec{Name: "JSON_OBJECTAGG", Args: types(data.ArrayOf(text), text)}, "CAST(k AS STRING)"},
		{Spec{Name: "APPROX_COUNT_DISTINCT", Args: types(text), Updating: true}, "COUNT(DISTINCT x)"},
		{Spec{Name: "APPROX_PERCENTILE", Args: types(num, num), Consts: []*data.Vector{nil, constant(num, "0.5")}, Updating: true}, "PERCENTILE_DISC(0.95)"},
	} {
		_, err := Resolve(c.spec)
		if err == nil || errors.Is(err, ErrUnknown) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want …%s…", c.spec, err, c.want)
		}
	}
}

// A NULL literal may stand for any argument.
func TestNullArguments(t *testing.T) {
	for _, info := range Infos() {
		s := Spec{Name: info.Name, Args: []data.Type{{}}}
		switch {
		case strings.HasPrefix(info.Name, "COVAR"), info.Name == "CORR", strings.HasPrefix(info.Name, "BOOL"),
			info.Name == "COUNT_IF", info.Name == "WINDOW_COMPLETENESS", strings.HasPrefix(info.Name, "BIT"), strings.Contains(info.Name, "PERCENTILE"):
			continue // these need a type that the planner gives a NULL
		case find(info.Name).least == 2:
			s.Args = append(s.Args, data.Type{})
		}
		f, err := Resolve(s)
		if err != nil {
			t.Errorf("%s(NULL): %v", info.Name, err)
			continue
		}
		var in Rows
		for _, typ := range f.Args {
			v := data.NewConst(typ)
			v.AppendNull()
			in.Cols = append(in.Cols, v)
		}
		state := f.New()
		state.Resize(1)
		state.Update([]int32{0, 0}, []int32{0, 1}, in)
		results(f, state, 1)
	}
}
