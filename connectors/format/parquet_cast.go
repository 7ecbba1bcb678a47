package format

import (
	"errors"
	"math"
	"unicode/utf8"

	"tidemark/operators/data"
)

// caster turns values of the type that a file has into those of the one that is
// declared.
type caster struct {
	to     data.Type
	append func(dst, src *data.Vector, i int) error
}

// newCaster returns a caster, nil where none is needed; ok is false for types
// whose values the declared one cannot keep.
func newCaster(from, to data.Type, set *settings) (c *caster, ok bool) {
	switch {
	case from == to:
		return nil, true
	case from.Nested() || to.Nested():
		return nil, false
	}
	c = &caster{to: to}
	switch {
	case to.Kind == data.Bytes && from.Kind == data.String, to.Kind == data.String && from.Kind == data.JSON:
		c.append = appendSame
	case to.Kind == data.String && from.Kind == data.Bytes:
		c.append = appendUTF8
	case from.Kind == data.String:
		parser := data.NewTextParser(to, set.zone)
		c.append = func(dst, src *data.Vector, i int) error { return parser.Append(dst, src.Text(i)) }
	case to.Kind == data.String:
		c.append = appendAsText
	case from.Numeric() && from.Kind != data.Double && to.Kind == data.Double:
		parser := data.NewTextParser(to, nil) // rounds once
		var text []byte
		c.append = func(dst, src *data.Vector, i int) error {
			text = data.AppendText(text[:0], src, i)
			return parser.Append(dst, text)
		}
	case from.Numeric() && from.Kind != data.Double && to.Numeric() && to.Scale >= from.Scale:
		up := int(to.Scale - from.Scale)
		c.append = func(dst, src *data.Vector, i int) error { return appendScaled(dst, src, i, up) }
	case from.Kind == data.Date && to.Kind == data.Timestamp:
		c.append = func(dst, src *data.Vector, i int) error {
			dst.AppendInt(src.Ints[i] * data.Day)
			return nil
		}
	default:
		return nil, false
	}
	return c, true
}

func appendSame(dst, src *data.Vector, i int) error {
	dst.AppendText(src.Text(i))
	return nil
}

func appendUTF8(dst, src *data.Vector, i int) error {
	if !utf8.Valid(src.Text(i)) {
		return errors.New(notUTF8)
	}
	return appendSame(dst, src, i)
}

func appendAsText(dst, src *data.Vector, i int) error {
	dst.Bytes = data.AppendText(dst.Bytes, src, i)
	dst.AppendText(nil)
	return nil
}

// appendScaled appends an exact number with up more digits after the point.
func appendScaled(dst, src *data.Vector, i, up int) error {
	var w data.Int128
	if src.Type.Class() == data.ClassWide {
		w = src.Wides[i]
	} else {
		w = data.Wide(src.Ints[i])
	}
	w, ok := w.Mul(data.Pow10(up))
	x, short := w.Int64()
	switch t := dst.Type; {
	case t.Kind == data.Decimal:
		ok = ok && w.FitsPrecision(int(t.Precision))
	case t.Kind == data.Int:
		ok = ok && short && x >= math.MinInt32 && x <= math.MaxInt32
	default:
		ok = ok && short
	}
	if !ok {
		return &data.TextError{Text: string(data.AppendText(nil, src, i)), Type: dst.Type, Err: data.ErrRange}
	}
	if dst.Type.Class() == data.ClassWide {
		dst.AppendWide(w)
	} else {
		dst.AppendInt(x)
	}
	return nil
}

// cast turns all values of src into those of dst; what is bad in one is in the
// other.
func (c *caster) cast(dst, src *denseValues) {
	dst.reset(c.to)
	for i, n := 0, src.v.Len(); i < n; i++ {
		reason, bad := src.bad[i]
		if !bad {
			err := c.append(&dst.v, &src.v, i)
			if err == nil {
				continue
			}
			reason = err.Error()
		}
		dst.fault(i, reason)
		dst.v.AppendNull()
	}
}
