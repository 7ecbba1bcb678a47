package querytest

import (
	"slices"
	"strings"

	"tidemark/parser"
	"tidemark/parser/source"
)

// edit replaces a part of a test file.
type edit struct {
	at   source.Span
	text string
}

// rewrite makes the rows of an EXPECT … VALUES those that came. The rows that are there
// already keep their text, with the comments around it.
func (r *run) rewrite(e *parser.Expect, got *rows, changes bool) {
	r.updates = append(r.updates, r.rewritten(e.Values, got, changes))
}

// rewritten returns the edit of the rows behind VALUES: it keeps the layout, one row a
// line where the first two rows are on lines of their own.
func (r *run) rewritten(v *parser.Values, got *rows, changes bool) edit {
	text := r.file.source.Text
	first, last := v.Rows[0].Span(), v.Rows[len(v.Rows)-1].Span()
	between := ", "
	if len(v.Rows) > 1 {
		between = text[first.End:v.Rows[1].Span().Start]
		if strings.Contains(between, "--") || strings.Contains(between, "/*") || !strings.Contains(between, ",") {
			line := strings.LastIndexByte(text[:first.Start], '\n')
			between = ",\n" + strings.Repeat(" ", max(0, first.Start-line-1))
		}
	}
	lines := make([]string, got.len())
	for i := range lines {
		lines[i] = got.line(i, changes)
	}
	return edit{source.Span{Start: first.Start, End: last.End}, strings.Join(lines, between)}
}

// apply returns a text with its edits made.
func apply(text string, edits []edit) string {
	slices.SortFunc(edits, func(x, y edit) int { return y.at.Start - x.at.Start })
	for _, e := range edits {
		text = text[:e.at.Start] + e.text + text[e.at.End:]
	}
	return text
}
