package stdio

import (
	"strings"

	"tidemark/operators/data"
)

// pageRows is how many rows of a table decide on the widths of its columns. Later
// pages keep at least these widths.
const pageRows = 1000

// grid draws rows as an aligned table, a page at a time, so that a long result
// neither waits nor piles up.
type grid struct {
	schema data.Schema
	cells  []string // of the page, row by row
	widths []int
	begun  bool // the widths are settled
	edged  bool // the upper edge is out
	cell   []byte
	null   string
	most   int       // places of a line; 0 is any number
	live   bool      // rows come one by one: there is no knowing how wide they will be
	lines  *lineForm // what draws the rows where a table would be too wide; else nil
}

// newGrid returns an empty table. null stands for NULL; a line takes no more than most
// places where that can be had by cutting texts, unless most is 0.
func newGrid(schema data.Schema, null string, most int) *grid {
	if null == "" {
		null = "NULL"
	}
	g := &grid{schema: schema, widths: make([]int, len(schema)), null: null, most: most}
	for i, c := range schema {
		g.widths[i] = width(c.Name)
	}
	return g
}

// append takes the selected rows of b, and appends full pages to dst.
func (g *grid) append(dst []byte, b *data.Batch) []byte {
	for k, n := 0, b.Rows(); k < n; k++ {
		for c, v := range b.Cols {
			s := g.text(v, b.Row(k))
			g.widths[c] = max(g.widths[c], width(s))
			g.cells = append(g.cells, s)
		}
		if len(g.cells) >= pageRows*len(g.schema) {
			dst = g.page(dst)
		}
	}
	return dst
}

// text returns the text of a cell, on one line.
func (g *grid) text(v *data.Vector, i int) string {
	if v.IsNull(i) {
		return g.null
	}
	g.cell = data.AppendText(g.cell[:0], v, i)
	return shown(g.cell)
}

// shown returns a text with its control characters made visible.
func shown(text []byte) string {
	for _, c := range text {
		if c < ' ' || c == 0x7f {
			return visible(string(text))
		}
	}
	return string(text)
}

// visible replaces control characters, which would break the table.
func visible(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < ' ' || r == 0x7f:
			b.WriteRune('\uFFFD')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// page appends the rows at hand, after the header when it is the first time.
func (g *grid) page(dst []byte) []byte {
	if !g.begun {
		g.begun = true
		if !g.fit() {
			g.lines = newLineForm(g.schema, g.null)
		}
	}
	if g.lines != nil {
		dst = g.lines.page(dst, g.cells)
		g.cells = g.cells[:0]
		return dst
	}
	if !g.edged {
		g.edged = true
		dst = g.edge(dst, "┌", "┬", "┐")
		names := g.schema.Names()
		for i, name := range names {
			names[i] = visible(name)
		}
		dst = g.row(dst, names)
		dst = g.edge(dst, "├", "┼", "┤")
	}
	n := len(g.schema)
	for i := 0; i+n <= len(g.cells) && n > 0; i += n {
		dst = g.row(dst, g.cells[i:i+n])
	}
	g.cells = g.cells[:0]
	return dst
}

// least is how narrow a column of texts may become by cutting.
const least = 8

// fit makes the widest columns of texts narrower, until a line fits; false where the
// numbers and times alone take too much.
func (g *grid) fit() bool {
	if g.most == 0 {
		return true
	}
	over := 1 - g.most
	for _, w := range g.widths {
		over += w + 3
	}
	for over > 0 {
		widest, next := -1, least
		for i, w := range g.widths {
			switch {
			case g.schema[i].Type.Numeric() || g.schema[i].Type.Kind == data.Timestamp:
			case widest < 0 || w > g.widths[widest]:
				if widest >= 0 {
					next = max(next, g.widths[widest])
				}
				widest = i
			default:
				next = max(next, w)
			}
		}
		if widest < 0 || g.widths[widest] <= least {
			return false
		}
		by := min(over, max(1, g.widths[widest]-next))
		g.widths[widest] -= by
		over -= by
	}
	for i := range g.widths { // room for what comes
		if by := min(least-g.widths[i], -over); g.live && by > 0 {
			g.widths[i] += by
			over += by
		}
	}
	return true
}

// cut makes a text no wider than most places.
func cut(s string, most int) string {
	if width(s) <= most {
		return s
	}
	return terminal.Truncate(s, most, "…")
}

// finish appends what is left and the lower edge; the next row begins a new table.
func (g *grid) finish(dst []byte) []byte {
	if dst = g.page(dst); g.lines == nil {
		dst = g.edge(dst, "└", "┴", "┘")
	}
	g.begun, g.edged = false, false
	return dst
}

func (g *grid) edge(dst []byte, left, between, right string) []byte {
	for i, w := range g.widths {
		if i == 0 {
			dst = append(dst, left...)
		} else {
			dst = append(dst, between...)
		}
		for ; w > -2; w-- {
			dst = append(dst, "─"...)
		}
	}
	return append(append(dst, right...), '\n')
}

// row appends cells, numbers to the right.
func (g *grid) row(dst []byte, cells []string) []byte {
	for i, s := range cells {
		dst = append(dst, "│ "...)
		if g.most > 0 {
			s = cut(s, g.widths[i])
		}
		pad := g.widths[i] - width(s)
		if !g.schema[i].Type.Numeric() {
			dst = append(dst, s...)
		}
		for ; pad > 0; pad-- {
			dst = append(dst, ' ')
		}
		if g.schema[i].Type.Numeric() {
			dst = append(dst, s...)
		}
		dst = append(dst, ' ')
	}
	return append(dst, "│\n"...)
}
