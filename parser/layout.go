package parser

import "sort"

// layout turns the tokens of a statement into commands for render. The handlers of the
// nodes say where lines may break; every token is written in its turn, so that
// none can be lost.
type layout struct {
	tokens   []formatToken
	closes   []int // of each opening bracket, the index of the one that closes it
	at       int   // the next token
	commands []command
}

// layoutStatement returns the commands that write a statement.
func layoutStatement(tokens []formatToken, s *Statement) []command {
	markTokens(tokens, s)
	l := &layout{tokens: tokens, closes: make([]int, len(tokens))}
	var open []int
	for i := range tokens {
		switch t := &tokens[i].Token; {
		case isOpening(t):
			open = append(open, i)
		case isClosing(t) && len(open) > 0:
			l.closes[open[len(open)-1]] = i
			open = open[:len(open)-1]
		}
	}
	l.open()
	l.statement(s)
	l.until(len(tokens))
	l.close()
	return l.commands
}

func (l *layout) add(c command) { l.commands = append(l.commands, c) }
func (l *layout) open()         { l.add(command{kind: openCommand}) }
func (l *layout) close()        { l.add(command{kind: closeCommand}) }
func (l *layout) line()         { l.add(command{kind: lineCommand}) }
func (l *layout) hard()         { l.add(command{kind: hardCommand}) }

// nest indents the lines that break inside, and comments at its end too.
func (l *layout) nest(inside func()) {
	l.add(command{kind: nestCommand, indent: 2})
	inside()
	if l.at < len(l.tokens) && isClosing(&l.tokens[l.at].Token) {
		l.comments()
	}
	l.add(command{kind: nestCommand, indent: -2})
}

// comments writes the comments on lines of their own before the next token.
func (l *layout) comments() {
	t := &l.tokens[l.at]
	for _, c := range t.own {
		l.add(command{kind: ownCommand, text: c.text})
	}
	t.own = nil
}

// token writes the next token, with the comments around it.
func (l *layout) token() {
	t := &l.tokens[l.at]
	l.comments()
	spaces := 0
	if l.at > 0 && spaced(&l.tokens[l.at-1], t) {
		spaces = 1 + t.marks.padding
	}
	l.add(command{kind: textCommand, text: written(t), space: spaces})
	for _, c := range t.trailing {
		l.add(command{kind: trailingCommand, text: c.text})
	}
	l.at++
}

// until writes the tokens before the one with an index.
func (l *layout) until(index int) {
	for l.at < index {
		l.token()
	}
}

// index returns the index of the token that begins at or behind a place.
func (l *layout) index(offset int) int { return indexOf(l.tokens, offset) }

// to writes the tokens before a place.
func (l *layout) to(offset int) { l.until(l.index(offset)) }

// clause returns the index of the first of the n words before a place, from which
// only opening parentheses may divide them.
func (l *layout) clause(offset, n int) int {
	i := l.index(offset)
	for i > 0 && isPunct(&l.tokens[i-1].Token, "(") {
		i--
	}
	return max(0, i-n)
}

// part is a node inside another: where it begins, and how it is written.
type part struct {
	start int // the index of its first token
	write func()
}

// inside writes the tokens before an index, and the parts among them.
func (l *layout) inside(parts []part, end int) { l.items(parts, end, func() {}) }

// items is inside, and calls comma behind each comma that stands between the parts and in
// no bracket.
func (l *layout) items(parts []part, end int, comma func()) {
	sort.SliceStable(parts, func(i, j int) bool { return parts[i].start < parts[j].start })
	for depth := 0; l.at < end; {
		for len(parts) > 0 && parts[0].start < l.at {
			parts = parts[1:]
		}
		if len(parts) > 0 && parts[0].start == l.at {
			write := parts[0].write
			parts = parts[1:]
			write()
			continue
		}
		t := &l.tokens[l.at].Token
		l.token()
		switch {
		case isOpening(t):
			depth++
		case isClosing(t):
			depth--
		case depth == 0 && isPunct(t, ","):
			comma()
		}
	}
}

// bracketed writes the brackets that come next and what is in them; when that is too long, it
// stands on lines of its own between the brackets.
func (l *layout) bracketed(parts []part, fill bool) {
	end := l.closes[l.at]
	l.open()
	l.token()
	if l.at == end {
		l.token()
		l.close()
		return
	}
	l.nest(func() {
		l.line()
		if fill {
			l.add(command{kind: openCommand, fill: true})
		}
		l.items(parts, end, l.line)
		if fill {
			l.close()
		}
	})
	l.line()
	l.token()
	l.close()
}

// list writes the items of a clause behind its words: on their line, or each on its own.
func (l *layout) list(items []part, end int) {
	if len(items) == 1 {
		l.inside(items, end)
		return
	}
	l.open()
	l.nest(func() {
		l.line()
		l.items(items, end, l.line)
	})
	l.close()
}
