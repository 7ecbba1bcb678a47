package operators_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sort"
	"strings"
	"testing"

	"tidemark/operators"
	"tidemark/operators/agg"
	"tidemark/operators/data"
	"tidemark/operators/optest"
	"tidemark/operators/watermark"
)

// frameIn is overIn and the side of a row, true for the right one.
var frameIn = append(append(data.Schema(nil), overIn...), data.Column{Name: "right", Type: data.Of(data.Boolean)})

// frameJoin puts together the functions of a case. Left rows have a time, a key and a
// number.
func frameJoin(o *over, lateness int64) operators.FrameJoinConfig {
	out := append(data.Schema(nil), overIn[:3]...)
	out = append(out, o.Out[len(overIn):]...)
	return operators.FrameJoinConfig{Side: 4, Time: 0, Keys: []int{1}, Left: []int{0, 1, 2}, Calls: o.Calls, BatchRows: 3,
		Lateness: watermark.Lateness{Allowed: lateness}, Out: append(out, data.Column{Name: "arrival", Type: data.Of(data.BigInt)})}
}

func newFrameJoin(cfg operators.FrameJoinConfig) operators.Operator {
	return narrow{operators.NewFrameJoin(cfg, frameIn), len(cfg.Out) - 1}
}

var (
	last10  = operators.OverFrame{Start: length10(-10), End: operators.FrameBound{Kind: operators.FromPeers}}
	last60  = operators.OverFrame{Start: length10(-60), End: operators.FrameBound{Kind: operators.FromPeers}}
	instant = operators.OverFrame{Start: operators.FrameBound{Kind: operators.FromPeers}, End: operators.FrameBound{Kind: operators.FromPeers}}
)

func length10(sec int64) operators.FrameBound {
	return operators.FrameBound{Kind: operators.FromOffset, By: length(sec)}
}

// Frames end at the instant of the left row, both ends in them; where there is no row
// in one, its aggregate is that of no rows.
func TestFrameJoin(t *testing.T) {
	o := newOver().agg(t, "COUNT", last10, -1).agg(t, "SUM", last60, -1).agg(t, "COUNT", running, -1).value(operators.OverLast, 0, last60, false).agg(t, "COUNT", instant, -1)
	for _, c := range []struct {
		lateness, late int64
		input, want    string
	}{
		{0, 0, `
			10:00:00 a 5 x true
			10:00:10 a 1 NULL false
			10:00:11 a 2 NULL false
			10:01:00 a 3 NULL false
			10:01:01 a 4 NULL false
			end`, `
			+I 10:00:10 a 1 1 5 1 x 0
			+I 10:00:11 a 2 0 5 1 x 0
			+I 10:01:00 a 3 0 5 1 x 0
			+I 10:01:01 a 4 0 NULL 1 NULL 0`},
		// Right rows of the very instant count, also those that come after the left one.
		{0, 0, `
			10:00:00 a 1 NULL false
			10:00:00 a 5 x true
			10:00:00 b 6 y true
			10:00:00 a 7 NULL true
			wm 10:00:01`, `
			+I 10:00:00 a 1 2 12 2 NULL 2`},
		// A row that is too late for one left row serves the next.
		{0, 0, `
			10:00:10 a 1 NULL false
			wm 10:00:11
			10:00:05 a 5 x true
			10:00:11 a 2 NULL false
			wm 10:00:12`, `
			+I 10:00:10 a 1 0 NULL 0 NULL 0
			+I 10:00:11 a 2 1 5 1 x 0`},
		// Lateness waits.
		{5 * seconds, 1, `
			10:00:10 a 1 NULL false
			wm 10:00:15
			10:00:09 a 2 NULL false
			10:00:05 a 5 x true
			10:00:10 a 3 NULL false
			wm 10:00:16`, `
			+I 10:00:10 a 1 1 5 1 x 0
			+I 10:00:10 a 3 1 5 1 x 0`},
	} {
		cfg := frameJoin(o, c.lateness)
		cfg.Account = &operators.Account{}
		optest.Run(t, optest.Case{In: frameIn, Out: cfg.Out[:len(cfg.Out)-1], Input: day(c.input), Want: day(c.want),
			Begin: func() { *cfg.Account = operators.Account{} },
			New:   func() operators.Operator { return newFrameJoin(cfg) }})
		if n := cfg.Account.Late.Load(); n != c.late {
			t.Errorf("%d late rows, want %d, of%s", n, c.late, c.input)
		}
	}
}

// A right row that no frame to come reaches is late; none is where a frame begins with
// the first row.
func TestFrameJoinLateRight(t *testing.T) {
	for _, c := range []struct {
		frame operators.OverFrame
		late  int64
		want  string
	}{{last10, 1, "+I 10:01:00 a 1 0"}, {running, 0, "+I 10:01:00 a 1 1"}} {
		cfg := frameJoin(newOver().agg(t, "COUNT", c.frame, -1), 0)
		cfg.Account = &operators.Account{}
		optest.Run(t, optest.Case{In: frameIn, Out: cfg.Out[:len(cfg.Out)-1], Want: day(c.want), Input: day(`
			wm 10:01:00
			10:00:49 a 5 x true
			10:01:00 a 1 NULL false
			end`), Begin: func() { *cfg.Account = operators.Account{} }, New: func() operators.Operator { return newFrameJoin(cfg) }})
		if n := cfg.Account.Late.Load(); n != c.late {
			t.Errorf("%d late rows, want %d", n, c.late)
		}
	}
}

// A sum that does not fit ends the rows before the one at fault, and says which.
func TestFrameJoinError(t *testing.T) {
	cfg := frameJoin(newOver().agg(t, "SUM", last60, -1), 0)
	optest.Run(t, optest.Case{In: frameIn, Out: cfg.Out[:len(cfg.Out)-1], Want: day("+I 10:00:00 a 1 9223372036854775807"), Err: "at the row k = a, ts = 2026-01-05T10:00:01Z", Input: day(`
		10:00:00 a 9223372036854775807 x true
		10:00:00 a 1 NULL false
		10:00:01 a 1 x true
		10:00:01 a 2 NULL false
		10:00:02 a 3 NULL false
		end`), New: func() operators.Operator { return newFrameJoin(cfg) }})
}

// randomFrames draws functions that can be computed for an instant.
func randomFrames(t *testing.T, r *rand.Rand) (*over, *oracle) {
	o := newOver()
	or := &oracle{cfg: &o.OverConfig, instant: true}
	for range 1 + r.IntN(4) {
		a := int64(r.IntN(12))
		f := operators.OverFrame{Start: length10(-a), End: length10(-r.Int64N(a + 1))}
		switch r.IntN(6) {
		case 0:
			f.Start = operators.FrameBound{Kind: operators.FromFirst}
		case 1:
			f.Start = operators.FrameBound{Kind: operators.FromPeers}
			fallthrough
		case 2, 3:
			f.End = operators.FrameBound{Kind: operators.FromPeers}
		}
		name := ""
		switch runs := f.Start.Kind == operators.FromFirst; {
		case r.IntN(2) == 0:
			name = []string{"SUM", "COUNT", "MAX"}[r.IntN(3)]
			f2, err := agg.Resolve(agg.Spec{Name: name, Args: []data.Type{data.Of(data.BigInt)}, Updating: !runs})
			if err != nil {
				t.Fatal(err)
			}
			o.call(operators.OverCall{Agg: f2, Cols: []int{2}, Filter: -1, Frame: f}, f2.Result)
		case runs:
			o.value(operators.OverLast, 0, f, false)
		default:
			o.value([]operators.OverFunc{operators.OverFirst, operators.OverLast, operators.OverNth}[r.IntN(3)], 1+r.Int64N(3), f, r.IntN(2) == 0)
		}
		or.names = append(or.names, name)
	}
	return o, or
}

// Random inputs, with disorder and lateness on both sides, few and many keys and equal
// times, give what a look at all right rows gives that have come when the watermark
// passes a left row.
func TestFrameJoinAgainstNaive(t *testing.T) {
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 21))
		o, or := randomFrames(t, r)
		lateness := r.Int64N(4)
		cfg := frameJoin(o, lateness*seconds)
		keys, n, disorder := []int{1, 3, 400}[r.IntN(3)], []int{30, 200, 1500}[r.IntN(3)], r.IntN(14)+1
		var input, want strings.Builder
		var right, waiting []oracleRow
		w := int64(-100)
		show := func() {
			sort.SliceStable(waiting, func(i, j int) bool { return waiting[i].ts < waiting[j].ts })
			for len(waiting) > 0 && waiting[0].ts < w-lateness {
				l := waiting[0]
				waiting = waiting[1:]
				probe := oracleRow{ts: l.ts, k: l.k, seq: 1 << 40}
				part := or.partition(append(slices.Clone(right), probe), l.k)
				i := slices.IndexFunc(part, func(x oracleRow) bool { return x.seq == probe.seq })
				fmt.Fprintf(&want, "+I %s %s\n", l.text()[:strings.LastIndexByte(l.text(), ' ')], or.results(part, i))
			}
		}
		for seq := range n {
			now := int64(seq / 4)
			row := randomOverRow(r, max(0, now-r.Int64N(int64(disorder))), seq)
			row.k = fmt.Sprint("k", min(r.IntN(keys), r.IntN(keys)))
			isRight := r.IntN(2) == 0
			fmt.Fprintln(&input, row.text(), isRight)
			switch {
			case isRight: // one that is too late is in no frame
				right = append(right, row)
			case row.ts >= w-lateness:
				waiting = append(waiting, row)
			}
			if r.IntN(3) == 0 && now > w {
				w = now
				fmt.Fprintf(&input, "wm %s\n", data.AppendTimestamp(nil, day0+w*seconds))
				show()
			}
		}
		input.WriteString("end\n")
		w = 1 << 40
		show()
		var last *operators.FrameJoin
		c := optest.Case{In: frameIn, Out: cfg.Out[:len(cfg.Out)-1], Input: input.String(), Want: want.String(), New: func() operators.Operator {
			last = operators.NewFrameJoin(cfg, frameIn)
			return narrow{last, len(cfg.Out) - 1}
		}}
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { optest.Run(t, c) })
		if t.Failed() {
			t.Fatalf("seed %d: %+v", seed, o.OverConfig)
		}
		if held := last.Held(); held != 0 {
			t.Fatalf("seed %d: %d rows are left", seed, held)
		}
	}
}
