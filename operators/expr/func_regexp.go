package expr

import (
	"errors"
	"unicode/utf8"

	"tidemark/operators/data"
)

var (
	errRegexpStart  = errors.New("a search with a regular expression begins at character 1 or later")
	errRegexpNumber = errors.New("the matches of a regular expression are counted from 1")
	errRegexpEnd    = errors.New("the end option of REGEXP_INSTR is 0 for the place of the match and 1 for the place behind it")
)

const regexpSyntax = " The syntax is RE2's, with . matching line breaks."

// compileFlagged compiles a regular expression with its flags; compileFold does
// it for ~* and !~*.
func compileFlagged(pattern, text []byte) (*matcher, error) {
	flags, err := parseFlags(text)
	if err != nil {
		return nil, err
	}
	if flags.all {
		return nil, errGlobal
	}
	return compileRegexp(pattern, flags)
}

var errGlobal = errors.New("the flag g is for REGEXP_REPLACE")

func compileFold(pattern, _ []byte) (*matcher, error) {
	return compileRegexp(pattern, patternFlags{fold: true})
}

// matchFunction is a condition on a text and a regular expression, and perhaps
// flags.
func matchFunction(not bool, compile func(pattern, flags []byte) (*matcher, error), params ...data.Kind) *Function {
	f := boolFunction(nil, params...).perCall(func(c *Call) kernel {
		p := newPatternArg(c, 1, 2, nil, compile)
		return boolRows(func(f *frame, i int) (bool, error) {
			m, err := p.at(f, i)
			return err == nil && m.match(f.text(0, i)) != not, err
		})
	})
	f.check = checkPattern(1, 2, 0, nil, compile)
	return f
}

// matchEntry is an operator on a text and a regular expression.
func matchEntry(name, doc, example, value string, not bool, compile func(pattern, flags []byte) (*matcher, error)) *entry {
	return &entry{name: name, doc: doc, examples: [][2]string{{example, value}},
		overloads: []*Function{matchFunction(not, compile, data.String, data.String)}}
}

// regexpFunction makes a function of a text, a pattern and more; flags and group
// are the arguments that hold those, 0 for none.
func regexpFunction(f *Function, flags, group int, build func(p *patternArg) kernel) *Function {
	at := flags
	if flags == 0 {
		at = len(f.Params) // beyond the arguments
	}
	f.check = checkPattern(1, at, group, nil, compileFlagged)
	return f.perCall(func(c *Call) kernel { return build(newPatternArg(c, 1, at, nil, compileFlagged)) })
}

func regexpOperatorEntries() []*entry {
	return inFamily("operator", []*entry{
		matchEntry("~", "Whether a part of the text matches a regular expression."+regexpSyntax, "'tidemark' ~ '^t.d'", "true", false, compileFlagged),
		matchEntry("~*", "~ without regard to case.", "'TIDE' ~* 'tid'", "true", false, compileFold),
		matchEntry("!~", "The opposite of ~.", "'tidemark' !~ 'x'", "true", true, compileFlagged),
		matchEntry("!~*", "The opposite of ~*.", "'TIDE' !~* 'tid'", "false", true, compileFold),
		similarEntry("SIMILAR TO", "Whether the text matches a pattern of the standard: % and _ as in LIKE, and | * + ? {} () [] as in regular expressions.", "'abc' SIMILAR TO '(a|x)%'", "true"),
		similarEntry("NOT SIMILAR TO", "The opposite of SIMILAR TO.", "'abc' NOT SIMILAR TO '[x-z]%'", "true"),
	})
}

func regexpEntries() []*entry {
	const s, n = data.String, data.BigInt
	text := func(params ...data.Kind) *Function { return textFunction(nil, params...) }
	count := func(params ...data.Kind) *Function { return intFunction(n, nil, params...) }
	return append(regexpArrayEntries(), inFamily("regexp", []*entry{
		{name: "REGEXP_LIKE", aliases: []string{"REGEXP", "RLIKE"}, doc: "Whether a part of the text matches a regular expression; flags may follow, i for no regard to case." + regexpSyntax,
			examples:  [][2]string{{"REGEXP_LIKE('Hello World', 'world$', 'i')", "true"}, {"REGEXP_LIKE('ab12', '^[a-z]+$')", "false"}},
			overloads: []*Function{matchFunction(false, compileFlagged, s, s, s).lastOptional(1)}},
		{name: "REGEXP_EXTRACT", doc: "The first match of a regular expression, or one group of it; NULL where there is none.",
			examples:  [][2]string{{"REGEXP_EXTRACT('foothebar', 'foo(.*?)(bar)', 2)", "bar"}, {"REGEXP_EXTRACT('order-17', '[0-9]+')", "17"}, {"REGEXP_EXTRACT('x', 'y')", "NULL"}},
			overloads: []*Function{regexpFunction(text(s, s, n).lastOptional(1), 0, 2, regexpExtractKernel)}},
		{name: "REGEXP_SUBSTR", doc: "The match of a regular expression in the text: from a character on, the n-th, with flags, one group of it; NULL where there is none.",
			examples:  [][2]string{{"REGEXP_SUBSTR('ABCDEFGHI', 'c..', 1, 1, 'i')", "CDE"}, {"REGEXP_SUBSTR('a1b22', '[0-9]+', 1, 2)", "22"}},
			overloads: []*Function{regexpFunction(text(s, s, n, n, s, n).lastOptional(4), 4, 5, substrKernel)}},
		{name: "REGEXP_INSTR", doc: "The 1-based place of a match of a regular expression, 0 where there is none: from a character on, the n-th, 1 for the place behind it, flags, one group of it.",
			examples:  [][2]string{{"REGEXP_INSTR('number of your street, town zip, FR', '[^,]+', 1, 2)", "23"}, {"REGEXP_INSTR('abc', 'x')", "0"}},
			overloads: []*Function{regexpFunction(count(s, s, n, n, n, s, n).lastOptional(5), 5, 6, instrKernel)}},
		{name: "REGEXP_COUNT", doc: "How many matches of a regular expression the text has, from a character on, with flags.",
			examples:  [][2]string{{"REGEXP_COUNT('123456789012', '\\d\\d\\d', 2)", "3"}},
			overloads: []*Function{regexpFunction(count(s, s, n, s).lastOptional(2), 3, 0, countKernel)}},
		{name: "REGEXP_REPLACE", doc: "The text with the first match of a regular expression replaced, or with the flag g every match; \\1 to \\9 in the replacement stand for groups, \\& for the match. A place to begin at and the number of the match, 0 for all, may stand before the flags.",
			examples:  [][2]string{{"REGEXP_REPLACE('foobarbaz', 'b(..)', 'X\\1Y', 'g')", "fooXarYXazY"}, {"REGEXP_REPLACE('foobarbaz', 'b..', 'X')", "fooXbaz"}, {"REGEXP_REPLACE('A PostgreSQL function', 'a|e|i|o|u', 'X', 1, 3, 'i')", "A PostgrXSQL function"}},
			overloads: []*Function{replaceFunction(3, s, s, s, s).lastOptional(1), replaceFunction(5, s, s, s, n, n, s).lastOptional(2)}},
	})...)
}

// regexpExtractKernel is REGEXP_EXTRACT.
func regexpExtractKernel(p *patternArg) kernel {
	return textRows(func(f *frame, i int, to []byte) ([]byte, error) {
		m, err := p.at(f, i)
		if err != nil {
			return to, err
		}
		group := int64(0)
		if len(f.args) > 2 {
			group = f.int(2, i)
		}
		if err := m.checkGroup(group); err != nil {
			return to, err
		}
		s := f.text(0, i)
		if group == 0 && !m.plain && len(s) > 0 {
			// The one form that needs no memory. It tells an empty match of a
			// text from none by nil.
			if s = m.re.Find(s); s == nil {
				f.setNull(i)
			}
			return append(to, s...), nil
		}
		return appendGroup(to, f, i, s, m.find(s, 0), group), nil
	})
}

// appendGroup appends a group of a match, or makes row i NULL where it has none.
func appendGroup(to []byte, f *frame, i int, s []byte, loc []int, group int64) []byte {
	if loc == nil || loc[2*group] < 0 {
		f.setNull(i)
		return to
	}
	return append(to, s[loc[2*group]:loc[2*group+1]]...)
}

// searched finds the match that a row of REGEXP_INSTR or REGEXP_SUBSTR is about;
// last is the argument that holds the group.
func (p *patternArg) searched(f *frame, i, last int) (loc []int, group int64, err error) {
	m, err := p.at(f, i)
	if err != nil {
		return nil, 0, err
	}
	from, number := int64(1), int64(1)
	if len(f.args) > 2 {
		from = f.int(2, i)
	}
	if len(f.args) > 3 {
		number = f.int(3, i)
	}
	if len(f.args) > last {
		group = f.int(last, i)
	}
	switch err := m.checkGroup(group); {
	case err != nil:
		return nil, 0, err
	case from < 1:
		return nil, 0, errRegexpStart
	case number < 1:
		return nil, 0, errRegexpNumber
	}
	c := scanFrom(m, f.text(0, i), from)
	for loc = c.next(); loc != nil && number > 1; number-- {
		loc = c.next()
	}
	return loc, group, nil
}

func substrKernel(p *patternArg) kernel {
	return textRows(func(f *frame, i int, to []byte) ([]byte, error) {
		loc, group, err := p.searched(f, i, 5)
		if err != nil {
			return to, err
		}
		return appendGroup(to, f, i, f.text(0, i), loc, group), nil
	})
}

func instrKernel(p *patternArg) kernel {
	return intRows(func(f *frame, i int) (int64, error) {
		end := int64(0)
		if len(f.args) > 4 {
			if end = f.int(4, i); end != 0 && end != 1 {
				return 0, errRegexpEnd
			}
		}
		loc, group, err := p.searched(f, i, 6)
		if err != nil || loc == nil || loc[2*group] < 0 {
			return 0, err
		}
		return int64(utf8.RuneCount(f.text(0, i)[:loc[2*group+end]])) + 1, nil
	})
}

func countKernel(p *patternArg) kernel {
	return intRows(func(f *frame, i int) (int64, error) {
		m, err := p.at(f, i)
		if err != nil {
			return 0, err
		}
		from := int64(1)
		if len(f.args) > 2 {
			if from = f.int(2, i); from < 1 {
				return 0, errRegexpStart
			}
		}
		n, c := int64(0), scanFrom(m, f.text(0, i), from)
		for c.next() != nil {
			n++
		}
		return n, nil
	})
}
