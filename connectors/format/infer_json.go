package format

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// inferJSON returns the union of the members of the sample's objects, in the order
// of their first appearance.
func inferJSON(ctx context.Context, records *Records) (data.Schema, error) {
	var whole shape
	var s scanner
	var c connectors.Chunk
	reason := "it is empty"
	for left := sampleRecords; left > 0; {
		if err := records.Next(ctx, &c); err == io.EOF {
			break
		} else if err != nil {
			return nil, err
		}
		if c.TooLong > 0 {
			reason = tooLong(records.framing.MaxRecord)
			continue
		}
		s.d = text(&c)
		for pos := 0; pos < len(c.Data) && left > 0; {
			end := pos + bytes.IndexByte(s.d[pos:], '\n')
			if at := s.space(pos); at < end {
				left--
				if !whole.record(&s, at) {
					reason = s.reason(pos)
				}
			}
			pos = end + 1
		}
	}
	if len(whole.members) == 0 {
		if whole.vast {
			reason = fmt.Sprintf("its objects have more than %d different members", maxColumns)
		} else if whole.has != 0 {
			reason = "its objects are empty"
		}
		return nil, undecided(records.name, reason, "path", declareThem)
	}
	schema := make(data.Schema, len(whole.members))
	for i, m := range whole.members {
		schema[i] = data.Column{Name: m.name, Type: m.shape.typ(1)}
	}
	return schema, nil
}

// shape collects what JSON values look like, to find the type that all have.
type shape struct {
	has     jsonKinds
	scalars guess
	elem    *shape // of arrays
	members []*member
	byName  map[string]*shape // by lower-case name
	vast    bool              // there are more members than a ROW should have
}

type member struct {
	name  string
	shape shape
}

// jsonKinds is a set of the kinds of JSON values, without null.
type jsonKinds uint8

const (
	jsonBool jsonKinds = 1 << iota
	jsonNumber
	jsonText
	jsonArray
	jsonObject
)

// maxMembers is how many fields an inferred ROW has at most: objects with more
// different keys hold data in them.
const maxMembers = 256

// maxColumns is how many columns are inferred at most.
const maxColumns = 4096

// record takes a line's object into account, all of it or nothing.
func (h *shape) record(s *scanner, i int) bool {
	if s.d[i] != '{' {
		s.fail(i, "an object is expected")
		return false
	}
	end := s.value(i, 1)
	if end < 0 {
		return false
	}
	if end = s.space(end); s.d[end] != '\n' {
		s.fail(end, "the end of the line is expected after the object")
		return false
	}
	h.object(s, i, 0)
	return true
}

// value takes the value at i, which is known to be well-formed, into account and
// returns the place behind it. depth counts the values around it.
func (h *shape) value(s *scanner, i, depth int) int {
	if depth > data.MaxNesting { // deeper than any type
		h.has |= jsonArray | jsonObject
		return s.value(i, 1)
	}
	switch c := s.d[i]; c {
	case '{':
		return h.object(s, i, depth)
	case '[':
		return h.array(s, i, depth)
	case '"':
		h.has |= jsonText
		text, next := s.text(i)
		if next < 0 { // what is no text is for the run to report
			return s.skipString(i)
		}
		h.scalars.see(text)
		return next
	case 'n':
		return s.value(i, 1)
	case 't', 'f':
		h.has |= jsonBool
		return s.value(i, 1)
	}
	h.has |= jsonNumber
	next := s.value(i, 1)
	h.scalars.see(s.d[i:next])
	return next
}

func (h *shape) array(s *scanner, i, depth int) int {
	h.has |= jsonArray
	if h.elem == nil {
		h.elem = &shape{}
	}
	if i = s.space(i + 1); s.d[i] == ']' {
		return i + 1
	}
	for {
		i = s.space(h.elem.value(s, i, depth+1))
		if s.d[i] == ']' {
			return i + 1
		}
		i = s.space(i + 1)
	}
}

func (h *shape) object(s *scanner, i, depth int) int {
	h.has |= jsonObject
	if i = s.space(i + 1); s.d[i] == '}' {
		return i + 1
	}
	for {
		name, next := s.text(i)
		if next < 0 {
			name, next = nil, s.skipString(i)
		}
		m := h.member(string(name), depth)
		i = s.space(s.space(next) + 1)
		if m != nil {
			i = m.value(s, i, depth+1)
		} else {
			i = s.value(i, 1)
		}
		if i = s.space(i); s.d[i] == '}' {
			return i + 1
		}
		i = s.space(i + 1)
	}
}

// member returns the shape of the member called name, ignoring case as columns do;
// nil when it is not to be kept.
func (h *shape) member(name string, depth int) *shape {
	key := strings.ToLower(name)
	if m, ok := h.byName[key]; ok {
		return m
	}
	if name == "" || h.vast {
		return nil
	}
	if len(h.members) == maxMembers && depth > 0 || len(h.members) == maxColumns {
		h.vast, h.members, h.byName = true, nil, nil
		return nil
	}
	if h.byName == nil {
		h.byName = map[string]*shape{}
	}
	m := &member{name: name}
	h.members, h.byName[key] = append(h.members, m), &m.shape
	return &m.shape
}

// typ returns the type of all the values. level is how deep it stands: 1 for a
// column.
func (h *shape) typ(level int) data.Type {
	switch h.has {
	case 0: // nothing but null
		return data.Of(data.String)
	case jsonBool:
		return data.Of(data.Boolean)
	case jsonNumber:
		return h.scalars.kind()
	case jsonText:
		if h.scalars.seen == looksTime { // of the day, or a duration: not said
			return data.Of(data.String)
		}
		return h.scalars.temporal()
	case jsonArray:
		if h.elem.has != 0 && level <= data.MaxNesting {
			return data.ArrayOf(h.elem.typ(level + 1))
		}
	case jsonObject:
		if len(h.members) > 0 && level <= data.MaxNesting {
			fields := make([]data.Field, len(h.members))
			for i, m := range h.members {
				fields[i] = data.Field{Name: m.name, Type: m.shape.typ(level + 1)}
			}
			return data.RowOf(fields...)
		}
	}
	return data.Of(data.JSON)
}
