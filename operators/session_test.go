package operators_test

import (
	"fmt"
	"strings"
	"testing"

	"tidemark/operators"
	"tidemark/operators/agg"
	"tidemark/operators/data"
	"tidemark/operators/optest"
	"tidemark/operators/watermark"
)

const second = 1_000_000

// sessions is a config of sessions by k with a gap of 30 seconds and the named
// aggregates over v.
func sessions(t *testing.T, calls ...string) operators.SessionConfig {
	t.Helper()
	base := operators.AggregateConfig{Updating: false}
	cfg := operators.SessionConfig{
		Gap: 30 * second, Keys: []int{1}, BatchRows: 3, Account: &operators.Account{}, Lateness: watermark.Lateness{Inclusive: true},
	}
	base.Out = data.Schema{{Name: "window_start", Type: data.Of(data.Timestamp)}, {Name: "window_end", Type: data.Of(data.Timestamp)}, {Name: "k", Type: in[1].Type}}
	for _, name := range calls {
		spec := agg.Spec{Name: strings.TrimPrefix(name, "DISTINCT "), Args: []data.Type{in[2].Type}, Regrouping: true}
		spec.Distinct = spec.Name != name
		addCall(t, &base, spec)
	}
	cfg.Calls, cfg.Out = base.Calls, base.Out
	return cfg
}

// clock writes times of day as the seconds since ten o'clock.
var clock = func() func(string) string {
	return func(text string) string {
		var b strings.Builder
		for _, line := range strings.Split(text, "\n") {
			for _, f := range strings.Fields(line) {
				if at, isTime := strings.CutPrefix(f, "@"); isTime {
					var s float64
					if _, err := fmt.Sscan(at, &s); err != nil {
						panic(err)
					}
					f = string(data.AppendTimestamp(nil, 1_767_607_200_000_000+int64(s*second)))
				}
				b.WriteString(f + " ")
			}
			b.WriteString("\n")
		}
		return b.String()
	}
}()

// runSessions replays a case whose times are @ and seconds.
func runSessions(t *testing.T, cfg operators.SessionConfig, input, want string) *operators.Account {
	t.Helper()
	account := &operators.Account{}
	optest.Run(t, optest.Case{In: in, Out: cfg.Out, Input: clock(input), Want: clock(want), Steps: cfg.PassTime,
		Begin: func() { *account = operators.Account{} },
		New: func() operators.Operator {
			cfg.Account = account
			return operators.NewSession(cfg, in)
		}})
	return account
}

// A row exactly a gap later still joins, and the window ends a gap after the last
// row. A session closes when the watermark is past its end, not at it.
func TestSessionGap(t *testing.T) {
	runSessions(t, sessions(t, "*", "SUM"), `
		@0 A 1
		@30 A 2
		@60.000001 A 4
		@10 B 1
		wm @60
		@5 NULL 9
		wm @60.000001
		@31 B 1
		wm @60.000002
		end`, `
		+I @10 @40 B 1 1.00
		+I @0 @60 A 2 3.00
		+I @31 @61 B 1 1.00
		+I @60.000001 @90.000001 A 1 4.00`)
}
