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
)

// sessionModel is a Session done by hand: it keeps the rows of each key that are
// in sessions and puts them into sessions anew for every row. It computes COUNT(*),
// SUM, MIN, COUNT(DISTINCT) and ARRAY_AGG.
type sessionModel struct {
	cfg  operators.SessionConfig
	wm   int64
	keys map[string][]*modelSession
	out  []string
	late int64
	rows int64
}

type modelRow struct {
	at, arrival int64
	v           string // "NULL" or with two digits
}

type modelSession struct {
	key    string
	rows   []modelRow // by time, then arrival
	shown  *modelShown
	closed bool
}

// modelShown is a row of the result.
type modelShown struct {
	start, end int64
	key, line  string
}

func (s *modelSession) start() int64 { return s.rows[0].at }

func (m *sessionModel) end(s *modelSession) int64 { return s.rows[len(s.rows)-1].at + m.cfg.Gap }

func (m *sessionModel) closes(end int64) bool { return m.wm > end || m.wm == math.MaxInt64 }

func (m *sessionModel) gone(end int64) bool { return m.closes(end + m.cfg.Lateness.Allowed) }

// row renders a session as a row of the result.
func (m *sessionModel) row(s *modelSession) *modelShown {
	rows := slices.Clone(s.rows)
	slices.SortFunc(rows, func(a, b modelRow) int { return cmp.Compare(a.arrival, b.arrival) })
	sum, least, values, list := "NULL", "NULL", map[string]bool{}, []string{}
	total, lowest := new(big.Rat), new(big.Rat)
	for _, r := range rows {
		list = append(list, r.v)
		if r.v == "NULL" {
			list[len(list)-1] = "null"
			continue
		}
		x, _ := new(big.Rat).SetString(r.v)
		if total.Add(total, x); len(values) == 0 || x.Cmp(lowest) < 0 {
			lowest = x
		}
		values[r.v] = true
		sum, least = total.FloatString(2), lowest.FloatString(2)
	}
	r := &modelShown{start: s.start(), end: m.end(s), key: s.key}
	r.line = fmt.Sprintf("%s %s %s %d %s %s %d [%s]", data.AppendTimestamp(nil, r.start), data.AppendTimestamp(nil, r.end), s.key,
		len(rows), sum, least, len(values), strings.Join(list, ","))
	return r
}

func (m *sessionModel) emit(c data.Change, r *modelShown) {
	m.out = append(m.out, c.String()+" "+r.line)
}

// order is the order of what one row or move of the watermark makes.
func order(a, b *modelShown) int {
	if c := cmp.Or(cmp.Compare(a.end, b.end), cmp.Compare(a.start, b.start)); c != 0 || a.key == b.key {
		return c
	}
	switch {
	case a.key == "NULL":
		return 1
	case b.key == "NULL":
		return -1
	}
	return cmp.Compare(a.key, b.key)
}

// part puts rows of a key into sessions; those that are as before stay what they are.
func (m *sessionModel) part(key string, rows []modelRow) {
	slices.SortFunc(rows, func(a, b modelRow) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.arrival, b.arrival)) })
	old := m.keys[key]
	var parts []*modelSession
	for i, r := range rows {
		if i == 0 || r.at-rows[i-1].at > m.cfg.Gap {
			parts = append(parts, &modelSession{key: key})
		}
		last := parts[len(parts)-1]
		last.rows = append(last.rows, r)
	}
	for i, p := range parts {
		for _, o := range old {
			if slices.Equal(o.rows, p.rows) {
				parts[i] = o
			}
		}
	}
	m.keys[key] = parts
}

// change adds rows of a key, or takes them back.
func (m *sessionModel) change(key string, changes []data.Change, rows []modelRow) {
	old := m.keys[key]
	var have []modelRow
	for _, s := range old {
		have = append(have, s.rows...)
	}
	for i, r := range rows {
		if changes[i] == data.UpdateBefore || changes[i] == data.Delete {
			found := -1
			for k, h := range have {
				if h.at == r.at && h.v == r.v && (found < 0 || h.arrival > have[found].arrival) {
					found = k
				}
			}
			if found < 0 {
				m.late++
				continue
			}
			have = slices.Delete(have, found, found+1)
			continue
		}
		with := append(slices.Clone(have), r)
		m.part(key, with)
		kept := true
		for _, s := range m.keys[key] {
			if slices.Contains(s.rows, r) && m.gone(m.end(s)) {
				m.late++
				kept = false
			}
		}
		m.keys[key] = old
		if kept {
			have = with
		}
	}
	m.part(key, have)
	var taken []*modelSession // that were shown, and are not as they were
	for _, s := range old {
		if !slices.Contains(m.keys[key], s) && s.shown != nil {
			taken = append(taken, s)
		}
	}
	var made []*modelSession
	for _, s := range m.keys[key] {
		if !slices.Contains(old, s) {
			s.closed = m.closes(m.end(s))
			made = append(made, s)
		}
	}
	if m.cfg.Every > 0 && len(taken) == 1 && len(made) == 1 && !taken[0].closed && !made[0].closed {
		made[0].shown = taken[0].shown
		return
	}
	type change struct{ before, after *modelShown }
	var updates []change
	for _, s := range made {
		gone := m.gone(m.end(s))
		if m.cfg.Emit == operators.EmitFinal && !gone || m.cfg.Emit == operators.EmitClose && !s.closed {
			continue
		}
		if gone { // by what was taken back
			m.keys[key] = slices.DeleteFunc(m.keys[key], func(o *modelSession) bool { return o == s })
		}
		s.shown = m.row(s)
		c := change{after: s.shown}
		for i, t := range taken {
			if t.shown.start == s.shown.start && t.shown.end == s.shown.end {
				c.before = t.shown
				taken = slices.Delete(taken, i, i+1)
				break
			}
		}
		updates = append(updates, c)
	}
	slices.SortFunc(taken, func(a, b *modelSession) int { return order(a.shown, b.shown) })
	for _, t := range taken {
		m.emit(data.Delete, t.shown)
	}
	for _, c := range updates {
		switch {
		case c.before == nil:
			m.emit(data.Insert, c.after)
		case m.cfg.Updating && c.before.line == c.after.line:
		default:
			m.emit(data.UpdateBefore, c.before)
			m.emit(data.UpdateAfter, c.after)
		}
	}
}

func (m *sessionModel) step(w int64) {
	floor := func(t int64) float64 { return math.Floor(float64(t) / float64(max(1, m.cfg.Every))) }
	crossed := m.cfg.Every > 0 && floor(w) != floor(m.wm)
	m.wm = w
	var deletes []*modelShown
	var due []*modelSession
	before := map[*modelSession]*modelShown{}
	for key, list := range m.keys {
		var kept []*modelSession
		for _, s := range list {
			end := m.end(s)
			closing := !s.closed && m.closes(end)
			s.closed = s.closed || closing
			show := m.cfg.Emit == operators.EmitClose && closing || crossed || m.cfg.Emit == operators.EmitFinal && m.gone(end)
			if r := m.row(s); show && (s.shown == nil || *s.shown != *r) {
				switch {
				case s.shown == nil:
				case s.shown.start != r.start || s.shown.end != r.end:
					deletes = append(deletes, s.shown)
				default:
					before[s] = s.shown
				}
				s.shown = r
				due = append(due, s)
			}
			if !m.gone(end) {
				kept = append(kept, s)
			}
		}
		m.keys[key] = kept
	}
	slices.SortFunc(deletes, order)
	slices.SortFunc(due, func(a, b *modelSession) int { return order(a.shown, b.shown) })
	for _, r := range deletes {
		m.emit(data.Delete, r)
	}
	for _, s := range due {
		if b := before[s]; b != nil {
			m.emit(data.UpdateBefore, b)
			m.emit(data.UpdateAfter, s.shown)
		} else {
			m.emit(data.Insert, s.shown)
		}
	}
}

// run feeds lines as optest.Case.Input has them.
func (m *sessionModel) run(t *testing.T, input string) {
	m.keys, m.wm = map[string][]*modelSession{}, math.MinInt64
	times := data.NewTimeParser(nil)
	parse := func(text string) int64 {
		at, err := times.Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	names := map[string]data.Change{"+I": data.Insert, "-U": data.UpdateBefore, "+U": data.UpdateAfter, "-D": data.Delete}
	lines := strings.Split(strings.TrimSpace(input), "\n")
	one := func(line string) (data.Change, string, modelRow) {
		f := strings.Fields(line)
		c, has := names[f[0]]
		if has {
			f = f[1:]
		}
		m.rows++
		return c, f[1], modelRow{parse(f[0]), m.rows, f[2]}
	}
	for i := 0; i < len(lines); i++ {
		f := strings.Fields(lines[i])
		switch f[0] {
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
			if other == key {
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

// randomSessions draws rows around a watermark that moves on, some of them late,
// and takes some back.
func randomSessions(r *rand.Rand, rows int, updating bool) string {
	var b strings.Builder
	now, wm := int64(1_767_607_200_000_000), int64(0)
	var live []string
	draw := func() string {
		now += r.Int64N(9) * second
		key, v := []string{"A", "B", "NULL"}[r.IntN(3)], "NULL"
		if r.IntN(4) > 0 {
			v = fmt.Sprintf("%d.%02d", r.IntN(4)-2, r.IntN(2)*50)
		}
		at := now - r.Int64N(40)*second
		if r.IntN(8) == 0 {
			at -= r.Int64N(120) * second
		}
		return fmt.Sprintf("%s %s %s", data.AppendTimestamp(nil, at), key, v)
	}
	take := func() string {
		i := r.IntN(len(live))
		if r.IntN(2) == 0 {
			i = len(live) - 1 - r.IntN(min(len(live), 8))
		}
		row := live[i]
		live = slices.Delete(live, i, i+1)
		return row
	}
	for range rows {
		what := r.IntN(6)
		switch {
		case what == 0:
			if next := now - 30*second - r.Int64N(2)*r.Int64N(20*second); next > wm {
				wm = next
				fmt.Fprintf(&b, "wm %s\n", data.AppendTimestamp(nil, wm))
			}
		case updating && what == 1 && len(live) > 0:
			fmt.Fprintf(&b, "-D %s\n", take())
		case updating && what == 2 && len(live) > 0:
			old := take()
			row := draw()
			switch f := strings.Fields(old); r.IntN(3) {
			case 0: // another value
				row = f[0] + " " + f[1] + " 7.00"
			case 1: // another time
				row = strings.Fields(row)[0] + " " + f[1] + " " + f[2]
			}
			live = append(live, row)
			fmt.Fprintf(&b, "-U %s\n+U %s\n", old, row)
		default:
			live = append(live, draw())
			fmt.Fprintf(&b, "+I %s\n", live[len(live)-1])
		}
	}
	return b.String() + "end"
}

// modelConfig is a config of what sessionModel computes.
func modelConfig(t *testing.T, updating, compact bool) operators.SessionConfig {
	cfg := sessions(t)
	for _, name := range []string{"*", "SUM", "MIN", "DISTINCT COUNT", "ARRAY_AGG"} {
		spec := agg.Spec{Name: strings.TrimPrefix(name, "DISTINCT "), Args: []data.Type{in[2].Type}, Regrouping: true, Updating: updating}
		spec.Distinct = spec.Name != name
		spec.Approximate = compact && spec.Distinct && !updating
		addCall(t, &cfg.Grouping, spec)
	}
	cfg.Updating = updating
	return cfg
}

// Whatever comes and goes, in whatever batches, from whatever snapshots, under all
// ways to emit: the changelog is the model's.
func TestSessionAgainstModel(t *testing.T) {
	rounds := 120
	if testing.Short() {
		rounds = 40
	}
	for seed := range uint64(rounds) {
		r := rand.New(rand.NewPCG(seed, 23))
		cfg := modelConfig(t, r.IntN(3) == 0, seed%2 > 0)
		cfg.BatchRows = 1 + r.IntN(5)
		if r.IntN(3) > 0 {
			cfg.Lateness.Allowed = r.Int64N(90) * second
		}
		if cfg.Emit = operators.EmitMode(r.IntN(4)); cfg.Emit == 3 {
			cfg.Emit, cfg.Every = operators.EmitClose, (1+r.Int64N(40))*second
		}
		input := randomSessions(r, 60, cfg.Updating)
		model := &sessionModel{cfg: cfg}
		model.run(t, input)
		account := &operators.Account{}
		got := optest.Invariant(t, optest.Case{In: in, Out: cfg.Out, Input: input,
			Begin: func() { *account = operators.Account{} },
			New: func() operators.Operator {
				cfg.Account = account
				s := operators.NewSession(cfg, in)
				s.CompactOften(int(seed % 5))
				return s
			}}, seed)
		if want := strings.Join(model.out, "\n"); got != want {
			t.Fatalf("seed %d, %s, input\n%s\n%s", seed, describeSessions(cfg), input, difference(got, want))
		}
		if account.Late.Load() != model.late {
			t.Fatalf("seed %d: %d late rows, want %d", seed, account.Late.Load(), model.late)
		}
	}
}

func describeSessions(cfg operators.SessionConfig) string {
	return fmt.Sprintf("emit %d every %d s, lateness %d s, updating %v", cfg.Emit, cfg.Every/second, cfg.Lateness.Allowed/second, cfg.Updating)
}

// difference shows where two texts begin to differ.
func difference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	i := 0
	for i < min(len(g), len(w)) && g[i] == w[i] {
		i++
	}
	return fmt.Sprintf("line %d\ngot\n%s\nwant\n%s", i+1, strings.Join(g[max(0, i-2):min(len(g), i+6)], "\n"), strings.Join(w[max(0, i-2):min(len(w), i+6)], "\n"))
}

// Damaged snapshots are refused, or load as something that can go on; they never
// panic.
func TestSessionDamagedSnapshot(t *testing.T) {
	for seed := range uint64(12) {
		r := rand.New(rand.NewPCG(seed, 24))
		cfg := modelConfig(t, seed%2 == 0, true)
		cfg.BatchRows, cfg.Lateness.Allowed = 10, 60*second
		if seed%3 == 0 {
			cfg.Every = 5 * second
		}
		op := operators.NewSession(cfg, in)
		pool := data.NewPool(in)
		feed := func(s *operators.Session, rows int, wm int64) error {
			b := pool.Get()
			for range rows {
				b.Cols[0].AppendInt(r.Int64N(300) * second)
				b.Cols[1].AppendText([]byte{byte('A' + r.IntN(3))})
				b.Cols[2].AppendInt(r.Int64N(100))
				b.AddRows(1, data.Insert, 0)
				b.AddStep(b.N, wm+int64(b.N)*second)
			}
			if wm == data.MaxTime {
				b.Steps = nil
				b.AddStep(b.N, wm)
			}
			b.Trigger = nil
			return s.Process(b, func(o *data.Batch) error { o.Release(); return nil })
		}
		if err := feed(op, 60, 100*second); err != nil {
			t.Fatal(err)
		}
		var e data.Encoder
		op.Snapshot(&e)
		saved := e.Bytes()
		for range 150 {
			bad := slices.Clone(saved)
			bad[r.IntN(len(bad))] ^= byte(1 + r.IntN(255))
			d := data.NewDecoder(bad)
			next := operators.NewSession(cfg, in)
			if err := next.Restore(d); err != nil || d.Damaged() {
				continue
			}
			if feed(next, 5, 200*second) == nil {
				_ = feed(next, 0, data.MaxTime)
			}
			d = data.NewDecoder(saved[:r.IntN(len(saved))])
			if err := operators.NewSession(cfg, in).Restore(d); err == nil && !d.Damaged() {
				t.Fatal("a snapshot that was cut short was loaded")
			}
		}
	}
}
