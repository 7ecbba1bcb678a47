package repl

import (
	"math"
	"strings"
	"testing"
	"time"
)

func TestWatermark(t *testing.T) {
	now := time.Date(2026, 1, 5, 10, 10, 0, 0, time.UTC)
	at := func(d time.Duration) int64 { return now.Add(d).UnixMicro() }
	for _, c := range []struct {
		w    int64
		want string
	}{
		{math.MinInt64, ""},
		{math.MaxInt64, "W end"},
		{at(-2 * time.Minute), "W 10:08:00, 2m behind"},
		{at(-90 * time.Second), "W 10:08:30, 90s behind"},
		{at(-3*time.Hour - time.Minute), "W 07:09:00, 3h behind"},
		{at(-72 * time.Hour), "W 2026-01-02 10:10:00, 3d behind"},
		{at(0), "W 10:10:00"},
		{at(5 * time.Second), "W 10:10:05"},
	} {
		if got := watermark(c.w, now); got != c.want {
			t.Errorf("%d is shown as %q, want %q", c.w, got, c.want)
		}
	}
}

func TestMeter(t *testing.T) {
	var m meter
	at := time.Unix(0, 0)
	got := []float64{m.perSecond(0, at), m.perSecond(300, at.Add(200*time.Millisecond)), m.perSecond(1500, at.Add(time.Second))}
	for i := range 20 { // only the last samples count
		got = append(got, m.perSecond(1500, at.Add(time.Duration(i+2)*time.Second)))
	}
	if got[0] != 0 || got[1] != 1500 || got[2] != 1500 || got[len(got)-1] != 0 {
		t.Errorf("%v", got)
	}
}

func TestDemo(t *testing.T) {
	got, _ := talk(t, "\\demo", "\\d orders", "\\demo", "EXPLAIN "+strings.ReplaceAll(strings.TrimSuffix(demoQueries[1], ";"), "\n", " ")+";")
	for _, want := range []string{"│ WATERMARK FOR ts AS", "error: orders is declared already", "Aggregate by TUMBLE(ts, 5 seconds)"} {
		if !strings.Contains(got, want) {
			t.Errorf("the screen lacks %q:\n%s", want, got)
		}
	}
}
