package agg

import (
	"fmt"
	"math"
	"strconv"

	"tidemark/operators/data"
)

// completeness is WINDOW_COMPLETENESS: how many of the rows that were expected have
// come.
type completeness struct {
	countState
	expected float64
}

func (s *completeness) Merge(groups []int32, from State) {
	s.countState.Merge(groups, &from.(*completeness).countState)
}

func (s *completeness) Append(out *data.Vector, groups []int32) (int, error) {
	for _, g := range groups {
		out.AppendFloat(min(1, float64(s.n[g])/s.expected))
	}
	return 0, nil
}

// bindCompleteness binds WINDOW_COMPLETENESS(expected).
func bindCompleteness(s *Spec, f *Func) error {
	const example = "write the number of rows, for example WINDOW_COMPLETENESS(60)"
	c := s.constant(0)
	if c == nil {
		return fmt.Errorf("how many rows %s expects must be a constant; %s", f.Name, example)
	}
	f.Args = nil
	if c.IsNull(0) || !c.Type.Numeric() {
		return fmt.Errorf("how many rows %s expects must be a number; %s", f.Name, example)
	}
	expected, err := strconv.ParseFloat(string(data.AppendText(nil, c, 0)), 64)
	if err != nil || !(expected > 0) || math.IsInf(expected, 0) {
		return fmt.Errorf("%s expects a positive number of rows; %s", f.Name, example)
	}
	f.Result = data.Of(data.Double)
	f.create = func() State { return &completeness{expected: expected} }
	return nil
}
