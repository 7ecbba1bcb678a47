package expr

import (
	"bytes"

	"tidemark/operators/data"
)

// pathRun follows paths through documents; one goroutine at a time. What it finds
// are parts of the document, which are good until it changes.
type pathRun struct {
	r           data.JSONReader
	found, next [][]byte
	inner       [][]byte // elements of an array on the way
	members     []jsonMember
	known       map[string]int // places in members, of objects with many
}

// jsonMember is a member of an object: its name, and its value as it is written.
type jsonMember struct {
	name  []byte
	value []byte
}

// pathResult says what became of a path.
type pathResult uint8

const (
	pathFound   pathResult = iota
	pathInvalid            // the document is not JSON
	pathMissed             // strict: a step had nothing to go to
)

// follow fills p.found with the parts of the document that the path leads to.
// Of members of one name the last counts. A document that is checked is known to
// be JSON.
func (p *pathRun) follow(path *jsonPath, document []byte, checked bool) pathResult {
	value := bytes.TrimSpace(document)
	if len(value) == 0 {
		return pathInvalid
	}
	if !checked {
		if p.r.Reset(document); !p.r.Valid() {
			return pathInvalid
		}
	}
	p.found = append(p.found[:0], value)
	for i := range path.steps {
		p.next = p.next[:0]
		for _, value := range p.found {
			if !p.step(&path.steps[i], value, path.strict) && path.strict {
				return pathMissed
			}
		}
		p.found, p.next = p.next, p.found
	}
	return pathFound
}

// step adds what a step leads to from a value to p.next. It returns false where
// there is nothing.
func (p *pathRun) step(s *pathStep, value []byte, strict bool) bool {
	array, object := value[0] == '[', value[0] == '{'
	switch s.kind {
	case memberOrPlace:
		if array {
			return p.elements(value, s.from, s.from, true)
		}
		return object && p.member(value, s.name)
	case memberStep, anyMember:
		if array && !strict { // lax: a step to a member goes through an array
			return p.insideArray(s, value)
		}
		if !object {
			return false
		}
		if s.kind == memberStep {
			return p.member(value, s.name)
		}
		for _, m := range p.unique(value) {
			p.next = append(p.next, m.value)
		}
		return true
	}
	if !array {
		if strict {
			return false
		}
		// Lax: a value is an array of itself.
		if s.kind == anyElement || inRange(s, 1) {
			p.next = append(p.next, value)
		}
		return true
	}
	switch s.kind {
	case anyElement:
		return p.elements(value, 0, maxPathPlace, false)
	case rangeStep:
		return p.elements(value, s.from, s.to, strict)
	}
	return p.elements(value, s.from, s.from, strict)
}

// inRange reports whether place 0 of n elements is one that the step goes to.
func inRange(s *pathStep, n int) bool {
	from, to := s.from, s.from
	if s.kind == rangeStep {
		to = s.to
	}
	if from < 0 {
		from += n
	}
	if to < 0 {
		to += n
	}
	return from <= 0 && to >= 0
}

// insideArray takes a step to members from every object in an array.
func (p *pathRun) insideArray(s *pathStep, array []byte) bool {
	from := len(p.next)
	p.elements(array, 0, maxPathPlace, false)
	p.inner = append(p.inner[:0], p.next[from:]...)
	p.next = p.next[:from]
	for _, e := range p.inner {
		if e[0] == '{' {
			p.step(s, e, false)
		}
	}
	return true
}

// elements adds the elements from one place to another, both included; negative
// ones count from the end. With all, they must be there.
func (p *pathRun) elements(array []byte, from, to int, all bool) bool {
	if from < 0 || to < 0 {
		n := p.count(array)
		if from < 0 {
			from += n
		}
		if to < 0 {
			to += n
		}
	}
	met := 0
	p.r.Reset(array)
	p.r.Take('[')
	for at := 0; at <= to && p.r.Peek() != ']'; at++ {
		value, ok := p.r.Raw()
		if !ok {
			return false
		}
		if at >= from {
			p.next = append(p.next, value)
			met++
		}
		p.r.Take(',')
	}
	return !all || from >= 0 && met == to-from+1
}

// count returns the number of elements of an array.
func (p *pathRun) count(array []byte) int {
	p.r.Reset(array)
	p.r.Take('[')
	n := 0
	for p.r.Peek() != ']' {
		if _, ok := p.r.Raw(); !ok {
			return n
		}
		n++
		p.r.Take(',')
	}
	return n
}

// member adds the value of the last member of a name.
func (p *pathRun) member(object []byte, name string) bool {
	var value []byte
	p.r.Reset(object)
	p.r.Take('{')
	for p.r.Peek() != '}' {
		key, ok := p.r.Text()
		same := string(key) == name
		if !ok || !p.r.Take(':') {
			return false
		}
		v, ok := p.r.Raw()
		if !ok {
			return false
		}
		if same {
			value = v
		}
		p.r.Take(',')
	}
	if value == nil {
		return false
	}
	p.next = append(p.next, value)
	return true
}

// manyMembers is from how many members on names are looked up in a map.
const manyMembers = 16

// unique returns the members of an object, of each name the last, in the order of
// the first of them. Names belong to the document or are copies.
func (p *pathRun) unique(object []byte) []jsonMember {
	p.members = p.members[:0]
	p.r.Reset(object)
	p.r.Take('{')
	for p.r.Peek() != '}' {
		raw, ok := p.r.Raw()
		if !ok || !p.r.Take(':') {
			return p.members
		}
		value, ok := p.r.Raw()
		if !ok {
			return p.members
		}
		p.members = append(p.members, jsonMember{raw, value})
		p.r.Take(',')
	}
	p.merge()
	return p.members
}

// merge drops members whose name comes again later, whose value then stands in
// the place of the first.
func (p *pathRun) merge() {
	all, kept := p.members, p.members[:0]
	many := len(all) > manyMembers
	if many && p.known == nil {
		p.known = map[string]int{}
	}
	clear(p.known)
	for _, m := range all {
		m.name = p.unquote(m.name)
		if at := p.find(kept, m.name, many); at >= 0 {
			kept[at].value = m.value
			continue
		}
		if many {
			p.known[string(m.name)] = len(kept)
		}
		kept = append(kept, m)
	}
	p.members = kept
}

func (p *pathRun) find(members []jsonMember, name []byte, many bool) int {
	if many {
		if at, ok := p.known[string(name)]; ok {
			return at
		}
		return -1
	}
	for i := range members {
		if bytes.Equal(members[i].name, name) {
			return i
		}
	}
	return -1
}

// unquote returns the characters of a string, in memory that stays as it is.
func (p *pathRun) unquote(raw []byte) []byte {
	if bytes.IndexByte(raw, '\\') < 0 {
		return raw[1 : len(raw)-1]
	}
	p.r.Reset(raw)
	text, _ := p.r.Text()
	return bytes.Clone(text)
}
