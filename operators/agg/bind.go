package agg

import (
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
		f.create = func() State { return &doubleSum{counted: s.Updating || s.Sliding} }
		return nil
	case t.Integer(), t.Kind == data.Unknown:
		f.Result = data.Of(data.BigInt)
	case t.Kind == data.Decimal:
		f.Result = data.DecimalType(data.MaxPrecision, int(t.Scale))
	default:
		return notNumeric(f.Name, f.Args[0])
	}
	f.create = exactSum(t, f.Result, false, s.Updating || s.Sliding)
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
	case t.Integer(), t.Kind == data.Unknown, t.Kind == data.Decimal:
		f.Result = averageType(t)
	default:
		return notNumeric(f.Name, f.Args[0])
	}
	f.create = exactSum(t, f.Result, true, true)
	return nil
}

// exactSum returns the constructor of a sum or average of integers or decimals.
// counted says that it must know how many rows a group has.
func exactSum(arg, result data.Type, average, counted bool) func() State {
	if arg.Class() == data.ClassWide {
		return func() State {
			return &wideSum{result: result, average: average, shift: int(result.Scale) - int(arg.Scale)}
		}
	}
	return func() State {
		return &shortSum{result: result, average: average, counted: counted, shift: int(result.Scale) - int(arg.Scale)}
	}
}

// averageType is the type of averages of an exact number.
func averageType(t data.Type) data.Type {
	return data.DecimalType(data.MaxPrecision, max(int(t.Scale), avgScale))
}

func notNumeric(name string, t data.Type) error {
	switch t.Kind {
	case data.String, data.JSON:
		return fmt.Errorf("%s needs a number, not %s; cast it, for example %s(CAST(x AS DECIMAL(18,2)))", name, t, name)
	case data.Boolean:
		return fmt.Errorf("%s needs a number, not BOOLEAN; cast it: %s(CAST(x AS INT))", name, name)
	case data.Interval:
		return fmt.Errorf("%s needs a number, not INTERVAL; take its seconds: %s(EPOCH(x)) * INTERVAL '1' SECOND", name, name)
	}
	return fmt.Errorf("%s needs an INT, BIGINT, DECIMAL or DOUBLE, not %s", name, t)
}

// ordered is the error of a type whose values have no order that an aggregate
// should go by; nil for others.
func ordered(name string, t data.Type) error {
	switch t.Kind {
	case data.Boolean:
		return fmt.Errorf("%s has no order of BOOLEAN values; cast them: CAST(x AS INT)", name)
	case data.JSON:
		return fmt.Errorf("%s has no order of JSON documents; cast them: CAST(x AS STRING)", name)
	}
	return nil
}

// bindExtreme binds MIN and MAX.
func bindExtreme(s *Spec, f *Func) error {
	t := f.Args[0]
	if err := ordered(f.Name, t); err != nil {
		return err
	}
	f.Result = t
	greatest := f.Name == "MAX"
	if s.Updating {
		result := leastOf
		if greatest {
			result = greatestOf
		}
		f.create = func() State { return &bag{arg: t, result: result} }
		return nil
	}
	f.create = extreme(t, greatest)
	return nil
}

// extreme returns the constructor of MIN and MAX of inputs that take no rows back.
func extreme(t data.Type, greatest bool) func() State {
	switch t.Class() {
	case data.ClassBytes:
		return func() State { return &textExtreme{greatest: greatest} }
	case data.ClassWide:
		return func() State { return &wideExtreme{greatest: greatest, interval: t.Kind == data.Interval} }
	}
	return func() State { return &wordExtreme{greatest: greatest, float: t.Class() == data.ClassFloat} }
}

// bindAny binds ANY_VALUE: the least value, so that no order of rows shows.
func bindAny(s *Spec, f *Func) error {
	t := f.Args[0]
	f.Result = t
	if s.Updating || t.Kind == data.Boolean {
		f.create = func() State { return &bag{arg: t, result: leastOf} }
		return nil
	}
	f.create = extreme(t, false)
	return nil
}

// bindTruth binds the aggregates of conditions.
func bindTruth(result data.Kind, of truthResult) func(*Spec, *Func) error {
	return func(_ *Spec, f *Func) error {
		if t := f.Args[0]; t.Kind != data.Boolean {
			return fmt.Errorf("%s needs a condition, not %s; compare it with something, for example %s(x > 0)", f.Name, t, f.Name)
		}
		f.Result = data.Of(result)
		f.create = func() State { return &truths{result: of} }
		return nil
	}
}

// bindBits binds the aggregates of bits.
func bindBits(op bitOp) func(*Spec, *Func) error {
	return func(s *Spec, f *Func) error {
		t := f.Args[0]
		if !t.Integer() {
			return fmt.Errorf("%s needs an INT or BIGINT, not %s; cast it: %s(CAST(x AS BIGINT))", f.Name, t, f.Name)
		}
		f.Result = t
		if s.Updating {
			f.create = func() State { return &bitCounts{op: op} }
		} else {
			f.create = func() State { return &bitWords{op: op} }
		}
		return nil
	}
}

// bindMoment binds a variance or a deviation.
func bindMoment(name string, least int64, of func(spread) (ratio, bool)) func(*Spec, *Func) error {
	result := momentResult{name, least, of}
	return func(_ *Spec, f *Func) error {
		t := f.Args[0]
		if t.Kind == data.Unknown {
			t = data.Of(data.BigInt)
		}
		if !t.Numeric() {
			return notNumeric(f.Name, t)
		}
		f.Result = data.Of(data.Double)
		f.create = func() State { return &moments{args: f.Args, result: result} }
		return nil
	}
}

// bindPairs binds an aggregate of two columns, which are taken as DOUBLE.
func bindPairs(name string, least int64, of func(spread) (ratio, bool)) func(*Spec, *Func) error {
	result := momentResult{name, least, of}
	return func(_ *Spec, f *Func) error {
		for i, t := range f.Args {
			if !t.Numeric() {
				return notNumeric(f.Name, t)
			}
			f.Args[i] = data.Of(data.Double)
		}
		if f.Distinct {
			return fmt.Errorf("%s takes no DISTINCT; compute it over a query with SELECT DISTINCT", f.Name)
		}
		f.Result = data.Of(data.Double)
		f.create = func() State { return &moments{args: f.Args, result: result} }
		return nil
	}
}
