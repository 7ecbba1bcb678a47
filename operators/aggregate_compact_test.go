package operators_test

import (
	"testing"

	"tidemark/operators"
	"tidemark/operators/agg"
	"tidemark/operators/data"
	"tidemark/operators/optest"
)

// A window that has closed keeps summaries: its result is taken back as it was, and what
// follows is told from these.
func TestAggregateCompact(t *testing.T) {
	for mode, want := range map[operators.EmitMode]string{
		operators.EmitClose: `
			+I 2026-01-05T10:00:00Z 2026-01-05T10:05:00Z A 2 3.500000
			+I 2026-01-05T10:00:00Z 2026-01-05T10:05:00Z B 1 3.000000
			-U 2026-01-05T10:00:00Z 2026-01-05T10:05:00Z A 2 3.500000
			+U 2026-01-05T10:00:00Z 2026-01-05T10:05:00Z A 3 1.993662
			+I 2026-01-05T10:05:00Z 2026-01-05T10:10:00Z A 1 4.000000
			+I 2026-01-05T10:05:00Z 2026-01-05T10:10:00Z B 1 1.000000
			+I 2026-01-05T10:10:00Z 2026-01-05T10:15:00Z B 1 2.000000`,
		operators.EmitFinal: `
			+I 2026-01-05T10:00:00Z 2026-01-05T10:05:00Z A 3 1.993662
			+I 2026-01-05T10:00:00Z 2026-01-05T10:05:00Z B 1 3.000000
			+I 2026-01-05T10:05:00Z 2026-01-05T10:10:00Z A 1 4.000000
			+I 2026-01-05T10:05:00Z 2026-01-05T10:10:00Z B 1 1.000000
			+I 2026-01-05T10:10:00Z 2026-01-05T10:15:00Z B 1 2.000000`,
	} {
		cfg := config(t)
		cfg.Lateness.Allowed, cfg.Emit = 3*minute, mode
		for _, s := range []agg.Spec{{Name: "COUNT", Distinct: true}, {Name: "MEDIAN"}} {
			s.Args, s.Approximate = []data.Type{in[2].Type}, true
			f, err := agg.Resolve(s)
			if err != nil {
				t.Fatal(err)
			}
			cfg.Calls = append(cfg.Calls, operators.AggregateCall{Func: f, Cols: []int{2}, Filter: -1})
			cfg.Out = append(cfg.Out, data.Column{Name: f.Name, Type: f.Result})
		}
		optest.Run(t, optest.Case{In: in, Out: cfg.Out, Input: clicks, Want: want,
			New: func() operators.Operator { return operators.NewAggregate(cfg, in) }})
	}
}

// What a closed window keeps is a small part of what an open one does.
func TestAggregateCompactShrinks(t *testing.T) {
	cfg := config(t)
	cfg.Lateness.Allowed, cfg.Keys, cfg.Out = 60*minute, nil, cfg.Out[:2]
	f, err := agg.Resolve(agg.Spec{Name: "COUNT", Distinct: true, Args: []data.Type{in[2].Type}, Approximate: true})
	if err != nil {
		t.Fatal(err)
	}
	cfg.Calls = []operators.AggregateCall{{Func: f, Cols: []int{2}, Filter: -1}}
	cfg.Out = append(cfg.Out, data.Column{Name: "n", Type: f.Result})
	a := operators.NewAggregate(cfg, in)
	b := data.NewPool(in).Get()
	for i := range int64(50_000) {
		b.Cols[0].AppendInt(i)
		b.Cols[1].AppendText([]byte("k"))
		b.Cols[2].AppendInt(i)
		b.AddRows(1, data.Insert, 0)
	}
	b.Trigger = nil
	process := func(b *data.Batch) {
		if err := a.Process(b, func(b *data.Batch) error { return nil }); err != nil {
			t.Fatal(err)
		}
	}
	process(b)
	open := a.Bytes()
	end := data.NewPool(in).Get()
	end.Seq = 50_000
	end.AddStep(0, 5*minute)
	process(end)
	if closed := a.Bytes(); closed == 0 || closed > open/50 {
		t.Errorf("%d bytes after the close, %d before", closed, open)
	}
}
