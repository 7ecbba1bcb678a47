package querytest

import (
	"fmt"
	"strings"

	"tidemark/operators/data"
	"tidemark/operators/watermark"
	"tidemark/parser/source"
	"tidemark/planner/catalog"
)

// Failure is an expectation that has failed.
type Failure struct {
	File *source.File
	Span source.Span
	// Message says in one line what is wrong.
	Message string
	// Rows are the lines of a diff, Notes say how the flow stood.
	Rows, Notes []string
	// How says under which order of arrival, or crash, it has failed; "" as written.
	How string
}

// fail notes a failure.
func (r *run) fail(at source.Span, message string, rows []string, notes ...string) {
	r.failures = append(r.failures, Failure{File: r.file.source, Span: at, Message: message, Rows: rows, Notes: notes})
}

// Text returns the failure as it is shown, each line ending in a newline.
func (f *Failure) Text() string {
	var b strings.Builder
	d := source.Diagnostic{File: f.File, Span: source.Span{Start: f.Span.Start, End: f.Span.Start}, Message: f.Message}
	line, _ := f.File.Position(f.Span.Start)
	fmt.Fprintf(&b, "%s\n%5d | %s\n", d.Error(), line, f.File.Line(line))
	for _, l := range f.Rows {
		b.WriteString("        " + l + "\n")
	}
	for _, l := range f.Notes {
		b.WriteString("      " + l + "\n")
	}
	if f.How != "" {
		b.WriteString("      " + f.How + "\n")
	}
	return b.String()
}

// standing says which windows are open, where the watermarks stand, who holds them, and
// what was not used.
func (r *run) standing() []string {
	b := r.bench
	notes := b.open()
	for _, rel := range b.plan.Catalog.Relations() {
		f := b.feeds[rel]
		if f == nil {
			continue
		}
		s := b.sourceOf(f)
		st := s.Stats()
		text := fmt.Sprintf("%s: read %d, late %d, rejected %d", rel.Name, st.Read, b.late(f), st.Rejected)
		if s.Time >= 0 {
			text += ", watermark " + showTime(b.watermark(f)) + b.holder(rel, f)
		}
		notes = append(notes, text)
	}
	return notes
}

// watermark returns where a feed's watermark stands.
func (b *bench) watermark(f *feed) int64 {
	s := b.sourceOf(f)
	for _, st := range b.program.Flow.Status().Sources {
		if st.Name == s.Name {
			return st.Watermark
		}
	}
	return data.MinTime
}

// holder says which partition holds a feed's watermark, or why none does.
func (b *bench) holder(rel *catalog.Relation, f *feed) string {
	s := b.sourceOf(f)
	for _, st := range b.program.Flow.Status().Sources {
		switch {
		case st.Name != s.Name:
		case st.State == watermark.Finished:
			return ", finished"
		case st.State == watermark.Idle:
			return ", idle"
		case len(st.Partitions) > 1 && st.Holder >= 0:
			return fmt.Sprintf(", held by partition %s", st.Partitions[st.Holder].Name)
		}
	}
	return ""
}

// late returns how many rows of a feed came too late: in the statement that used fewest
// of them.
func (b *bench) late(f *feed) int64 {
	s := b.sourceOf(f)
	var most int64
	for _, st := range b.program.Statements {
		reads := false
		for _, u := range st.Sources {
			reads = reads || u.Of == s
		}
		var n int64
		for _, a := range st.Accounts {
			n += a.Of.Late.Load()
		}
		if reads {
			most = max(most, n)
		}
	}
	return most
}

// showTime writes a watermark.
func showTime(t int64) string {
	switch t {
	case data.MinTime:
		return "not set"
	case data.MaxTime:
		return "at the end of time"
	}
	return string(data.AppendTimestamp(nil, t))
}
