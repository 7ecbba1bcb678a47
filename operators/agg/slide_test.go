package agg

import (
	"testing"

	"pgregory.net/rapid"

	"tidemark/operators/data"
)

// TestSlide moves frames over the rows of groups, back and forth where rows may
// leave, and compares what each step gives with the model over the rows of the frame.
func TestSlide(t *testing.T) {
	ofEach(t, func(t *rapid.T, name string, updating bool) {
		spec, f := drawSpec(t, name, updating)
		const groups = 2
		n := rapid.IntRange(1, 20).Draw(t, "rows")
		in := drawRows(t, f, n)
		for r := range n {
			in.Arrivals = append(in.Arrivals, int64(3*r-5))
		}
		var order [groups][]int32 // rows of each group
		for r := range n {
			g := rapid.IntRange(0, groups-1).Draw(t, "group")
			order[g] = append(order[g], int32(r))
		}
		var lo, hi [groups]int
		var cond data.Vector
		cond.Reset(data.Of(data.Boolean))
		for range n {
			cond.AppendBool(rapid.IntRange(0, 3).Draw(t, "filter") > 0)
		}
		filtered := rapid.Bool().Draw(t, "filtered")
		type step struct {
			g      int
			lo, hi int
		}
		var m Moves
		var steps []step
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			g := rapid.IntRange(0, groups-1).Draw(t, "group")
			size := len(order[g])
			from := 0
			if updating {
				from = rapid.IntRange(0, size).Draw(t, "from")
			}
			least := from
			if !updating { // no row leaves
				least = hi[g]
			}
			to := rapid.IntRange(least, size).Draw(t, "to")
			for i, r := range order[g] {
				was, is := i >= lo[g] && i < hi[g], i >= from && i < to
				switch {
				case was && !is:
					m.Take(int32(g), r)
				case is && !was:
					m.Add(int32(g), r)
				}
			}
			m.End(int32(g))
			lo[g], hi[g] = from, to
			steps = append(steps, step{g, from, to})
		}
		moves := &m
		if filtered {
			moves = &Moves{}
			moves.Only(&cond, &m)
		}
		s := f.New()
		s.Resize(groups)
		var out data.Vector
		out.Reset(f.Result)
		failed := map[int]string{}
		for from := 0; ; {
			bad, err := Slide(s, moves, from, in, &out)
			if err == nil {
				break
			}
			failed[bad] = "error: " + err.Error()
			out.AppendNull()
			from = bad + 1
		}
		for k, st := range steps {
			md := model{spec: spec, f: f, in: in}
			for _, r := range order[st.g][st.lo:st.hi] {
				if !filtered || cond.Bools[r] {
					md.add(int(r), in.Arrivals[r])
				}
			}
			got := failed[k]
			switch {
			case got != "":
			case out.IsNull(k):
				got = "NULL"
			case f.Result.Kind == data.Double:
				got = doubleText(out.Floats[k])
			default:
				got = string(data.AppendText(nil, &out, k))
			}
			checkResult(t, spec, &md, got)
		}
	})
}
