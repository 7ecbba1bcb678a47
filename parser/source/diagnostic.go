package source

import (
	"fmt"
	"sort"
	"strings"
	"unicode/utf8"
)

// Severity tells an error from a warning.
type Severity uint8

// The severities.
const (
	Error Severity = iota
	Warning
)

// Diagnostic is one message about a place in a query text.
type Diagnostic struct {
	File     *File
	Span     Span
	Severity Severity
	// Message says what is wrong, in one line, without a final full stop.
	Message string
	// Hint says how to mend it; empty when there is nothing to say.
	Hint string
}

// Error returns "file:line:column: message". A file without a name, as of what was typed
// at a prompt, is left out: the excerpt of Render shows the place.
func (d *Diagnostic) Error() string {
	kind := ""
	if d.Severity == Warning {
		kind = "warning: "
	}
	if d.File == nil {
		return kind + d.Message
	}
	from, at := d.File.Origin(d.Span.Start)
	if from.Name == "" {
		if kind == "" {
			kind = "error: "
		}
		return kind + d.Message
	}
	line, col := from.Position(at)
	return fmt.Sprintf("%s:%d:%d: %s%s", from.Name, line, col, kind, d.Message)
}

// Render returns the message with its line of the text, a caret under the place
// and the hint, ending in a newline.
func (d *Diagnostic) Render() string { return d.render(longestLine) }

// render is Render with no more than about longest bytes of the line.
func (d *Diagnostic) render(longest int) string {
	var b strings.Builder
	b.WriteString(d.Error())
	b.WriteByte('\n')
	if d.File != nil {
		number, _ := d.File.Position(d.Span.Start)
		text, place := d.excerpt(longest)
		gutter := fmt.Sprintf("%5d | ", number)
		fmt.Fprintf(&b, "%s%s\n", gutter, strings.ReplaceAll(text, "\t", " "))
		before, width := utf8.RuneCountInString(text[:place.Start]), utf8.RuneCountInString(text[place.Start:place.End])
		fmt.Fprintf(&b, "%s| %s%s\n", strings.Repeat(" ", len(gutter)-2), strings.Repeat(" ", before), strings.Repeat("^", max(1, width)))
	}
	if d.Hint != "" {
		fmt.Fprintf(&b, "        %s\n", d.Hint)
	}
	return b.String()
}

// longestLine is about how many bytes of a line are shown where no width is known.
const longestLine = 300

// excerpt returns the line of the text that the place begins in, cut around the
// place when it is very long and without what looks like a secret, and where in it the
// place is.
func (d *Diagnostic) excerpt(longest int) (text string, place Span) {
	file, at := d.File.Origin(d.Span.Start)
	line, _ := file.place(at)
	whole := masked(file.Line(line))
	text = whole
	start := max(0, min(at-file.lines[line-1], len(text)))
	covered := strings.TrimRight(text[start:min(start+max(0, d.Span.End-d.Span.Start), len(text))], " \t\r")
	place = Span{start, start + len(covered)}
	if len(text) <= longest {
		return text, place
	}
	const dots = "…"
	from := runeStart(text, max(0, start-longest/3))
	to := runeStart(text, min(len(text), from+longest))
	text, place = text[from:to], Span{start - from, min(place.End, to) - from}
	if to < len(whole) {
		text += dots
	}
	if from > 0 {
		text, place = dots+text, Span{place.Start + len(dots), place.End + len(dots)}
	}
	return text, place
}

// runeStart returns the start of the character that the byte at i belongs to; i
// where there is none, as in a text that is not UTF-8.
func runeStart(text string, i int) int {
	for k := i; k >= 0 && k > i-utf8.UTFMax && k < len(text); k-- {
		if utf8.RuneStart(text[k]) {
			return k
		}
	}
	return i
}

// List is the diagnostics of a run, and an error when it is not empty.
type List []*Diagnostic

// Errorf adds an error about a span of f. The hint may be empty.
func (l *List) Errorf(f *File, s Span, hint, format string, args ...any) {
	*l = append(*l, &Diagnostic{File: f, Span: s, Message: fmt.Sprintf(format, args...), Hint: hint})
}

// Warnf adds a warning about a span of f.
func (l *List) Warnf(f *File, s Span, hint, format string, args ...any) {
	*l = append(*l, &Diagnostic{File: f, Span: s, Severity: Warning, Message: fmt.Sprintf(format, args...), Hint: hint})
}

// HasErrors reports whether the list holds more than warnings.
func (l List) HasErrors() bool {
	for _, d := range l {
		if d.Severity == Error {
			return true
		}
	}
	return false
}

// Sort orders the list by place, keeping the order of messages about one place.
func (l List) Sort() {
	sort.SliceStable(l, func(i, j int) bool { return l[i].Span.Start < l[j].Span.Start })
}

// Error returns the messages, one a line.
func (l List) Error() string {
	lines := make([]string, len(l))
	for i, d := range l {
		lines[i] = d.Error()
	}
	return strings.Join(lines, "\n")
}

// Render returns every message with its line and caret.
func (l List) Render() string { return l.render(longestLine) }

// RenderWithin is Render for a terminal of a width: lines of the text are cut to it.
func (l List) RenderWithin(width int) string {
	const gutter = 11 // and the dots where a line is cut
	return l.render(min(longestLine, max(20, width-gutter)))
}

func (l List) render(longest int) string {
	var b strings.Builder
	for _, d := range l {
		b.WriteString(d.render(longest))
	}
	return b.String()
}
