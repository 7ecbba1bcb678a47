package engine

import (
	"fmt"
	"strings"
	"time"
)

// barWidth is how many characters the longest bar has.
const barWidth = 40

// Text returns the advice as a person reads it.
func (a *Advice) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s, by %s\n", a.Stream, count(a.Rows, "row"), a.Time)
	if a.Rows == 0 {
		return b.String()
	}
	most := int64(1)
	for _, l := range a.Lags {
		most = max(most, l.Rows)
	}
	b.WriteString("\n  behind the latest row before it\n")
	for _, l := range a.Lags {
		bar := strings.Repeat("█", int((l.Rows*barWidth+most-1)/most))
		fmt.Fprintf(&b, "  %12s  %11d  %7s  %s\n", l.title(), l.Rows, share(l.Rows, a.Rows), bar)
	}
	if a.Most > 0 {
		fmt.Fprintf(&b, "  the one furthest behind: %s\n", period(a.Most))
	}
	for _, u := range a.Uses {
		u.text(&b, a.Rows)
	}
	return b.String()
}

// title names a bar by its bounds.
func (l LagBar) title() string {
	switch {
	case l.From == 0 && l.To == 0:
		return "in order"
	case l.To < 0:
		return "more than " + period(l.From)
	}
	return "up to " + period(l.To)
}

// text writes a table of choices.
func (u *Use) text(b *strings.Builder, rows int64) {
	b.WriteString("\n  ")
	if u.Statement != "" {
		b.WriteString(u.Statement + ": ")
	}
	b.WriteString(u.What + "\n")
	fmt.Fprintf(b, "  %-10s  %9s  %9s  %11s  %9s  %9s  %7s\n", "keeps", "delay", "lateness", "rows lost", "of all", "latency", "windows")
	for _, c := range u.Choices {
		windows := "-"
		if c.Windows > 0 {
			windows = fmt.Sprint(c.Windows)
		}
		fmt.Fprintf(b, "  %-10s  %9s  %9s  %11d  %9s  %9s  %7s\n", c.Name, period(c.Delay), period(c.Lateness), c.Lost, share(c.Lost, rows), period(c.Latency), windows)
	}
	for _, c := range u.Choices {
		if c.Clause != "" {
			fmt.Fprintf(b, "  %-10s  %s\n", c.Name, c.Clause)
		}
	}
}

// share writes a part of a whole in percent; one that is not nothing is never
// written as nothing.
func share(part, of int64) string {
	switch p := 100 * float64(part) / float64(of); {
	case part == 0:
		return "0 %"
	case p < 0.0001:
		return "<0.0001 %"
	case p < 0.1:
		return fmt.Sprintf("%.4f %%", p)
	default:
		return fmt.Sprintf("%.1f %%", p)
	}
}

// period writes microseconds shortly: 90 s is 1m30s.
func period(us int64) string {
	if us == 0 {
		return "0"
	}
	text := (time.Duration(us) * time.Microsecond).String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
