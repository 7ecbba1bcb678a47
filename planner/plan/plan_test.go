package plan

import (
	"slices"
	"strings"
	"testing"

	"tidemark/operators/agg"
	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/parser/source"
	"tidemark/planner/catalog"
)

var at source.Span

func column(i int, name string, t data.Type) expr.Expr { return expr.NewColumn(i, name, t, at) }

func call(t *testing.T, name string, args ...expr.Expr) expr.Expr {
	t.Helper()
	e, err := expr.NewCall(name, args, at)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func cast(t *testing.T, x expr.Expr, to data.Type) expr.Expr {
	t.Helper()
	e, err := expr.NewCast(x, to, false, at)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func minutes(n int64) expr.Expr {
	v := data.NewConst(data.Of(data.Interval))
	v.AppendWide(data.Int128{Lo: uint64(n * 60_000_000)})
	return expr.NewLiteral(v, at)
}

func TestDuration(t *testing.T) {
	for micros, want := range map[int64]string{
		0: "0 seconds", 1: "1 microsecond", 1500: "1500 microseconds", 2000: "2 milliseconds", 1_000_000: "1 second",
		90_000_000: "90 seconds", 60_000_000: "1 minute", 7_200_000_000: "2 hours", 86_400_000_000: "1 day", -300_000_000: "-5 minutes",
	} {
		if got := Duration(micros); got != want {
			t.Errorf("Duration(%d) = %s, want %s", micros, got, want)
		}
	}
}

// Decimals of one scale are compared as they are stored in the column.
func TestComparisonOfDecimals(t *testing.T) {
	for _, c := range []struct {
		column  data.Type
		literal data.Type
		text    string
		ok      bool
	}{
		{data.DecimalType(12, 2), data.DecimalType(5, 2), "123.45", true},
		{data.DecimalType(30, 2), data.DecimalType(5, 2), "-123.45", true},
		{data.DecimalType(12, 2), data.DecimalType(30, 2), "-123.45", true},
		{data.DecimalType(12, 2), data.DecimalType(30, 2), "12345678901234567890123.45", false}, // does not fit
		{data.DecimalType(30, 2), data.DecimalType(30, 2), "12345678901234567890123.45", true},
		{data.DecimalType(12, 2), data.DecimalType(12, 3), "1.234", false}, // another scale
	} {
		x := column(3, "x", c.column)
		l := cast(t, expr.StringLiteral(c.text, at), c.literal)
		cmp := call(t, "<", column(3, "x", c.literal), l) // the call is typed as the binder types it
		cmp.(*expr.Call).Args[0] = x
		p, ok := Comparison(cmp)
		if ok != c.ok {
			t.Errorf("%s against %s: %v, want %v", c.text, c.column, ok, c.ok)
			continue
		}
		if !ok {
			continue
		}
		if got := string(data.AppendText(nil, p.Values[0], 0)); got != c.text || p.Values[0].Type != c.column || p.Column != 3 || p.Op != "<" {
			t.Errorf("%s against %s became %s %s of type %s", c.text, c.column, p.Op, got, p.Values[0].Type)
		}
	}
}

// keyed is an aggregate over a window, with the keys k (INT) and s (STRING).
func keyed(t *testing.T, lateness int64, emit EmitMode) *Aggregate {
	t.Helper()
	ts := data.Of(data.Timestamp)
	r := &catalog.Relation{Name: "r", Schema: data.Schema{{Name: "ts", Type: ts}, {Name: "k", Type: data.Of(data.Int)}, {Name: "s", Type: data.Of(data.String)}}}
	f, err := agg.Resolve(agg.Spec{Name: "COUNT"})
	if err != nil {
		t.Fatal(err)
	}
	return &Aggregate{
		Input:  &Scan{Relation: r, Columns: []int{0, 1, 2}, Time: 0},
		Window: &Window{Size: 60_000_000, Slide: 60_000_000}, Keys: []int{1, 2}, Aggs: []AggCall{{Func: f, Filter: -1, Text: "COUNT(*)"}},
		Lateness: lateness, Emit: emit,
		Out: data.Schema{{Name: "window_start", Type: ts}, {Name: "window_end", Type: ts}, {Name: "k", Type: data.Of(data.Int)},
			{Name: "s", Type: data.Of(data.String)}, {Name: "n", Type: data.Of(data.BigInt)}},
	}
}

func TestUpdating(t *testing.T) {
	for _, c := range []struct {
		lateness int64
		emit     EmitMode
		want     bool
	}{{0, EmitClose, false}, {1, EmitClose, true}, {1, EmitFinal, false}, {0, EmitChanges, true}} {
		a := keyed(t, c.lateness, c.emit)
		f := &Filter{Input: a, Pred: expr.BoolLiteral(true, at)}
		for _, n := range []Node{a, f, &Sink{Input: f}} {
			if got := n.Properties().Updating; got != c.want {
				t.Errorf("%T over lateness %d, EMIT %s: updating is %v", n, c.lateness, c.emit, got)
			}
		}
	}
}

// A projection keeps the key where its columns tell the key's parts apart.
func TestKeyThroughProjection(t *testing.T) {
	ts, integer, text := data.Of(data.Timestamp), data.Of(data.Int), data.Of(data.String)
	start, end := column(0, "window_start", ts), column(1, "window_end", ts)
	k, s := column(2, "k", integer), column(3, "s", text)
	for _, c := range []struct {
		name  string
		exprs []expr.Expr
		want  []int
	}{
		{"all", []expr.Expr{start, end, k, s}, []int{0, 2, 3}},
		{"another order", []expr.Expr{s, k, end}, []int{2, 1, 0}},
		{"an expression of the window", []expr.Expr{call(t, "-", end, minutes(5)), k, s}, []int{0, 1, 2}},
		{"lossless casts", []expr.Expr{start, cast(t, k, data.Of(data.BigInt)), s}, []int{0, 1, 2}},
		{"numbers as text", []expr.Expr{start, cast(t, k, text), s}, []int{0, 1, 2}},
		{"no window", []expr.Expr{k, s}, nil},
		{"a lossy cast", []expr.Expr{cast(t, start, data.Of(data.Date)), k, s}, nil},
		{"a function", []expr.Expr{start, k, call(t, "LOWER", s)}, nil},
		{"a sum", []expr.Expr{start, call(t, "+", k, expr.IntLiteral(1, at)), s}, nil},
	} {
		p := &Project{Input: keyed(t, 0, EmitClose), Exprs: c.exprs}
		for _, e := range c.exprs {
			p.Out = append(p.Out, data.Column{Name: e.String(), Type: e.Type()})
		}
		if got := p.Properties().Key; !slices.Equal(got, c.want) || (got == nil) != (c.want == nil) {
			t.Errorf("%s: the key is %v, want %v", c.name, got, c.want)
		}
		sink := &Sink{Input: p, Relation: &catalog.Relation{Name: "t", Schema: p.Out}}
		for i := range p.Out { // into the target's columns, backwards
			sink.Columns = append(sink.Columns, len(p.Out)-1-i)
		}
		for i, part := range KeyParts(sink) {
			var back []int
			for _, col := range KeyParts(p)[i].Columns {
				back = append(back, len(p.Out)-1-col)
			}
			slices.Sort(back)
			if !slices.Equal(part.Columns, back) {
				t.Errorf("%s: in the sink %s is told by %v, want %v", c.name, part.Name, part.Columns, back)
			}
		}
	}
}

// Of nothing but one row the key is known, and empty.
func TestKeyOfOneRow(t *testing.T) {
	a := keyed(t, 0, EmitChanges)
	a.Window, a.Keys, a.Out = nil, nil, a.Out[4:]
	for _, n := range []Node{a, &Values{Rows: [][]expr.Expr{nil}}} {
		if key := n.Properties().Key; key == nil || len(key) != 0 {
			t.Errorf("the key of %T is %#v", n, key)
		}
	}
	if key := a.Input.Properties().Key; key != nil {
		t.Errorf("the key of a scan is %#v", key)
	}
}

// Rows disappear from a result only where a filter stands over what updates.
func TestExplainDeletes(t *testing.T) {
	a := keyed(t, 1, EmitClose)
	if text := NewPrinter().Explain(a); strings.Contains(text, "-D") {
		t.Errorf("an aggregate deletes:\n%s", text)
	}
	f := &Filter{Input: a, Pred: expr.BoolLiteral(true, at)}
	if first, _, _ := strings.Cut(NewPrinter().Explain(f), "└"); !strings.Contains(first, "+I -U +U -D") {
		t.Errorf("a filter over updates does not delete:\n%s", first)
	}
}
