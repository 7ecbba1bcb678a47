package operators_test

import (
	"cmp"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"tidemark/operators"
	"tidemark/operators/agg"
	"tidemark/operators/data"
	"tidemark/operators/optest"
	"tidemark/operators/watermark"
	"tidemark/operators/window"
)

// gridModel is windows by arithmetic: in a tumble slide is size; in a cumulate all
// windows that begin together end a step after one another.
type gridModel struct {
	size, slide, offset int64
	cumulate            bool
}

// grid returns the windows of the engine.
func (g gridModel) grid() window.Grid {
	if g.cumulate {
		return window.NewCumulate(g.slide, g.size, g.offset)
	}
	return window.NewHop(g.slide, g.size, g.offset)
}

func (m *windowModel) String() string {
	return fmt.Sprintf("size %d s, slide %d s, offset %d, cumulate %v, emit %d every %d s, lateness %d s, updating %v",
		m.grid.size/second, m.grid.slide/second, m.grid.offset, m.grid.cumulate, m.emit, m.every/second, m.lateness/second, m.updating)
}

// windows lists the windows that hold a time, in order of their ends.
func (g gridModel) windows(at int64) [][2]int64 {
	var list [][2]int64
	if g.cumulate {
		base := data.FloorDiv(at-g.offset, g.size)*g.size + g.offset
		for end := base + g.slide; end <= base+g.size; end += g.slide {
			if at < end {
				list = append(list, [2]int64{base, end})
			}
		}
		return list
	}
	start := data.FloorDiv(at-g.size-g.offset, g.slide)*g.slide + g.offset
	for ; start <= at; start += g.slide {
		if at < start+g.size {
			list = append(list, [2]int64{start, start + g.size})
		}
	}
	return list
}

// windowModel is an aggregate by windows done by hand: it keeps the rows of every
// window and key. It computes COUNT(*), SUM, MIN, COUNT(DISTINCT) and ARRAY_AGG.
type windowModel struct {
	grid         gridModel
	lateness     int64
	emit         operators.EmitMode
	every        int64
	updating     bool
	columns      int // of the result
	wm           int64
	groups       []*modelGroup
	out          []string
	late, partly int64
	arrivals     int64
}

// modelGroup is a window and key.
type modelGroup struct {
	start, end int64
	key        string
	rows       []modelRow
	shown      string // its row in the result; "" for none
	closed     bool   // it has been emitted for good, but for corrections
}

func (m *windowModel) gone(end int64) bool {
	if m.lateness == 0 || m.wm == math.MaxInt64 {
		return m.wm >= end
	}
	return m.wm > end+m.lateness
}

func (g *modelGroup) order(h *modelGroup) int {
	if c := cmp.Or(cmp.Compare(g.end, h.end), cmp.Compare(g.start, h.start)); c != 0 || g.key == h.key {
		return c
	}
	switch {
	case g.key == "NULL":
		return 1
	case h.key == "NULL":
		return -1
	}
	return cmp.Compare(g.key, h.key)
}

// line renders the first columns of the group's row; "" when there is none.
func (g *modelGroup) line(columns int) string {
	if len(g.rows) == 0 {
		return ""
	}
	rows := slices.Clone(g.rows)
	slices.SortFunc(rows, func(a, b modelRow) int { return cmp.Compare(a.arrival, b.arrival) })
	sum, least, values, list := "NULL", "NULL", map[string]bool{}, []string{}
	total, lowest := new(big.Rat), new(big.Rat)
	for _, r := range rows {
		if r.v == "NULL" {
			list = append(list, "null")
			continue
		}
		list = append(list, r.v)
		x, _ := new(big.Rat).SetString(r.v)
		if total.Add(total, x); len(values) == 0 || x.Cmp(lowest) < 0 {
			lowest = x
		}
		values[r.v] = true
		sum, least = total.FloatString(2), lowest.FloatString(2)
	}
	line := fmt.Sprintf("%s %s %s %d %s %s %d [%s]", data.AppendTimestamp(nil, g.start), data.AppendTimestamp(nil, g.end), g.key,
		len(rows), sum, least, len(values), strings.Join(list, ","))
	return strings.Join(strings.Fields(line)[:columns], " ")
}

func (m *windowModel) say(c data.Change, line string) { m.out = append(m.out, c.String()+" "+line) }

// show brings the result up to date with a group. Where nothing is taken back,
// each row counts as a change.
func (m *windowModel) show(g *modelGroup, always bool) {
	old, line := g.shown, g.line(m.columns)
	g.shown = line
	switch {
	case old == "" && line == "":
	case old == "":
		m.say(data.Insert, line)
	case line == "":
		m.say(data.Delete, old)
	case old != line || always:
		m.say(data.UpdateBefore, old)
		m.say(data.UpdateAfter, line)
	}
}

func (m *windowModel) group(start, end int64, key string) *modelGroup {
	for _, g := range m.groups {
		if g.start == start && g.end == end && g.key == key {
			return g
		}
	}
	g := &modelGroup{start: start, end: end, key: key}
	m.groups = append(m.groups, g)
	return g
}

// change adds rows of a key and pane, or takes them back.
func (m *windowModel) change(key string, changes []data.Change, rows []modelRow) {
	windows, gone := m.grid.windows(rows[0].at), 0
	for _, w := range windows {
		if m.gone(w[1]) {
			gone++
			continue
		}
		g := m.group(w[0], w[1], key)
		for i, r := range rows {
			if changes[i] != data.UpdateBefore && changes[i] != data.Delete {
				g.rows = append(g.rows, r)
				continue
			}
			found := -1 // the last one like it in its pane
			for k, h := range g.rows {
				if h.v == r.v && fmt.Sprint(m.grid.windows(h.at)) == fmt.Sprint(windows) && (found < 0 || h.arrival > g.rows[found].arrival) {
					found = k
				}
			}
			g.rows = slices.Delete(g.rows, found, found+1)
		}
		if m.emit == operators.EmitChanges || m.emit == operators.EmitClose && m.wm >= g.end {
			g.closed = m.wm >= g.end
			m.show(g, !m.updating)
		}
	}
	switch {
	case gone == len(windows):
		m.late++
	case gone > 0:
		m.partly++
	}
}

func (m *windowModel) step(w int64) {
	floor := func(t int64) float64 { return math.Floor(float64(t) / float64(max(1, m.every))) }
	crossed := m.every > 0 && floor(w) != floor(m.wm)
	m.wm = w
	slices.SortFunc(m.groups, (*modelGroup).order)
	kept := m.groups[:0]
	for _, g := range m.groups {
		switch {
		case m.emit == operators.EmitClose && w >= g.end && !g.closed, m.emit == operators.EmitFinal && m.gone(g.end):
			g.closed = true
			m.show(g, false)
		case crossed && w < g.end:
			m.show(g, false)
		}
		if !m.gone(g.end) {
			kept = append(kept, g)
		}
	}
	m.groups = kept
}

// run feeds lines as optest.Case.Input has them.
func (m *windowModel) run(t *testing.T, input string) {
	m.wm = math.MinInt64
	times := data.NewTimeParser(nil)
	parse := func(text string) int64 {
		at, err := times.Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	names := map[string]data.Change{"+I": data.Insert, "-U": data.UpdateBefore, "+U": data.UpdateAfter, "-D": data.Delete}
	one := func(line string) (data.Change, string, modelRow) {
		f := strings.Fields(line)
		c, has := names[f[0]]
		if has {
			f = f[1:]
		}
		m.arrivals++
		return c, f[1], modelRow{parse(f[0]), m.arrivals, f[2]}
	}
	lines := strings.Split(strings.TrimSpace(input), "\n")
	for i := 0; i < len(lines); i++ {
		switch f := strings.Fields(lines[i]); f[0] {
		case "end":
			m.step(math.MaxInt64)
			continue
		case "wm":
			m.step(parse(f[1]))
			continue
		}
		c, key, r := one(lines[i])
		if c == data.UpdateBefore {
			next, other, n := one(lines[i+1])
			i++
			// A row and its new version are one change where they are in the same windows.
			if key == other && fmt.Sprint(m.grid.windows(r.at)) == fmt.Sprint(m.grid.windows(n.at)) {
				m.change(key, []data.Change{c, next}, []modelRow{r, n})
			} else {
				m.change(key, []data.Change{c}, []modelRow{r})
				m.change(other, []data.Change{next}, []modelRow{n})
			}
			continue
		}
		m.change(key, []data.Change{c}, []modelRow{r})
	}
}

// randomGrid draws windows: hops whose size is a multiple of the slide or not,
// cumulates, offsets.
func randomGrid(r *rand.Rand) gridModel {
	g := gridModel{slide: (1 + r.Int64N(30)) * second}
	g.size = g.slide * (1 + r.Int64N(12))
	if g.cumulate = r.IntN(4) == 0; g.cumulate {
		g.offset = r.Int64N(g.size)
		return g
	}
	if r.IntN(2) == 0 {
		g.size += r.Int64N(g.slide)
	}
	g.offset = r.Int64N(g.slide)
	return g
}

// modelCalls are the calls that windowModel computes, and the output's columns. A COUNT
// of few different values is exact in its compact form, too.
func modelCalls(t *testing.T, updating, compact bool, names ...string) ([]operators.AggregateCall, data.Schema) {
	base := operators.Grouping{Out: data.Schema{{Name: "window_start", Type: data.Of(data.Timestamp)}, {Name: "window_end", Type: data.Of(data.Timestamp)}, {Name: "k", Type: in[1].Type}}}
	for _, name := range names {
		spec := agg.Spec{Name: strings.TrimPrefix(name, "DISTINCT "), Args: []data.Type{in[2].Type}, Sliding: true, Updating: updating}
		spec.Distinct = spec.Name != name
		spec.Approximate = compact && spec.Distinct && !updating
		addCall(t, &base, spec)
	}
	return base.Calls, base.Out
}

// grouping is what an operator is told that is held to m.
func (m *windowModel) grouping(r *rand.Rand) operators.Grouping {
	return operators.Grouping{
		Keys: []int{1}, Lateness: watermark.Lateness{Allowed: m.lateness}, Emit: m.emit, Every: m.every,
		BatchRows: 1 + r.IntN(5), Account: &operators.Account{}, Updating: m.updating,
	}
}

// The aggregate by windows side by side is held to the same model.
func TestAggregateAgainstModel(t *testing.T) {
	rounds := 40
	if testing.Short() {
		rounds = 15
	}
	for seed := range uint64(rounds) {
		r := rand.New(rand.NewPCG(seed, 31))
		m := &windowModel{updating: r.IntN(4) == 0, columns: 8}
		m.grid.size = (1 + r.Int64N(90)) * second
		m.grid.slide, m.grid.offset = m.grid.size, r.Int64N(m.grid.size)
		if r.IntN(3) > 0 {
			m.lateness = r.Int64N(90) * second
		}
		if m.updating {
			m.lateness = 3600 * second // nobody takes back what came late
		}
		m.emit = operators.EmitMode(r.IntN(3))
		input := randomSessions(r, 60, m.updating)
		m.run(t, input)
		cfg := operators.AggregateConfig{Grouping: m.grouping(r), Window: window.Tumble{Size: m.grid.size, Offset: m.grid.offset}}
		cfg.Calls, cfg.Out = modelCalls(t, m.updating, seed%4 > 1, "*", "SUM", "MIN", "DISTINCT COUNT", "ARRAY_AGG")
		got := optest.Invariant(t, optest.Case{In: in, Out: cfg.Out, Input: input,
			Begin: func() { *cfg.Account = operators.Account{} },
			New:   func() operators.Operator { return operators.NewAggregate(cfg, in) }}, seed)
		if want := strings.Join(m.out, "\n"); got != want {
			t.Fatalf("seed %d, %s, input\n%s\n%s", seed, m, input, difference(got, want))
		}
		if cfg.Account.Late.Load() != m.late {
			t.Fatalf("seed %d, %s: %d late rows, want %d", seed, m, cfg.Account.Late.Load(), m.late)
		}
	}
}

// Whatever comes, in whatever batches, from whatever snapshots, under all ways to
// emit: the changelog is the model's.
func TestSlicedAgainstModel(t *testing.T) {
	rounds := 80
	if testing.Short() {
		rounds = 30
	}
	for seed := range uint64(rounds) {
		r := rand.New(rand.NewPCG(seed, 29))
		m := &windowModel{grid: randomGrid(r), updating: r.IntN(4) == 0, columns: 8}
		if r.IntN(3) > 0 {
			m.lateness = r.Int64N(90) * second
		}
		if m.updating {
			m.lateness = 3600 * second // nobody takes back what came late
		}
		if m.emit = operators.EmitMode(r.IntN(4)); m.emit == 3 {
			m.emit, m.every = operators.EmitClose, (1+r.Int64N(40))*second
		}
		calls := []string{"*", "SUM", "MIN", "DISTINCT COUNT", "ARRAY_AGG"}
		if seed%2 == 0 { // those that are subtracted
			m.columns, calls = 5, calls[:2]
		}
		input := randomSessions(r, 60, m.updating)
		m.run(t, input)
		cfg := operators.SlicedConfig{Grouping: m.grouping(r)}
		cfg.Calls, cfg.Out = modelCalls(t, m.updating, seed%4 > 1, calls...)
		got := optest.Invariant(t, optest.Case{In: in, Out: cfg.Out, Input: input,
			Begin: func() { *cfg.Account = operators.Account{} },
			New: func() operators.Operator {
				cfg.Grid = m.grid.grid()
				s := operators.NewSliced(cfg, in)
				s.CompactOften(int(seed % 5))
				return s
			}}, seed)
		if want := strings.Join(m.out, "\n"); got != want {
			t.Fatalf("seed %d, %s, input\n%s\n%s", seed, m, input, difference(got, want))
		}
		if cfg.Account.Late.Load() != m.late || cfg.Account.PartlyLate.Load() != m.partly {
			t.Fatalf("seed %d, %s: %d late and %d partly late rows, want %d and %d", seed, m, cfg.Account.Late.Load(), cfg.Account.PartlyLate.Load(), m.late, m.partly)
		}
	}
}
