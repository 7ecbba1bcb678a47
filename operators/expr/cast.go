package expr

import (
	"errors"
	"fmt"
	"math"
	"unicode/utf8"

	"tidemark/operators/data"
	"tidemark/parser/source"
)

// NewCast converts x to t; with try, rows that cannot be converted become NULL.
// Of a constant it is worked out at once where possible.
func NewCast(x Expr, t data.Type, try bool, at source.Span) (Expr, error) {
	if x.Type() == t {
		if l, ok := x.(*Literal); ok {
			return &Literal{Value: l.Value, typed: true, at: at}, nil
		}
		return x, nil
	}
	if _, ok := castable(x.Type(), t); !ok {
		return nil, errorf(at, castDetour(x, t), "there is no cast from %s to %s", x.Type(), t)
	}
	if l, ok := x.(*Literal); ok {
		return castLiteral(l, t, try, at)
	}
	return &Cast{X: x, To: t, Try: try, at: at}, nil
}

// castDetour shows a way between types that no single cast connects.
func castDetour(x Expr, t data.Type) string {
	from := x.Type()
	switch _, textual := castable(data.Of(data.String), t); {
	case from.Kind == data.Array && from.Elem() == t:
		return "take one element, as in " + x.String() + "[1]"
	case from.Numeric() && t.Kind == data.Timestamp:
		return fmt.Sprintf("TO_TIMESTAMP(%s) takes it for seconds since 1970, EPOCH_MS(%s) for milliseconds", x, x)
	case from.Integer() && t.Kind == data.Date:
		return fmt.Sprintf("add it as days: DATE '1970-01-01' + %s", x)
	case from.Numeric() && t.Kind == data.Interval:
		return fmt.Sprintf("multiply it by one unit: %s * INTERVAL '1' SECOND", x)
	case from.Kind == data.Date && t.Numeric():
		return fmt.Sprintf("count days: %s - DATE '1970-01-01'; or seconds: EPOCH(%s)", x, x)
	case (from.Kind == data.Timestamp || from.Kind == data.Interval) && t.Numeric():
		return fmt.Sprintf("EPOCH(%s) gives seconds", x)
	case from.Kind == data.Bytes && textual:
		return fmt.Sprintf("go by way of text: CAST(CAST(%s AS STRING) AS %s)", x, t)
	}
	return ""
}

// castLiteral converts a constant.
func castLiteral(l *Literal, t data.Type, try bool, at source.Span) (*Literal, error) {
	if l.IsNull() {
		return NullLiteral(t, at), nil
	}
	if _, ok := castable(l.Type(), t); !ok {
		return nil, errorf(at, "", "%s cannot be used as %s", l, t)
	}
	v, err := evalConst(&Cast{X: l, To: t, Try: try, at: at})
	if err != nil {
		return nil, errorf(at, literalHint(t), "%s", cause(err))
	}
	return &Literal{Value: v, typed: true, at: at}, nil
}

// literalHint shows how the text of a constant of type t is written, where that
// differs between systems.
func literalHint(t data.Type) string {
	switch t.Kind {
	case data.Array:
		return "the text of an array is JSON, as in '[1, null]'"
	case data.Map, data.Row:
		return "the text of a " + t.Kind.String() + " is JSON, as in '{\"a\": 1}'"
	}
	return ""
}

// castable reports whether there is a cast, and whether it is safe: whether it
// can fail on no value.
func castable(from, to data.Type) (safe, ok bool) {
	f, t := from.Kind, to.Kind
	switch {
	case f == data.Unknown || from == to:
		return true, true
	case t == data.String:
		return f != data.Bytes, true
	case f == data.String:
		return t == data.Bytes, t != data.Unknown
	case t == data.JSON:
		return true, true
	case f == data.JSON:
		return false, true
	case from.Nested() && to.Nested():
		return castableNested(from, to)
	case from.Numeric() && to.Numeric():
		return castSafe(from, to), true
	case f == data.Boolean:
		return true, to.Integer()
	case from.Integer() && t == data.Boolean:
		return true, true
	case f == data.Date && t == data.Timestamp, f == data.Timestamp && (t == data.Date || t == data.Time):
		return true, true
	case f == data.Time && t == data.Interval, f == data.Interval && t == data.Time:
		return true, true
	}
	return false, false
}

// castSafe reports whether every number of one type has a value in another.
func castSafe(from, to data.Type) bool {
	switch {
	case to.Kind == data.Double, from.Kind == data.Int && to.Kind == data.BigInt:
		return true
	case from.Kind == data.Double:
		return false
	case to.Kind == data.Decimal:
		d := asDecimal(from)
		// Fewer digits after the point round, which may need one digit more before it.
		round := b2i(d.Scale > to.Scale)
		return int(d.Precision)-int(d.Scale)+round <= int(to.Precision)-int(to.Scale)
	}
	return false
}

func (c *Cast) safe() bool {
	safe, _ := castable(c.X.Type(), c.To)
	return safe || c.Try
}

func (c *Cast) compile() node {
	f := &Function{Name: "CAST", safe: c.safe()}
	run := widenKernel(c.X.Type(), c.To)
	if f.dense = run != nil; !f.dense {
		run = castKernel(c.X.Type(), c.To, c.Try)
	}
	return newCallNode(run, c.To, f, []node{c.X.compile()}, c)
}

// castKernel converts between two types that castable admits.
func castKernel(from, to data.Type, try bool) kernel {
	switch {
	case from.Kind == data.Unknown:
		return allNull(to)
	case from.Kind == data.Bytes && to.Kind == data.String:
		return bytesToText(try)
	case to.Kind == data.String, from.Kind == data.String && to.Kind == data.Bytes:
		return formatKernel()
	case from.Kind == data.String:
		return parseKernel(to, try)
	case to.Kind == data.JSON:
		return jsonKernel()
	case from.Kind == data.JSON:
		return fromJSONKernel(to, try)
	case from.Nested():
		return partsCastKernel(from, to, try)
	}
	switch to.Class() {
	case data.ClassInt:
		return tryRows(ints, try, castToInt(from, to))
	case data.ClassFloat:
		return tryRows(floats, try, castToFloat(from))
	case data.ClassBool:
		return tryRows(bools, try, func(f *frame, i int) (bool, error) { return f.int(0, i) != 0, nil })
	}
	if to.Kind == data.Interval {
		return tryRows(wides, try, func(f *frame, i int) (data.Int128, error) { return wideOf(f.int(0, i)), nil })
	}
	return tryRows(wides, try, castToDecimal(from, to))
}

// allNull is the cast of a value that can only be NULL, such as a CASE without
// any other branch.
func allNull(to data.Type) kernel {
	return func(f *frame) error {
		if to.Class() == data.ClassBytes {
			w := newTextWriter(f.out, f.n)
			w.close()
		}
		f.out.Null = f.nulls.take(f.n)
		fill(f.out.Null, true)
		return nil
	}
}

// tryRows is fixed, but with try a row that fails is NULL.
func tryRows[T any](values func(*data.Vector) []T, try bool, row func(f *frame, i int) (T, error)) kernel {
	if !try {
		return fixed(values, row)
	}
	return fixed(values, func(f *frame, i int) (T, error) {
		x, err := row(f, i)
		if err != nil {
			f.setNull(i)
		}
		return x, nil
	})
}

// castToInt converts to the types that are stored in an int64.
func castToInt(from, to data.Type) func(f *frame, i int) (int64, error) {
	switch {
	case to.Kind == data.Decimal:
		wide := castToDecimal(from, to)
		return func(f *frame, i int) (int64, error) {
			x, err := wide(f, i)
			return int64(x.Lo), err
		}
	case from.Kind == data.Boolean:
		return func(f *frame, i int) (int64, error) {
			v := f.args[0]
			return int64(b2i(v.Bools[v.Index(i)])), nil
		}
	case from.Kind == data.Date:
		return func(f *frame, i int) (int64, error) { return f.int(0, i) * data.Day, nil }
	case from.Kind == data.Interval: // the part of a day, as in PostgreSQL
		return func(f *frame, i int) (int64, error) { return data.FloorMod(int64(f.wide(0, i).Lo), data.Day), nil }
	case from.Kind == data.Timestamp && to.Kind == data.Date:
		return func(f *frame, i int) (int64, error) { return data.FloorDiv(f.int(0, i), data.Day), nil }
	case from.Kind == data.Timestamp:
		return func(f *frame, i int) (int64, error) { return data.FloorMod(f.int(0, i), data.Day), nil }
	}
	low, high := int64(math.MinInt64), int64(math.MaxInt64)
	if to.Kind == data.Int {
		low, high = math.MinInt32, math.MaxInt32
	}
	outside := func(f *frame, i int) error {
		return fmt.Errorf("%s is outside the range of %s", data.AppendText(nil, f.args[0], i), to)
	}
	switch from.Kind {
	case data.Double:
		return func(f *frame, i int) (int64, error) {
			x := math.RoundToEven(f.float(0, i))
			// 2^63 itself is no int64; NaN fails both comparisons.
			if !(x >= float64(low) && x < float64(high)+1) {
				return 0, outside(f, i)
			}
			return int64(x), nil
		}
	case data.Decimal:
		at, scale := decimalAt(0, from), int(from.Scale)
		return func(f *frame, i int) (int64, error) {
			x, ok := rescale(at(f, i), scale, 0)
			if !ok || x.Hi != int64(x.Lo)>>63 || int64(x.Lo) < low || int64(x.Lo) > high {
				return 0, outside(f, i)
			}
			return int64(x.Lo), nil
		}
	}
	return func(f *frame, i int) (int64, error) {
		x := f.int(0, i)
		if x < low || x > high {
			return 0, outside(f, i)
		}
		return x, nil
	}
}

func castToFloat(from data.Type) func(f *frame, i int) (float64, error) {
	if from.Kind == data.Decimal {
		at, scale := decimalAt(0, from), int(from.Scale)
		return func(f *frame, i int) (float64, error) { return wideFloat(at(f, i), scale), nil }
	}
	return func(f *frame, i int) (float64, error) { return float64(f.int(0, i)), nil }
}

// castToDecimal gives the unscaled value, checked for the digits of to.
func castToDecimal(from, to data.Type) func(f *frame, i int) (data.Int128, error) {
	scale := int(to.Scale)
	outside := func(f *frame, i int) error {
		return fmt.Errorf("%s is outside the range of %s", data.AppendText(nil, f.args[0], i), to)
	}
	if from.Kind == data.Double {
		return func(f *frame, i int) (data.Int128, error) {
			x, ok := floatDecimal(f.float(0, i), scale)
			if !ok || !fits(x, to) {
				return x, outside(f, i)
			}
			return x, nil
		}
	}
	at, have := decimalAt(0, from), int(asDecimal(from).Scale)
	safe := castSafe(from, to)
	return func(f *frame, i int) (data.Int128, error) {
		x, ok := rescale(at(f, i), have, scale)
		if !ok || !safe && !fits(x, to) {
			return x, outside(f, i)
		}
		return x, nil
	}
}

// bytesToText takes bytes for UTF-8 text.
func bytesToText(try bool) kernel {
	return textRows(func(f *frame, i int, to []byte) ([]byte, error) {
		switch x := f.text(0, i); {
		case utf8.Valid(x):
			return append(to, x...), nil
		case !try:
			return to, errUTF8
		}
		f.setNull(i)
		return to, nil
	})
}

var errUTF8 = errors.New("the bytes are not valid UTF-8 text")

// formatKernel writes values as text.
func formatKernel() kernel {
	return textRows(func(f *frame, i int, to []byte) ([]byte, error) {
		return data.AppendText(to, f.args[0], i), nil
	})
}

// evalConst evaluates an expression without columns.
func evalConst(e Expr) (*data.Vector, error) {
	v := &data.Vector{}
	if err := Compile(e).Eval(&data.Batch{N: 1}, nil, v); err != nil {
		return nil, err
	}
	out := data.NewConst(e.Type())
	out.Const = false
	out.AppendFrom(v, 0)
	out.Const = true
	return out, nil
}

// cause returns what a row error is about, without the expression.
func cause(err error) error {
	if re, ok := err.(*RowError); ok {
		return re.Err
	}
	return err
}
