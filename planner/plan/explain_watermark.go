package plan

import (
	"fmt"
	"strings"
)

// describeWatermark returns a node's headline and the lines about how it makes,
// waits for and passes on the watermark W.
func describeWatermark(n Node) (title string, details []string) {
	title, _ = describe(n)
	switch n := n.(type) {
	case *Scan:
		return title, scanWatermark(n)
	case *Watermark:
		return title, timingLines(watermark(n.Input.Schema()[n.Time].Name, n.Timing, nil))
	case *Aggregate:
		return title, aggregateWatermark(n)
	case *Union:
		return title, []string{"W: the least of its inputs'; one that has ended is left out", "order: the input with the lowest watermark is next"}
	case *IntervalJoin:
		return title, joinWatermark(n)
	case *Join:
		return title, n.watermarkLines()
	case *FrameJoin:
		return title, n.watermarkLines()
	case *TopN:
		return title, n.watermarkLines()
	case *Sort:
		if len(n.Keys) > 0 || n.Input.Properties().Updating {
			return title, []string{"waits for: the end of the input"}
		}
	}
	return title, nil
}

// Waits returns what a node waits for before it emits something, but for what it emits at
// once.
func Waits(n Node) []string {
	_, lines := describeWatermark(n)
	var waits []string
	for _, l := range lines {
		if wait, ok := strings.CutPrefix(l, "waits for: "); ok && !strings.HasPrefix(wait, "nothing") {
			waits = append(waits, wait)
		}
	}
	return waits
}

func scanWatermark(n *Scan) []string {
	if n.Time < 0 {
		return []string{"W: none before the end of the input; this stream declares no watermark"}
	}
	made := watermark(n.Schema()[n.Time].Name, n.Timing, n.Marks)
	if n.Timing.Clock {
		return []string{"W: " + made + "; it goes on although no row comes", "at the end of the input: +infinity"}
	}
	return timingLines(made)
}

// timingLines says where a watermark stands that is made in some way.
func timingLines(made string) []string {
	return []string{"W: " + made + ", of the rows so far; it never goes back", "at the end of the input: +infinity"}
}

func aggregateWatermark(n *Aggregate) []string {
	if n.Window == nil {
		return []string{"waits for: nothing; each row changes the result at once"}
	}
	var lines []string
	end, closes := "window_end", "W >= window_end"
	switch {
	case n.Window.Kind == Session:
		closes = "W > window_end, the last row and the gap"
	case n.Window.ToTheEnd():
		closes = "W > window_end"
	}
	kept := closes
	if n.Lateness > 0 {
		kept = "W > " + end + " + " + Duration(n.Lateness)
	}
	switch n.Emit {
	case EmitFinal:
		lines = append(lines, "waits for: "+kept+"; a window is emitted then, once")
	case EmitChanges:
		lines = append(lines, "waits for: nothing; each row changes its window's result at once")
	default:
		lines = append(lines, "waits for: "+closes+"; a window is emitted then")
	}
	if n.Lateness > 0 {
		lines = append(lines, "keeps a window until "+kept+"; a row for one that is kept corrects it, a row for one that is gone is late")
	} else {
		lines = append(lines, "a row for a window that has closed is late")
	}
	if n.Emit == EmitFinal && n.Lateness > 0 {
		return append(lines, "passes on: W, held at the first window that is kept")
	}
	return append(lines, "passes on: W as it comes")
}

func joinWatermark(n *IntervalJoin) []string {
	lines := []string{"W: the least of both sides'"}
	more := ""
	if n.Lateness > 0 {
		more = " + " + Duration(n.Lateness)
	}
	if n.Kind == JoinLeft || n.Kind == JoinFull || n.Kind == JoinAnti {
		lines = append(lines, fmt.Sprintf("waits for: W > %s%s%s; a left row without a match is emitted then", n.Texts.LeftTime, plus(n.After), more))
	}
	if n.Kind == JoinRight || n.Kind == JoinFull {
		lines = append(lines, fmt.Sprintf("waits for: W > %s%s%s; a right row without a match is emitted then", n.Texts.RightTime, plus(n.Before), more))
	}
	late := "a row before W is late"
	if n.Lateness > 0 {
		late = "a row before W - " + Duration(n.Lateness) + " is late"
	}
	back := max(n.Before, n.After, 0) + n.Lateness
	if back == 0 {
		return append(lines, late, "passes on: W as it comes")
	}
	return append(lines, late, "passes on: W - "+Duration(back)+", as matches may be that far behind")
}

// plus writes a distance behind a time.
func plus(d int64) string {
	switch {
	case d > 0:
		return " + " + Duration(d)
	case d < 0:
		return " - " + Duration(-d)
	}
	return ""
}
