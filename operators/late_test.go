package operators_test

import (
	"fmt"
	"testing"

	"tidemark/operators"
	"tidemark/operators/data"
	"tidemark/operators/watermark"
	"tidemark/operators/window"
)

// lateOperator is an operator that keeps the rows which come too late.
type lateOperator interface {
	operators.Stateful
	LateRows() *operators.LateRows
}

var (
	lateIn  = data.Schema{{Name: "ts", Type: data.Of(data.Timestamp), Time: true}, {Name: "k", Type: data.Of(data.BigInt)}}
	lateOut = data.Schema{
		{Name: "k", Type: data.Of(data.BigInt)}, {Name: "late_by", Type: data.Of(data.Interval)}, {Name: "missed_by", Type: data.Of(data.Interval)},
		{Name: "watermark", Type: data.Of(data.Timestamp)}, {Name: "window_start", Type: data.Of(data.Timestamp)},
		{Name: "window_end", Type: data.Of(data.Timestamp)}, {Name: "reason", Type: data.Of(data.String)},
	}
)

func newLateRows() *operators.LateRows {
	return operators.NewLateRows([]operators.LateColumn{
		{From: [2]int{1, -1}}, {What: operators.LateBy}, {What: operators.LateMissedBy}, {What: operators.LateWatermark},
		{What: operators.LateStart}, {What: operators.LateEnd}, {What: operators.LateReason},
	}, lateOut)
}

// Late rows are kept with what they missed, also by an operator that has been restored
// since the rows before: windows of 10, rows of key k at time 10*k+5, the watermark at 35.
func TestLateRows(t *testing.T) {
	windows := data.Schema{{Name: "window_start", Type: data.Of(data.Timestamp)}, {Name: "window_end", Type: data.Of(data.Timestamp)}}
	makers := map[string]func() lateOperator{
		"tumble": func() lateOperator {
			return operators.NewAggregate(operators.AggregateConfig{Window: window.Tumble{Size: 10}, Grouping: operators.Grouping{BatchRows: 8, Out: windows, Late: newLateRows()}}, lateIn)
		},
		"hop": func() lateOperator {
			return operators.NewSliced(operators.SlicedConfig{Grid: window.NewHop(5, 10, 0), Grouping: operators.Grouping{BatchRows: 8, Out: windows, Late: newLateRows()}}, lateIn)
		},
		"session": func() lateOperator {
			return operators.NewSession(operators.SessionConfig{Gap: 4, Grouping: operators.Grouping{Lateness: watermark.Lateness{Inclusive: true}, BatchRows: 8, Out: windows, Late: newLateRows()}}, lateIn)
		},
		"over": func() lateOperator {
			return operators.NewOver(operators.OverConfig{Order: []operators.SortKey{{Column: 0}}, Lateness: watermark.Lateness{Allowed: 5}, BatchRows: 8, Out: lateIn, Late: newLateRows()}, lateIn)
		},
		"first rows": func() lateOperator {
			return operators.NewFirstRows(operators.TopNConfig{Partition: []int{1}, N: 1, WindowEnd: -1, Lateness: watermark.Lateness{Allowed: 5}, BatchRows: 8, Out: append(lateIn[:2:2], lateIn[1]), Late: newLateRows()}, 0, lateIn)
		},
	}
	want := map[string]string{
		"tumble":  "1: 20 late, missed 10..20 by 15, window_closed; 2: 10 late, missed 20..30 by 5, window_closed; ",
		"hop":     "1: 20 late, missed 15..25 by 10, window_closed; 2: 10 late, missed 25..35 by 0, window_closed; ",
		"session": "1: 20 late, missed 15..19 by 16, session_closed; 2: 10 late, missed 25..29 by 6, session_closed; ",
		"over":    "1: 20 late, row_passed; 2: 10 late, row_passed; ",

		"first rows": "1: 20 late, row_passed; 2: 10 late, row_passed; ",
	}
	for name, make := range makers {
		op := make()
		got := ""
		for k := range int64(4) {
			if k == 1 { // the first has moved the watermark
				e := data.NewEncoder(nil)
				op.Snapshot(e)
				op = make()
				if err := op.Restore(data.NewDecoder(e.Bytes())); err != nil {
					t.Fatal(err)
				}
			}
			b := data.NewPool(lateIn).Get()
			b.Seq = k
			b.Cols[0].AppendInt(10*k + 5)
			b.Cols[1].AppendInt(k)
			b.AddRows(1, data.Insert, 0)
			b.Trigger = nil
			if k == 0 {
				b.AddStep(1, 35)
			}
			if err := op.Process(b, func(*data.Batch) error { return nil }); err != nil {
				t.Fatal(err)
			}
			got += showLate(op.LateRows().Take(), k)
		}
		if got != want[name] {
			t.Errorf("%s:\ngot  %s\nwant %s", name, got, want[name])
		}
		if op.LateRows().Take() != nil {
			t.Errorf("%s: rows were kept after they had been taken", name)
		}
	}
}

func showLate(b *data.Batch, seq int64) string {
	text := ""
	if b == nil {
		return text
	}
	for i := range b.N {
		if b.Trigger[i] != 2*seq {
			text += "out of place: "
		}
		text += fmt.Sprintf("%d: %d late", b.Cols[0].Ints[i], b.Cols[1].Wides[i].Lo)
		if !b.Cols[4].IsNull(i) {
			text += fmt.Sprintf(", missed %d..%d by %d", b.Cols[4].Ints[i], b.Cols[5].Ints[i], b.Cols[2].Wides[i].Lo)
		}
		text += ", " + string(b.Cols[6].Text(i)) + "; "
	}
	return text
}
