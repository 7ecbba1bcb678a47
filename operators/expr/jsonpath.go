package expr

import (
	"strings"
	"unicode/utf8"
)

// pathStep is one step of a JSON path.
type pathStep struct {
	kind stepKind
	name string
	// Places of elements, the first is 0; one that is negative counts from the end,
	// -1 is the last.
	from, to int
}

type stepKind uint8

const (
	memberStep    stepKind = iota // .name
	anyMember                     // .*
	elementStep                   // [from], also [last]
	rangeStep                     // [from to to]
	anyElement                    // [*]
	memberOrPlace                 // of #>: a name, and in an array the place that it spells
)

// jsonPath is a compiled path of SQL/JSON.
type jsonPath struct {
	strict bool
	steps  []pathStep
}

const (
	maxPathSteps = 100 // steps of a path
	maxPathPlace = 1 << 30
)

// pathParser reads a path from at on.
type pathParser struct {
	text string
	at   int
	path jsonPath
}

// compilePath compiles a path: lax or strict, $, and steps .name, ."name", .*,
// ['name'], [n], [last], [last - n], [n to m] and [*].
func compilePath(text string) (*jsonPath, error) {
	p := &pathParser{text: text}
	if !utf8.ValidString(text) {
		return nil, p.wrong("", "it is not valid UTF-8 text")
	}
	p.space()
	switch {
	case p.word("strict"):
		p.path.strict = true
	case p.word("lax"):
	}
	p.space()
	if !p.take('$') {
		return nil, p.wrong("paths start at the whole document: '$.name'", "$ is expected %s", p.here())
	}
	for p.space(); p.at < len(p.text); p.space() {
		if len(p.path.steps) == maxPathSteps {
			return nil, p.wrong("", "it has more than %d steps", maxPathSteps)
		}
		step, err := p.step()
		if err != nil {
			return nil, err
		}
		p.path.steps = append(p.path.steps, step)
	}
	return &p.path, nil
}

func (p *pathParser) wrong(hint, format string, args ...any) error {
	return unplaced(hint, "the JSON path '%s' is wrong: "+format, append([]any{shortText(p.text)}, args...)...)
}

// here names the present place.
func (p *pathParser) here() string {
	if p.at >= len(p.text) {
		return "at its end"
	}
	return "at '" + shortText(p.text[p.at:]) + "'"
}

func (p *pathParser) space() {
	for p.at < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.at]) >= 0 {
		p.at++
	}
}

func (p *pathParser) peek() byte {
	if p.at < len(p.text) {
		return p.text[p.at]
	}
	return 0
}

func (p *pathParser) take(c byte) bool {
	if p.peek() != c {
		return false
	}
	p.at++
	return true
}

// word goes past a word that no letter follows.
func (p *pathParser) word(w string) bool {
	rest := p.text[p.at:]
	if !hasWord(rest, w) || len(rest) > len(w) && isNameByte(rest[len(w)]) && rest[len(w)] != '$' {
		return false
	}
	p.at += len(w)
	return true
}

func isNameByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c-'0' <= 9 || c == '_' || c == '$' || c >= utf8.RuneSelf
}

func (p *pathParser) step() (pathStep, error) {
	switch {
	case p.take('['):
		return p.subscript()
	case p.take('?'):
		p.at--
		return pathStep{}, p.wrong("compare in SQL, as in WHERE JSON_VALUE(doc, '$.price') > '10'", "filters with ?( ) are not supported")
	case !p.take('.'):
		return pathStep{}, p.wrong("steps are .name, .*, [0], [*] and ['name']", "a step is expected %s", p.here())
	}
	p.space()
	switch c := p.peek(); {
	case c == '*':
		if p.at++; p.peek() == '*' {
			return pathStep{}, p.wrong("", ".** is not supported")
		}
		return pathStep{kind: anyMember}, nil
	case c == '.':
		return pathStep{}, p.wrong("write the names of all levels", ".. is not supported")
	case c == '"':
		name, err := p.quoted()
		return pathStep{kind: memberStep, name: name}, err
	}
	from := p.at
	for isNameByte(p.peek()) && (p.at > from || p.peek()-'0' > 9) {
		p.at++
	}
	name := p.text[from:p.at]
	switch p.space(); {
	case name == "":
		return pathStep{}, p.wrong(`put names that are not plain words into quotes: $."a-b"`, "a name is expected %s", p.here())
	case p.peek() == '(':
		return pathStep{}, p.wrong("", "methods such as .%s() are not supported", name)
	}
	return pathStep{kind: memberStep, name: name}, nil
}

// quoted reads a name in quotes, with JSON's escapes.
func (p *pathParser) quoted() (string, error) {
	quote, from := p.peek(), p.at
	var b strings.Builder
	for p.at++; p.at < len(p.text); p.at++ {
		switch c := p.text[p.at]; {
		case c == quote:
			p.at++
			return b.String(), nil
		case c == '\\' && p.at+1 < len(p.text):
			p.at++
			if strings.IndexByte(`"\/'`, p.text[p.at]) < 0 {
				return "", p.wrong("", `only \", \', \\ and \/ are escapes in a name, not \%c`, []rune(p.text[p.at:])[0])
			}
			b.WriteByte(p.text[p.at])
		default:
			b.WriteByte(c)
		}
	}
	p.at = from
	return "", p.wrong("", "a quote is not closed %s", p.here())
}

// subscript reads what stands in square brackets.
func (p *pathParser) subscript() (step pathStep, err error) {
	switch p.space(); p.peek() {
	case '*':
		p.at++
		step.kind = anyElement
	case '\'', '"':
		step.kind = memberStep
		step.name, err = p.quoted()
	default:
		step.kind = elementStep
		if step.from, err = p.place(); err != nil {
			return step, err
		}
		if p.space(); p.word("to") {
			step.kind = rangeStep
			step.to, err = p.place()
		}
	}
	if err != nil {
		return step, err
	}
	if p.space(); !p.take(']') {
		return step, p.wrong("", "] is expected %s", p.here())
	}
	return step, nil
}

// place reads n, last or last - n.
func (p *pathParser) place() (int, error) {
	p.space()
	if !p.word("last") {
		return p.number()
	}
	if p.space(); !p.take('-') {
		return -1, nil
	}
	p.space()
	n, err := p.number()
	return -1 - n, err
}

func (p *pathParser) number() (int, error) {
	n, from := 0, p.at
	for p.peek()-'0' <= 9 && n < maxPathPlace {
		n = n*10 + int(p.peek()-'0')
		p.at++
	}
	switch {
	case p.at == from:
		return 0, p.wrong("elements count from 0; the last is [last]", "the place of an element is expected %s", p.here())
	case n >= maxPathPlace:
		return 0, p.wrong("", "the place of an element is too great")
	}
	return n, nil
}

// compileKeys compiles the path of #> and #>>, a PostgreSQL array of names and
// places such as {a,0,b}.
func compileKeys(text string) (*jsonPath, error) {
	inner, open := strings.CutPrefix(strings.TrimSpace(text), "{")
	inner, closed := strings.CutSuffix(inner, "}")
	if !open || !closed || strings.ContainsAny(inner, `"{}\`) {
		return nil, unplaced("write it as '{a,0,b}', or use JSON_QUERY with '$.a[0].b'", "'%s' is no path for #> or #>>", shortText(text))
	}
	path := &jsonPath{strict: true}
	if strings.TrimSpace(inner) == "" {
		return path, nil
	}
	for name := range strings.SplitSeq(inner, ",") {
		if len(path.steps) == maxPathSteps {
			return nil, unplaced("", "a path has at most %d steps", maxPathSteps)
		}
		path.steps = append(path.steps, keyStep(strings.TrimSpace(name)))
	}
	return path, nil
}

func keyStep(name string) pathStep {
	digits := strings.TrimPrefix(name, "-")
	p := &pathParser{text: digits}
	n, err := p.number()
	if err != nil || p.at < len(digits) {
		return pathStep{kind: memberStep, name: name}
	}
	if digits != name {
		n = -n
	}
	return pathStep{kind: memberOrPlace, name: name, from: n}
}
