// Package source holds query texts, places in them and the messages about them.
// Places are byte offsets; lines and columns are worked out only for printing.
package source

import (
	"sort"
	"strings"
	"unicode/utf8"
)

// Span is a half-open range of bytes [Start, End) in a File.
type Span struct{ Start, End int }

// Join returns the smallest span that covers both.
func (s Span) Join(t Span) Span { return Span{min(s.Start, t.Start), max(s.End, t.End)} }

// File is a named query text.
type File struct {
	Name  string
	Text  string
	lines []int // offset of the first byte of each line

	// template is the text that Expand has made Text from, and pieces, in their
	// order, what stands in Text for its variables; nil and none otherwise.
	template *File
	pieces   []piece

	// parts are the files of a joined one, in order; of and at are the file that a
	// Part is of, and where in it it begins.
	parts []part
	of    *File
	at    int
}

// piece is the value of a variable: Text[start:end] stands for the template's from.
type piece struct {
	start, end int
	from       Span
}

// NewFile returns a file; name is what messages call it.
func NewFile(name, text string) *File {
	f := &File{Name: name, Text: text, lines: []int{0}}
	for i := 0; i < len(text); i++ {
		if text[i] == '\n' {
			f.lines = append(f.lines, i+1)
		}
	}
	return f
}

// Position returns the 1-based line and column, in characters, of a byte offset. In
// a text with the values of variables, these are those of the text that has the
// variables, which is the one that can be mended.
func (f *File) Position(offset int) (line, column int) {
	if from, at := f.Origin(offset); from != f {
		return from.Position(at)
	}
	if f.template == nil {
		return f.place(offset)
	}
	at := offset
	for _, p := range f.pieces {
		switch {
		case offset < p.start:
			return f.template.Position(at)
		case offset < p.end:
			return f.template.Position(p.from.Start)
		}
		at = offset - p.end + p.from.End
	}
	return f.template.Position(at)
}

// place returns the 1-based line and column of a byte offset of Text.
func (f *File) place(offset int) (line, column int) {
	offset = max(0, min(offset, len(f.Text)))
	line = sort.SearchInts(f.lines, offset+1)
	return line, utf8.RuneCountInString(f.Text[f.lines[line-1]:offset]) + 1
}

// Line returns the text of a 1-based line, without its line end.
func (f *File) Line(line int) string {
	start, end := f.lines[line-1], len(f.Text)
	if line < len(f.lines) {
		end = f.lines[line] - 1
	}
	return strings.TrimSuffix(f.Text[start:end], "\r")
}
