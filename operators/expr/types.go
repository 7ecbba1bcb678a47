package expr

import (
	"strconv"

	"tidemark/operators/data"
)

// asDecimal returns the DECIMAL that holds every value of an exact numeric type.
func asDecimal(t data.Type) data.Type {
	switch t.Kind {
	case data.Int:
		return data.DecimalType(10, 0)
	case data.BigInt:
		return data.DecimalType(19, 0)
	}
	return t
}

// tightDecimal is asDecimal, but of an integer literal only as wide as its digits.
func tightDecimal(e Expr) data.Type {
	if l, ok := e.(*Literal); ok && l.Type().Integer() && !l.IsNull() {
		digits, x := 1, l.Value.Ints[0]
		for x /= 10; x != 0; x /= 10 {
			digits++
		}
		return data.DecimalType(digits, 0)
	}
	return asDecimal(e.Type())
}

// adjust caps a decimal type at 38 digits, giving up digits after the point but
// not the last six: LogicalTypeMerging.adjustPrecisionScale of Flink, which is
// the rule of SQL Server.
func adjust(precision, scale int) data.Type {
	if precision <= data.MaxPrecision {
		return data.DecimalType(precision, scale)
	}
	whole := precision - scale
	return data.DecimalType(data.MaxPrecision, max(data.MaxPrecision-whole, min(scale, 6)))
}

// arithmeticDecimal is the type of a op b after Flink's rules.
func arithmeticDecimal(op string, a, b data.Type) data.Type {
	p1, s1, p2, s2 := int(a.Precision), int(a.Scale), int(b.Precision), int(b.Scale)
	switch op {
	case "*":
		return adjust(p1+p2, s1+s2)
	case "/":
		s := max(6, s1+p2+1)
		return adjust(p1-s1+s2+s, s)
	case "%":
		s := max(s1, s2)
		return adjust(min(p1-s1, p2-s2)+s, s)
	}
	s := max(s1, s2)
	return adjust(max(p1-s1, p2-s2)+s+1, s)
}

// unionDecimal is the type that holds the values of both, as far as 38 digits go.
func unionDecimal(a, b data.Type) data.Type {
	s := max(int(a.Scale), int(b.Scale))
	return adjust(max(int(a.Precision)-int(a.Scale), int(b.Precision)-int(b.Scale))+s, s)
}

// haveRoom reports whether the type in which exact numbers meet has room for the
// digits of all of them; others do not matter.
func haveRoom(args []Expr) bool {
	whole, scale := 0, 0
	for _, a := range args {
		if t := tightDecimal(a); t.Kind == data.Decimal {
			whole, scale = max(whole, int(t.Precision)-int(t.Scale)), max(scale, int(t.Scale))
		}
	}
	return whole+scale <= data.MaxPrecision
}

// commonType is the type two values of a CASE, COALESCE, IN or comparison meet
// in; ok is false where there is none.
func commonType(a, b data.Type) (t data.Type, ok bool) {
	switch {
	case a == b, b.Kind == data.Unknown:
		return a, true
	case a.Kind == data.Unknown:
		return b, true
	case a.Numeric() && b.Numeric():
		switch {
		case a.Kind == data.Double || b.Kind == data.Double:
			return data.Of(data.Double), true
		case a.Kind == data.Decimal || b.Kind == data.Decimal:
			return unionDecimal(asDecimal(a), asDecimal(b)), true
		}
		return data.Of(data.BigInt), true
	case a.Kind == data.Date && b.Kind == data.Timestamp, a.Kind == data.Timestamp && b.Kind == data.Date:
		return data.Of(data.Timestamp), true
	case a.Nested() && a.Kind == b.Kind:
		return commonNested(a, b)
	}
	return a, false
}

// commonNested is commonType of two arrays, maps or rows: their parts meet, those
// of rows by their places. Names that were given count more than f1, f2 and so on.
func commonNested(a, b data.Type) (data.Type, bool) {
	p, q := partTypes(a), partTypes(b)
	if len(p) != len(q) {
		return a, false
	}
	for i := range p {
		met, ok := commonType(p[i], q[i])
		if !ok {
			return a, false
		}
		p[i] = met
	}
	switch a.Kind {
	case data.Array:
		return data.ArrayOf(p[0]), true
	case data.Map:
		return data.MapOf(p[0], p[1]), true
	}
	fields, others := a.Fields(), b.Fields()
	for i := range fields {
		if fields[i].Name == fieldName(i) {
			fields[i].Name = others[i].Name
		}
		fields[i].Type = p[i]
	}
	return data.RowOf(fields...), true
}

// fieldName is what the i-th value of ROW(…) is called.
func fieldName(i int) string { return "f" + strconv.Itoa(i+1) }

// castCost ranks implicit casts: 0 for none, -1 where there is none.
func castCost(from data.Kind, to data.Kind) int {
	switch {
	case from == to || to == data.Unknown:
		return 0
	case from == data.Unknown:
		return 1
	case from == data.Int && to == data.BigInt:
		return 1
	case (from == data.Int || from == data.BigInt) && to == data.Decimal:
		return 3
	case (from == data.Int || from == data.BigInt) && to == data.Double:
		return 4
	case from == data.Decimal && to == data.Double:
		return 3
	case from == data.Date && to == data.Timestamp:
		return 2
	case from == data.JSON && to == data.String:
		return 2
	}
	return -1
}
