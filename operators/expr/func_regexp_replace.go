package expr

import (
	"bytes"
	"errors"

	"tidemark/operators/data"
)

var errReplaceNumber = errors.New("REGEXP_REPLACE replaces match 1 or a later one, or with 0 all; there is none below")

// replacement is what REGEXP_REPLACE puts in place of a match.
type replacement struct {
	text  []byte
	parts []replacementPart
	ready bool
}

// replacementPart is a text or, where group is not negative, a group of the match.
type replacementPart struct {
	text  []byte
	group int
}

// prepare reads the text of a replacement, unless it is the one it was: \1 to \9
// are groups, \& is the match, \\ a backslash; any other \ is itself.
func (r *replacement) prepare(text []byte) {
	if r.ready && bytes.Equal(r.text, text) {
		return
	}
	r.text, r.parts, r.ready = append(r.text[:0], text...), r.parts[:0], true
	for rest := r.text; len(rest) > 0; {
		k := bytes.IndexByte(rest, '\\')
		if k < 0 || k+1 == len(rest) {
			r.parts = append(r.parts, replacementPart{rest, -1})
			return
		}
		c := rest[k+1]
		switch {
		case c == '&':
			r.parts = append(r.parts, replacementPart{rest[:k], -1}, replacementPart{group: 0})
		case c >= '1' && c <= '9':
			r.parts = append(r.parts, replacementPart{rest[:k], -1}, replacementPart{group: int(c - '0')})
		case c == '\\':
			r.parts = append(r.parts, replacementPart{rest[:k+1], -1})
		default:
			r.parts = append(r.parts, replacementPart{rest[:k+2], -1})
		}
		rest = rest[k+2:]
	}
}

// append writes what replaces the match at loc in s; of a group that took no part
// nothing.
func (r *replacement) append(to, s []byte, loc []int) []byte {
	for _, p := range r.parts {
		switch {
		case p.group < 0:
			to = append(to, p.text...)
		case 2*p.group < len(loc) && loc[2*p.group] >= 0:
			to = append(to, s[loc[2*p.group]:loc[2*p.group+1]]...)
		}
	}
	return to
}

// compileReplace compiles a pattern with flags, of which g is one.
func compileReplace(pattern, text []byte) (*matcher, error) {
	flags, err := parseFlags(text)
	if err != nil {
		return nil, err
	}
	return compileRegexp(pattern, flags)
}

// replaceFunction is one of the forms of REGEXP_REPLACE; flags is the argument
// that holds them. With a place to begin at the arguments before are that and
// the number of the match.
func replaceFunction(flags int, params ...data.Kind) *Function {
	f := textFunction(nil, params...).perCall(func(c *Call) kernel {
		p := newPatternArg(c, 1, flags, nil, compileReplace)
		var by replacement
		return textRows(func(f *frame, i int, to []byte) ([]byte, error) {
			m, err := p.at(f, i)
			if err != nil {
				return to, err
			}
			from, number := int64(1), int64(1)
			if m.flags.all {
				number = 0
			}
			if flags == 5 {
				from = f.int(3, i)
				if len(f.args) > 4 {
					number = f.int(4, i)
				}
			}
			switch {
			case from < 1:
				return to, errRegexpStart
			case number < 0:
				return to, errReplaceNumber
			}
			by.prepare(f.text(2, i))
			return by.replace(to, scanFrom(m, f.text(0, i), from), number)
		})
	})
	f.check = checkPattern(1, flags, 0, nil, compileReplace)
	return f
}

// replace appends the text of c with the match of a number replaced, or with 0
// every match.
func (r *replacement) replace(to []byte, c scan, number int64) ([]byte, error) {
	done, most := 0, len(to)+max(maxText, len(c.s))
	for k := int64(1); ; k++ {
		loc := c.next()
		if loc == nil {
			break
		}
		if number != 0 && k != number {
			continue
		}
		to = append(to, c.s[done:loc[0]]...)
		to = r.append(to, c.s, loc)
		if len(to) > most {
			return to, errTooLong("REGEXP_REPLACE")
		}
		if done = loc[1]; k == number {
			break
		}
	}
	return append(to, c.s[done:]...), nil
}
