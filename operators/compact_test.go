package operators_test

import (
	"math/rand/v2"
	"testing"

	"tidemark/operators"
	"tidemark/operators/agg"
	"tidemark/operators/data"
	"tidemark/operators/optest"
)

// medianOf is a call of MEDIAN over v that has a compact form, and its column.
func medianOf(t *testing.T, spec agg.Spec) (operators.AggregateCall, data.Column) {
	t.Helper()
	spec.Name, spec.Args, spec.Approximate = "MEDIAN", []data.Type{in[2].Type}, true
	f, err := agg.Resolve(spec)
	if err != nil {
		t.Fatal(err)
	}
	return operators.AggregateCall{Func: f, Cols: []int{2}, Filter: -1}, data.Column{Name: "m", Type: f.Result}
}

// What is made from summaries depends on the rows alone: not on batches, nor on what
// an operator that goes on from a snapshot still has of what was put together.
func TestCompactInvariant(t *testing.T) {
	rounds := uint64(60)
	if testing.Short() {
		rounds = 20
	}
	for seed := range rounds {
		r := rand.New(rand.NewPCG(seed, 37))
		input := randomSessions(r, 80, false)
		lateness, every := (1+r.Int64N(90))*second, int64(0)
		emit := operators.EmitMode(r.IntN(4))
		if emit == 3 {
			emit, every = operators.EmitClose, (1+r.Int64N(40))*second
		}
		sliced := operators.SlicedConfig{Grouping: operators.Grouping{Keys: []int{1}, Emit: emit, Every: every, BatchRows: 1 + r.IntN(5)}}
		sliced.Lateness.Allowed = lateness
		sliced.Calls, sliced.Out = modelCalls(t, false, false, "*", "SUM")
		call, column := medianOf(t, agg.Spec{Sliding: true})
		sliced.Calls, sliced.Out = append(sliced.Calls, call), append(sliced.Out, column)
		grid := randomGrid(r)
		optest.Invariant(t, optest.Case{In: in, Out: sliced.Out, Input: input, New: func() operators.Operator {
			sliced.Grid = grid.grid()
			s := operators.NewSliced(sliced, in)
			s.CompactOften(int(seed % 5))
			return s
		}}, seed)

		session := sessions(t, "*")
		session.Emit, session.Every, session.BatchRows, session.Lateness.Allowed = emit, every, sliced.BatchRows, lateness
		call, column = medianOf(t, agg.Spec{Regrouping: true})
		session.Calls, session.Out = append(session.Calls, call), append(session.Out, column)
		optest.Invariant(t, optest.Case{In: in, Out: session.Out, Input: input, New: func() operators.Operator {
			s := operators.NewSession(session, in)
			s.CompactOften(int(seed % 5))
			return s
		}}, seed)
	}
}

// What windows keep when they have closed is a small part of what they did.
func TestCompactShrinks(t *testing.T) {
	count := agg.Spec{Name: "COUNT", Distinct: true, Args: []data.Type{in[2].Type}, Approximate: true}
	grid := gridModel{slide: minute, size: 5 * minute}
	windows := data.Schema{{Name: "window_start", Type: data.Of(data.Timestamp)}, {Name: "window_end", Type: data.Of(data.Timestamp)}}
	sliced := operators.SlicedConfig{Grid: grid.grid(), Grouping: operators.Grouping{BatchRows: 10, Out: windows}}
	sliced.Lateness.Allowed = 60 * minute
	sliding := count
	sliding.Sliding = true
	addCall(t, &sliced.Grouping, sliding)
	session := sessions(t)
	session.Lateness.Allowed, session.Keys, session.Out = 60*minute, nil, windows
	regrouping := count
	regrouping.Regrouping = true
	addCall(t, &session.Grouping, regrouping)
	tumble := config(t)
	tumble.Lateness.Allowed, tumble.Keys, tumble.Out = 60*minute, nil, windows
	addCall(t, &tumble.Grouping, count)
	for _, c := range []struct {
		name  string
		op    windowOperator
		share int64
	}{
		{"tumble", operators.NewAggregate(tumble, in), 50},
		{"sliced", operators.NewSliced(sliced, in), 10},
		{"session", operators.NewSession(session, in), 10},
	} {
		b := data.NewPool(in).Get()
		for i := range int64(50_000) {
			b.Cols[0].AppendInt(i)
			b.Cols[1].AppendText([]byte("k"))
			b.Cols[2].AppendInt(i)
			b.AddRows(1, data.Insert, 0)
		}
		b.Trigger = nil
		process := func(b *data.Batch) {
			if err := c.op.Process(b, func(b *data.Batch) error { return nil }); err != nil {
				t.Fatal(err)
			}
		}
		process(b)
		open := c.op.Bytes()
		end := data.NewPool(in).Get()
		end.Seq = 50_000
		end.AddStep(0, 10*minute)
		process(end)
		if closed := c.op.Bytes(); closed == 0 || closed > open/c.share {
			t.Errorf("%s: %d bytes after the close, %d before", c.name, closed, open)
		}
	}
}
