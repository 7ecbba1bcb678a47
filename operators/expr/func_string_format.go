package expr

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"tidemark/operators/data"
	"tidemark/parser/source"
)

// formatFunc is FORMAT, PostgreSQL's: %s a text, %I an identifier, %L a literal,
// %% a percent sign; between the % and the letter may stand a position (2$), a -
// for alignment to the left, and a width (10, * or *2$).
var formatFunc = &Function{Name: "FORMAT", Params: []data.Kind{data.String, data.String}, Variadic: true, Returns: data.String, nullable: true,
	kernel: func(c *Call) kernel {
		return textRows(func(f *frame, i int, to []byte) ([]byte, error) {
			if f.args[0].IsNull(i) {
				f.setNull(i)
				return to, nil
			}
			return appendFormatted(to, f.text(0, i), f, i)
		})
	},
	check: func(args []Expr, at source.Span) error {
		text, ok := constantText(args, 0)
		if !ok {
			return nil
		}
		for p := (specs{text: text, args: len(args) - 1}); ; {
			_, _, more, err := p.next()
			if err != nil {
				return errorf(args[0].Span(), "the letters are %s for a text, %I for an identifier, %L for a literal and %% for a percent sign", "%s", err)
			}
			if !more {
				return nil
			}
		}
	}}

func formatEntries() []*entry {
	const s = data.String
	return inFamily("string", []*entry{
		{name: "FORMAT", bind: bindFormat, signatures: []string{"FORMAT(STRING, ANY, …) → STRING"},
			doc:      "The first text with %s replaced by the next argument as text, %I by it as an identifier, %L as a literal (NULL as NULL), and %% by %. A position (%2$s), a width (%10s, %-10s, %*s) may follow the %.",
			examples: [][2]string{{"FORMAT('%s is %s%%', 'load', 97)", "load is 97%"}, {"FORMAT('[%-5s] %2$L', 'a', 'it''s')", "[a    ] 'it''s'"}}},
		{name: "QUOTE_LITERAL", doc: "The text as a literal of SQL, in quotes.", examples: [][2]string{{"QUOTE_LITERAL('it''s')", "'it''s'"}},
			overloads: []*Function{textFunction(func(f *frame, i int, to []byte) ([]byte, error) { return appendQuoted(to, f.text(0, i), '\''), nil }, s).total()}},
		{name: "QUOTE_IDENT", doc: "The text as an identifier of SQL, in double quotes where it needs them.",
			examples:  [][2]string{{"QUOTE_IDENT('my col')", `"my col"`}, {"QUOTE_IDENT('col')", "col"}},
			overloads: []*Function{textFunction(func(f *frame, i int, to []byte) ([]byte, error) { return appendIdentifier(to, f.text(0, i)), nil }, s).total()}},
	})
}

func bindFormat(e *entry, args []Expr, at source.Span) (Expr, error) {
	if len(args) == 0 {
		return nil, noOverload(e, args, at)
	}
	args, err := textArgs(args)
	if err != nil {
		return nil, err
	}
	return apply(formatFunc, args, at)
}

var (
	errFormatEnd      = errors.New("the format ends within a % specification; write %% for a percent sign")
	errFormatPosition = errors.New("the arguments of a format are counted from 1")
	errFormatIdent    = errors.New("a NULL cannot be written as an identifier by %I")
	errFormatWidth    = errors.New("the width in a format is not a whole number")
)

// spec is one % specification of a format.
type spec struct {
	letter byte
	arg    int // which argument, from 1; 0 for %%
	left   bool
	width  int // in characters; unless widthArg is set
	// widthArg is the argument that holds the width, from 1; 0 for none.
	widthArg int
}

// specs reads a format from left to right.
type specs struct {
	text []byte
	args int // how many there are
	last int // the argument used last
}

// next returns the text before the next specification, and that; more is false
// behind the last.
func (p *specs) next() (before []byte, s spec, more bool, err error) {
	k := 0
	for k < len(p.text) && p.text[k] != '%' {
		k++
	}
	before, p.text = p.text[:k], p.text[k:]
	if len(p.text) == 0 {
		return before, s, false, nil
	}
	p.text = p.text[1:]
	s, err = p.spec()
	return before, s, true, err
}

// spec reads what follows a %.
func (p *specs) spec() (s spec, err error) {
	if p.peek() == '%' {
		p.text = p.text[1:]
		return spec{letter: '%'}, nil
	}
	position := 0
	n, found, err := p.number()
	if err != nil {
		return s, err
	}
	switch {
	case found && p.peek() == '$':
		p.text = p.text[1:]
		if position = n; n == 0 {
			return s, errFormatPosition
		}
	case found:
		s.width = n
	}
	for p.peek() == '-' {
		s.left, p.text = true, p.text[1:]
	}
	switch {
	case found && position == 0: // the width was read
	case p.peek() == '*':
		p.text = p.text[1:]
		if n, found, err = p.number(); err != nil {
			return s, err
		}
		if s.widthArg = n; !found {
			p.last++
			s.widthArg = p.last
		} else if p.peek() != '$' {
			return s, errFormatWidth
		} else if p.text = p.text[1:]; n == 0 {
			return s, errFormatPosition
		}
		p.last = s.widthArg
	default:
		if s.width, _, err = p.number(); err != nil {
			return s, err
		}
	}
	if len(p.text) == 0 {
		return s, errFormatEnd
	}
	switch s.letter = p.text[0]; s.letter {
	case 's', 'I', 'L':
	default:
		r, _ := utf8.DecodeRune(p.text)
		return s, fmt.Errorf("a format has no specification %%%c", r)
	}
	p.text = p.text[1:]
	if s.arg = position; position == 0 {
		s.arg = p.last + 1
	}
	p.last = s.arg
	if s.arg > p.args || s.widthArg > p.args {
		return s, fmt.Errorf("the format asks for argument %d, but there are %d", max(s.arg, s.widthArg), p.args)
	}
	return s, nil
}

func (p *specs) peek() byte {
	if len(p.text) == 0 {
		return 0
	}
	return p.text[0]
}

// number reads digits, if there are any.
func (p *specs) number() (n int, found bool, err error) {
	for len(p.text) > 0 && p.text[0]-'0' <= 9 {
		n, found = n*10+int(p.text[0]-'0'), true
		if n > maxText {
			return 0, false, errTooLong("FORMAT")
		}
		p.text = p.text[1:]
	}
	return n, found, nil
}

// appendFormatted fills in a format from the arguments of row i.
func appendFormatted(to, format []byte, f *frame, i int) ([]byte, error) {
	p := specs{text: format, args: len(f.args) - 1}
	most := len(to) + maxText
	for {
		before, s, more, err := p.next()
		to = append(to, before...)
		if err != nil || !more {
			return to, err
		}
		if s.letter == '%' {
			to = append(to, '%')
			continue
		}
		if s.widthArg > 0 {
			if s, err = s.withWidth(f, i); err != nil {
				return to, err
			}
		}
		if to, err = s.append(to, f.args[s.arg], i); err != nil {
			return to, err
		}
		if len(to) > most {
			return to, errTooLong("FORMAT")
		}
	}
}

// withWidth takes the width from an argument: a negative one aligns to the left,
// NULL is none.
func (s spec) withWidth(f *frame, i int) (spec, error) {
	v := f.args[s.widthArg]
	if v.IsNull(i) {
		return s, nil
	}
	n, err := data.ParseInt(v.Text(i))
	if err != nil {
		return s, errFormatWidth
	}
	if n < 0 {
		s.left, n = true, negated(n)
	}
	if n > maxText {
		return s, errTooLong("FORMAT")
	}
	s.width = int(n)
	return s, nil
}

// append writes one argument.
func (s spec) append(to []byte, v *data.Vector, i int) ([]byte, error) {
	start := len(to)
	null := v.IsNull(i)
	switch {
	case s.letter == 'I' && null:
		return to, errFormatIdent
	case s.letter == 'I':
		to = appendIdentifier(to, v.Text(i))
	case s.letter == 'L' && null:
		to = append(to, "NULL"...)
	case s.letter == 'L':
		to = appendQuoted(to, v.Text(i), '\'')
	case !null:
		to = append(to, v.Text(i)...)
	}
	missing := s.width - utf8.RuneCount(to[start:])
	if missing <= 0 {
		return to, nil
	}
	size := len(to) - start
	to, _ = appendRepeated(to, space, int64(missing), "FORMAT")
	if !s.left {
		copy(to[start+missing:], to[start:start+size])
		fill(to[start:start+missing], ' ')
	}
	return to, nil
}

// appendQuoted writes s between quotes, and the quotes in it twice.
func appendQuoted(to, s []byte, quote byte) []byte {
	to = append(to, quote)
	for _, c := range s {
		if c == quote {
			to = append(to, c)
		}
		to = append(to, c)
	}
	return append(to, quote)
}

// appendIdentifier quotes a name unless it is made of lower-case letters, digits
// and underscores and does not begin with a digit.
func appendIdentifier(to, s []byte) []byte {
	plain := len(s) > 0 && s[0]-'0' > 9
	for _, c := range s {
		plain = plain && (c >= 'a' && c <= 'z' || c-'0' <= 9 || c == '_')
	}
	if plain {
		return append(to, s...)
	}
	return appendQuoted(to, s, '"')
}
