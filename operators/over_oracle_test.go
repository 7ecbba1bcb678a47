package operators_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"

	"tidemark/operators"
	"tidemark/operators/agg"
	"tidemark/operators/data"
	"tidemark/operators/optest"
	"tidemark/operators/watermark"
)

// oracleRow is a row of overIn: its time in seconds, and NULLs as nil.
type oracleRow struct {
	ts  int64
	k   string
	n   *int64
	s   *string
	seq int // arrival
}

func (r oracleRow) text() string {
	n, s := "NULL", "NULL"
	if r.n != nil {
		n = strconv.FormatInt(*r.n, 10)
	}
	if r.s != nil {
		s = *r.s
	}
	return strings.Join([]string{string(data.AppendTimestamp(nil, day0+r.ts*seconds)), r.k, n, s}, " ")
}

// day0 is 2026-01-05T10:00:00Z.
const day0 = 1767607200 * seconds

// oracle computes window functions by their definitions, over a sorted list.
type oracle struct {
	cfg   *operators.OverConfig
	names []string // of the aggregates
	// instant says that the row in hand is none: it stands for a time alone.
	instant bool
}

// before orders two rows as the window does, by the first so many columns.
func (o *oracle) compare(a, b oracleRow, columns int) int {
	for _, k := range o.cfg.Order[:columns] {
		c := 0
		switch k.Column {
		case 0:
			c = int(a.ts - b.ts)
		case 2:
			switch {
			case a.n == nil && b.n == nil:
				continue
			case a.n == nil || b.n == nil:
				if (a.n == nil) == k.NullsFirst {
					return -1
				}
				return 1
			}
			c = int(*a.n - *b.n)
		}
		if k.Desc {
			c = -c
		}
		if c != 0 {
			return c
		}
	}
	return 0
}

// partition returns the rows of one partition in order.
func (o *oracle) partition(rows []oracleRow, k string) []oracleRow {
	var part []oracleRow
	for _, r := range rows {
		if len(o.cfg.Partition) == 0 || r.k == k {
			part = append(part, r)
		}
	}
	sort.SliceStable(part, func(i, j int) bool {
		if c := o.compare(part[i], part[j], len(o.cfg.Order)); c != 0 {
			return c < 0
		}
		return (part[i].seq < part[j].seq) != o.cfg.ArrivalDesc
	})
	return part
}

// key returns the value that a RANGE goes by.
func (o *oracle) key(r oracleRow) (x int64, null bool) {
	if o.cfg.Order[0].Column == 0 {
		return r.ts * seconds, false
	}
	if r.n == nil {
		return 0, true
	}
	return *r.n, false
}

// frame lists the places of the rows in the frame of the row at place i.
func (o *oracle) frame(part []oracleRow, i int, f operators.OverFrame) (in []int) {
	after := func(j int, b operators.FrameBound) bool { // not before where the frame begins
		switch {
		case b.Kind == operators.FromFirst:
			return true
		case f.Rows:
			return int64(j) >= int64(i)+b.Rows
		case b.Kind == operators.FromPeers:
			return o.compare(part[j], part[i], o.cfg.Peers) >= 0
		}
		x, xn := o.key(part[j])
		y, yn := o.key(part[i])
		if xn || yn {
			return o.compare(part[j], part[i], 1) >= 0
		}
		if o.cfg.Order[0].Desc {
			return x <= y+b.By.Ints[0]
		}
		return x >= y+b.By.Ints[0]
	}
	upTo := func(j int, b operators.FrameBound) bool {
		switch {
		case b.Kind == operators.FromLast:
			return true
		case f.Rows:
			return int64(j) <= int64(i)+b.Rows
		case b.Kind == operators.FromPeers:
			return o.compare(part[j], part[i], o.cfg.Peers) <= 0
		}
		x, xn := o.key(part[j])
		y, yn := o.key(part[i])
		if xn || yn {
			return o.compare(part[j], part[i], 1) <= 0
		}
		if o.cfg.Order[0].Desc {
			return x >= y+b.By.Ints[0]
		}
		return x <= y+b.By.Ints[0]
	}
	for j := range part {
		if after(j, f.Start) && upTo(j, f.End) && !(o.instant && j == i) {
			in = append(in, j)
		}
	}
	return in
}

// results returns the texts of the functions for the row at place i.
func (o *oracle) results(part []oracleRow, i int) string {
	var out []string
	for c, call := range o.cfg.Calls {
		out = append(out, o.result(part, i, call, o.names[c]))
	}
	return strings.Join(out, " ")
}

func (o *oracle) result(part []oracleRow, i int, c operators.OverCall, name string) string {
	value := func(js []int, at int) string {
		var from []int
		for _, j := range js {
			if !c.IgnoreNulls || part[j].s != nil {
				from = append(from, j)
			}
		}
		if at < 0 {
			at += len(from)
		}
		if at < 0 || at >= len(from) || part[from[at]].s == nil {
			return "NULL"
		}
		return *part[from[at]].s
	}
	less, ties, distinct := 0, 0, 0
	for j := range part {
		switch d := o.compare(part[j], part[i], o.cfg.Peers); {
		case d < 0:
			less++
			if j == 0 || o.compare(part[j-1], part[j], o.cfg.Peers) != 0 {
				distinct++
			}
		case d == 0:
			ties++
		}
	}
	whole := make([]int, len(part))
	for j := range part {
		whole[j] = j
	}
	switch c.Func {
	case operators.OverRowNumber:
		return strconv.Itoa(i + 1)
	case operators.OverRank:
		return strconv.Itoa(less + 1)
	case operators.OverDenseRank:
		return strconv.Itoa(distinct + 1)
	case operators.OverPercentRank:
		return string(data.AppendDouble(nil, float64(less)/float64(max(1, len(part)-1))))
	case operators.OverCumeDist:
		return string(data.AppendDouble(nil, float64(less+ties)/float64(len(part))))
	case operators.OverNtile:
		sizes := make([]int, c.N)
		for j := range part {
			sizes[j%int(c.N)]++
		}
		left := i
		for t, size := range sizes {
			if left -= size; left < 0 {
				return strconv.Itoa(t + 1)
			}
		}
	case operators.OverLag, operators.OverLead:
		var seen []int
		for j := i - 1; j >= 0 && c.Func == operators.OverLag; j-- {
			seen = append(seen, j)
		}
		for j := i + 1; j < len(part) && c.Func == operators.OverLead; j++ {
			seen = append(seen, j)
		}
		if c.IgnoreNulls {
			seen = slices.DeleteFunc(seen, func(j int) bool { return part[j].s == nil })
		}
		if int(c.N) <= len(seen) {
			if s := part[seen[c.N-1]].s; s != nil {
				return *s
			}
			return "NULL"
		}
		if c.Default >= 0 {
			return part[i].k
		}
		return "NULL"
	case operators.OverFirst:
		return value(o.frame(part, i, c.Frame), 0)
	case operators.OverLast:
		return value(o.frame(part, i, c.Frame), -1)
	case operators.OverNth:
		return value(o.frame(part, i, c.Frame), int(c.N)-1)
	case operators.OverAggregate:
		return o.aggregate(part, o.frame(part, i, c.Frame), name)
	}
	return "?"
}

func (o *oracle) aggregate(part []oracleRow, in []int, name string) string {
	sum, n, most := int64(0), 0, int64(0)
	for _, j := range in {
		if x := part[j].n; x != nil {
			if n == 0 || *x > most {
				most = *x
			}
			sum += *x
			n++
		}
	}
	switch {
	case name == "COUNT":
		return strconv.Itoa(n)
	case n == 0:
		return "NULL"
	case name == "MAX":
		return strconv.FormatInt(most, 10)
	}
	return strconv.FormatInt(sum, 10)
}

// random draws window functions over an order; ordered by time alone when passed is
// set. whole allows functions of the whole partition.
func randomOver(t *testing.T, r *rand.Rand, passed bool) (*over, *oracle) {
	o := newOver()
	if r.IntN(5) == 0 {
		o.Partition = nil
	}
	orders := [][]operators.SortKey{
		{{Column: 0}}, {{Column: 0}, {Column: 2, Desc: true, NullsFirst: true}}, {{Column: 2}}, {{Column: 2, Desc: true, NullsFirst: true}}, {{Column: 0, Desc: true}}, nil,
	}
	if passed {
		orders = orders[:2]
	}
	o.Order = orders[r.IntN(len(orders))]
	if o.Peers = len(o.Order); o.Peers == 2 && r.IntN(2) == 0 {
		o.Peers = 1
	}
	o.ArrivalDesc = o.Peers == 1 && o.Order[0].Column == 0 && o.Order[0].Desc
	or := &oracle{cfg: &o.OverConfig}
	bound := func(most int) operators.FrameBound {
		if len(o.Order) == 1 && r.IntN(2) == 0 {
			v := data.NewConst(data.Of(data.BigInt))
			unit := int64(1)
			if o.Order[0].Column == 0 {
				v, unit = data.NewConst(data.Of(data.Timestamp)), seconds
			}
			x := int64(r.IntN(7)-most) * unit
			if o.Order[0].Desc {
				x = -x
			}
			v.AppendInt(x)
			return operators.FrameBound{Kind: operators.FromOffset, By: v}
		}
		return operators.FrameBound{Kind: operators.FromPeers}
	}
	frame := func() operators.OverFrame {
		f := operators.OverFrame{Rows: r.IntN(2) == 0}
		if f.Rows {
			a := int64(r.IntN(6) - 4)
			f.Start, f.End = operators.FrameBound{Kind: operators.FromOffset, Rows: a}, operators.FrameBound{Kind: operators.FromOffset, Rows: a + int64(r.IntN(4))}
		} else {
			f.Start, f.End = bound(4), bound(2)
		}
		if r.IntN(3) == 0 {
			f.Start = operators.FrameBound{Kind: operators.FromFirst}
		}
		if !passed && r.IntN(4) == 0 {
			f.End = operators.FrameBound{Kind: operators.FromLast}
		}
		return f
	}
	for range 1 + r.IntN(3) {
		nulls := r.IntN(2) == 0
		name := ""
		switch k := r.IntN(12); {
		case k < 4:
			name = []string{"SUM", "COUNT", "MAX"}[r.IntN(3)]
			f, err := agg.Resolve(agg.Spec{Name: name, Args: []data.Type{data.Of(data.BigInt)}, Updating: true})
			if err != nil {
				t.Fatal(err)
			}
			o.call(operators.OverCall{Agg: f, Cols: []int{2}, Filter: -1, Frame: frame()}, f.Result)
		case k == 4:
			o.plain([]operators.OverFunc{operators.OverRowNumber, operators.OverRank, operators.OverDenseRank}[r.IntN(3)], 0)
		case k == 5 && !passed:
			o.plain([]operators.OverFunc{operators.OverPercentRank, operators.OverCumeDist, operators.OverNtile}[r.IntN(3)], 1+r.Int64N(4))
		case k < 8:
			def := -1
			if r.IntN(2) == 0 {
				def = 1
			}
			o.offset([]operators.OverFunc{operators.OverLag, operators.OverLead}[r.IntN(2)], 1+r.Int64N(3), def, nulls)
		default:
			o.value([]operators.OverFunc{operators.OverFirst, operators.OverLast, operators.OverNth}[r.IntN(3)], 1+r.Int64N(3), frame(), nulls)
		}
		or.names = append(or.names, name)
	}
	return o, or
}

func randomOverRow(r *rand.Rand, ts int64, seq int) oracleRow {
	row := oracleRow{ts: ts, k: []string{"a", "b", "c"}[r.IntN(3)], seq: seq}
	if r.IntN(5) > 0 {
		n := r.Int64N(7) - 2
		row.n = &n
	}
	if r.IntN(3) > 0 {
		s := string(rune('p' + r.IntN(6)))
		row.s = &s
	}
	return row
}

// TestOverAgainstOracle holds the functions over rows in order of time, out of order
// and late, to their definitions over all rows that are used.
func TestOverAgainstOracle(t *testing.T) {
	rounds := 60
	if testing.Short() {
		rounds = 40
	}
	for seed := range uint64(rounds) {
		r := rand.New(rand.NewPCG(seed, 11))
		o, or := randomOver(t, r, true)
		lateness := int64(r.IntN(3) * 2)
		o.Lateness = watermark.Lateness{Allowed: lateness * seconds}
		o.PassTime = r.IntN(2) == 0
		var input, want strings.Builder
		var used, sequenced []oracleRow
		emitted := map[int]bool{}
		w, now := int64(-100), int64(0)
		show := func() {
			all := append([]oracleRow(nil), used...)
			sort.SliceStable(all, func(i, j int) bool { return all[i].ts < all[j].ts })
			for _, row := range all {
				if !emitted[row.seq] && or.ready(sequenced, row, w-lateness) {
					emitted[row.seq] = true
					part := or.partition(sequenced, row.k)
					i := slices.IndexFunc(part, func(x oracleRow) bool { return x.seq == row.seq })
					fmt.Fprintf(&want, "+I %s %s\n", row.text(), or.results(part, i))
				}
			}
		}
		for seq := range r.IntN(60) {
			now += int64(r.IntN(3))
			row := randomOverRow(r, max(0, now-int64(r.IntN(6))), seq)
			fmt.Fprintln(&input, row.text())
			if row.ts >= w-lateness {
				used = append(used, row)
			}
			if r.IntN(3) == 0 && now-3 > w {
				w = now - int64(1+r.IntN(2))
				fmt.Fprintf(&input, "wm %s\n", data.AppendTimestamp(nil, day0+w*seconds))
				sequenced = nil
				for _, x := range used {
					if x.ts < w-lateness {
						sequenced = append(sequenced, x)
					}
				}
				show()
			}
		}
		input.WriteString("end\n")
		w, sequenced = 1<<40, used
		show()
		o.Account = &operators.Account{}
		c := optest.Case{In: overIn, Out: o.Out, Input: input.String(), Want: want.String(),
			Begin: func() { *o.Account = operators.Account{} },
			New: func() operators.Operator {
				return onTime{t, narrow{operators.NewOver(o.OverConfig, overIn), len(o.Out)}, new(int64)}
			}}
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { optest.Run(t, c) })
		if t.Failed() {
			t.Fatalf("seed %d: %+v\n%s", seed, o.OverConfig, input.String())
		}
	}
}

// ready reports whether a row has been passed together with all rows of its frames,
// when rows before limit are.
func (o *oracle) ready(sequenced []oracleRow, row oracleRow, limit int64) bool {
	if limit > 1<<39 {
		return true
	}
	if row.ts >= limit {
		return false
	}
	part := o.partition(sequenced, row.k)
	i := slices.IndexFunc(part, func(x oracleRow) bool { return x.seq == row.seq })
	for _, c := range o.cfg.Calls {
		ahead := int64(0)
		switch {
		case c.Func == operators.OverLead && c.IgnoreNulls:
			n := int64(0)
			for _, x := range part[i+1:] {
				if x.s != nil {
					n++
				}
			}
			if n < c.N {
				return false
			}
		case c.Func == operators.OverLead:
			ahead = c.N
		case c.Func != operators.OverAggregate && c.Func < operators.OverFirst:
		case c.Frame.Rows:
			ahead = c.Frame.End.Rows
		case c.Frame.End.Kind == operators.FromOffset:
			if row.ts*seconds+c.Frame.End.By.Ints[0] >= limit*seconds {
				return false
			}
		}
		if int64(i)+ahead >= int64(len(part)) {
			return false
		}
	}
	return true
}

// onTime checks that an operator never emits a row that its own watermark has passed.
type onTime struct {
	t *testing.T
	narrow
	passed *int64
}

func (o onTime) Process(b *data.Batch, out operators.Output) error {
	return o.narrow.Process(b, func(b *data.Batch) error {
		step := 0
		for i := range b.N {
			for ; step < len(b.Steps) && b.Steps[step].Row <= i; step++ {
				*o.passed = max(*o.passed, b.Steps[step].Time)
			}
			if ts := b.Cols[0].Ints[b.Cols[0].Index(i)]; ts < *o.passed {
				o.t.Errorf("a row of %s after the watermark %s", data.AppendTimestamp(nil, ts), data.AppendTimestamp(nil, *o.passed))
			}
		}
		for ; step < len(b.Steps); step++ {
			*o.passed = max(*o.passed, b.Steps[step].Time)
		}
		return out(b)
	})
}
