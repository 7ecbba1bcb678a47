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
		l.rows++
		head := fmt.Sprintf("─[ %d ]", l.rows)
		dst = append(dst, head...)
		if rest := len([]rune(l.rule)) - len([]rune(head)); rest > 0 {
			dst = append(dst, strings.Repeat("─", rest)...)
		}
		dst = append(dst, '\n')
		for c, v := range b.Cols {
			dst = append(append(dst, l.names[c]...), " │ "...)
			if i := b.Row(k); v.IsNull(i) {
				dst = append(dst, l.null...)
			} else {
				l.cell = data.AppendText(l.cell[:0], v, i)
				dst = append(dst, shown(l.cell)...)
			}
			dst = append(dst, '\n')
		}
	}
	return dst
}
