package expr

import (
	"bytes"
	"fmt"

	"tidemark/parser/source"
)

// maxPatterns is how many patterns that come from rows a call keeps compiled.
const maxPatterns = 64

// patternArg is the pattern of a call and where it is found. A constant one is
// compiled once; others are kept, up to maxPatterns of them.
type patternArg struct {
	compile func(pattern, flags []byte) (*matcher, error)
	arg     int // the argument that holds the pattern
	flags   int // the one that holds the flags or the ESCAPE character; 0 for none
	none    []byte

	fixed *matcher
	last  patternKey
	now   compiled
	known map[patternKey]compiled
}

type patternKey struct{ pattern, flags string }

type compiled struct {
	m   *matcher
	err error
}

// newPatternArg prepares the pattern of a call. flags may be beyond its
// arguments; none is what then stands for them.
func newPatternArg(c *Call, arg, flags int, none []byte, compile func(pattern, flags []byte) (*matcher, error)) *patternArg {
	p := &patternArg{compile: compile, arg: arg, none: none}
	if flags < len(c.Args) {
		p.flags = flags
	}
	if pattern, extra, ok := p.constant(c.Args); ok {
		p.fixed, _ = compile(pattern, extra) // a bad one fails at its rows
	}
	return p
}

// constant returns the pattern and its flags if they are constants.
func (p *patternArg) constant(args []Expr) (pattern, flags []byte, ok bool) {
	pattern, ok = constantText(args, p.arg)
	flags = p.none
	if ok && p.flags > 0 {
		flags, ok = constantText(args, p.flags)
	}
	return pattern, flags, ok
}

// at returns the matcher of row i.
func (p *patternArg) at(f *frame, i int) (*matcher, error) {
	if p.fixed != nil {
		return p.fixed, nil
	}
	pattern, flags := f.text(p.arg, i), p.none
	if p.flags > 0 {
		flags = f.text(p.flags, i)
	}
	if p.known != nil && string(pattern) == p.last.pattern && string(flags) == p.last.flags {
		return p.now.m, p.now.err
	}
	now, ok := p.known[patternKey{string(pattern), string(flags)}]
	if !ok {
		now.m, now.err = p.compile(pattern, flags)
		if p.known == nil || len(p.known) >= maxPatterns {
			p.known = map[patternKey]compiled{}
		}
		p.known[patternKey{string(pattern), string(flags)}] = now
	}
	p.last, p.now = patternKey{string(pattern), string(flags)}, now
	return now.m, now.err
}

// checkPattern refuses a constant pattern that is wrong, at its place. group is
// the argument that names a group of it, 0 for none.
func checkPattern(arg, flags, group int, none []byte, compile func(pattern, flags []byte) (*matcher, error)) func([]Expr, source.Span) error {
	return func(args []Expr, _ source.Span) error {
		p := newPatternArg(&Call{Args: args}, arg, flags, none, compile)
		pattern, extra, ok := p.constant(args)
		if !ok {
			return nil
		}
		m, err := compile(pattern, extra)
		if err != nil {
			at := args[arg].Span()
			if p.flags > 0 && !bytes.Equal(extra, none) {
				if _, err := compile(pattern, none); err == nil {
					at = args[flags].Span()
				}
			}
			return errorf(at, "", "%s", err)
		}
		if group == 0 || group >= len(args) {
			return nil
		}
		if l, ok := args[group].(*Literal); ok && !l.IsNull() {
			if err := m.checkGroup(l.Value.Ints[0]); err != nil {
				return errorf(l.Span(), "0 is the whole match", "%s", err)
			}
		}
		return nil
	}
}

// checkGroup says whether the pattern has a group.
func (m *matcher) checkGroup(n int64) error {
	if has := m.re.NumSubexp(); n < 0 || n > int64(has) {
		return fmt.Errorf("the regular expression has %d groups in parentheses, and no group %d", has, n)
	}
	return nil
}
