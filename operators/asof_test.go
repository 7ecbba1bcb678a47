package operators_test

import (
	"fmt"
	"math/rand/v2"
	"sort"
	"strings"
	"testing"

	"tidemark/operators"
	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/operators/optest"
	"tidemark/operators/watermark"
	"tidemark/parser/source"
)

func asof(outer, strict bool, tolerance, lateness int64) operators.AsofJoinConfig {
	back := int64(0)
	if strict {
		back = 1
	}
	return operators.AsofJoinConfig{Outer: outer, Side: 0, Time: 1, Keys: []int{2}, Left: []int{2, 3}, Right: []int{3}, Back: back, Tolerance: tolerance,
		Lateness: watermark.Lateness{Allowed: lateness}, BatchRows: 3,
		Out: data.Schema{joinIn[2], joinIn[3], joinIn[3], {Name: "arrival", Type: data.Of(data.BigInt)}}}
}

// withTimes is a join whose rows are the left one's time and number, and the right one's
// number, key and time.
func withTimes(cfg operators.AsofJoinConfig) operators.AsofJoinConfig {
	cfg.Left, cfg.Right = []int{1, 3}, []int{3, 2, 1}
	cfg.Out = data.Schema{joinIn[1], joinIn[3], joinIn[3], joinIn[2], joinIn[1], cfg.Out[3]}
	return cfg
}

// hidden leaves out the last columns of what an operator emits, by which a merge of
// workers orders it.
type hidden struct {
	operators.Stateful
	columns int
}

func (h hidden) Process(b *data.Batch, out operators.Output) error {
	return h.Stateful.Process(b, func(o *data.Batch) error {
		o.Cols = o.Cols[:len(o.Cols)-h.columns]
		return out(o)
	})
}

func TestAsofJoin(t *testing.T) {
	for _, c := range []struct {
		outer, strict       bool
		tolerance, lateness int64
		late                int64
		input, want         string
	}{
		{false, false, -1, 0, 0, "R a 90, R a 95, L a 100, R a 101, end", "+I a 3 2"},
		{false, false, -1, 0, 0, "R a 90, R a 100, L a 100, wm 101", "+I a 3 2"}, // the same instant
		{false, true, -1, 0, 0, "R a 90, R a 100, L a 100, wm 101", "+I a 3 1"},
		{false, false, -1, 0, 0, "R a 90, L a 100", ""}, // a right row at 100 may still come
		{false, false, -1, 0, 0, "R a 90, L a 100, R a 100, wm 101", "+I a 2 3"},
		{true, false, -1, 0, 0, "R a 101, L a 102, L b 103, R b 104, end", "+I a 2 1\n+I b 3 NULL"},
		{false, false, 5 * second, 0, 0, "R a 90, L a 95, L a 95.5, end", "+I a 2 1"},
		// Of several right rows at one instant the last to arrive counts.
		{false, false, -1, 5 * second, 0, "R a 95, R a 97, R a 95, L a 96, end", "+I a 4 3"},
		// The last right row is kept however long ago it was.
		{false, false, -1, 0, 0, "R a 1, R b 2, L b 1000, R a 5000, L a 5000, end", "+I b 3 2\n+I a 5 4"},
		// A late left row is not used; a late right row is, while a left one may match it.
		{false, false, -1, 0, 1, "R a 90, L b 100, L a 99, end", ""},
		{false, false, -1, 0, 0, "L a 100, R a 90, end", "+I a 1 2"},
		{false, false, -1, 0, 1, "R a 95, L a 100, R a 90, end", "+I a 2 1"},
		{false, false, 5 * second, 0, 1, "L b 100, R a 94, L a 100, end", ""},
		{false, false, -1, 10 * second, 0, "R a 95, L a 100, R b 105, R a 97, end", "+I a 2 4"},
		// NULL keys match nothing.
		{true, false, -1, 0, 0, "R NULL 90, L NULL 100, end", "+I NULL 2 NULL"},
		{false, false, -1, 0, 0, "R NULL 90, L NULL 100, end", ""},
		// In order of times and arrivals.
		{true, false, -1, 10 * second, 0, "L b 103, L a 101, R a 99, L c 102, L a 101, end", "+I a 2 3\n+I a 5 3\n+I c 4 NULL\n+I b 1 NULL"},
	} {
		cfg := asof(c.outer, c.strict, c.tolerance, c.lateness)
		name := fmt.Sprintf("outer %v, strict %v, tolerance %d s, lateness %d s: %s", c.outer, c.strict, c.tolerance/second, c.lateness/second, c.input)
		t.Run(name, func(t *testing.T) {
			got := optest.Invariant(t, optest.Case{In: joinIn, Out: cfg.Out, Input: script(c.input, true),
				Begin: func() { cfg.Account = &operators.Account{} },
				New:   func() operators.Operator { return hidden{operators.NewAsofJoin(cfg, joinIn), 1} }}, 1)
			if got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
			if n := cfg.Account.Late.Load(); n != c.late {
				t.Errorf("%d late rows, want %d", n, c.late)
			}
		})
	}
}

// The watermark is passed on behind the rows that its move lets go, held back by the
// lateness.
func TestAsofJoinTime(t *testing.T) {
	cfg := asof(true, false, -1, 3*second)
	cfg.PassTime = true
	got := optest.Invariant(t, optest.Case{In: joinIn, Out: cfg.Out, Steps: true, Input: script("L a 100, wm 103, wm 103.5, wm 200, end", false),
		New: func() operators.Operator { return hidden{operators.NewAsofJoin(cfg, joinIn), 1} }}, 1)
	want := "wm 1970-01-01T00:01:40Z\n+I a 1 NULL\nwm 1970-01-01T00:01:40.5Z\nwm 1970-01-01T00:03:17Z\nend"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// versions are rows of the right side: a change in front, then as script has them.
func TestVersionedJoin(t *testing.T) {
	row := func(change string, right bool, key string, at, n int) string {
		return fmt.Sprintf("%s %v %s %s %d\n", change, right, data.AppendTimestamp(nil, int64(at)*second), key, n)
	}
	input := row("+I", true, "a", 10, 1) + row("+I", false, "a", 12, 100) + row("-U", true, "a", 10, 1) + row("+U", true, "a", 20, 2) +
		row("+I", false, "a", 19, 101) + row("+I", false, "a", 20, 102) + "wm 1970-01-01T00:00:25Z\n" + row("-D", true, "a", 20, 2) +
		row("+I", false, "a", 30, 103) + row("+I", false, "a", 25, 104) + row("+I", true, "a", 40, 3) + row("+I", false, "a", 41, 105) + "end"
	for _, c := range []struct {
		ends bool
		want string
	}{
		{true, "+I a 100 1\n+I a 101 1\n+I a 102 2\n+I a 104 NULL\n+I a 103 NULL\n+I a 105 3"},
		{false, "+I a 100 1\n+I a 101 1\n+I a 102 2\n+I a 104 NULL\n+I a 103 NULL\n+I a 105 3"},
	} {
		cfg := asof(true, false, -1, 0)
		cfg.Versioned, cfg.Ends = true, c.ends
		got := optest.Invariant(t, optest.Case{In: joinIn, Out: cfg.Out, Input: input,
			New: func() operators.Operator { return hidden{operators.NewAsofJoin(cfg, joinIn), 1} }}, 1)
		if got != c.want {
			t.Errorf("ends %v: got\n%s\nwant\n%s", c.ends, got, c.want)
		}
	}
}

// asofEvent is a row, or a move of the watermark to ts.
type asofEvent struct {
	joinRow
	gone, wm bool // the row ends a version
}

// forgetEnded takes out of events the right rows of keys whose last version up to limit
// has ended, as far as they are no later.
func forgetEnded(events []asofEvent, limit int64) {
	last := map[string]int{}
	for i, e := range events {
		if k, ok := last[e.key]; !e.wm && e.right && e.ts*second <= limit && (!ok || e.ts >= events[k].ts) {
			last[e.key] = i
		}
	}
	for i := range events {
		e := &events[i]
		if k, ok := last[e.key]; ok && !e.wm && e.right && events[k].gone && i != k && e.ts*second <= limit {
			e.key = "NULL"
		}
	}
	for _, k := range last {
		if events[k].gone {
			events[k].key = "NULL"
		}
	}
}

// naiveAsof looks, when the watermark has passed a left row, at all right rows that
// have come.
func naiveAsof(events []asofEvent, cfg operators.AsofJoinConfig) []string {
	var out []string
	var waiting []joinRow
	wm := int64(-1 << 60)
	lateness, tolerance := cfg.Lateness.Allowed, cfg.Tolerance // microseconds
	for i, e := range events {
		if !e.wm {
			if !e.right && e.ts*second >= wm-lateness {
				waiting = append(waiting, e.joinRow)
			}
			if e.gone && e.ts*second <= wm-lateness-cfg.Back {
				forgetEnded(events[:i+1], wm-lateness-cfg.Back)
			}
			continue
		}
		wm = e.ts * second
		sort.SliceStable(waiting, func(a, b int) bool { return waiting[a].ts < waiting[b].ts })
		for len(waiting) > 0 && waiting[0].ts*second < wm-lateness {
			l := waiting[0]
			waiting = waiting[1:]
			var best *asofEvent
			for k := range events[:i] {
				r := &events[k]
				switch {
				case r.wm || !r.right || r.key != l.key || r.key == "NULL", r.ts > l.ts || cfg.Back == 1 && r.ts == l.ts:
				case tolerance >= 0 && r.ts*second+tolerance < l.ts*second:
				case cfg.Condition != nil && (l.n+r.n)%3 == 0:
				case best == nil || r.ts >= best.ts:
					best = r
				}
			}
			at, withTimes := data.AppendTimestamp(nil, l.ts*second), len(cfg.Right) == 3
			switch {
			case best != nil && !best.gone && withTimes:
				out = append(out, fmt.Sprintf("+I %s %d %d %s %s", at, l.n, best.n, best.key, data.AppendTimestamp(nil, best.ts*second)))
			case cfg.Outer && withTimes:
				out = append(out, fmt.Sprintf("+I %s %d NULL NULL NULL", at, l.n))
			case best != nil && !best.gone:
				out = append(out, fmt.Sprintf("+I %s %d %d", l.key, l.n, best.n))
			case cfg.Outer:
				out = append(out, fmt.Sprintf("+I %s %d NULL", l.key, l.n))
			}
		}
		if cfg.Versioned {
			forgetEnded(events[:i], wm-lateness-cfg.Back)
		}
	}
	return out
}

// Random inputs, with disorder on both sides beyond the lateness, few and many keys,
// NULLs, equal times and ends of versions, give what a look at all right rows gives,
// whatever columns are asked for.
func TestAsofJoinAgainstNaive(t *testing.T) {
	for seed := range uint64(48) {
		r := rand.New(rand.NewPCG(seed, 6))
		tolerance := int64(-1)
		if r.IntN(2) == 0 {
			tolerance = r.Int64N(20) * second
		}
		cfg := asof(r.IntN(2) == 0, r.IntN(2) == 0, tolerance, r.Int64N(10)*second)
		cfg.Versioned, cfg.BatchRows = tolerance < 0 && r.IntN(2) == 0, 100
		if tolerance >= 0 && r.IntN(2) == 0 {
			cfg.Condition = noMultiple(3)
		}
		if seed%2 == 1 {
			cfg = withTimes(cfg)
		}
		keys, n, disorder := []int{1, 3, 500}[r.IntN(3)], []int{60, 300, 4000}[r.IntN(3)], r.IntN(20)+1
		var events []asofEvent
		var input strings.Builder
		wm := int64(0)
		for i := range n {
			row := joinRow{right: r.IntN(2) == 0, ts: int64(i/4) - r.Int64N(int64(disorder)), key: fmt.Sprintf("k%d", min(r.IntN(keys), r.IntN(keys))), n: i}
			if r.IntN(10) == 0 {
				row.key = "NULL"
			}
			e := asofEvent{joinRow: row, gone: row.right && cfg.Versioned && r.IntN(4) == 0}
			events = append(events, e)
			change := "+I"
			if e.gone {
				change = "-D"
			}
			fmt.Fprintf(&input, "%s %v %s %s %d\n", change, row.right, data.AppendTimestamp(nil, row.ts*second), row.key, i)
			if int64(i/4) > wm && r.IntN(3) == 0 {
				wm = int64(i / 4)
				events = append(events, asofEvent{joinRow: joinRow{ts: wm}, wm: true})
				fmt.Fprintf(&input, "wm %s\n", data.AppendTimestamp(nil, wm*second))
			}
		}
		events = append(events, asofEvent{joinRow: joinRow{ts: 1 << 40}, wm: true})
		input.WriteString("end")
		var last *operators.AsofJoin
		got := optest.Invariant(t, optest.Case{In: joinIn, Out: cfg.Out, Input: input.String(),
			Begin: func() { cfg.Account = &operators.Account{} },
			New: func() operators.Operator {
				last = operators.NewAsofJoin(cfg, joinIn)
				return hidden{last, 1}
			}}, seed)
		if want := strings.Join(naiveAsof(events, cfg), "\n"); got != want {
			t.Fatalf("seed %d, %+v: got\n%s\nwant\n%s", seed, cfg, got, want)
		}
		if left := last.Rows(); left != 0 {
			t.Fatalf("seed %d: %d rows are left", seed, left)
		}
	}
}

// A deleted key leaves nothing behind when the watermark has passed the deletion: not
// before, as a left row from before it may come.
func TestVersionedJoinForgets(t *testing.T) {
	cfg := asof(true, false, -1, 5*second)
	cfg.Versioned = true
	j := operators.NewAsofJoin(cfg, joinIn)
	pool := data.NewPool(joinIn)
	feed := func(change data.Change, at, wm int64) int {
		b := pool.Get()
		b.Cols[0].AppendBool(true)
		b.Cols[1].AppendInt(at * second)
		b.Cols[2].AppendText([]byte("a"))
		b.Cols[3].AppendInt(1)
		b.AddRows(1, change, 0)
		b.Trigger = nil
		b.AddStep(1, wm*second)
		if err := j.Process(b, func(b *data.Batch) error { b.Release(); return nil }); err != nil {
			t.Fatal(err)
		}
		return j.Held()
	}
	if n := feed(data.Insert, 10, 11); n != 1 {
		t.Errorf("%d rows, want one", n)
	}
	if n := feed(data.Delete, 12, 16); n != 2 {
		t.Errorf("%d rows before the deletion is passed, want two", n)
	}
	if n := feed(data.UpdateBefore, 12, 17); n != 0 {
		t.Errorf("%d rows behind the deletion, want none", n)
	}
}

// The last right row for which the condition is true is taken; where it fails, the rows
// before that are emitted.
func TestAsofJoinCondition(t *testing.T) {
	cfg := asof(true, false, 60*second, 0)
	cfg.Condition = call(t, "<", expr.NewColumn(2, "n", data.Of(data.BigInt), source.Span{}), call(t, "/", number(12), call(t, "-", expr.NewColumn(1, "n", data.Of(data.BigInt), source.Span{}), number(6))))
	c := optest.Case{In: joinIn, Out: cfg.Out, New: func() operators.Operator { return hidden{operators.NewAsofJoin(cfg, joinIn), 1} }}
	c.Input, c.Want = script("R a 1, R a 2, R a 3, R a 4, R b 5, L a 6, L a 7, L c 8, end", false), ""
	c.Err = "division by zero"
	optest.Run(t, c)
	c.Input, c.Want = script("R a 1, R a 2, R a 3, R a 4, R b 5, R a 5.5, L a 7, L a 8, L c 6, L a 50, L a 66, end", false), "+I c 9 NULL\n+I a 7 6\n+I a 8 4\n+I a 10 2\n+I a 11 NULL"
	c.Err = ""
	optest.Run(t, c)
}

// Over a long run with keys that come and go and a tolerance, the state stays as small
// as the rows that may still match.
func TestAsofJoinState(t *testing.T) {
	cfg := asof(true, false, 5*second, 0)
	j := operators.NewAsofJoin(cfg, joinIn)
	pool := data.NewPool(joinIn)
	r := rand.New(rand.NewPCG(1, 2))
	out := func(b *data.Batch) error { b.Release(); return nil }
	bytes := int64(0)
	for round := range 300 {
		b := pool.Get()
		b.Seq = int64(round) * 1100
		for i := range 1000 { // ten seconds of a hundred rows
			at := int64(round*10_000+i*10) * 1000
			b.Cols[0].AppendBool(r.IntN(2) == 0)
			b.Cols[1].AppendInt(at)
			b.Cols[2].AppendText(fmt.Appendf(nil, "key %d", round*50+r.IntN(100)))
			b.Cols[3].AppendInt(int64(i))
			b.AddRows(1, data.Insert, 0)
			if i%10 == 0 {
				b.AddStep(i+1, at)
			}
		}
		b.Trigger = nil
		if err := j.Process(b, out); err != nil {
			t.Fatal(err)
		}
		if n := j.Rows(); n > 3000 {
			t.Fatalf("round %d: %d rows are kept", round, n)
		}
		if round == 50 {
			bytes = j.Bytes()
		}
	}
	if now := j.Bytes(); now > 2*bytes {
		t.Errorf("%d bytes at the end, %d after 50 rounds", now, bytes)
	}
}
