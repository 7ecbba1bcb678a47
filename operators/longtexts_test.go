package operators_test

import (
	"testing"

	"tidemark/operators"
	"tidemark/operators/agg"
	"tidemark/operators/data"
	"tidemark/operators/window"
)

// Lists of many groups that are long together leave in several batches.
func TestLongTextsLeaveInParts(t *testing.T) {
	schema := data.Schema{in[0], in[1], {Name: "v", Type: data.Of(data.String)}}
	lists := func(g operators.Grouping) operators.Grouping {
		addCall(t, &g, agg.Spec{Name: "STRING_AGG", Args: []data.Type{schema[2].Type}, Regrouping: true, Sliding: true})
		g.BatchRows = 1024
		return g
	}
	tumble, session := config(t), sessions(t)
	sliced := operators.SlicedConfig{Grid: window.NewHop(minute, minute, 0), Grouping: lists(config(t).Grouping)}
	tumble.Grouping, session.Grouping = lists(tumble.Grouping), lists(session.Grouping)
	for name, op := range map[string]interface {
		operators.Operator
		LimitText(most int64)
	}{
		"tumble":  operators.NewAggregate(tumble, schema),
		"sliced":  operators.NewSliced(sliced, schema),
		"session": operators.NewSession(session, schema),
	} {
		op.LimitText(10_000)
		b := data.NewPool(schema).Get()
		const groups, size = 100, 1000
		for i := range groups {
			b.Cols[0].AppendInt(0)
			b.Cols[1].AppendText([]byte{byte(i)})
			b.Cols[2].AppendText(make([]byte, size))
			b.AddRows(1, data.Insert, 0)
		}
		b.Trigger = nil
		b.AddStep(b.N, data.MaxTime)
		rows := 0
		err := op.Process(b, func(o *data.Batch) error {
			if len(o.Cols[3].Bytes) > 10_000+16*size {
				t.Errorf("%s: a batch of %d bytes of text", name, len(o.Cols[3].Bytes))
			}
			rows += o.N
			o.Release()
			return nil
		})
		if err != nil || rows != groups {
			t.Errorf("%s: %d rows, %v", name, rows, err)
		}
	}
}
