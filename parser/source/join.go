package source

import "strings"

// Join returns the texts of files, one behind the other, with semicolons between them.
// Messages about a place in it tell the file and the line that the place comes from.
func Join(files ...*File) *File {
	var b strings.Builder
	var parts []part
	for i, f := range files {
		if i > 0 {
			b.WriteString("\n;\n") // the first line end ends a comment
		}
		parts = append(parts, part{b.Len(), f})
		b.WriteString(f.Text)
	}
	f := NewFile("", b.String())
	f.parts = parts
	return f
}

// part is a file that a joined one has from a byte on.
type part struct {
	start int
	file  *File
}

// Origin returns the file that a place of f was written in, and where: f itself unless
// it is a joined one, or made from another's part.
func (f *File) Origin(offset int) (*File, int) {
	if f.parts == nil {
		if f.of != nil {
			return f.of, offset + f.at
		}
		return f, offset
	}
	in := f.partAt(offset)
	return in.file.Origin(min(offset-in.start, len(in.file.Text)))
}

// Joined returns which of the files of a joined one has a place; f itself for others.
func (f *File) Joined(offset int) *File {
	if f.parts == nil {
		return f
	}
	return f.partAt(offset).file
}

func (f *File) partAt(offset int) part {
	in := f.parts[0]
	for _, p := range f.parts {
		if p.start > offset {
			break
		}
		in = p
	}
	return in
}

// Part returns a file of a part of f. Messages about its places tell those of f.
func (f *File) Part(s Span) *File {
	p := NewFile(f.Name, f.Text[s.Start:s.End])
	p.of, p.at = f, s.Start
	return p
}
