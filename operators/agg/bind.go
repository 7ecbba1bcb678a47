package agg

import (
	"errors"
	"fmt"

	"tidemark/operators/data"
)

func bindCount(s *Spec, f *Func) error {
	f.Result = data.Of(data.BigInt)
	f.create = func() State { return &countState{} }
	return nil
}

func bindSum(s *Spec, f *Func) error {
	t := f.Args[0]
	switch {
	case t.Kind == data.Double:
		f.Result = t
		f.create = func() State { return &doubleSum{counted: s.Updating} }
		return nil
	case t.Integer(), t.Kind == data.Unknown:
		f.Result = data.Of(data.BigInt)
	case t.Kind == data.Decimal:
		f.Result = data.DecimalType(data.MaxPrecision, int(t.Scale))
	default:
		return notNumeric(f)
	}
	f.create = exactSum(t, f.Result, false, s.Updating)
	return nil
}

// avgScale is the least number of digits after the point of an exact average.
const avgScale = 6

func bindAvg(s *Spec, f *Func) error {
	t := f.Args[0]
	switch {
	case t.Kind == data.Double:
		f.Result = t
		f.create = func() State { return &doubleSum{average: true, counted: true} }
		return nil
	case t.Integer(), t.Kind == data.Unknown:
		f.Result = data.DecimalType(data.MaxPrecision, avgScale)
	case t.Kind == data.Decimal:
		f.Result = data.DecimalType(data.MaxPrecision, max(int(t.Scale), avgScale))
	default:
		return notNumeric(f)
	}
	f.create = exactSum(t, f.Result, true, s.Updating)
	return nil
}

// exactSum returns the constructor of a sum or average of integers or decimals.
func exactSum(arg, result data.Type, average, updating bool) func() State {
	if arg.Class() == data.ClassWide {
		return func() State {
			return &wideSum{result: result, average: average, shift: int(result.Scale) - int(arg.Scale)}
		}
	}
	return func() State {
		return &shortSum{result: result, average: average, counted: average || updating, shift: int(result.Scale) - int(arg.Scale)}
	}
}

func notNumeric(f *Func) error {
	t := f.Args[0]
	switch t.Kind {
	case data.String, data.JSON:
		return fmt.Errorf("%s needs a number, not %s; cast it, for example %s(CAST(x AS DECIMAL(18,2)))", f.Name, t, f.Name)
	case data.Boolean:
		return fmt.Errorf("%s needs a number, not BOOLEAN; cast it: %s(CAST(x AS INT))", f.Name, f.Name)
	}
	return fmt.Errorf("%s needs an INT, BIGINT, DECIMAL or DOUBLE, not %s", f.Name, t)
}

func bindExtreme(s *Spec, f *Func) error {
	t := f.Args[0]
	switch t.Kind {
	case data.Boolean:
		return fmt.Errorf("%s has no order of BOOLEAN values; cast them: %s(CAST(x AS INT))", f.Name, f.Name)
	case data.JSON:
		return fmt.Errorf("%s has no order of JSON documents; cast them: %s(CAST(x AS STRING))", f.Name, f.Name)
	}
	if s.Updating {
		return errors.New("not yet")
	}
	greatest := f.Name == "MAX"
	f.Result = t
	switch t.Class() {
	case data.ClassBytes:
		f.create = func() State { return &textExtreme{greatest: greatest} }
	case data.ClassWide:
		f.create = func() State { return &wideExtreme{greatest: greatest, interval: t.Kind == data.Interval} }
	default:
		f.create = func() State { return &wordExtreme{greatest: greatest, float: t.Class() == data.ClassFloat} }
	}
	return nil
}
