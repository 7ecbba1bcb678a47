package planner

import (
	"strconv"

	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/parser"
	"tidemark/planner/plan"
)

// boundRank orders the kinds of bounds from before the row to behind it.
var boundRank = map[string]int{"UNBOUNDED PRECEDING": 0, "PRECEDING": 1, "CURRENT ROW": 2, "FOLLOWING": 3, "UNBOUNDED FOLLOWING": 4}

// frameIsSound reports a frame that is wrong wherever it stands.
func (x *scoped) frameIsSound(f *parser.Frame) bool {
	start, end := f.Start.Kind, f.End.Kind
	switch {
	case f.Unit == "GROUPS":
		x.errorf(f.Span(), "count rows with ROWS, or go by values with RANGE", "GROUPS frames are not supported")
	case start == "UNBOUNDED FOLLOWING":
		x.errorf(f.Span(), "begin with UNBOUNDED PRECEDING, n PRECEDING, CURRENT ROW or n FOLLOWING", "a frame cannot begin with UNBOUNDED FOLLOWING")
	case end == "UNBOUNDED PRECEDING":
		x.errorf(f.Span(), "write BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW", "a frame cannot end with UNBOUNDED PRECEDING")
	case boundRank[start] > boundRank[end]:
		x.errorf(f.Span(), "turn them round: BETWEEN "+end+" AND "+start, "the frame begins with %s, behind its end, %s", start, end)
	default:
		return true
	}
	return false
}

// bindFrame works out the frame of a call and writes it behind the call's text.
func (x *scoped) bindFrame(call *overCall) bool {
	w := call.window
	f := w.frame
	switch {
	case !call.fn.Framed():
		return true // ranks, LAG and LEAD do not look at it
	case f == nil && len(w.order) == 0:
		call.frame = plan.OverFrame{Start: plan.FrameBound{Kind: plan.FromFirst}, End: plan.FrameBound{Kind: plan.FromLast}}
		return true
	case f == nil:
		call.frame = plan.OverFrame{Start: plan.FrameBound{Kind: plan.FromFirst}, End: plan.FrameBound{Kind: plan.FromPeers}}
		return true
	}
	call.frame.Rows = f.Unit == "ROWS"
	start, startText, ok := x.bound(f, f.Start, w, plan.FromFirst)
	end, endText, good := x.bound(f, f.End, w, plan.FromLast)
	if !ok || !good {
		return false
	}
	call.frame.Start, call.frame.End = start, end
	call.text += " " + f.Unit + " BETWEEN " + startText + " AND " + endText
	return true
}

// bound binds one end of a frame; far is the one that there is without an order.
func (x *scoped) bound(f *parser.Frame, b parser.Bound, w *overWindow, far plan.BoundKind) (out plan.FrameBound, written string, ok bool) {
	switch b.Kind {
	case "UNBOUNDED PRECEDING":
		return plan.FrameBound{Kind: plan.FromFirst}, b.Kind, true
	case "UNBOUNDED FOLLOWING":
		return plan.FrameBound{Kind: plan.FromLast}, b.Kind, true
	case "CURRENT ROW":
		switch {
		case f.Unit == "ROWS":
			return plan.FrameBound{Kind: plan.FromOffset}, b.Kind, true
		case len(w.order) == 0: // all rows tie
			return plan.FrameBound{Kind: far}, b.Kind, true
		}
		return plan.FrameBound{Kind: plan.FromPeers}, b.Kind, true
	}
	out.Kind = plan.FromOffset
	sign := int64(1)
	if b.Kind == "PRECEDING" {
		sign = -1
	}
	if f.Unit == "ROWS" {
		n, whole := x.wholeConstant(b.Offset)
		if !whole || n < 0 {
			x.errorf(b.Offset.Span(), "write a number, as in ROWS 3 PRECEDING; for a length of time write RANGE", "ROWS counts rows by a constant from 0 on, not by %s", oneLine(text(x.file, b.Offset.Span())))
			return out, "", false
		}
		out.Rows = sign * n
		return out, strconv.FormatInt(n, 10) + " " + b.Kind, true
	}
	by, length, good := x.distance(b, w)
	if !good {
		return out, "", false
	}
	if w.order[0].desc {
		sign = -sign
	}
	out.By = signed(by, sign)
	return out, length + " " + b.Kind, true
}

// distance binds the offset of a RANGE frame, a constant of the type of the one
// expression that the window is ordered by.
func (x *scoped) distance(b parser.Bound, w *overWindow) (*data.Vector, string, bool) {
	at := b.Offset.Span()
	if len(w.order) != 1 {
		hint := "order by one expression, or write ROWS"
		if len(w.order) == 0 {
			hint = "add ORDER BY " + x.scope.timeName()
		}
		x.errorf(at, hint, "RANGE with a distance needs ORDER BY one expression, and this window has %d", len(w.order))
		return nil, "", false
	}
	key := w.order[0].e
	t := key.Type()
	if t.Kind == data.Timestamp || t.Kind == data.Date || t.Kind == data.Time {
		n, ok := x.constantLength(b.Offset, "the distance of a frame over "+key.String(), "write RANGE INTERVAL '1' HOUR PRECEDING")
		if !ok {
			return nil, "", false
		}
		switch {
		case n < 0:
			x.errorf(at, "write FOLLOWING for PRECEDING, or the other way round", "the distance of a frame cannot be negative")
			return nil, "", false
		case t.Kind == data.Date && n%data.Day != 0:
			x.errorf(at, "write whole days", "a frame over days cannot reach %s", plan.Duration(n))
			return nil, "", false
		}
		v := data.NewConst(t)
		if t.Kind == data.Date {
			v.AppendInt(n / data.Day)
		} else {
			v.AppendInt(n)
		}
		return v, plan.Duration(n), true
	}
	if !t.Numeric() {
		x.errorf(at, "order by a number or a time; or write ROWS", "RANGE with a distance needs ORDER BY a number or a time, but %s is %s", key, describeType(t))
		return nil, "", false
	}
	l, ok := x.constant(b.Offset)
	if ok && l.Type().Numeric() {
		if fits := l.Type().Integer() || t.Kind == data.Double || l.Type().Kind == data.Decimal && t.Kind == data.Decimal && l.Type().Scale <= t.Scale; fits {
			cast, err := expr.NewCast(l, t, false, at)
			if c, isLiteral := fold(nil2(cast, err)).(*expr.Literal); err == nil && isLiteral && !c.IsNull() && !negative(c.Value) {
				return c.Value, l.String(), true
			}
		}
	}
	x.errorf(at, "write a number of its type, as in RANGE 10 PRECEDING", "the distance of a frame over %s, which is %s, must be a constant of that type from 0 on, not %s",
		key, t, oneLine(text(x.file, at)))
	return nil, "", false
}

func negative(v *data.Vector) bool {
	switch v.Type.Class() {
	case data.ClassInt:
		return v.Ints[0] < 0
	case data.ClassFloat:
		return !(v.Floats[0] >= 0) // NaN too
	}
	return v.Wides[0].Sign() < 0
}

// signed returns a constant or its negative.
func signed(v *data.Vector, sign int64) *data.Vector {
	if sign > 0 {
		return v
	}
	out := data.NewConst(v.Type)
	switch v.Type.Class() {
	case data.ClassInt:
		out.AppendInt(-v.Ints[0])
	case data.ClassFloat:
		out.AppendFloat(-v.Floats[0])
	default:
		out.AppendWide(v.Wides[0].Neg())
	}
	return out
}
