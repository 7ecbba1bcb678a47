package source

import (
	"sort"
	"strings"
)

// Expand returns f with each ${name} replaced by its variable's value, and
// ${name:-text} by text where the variable is not set. Unset variables without a
// default are reported, with the nearest name that is set. Comments are left as
// they are. The places of the new file are told as those of f.
func Expand(f *File, vars map[string]string) (*File, List) {
	if !strings.Contains(f.Text, "${") {
		return f, nil
	}
	var errs List
	var b strings.Builder
	var pieces []piece
	at := 0
	for _, v := range variables(f.Text) {
		b.WriteString(f.Text[at:v.at.Start])
		at = v.at.End
		value, ok := vars[v.name]
		switch {
		case v.open:
			errs.Errorf(f, v.at, "write ${name}, or ${name:-default}", "a variable is not closed by }")
			continue
		case !ok && v.hasDefault:
			value = v.fallback
		case !ok:
			errs.Errorf(f, v.at, unsetHint(v.name, vars), "variable %s is not set", v.name)
		}
		pieces = append(pieces, piece{start: b.Len(), from: v.at})
		b.WriteString(value)
		pieces[len(pieces)-1].end = b.Len()
	}
	b.WriteString(f.Text[at:])
	out := NewFile(f.Name, b.String())
	out.template, out.pieces = f, pieces
	return out, errs
}

// Variables returns the names of the variables that a text uses, in its order.
func Variables(f *File) []string {
	var names []string
	for _, v := range variables(f.Text) {
		if !v.open {
			names = append(names, v.name)
		}
	}
	return names
}

// variable is a ${name} or ${name:-fallback} in a text. An open one has no } in
// its line; its place is that of the ${.
type variable struct {
	at             Span
	name, fallback string
	hasDefault     bool
	open           bool
}

// variables finds the variables of a text that do not stand in a comment.
func variables(text string) []variable {
	var list []variable
	quote := byte(0) // that a string or quoted name around is closed by
	for at := 0; at < len(text); {
		rest := text[at:]
		switch c := text[at]; {
		case strings.HasPrefix(rest, "${"):
			v := variableAt(text, at)
			list = append(list, v)
			at = v.at.End
			continue
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"' || c == '`':
			if strings.IndexByte(rest[1:], c) >= 0 {
				quote = c
			}
		case strings.HasPrefix(rest, "--"):
			at += lengthTo(rest, "\n")
			continue
		case strings.HasPrefix(rest, "/*"):
			at += 2 + lengthTo(rest[2:], "*/")
			continue
		}
		at++
	}
	return list
}

func variableAt(text string, start int) variable {
	end := strings.IndexAny(text[start:], "}\n")
	if end < 0 || text[start+end] == '\n' {
		return variable{at: Span{start, start + 2}, open: true}
	}
	v := variable{at: Span{start, start + end + 1}}
	v.name, v.fallback, v.hasDefault = strings.Cut(text[start+2:start+end], ":-")
	return v
}

// lengthTo returns the length of text up to the end of what closes it.
func lengthTo(text, closing string) int {
	if n := strings.Index(text, closing); n >= 0 {
		return n + len(closing)
	}
	return len(text)
}

func unsetHint(name string, vars map[string]string) string {
	names := make([]string, 0, len(vars))
	for n := range vars {
		names = append(names, n)
	}
	sort.Strings(names)
	if near := Near(name, names); near != "" {
		return "did you mean ${" + near + "}?"
	}
	return "set it with -D " + name + "=value, or write ${" + name + ":-default}"
}
