package planner

import (
	"strconv"
	"strings"

	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/parser"
	"tidemark/parser/source"
)

func interval(months, micros int64, at source.Span) expr.Expr {
	v := data.NewConst(data.Of(data.Interval))
	v.AppendWide(data.Int128{Hi: months, Lo: uint64(micros)})
	return expr.NewLiteral(v, at)
}

func (x *scoped) literal(l *parser.Literal) expr.Expr {
	at := l.Span()
	switch l.Kind {
	case parser.NullLiteral:
		v := data.NewConst(data.Type{})
		v.AppendNull()
		return expr.NewLiteral(v, at)
	case parser.BoolLiteral:
		return expr.BoolLiteral(strings.EqualFold(l.Text, "TRUE"), at)
	case parser.StringLiteral:
		return expr.StringLiteral(l.Text, at)
	case parser.IntegerLiteral:
		if n, err := strconv.ParseInt(l.Text, 10, 64); err == nil {
			return expr.IntLiteral(n, at)
		}
		return x.number(l, data.DecimalType(len(strings.TrimLeft(l.Text, "0")), 0))
	case parser.DecimalLiteral:
		whole, fraction, _ := strings.Cut(l.Text, ".")
		digits := len(strings.TrimLeft(whole, "0"))
		return x.number(l, data.DecimalType(max(1, digits+len(fraction)), len(fraction)))
	}
	c, err := expr.NewCast(expr.StringLiteral(l.Text, at), data.Of(data.Double), false, at)
	return x.check(c, err, at)
}

// number makes an exact constant.
func (x *scoped) number(l *parser.Literal, t data.Type) expr.Expr {
	if len(l.Text) > 250 || t.Precision > data.MaxPrecision {
		x.errorf(l.Span(), "write it with an exponent to make it a DOUBLE", "the number has more than %d digits", data.MaxPrecision)
		return nil
	}
	c, err := expr.NewCast(expr.StringLiteral(l.Text, l.Span()), t, false, l.Span())
	return x.check(c, err, l.Span())
}
