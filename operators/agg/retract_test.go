package agg

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tidemark/operators/data"
)

// argLists returns the types of the arguments with which an aggregate may be called,
// a fraction aside.
func argLists(e *entry) [][]data.Type {
	var lists [][]data.Type
	for _, x := range argTypes {
		s := Spec{Name: e.name, Args: []data.Type{x}}
		switch {
		case e.name == "WINDOW_COMPLETENESS":
			return [][]data.Type{nil} // its argument is a constant
		case strings.Contains(e.name, "PERCENTILE"):
			half := data.NewConst(data.Of(data.Int))
			half.AppendInt(1)
			s.Args, s.Consts = append(s.Args, half.Type), []*data.Vector{nil, half}
		case e.least == 2:
			for _, y := range argTypes {
				s.Args = []data.Type{x, y}
				if _, err := Resolve(s); err == nil {
					lists = append(lists, s.Args)
				}
			}
			continue
		}
		if _, err := Resolve(s); err == nil {
			lists = append(lists, s.Args[:1])
		}
	}
	return lists
}

// drawSpec draws a call of an aggregate.
func drawSpec(t *rapid.T, name string, updating bool) (Spec, *Func) {
	s := Spec{
		Name:        name,
		Distinct:    rapid.Bool().Draw(t, "distinct"),
		IgnoreNulls: rapid.Bool().Draw(t, "ignore nulls"),
		Time:        rapid.Bool().Draw(t, "time"),
		Updating:    updating,
		Regrouping:  rapid.Bool().Draw(t, "regrouping"),
		Sliding:     rapid.Bool().Draw(t, "sliding"),
	}
	// Few different values are counted exactly in the compact form, too.
	s.Approximate = !updating && name == "COUNT" && s.Distinct && rapid.Bool().Draw(t, "approximate")
	e := find(name)
	args := rapid.SampledFrom(argLists(e)).Draw(t, "arguments")
	key := func(typ data.Type) OrderKey {
		return OrderKey{Type: typ, Desc: rapid.Bool().Draw(t, "desc"), NullsFirst: rapid.Bool().Draw(t, "nulls first")}
	}
	text := func(typ data.Type, s string) *data.Vector {
		v := data.NewConst(typ)
		if err := data.NewTextParser(typ, nil).Append(v, []byte(s)); err != nil {
			t.Fatal(err)
		}
		return v
	}
	percentile := strings.Contains(e.name, "PERCENTILE")
	withinGroup := (percentile || e.name == "MODE") && rapid.Bool().Draw(t, "within group")
	if withinGroup {
		s.Order = []OrderKey{key(args[0])}
	} else if e.least > 0 || e.name == "MODE" || rapid.Bool().Draw(t, "not *") {
		s.Args, s.Consts = args, make([]*data.Vector, len(args))
	}
	switch {
	case e.name == "WINDOW_COMPLETENESS":
		expected := text(data.Of(data.BigInt), "3")
		s.Args, s.Consts = []data.Type{expected.Type}, []*data.Vector{expected}
	case percentile:
		fraction := text(data.DecimalType(3, 2), rapid.SampledFrom([]string{"0", "0.5", "0.33", "0.95", "1"}).Draw(t, "fraction"))
		s.Args, s.Consts = append(s.Args, fraction.Type), append(s.Consts, fraction)
	case e.name == "STRING_AGG":
		separator := text(data.Of(data.String), rapid.SampledFrom([]string{"", ", "}).Draw(t, "separator"))
		s.Args, s.Consts = append(s.Args, separator.Type), append(s.Consts, separator)
	}
	if e.most > 0 && len(s.Order) == 0 && !percentile {
		for range rapid.IntRange(0, 2).Draw(t, "keys") {
			s.Order = append(s.Order, key(rapid.SampledFrom(argTypes).Draw(t, "type")))
		}
		if s.Distinct && len(s.Order) > 0 && len(s.Args) > 0 {
			s.Order = s.Order[:1]
			s.Order[0].Type = s.Args[0]
		}
	}
	f, err := Resolve(s)
	if err != nil {
		t.Skip(err)
	}
	return s, f
}

// drawRows draws the columns of a call.
func drawRows(t *rapid.T, f *Func, n int) Rows {
	var in Rows
	for _, typ := range f.Args {
		in.Cols = append(in.Cols, drawColumn(t, typ, n))
	}
	for _, k := range f.Order {
		in.Cols = append(in.Cols, drawColumn(t, k.Type, n))
	}
	if f.UsesTime {
		in.Cols = append(in.Cols, drawColumn(t, data.Of(data.Timestamp), n))
	}
	for _, v := range in.Cols {
		for i := range v.Floats {
			v.Floats[i] += 0 // kept values have no -0
		}
	}
	return in
}

// ofEach runs a check of every aggregate, for inputs that only add rows and for
// those that take them back.
func ofEach(t *testing.T, check func(t *rapid.T, name string, updating bool)) {
	for _, info := range Infos() {
		for _, updating := range []bool{false, true} {
			if updating && strings.HasPrefix(info.Name, "APPROX_") {
				continue
			}
			t.Run(fmt.Sprintf("%s updating %v", info.Name, updating), func(t *testing.T) {
				rapid.Check(t, func(t *rapid.T) { check(t, info.Name, updating) })
			})
		}
	}
}

// TestAgainstModel adds rows and takes some back, in pieces, with merges, groups
// that unite and end, and snapshots in between, and compares every step with the
// model.
func TestAgainstModel(t *testing.T) {
	ofEach(t, func(t *rapid.T, name string, updating bool) {
		spec, f := drawSpec(t, name, updating)
		const groups = 2
		n := rapid.IntRange(0, 25).Draw(t, "rows")
		in := drawRows(t, f, n)
		models := [groups]model{{spec: spec, f: f, in: in}, {spec: spec, f: f, in: in}}
		s := f.New()
		s.Resize(groups)
		// Where no rows are taken back, they may come in any order: their arrival
		// numbers tell.
		arrival := make([]int, n)
		for i := range arrival {
			arrival[i] = i
		}
		if !updating && n > 0 {
			arrival = rapid.Permutation(arrival).Draw(t, "order")
		}
		next := 0
		var live [groups][]int // rows added and not taken back, as they were given
		check := func() {
			got := results(f, s, groups)
			for g := range groups {
				checkResult(t, spec, &models[g], got[g])
			}
		}
		for step := 0; next < n || updating && step < 40 && len(live[0])+len(live[1]) > 0; step++ {
			if !updating || next < n && rapid.IntRange(0, 2).Draw(t, "add") > 0 {
				part := rapid.IntRange(1, n-next).Draw(t, "part")
				var to, rows []int32
				for ; part > 0; part-- {
					g := rapid.IntRange(0, groups-1).Draw(t, "group")
					r := arrival[next]
					to, rows = append(to, int32(g)), append(rows, int32(r))
					models[g].add(r, int64(r)+in.Seq)
					live[g] = append(live[g], r)
					next++
				}
				if rapid.IntRange(0, 3).Draw(t, "merge") == 0 {
					other := f.New()
					other.Resize(groups)
					renamed := make([]int32, len(to))
					for k := range to {
						renamed[k] = groups - 1 - to[k]
					}
					other.Update(renamed, rows, in)
					s.Merge([]int32{1, 0}, other)
				} else {
					s.Update(to, rows, in)
				}
			} else {
				g := rapid.IntRange(0, groups-1).Draw(t, "group")
				if len(live[g]) == 0 {
					continue
				}
				k := rapid.IntRange(0, len(live[g])-1).Draw(t, "retracted")
				r := live[g][k]
				live[g] = slices.Delete(live[g], k, k+1)
				models[g].retract(r)
				late := in
				late.Seq += 1000 // it comes again as another row
				s.(Retracter).Retract([]int32{int32(g)}, []int32{int32(r)}, late)
			}
			if c, ok := s.(Compacter); ok && rapid.IntRange(0, 2).Draw(t, "compact") == 0 {
				compacted := []int32{int32(rapid.IntRange(0, groups-1).Draw(t, "compacted"))}
				if rapid.Bool().Draw(t, "summarize") {
					c.Summarize(compacted)
				} else {
					c.Compact(compacted)
				}
			}
			if spec.Regrouping && rapid.IntRange(0, 3).Draw(t, "regroup") == 0 {
				regroup(t, s.(Regrouper), models[:], live[:])
			}
			if sub, ok := s.(Subtracter); ok && spec.Sliding && rapid.IntRange(0, 3).Draw(t, "slide") == 0 {
				slide(t, f, sub, models[:], live[:])
			}
			if rapid.IntRange(0, 4).Draw(t, "save") == 0 {
				s = reload(t, f, s)
			}
			check()
		}
		check()
		// A Reset leaves nothing behind.
		s.Reset()
		s.Resize(groups)
		for g := range models {
			models[g].rows = nil
		}
		check()
	})
}

// regroup adds one of two groups to the other, ends one, or does both.
func regroup(t *rapid.T, s Regrouper, models []model, live [][]int) {
	from := rapid.IntRange(0, 1).Draw(t, "from")
	to := 1 - from
	what := rapid.IntRange(0, 2).Draw(t, "what")
	if what > 0 && len(models[to].rows) < 100 {
		s.Join([]int32{int32(to)}, []int32{int32(from)})
		models[to].rows = append(models[to].rows, models[from].rows...)
		slices.SortStableFunc(models[to].rows, func(a, b modelRow) int { return cmp.Compare(a.seq, b.seq) })
		live[to] = append(live[to], live[from]...)
	}
	if what < 2 {
		s.Clear([]int32{int32(from)})
		models[from].rows, live[from] = nil, nil
	}
}

// slide adds a group to the other and takes it out again: what stays is what was
// there.
func slide(t *rapid.T, f *Func, s Subtracter, models []model, live [][]int) {
	from := rapid.IntRange(0, 1).Draw(t, "slid")
	to := 1 - from
	s.Join([]int32{int32(to)}, []int32{int32(from)})
	if rapid.Bool().Draw(t, "and look") { // a result in between changes nothing
		results(f, s, 2)
	}
	s.Subtract([]int32{int32(to)}, []int32{int32(from)})
}

// reload returns a state loaded from what s saved.
func reload(t fatal, f *Func, s State) State {
	saved := s.AppendSnapshot([]byte("before"))
	loaded := f.New()
	rest, err := loaded.LoadSnapshot(append(saved, "after"...)[len("before"):])
	if err != nil || string(rest) != "after" {
		t.Fatal("loading ", f, ": ", err, ", left ", string(rest))
	}
	return loaded
}

func checkResult(t *rapid.T, spec Spec, m *model, got string) {
	if m.f.Name == "APPROX_PERCENTILE" {
		return // see TestApproxPercentileIsWithinItsBound
	}
	want := m.result()
	switch {
	case got == want:
	case want == "overflow" && strings.Contains(got, "does not fit"):
	case strings.HasPrefix(want, "a key of") && strings.Contains(got, want):
	default:
		var rows []string
		for _, r := range m.rows {
			var values []string
			for c := range m.in.Cols {
				values = append(values, m.text(c, r))
			}
			rows = append(rows, fmt.Sprintf("%q@%d", values, r.seq))
		}
		t.Fatalf("%v of %+v, rows %v\ngot  %q\nwant %q", m.f, spec, rows, got, want)
	}
}
