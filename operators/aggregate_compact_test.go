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
