package operators_test

import (
	"math"
	"slices"
	"strconv"
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
	cfg := operators.SessionConfig{Gap: 30 * second, Grouping: operators.Grouping{
		Keys: []int{1}, BatchRows: 3, Account: &operators.Account{}, Lateness: watermark.Lateness{Inclusive: true},
		Out: data.Schema{{Name: "window_start", Type: data.Of(data.Timestamp)}, {Name: "window_end", Type: data.Of(data.Timestamp)}, {Name: "k", Type: in[1].Type}},
	}}
	for _, name := range calls {
		spec := agg.Spec{Name: strings.TrimPrefix(name, "DISTINCT "), Args: []data.Type{in[2].Type}, Regrouping: true}
		spec.Distinct = spec.Name != name
		addCall(t, &cfg.Grouping, spec)
	}
	return cfg
}

// clock writes times of day as the seconds since ten o'clock.
func clock(text string) string {
	var b strings.Builder
	for _, line := range strings.Split(text, "\n") {
		for _, f := range strings.Fields(line) {
			if at, isTime := strings.CutPrefix(f, "@"); isTime {
				s, err := strconv.ParseFloat(at, 64)
				if err != nil {
					panic(err)
				}
				f = string(data.AppendTimestamp(nil, 1_767_607_200_000_000+int64(math.Round(s*second))))
			}
			b.WriteString(f + " ")
		}
		b.WriteString("\n")
	}
	return b.String()
}

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

// A row between two sessions makes them one, whichever comes first; so does one
// that touches both by exactly a gap.
func TestSessionsUnite(t *testing.T) {
	for _, order := range []string{"@0 @60 @30", "@60 @0 @30", "@30 @0 @60", "@30 @60 @0"} {
		at := strings.Fields(order)
		runSessions(t, sessions(t, "*", "SUM", "DISTINCT COUNT"),
			at[0]+" A 1\n"+at[1]+" A 1\n@100 A 5\n"+at[2]+" A 2\nwm @90\nwm @91\nend", `
			+I @0 @90 A 3 4.00 2
			+I @100 @130 A 1 5.00 1`)
	}
}

// A row is judged by the session that it is in: late by itself, it may still become
// the first of one that is open. Where that is gone it is late, and a row that is
// not, but near it, begins a session of its own.
func TestSessionJudgesTheMerged(t *testing.T) {
	account := runSessions(t, sessions(t, "SUM"), `
		@0 A 1
		wm @30
		@-30 A 2
		wm @31
		@-1 A 4
		@20 A 8
		@0 A 16
		end`, `
		+I @-30 @30 A 3.00
		+I @0 @50 A 24.00`)
	if account.Late.Load() != 1 || account.MissedBy.Load() != 2*second {
		t.Errorf("%d late rows, missed by %d µs", account.Late.Load(), account.MissedBy.Load())
	}
}

// With lateness a closed session is kept while the watermark is at most its end and
// that, inclusive. A row inside its bounds corrects it.
func TestSessionLateness(t *testing.T) {
	cfg := sessions(t, "SUM")
	cfg.Lateness.Allowed = 10 * second
	account := runSessions(t, cfg, `
		@0 A 1
		@20 A 2
		wm @51
		@10 A 4
		wm @60
		@10 A 8
		wm @60.000001
		@10 A 16
		end`, `
		+I @0 @50 A 3.00
		-U @0 @50 A 3.00
		+U @0 @50 A 7.00
		-U @0 @50 A 7.00
		+U @0 @50 A 15.00`)
	if account.Late.Load() != 1 || account.MissedBy.Load() != 20*second+1 {
		t.Errorf("%d late rows, missed by %d µs", account.Late.Load(), account.MissedBy.Load())
	}
}

// A late row that moves the bounds of a closed session deletes its row. The new one
// comes at once when it is closed, else at its close, which may be before the old
// one would have been gone.
func TestSessionGrowsLate(t *testing.T) {
	cfg := sessions(t, "SUM")
	cfg.Lateness.Allowed = 100 * second
	runSessions(t, cfg, `
		@0 A 1
		wm @40
		@-10 A 2
		@5 A 4
		@15 A 8
		wm @45
		wm @46
		@0 B 1
		end`, `
		+I @0 @30 A 1.00
		-D @0 @30 A 1.00
		+I @-10 @30 A 3.00
		-D @-10 @30 A 3.00
		+I @-10 @35 A 7.00
		-D @-10 @35 A 7.00
		+I @-10 @45 A 15.00
		+I @0 @30 B 1.00`)
}

// A row that makes one session of several that were emitted deletes each and
// inserts the new one: at once, or when it closes.
func TestSessionsUniteLate(t *testing.T) {
	cfg := sessions(t, "*", "SUM")
	cfg.Lateness.Allowed = 100 * second
	runSessions(t, cfg, `
		@0 A 1
		@60 A 2
		@0 B 1
		@70 B 2
		wm @91
		@30 A 4
		@40 B 8
		wm @101
		@30 B 16
		end`, `
		+I @0 @30 A 1 1.00
		+I @0 @30 B 1 1.00
		+I @60 @90 A 1 2.00
		-D @0 @30 A 1 1.00
		-D @60 @90 A 1 2.00
		+I @0 @90 A 3 7.00
		+I @40 @100 B 2 10.00
		-D @0 @30 B 1 1.00
		-D @40 @100 B 2 10.00
		+I @0 @100 B 4 27.00`)
}

func TestSessionFinal(t *testing.T) {
	cfg := sessions(t, "*")
	cfg.Emit, cfg.Lateness.Allowed, cfg.PassTime = operators.EmitFinal, 20*second, true
	runSessions(t, cfg, `
		@0 A 1
		wm @45
		@20 A 1
		wm @70
		@-30 A 1
		@0 C 1
		@45 B 1
		@45 A 1
		wm @70.000001
		wm @95
		@74.999999 B 1
		wm @96
		end`, `
		wm @25
		wm @50
		wm @50.000001
		wm @75
		+I @-30 @75 A 4
		wm @76
		+I @45 @104.999999 B 2
		end`)
}

// A change for every row: an update where the bounds stay, else a row goes and
// another comes.
func TestSessionChanges(t *testing.T) {
	cfg := sessions(t, "*", "SUM")
	cfg.Emit, cfg.PassTime = operators.EmitChanges, true
	runSessions(t, cfg, `
		@0 A 1
		@0 A 2
		@10 A 4
		wm @5
		@60 A 8
		@35 A 16
		wm @90
		@5 NULL 1
		wm @91
		@61 A 1
		@60 A 1
		end`, `
		+I @0 @30 A 1 1.00
		-U @0 @30 A 1 1.00
		+U @0 @30 A 2 3.00
		-D @0 @30 A 2 3.00
		+I @0 @40 A 3 7.00
		wm @5
		+I @60 @90 A 1 8.00
		-D @0 @40 A 3 7.00
		-D @60 @90 A 1 8.00
		+I @0 @90 A 5 31.00
		wm @90
		wm @91
		+I @61 @91 A 1 1.00
		-D @61 @91 A 1 1.00
		+I @60 @91 A 2 2.00
		end`)
}

// Open sessions that have changed come when the watermark crosses a multiple, those
// that close at once. What is taken back with other bounds goes first. The
// watermark is passed on at multiples, so that no row taken back is late.
func TestSessionEvery(t *testing.T) {
	cfg := sessions(t, "SUM")
	cfg.Every, cfg.PassTime, cfg.Lateness.Allowed = 60*second, true, 5*second
	runSessions(t, cfg, `
		wm @1
		@50 B 1
		@40 A 1
		@100 C 1
		wm @59
		wm @60
		@45 A 2
		@50 B 2
		@40 B 4
		@70 A 4
		wm @79
		@65 B 8
		wm @101
		@71 A 16
		@72 A 32
		wm @120
		wm @131
		@110 C 64
		end`, `
		wm @1
		+I @40 @70 A 1.00
		+I @50 @80 B 1.00
		+I @100 @130 C 1.00
		wm @60
		-D @40 @70 A 1.00
		-D @50 @80 B 1.00
		+I @40 @95 B 15.00
		+I @40 @100 A 7.00
		-D @40 @100 A 7.00
		+I @40 @102 A 55.00
		wm @120
		-D @100 @130 C 1.00
		+I @100 @140 C 65.00
		end`)
}

// Rows that are taken back leave a session shorter, make two of it, or end it; a
// row and its new version are one change, and what changes nothing is not emitted.
func TestSessionTakesBack(t *testing.T) {
	cfg := sessions(t)
	for _, name := range []string{"*", "MAX"} {
		addCall(t, &cfg.Grouping, agg.Spec{Name: name, Args: []data.Type{in[2].Type}, Regrouping: true, Updating: true})
	}
	cfg.Updating, cfg.Lateness.Allowed = true, 1000*second
	input := `
		@0 A 1
		@20 A 5
		@40 A 3
		@40 A 2
		@0 B 1
		wm @71
		-D @40 A 2
		-U @40 A 3
		+U @40 A 4
		-D @20 A 5
		-U @0 A 1
		+U @100 A 1
		-U @100 A 1
		+U @100 A 0
		-D @0 B 1
		-D @0 B 1
		-D @5 A 1
		end`
	account := runSessions(t, cfg, input, `
		+I @0 @30 B 1 1.00
		+I @0 @70 A 4 5.00
		-U @0 @70 A 4 5.00
		+U @0 @70 A 3 5.00
		-D @0 @70 A 3 5.00
		+I @0 @30 A 1 1.00
		+I @40 @70 A 1 4.00
		-D @0 @30 A 1 1.00
		-D @0 @30 B 1 1.00
		+I @100 @130 A 1 0.00`)
	if account.Late.Load() != 2 {
		t.Errorf("%d rows that are not there were late", account.Late.Load())
	}
	cfg.Emit = operators.EmitFinal
	runSessions(t, cfg, input, `
		+I @40 @70 A 1 4.00
		+I @100 @130 A 1 0.00`)
}

// What one move of the watermark closes comes by end, start and key, NULLs last.
func TestSessionOrder(t *testing.T) {
	runSessions(t, sessions(t, "*"), `
		@9 NULL 1
		@10 NULL 1
		@10 B 1
		@10 a 1
		@9 A 1
		@10 A 1
		@8 C 1
		@10 C 1
		@5 D 1
		end`, `
		+I @5 @35 D 1
		+I @8 @40 C 2
		+I @9 @40 A 2
		+I @9 @40 NULL 2
		+I @10 @40 B 1
		+I @10 @40 a 1`)
}

// A sum that does not fit ends the run after everything before it, and names the
// session.
func TestSessionOverflow(t *testing.T) {
	ints := data.Schema{in[0], in[1], {Name: "v", Type: data.Of(data.BigInt)}}
	cfg := sessions(t)
	addCall(t, &cfg.Grouping, agg.Spec{Name: "SUM", Args: []data.Type{ints[2].Type}, Regrouping: true})
	input := clock(`
		@1 A 1
		@0 B 9223372036854775807
		@5 B 1
		@0 C 1
		end`)
	check := func(want, name string) {
		t.Helper()
		optest.Run(t, optest.Case{In: ints, Out: cfg.Out, Input: input, Want: clock(want), Err: name,
			New: func() operators.Operator { return operators.NewSession(cfg, ints) }})
	}
	check(`
		+I @0 @30 C 1
		+I @1 @31 A 1`, "sum of the group window_start = 2026-01-05T10:00:00Z, k = B")
	cfg.Emit = operators.EmitChanges
	check(`
		+I @1 @31 A 1
		+I @0 @30 B 9223372036854775807`, "k = B")
	cfg.Emit, cfg.Every = operators.EmitClose, second
	input = strings.Replace(input, "\n\t\tend", "\nend", 1)
	check("+I @0 @30 C 1\n+I @1 @31 A 1", "k = B")
}

// Times at the ends of what there is neither wrap around nor stay open for ever.
func TestSessionExtremes(t *testing.T) {
	cfg := sessions(t, "*")
	op := operators.NewSession(cfg, in)
	b := data.NewPool(in).Get()
	for _, at := range []int64{math.MaxInt64, math.MinInt64, math.MaxInt64 - 1, math.MinInt64 + 1, 0} {
		b.Cols[0].AppendInt(at)
		b.Cols[1].AppendText([]byte("A"))
		b.Cols[2].AppendInt(1)
		b.AddRows(1, data.Insert, 0)
	}
	b.Trigger = nil
	b.AddStep(b.N, data.MaxTime)
	var got [][3]int64
	err := op.Process(b, func(b *data.Batch) error {
		for i := range b.N {
			got = append(got, [3]int64{b.Cols[0].Ints[i], b.Cols[1].Ints[i], b.Cols[3].Ints[i]})
		}
		return nil
	})
	want := [][3]int64{{math.MinInt64, math.MinInt64 + 1 + 30*second, 2}, {0, 30 * second, 1}, {math.MaxInt64 - 1, math.MaxInt64, 2}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v", got, err)
	}
}
