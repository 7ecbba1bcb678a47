package operators_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"tidemark/operators"
	"tidemark/operators/data"
	"tidemark/operators/optest"
	"tidemark/operators/watermark"
)

// tableOracle is what an OverTable shows, by looking at everything anew.
type tableOracle struct {
	*oracle
	rows []oracleRow
	want strings.Builder
}

// state lists the rows of all partitions in order with their results.
func (o *tableOracle) state(k string) (list []oracleRow, results []string) {
	list = o.partition(o.rows, k)
	for i := range list {
		results = append(results, o.results(list, i))
	}
	return list, results
}

// change replaces old, if there is one, by new, if there is one, and notes what
// changes in their partition. A new row that has the place of the old one keeps its
// arrival.
func (o *tableOracle) change(old, new *oracleRow, k string) {
	before, resultsBefore := o.state(k)
	had := map[int]string{}
	was := -1
	for i, r := range before {
		had[r.seq] = resultsBefore[i]
		if old != nil && r.seq == old.seq {
			was = i
		}
	}
	if old != nil {
		o.rows = slices.DeleteFunc(o.rows, func(r oracleRow) bool { return r.seq == old.seq })
	}
	if new != nil {
		o.rows = append(o.rows, *new)
	}
	after, results := o.state(k)
	put := func(c data.Change, r oracleRow, results string) {
		fmt.Fprintf(&o.want, "%v %s %s\n", c, r.text(), results)
	}
	for i, r := range after {
		if old != nil && new == nil && i == was {
			put(data.Delete, *old, had[old.seq])
		}
		switch text, ok := had[r.seq]; {
		case new != nil && r.seq == new.seq && old != nil:
			if r.text() != old.text() || results[i] != had[old.seq] {
				put(data.UpdateBefore, *old, had[old.seq])
				put(data.UpdateAfter, r, results[i])
			}
		case !ok:
			put(data.Insert, r, results[i])
		case text != results[i]:
			put(data.UpdateBefore, r, text)
			put(data.UpdateAfter, r, results[i])
		}
	}
	if old != nil && new == nil && was == len(after) {
		put(data.Delete, *old, had[old.seq])
	}
}

// TestOverTableAgainstOracle holds rows that come, go and change anywhere in their
// order to what looking at all of them anew gives.
func TestOverTableAgainstOracle(t *testing.T) {
	rounds := 80
	if testing.Short() {
		rounds = 30
	}
	for seed := range uint64(rounds) {
		r := rand.New(rand.NewPCG(seed, 12))
		spec, or := randomOver(t, r, false)
		o := &tableOracle{oracle: or}
		cfg := operators.OverTableConfig{OverConfig: spec.OverConfig, Corrects: true, When: operators.OverAtOnce, Updating: r.IntN(3) > 0}
		cfg.Time = -1
		atEnd := r.IntN(4) == 0
		if atEnd {
			cfg.When, cfg.Corrects = operators.OverAtTheEnd, false
		}
		or.cfg = &cfg.OverConfig
		var input strings.Builder
		for seq := range r.IntN(50) {
			row := randomOverRow(r, int64(r.IntN(12)), seq)
			var old *oracleRow
			// Rows that are alike are not told apart: the last to come goes.
			if cfg.Updating && len(o.rows) > 0 && r.IntN(2) == 0 {
				x := o.rows[r.IntN(len(o.rows))]
				for _, y := range o.rows {
					if y.text() == x.text() && y.seq > x.seq {
						x = y
					}
				}
				old = &x
			}
			switch {
			case old == nil:
				fmt.Fprintf(&input, "%s\n", row.text())
				o.change(nil, &row, row.k)
			case r.IntN(3) == 0:
				fmt.Fprintf(&input, "-D %s\n", old.text())
				o.change(old, nil, old.k)
			default:
				if r.IntN(2) == 0 {
					row.ts, row.k, row.n = old.ts, old.k, old.n
				}
				fmt.Fprintf(&input, "-U %s\n+U %s\n", old.text(), row.text())
				if len(cfg.Partition) > 0 && row.k != old.k {
					o.change(old, nil, old.k)
					o.change(nil, &row, row.k)
					break
				}
				if or.compare(*old, row, len(cfg.Order)) == 0 {
					row.seq = old.seq
					o.replace(old, row)
					break
				}
				o.change(old, &row, row.k)
			}
		}
		if atEnd {
			o.want.Reset()
			list := slices.Clone(o.rows)
			slices.SortFunc(list, func(a, b oracleRow) int { return a.seq - b.seq })
			for _, row := range list {
				part, results := o.state(row.k)
				i := slices.IndexFunc(part, func(x oracleRow) bool { return x.seq == row.seq })
				fmt.Fprintf(&o.want, "+I %s %s\n", row.text(), results[i])
			}
		}
		input.WriteString("end\n")
		c := optest.Case{In: overIn, Out: cfg.Out, Input: input.String(), Want: o.want.String(),
			New: func() operators.Operator { return narrow{operators.NewOverTable(cfg, overIn), len(cfg.Out)} }}
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { optest.Run(t, c) })
		if t.Failed() {
			t.Fatalf("seed %d: %+v\n%s", seed, cfg, input.String())
		}
	}
}

// replace puts a row in the place of another that has the same one in the order.
func (o *tableOracle) replace(old *oracleRow, row oracleRow) {
	before, resultsBefore := o.state(old.k)
	for i := range o.rows {
		if o.rows[i].seq == old.seq {
			o.rows[i] = row
		}
	}
	after, results := o.state(row.k)
	for i, r := range after {
		if r.text() != before[i].text() || results[i] != resultsBefore[i] {
			fmt.Fprintf(&o.want, "-U %s %s\n+U %s %s\n", before[i].text(), resultsBefore[i], r.text(), results[i])
		}
	}
}

// Rows in order of time are emitted at once and corrected, until the watermark has
// passed them: then they are forgotten.
func TestOverTableInTime(t *testing.T) {
	rounds := 60
	if testing.Short() {
		rounds = 30
	}
	for seed := range uint64(rounds) {
		r := rand.New(rand.NewPCG(seed, 13))
		spec, or := randomOver(t, r, true)
		o := &tableOracle{oracle: or}
		cfg := operators.OverTableConfig{OverConfig: spec.OverConfig, Corrects: true, When: operators.OverAtOnce, Timeless: true}
		lateness := int64(r.IntN(3))
		cfg.Lateness = watermark.Lateness{Allowed: lateness * seconds}
		or.cfg = &cfg.OverConfig
		var input strings.Builder
		w, now := int64(-100), int64(0)
		for seq := range r.IntN(60) {
			now += int64(r.IntN(3))
			row := randomOverRow(r, max(0, now-int64(r.IntN(6))), seq)
			fmt.Fprintln(&input, row.text())
			if row.ts >= w-lateness {
				o.change(nil, &row, row.k)
			}
			if r.IntN(3) == 0 && now-3 > w {
				w = now - int64(1+r.IntN(2))
				fmt.Fprintf(&input, "wm %s\n", data.AppendTimestamp(nil, day0+w*seconds))
			}
		}
		input.WriteString("end\n")
		c := optest.Case{In: overIn, Out: cfg.Out, Input: input.String(), Want: o.want.String(),
			New: func() operators.Operator { return narrow{operators.NewOverTable(cfg, overIn), len(cfg.Out)} }}
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { optest.Run(t, c) })
		if t.Failed() {
			t.Fatalf("seed %d: %+v\n%s", seed, cfg, input.String())
		}
	}
}

// What a window holds is shown when it closes, in order of window and partition, and
// corrected until it is gone.
func TestOverTableClosesWindows(t *testing.T) {
	in := data.Schema{{Name: "window_end", Type: data.Of(data.Timestamp)}, {Name: "k", Type: data.Of(data.String)}, {Name: "n", Type: data.Of(data.BigInt)}}
	cfg := operators.OverTableConfig{When: operators.OverAtClose, Updating: true, Corrects: true,
		OverConfig: operators.OverConfig{Partition: []int{0, 1}, Order: []operators.SortKey{{Column: 2, Desc: true}}, Peers: 1, Time: -1, BatchRows: 2, PassTime: true,
			Lateness: watermark.Lateness{Allowed: 60 * seconds}, Calls: []operators.OverCall{{Func: operators.OverRank, Filter: -1}},
			Out: append(append(data.Schema(nil), in...), data.Column{Name: "rank", Type: data.Of(data.BigInt)}), Account: &operators.Account{}}}
	optest.Run(t, optest.Case{In: in, Out: cfg.Out, Steps: true,
		Begin: func() { *cfg.Account = operators.Account{} },
		New:   func() operators.Operator { return operators.NewOverTable(cfg, in) },
		Input: day(`
			10:05 b 1
			10:05 a 3
			10:10 a 7
			10:05 a 4
			-U 10:05 a 3
			+U 10:05 a 5
			wm 10:04
			wm 10:05
			10:05 b 2
			-D 10:05 a 4
			wm 10:06
			-U 10:05 b 1
			+U 10:05 b 2
			wm 10:06:01
			10:05 b 9
			end`),
		Want: day(`
			wm 10:04
			+I 10:05 a 5 1
			+I 10:05 a 4 2
			+I 10:05 b 1 1
			wm 10:05
			+I 10:05 b 2 1
			-U 10:05 b 1 1
			+U 10:05 b 1 2
			-D 10:05 a 4 2
			wm 10:06
			-U 10:05 b 1 2
			+U 10:05 b 2 1
			wm 10:06:01
			+I 10:10 a 7 1
			end`)})
	if late := cfg.Account.Late.Load(); late != 1 {
		t.Errorf("%d late rows", late)
	}
}

// Keys that are quiet, and rows that no frame reaches, take no memory.
func TestOverForgets(t *testing.T) {
	o := newOver().agg(t, "SUM", rangeOf(-10, 0), -1).value(operators.OverLast, 0, rangeOf(-5, 0), true)
	table := operators.OverTableConfig{OverConfig: newOver().agg(t, "SUM", rangeOf(-10, 0), -1).OverConfig, Corrects: true}
	for name, op := range map[string]interface {
		operators.Operator
		Bytes() int64
	}{"passed": operators.NewOver(o.OverConfig, overIn), "at once": operators.NewOverTable(table, overIn)} {
		pool := data.NewPool(overIn)
		most := int64(0)
		for i := range 400 {
			b := pool.Get()
			b.Seq = int64(i) * 100
			for k := range 100 {
				b.Cols[0].AppendInt(day0 + int64(i)*seconds)
				b.Cols[1].AppendText(fmt.Appendf(nil, "key %d", i*100+k))
				b.Cols[2].AppendInt(1)
				b.Cols[3].AppendNull()
			}
			b.N = 100
			b.AddStep(b.N, day0+int64(i)*seconds)
			if err := op.Process(b, func(b *data.Batch) error { b.Release(); return nil }); err != nil {
				t.Fatal(err)
			}
			if i == 100 {
				most = op.Bytes()
			}
		}
		if last := op.Bytes(); last > 2*most {
			t.Errorf("%s: %d bytes after 10 000 keys, %d after 40 000", name, most, last)
		}
	}
}
