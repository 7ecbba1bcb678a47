package plan

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"tidemark/operators/data"
)

// Load is what EXPLAIN STATE works its estimates out for.
type Load struct {
	RowsPerSecond float64 // of each source
	Keys          int64   // groups, and keys of a join
}

// describeState returns a node's headline and the lines about what it remembers
// under a load.
func (l Load) describeState(n Node) (title string, details []string) {
	title, _ = describe(n)
	switch n := n.(type) {
	case *Scan:
		return title, []string{"rows: " + perTime(l.RowsPerSecond)}
	case *Aggregate:
		return title, l.aggregateState(n)
	case *IntervalJoin:
		return title, l.joinState(n)
	case *Join:
		return title, n.stateLines(l)
	case *FrameJoin:
		return title, n.stateLines(l)
	case *TopN:
		return title, l.topState(n)
	case *Sort:
		if len(n.Keys) > 0 && n.Limit >= 0 {
			return title, []string{fmt.Sprintf("state: at most a few times %d rows", n.Limit+n.Offset)}
		}
	}
	p := n.Properties()
	if p.State == "" {
		return title, nil
	}
	lines := []string{"state: " + p.State}
	switch o, ranked := n.(*Over); {
	case ranked && o.MostRank > 0 && unbounded(n):
		lines = append(lines, "warning: a key stays for ever: "+grows+", when ever new keys come")
	case unbounded(n):
		lines = append(lines, "warning: "+grows)
	}
	return title, lines
}

const grows = "it grows as long as the input does"

// unbounded reports whether what a node remembers has no bound but its input's.
func unbounded(n Node) bool {
	switch n := n.(type) {
	case *Aggregate:
		return n.Window == nil && len(n.Keys) > 0
	case *TopN:
		return n.TTL == 0 && (n.Emit == OverPassed || n.Emit == OverChanges && (n.keyed() || n.Input.Properties().Updating))
	case *Over:
		return (n.Emit == OverAtEnd || n.Emit == OverChanges && n.Time < 0) && (n.MostRank == 0 || len(n.Partition) > 0)
	case *Sort, *Upsert:
		return true
	}
	return false
}

// rate returns the rows a second that come to n, as far as the sources tell.
func (l Load) rate(n Node) float64 {
	sources := 0
	Walk(n, func(n Node) {
		if _, ok := n.(*Scan); ok {
			sources++
		}
	})
	return float64(max(sources, 1)) * l.RowsPerSecond
}

// delay returns the greatest delay of the watermarks below n, microseconds.
func delay(n Node) int64 {
	most := int64(0)
	Walk(n, func(n Node) {
		switch n := n.(type) {
		case *Scan:
			most = max(most, n.Timing.Delay)
		case *Watermark:
			most = max(most, n.Timing.Delay)
		}
	})
	return most
}

func (l Load) aggregateState(n *Aggregate) []string {
	keys := l.Keys
	if !n.keyed() {
		keys = 1
	}
	bytes := int64(0)
	for _, a := range n.Aggs {
		bytes += accumulated(a)
	}
	one := fmt.Sprintf("%s × %d bytes = %s of values", countOf(keys, "group"), bytes, size(keys*bytes))
	if n.keyed() {
		one += ", beside the keys"
	}
	if n.Window == nil {
		lines := append([]string{"state: " + one}, n.keptValues(0)...)
		if unbounded(n) {
			lines = append(lines, "warning: a group stays for ever: "+grows+", when ever new keys come")
		}
		return lines
	}
	lag := delay(n.Input)
	w := n.Window
	if w.Kind == Attached {
		return append([]string{
			"result: when the watermark has passed the end of the window, as below",
			"state: " + one + ", in each window that is open below",
		}, n.keptValues(0)...)
	}
	if w.Kind == Session {
		kept := ", for one open session of each key"
		if n.Lateness > 0 {
			kept += " and those that have closed in the last " + Duration(n.Lateness)
		}
		return append([]string{
			"result: at least " + Duration(w.Gap) + " after the last row of a session, and " + Duration(lag) + " for the watermark",
			"state: " + one + kept,
		}, n.keptValues(0)...)
	}
	rate := l.rate(n.Input)
	inWindow := rate * float64(w.Size) / 1e6
	rows := "rows: " + perTime(rate) + "; " + number(inWindow) + " in a window in all"
	if len(n.Keys) > 0 {
		rows += ", " + number(inWindow/float64(keys)) + " of each key"
	}
	fan := (w.Size + w.Slide - 1) / w.Slide
	open := fan + (lag+w.Slide-1)/w.Slide
	if n.Lateness > 0 {
		open = fan + 1 + (lag+n.Lateness)/w.Slide
	}
	wait := lag
	if n.Emit == EmitFinal {
		wait += n.Lateness
	}
	lines := append([]string{
		rows,
		"result: at least " + Duration(wait) + " after the end of a window",
		"open: at most " + countOf(open, "window") + " of a key at once",
		"state: " + one + ", in a window; " + size(open*keys*bytes) + " in those that are open at once",
	}, n.keptValues(inWindow)...)
	return append(lines, n.compacted()...)
}

// keptValues says which aggregates keep the values of a group's rows, and how much that may
// be for as many rows, 0 where nobody can say.
func (n *Aggregate) keptValues(rows float64) []string {
	var names []string
	each := int64(0)
	for _, a := range n.Aggs {
		if a.Func.KeepsValues() {
			names = append(names, a.Text)
			for _, t := range a.Func.Args {
				each += width(t)
			}
		}
	}
	switch {
	case names == nil:
		return nil
	case rows == 0:
		return []string{"values: of each group those of its rows, for " + strings.Join(names, ", ")}
	}
	return []string{"values: those of the rows, for " + strings.Join(names, ", ") + ": at most " + number(rows) + " × " + countOf(each, "byte") + " = " + size(int64(rows)*each) + " in a window"}
}

func (l Load) joinState(n *IntervalJoin) []string {
	wait := float64(max(delay(n.Left), delay(n.Right))) + float64(n.Lateness)
	side := func(in Node, ahead int64) int64 {
		return int64(math.Ceil(l.rate(in) * max(0, float64(ahead)+wait) / 1e6))
	}
	left, right := side(n.Left, n.After), side(n.Right, n.Before)
	// A row takes its columns, and 22 bytes for its key, its time and its place.
	bytes := left*(rowWidth(n.Left.Schema())+22) + right*(rowWidth(n.Right.Schema())+22)
	return []string{
		fmt.Sprintf("rows: %s from the left, %s from the right", perTime(l.rate(n.Left)), perTime(l.rate(n.Right))),
		fmt.Sprintf("state: about %s of the left and %d of the right = %s", countOf(left, "row"), right, size(bytes)),
	}
}

// accumulated returns how many bytes an aggregate's values take for a group, as far
// as they do not grow with its rows.
func accumulated(a AggCall) int64 {
	switch f := a.Func; {
	case f.Name == "AVG":
		return 16
	case len(f.Args) > 0 && f.Flat():
		return width(f.Args[0])
	default:
		return width(f.Result)
	}
}

// width returns about how many bytes a value takes: a text is taken for 16.
func width(t data.Type) int64 {
	switch t.Class() {
	case data.ClassWide, data.ClassBytes:
		return 16
	}
	return 8
}

// rowWidth returns about how many bytes a row takes.
func rowWidth(s data.Schema) int64 {
	n := int64(0)
	for _, c := range s {
		n += width(c.Type)
	}
	return n
}

// perTime writes a rate.
func perTime(perSecond float64) string {
	if perSecond < 10 {
		return number(perSecond*60) + " a minute"
	}
	return number(perSecond) + " a second"
}

// number writes a number to three digits.
func number(x float64) string {
	switch {
	case x >= 100:
		return strconv.FormatFloat(math.Round(x), 'f', -1, 64)
	case x >= 10:
		return strconv.FormatFloat(math.Round(x*10)/10, 'f', -1, 64)
	case x >= 0.005:
		return strconv.FormatFloat(math.Round(x*100)/100, 'f', -1, 64)
	}
	return strings.Replace(strconv.FormatFloat(x, 'g', 2, 64), "e-0", "e-", 1)
}

func countOf(n int64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.FormatInt(n, 10) + " " + what + "s"
}

// size writes a number of bytes.
func size(bytes int64) string {
	for _, u := range []struct {
		of   int64
		name string
	}{{1_000_000_000, "GB"}, {1_000_000, "MB"}, {1000, "KB"}} {
		if bytes >= u.of {
			return number(float64(bytes)/float64(u.of)) + " " + u.name
		}
	}
	return countOf(bytes, "byte")
}
