package source

import (
	"sort"
	"strings"
)

// Expand returns f with each ${name} replaced by its variable's value, and
// ${name:-text} by text where the variable is not set. Unset variables without a
// default are reported, with the nearest name that is set.
func Expand(f *File, vars map[string]string) (*File, List) {
	if !strings.Contains(f.Text, "${") {
		return f, nil
	}
	var errs List
	var b strings.Builder
	text := f.Text
	for at := 0; ; {
		k := strings.Index(text[at:], "${")
		if k < 0 {
			b.WriteString(text[at:])
			break
		}
		start := at + k
		b.WriteString(text[at:start])
		end := strings.IndexAny(text[start:], "}\n")
		if end < 0 || text[start+end] == '\n' {
			errs.Errorf(f, Span{start, start + 2}, "write ${name}, or ${name:-default}", "a variable is not closed by }")
			b.WriteString(text[start:])
			break
		}
		at = start + end + 1
		name, def, hasDef := strings.Cut(text[start+2:at-1], ":-")
		value, ok := vars[name]
		switch {
		case ok:
			b.WriteString(value)
		case hasDef:
			b.WriteString(def)
		default:
			errs.Errorf(f, Span{start, at}, unsetHint(name, vars), "variable %s is not set", name)
		}
	}
	return NewFile(f.Name, b.String()), errs
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
