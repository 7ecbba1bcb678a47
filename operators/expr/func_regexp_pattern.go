package expr

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode/utf8"
)

// maxPattern is the most bytes of a regular expression: what it costs to match
// one grows with its length.
const maxPattern = 16 << 10

var errPatternLength = fmt.Errorf("the regular expression is longer than %d KiB, the limit of one", maxPattern>>10)

// patternFlags are the letters after a regular expression, as PostgreSQL's.
type patternFlags struct {
	fold    bool // i: without regard to case
	all     bool // g: every match, not just the first; for REGEXP_REPLACE
	lines   bool // ^ and $ match at lines
	noBreak bool // . does not match a line break
	literal bool // q: the pattern is plain text
}

func parseFlags(text []byte) (flags patternFlags, err error) {
	for _, c := range string(text) {
		switch c {
		case 'i':
			flags.fold = true
		case 'c':
			flags.fold = false
		case 'g':
			flags.all = true
		case 'm', 'n':
			flags.lines, flags.noBreak = true, true
		case 's':
			flags.lines, flags.noBreak = false, false
		case 'p':
			flags.lines, flags.noBreak = false, true
		case 'w':
			flags.lines, flags.noBreak = true, false
		case 'q':
			flags.literal = true
		default:
			return flags, fmt.Errorf("a regular expression has no flag %q; there are i, c, g, n, s, p, w and q", c)
		}
	}
	return flags, nil
}

// matcher is a compiled regular expression. It is for one goroutine.
type matcher struct {
	re    *regexp.Regexp
	flags patternFlags
	// rest finds a match behind the first character of a text, whose whole is its
	// first group. It is there only for patterns that look at what stands before
	// them, as ^ and \b do; for others re finds it in the text cut off there.
	rest *regexp.Regexp
	// text is what the matching texts contain, where it is as simple as that: at
	// their start with head, and at their end with tail.
	text       []byte
	simple     bool
	head, tail bool
	// plain means that a match is just text.
	plain bool
	loc   [2]int
}

// compileRegexp compiles a regular expression in the syntax of RE2.
func compileRegexp(pattern []byte, flags patternFlags) (*matcher, error) {
	if len(pattern) > maxPattern {
		return nil, errPatternLength
	}
	source := string(pattern)
	if flags.literal {
		source = regexp.QuoteMeta(source)
	}
	mode := ""
	if !flags.noBreak {
		mode += "s"
	}
	if flags.lines {
		mode += "m"
	}
	if flags.fold {
		mode += "i"
	}
	if mode != "" {
		mode = "(?" + mode + ")"
	}
	tree, err := syntax.Parse(mode+source, syntax.Perl)
	if err != nil {
		return nil, explainPattern(err)
	}
	re, err := regexp.Compile(mode + source)
	if err != nil {
		return nil, explainPattern(err)
	}
	m := &matcher{re: re, flags: flags}
	if looksBack(tree) {
		// The tree's own text carries its modes.
		if m.rest, err = regexp.Compile(`\A(?s:.)(?s:.*?)(` + tree.String() + `)`); err != nil {
			return nil, explainPattern(err)
		}
	}
	m.simplify(tree)
	return m, nil
}

// looksBack reports whether a pattern has a part that looks at the text before it.
func looksBack(tree *syntax.Regexp) bool {
	switch tree.Op {
	case syntax.OpBeginLine, syntax.OpBeginText, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return true
	}
	for _, sub := range tree.Sub {
		if looksBack(sub) {
			return true
		}
	}
	return false
}

// simplify sees whether the pattern is a literal, perhaps anchored or between .*.
func (m *matcher) simplify(tree *syntax.Regexp) {
	parts := []*syntax.Regexp{tree}
	if tree.Op == syntax.OpConcat {
		parts = tree.Sub
	}
	all := len(parts)
	if first(parts, syntax.OpBeginText) {
		m.head, parts = true, parts[1:]
	}
	for len(parts) > 0 && isAnyText(parts[0]) {
		m.head, parts = false, parts[1:]
	}
	if n := len(parts) - 1; n >= 0 && first(parts[n:], syntax.OpEndText) {
		m.tail, parts = true, parts[:n]
	}
	for n := len(parts) - 1; n >= 0 && isAnyText(parts[n]); n-- {
		m.tail, parts = false, parts[:n]
	}
	switch {
	case len(parts) == 0:
	case len(parts) > 1 || parts[0].Op != syntax.OpLiteral || parts[0].Flags&syntax.FoldCase != 0:
		return
	default:
		m.text = []byte(string(parts[0].Rune))
	}
	// A pattern's U+FFFD also matches a byte that is no UTF-8.
	m.simple = !bytes.ContainsRune(m.text, utf8.RuneError)
	m.plain = m.simple && len(parts) == all && len(m.text) > 0
}

func first(parts []*syntax.Regexp, op syntax.Op) bool { return len(parts) > 0 && parts[0].Op == op }

// isAnyText reports whether a part is .* with a dot that matches line breaks.
func isAnyText(part *syntax.Regexp) bool {
	return part.Op == syntax.OpStar && part.Sub[0].Op == syntax.OpAnyChar
}

// match reports whether the pattern occurs in s.
func (m *matcher) match(s []byte) bool {
	switch {
	case !m.simple:
		return m.re.Match(s)
	case m.head && m.tail:
		return bytes.Equal(s, m.text)
	case m.head:
		return bytes.HasPrefix(s, m.text)
	case m.tail:
		return bytes.HasSuffix(s, m.text)
	}
	return bytes.Contains(s, m.text)
}

// find returns the first match at byte at of s or later: where it begins and
// ends, and the same of its groups, -1 for those that took no part; nil where
// there is none. The result lasts until the next call.
func (m *matcher) find(s []byte, at int) []int {
	switch {
	case m.plain:
		k := bytes.Index(s[at:], m.text)
		if k < 0 {
			return nil
		}
		m.loc = [2]int{at + k, at + k + len(m.text)}
		return m.loc[:]
	case at == 0:
		return m.re.FindSubmatchIndex(s)
	}
	var loc []int
	if m.rest == nil {
		loc = m.re.FindSubmatchIndex(s[at:])
	} else {
		_, n := utf8.DecodeLastRune(s[:at])
		at -= n
		if loc = m.rest.FindSubmatchIndex(s[at:]); loc != nil {
			loc = loc[2:]
		}
	}
	for k := range loc {
		if loc[k] >= 0 {
			loc[k] += at
		}
	}
	return loc
}

// scan goes through the matches of a text. An empty match right behind another
// match is none.
type scan struct {
	m       *matcher
	s       []byte
	at, end int // where to look from, and where the match before ended
}

// scanFrom looks for matches from the 1-based character place from on.
func scanFrom(m *matcher, s []byte, from int64) scan {
	at := skip(s, from-1)
	if at == len(s) && from-1 > int64(utf8.RuneCount(s)) {
		at++
	}
	return scan{m: m, s: s, at: at, end: -1}
}

// next returns the next match, as find does.
func (c *scan) next() []int {
	for c.at <= len(c.s) {
		loc := c.m.find(c.s, c.at)
		if loc == nil {
			c.at = len(c.s) + 1
			return nil
		}
		before := c.end
		c.at, c.end = loc[1], loc[1]
		if loc[0] == loc[1] {
			_, n := utf8.DecodeRune(c.s[c.at:])
			c.at += max(n, 1)
			if loc[0] == before {
				continue
			}
		}
		return loc
	}
	return nil
}

// explainPattern says in plain words what is wrong with a regular expression.
func explainPattern(err error) error {
	var bad *syntax.Error
	if !errors.As(err, &bad) {
		return errors.New("the regular expression cannot be read")
	}
	part := bad.Expr
	if short := skip([]byte(part), 40); short < len(part) {
		part = part[:short] + "…"
	}
	switch bad.Code {
	case syntax.ErrInvalidCharClass, syntax.ErrInvalidCharRange:
		return fmt.Errorf("the regular expression has a set of characters that is none: %s", part)
	case syntax.ErrInvalidEscape:
		if len(part) == 2 && part[1] >= '1' && part[1] <= '9' {
			return fmt.Errorf("the regular expression refers back to a group with %s, which would take more than linear time and is not supported", part)
		}
		return fmt.Errorf("the regular expression has an escape that is none: %s", part)
	case syntax.ErrInvalidNamedCapture, syntax.ErrInvalidPerlOp:
		if strings.HasPrefix(part, "(?=") || strings.HasPrefix(part, "(?!") || strings.HasPrefix(part, "(?<=") || strings.HasPrefix(part, "(?<!") {
			return fmt.Errorf("the regular expression looks ahead or behind with %s, which would take more than linear time and is not supported", part)
		}
		return fmt.Errorf("the regular expression has a group that is none: %s", part)
	case syntax.ErrInvalidRepeatOp, syntax.ErrMissingRepeatArgument:
		return fmt.Errorf("the regular expression repeats nothing with %s", part)
	case syntax.ErrInvalidRepeatSize:
		return fmt.Errorf("the regular expression repeats more than 1000 times, or backwards, with %s", part)
	case syntax.ErrInvalidUTF8:
		return errors.New("the regular expression is not valid UTF-8 text")
	case syntax.ErrMissingBracket:
		return fmt.Errorf("the regular expression lacks a closing ] for %s", part)
	case syntax.ErrMissingParen:
		return errors.New("the regular expression lacks a closing )")
	case syntax.ErrUnexpectedParen:
		return errors.New("the regular expression has a ) too many")
	case syntax.ErrTrailingBackslash:
		return errors.New("the regular expression ends with a backslash")
	case syntax.ErrNestingDepth:
		return errors.New("the regular expression is nested more than 1000 deep")
	}
	return errors.New("the regular expression is too large")
}
