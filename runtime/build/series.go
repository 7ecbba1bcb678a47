package build

import (
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"io"

	"tidemark/connectors"
	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/planner/plan"
	"tidemark/runtime/dataflow"
)

// series builds the source of a GENERATE_SERIES.
func (b *builder) series(n *plan.Series, w *way) {
	b.leaf(n, w, &dataflow.Source{Input: &series{n}, Schema: n.Out, Workers: b.env.Readers})
}

// series is an input that counts. Its values are never in memory all at once.
type series struct{ *plan.Series }

// Open evaluates the bounds.
func (s *series) Open(context.Context) (connectors.Reader, error) {
	r, one := &seriesReader{}, &data.Batch{N: 1}
	for _, part := range []struct {
		name string
		e    expr.Expr
		to   *data.Vector
	}{{"start", s.From, &r.next}, {"end", s.To, &r.end}, {"step", s.Step, &r.step}} {
		if err := expr.Compile(part.e).Eval(one, nil, part.to); err != nil {
			return nil, fmt.Errorf("the %s of GENERATE_SERIES: %w", part.name, err)
		}
		if part.to.IsNull(0) {
			r.over = true // unknown bounds have nothing between them
		}
	}
	if r.over {
		return r, nil
	}
	return r, r.begin(s)
}

// NewDecoder returns a decoder for one worker.
func (s *series) NewDecoder() (connectors.Decoder, error) {
	return seriesDecoder{s.Out[0].Type.Class()}, nil
}

// Bounded reports that there is an end.
func (s *series) Bounded() bool { return true }

// Repeatable reports that the same values come each time.
func (s *series) Repeatable() bool { return true }

// seriesReader hands out the values in pieces, as bytes.
type seriesReader struct {
	next, end, step data.Vector // of one value
	down            bool
	over            bool
	linear          int64 // the step of whole numbers, 0 for other types
	plus            *expr.Program
	place           data.Batch // the input of plus
	sum             data.Vector
}

// begin finds out which way the series goes.
func (r *seriesReader) begin(s *series) error {
	t := s.From.Type()
	from := expr.NewColumn(0, "", t, s.From.Span())
	e, err := expr.NewCall("+", []expr.Expr{from, s.Step}, s.Step.Span())
	if err == nil {
		e, err = expr.NewCast(e, t, false, s.Step.Span())
	}
	if err != nil {
		return fmt.Errorf("the step of GENERATE_SERIES: %w", err)
	}
	r.plus, r.place = expr.Compile(e), data.Batch{Cols: []*data.Vector{&r.next}, N: 1}
	if t.Integer() {
		r.linear = r.step.Ints[0]
	}
	switch sign(&r.step) {
	case 0:
		return stepError{}
	case -1:
		r.down = true
	}
	return nil
}

// sign returns the sign of a number or an interval.
func sign(v *data.Vector) int {
	switch {
	case v.Type.Class() != data.ClassWide:
		return cmp.Compare(v.Ints[0], 0)
	case v.Type.Kind == data.Interval:
		return data.IntervalLength(v.Wides[0]).Sign()
	}
	return v.Wides[0].Sign()
}

// stepError says that a series would never end.
type stepError struct{}

// Error says what is wrong.
func (stepError) Error() string { return "the step of GENERATE_SERIES is zero" }

// Hint says how to mend it.
func (stepError) Hint() string { return "give a step that leads from the start to the end" }

// past reports whether the next value is beyond the end.
func (r *seriesReader) past() bool {
	d := data.Compare(&r.next, 0, &r.end, 0)
	return d > 0 && !r.down || d < 0 && r.down
}

// seriesPiece is the most values of a piece.
const seriesPiece = 8192

// Next writes values to c.
func (r *seriesReader) Next(_ context.Context, c *connectors.Chunk) error {
	c.Reset()
	for c.Count < seriesPiece && !r.over {
		if r.past() {
			r.over = true
			break
		}
		c.Data = appendFixed(c.Data, &r.next)
		c.Count++
		r.advance()
	}
	if c.Count == 0 {
		return io.EOF
	}
	return nil
}

// advance moves to the next value. A series ends where its type does.
func (r *seriesReader) advance() {
	if r.linear != 0 {
		x := r.next.Ints[0]
		y := x + r.linear
		r.over = y > x != (r.linear > 0)
		r.next.Ints[0] = y
		return
	}
	if err := r.plus.Eval(&r.place, nil, &r.sum); err != nil {
		r.over = true
		return
	}
	r.next, r.sum = r.sum, r.next
}

// Progress returns nothing: how many values there are is not known.
func (r *seriesReader) Progress() (read, total int64) { return 0, -1 }

// Close has nothing to give up.
func (r *seriesReader) Close() error { return nil }

func appendFixed(dst []byte, v *data.Vector) []byte {
	if v.Type.Class() == data.ClassWide {
		dst = binary.LittleEndian.AppendUint64(dst, uint64(v.Wides[0].Hi))
		return binary.LittleEndian.AppendUint64(dst, v.Wides[0].Lo)
	}
	return binary.LittleEndian.AppendUint64(dst, uint64(v.Ints[0]))
}

// seriesDecoder turns the bytes of a piece into a column.
type seriesDecoder struct{ class data.Class }

// Decode appends values to b.
func (d seriesDecoder) Decode(c *connectors.Chunk, b *data.Batch, p *connectors.Place, most int) bool {
	p.FirstLine = c.Lines
	n := int(min(int64(most), c.Count-c.Lines))
	v := b.Cols[0]
	for range n {
		x := binary.LittleEndian.Uint64(c.Data[c.Pos:])
		c.Pos += 8
		if d.class == data.ClassWide {
			v.Wides = append(v.Wides, data.Int128{Hi: int64(x), Lo: binary.LittleEndian.Uint64(c.Data[c.Pos:])})
			c.Pos += 8
		} else {
			v.Ints = append(v.Ints, int64(x))
		}
	}
	b.N = n
	c.Lines += int64(n)
	c.Records = c.Lines
	return c.Lines == c.Count
}
