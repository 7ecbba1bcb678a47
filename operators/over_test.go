package operators_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"tidemark/operators"
	"tidemark/operators/agg"
	"tidemark/operators/data"
	"tidemark/operators/optest"
	"tidemark/operators/watermark"
)

// overIn is the input of the cases: a time, a key, a number and a text.
var overIn = data.Schema{
	{Name: "ts", Type: data.Of(data.Timestamp), Time: true}, {Name: "k", Type: data.Of(data.String)},
	{Name: "n", Type: data.Of(data.BigInt)}, {Name: "s", Type: data.Of(data.String)},
}

const seconds = 1_000_000

// over puts together the window functions of a case.
type over struct{ operators.OverConfig }

func newOver() *over {
	return &over{operators.OverConfig{Partition: []int{1}, Order: []operators.SortKey{{Column: 0}}, Peers: 1, Time: 0, BatchRows: 3,
		Out: append(data.Schema(nil), overIn...)}}
}

func (o *over) call(c operators.OverCall, result data.Type) *over {
	if c.Func != operators.OverAggregate {
		c.Filter = -1
	}
	o.Calls = append(o.Calls, c)
	o.Out = append(o.Out, data.Column{Name: "result", Type: result})
	return o
}

// sum adds an aggregate of n.
func (o *over) agg(t *testing.T, name string, frame operators.OverFrame, filter int) *over {
	t.Helper()
	f, err := agg.Resolve(agg.Spec{Name: name, Args: []data.Type{data.Of(data.BigInt)}, Updating: frame.Start.Kind != operators.FromFirst})
	if err != nil {
		t.Fatal(err)
	}
	return o.call(operators.OverCall{Agg: f, Cols: []int{2}, Filter: filter, Frame: frame}, f.Result)
}

func (o *over) plain(f operators.OverFunc, n int64) *over {
	result := data.Of(data.BigInt)
	if f == operators.OverPercentRank || f == operators.OverCumeDist {
		result = data.Of(data.Double)
	}
	return o.call(operators.OverCall{Func: f, N: n}, result)
}

func (o *over) offset(f operators.OverFunc, n int64, def int, ignoreNulls bool) *over {
	return o.call(operators.OverCall{Func: f, Cols: []int{3}, N: n, Default: def, IgnoreNulls: ignoreNulls}, data.Of(data.String))
}

func (o *over) value(f operators.OverFunc, n int64, frame operators.OverFrame, ignoreNulls bool) *over {
	return o.call(operators.OverCall{Func: f, Cols: []int{3}, N: n, Frame: frame, IgnoreNulls: ignoreNulls}, data.Of(data.String))
}

func rowsFrom(kind operators.BoundKind, from, to int64) operators.OverFrame {
	return operators.OverFrame{Rows: true, Start: operators.FrameBound{Kind: kind, Rows: from}, End: operators.FrameBound{Kind: operators.FromOffset, Rows: to}}
}

func length(sec int64) *data.Vector {
	v := data.NewConst(data.Of(data.Timestamp))
	v.AppendInt(sec * seconds)
	return v
}

func rangeOf(from, to int64) operators.OverFrame {
	return operators.OverFrame{Start: operators.FrameBound{Kind: operators.FromOffset, By: length(from)}, End: operators.FrameBound{Kind: operators.FromOffset, By: length(to)}}
}

var (
	running = operators.OverFrame{Start: operators.FrameBound{Kind: operators.FromFirst}, End: operators.FrameBound{Kind: operators.FromPeers}}
	rows    = rowsFrom(operators.FromFirst, 0, 0)
)

// stateful is an operator of a case.
type stateful interface {
	operators.Operator
	Snapshot(*data.Encoder)
	Restore(*data.Decoder) error
}

// narrow leaves out the columns of an operator's output from width on: the number of
// a row's arrival is another in each shape of a case.
type narrow struct {
	stateful
	width int
}

func (n narrow) Process(b *data.Batch, out operators.Output) error {
	return n.stateful.Process(b, func(b *data.Batch) error {
		b.Cols = b.Cols[:n.width]
		return out(b)
	})
}

var clockTime = regexp.MustCompile(`\b\d\d:\d\d(:\d\d)?\b`)

// day writes times of one day in full.
func day(text string) string {
	return clockTime.ReplaceAllStringFunc(text, func(s string) string {
		if len(s) == 5 {
			s += ":00"
		}
		return "2026-01-05T" + s + "Z"
	})
}

func (o *over) run(t *testing.T, input, want string) {
	t.Helper()
	o.Account = &operators.Account{}
	optest.Run(t, optest.Case{In: overIn, Out: o.Out, Input: day(input), Want: day(want), Steps: o.PassTime,
		Begin: func() { *o.Account = operators.Account{} },
		New:   func() operators.Operator { return narrow{operators.NewOver(o.OverConfig, overIn), len(o.Out)} }})
}

// Rows come once, in order of time and then of arrival, when the watermark is past
// them: at 10:00 those of 10:00 wait.
func TestOverEmitsWhatTheWatermarkPasses(t *testing.T) {
	o := newOver().plain(operators.OverRowNumber, 0).agg(t, "SUM", running, -1).agg(t, "SUM", rows, -1).offset(operators.OverLag, 1, -1, false)
	o.PassTime = true
	o.run(t, `
		10:00 a 1 x
		09:59 a 2 y
		10:00 b 3 z
		wm 10:00
		10:01 a 4 v
		10:00 a 5 w
		wm 10:01
		end`, `
		+I 09:59 a 2 y 1 2 2 NULL
		wm 10:00
		+I 10:00 a 1 x 2 8 3 y
		+I 10:00 b 3 z 1 3 3 NULL
		+I 10:00 a 5 w 3 8 8 x
		wm 10:01
		+I 10:01 a 4 v 4 12 12 w
		end`)
}

// Lateness keeps rows waiting, corrects nothing, and holds the watermark back; a row
// of a time that has been passed is late.
func TestOverLateness(t *testing.T) {
	o := newOver().agg(t, "COUNT", running, -1)
	o.PassTime, o.Lateness = true, watermark.Lateness{Allowed: 60 * seconds}
	o.run(t, `
		10:00 a 1 x
		wm 10:01
		10:00 a 2 y
		09:59 a 3 z
		09:59:59 b 4 z
		wm 10:01:01
		10:00 a 5 v
		10:00:01 a 6 w
		end`, `
		wm 10:00
		+I 10:00 a 1 x 2
		+I 10:00 a 2 y 2
		wm 10:00:01
		+I 10:00:01 a 6 w 3
		end`)
	if late, by := o.Account.Late.Load(), o.Account.MissedBy.Load(); late != 3 || by != 120*seconds {
		t.Errorf("%d late rows, the latest by %d", late, by)
	}
}

// Frames that slide: rows leave them, and quiet keys are forgotten.
func TestOverFrames(t *testing.T) {
	for _, c := range []struct {
		name  string
		frame operators.OverFrame
		want  string // of a, a, a, a, b, a
	}{
		{"one before", rowsFrom(operators.FromOffset, -1, 0), "1 3 6 12 5 24"},
		{"two before, not itself", rowsFrom(operators.FromOffset, -2, -1), "NULL 1 3 6 NULL 12"},
		{"a range", rangeOf(-10, 0), "3 3 7 12 5 24"},
		{"a range before", rangeOf(-20, -10), "NULL NULL 3 7 NULL 12"},
		{"an instant", rangeOf(0, 0), "3 3 4 8 5 16"},
		{"peers to the row", operators.OverFrame{Start: operators.FrameBound{Kind: operators.FromPeers}, End: operators.FrameBound{Kind: operators.FromPeers}}, "3 3 4 8 5 16"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := newOver().agg(t, "SUM", c.frame, -1)
			w := strings.Fields(c.want)
			o.run(t, `
				10:00 a 1 x
				10:00 a 2 x
				10:00:10 a 4 x
				10:00:20 a 8 x
				wm 10:00:20
				10:00:25 b 5 x
				wm 10:00:26
				10:00:30 a 16 x
				end`, fmt.Sprintf(`
				+I 10:00 a 1 x %s
				+I 10:00 a 2 x %s
				+I 10:00:10 a 4 x %s
				+I 10:00:20 a 8 x %s
				+I 10:00:25 b 5 x %s
				+I 10:00:30 a 16 x %s`, w[0], w[1], w[2], w[3], w[4], w[5]))
		})
	}
}

// A row whose frames look ahead waits for the end of them, and holds the watermark.
func TestOverLooksAhead(t *testing.T) {
	input := `
		10:00 a 1 x
		10:01 b 2 y
		10:02 a 4 z
		wm 10:02
		10:04 a 8 v
		10:03 b 16 w
		wm 10:04
		wm 10:05
		end`
	for _, c := range []struct {
		name string
		over *over
		want string
	}{
		{"one row", newOver().agg(t, "SUM", rowsFrom(operators.FromOffset, 0, 1), -1), `
			wm 10:00
			+I 10:00 a 1 x 5
			+I 10:01 b 2 y 18
			wm 10:02
			+I 10:02 a 4 z 12
			wm 10:03
			+I 10:03 b 16 w 16
			+I 10:04 a 8 v 8
			end`},
		{"two minutes", newOver().agg(t, "SUM", rangeOf(0, 120), -1), `
			wm 10:00
			+I 10:00 a 1 x 5
			+I 10:01 b 2 y 18
			wm 10:02
			+I 10:02 a 4 z 12
			wm 10:03
			+I 10:03 b 16 w 16
			+I 10:04 a 8 v 8
			end`},
		{"LEAD", newOver().offset(operators.OverLead, 1, 1, false), `
			wm 10:00
			+I 10:00 a 1 x z
			+I 10:01 b 2 y w
			wm 10:02
			+I 10:02 a 4 z v
			wm 10:03
			+I 10:03 b 16 w b
			+I 10:04 a 8 v a
			end`},
		{"two rows and a minute", newOver().agg(t, "SUM", rowsFrom(operators.FromOffset, 0, 2), -1).agg(t, "COUNT", rangeOf(0, 60), -1), `
			wm 10:00
			+I 10:00 a 1 x 13 1
			wm 10:01
			+I 10:01 b 2 y 18 1
			+I 10:02 a 4 z 12 1
			+I 10:03 b 16 w 16 1
			+I 10:04 a 8 v 8 1
			end`},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.over.PassTime = true
			c.over.run(t, input, c.want)
		})
	}
}

func TestOverIgnoresNulls(t *testing.T) {
	o := newOver().offset(operators.OverLag, 2, -1, true).offset(operators.OverLag, 1, 1, false).
		value(operators.OverLast, 0, running, true).value(operators.OverFirst, 0, running, true).
		value(operators.OverNth, 2, running, true).value(operators.OverNth, 2, running, false).
		value(operators.OverFirst, 0, rowsFrom(operators.FromOffset, -1, 0), true).
		value(operators.OverLast, 0, rowsFrom(operators.FromOffset, -1, -1), false)
	o.run(t, `
		10:00 a 1 NULL
		10:01 a 1 x
		wm 10:02
		10:02 a 1 NULL
		10:03 a 1 y
		wm 10:04
		10:04 b 1 z
		10:05 a 1 NULL
		wm 10:06
		10:06 a 1 v
		end`, `
		+I 10:00 a 1 NULL NULL a    NULL NULL NULL NULL NULL NULL
		+I 10:01 a 1 x    NULL NULL x    x    NULL x    x    NULL
		+I 10:02 a 1 NULL NULL x    x    x    NULL x    x    x
		+I 10:03 a 1 y    NULL NULL y    x    y    x    y    NULL
		+I 10:04 b 1 z    NULL b    z    z    NULL NULL z    NULL
		+I 10:05 a 1 NULL x    y    y    x    y    x    y    y
		+I 10:06 a 1 v    x    NULL v    x    y    x    v    NULL`)
	o = newOver().offset(operators.OverLead, 2, -1, true)
	o.PassTime = true
	o.run(t, `
		10:00 a 1 u
		10:01 a 1 NULL
		10:02 a 1 v
		wm 10:02:30
		10:03 a 1 NULL
		10:04 a 1 w
		wm 10:05
		end`, `
		wm 10:00
		+I 10:00 a 1 u w
		+I 10:01 a 1 NULL w
		wm 10:02
		+I 10:02 a 1 v NULL
		+I 10:03 a 1 NULL NULL
		+I 10:04 a 1 w NULL
		end`)
}
