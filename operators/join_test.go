package operators_test

import (
	"fmt"
	"math/rand/v2"
	"sort"
	"strings"
	"testing"

	"tidemark/operators"
	"tidemark/operators/data"
	"tidemark/operators/optest"
	"tidemark/operators/watermark"
)

// joinIn are the side (true: right), the time in seconds, the key and the row's
// number.
var joinIn = data.Schema{
	{Name: "right", Type: data.Of(data.Boolean)},
	{Name: "ts", Type: data.Of(data.Timestamp), Time: true},
	{Name: "k", Type: data.Of(data.String)},
	{Name: "n", Type: data.Of(data.BigInt)},
}

func join(kind operators.JoinKind, before, after, lateness int64) operators.IntervalJoinConfig {
	cfg := operators.IntervalJoinConfig{Kind: kind, Side: 0, Time: 1, Keys: []int{2}, Left: []int{2, 3}, Right: []int{3},
		Before: before, After: after, Lateness: watermark.Lateness{Allowed: lateness}, BatchRows: 3,
		Out: data.Schema{joinIn[2], joinIn[3]}}
	if kind != operators.JoinSemi && kind != operators.JoinAnti {
		cfg.Out = append(cfg.Out, joinIn[3])
	}
	return cfg
}

// script writes the lines of a join's input: "L k 100", "R k 105.5", "wm 105", "end". Rows
// are numbered from 1, and each moves the watermark to its time.
func script(text string, follow bool) string {
	var out strings.Builder
	n, wm := 0, int64(data.MinTime)
	at := func(s string) int64 {
		var x float64
		fmt.Sscan(s, &x)
		return int64(x * second)
	}
	for _, line := range strings.Split(text, ",") {
		f := strings.Fields(line)
		switch {
		case f[0] == "end":
			out.WriteString("end\n")
		case f[0] == "wm":
			if t := at(f[1]); t > wm {
				wm = t
				fmt.Fprintf(&out, "wm %s\n", data.AppendTimestamp(nil, t))
			}
		default:
			n++
			t := at(f[2])
			fmt.Fprintf(&out, "%v %s %s %d\n", f[0] == "R", data.AppendTimestamp(nil, t), f[1], n)
			if follow && t > wm {
				wm = t
				fmt.Fprintf(&out, "wm %s\n", data.AppendTimestamp(nil, t))
			}
		}
	}
	return out.String()
}

func TestIntervalJoin(t *testing.T) {
	const ten = 10 * second
	inner, left, right, full, semi, anti := operators.JoinInner, operators.JoinLeft, operators.JoinRight, operators.JoinFull, operators.JoinSemi, operators.JoinAnti
	for _, c := range []struct {
		kind           operators.JoinKind
		before, after  int64
		lateness, late int64
		input, want    string
	}{
		{inner, ten, ten, 0, 0, "L a 100, R a 105", "+I a 1 2"},
		{inner, ten, ten, 0, 0, "L a 100, R a 110", "+I a 1 2"},
		{inner, ten, ten, 0, 0, "L a 100, R a 111", ""},
		{left, ten, ten, 0, 0, "L a 100, wm 110", ""},
		{left, ten, ten, 0, 0, "L a 100, wm 110, wm 110.000001", "+I a 1 NULL"},
		{inner, ten, ten, 3 * second, 0, "L a 100, R a 105, L a 103", "+I a 1 2\n+I a 3 2"},
		{inner, ten, ten, 2 * second, 1, "R z 110, L z 107, end", ""},
		{left, ten, ten, 2 * second, 1, "R z 110, L z 107, end", ""},
		{full, ten, ten, 0, 0, "L a 100, R b 100, wm 200", "+I a 1 NULL\n+I NULL NULL 2"},
		{right, ten, ten, 0, 0, "L a 100, R b 100, R a 101, end", "+I a 1 3\n+I NULL NULL 2"},
		{semi, ten, ten, 0, 0, "R a 100, R a 101, L a 102, L b 103, R b 104, R b 105, end", "+I a 3\n+I b 4"},
		{anti, ten, ten, 0, 0, "R a 100, L a 102, L b 103, R b 104, L c 105, end", "+I c 5"},
		{inner, 0, ten, 0, 0, "R a 99, L a 100, R a 100, R a 110", "+I a 2 3\n+I a 2 4"},
		{inner, ten, -5 * second, 0, 0, "R a 90, R a 95, R a 96, L a 100", "+I a 4 1\n+I a 4 2"},
		{left, -20 * second, ten, 0, 0, "L a 100, R a 105, L a 106, end", "+I a 1 NULL\n+I a 3 NULL"}, // nothing lies between
		// Of several partners the earliest comes first, of equal ones the first to arrive.
		{inner, ten, ten, 9 * second, 0, "R a 105, R a 103, R a 105, R a 104, L a 104", "+I a 5 2\n+I a 5 4\n+I a 5 1\n+I a 5 3"},
		// NULL keys match nothing.
		{full, ten, ten, 0, 0, "L NULL 100, R NULL 100, end", "+I NULL 1 NULL\n+I NULL NULL 2"},
		{inner, ten, ten, 0, 0, "L NULL 100, R NULL 100, end", ""},
		{anti, ten, ten, 0, 0, "R NULL 100, L NULL 100, end", "+I NULL 2"},
		// A right row can still come for a window that has passed on the left.
		{left, 0, -5 * second, 0, 0, "L a 100, wm 95.000001", "+I a 1 NULL"},
	} {
		cfg := join(c.kind, c.before, c.after, c.lateness)
		name := fmt.Sprintf("kind %d, (%d, %d) s, lateness %d s: %s", c.kind, c.before/second, c.after/second, c.lateness/second, c.input)
		t.Run(name, func(t *testing.T) {
			optest.Run(t, optest.Case{In: joinIn, Out: cfg.Out, Input: script(c.input, true), Want: c.want,
				Begin: func() { cfg.Account = &operators.Account{} },
				New:   func() operators.Operator { return operators.NewIntervalJoin(cfg, joinIn) }})
			if n := cfg.Account.Late.Load(); n != c.late {
				t.Errorf("%d late rows, want %d", n, c.late)
			}
		})
	}
}

// The output's watermark stays behind by what a row may still be emitted with, and
// comes after the rows that its move has made.
func TestIntervalJoinTime(t *testing.T) {
	cfg := join(operators.JoinLeft, 2*second, 10*second, 3*second)
	cfg.PassTime = true
	optest.Run(t, optest.Case{In: joinIn, Out: cfg.Out, Steps: true,
		Input: script("L a 100, wm 112, wm 113, wm 113.5, R a 112, L a 112, wm 120, end", false),
		Want: `wm 1970-01-01T00:01:39Z
			wm 1970-01-01T00:01:40Z
			+I a 1 NULL
			wm 1970-01-01T00:01:40.5Z
			+I a 3 2
			wm 1970-01-01T00:01:47Z
			end`,
		New: func() operators.Operator { return operators.NewIntervalJoin(cfg, joinIn) }})
}

// joinRow is a row of the naive join.
type joinRow struct {
	right bool
	ts    int64
	key   string
	n     int
}

// naive joins rows, none of which is late, by comparing each with each; with odd those
// alone whose numbers do not add up to a multiple of three.
func naive(rows []joinRow, kind operators.JoinKind, before, after int64, odd bool) []string {
	var out []string
	matched := map[int]bool{}
	for _, l := range rows {
		for _, r := range rows {
			if l.right || !r.right || l.key == "NULL" || l.key != r.key || r.ts < l.ts-before || r.ts > l.ts+after || odd && (l.n+r.n)%3 == 0 {
				continue
			}
			if kind < operators.JoinSemi {
				out = append(out, fmt.Sprintf("+I %s %d %d", l.key, l.n, r.n))
			}
			if kind == operators.JoinSemi && !matched[l.n] {
				out = append(out, fmt.Sprintf("+I %s %d", l.key, l.n))
			}
			matched[l.n], matched[r.n] = true, true
		}
	}
	for _, row := range rows {
		switch {
		case matched[row.n]:
		case kind == operators.JoinAnti && !row.right:
			out = append(out, fmt.Sprintf("+I %s %d", row.key, row.n))
		case (kind == operators.JoinLeft || kind == operators.JoinFull) && !row.right:
			out = append(out, fmt.Sprintf("+I %s %d NULL", row.key, row.n))
		case (kind == operators.JoinRight || kind == operators.JoinFull) && row.right:
			out = append(out, fmt.Sprintf("+I NULL NULL %d", row.n))
		}
	}
	sort.Strings(out)
	return out
}

// Random inputs, out of order within the lateness and beyond it on both sides, with few and
// with many keys and with NULLs, with a further condition and without, give what comparing each row with each that is not late
// gives; nothing is left.
func TestIntervalJoinAgainstNaive(t *testing.T) {
	for seed := range uint64(24) {
		r := rand.New(rand.NewPCG(seed, 5))
		kind := operators.JoinKind(seed % 6)
		before, after := r.Int64N(30)-5, r.Int64N(30)-5
		disorder := int64(r.IntN(20))
		keys := []int{1, 3, 500}[r.IntN(3)]
		n := []int{60, 200, 6000}[r.IntN(3)]
		if keys == 1 {
			n = min(n, 200)
		}
		lateness := disorder
		if seed%4 == 3 {
			lateness = r.Int64N(disorder + 1)
		}
		var rows []joinRow
		tooLate := int64(0)
		var input strings.Builder
		wm := int64(data.MinTime)
		for i := range n {
			t := int64(i/4) - r.Int64N(disorder+1)
			row := joinRow{right: r.IntN(2) == 0, ts: t, key: fmt.Sprintf("k%d", r.IntN(keys)), n: i}
			if r.IntN(10) == 0 {
				row.key = "NULL"
			}
			if r.IntN(300) == 0 {
				row.ts += 1_000_000 // a clock that is ahead moves no watermark here
			}
			if row.ts*second >= wm-lateness*second || wm == data.MinTime {
				rows = append(rows, row)
			} else {
				tooLate++
			}
			fmt.Fprintf(&input, "%v %s %s %d\n", row.right, data.AppendTimestamp(nil, row.ts*second), row.key, i)
			if i/4 > int(wm/second) && r.IntN(3) == 0 {
				wm = int64(i/4) * second
				fmt.Fprintf(&input, "wm %s\n", data.AppendTimestamp(nil, wm))
			}
		}
		input.WriteString("end")
		cfg := join(kind, before*second, after*second, lateness*second)
		cfg.BatchRows = 100
		odd := seed/6%2 == 1
		if odd {
			cfg.Condition = noMultiple(3)
		}
		var last *operators.IntervalJoin
		got := optest.Invariant(t, optest.Case{In: joinIn, Out: cfg.Out, Input: input.String(),
			Begin: func() { cfg.Account = &operators.Account{} },
			New: func() operators.Operator {
				last = operators.NewIntervalJoin(cfg, joinIn)
				return last
			}}, seed)
		lines := strings.Split(got, "\n")
		if got == "" {
			lines = nil
		}
		sort.Strings(lines)
		want := naive(rows, kind, before, after, odd)
		if strings.Join(lines, "\n") != strings.Join(want, "\n") {
			t.Fatalf("seed %d, kind %d, (%d, %d), disorder %d, %d keys, %d rows: got %d rows, want %d", seed, kind, before, after, disorder, keys, n, len(lines), len(want))
		}
		if late := cfg.Account.Late.Load(); late != tooLate {
			t.Fatalf("seed %d: %d late rows, want %d", seed, late, tooLate)
		}
		if left := last.Rows(); left != 0 {
			t.Fatalf("seed %d: %d rows are left", seed, left)
		}
	}
}

// Over a long run with keys that come and go, quiet spells and clocks that are
// ahead, the state stays as small as the rows that may still find a partner.
func TestIntervalJoinState(t *testing.T) {
	cfg := join(operators.JoinInner, 5*second, 5*second, 0)
	j := operators.NewIntervalJoin(cfg, joinIn)
	pool := data.NewPool(joinIn)
	r := rand.New(rand.NewPCG(1, 2))
	out := func(b *data.Batch) error { b.Release(); return nil }
	most, bytes := int64(0), int64(0)
	for round := range 300 {
		b := pool.Get()
		b.Seq = int64(round) * 1100
		for i := range 1000 { // ten seconds of a hundred rows
			at := int64(round*10_000+i*10) * 1000
			ahead := int64(0)
			if i == 500 {
				ahead = 3600 * second * 24 * 365
			}
			b.Cols[0].AppendBool(r.IntN(2) == 0 && round%7 != 3)
			b.Cols[1].AppendInt(at + ahead)
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
		most = max(most, j.Rows()-int64(round)-1) // but for the row of each round that is ahead
		if round == 50 {
			bytes = j.Bytes()
		}
	}
	if most > 520 {
		t.Errorf("up to %d rows were kept, want those of five seconds", most)
	}
	if now := j.Bytes(); now > 2*bytes {
		t.Errorf("%d bytes at the end, %d after 50 rounds", now, bytes)
	}
}
