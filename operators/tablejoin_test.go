package operators_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"tidemark/operators"
	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/operators/optest"
	"tidemark/operators/watermark"
	"tidemark/parser/source"
)

// tableIn are the side (true: right), the window, the key, the row's number.
var tableIn = data.Schema{
	{Name: "right", Type: data.Of(data.Boolean)},
	{Name: "start", Type: data.Of(data.Timestamp)},
	{Name: "end", Type: data.Of(data.Timestamp)},
	{Name: "k", Type: data.Of(data.String)},
	{Name: "n", Type: data.Of(data.BigInt)},
}

// tableJoin joins by key, of rows whose numbers do not add up to a multiple of ten
// when odd is set.
func tableJoin(kind operators.JoinKind, odd bool) operators.TableJoinConfig {
	cfg := operators.TableJoinConfig{Kind: kind, Time: -1, Keys: []int{3}, Left: []int{3, 4}, Right: []int{4}, BatchRows: 3, Out: data.Schema{tableIn[3], tableIn[4]}}
	if kind != operators.JoinSemi && kind != operators.JoinAnti {
		cfg.Out = append(cfg.Out, tableIn[4])
	}
	if odd {
		cfg.Condition = noMultiple(10)
	}
	return cfg
}

// noMultiple is the condition that the numbers of two rows do not add up to a multiple
// of x.
func noMultiple(x int64) expr.Expr {
	n := func(i int) expr.Expr { return expr.NewColumn(i, "n", data.Of(data.BigInt), source.Span{}) }
	call := func(name string, args ...expr.Expr) expr.Expr {
		e, err := expr.NewCall(name, args, source.Span{})
		if err != nil {
			panic(err)
		}
		return e
	}
	return call("<>", call("%", call("+", n(1), n(2)), number(x)), number(0))
}

func windowed(cfg operators.TableJoinConfig, lateness int64) operators.TableJoinConfig {
	cfg.Windowed, cfg.Keys, cfg.Lateness = true, []int{1, 2, 3}, watermark.Lateness{Allowed: lateness * second}
	for range 4 {
		cfg.Out = append(cfg.Out, data.Column{Name: "order", Type: data.Of(data.BigInt)})
	}
	return cfg
}

// tableEvent is a change of a row, or a move of the watermark to the time wm.
type tableEvent struct {
	change data.Change
	right  bool
	window int64 // its number, each of ten seconds
	key    string
	n      int
	wm     int64
}

func (e tableEvent) String() string {
	if e.wm > 0 {
		return fmt.Sprintf("wm %s", data.AppendTimestamp(nil, e.wm*second))
	}
	return fmt.Sprintf("%s %v %s %s %s %d", e.change, e.right, data.AppendTimestamp(nil, e.window*10*second), data.AppendTimestamp(nil, (e.window+1)*10*second), e.key, e.n)
}

// tables is the naive join: of all the rows that are there, each with each.
type tables struct {
	cfg  operators.TableJoinConfig
	rows [2][]tableEvent
	wm   int64
}

// apply takes an event; with windows, unless its window is gone.
func (t *tables) apply(e tableEvent) {
	if e.wm > 0 {
		t.wm = e.wm
		return
	}
	if t.cfg.Windowed && t.cfg.Lateness.Gone((e.window+1)*10*second, t.wm*second) {
		return
	}
	s := 0
	if e.right {
		s = 1
	}
	if e.change == data.Insert || e.change == data.UpdateAfter {
		t.rows[s] = append(t.rows[s], e)
		return
	}
	for i := len(t.rows[s]) - 1; i >= 0; i-- {
		if r := t.rows[s][i]; r.key == e.key && r.n == e.n && r.window == e.window {
			t.rows[s] = slices.Delete(t.rows[s], i, i+1)
			return
		}
	}
}

// result is the join of what is there, sorted; with windows, of those that have closed.
func (t *tables) result() []string {
	var out []string
	matched := map[string]bool{}
	id := func(e tableEvent) string { return fmt.Sprint(e.right, e.window, e.key, e.n) }
	closed := func(e tableEvent) bool { return !t.cfg.Windowed || t.wm >= (e.window+1)*10 }
	for _, l := range t.rows[0] {
		for _, r := range t.rows[1] {
			if l.key == "NULL" || l.key != r.key || t.cfg.Windowed && l.window != r.window || t.cfg.Condition != nil && (l.n+r.n)%10 == 0 {
				continue
			}
			matched[id(l)], matched[id(r)] = true, true
			if closed(l) && t.cfg.Kind < operators.JoinSemi {
				out = append(out, fmt.Sprintf("%s %d %d", l.key, l.n, r.n))
			}
		}
		has := matched[id(l)]
		switch k := t.cfg.Kind; {
		case !closed(l):
		case k == operators.JoinSemi && has, k == operators.JoinAnti && !has:
			out = append(out, fmt.Sprintf("%s %d", l.key, l.n))
		case (k == operators.JoinLeft || k == operators.JoinFull) && !has:
			out = append(out, fmt.Sprintf("%s %d NULL", l.key, l.n))
		}
	}
	for _, r := range t.rows[1] {
		if k := t.cfg.Kind; closed(r) && !matched[id(r)] && (k == operators.JoinRight || k == operators.JoinFull) {
			out = append(out, fmt.Sprintf("NULL NULL %d", r.n))
		}
	}
	slices.Sort(out)
	return out
}

// folded applies changelog lines to a sorted result.
func folded(t *testing.T, have []string, lines string) []string {
	t.Helper()
	list := strings.Split(lines, "\n")
	for i, line := range list {
		if line == "" {
			continue
		}
		change, row := line[:2], line[3:]
		if change == "-U" && (i+1 == len(list) || list[i+1][:2] != "+U") {
			t.Fatalf("%q is not followed by its +U", line)
		}
		if change[0] == '+' {
			at, _ := slices.BinarySearch(have, row)
			have = slices.Insert(have, at, row)
			continue
		}
		at, ok := slices.BinarySearch(have, row)
		if !ok {
			t.Fatalf("%q takes a row back that is not there", line)
		}
		have = slices.Delete(have, at, at+1)
	}
	return have
}

// tableEvents makes a changelog of both sides: rows come, are taken back, and are
// replaced by rows of the same key or another.
func tableEvents(r *rand.Rand, n, keys int, corrections bool) []tableEvent {
	var events, live []tableEvent
	wm := int64(0)
	for i := range n {
		row := tableEvent{right: r.IntN(2) == 0, window: max(0, int64(i)/40-int64(r.IntN(3))), key: fmt.Sprintf("k%d", min(r.IntN(keys), r.IntN(keys))), n: i}
		if r.IntN(10) == 0 {
			row.key = "NULL"
		}
		switch old := r.IntN(len(live) + 1); {
		case !corrections || old == len(live) || r.IntN(3) > 0:
			events, live = append(events, row), append(live, row)
		case r.IntN(2) == 0:
			gone := live[old]
			gone.change = data.Delete
			events, live = append(events, gone), slices.Delete(live, old, old+1)
		default:
			before, after := live[old], live[old]
			before.change, after.change, after.n = data.UpdateBefore, data.UpdateAfter, i
			if r.IntN(3) == 0 {
				after.key = row.key
			}
			events = append(events, before, after)
			after.change = data.Insert
			live[old] = after
		}
		if at := int64(i) / 4; at > wm && r.IntN(3) == 0 {
			wm = at
			events = append(events, tableEvent{wm: wm})
		}
	}
	return events
}

// Random changelogs give at any time what joining each row that is there with each
// gives, and the same changelog in every shape.
func TestTableJoinAgainstNaive(t *testing.T) {
	for seed := range uint64(30) {
		r := rand.New(rand.NewPCG(seed, 9))
		cfg := tableJoin(operators.JoinKind(seed%6), seed%4 == 1)
		hide := 0
		if seed%3 > 0 {
			cfg, hide = windowed(cfg, []int64{0, 7, 25}[r.IntN(3)]), 4
		}
		events := tableEvents(r, 160, []int{1, 4, 60}[r.IntN(3)], seed%5 > 0)
		newJoin := func() operators.Operator { return hidden{operators.NewTableJoin(cfg, tableIn), hide} }
		oracle := &tables{cfg: cfg}
		var input strings.Builder
		for _, e := range events {
			fmt.Fprintln(&input, e)
		}
		all := optest.Invariant(t, optest.Case{In: tableIn, Out: cfg.Out, Input: input.String(), New: newJoin}, seed)
		steps := replayEach(t, newJoin(), events)
		if joined := strings.Join(slices.DeleteFunc(slices.Clone(steps), func(s string) bool { return s == "" }), "\n"); joined != all {
			t.Fatalf("seed %d: row by row it is\n%s\nnot\n%s", seed, joined, all)
		}
		var have []string
		for i, e := range events {
			oracle.apply(e)
			have = folded(t, have, steps[i])
			if e.change == data.UpdateBefore {
				continue // what it makes comes with the row that follows
			}
			if want := oracle.result(); !slices.Equal(have, want) {
				t.Fatalf("seed %d, kind %d, after event %d, %v: got\n%v\nwant\n%v", seed, cfg.Kind, i, e, have, want)
			}
		}
		if seed < 6 && len(have) < 5 {
			t.Errorf("seed %d: only %d rows", seed, len(have))
		}
	}
}

// replayEach feeds events one by one and returns what each makes; an update is fed
// with its second row.
func replayEach(t *testing.T, op operators.Operator, events []tableEvent) []string {
	t.Helper()
	pool := data.NewPool(tableIn)
	out := make([]string, len(events))
	seq := int64(0)
	b := pool.Get()
	for i, e := range events {
		if e.wm > 0 {
			b.AddStep(b.N, e.wm*second)
		} else {
			b.Cols[0].AppendBool(e.right)
			b.Cols[1].AppendInt(e.window * 10 * second)
			b.Cols[2].AppendInt((e.window + 1) * 10 * second)
			if e.key == "NULL" {
				b.Cols[3].AppendNull()
			} else {
				b.Cols[3].AppendText([]byte(e.key))
			}
			b.Cols[4].AppendInt(int64(e.n))
			b.AddRows(1, e.change, 0)
		}
		if e.change == data.UpdateBefore {
			continue
		}
		b.Seq, b.Trigger = seq, nil
		seq += int64(b.N) + 1
		var lines []string
		if err := op.Process(b, func(o *data.Batch) error {
			for k := range o.N {
				line := o.Change(k).String()
				for _, v := range o.Cols {
					text := " NULL"
					if !v.IsNull(k) {
						text = " " + string(data.AppendText(nil, v, k))
					}
					line += text
				}
				lines = append(lines, line)
			}
			o.Release()
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		out[i] = strings.Join(lines, "\n")
		b = pool.Get()
	}
	return out
}

func TestTableJoinChanges(t *testing.T) {
	in := func(lines ...string) string {
		return strings.NewReplacer("L ", "false 1970-01-01T00:00:00Z 1970-01-01T00:00:10Z ", "R ", "true 1970-01-01T00:00:00Z 1970-01-01T00:00:10Z ",
			"M ", "true 1970-01-01T00:00:10Z 1970-01-01T00:00:20Z ", "wm ", "wm 1970-01-01T00:00:").Replace(strings.Join(lines, "\n"))
	}
	left, full, inner := tableJoin(operators.JoinLeft, false), tableJoin(operators.JoinFull, false), tableJoin(operators.JoinInner, false)
	short := tableJoin(operators.JoinInner, false)
	short.TTL = 10 * second
	apart := tableJoin(operators.JoinLeft, false)
	apart.Apart = true
	loaded := tableJoin(operators.JoinLeft, false)
	loaded.Loaded = true
	for _, c := range []struct {
		name  string
		cfg   operators.TableJoinConfig
		hide  int
		input string
		want  string
	}{
		{"the first match replaces a row without one", left, 0, in("L a 1", "R a 2", "R a 3"), "+I a 1 NULL\n-U a 1 NULL\n+U a 1 2\n+I a 1 3"},
		{"the last match goes", left, 0, in("L a 1", "R a 2", "-D R a 2"), "+I a 1 NULL\n-U a 1 NULL\n+U a 1 2\n-U a 1 2\n+U a 1 NULL"},
		{"a partner is replaced", left, 0, in("L a 1", "R a 2", "-U R a 2", "+U R a 3"), "+I a 1 NULL\n-U a 1 NULL\n+U a 1 2\n-U a 1 2\n+U a 1 3"},
		{"a row of another key", apart, 0, in("L a 1", "R a 2", "-U R a 2", "+U R a 3", "-D R a 3"), "+I a 1 NULL\n-D a 1 NULL\n+I a 1 2\n-U a 1 2\n+U a 1 3\n-D a 1 3\n+I a 1 NULL"},
		{"a partner changes its key", left, 0, in("R a 2", "L a 1", "-U R a 2", "+U R b 2"), "+I a 1 2\n-U a 1 2\n+U a 1 NULL"},
		{"a row without a match is replaced", full, 0, in("L a 1", "-U L a 1", "+U L a 2", "R b 3"), "+I a 1 NULL\n-U a 1 NULL\n+U a 2 NULL\n+I NULL NULL 3"},
		{"two rows find each other", full, 0, in("L a 1", "R a 2", "R a 3"), "+I a 1 NULL\n-U a 1 NULL\n+U a 1 2\n+I a 1 3"},
		{"rows are forgotten", short, 0, in("L a 1", "wm 01Z", "R a 2", "wm 11Z", "R a 3", "wm 12Z", "R a 4", "L a 5", "wm 30Z", "R a 6"), "+I a 1 2\n+I a 1 3\n+I a 5 3\n+I a 5 4"},
		{"what was forgotten is not taken back", short, 0, in("L a 1", "wm 01Z", "wm 12Z", "-D L a 1", "R a 2"), ""},
		{"a loaded side", loaded, 0, in("R a 1", "R a 2", "-D R a 1", "L a 3", "L b 4", "-U L a 3", "+U L a 5"), "+I a 3 2\n+I b 4 NULL\n-U a 3 2\n+U a 5 2"},
		{"a window's rows come by its end, left and right arrival", windowed(full, 0), 4,
			in("M b 1", "L b 2", "R a 3", "L a 4", "R a 5", "R c 6", "L a 7", "wm 09Z", "wm 20Z"),
			"+I b 2 NULL\n+I a 4 3\n+I a 4 5\n+I a 7 3\n+I a 7 5\n+I NULL NULL 6\n+I NULL NULL 1"},
		{"a late match takes a miss back", windowed(left, 5), 4, in("L a 1", "wm 10Z", "R a 2", "wm 16Z", "R a 3"), "+I a 1 NULL\n-U a 1 NULL\n+U a 1 2"},
		{"a window that is gone takes no row", windowed(inner, 0), 4, in("L a 1", "wm 10Z", "R a 2", "L a 3"), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			optest.Run(t, optest.Case{In: tableIn, Out: c.cfg.Out, Input: c.input, Want: c.want,
				New: func() operators.Operator { return hidden{operators.NewTableJoin(c.cfg, tableIn), c.hide} }})
		})
	}
}

// Windows that are gone leave nothing behind, and neither do keys that were forgotten.
func TestTableJoinState(t *testing.T) {
	short := tableJoin(operators.JoinFull, false)
	short.TTL = 5 * second
	for _, cfg := range []operators.TableJoinConfig{windowed(tableJoin(operators.JoinFull, false), 5), short} {
		j := operators.NewTableJoin(cfg, tableIn)
		pool, r := data.NewPool(tableIn), rand.New(rand.NewPCG(1, 2))
		out := func(b *data.Batch) error { b.Release(); return nil }
		bytes := int64(0)
		for round := range int64(200) {
			b := pool.Get()
			b.Seq = round * 1100
			for i := range 1000 {
				b.Cols[0].AppendBool(r.IntN(2) == 0)
				b.Cols[1].AppendInt(round * 10 * second)
				b.Cols[2].AppendInt((round + 1) * 10 * second)
				b.Cols[3].AppendText(fmt.Appendf(nil, "key %d", int(round)*50+r.IntN(300)))
				b.Cols[4].AppendInt(int64(i))
				b.AddRows(1, data.Insert, 0)
			}
			b.AddStep(b.N, (round+1)*10*second)
			b.Trigger = nil
			if err := j.Process(b, out); err != nil {
				t.Fatal(err)
			}
			if n := j.Rows(); n > 2000 {
				t.Fatalf("round %d: %d rows are kept", round, n)
			}
			if round == 50 {
				bytes = j.Bytes()
			}
		}
		if now := j.Bytes(); now > 2*bytes {
			t.Errorf("%d bytes at the end, %d after 50 rounds", now, bytes)
		}
		end := pool.Get()
		end.Seq = 1 << 40
		end.AddStep(0, data.MaxTime)
		if err := j.Process(end, out); err != nil {
			t.Fatal(err)
		}
		if n := j.Rows(); n != 0 {
			t.Errorf("%d rows are left", n)
		}
	}
}
