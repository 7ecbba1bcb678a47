package window

import (
	"fmt"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tidemark/operators/data"
)

// span is a window [start, end).
type span struct{ start, end int64 }

func (s span) String() string { return fmt.Sprintf("[%s, %s)", show(s.start), show(s.end)) }

// windowsOf returns the windows that hold ts by asking the grid for one end after
// the other.
func windowsOf(g Grid, ts int64) []span {
	var list []span
	for end := g.NextEnd(ts); g.Start(end) <= ts; end = g.NextEnd(end) {
		list = append(list, span{g.Start(end), end})
	}
	return list
}

// checkGrid holds a grid against the windows that hold ts, in order of their ends.
func checkGrid(t *rapid.T, name string, g Grid, ts int64, want []span) {
	if got := windowsOf(g, ts); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Fatalf("%s: %s is in\n%s, want\n%s", name, show(ts), got, want)
	}
	p := g.Pane(ts)
	if ts < p.Start || ts >= p.End || g.Pane(p.Start) != p || g.Pane(p.End-1) != p {
		t.Fatalf("%s: the pane of %s is %+v; that of its bounds %+v and %+v", name, show(ts), p, g.Pane(p.Start), g.Pane(p.End-1))
	}
	for _, inside := range []int64{p.Start, p.End - 1} {
		if fmt.Sprint(windowsOf(g, inside)) != fmt.Sprint(want) {
			t.Fatalf("%s: %s and %s are in one pane, and not in the same windows", name, show(ts), show(inside))
		}
	}
	for _, outside := range []int64{p.Start - 1, p.End} {
		if fmt.Sprint(windowsOf(g, outside)) == fmt.Sprint(want) {
			t.Fatalf("%s: %s and %s are in the same windows, and not in one pane", name, show(ts), show(outside))
		}
		if q := g.Pane(outside); q.Cell != p.Cell && (q.Cell < p.Cell) != (outside < ts) {
			t.Fatalf("%s: the cells of %+v and %+v are not in order", name, p, q)
		}
	}
	if last := want[len(want)-1].end; g.LastEnd(p) != last {
		t.Fatalf("%s: the last window with %s ends at %s, want %s", name, show(ts), show(g.LastEnd(p)), show(last))
	}
	if g.Cell(ts) != p.Cell {
		t.Fatalf("%s: %s is in cell %d and its pane in %d", name, show(ts), g.Cell(ts), p.Cell)
	}
	for _, w := range want { // windows are whole cells up to their last one
		if c := g.Cell(w.start); w.start > math.MinInt64 && g.Cell(w.start-1) >= c {
			t.Fatalf("%s: the window %s starts within cell %d", name, w, c)
		}
	}
}

func TestHop(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		slide := rapid.Int64Range(1, 50).Draw(t, "slide")
		size := slide + rapid.Int64Range(0, 300).Draw(t, "more")
		offset := rapid.Int64Range(0, slide-1).Draw(t, "offset")
		ts := rapid.Int64Range(-2000, 2000).Draw(t, "ts")
		var want []span
		for i := int64(-3000); i < 3000; i++ { // windows are told by arithmetic: one starts at every slide
			if w := (span{i*slide + offset, i*slide + offset + size}); w.start <= ts && ts < w.end {
				want = append(want, w)
			}
		}
		checkGrid(t, fmt.Sprintf("HOP %d, %d, %d", slide, size, offset), NewHop(slide, size, offset), ts, want)
	})
}

func TestCumulate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		step := rapid.Int64Range(1, 50).Draw(t, "step")
		size := step * rapid.Int64Range(1, 20).Draw(t, "steps")
		offset := rapid.Int64Range(0, size-1).Draw(t, "offset")
		ts := rapid.Int64Range(-2000, 2000).Draw(t, "ts")
		var want []span
		base := data.FloorDiv(ts-offset, size)*size + offset
		for end := base + step; end <= base+size; end += step {
			if ts < end {
				want = append(want, span{base, end})
			}
		}
		checkGrid(t, fmt.Sprintf("CUMULATE %d, %d, %d", step, size, offset), NewCumulate(step, size, offset), ts, want)
	})
}

// In a time zone windows start with the cells of its calendar.
func TestZonedGrids(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		loc, ts := moment(t)
		ts += rapid.Int64Range(0, minute-1).Draw(t, "us")
		days := rapid.Bool().Draw(t, "days")
		slide := rapid.SampledFrom([]int64{7 * minute, 30 * minute, hour, 5 * hour, 12 * hour}).Draw(t, "slide")
		size := slide * rapid.Int64Range(1, 6).Draw(t, "slides")
		size += rapid.SampledFrom([]int64{0, 0, slide / 3}).Draw(t, "more")
		if days {
			slide = rapid.SampledFrom([]int64{1, 1, 2, 7}).Draw(t, "slide in days") * data.Day
			size = slide + rapid.Int64Range(0, 9).Draw(t, "more days")*data.Day
		}
		offset := rapid.SampledFrom([]int64{0, 0, 15 * minute}).Draw(t, "offset") % slide
		name := fmt.Sprintf("HOP %d, %d minutes, offset %d in %s", slide/minute, size/minute, offset/minute, loc)
		cells := NewCalendar(loc, slide, offset)
		var want []span
		for start := cells.Start(ts - size - 4*data.Day); start <= ts; start = cells.End(start) {
			end := start + size
			if days { // so many days by the calendar: cells of a day, one after the other
				end = start
				day := NewCalendar(loc, data.Day, offset)
				for range size / data.Day {
					end = day.End(end)
				}
			}
			if ts < end {
				want = append(want, span{start, end})
			}
		}
		if !days || slide == data.Day || len(cells.skipped) == 0 { // else days are counted by their date
			checkGrid(t, name, NewZonedHop(loc, slide, size, offset), ts, want)
		}
		checkGrid(t, "side by side: "+name, NewSide(cells), ts, []span{{cells.Start(ts), cells.NextEnd(ts)}})
		checkZonedCumulate(t, loc, ts, slide, rapid.Int64Range(1, 6).Draw(t, "steps"), offset)
	})
}

// checkZonedCumulate holds windows that grow by so many steps against the windows of that
// length side by side: one ends wherever one of these does, so that steps begin anew with
// each day as well.
func checkZonedCumulate(t *rapid.T, loc *time.Location, ts, step, steps, offset int64) {
	size := step * steps
	if size > data.Day && size%data.Day != 0 {
		if size = 7 * data.Day; data.Day%step != 0 {
			return // they are refused
		}
	}
	base, cells := NewCalendar(loc, size, offset), NewCalendar(loc, step, offset)
	var want []span
	for end := base.Start(ts); end < base.NextEnd(ts); {
		if end = cells.NextEnd(end); ts < end {
			want = append(want, span{base.Start(ts), end})
		}
	}
	checkGrid(t, fmt.Sprintf("CUMULATE %d, %d minutes, offset %d in %s", step/minute, size/minute, offset/minute, loc), NewZonedCumulate(loc, step, size, offset), ts, want)
}

// At the ends of time grids neither hang nor go back.
func TestGridExtremes(t *testing.T) {
	loc := zone(t, "Europe/Berlin")
	for name, g := range map[string]Grid{
		"hop": NewHop(7, 100, 3), "long hop": NewHop(math.MaxInt64/3, math.MaxInt64/2, 5), "cumulate": NewCumulate(7, 70, 3),
		"zoned hop": NewZonedHop(loc, hour, 30*hour, 0), "daily hop": NewZonedHop(loc, data.Day, 7*data.Day, 0),
		"zoned cumulate": NewZonedCumulate(loc, hour, data.Day, 0), "daily cumulate": NewZonedCumulate(loc, data.Day, 7*data.Day, 4*data.Day), "side": NewSide(NewCalendar(loc, 5*hour, 0)),
	} {
		for _, ts := range []int64{math.MinInt64, math.MinInt64 + 1, math.MinInt64 + 150, -horizon, horizon, math.MaxInt64 - 150, math.MaxInt64 - 1} {
			p := g.Pane(ts)
			first := g.NextEnd(p.End - 1)
			if ts < p.Start || ts >= p.End || first < p.End || g.LastEnd(p) < first || g.NextEnd(ts) != first || g.Start(first) > p.Start {
				t.Errorf("%s: the pane of %d is [%d, %d); windows from %d, which starts at %d, to %d", name, ts, p.Start, p.End, first, g.Start(first), g.LastEnd(p))
			}
		}
		if end := g.NextEnd(math.MaxInt64); end != math.MaxInt64 {
			t.Errorf("%s: next end after the end of time: %d", name, end)
		}
		for _, from := range []int64{math.MinInt64, -10, math.MaxInt64 - 2000} {
			for end, n := g.NextEnd(from), 0; n < 100 && end < math.MaxInt64; n++ {
				next := g.NextEnd(end)
				if next <= end {
					t.Fatalf("%s: after the end %d comes %d", name, end, next)
				}
				end = next
			}
		}
	}
}
