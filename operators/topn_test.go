package operators_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sort"
	"strings"
	"testing"

	"tidemark/operators"
	"tidemark/operators/data"
	"tidemark/operators/optest"
	"tidemark/operators/watermark"
)

// topOf is a TopN of n rows of overIn by k, the largest n first.
func topOf(n int, number bool) operators.TopNConfig {
	cfg := operators.TopNConfig{
		Partition: []int{1}, Order: []operators.SortKey{{Column: 2, Desc: true}}, N: n, Number: number, WindowEnd: -1, BatchRows: 3, Out: overIn,
	}
	cfg.Replaces = n == 1
	if number {
		cfg.Out = append(append(data.Schema(nil), overIn...), data.Column{Name: "rn", Type: data.Of(data.BigInt)})
	}
	return cfg
}

func topCase(cfg operators.TopNConfig, input, want string) optest.Case {
	return optest.Case{In: overIn, Out: cfg.Out, Steps: true, Input: input, Want: want,
		New: func() operators.Operator { return operators.NewTopN(cfg, overIn) }}
}

func TestTopN(t *testing.T) {
	cfg := topOf(2, true)
	optest.Run(t, topCase(cfg, `
		2026-01-05T10:00:00Z A 5 a
		2026-01-05T10:00:01Z A 7 b
		2026-01-05T10:00:02Z A 4 c
		2026-01-05T10:00:03Z B 1 d
		2026-01-05T10:00:04Z A 7 e
		end`, `
		+I 2026-01-05T10:00:00Z A 5 a 1
		-U 2026-01-05T10:00:00Z A 5 a 1
		+U 2026-01-05T10:00:01Z A 7 b 1
		+I 2026-01-05T10:00:00Z A 5 a 2
		+I 2026-01-05T10:00:03Z B 1 d 1
		-U 2026-01-05T10:00:00Z A 5 a 2
		+U 2026-01-05T10:00:04Z A 7 e 2
		end`))
	// Without numbers what leaves is deleted.
	optest.Run(t, topCase(topOf(2, false), `
		2026-01-05T10:00:00Z A 5 a
		2026-01-05T10:00:01Z A 7 b
		2026-01-05T10:00:02Z A 4 c
		2026-01-05T10:00:04Z A 7 e
		end`, `
		+I 2026-01-05T10:00:00Z A 5 a
		+I 2026-01-05T10:00:01Z A 7 b
		-D 2026-01-05T10:00:00Z A 5 a
		+I 2026-01-05T10:00:04Z A 7 e
		end`))
	// The last row of each key: of those that tie the last to arrive.
	last := topOf(1, false)
	last.Order, last.ArrivalDesc = []operators.SortKey{{Column: 0, Desc: true}}, true
	optest.Run(t, topCase(last, `
		2026-01-05T10:00:00Z A 5 a
		2026-01-05T10:00:00Z A 7 b
		2026-01-05T09:00:00Z A 4 c
		2026-01-05T10:00:00Z A 7 b
		2026-01-05T10:00:04Z NULL 7 e
		end`, `
		+I 2026-01-05T10:00:00Z A 5 a
		-U 2026-01-05T10:00:00Z A 5 a
		+U 2026-01-05T10:00:00Z A 7 b
		+I 2026-01-05T10:00:04Z NULL 7 e
		end`))
}

// A window shows its first rows when it closes, in order of the partitions, and what
// changes them as long as it is kept.
func TestTopNOfWindows(t *testing.T) {
	cfg := topOf(1, true)
	cfg.Partition, cfg.WindowEnd, cfg.Lateness = []int{0, 1}, 0, watermark.Lateness{Allowed: 60_000_000}
	cfg.PassTime, cfg.Account = true, &operators.Account{}
	c := topCase(cfg, `
		2026-01-05T10:05:00Z B 1 a
		2026-01-05T10:05:00Z A 7 b
		2026-01-05T10:10:00Z A 4 c
		2026-01-05T10:05:00Z A 8 d
		wm 2026-01-05T10:05:00Z
		2026-01-05T10:05:00Z A 3 e
		2026-01-05T10:05:00Z B 2 f
		wm 2026-01-05T10:06:00.000001Z
		2026-01-05T10:05:00Z B 9 g
		end`, `
		+I 2026-01-05T10:05:00Z A 8 d 1
		+I 2026-01-05T10:05:00Z B 1 a 1
		wm 2026-01-05T10:05:00Z
		-U 2026-01-05T10:05:00Z B 1 a 1
		+U 2026-01-05T10:05:00Z B 2 f 1
		wm 2026-01-05T10:06:00.000001Z
		+I 2026-01-05T10:10:00Z A 4 c 1
		end`)
	c.Begin = func() { cfg.Account.Late.Store(0) }
	optest.Run(t, c)
	if n := cfg.Account.Late.Load(); n != 1 {
		t.Errorf("%d rows were late", n)
	}
}

// topOracle knows what a TopN emits, by sorting everything anew.
type topOracle struct {
	cfg  operators.TopNConfig
	or   *oracle
	rows []oracleRow
	want strings.Builder
	wm   int64
	// With a TTL: the watermark before the last row of each partition, and its first value.
	last  map[string]int64
	begin int64
}

// first returns the first rows of a partition.
func (o *topOracle) first(of oracleRow) []oracleRow {
	part := o.or.partition(slices.DeleteFunc(slices.Clone(o.rows), func(r oracleRow) bool { return !o.together(r, of) }), of.k)
	return part[:min(len(part), o.cfg.N)]
}

// together reports whether two rows are of one partition.
func (o *topOracle) together(r, s oracleRow) bool {
	return (o.cfg.WindowEnd < 0 || r.ts == s.ts) && (len(o.or.cfg.Partition) == 0 || r.k == s.k)
}

func (o *topOracle) put(c data.Change, r oracleRow, place int) {
	fmt.Fprintf(&o.want, "%v %s", c, r.text())
	if o.cfg.Number {
		fmt.Fprintf(&o.want, " %d", place+1)
	}
	o.want.WriteString("\n")
}

// gone reports whether a row is of a window that is gone.
func (o *topOracle) gone(r oracleRow) bool {
	return o.cfg.WindowEnd >= 0 && o.cfg.Lateness.Gone(day0+r.ts*seconds, o.wm)
}

func (o *topOracle) live(r oracleRow) bool {
	return o.cfg.WindowEnd < 0 || o.cfg.Lateness.Closed(day0+r.ts*seconds, o.wm)
}

// touch forgets the rows of the partition of one that comes, if none has for too long.
func (o *topOracle) touch(r oracleRow) {
	if o.cfg.TTL == 0 {
		return
	}
	k := r.k
	if len(o.or.cfg.Partition) == 0 {
		k = ""
	}
	if last, known := o.last[k]; known && o.wm > max(last, o.begin)+o.cfg.TTL {
		o.rows = slices.DeleteFunc(o.rows, func(x oracleRow) bool { return o.together(x, r) })
	}
	o.last[k] = o.wm
}

// change replaces old, if there is one, by new, if there is one, both of a partition.
func (o *topOracle) change(old, new *oracleRow) {
	of := new
	if of == nil {
		of = old
	}
	if o.gone(*of) {
		return
	}
	o.touch(*of)
	before := o.first(*of)
	if old != nil {
		o.rows = slices.DeleteFunc(o.rows, func(r oracleRow) bool { return r.seq == old.seq })
	}
	if new != nil {
		o.rows = append(o.rows, *new)
	}
	if !o.live(*of) {
		return
	}
	now := o.first(*of)
	if !o.cfg.Number {
		o.changeRows(before, now, old, new)
		return
	}
	for i := range max(len(before), len(now)) {
		switch {
		case i >= len(before):
			o.put(data.Insert, now[i], i)
		case i >= len(now):
			o.put(data.Delete, before[i], i)
		case before[i].text() != now[i].text():
			o.put(data.UpdateBefore, before[i], i)
			o.put(data.UpdateAfter, now[i], i)
		}
	}
}

// changeRows emits the rows that are no more among the first, and those that have come.
func (o *topOracle) changeRows(before, now []oracleRow, old, new *oracleRow) {
	missing := func(from, in []oracleRow) (list []oracleRow) {
		for _, r := range from {
			if !slices.ContainsFunc(in, func(s oracleRow) bool { return s.seq == r.seq && s.text() == r.text() }) {
				list = append(list, r)
			}
		}
		return list
	}
	left, come := missing(before, now), missing(now, before)
	if len(left) > 1 || len(come) > 1 {
		panic("more than one")
	}
	switch {
	case len(left) == 1 && len(come) == 1 && left[0].text() == come[0].text():
	case len(left) == 1 && len(come) == 1 && (o.cfg.Replaces || old != nil && new != nil && left[0].text() == old.text() && come[0].text() == new.text()):
		o.put(data.UpdateBefore, left[0], 0)
		o.put(data.UpdateAfter, come[0], 0)
	default:
		for _, r := range left {
			o.put(data.Delete, r, 0)
		}
		for _, r := range come {
			o.put(data.Insert, r, 0)
		}
	}
}

// advance moves the watermark: windows close.
func (o *topOracle) advance(to int64) {
	var closing []oracleRow
	for _, r := range o.rows {
		if !o.live(r) && (to == data.MaxTime || o.cfg.Lateness.Closed(day0+r.ts*seconds, to)) {
			closing = append(closing, r)
		}
	}
	if o.wm == data.MinTime {
		o.begin = to
	}
	o.wm = to
	sort.SliceStable(closing, func(i, j int) bool {
		a, b := closing[i], closing[j]
		switch {
		case a.ts != b.ts:
			return a.ts < b.ts
		case (a.k == "NULL") != (b.k == "NULL"):
			return b.k == "NULL"
		}
		return a.k < b.k
	})
	for i, r := range closing {
		if i > 0 && o.together(r, closing[i-1]) {
			continue
		}
		for place, f := range o.first(r) {
			o.put(data.Insert, f, place)
		}
	}
}

// TestTopNAgainstOracle holds rows that come, go and change anywhere in their order,
// of windows and of none, to what looking at all of them anew gives.
func TestTopNAgainstOracle(t *testing.T) {
	rounds := 200
	if testing.Short() {
		rounds = 60
	}
	for seed := range uint64(rounds) {
		r := rand.New(rand.NewPCG(seed, 31))
		o := newTopOracle(r)
		var input strings.Builder
		wm := int64(0)
		for seq := range r.IntN(60) {
			if (o.cfg.WindowEnd >= 0 || o.cfg.TTL > 0) && r.IntN(4) == 0 {
				wm += 1 + int64(r.IntN(2))
				fmt.Fprintf(&input, "wm %s\n", data.AppendTimestamp(nil, day0+wm*seconds))
				o.advance(day0 + wm*seconds)
			}
			o.step(r, &input, randomOverRow(r, max(0, wm-2)+int64(r.IntN(6)), seq))
		}
		input.WriteString("end\n")
		o.advance(data.MaxTime)
		c := topCase(o.cfg, input.String(), o.want.String())
		c.Steps = false
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { optest.Run(t, c) })
		if t.Failed() {
			t.Fatalf("seed %d: %+v\n%s", seed, o.cfg, input.String())
		}
	}
}

func newTopOracle(r *rand.Rand) *topOracle {
	cfg := topOf(1+r.IntN(4), r.IntN(2) == 0)
	cfg.Replaces = r.IntN(2) == 0
	cfg.BatchRows, cfg.Updating, cfg.PassTime = 1+r.IntN(5), r.IntN(3) > 0, r.IntN(2) == 0
	if r.IntN(8) == 0 {
		cfg.N = 20
	}
	if r.IntN(4) == 0 {
		cfg.Partition = nil
	}
	cfg.Order[0].Desc, cfg.Order[0].NullsFirst, cfg.ArrivalDesc = r.IntN(2) == 0, r.IntN(2) == 0, r.IntN(3) == 0
	if r.IntN(2) == 0 {
		cfg.WindowEnd, cfg.Partition = 0, append([]int{0}, cfg.Partition...)
		if r.IntN(2) == 0 {
			cfg.Lateness.Allowed = r.Int64N(4) * seconds
		}
		cfg.Lateness.Inclusive = r.IntN(3) == 0
	}
	if cfg.WindowEnd < 0 && r.IntN(2) == 0 {
		cfg.TTL = (1 + r.Int64N(3)) * seconds
	}
	o := &topOracle{cfg: cfg, wm: data.MinTime, last: map[string]int64{}}
	part := cfg.Partition
	if cfg.WindowEnd >= 0 {
		part = part[1:]
	}
	o.or = &oracle{cfg: &operators.OverConfig{Partition: part, Order: cfg.Order, ArrivalDesc: cfg.ArrivalDesc}}
	return o
}

// step adds row to the input, or lets it take the place of another one, or takes that
// one back.
func (o *topOracle) step(r *rand.Rand, input *strings.Builder, row oracleRow) {
	var old *oracleRow
	if o.cfg.Updating && len(o.rows) > 0 && r.IntN(2) == 0 {
		x := o.rows[r.IntN(len(o.rows))]
		for _, y := range o.rows { // of rows that are alike the last to come goes
			if y.text() == x.text() && y.seq > x.seq {
				x = y
			}
		}
		old = &x
	}
	switch {
	case old == nil:
		fmt.Fprintf(input, "%s\n", row.text())
		o.change(nil, &row)
	case r.IntN(3) == 0:
		fmt.Fprintf(input, "-D %s\n", old.text())
		o.change(old, nil)
	default:
		if r.IntN(2) == 0 {
			row.ts, row.k, row.n = old.ts, old.k, old.n
		}
		fmt.Fprintf(input, "-U %s\n+U %s\n", old.text(), row.text())
		switch {
		case !o.together(*old, row):
			o.change(old, nil)
			o.change(nil, &row)
			return
		case o.or.compare(*old, row, len(o.cfg.Order)) == 0:
			row.seq = old.seq // it keeps its place
		}
		o.change(old, &row)
	}
}
