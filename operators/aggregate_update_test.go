package operators_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"tidemark/operators"
	"tidemark/operators/agg"
	"tidemark/operators/data"
	"tidemark/operators/optest"
)

// updating is config for an input that takes rows back.
func updating(t *testing.T, calls ...string) operators.AggregateConfig {
	t.Helper()
	cfg := config(t)
	cfg.Updating = true
	for _, name := range calls {
		addCall(t, &cfg.Grouping, agg.Spec{Name: name, Args: []data.Type{in[2].Type}, Updating: true})
	}
	return cfg
}

// addCall adds a call over v, and over whatever else the aggregate asks for: ts.
func addCall(t *testing.T, cfg *operators.Grouping, s agg.Spec) {
	t.Helper()
	c := operators.AggregateCall{Filter: -1}
	switch s.Name {
	case "*":
		s.Name, s.Args = "COUNT", nil
	case "PERCENTILE_CONT":
		half := data.NewConst(data.DecimalType(1, 1))
		half.AppendInt(5)
		s.Args, s.Consts = []data.Type{s.Args[0], half.Type}, []*data.Vector{nil, half}
	case "ARG_MAX":
		s.Args = append(s.Args, in[0].Type)
	}
	f, err := agg.Resolve(s)
	if err != nil {
		t.Fatal(err)
	}
	c.Func = f
	for i := range f.Args {
		c.Cols = append(c.Cols, []int{2, 0}[i])
	}
	if f.UsesTime {
		c.Cols = append(c.Cols, 0)
	}
	cfg.Calls = append(cfg.Calls, c)
	cfg.Out = append(cfg.Out, data.Column{Name: strings.ToLower(s.Name), Type: f.Result})
}

func unwindowed(cfg operators.AggregateConfig) operators.AggregateConfig {
	cfg.Window, cfg.Emit, cfg.Out = nil, operators.EmitChanges, cfg.Out[2:]
	return cfg
}

func run(t *testing.T, cfg operators.AggregateConfig, input, want string) {
	t.Helper()
	optest.Run(t, optest.Case{In: in, Out: cfg.Out, Input: input, Want: want,
		New: func() operators.Operator { return operators.NewAggregate(cfg, in) }})
}

func TestUpdatingGroups(t *testing.T) {
	run(t, unwindowed(updating(t, "*", "MAX")), `
		2026-01-05T10:00:00Z A 5
		2026-01-05T10:00:01Z A 7
		-U 2026-01-05T10:00:01Z A 7
		+U 2026-01-05T10:00:01Z A 6
		-U 2026-01-05T10:00:00Z A 5
		+U 2026-01-05T10:00:00Z A 4
		-U 2026-01-05T10:00:01Z A 6
		+U 2026-01-05T10:00:01Z B 6
		-D 2026-01-05T10:00:00Z A 4
		2026-01-05T10:00:02Z B NULL
		-D 2026-01-05T10:00:01Z B 6
		-D 2026-01-05T10:00:02Z B NULL
		2026-01-05T10:00:03Z A 1
		end`, `
		+I A 1 5.00
		-U A 1 5.00
		+U A 2 7.00
		-U A 2 7.00
		+U A 2 6.00
		-U A 2 6.00
		+U A 1 4.00
		+I B 1 6.00
		-D A 1 4.00
		-U B 1 6.00
		+U B 2 6.00
		-U B 2 6.00
		+U B 1 NULL
		-D B 1 NULL
		+I A 1 1.00`)
}

// The one row of an aggregate without keys stays when all rows have gone.
func TestUpdatingWithoutKeys(t *testing.T) {
	cfg := updating(t, "*", "SUM")
	cfg.Window, cfg.Keys, cfg.Emit, cfg.Out = nil, nil, operators.EmitChanges, cfg.Out[3:]
	run(t, cfg, "end", "+I 0 NULL")
	run(t, cfg, `
		2026-01-05T10:00:00Z A 5
		-U 2026-01-05T10:00:00Z A 5
		+U 2026-01-05T10:00:00Z B 2
		-D 2026-01-05T10:00:00Z B 2
		2026-01-05T10:00:01Z B 3
		end`, `
		+I 1 5.00
		-U 1 5.00
		+U 1 2.00
		-U 1 2.00
		+U 0 NULL
		-U 0 NULL
		+U 1 3.00`)
}

// Corrections before a window closes do not show; those after it do, and a group
// may leave the window or come into it.
func TestUpdatingWindows(t *testing.T) {
	input := `
		2026-01-05T10:00:00Z A 5
		2026-01-05T10:01:00Z B 3
		2026-01-05T10:02:00Z C 1
		-U 2026-01-05T10:00:00Z A 5
		+U 2026-01-05T10:00:00Z A 4
		-D 2026-01-05T10:02:00Z C 1
		wm 2026-01-05T10:05:00Z
		-U 2026-01-05T10:00:00Z A 4
		+U 2026-01-05T10:00:00Z A 3
		-U 2026-01-05T10:01:00Z B 3
		+U 2026-01-05T10:06:00Z B 3
		2026-01-05T10:03:00Z D 8
		wm 2026-01-05T10:08:00.000001Z
		end`
	cfg := updating(t, "SUM")
	cfg.Lateness.Allowed = 3 * minute
	run(t, cfg, input, `
		+I 2026-01-05T10:00:00Z 2026-01-05T10:05:00Z A 4.00
		+I 2026-01-05T10:00:00Z 2026-01-05T10:05:00Z B 3.00
		-U 2026-01-05T10:00:00Z 2026-01-05T10:05:00Z A 4.00
		+U 2026-01-05T10:00:00Z 2026-01-05T10:05:00Z A 3.00
		-D 2026-01-05T10:00:00Z 2026-01-05T10:05:00Z B 3.00
		+I 2026-01-05T10:00:00Z 2026-01-05T10:05:00Z D 8.00
		+I 2026-01-05T10:05:00Z 2026-01-05T10:10:00Z B 3.00`)
	cfg.Emit = operators.EmitFinal
	run(t, cfg, input, `
		+I 2026-01-05T10:00:00Z 2026-01-05T10:05:00Z A 3.00
		+I 2026-01-05T10:00:00Z 2026-01-05T10:05:00Z D 8.00
		+I 2026-01-05T10:05:00Z 2026-01-05T10:10:00Z B 3.00`)
	cfg.Emit = operators.EmitChanges
	run(t, cfg, input, `
		+I 2026-01-05T10:00:00Z 2026-01-05T10:05:00Z A 5.00
		+I 2026-01-05T10:00:00Z 2026-01-05T10:05:00Z B 3.00
		+I 2026-01-05T10:00:00Z 2026-01-05T10:05:00Z C 1.00
		-U 2026-01-05T10:00:00Z 2026-01-05T10:05:00Z A 5.00
		+U 2026-01-05T10:00:00Z 2026-01-05T10:05:00Z A 4.00
		-D 2026-01-05T10:00:00Z 2026-01-05T10:05:00Z C 1.00
		-U 2026-01-05T10:00:00Z 2026-01-05T10:05:00Z A 4.00
		+U 2026-01-05T10:00:00Z 2026-01-05T10:05:00Z A 3.00
		-D 2026-01-05T10:00:00Z 2026-01-05T10:05:00Z B 3.00
		+I 2026-01-05T10:05:00Z 2026-01-05T10:10:00Z B 3.00
		+I 2026-01-05T10:00:00Z 2026-01-05T10:05:00Z D 8.00`)
}

// A sum that a correction makes too large ends the run after everything before it.
func TestUpdatingOverflow(t *testing.T) {
	ints := data.Schema{in[0], in[1], {Name: "v", Type: data.Of(data.BigInt)}}
	cfg := updating(t)
	addCall(t, &cfg.Grouping, agg.Spec{Name: "SUM", Args: []data.Type{ints[2].Type}, Updating: true})
	cfg = unwindowed(cfg)
	optest.Run(t, optest.Case{In: ints, Out: cfg.Out,
		New: func() operators.Operator { return operators.NewAggregate(cfg, ints) },
		Input: `
		2026-01-05T10:00:00Z A 9223372036854775807
		2026-01-05T10:00:00Z B 1
		-U 2026-01-05T10:00:00Z B 1
		+U 2026-01-05T10:00:00Z A 1
		end`,
		Want: `
		+I A 9223372036854775807
		+I B 1
		-D B 1`,
		Err: "k = A"})
}

// A FILTER chooses rows of one call; the group has the others all the same.
func TestFilteredCalls(t *testing.T) {
	schema := append(slices.Clone(in), data.Column{Name: "f", Type: data.Of(data.Boolean)})
	for _, updates := range []bool{false, true} {
		cfg := config(t)
		cfg.Updating = updates
		for _, name := range []string{"*", "SUM", "FIRST_VALUE"} {
			addCall(t, &cfg.Grouping, agg.Spec{Name: name, Args: []data.Type{in[2].Type}, Updating: updates, Time: true})
			cfg.Calls[len(cfg.Calls)-1].Filter = 3
		}
		optest.Run(t, optest.Case{In: schema, Out: cfg.Out,
			New: func() operators.Operator { return operators.NewAggregate(cfg, schema) },
			Input: `
			2026-01-05T10:00:00Z A 5 false
			2026-01-05T10:02:00Z A 6 true
			2026-01-05T10:01:00Z A 7 true
			2026-01-05T10:00:00Z B 5 NULL
			end`,
			Want: `
			+I 2026-01-05T10:00:00Z 2026-01-05T10:05:00Z A 2 13.00 7.00
			+I 2026-01-05T10:00:00Z 2026-01-05T10:05:00Z B 0 NULL NULL`})
	}
}

// Rows that change where none may are refused.
func TestUpdatesAreNotTakenForInserts(t *testing.T) {
	cfg := unwindowed(config(t, "*"))
	optest.Run(t, optest.Case{In: in, Out: cfg.Out, Input: "-D 2026-01-05T10:00:00Z A 5", Err: "mistake in Tidemark",
		New: func() operators.Operator { return operators.NewAggregate(cfg, in) }})
}

// randomUpdates draws a changelog and the rows that are left of it, in order of
// arrival. Of rows that one group cannot tell apart the last one goes first.
func randomUpdates(r *rand.Rand, rows int, windowed bool) (input string, left []string) {
	var b strings.Builder
	now := int64(1_767_607_200_000_000)
	draw := func() string {
		now += r.Int64N(60) * 1_000_000
		key, v := []string{"A", "B", "C", "NULL"}[r.IntN(4)], "NULL"
		if r.IntN(4) > 0 {
			v = fmt.Sprintf("%d.%02d", r.IntN(5)-2, r.IntN(2)*50)
		}
		return fmt.Sprintf("%s %s %s", data.AppendTimestamp(nil, now/60_000_000*60_000_000), key, v)
	}
	take := func() string {
		like := alike(left[r.IntN(len(left))], windowed)
		i := len(left) - 1
		for alike(left[i], windowed) != like {
			i--
		}
		row := left[i]
		left = slices.Delete(left, i, i+1)
		return row
	}
	for range rows {
		switch r.IntN(5) {
		case 0, 1:
			left = append(left, draw())
			fmt.Fprintf(&b, "+I %s\n", left[len(left)-1])
		case 2:
			if len(left) > 0 {
				fmt.Fprintf(&b, "-D %s\n", take())
			}
		case 3:
			if len(left) > 0 {
				old := take()
				row := draw()
				if r.IntN(3) == 0 {
					row = old
				}
				left = append(left, row)
				fmt.Fprintf(&b, "-U %s\n+U %s\n", old, row)
			}
		default:
			fmt.Fprintf(&b, "wm %s\n", data.AppendTimestamp(nil, now-2*minute))
		}
	}
	return b.String() + "end", left
}

// alike is a row without the part of its time that does not choose its group.
func alike(row string, windowed bool) string {
	f := strings.Fields(row)
	if !windowed {
		return f[1] + " " + f[2]
	}
	ts, err := data.NewTimeParser(nil).Parse([]byte(f[0]))
	if err != nil {
		panic(err)
	}
	return fmt.Sprint(ts/(5*minute), f[1], f[2])
}

// fold applies a changelog and returns the rows that are left, sorted.
func fold(t *testing.T, changelog string) []string {
	t.Helper()
	var rows []string
	for _, line := range strings.Split(changelog, "\n") {
		if line == "" {
			continue
		}
		change, row := line[:2], line[3:]
		if change == "+I" || change == "+U" {
			rows = append(rows, row)
			continue
		}
		i := slices.Index(rows, row)
		if i < 0 {
			t.Fatalf("%s is not there to be taken back", line)
		}
		rows = slices.Delete(rows, i, i+1)
	}
	slices.Sort(rows)
	return rows
}

// Whatever comes and goes, and in whatever batches: what is left of the output is
// what the rows that are left give.
func TestUpdatingInvariant(t *testing.T) {
	names := []string{"*", "COUNT", "SUM", "AVG", "MIN", "MAX", "STDDEV_POP", "FIRST_VALUE", "LAST_VALUE", "ARRAY_AGG",
		"PERCENTILE_CONT", "MODE", "ARG_MAX", "JSON_ARRAYAGG"}
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 17))
		emit, time := operators.EmitMode(r.IntN(3)), r.IntN(2) == 0
		windowed, batch := r.IntN(3) > 0, 1+r.IntN(5)
		input, left := randomUpdates(r, 80, windowed)
		replay := func(updates bool, input string) []string {
			cfg := config(t)
			cfg.Updating, cfg.Emit, cfg.BatchRows = updates, emit, batch
			cfg.Lateness.Allowed = 1 << 60
			for i, name := range names {
				addCall(t, &cfg.Grouping, agg.Spec{Name: name, Args: []data.Type{in[2].Type}, Distinct: i%5 == 4, Updating: updates, Time: time})
			}
			if !windowed {
				cfg = unwindowed(cfg)
			}
			return fold(t, optest.Invariant(t, optest.Case{In: in, Out: cfg.Out, Input: input,
				New: func() operators.Operator { return operators.NewAggregate(cfg, in) }}, seed))
		}
		got := replay(true, input)
		want := replay(false, strings.Join(left, "\n")+"\nend")
		if !slices.Equal(got, want) {
			t.Fatalf("seed %d, input\n%s\ngot\n%s\nwant\n%s", seed, input, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

// Groups that come and go leave no memory behind.
func TestGroupsThatComeAndGo(t *testing.T) {
	cfg := unwindowed(updating(t, "SUM", "MIN", "ARRAY_AGG"))
	cfg.BatchRows = 1024
	a := operators.NewAggregate(cfg, in)
	pool := data.NewPool(in)
	rows := 0
	out := func(b *data.Batch) error { rows += b.N; b.Release(); return nil }
	var first int64
	for round := range 60 {
		b := pool.Get()
		b.Seq = int64(round * 2000)
		for _, change := range []data.Change{data.Insert, data.Delete} {
			for i := range 1000 {
				b.Cols[0].AppendInt(0)
				b.Cols[1].AppendText(fmt.Appendf(nil, "group %d of round %d", i, round))
				b.Cols[2].AppendInt(int64(i))
				b.AddRows(1, change, 0)
			}
		}
		b.Trigger = nil
		if err := a.Process(b, out); err != nil {
			t.Fatal(err)
		}
		if round == 10 {
			first = a.Bytes()
		}
	}
	if rows != 60*2000 {
		t.Errorf("%d changes, want %d", rows, 60*2000)
	}
	if last := a.Bytes(); last > first*3/2 {
		t.Errorf("%d bytes after 60 rounds, %d after 10", last, first)
	}
}

// Without aggregates the groups are the distinct rows: each is emitted once.
func TestDistinctRows(t *testing.T) {
	in := data.Schema{{Name: "k", Type: data.Of(data.BigInt)}}
	optest.Run(t, optest.Case{
		In: in, Out: in,
		Input: "1\n2\n1\nNULL\n2\nNULL\n3\nend",
		Want:  "+I 1\n+I 2\n+I NULL\n+I 3",
		New: func() operators.Operator {
			return operators.NewAggregate(operators.AggregateConfig{Grouping: operators.Grouping{Keys: []int{0}, Emit: operators.EmitChanges, BatchRows: 3, Out: in}}, in)
		},
	})
}
