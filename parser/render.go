package parser

import (
	"strings"
	"unicode/utf8"
)

// commandKind tells what a command of a layout does.
type commandKind uint8

const (
	textCommand commandKind = iota
	// trailingCommand and ownCommand are comments: behind the text before them, or
	// on a line of their own.
	trailingCommand
	ownCommand
	// lineCommand is where the innermost group is broken when it does not fit into
	// one line; hardCommand is where it is broken in any case.
	lineCommand
	hardCommand
	// openCommand and closeCommand bracket a group. A group is broken at all its
	// lines, or at none; one that fills is broken only where its text reaches the margin.
	openCommand
	closeCommand
	// nestCommand changes the indent of the lines to come.
	nestCommand
)

// command is one step of a layout.
type command struct {
	kind   commandKind
	text   string
	space  int  // of a text: the spaces before it within a line
	fill   bool // of a group
	indent int  // of nest
}

// breaks reports whether a comment has to be followed by a new line.
func (c *command) breaks() bool {
	return c.kind == ownCommand || strings.HasPrefix(c.text, "--") || strings.Contains(c.text, "\n")
}

// renderer writes commands as lines, each group flat where it fits.
type renderer struct {
	commands []command
	width    int
	out      strings.Builder
	column   int
	indent   int
	groups   []groupState
	newline  bool // due before the next text
	at       int  // the indent of that line
}

type groupState struct{ broken, fill bool }

// render writes commands into lines of at most width characters where that is possible.
// It takes linear time: no look ahead is longer than a line.
func render(commands []command, width int) string {
	r := &renderer{commands: commands, width: width}
	for i := range commands {
		r.step(i)
	}
	return r.out.String()
}

func (r *renderer) step(i int) {
	switch c := &r.commands[i]; c.kind {
	case textCommand:
		r.write(c.text, c.space)
	case trailingCommand:
		r.newline = false // it belongs to the line before
		r.write(c.text, 1)
		r.breakIf(c.breaks())
	case ownCommand:
		r.breakIf(r.out.Len() > 0)
		r.write(c.text, 0)
		r.breakIf(true)
	case lineCommand:
		if g := r.group(); g.broken && (!g.fill || !r.fits(i, 1)) {
			r.breakIf(true)
		}
	case hardCommand:
		r.breakIf(true)
	case openCommand:
		r.groups = append(r.groups, groupState{broken: r.group().broken && !r.fits(i, 0), fill: c.fill})
	case closeCommand:
		r.groups = r.groups[:len(r.groups)-1]
	case nestCommand:
		r.indent += c.indent
	}
}

// group returns the state of the innermost group; what stands outside of all is broken.
func (r *renderer) group() groupState {
	if len(r.groups) == 0 {
		return groupState{broken: true}
	}
	return r.groups[len(r.groups)-1]
}

func (r *renderer) breakIf(due bool) {
	if due {
		r.newline, r.at = true, r.indent
	}
}

// write writes text behind the line break that is due, or behind spaces.
func (r *renderer) write(text string, spaces int) {
	switch {
	case r.newline && r.out.Len() > 0:
		r.out.WriteString("\n" + strings.Repeat(" ", r.at))
		r.column = r.at
	case r.out.Len() > 0:
		r.out.WriteString(strings.Repeat(" ", spaces))
		r.column += spaces
	}
	r.newline = false
	r.out.WriteString(text)
	r.column = advance(r.column, text)
}

// advance returns the column behind text that begins at column.
func advance(column int, text string) int {
	if n := strings.LastIndexByte(text, '\n'); n >= 0 {
		column, text = 0, text[n+1:]
	}
	return column + utf8.RuneCountInString(text)
}

// fits reports whether what follows command i fits into the rest of the line: a
// group that it opens, or up to the next place to break of the group that it
// stands in, which is depth 1.
func (r *renderer) fits(i, depth int) bool {
	column := r.column
	if r.newline {
		column = r.at
	}
	if r.commands[i].kind == openCommand {
		depth = 1
	}
	last := 0 // the depth of the lines where the text may end
	if r.commands[i].kind == lineCommand {
		last = 1
	}
	for j := i + 1; j < len(r.commands); j++ {
		ended := depth <= last
		switch c := &r.commands[j]; c.kind {
		case textCommand:
			if column = advance(column+c.space, c.text); column > r.width {
				return false
			}
		case trailingCommand:
			if ended {
				return true
			}
			if c.breaks() {
				return r.endsGroup(j, depth-last)
			}
			column = advance(column+1, c.text)
		case ownCommand, hardCommand:
			return ended
		case lineCommand:
			if ended {
				return true
			}
		case openCommand:
			if !ended || last > 0 { // behind the group, whatever comes may break
				depth++
			}
		case closeCommand:
			depth--
		}
	}
	return true
}

// endsGroup reports whether nothing follows command i in the n innermost groups:
// a comment there does not break them.
func (r *renderer) endsGroup(i, n int) bool {
	for i++; n > 0; i++ {
		switch r.commands[i].kind {
		case closeCommand:
			n--
		case nestCommand:
		default:
			return false
		}
	}
	return true
}
