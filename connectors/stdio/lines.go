package stdio

import (
	"fmt"
	"strings"

	"tidemark/operators/data"
)

// lineForm draws each row as lines of a name and a value, for rows that are too wide
// for a table.
type lineForm struct {
	names []string // padded to the same width
	null  string
	rule  string
	rows  int64
	cell  []byte
}

func newLineForm(schema data.Schema, null string) *lineForm {
	if null == "" {
		null = "NULL"
	}
	l := &lineForm{null: null}
	widest := 0
	for _, c := range schema {
		widest = max(widest, width(visible(c.Name)))
	}
	for _, c := range schema {
		name := visible(c.Name)
		l.names = append(l.names, name+strings.Repeat(" ", widest-width(name)))
	}
	l.rule = strings.Repeat("─", max(1, widest+13))
	return l
}

// append appends the selected rows of b.
func (l *lineForm) append(dst []byte, b *data.Batch) []byte {
	for k, n := 0, b.Rows(); k < n; k++ {
		dst = l.head(dst)
		for c, v := range b.Cols {
			text := l.null
			if i := b.Row(k); !v.IsNull(i) {
				l.cell = data.AppendText(l.cell[:0], v, i)
				text = shown(l.cell)
			}
			dst = l.value(dst, c, text)
		}
	}
	return dst
}

// page appends rows whose cells are texts, row by row.
func (l *lineForm) page(dst []byte, cells []string) []byte {
	for i, text := range cells {
		c := i % len(l.names)
		if c == 0 {
			dst = l.head(dst)
		}
		dst = l.value(dst, c, text)
	}
	return dst
}

// head appends the line above the next row.
func (l *lineForm) head(dst []byte) []byte {
	l.rows++
	head := fmt.Sprintf("─[ %d ]", l.rows)
	dst = append(dst, head...)
	if rest := len([]rune(l.rule)) - len([]rune(head)); rest > 0 {
		dst = append(dst, strings.Repeat("─", rest)...)
	}
	return append(dst, '\n')
}

// value appends the line of a column.
func (l *lineForm) value(dst []byte, c int, text string) []byte {
	dst = append(append(dst, l.names[c]...), " │ "...)
	return append(append(dst, text...), '\n')
}
