package parser

import (
	"strings"

	"tidemark/parser/source"
)

// A template is a text with ${variables} in it. To be parsed it is filled: what
// stands for a variable has its length, so that places stay what they are.

// filling is what stands for variables.
type filling struct {
	outside byte   // for each byte of a variable outside of strings: of a name, or of a number
	inside  string // in strings, where the variable has no default
}

// fillings are tried in turn until the text can be parsed.
var fillings = []filling{{'x', "0"}, {'0', "0"}, {'x', "0s"}, {'0', "0s"}}

// parseTemplate parses a text that may have variables.
func parseTemplate(f *source.File) (*Script, source.List) {
	if !strings.Contains(f.Text, "${") {
		return Parse(f)
	}
	var script *Script
	var errs source.List
	for i, with := range fillings {
		filled, wrong := Parse(source.NewFile(f.Name, fill(f.Text, with)))
		if i == 0 || !wrong.HasErrors() {
			script, errs = filled, wrong
		}
		if !wrong.HasErrors() {
			break
		}
	}
	for _, d := range errs {
		d.File = f
	}
	return script, errs
}

// variables returns the places of the variables in a text.
func variables(text string) []source.Span {
	var list []source.Span
	for at := 0; ; {
		start := strings.Index(text[at:], "${")
		if start < 0 {
			return list
		}
		start += at
		end := strings.IndexAny(text[start:], "}\n")
		if end < 0 {
			return list
		}
		if at = start + end + 1; text[at-1] == '}' {
			list = append(list, source.Span{Start: start, End: at})
		}
	}
}

// fillNames fills every variable with a name: enough to tell the tokens apart.
func fillNames(text string) string {
	filled := []byte(text)
	for _, v := range variables(text) {
		for i := v.Start; i < v.End; i++ {
			filled[i] = 'x'
		}
	}
	return string(filled)
}

// fill fills the variables of a text; in strings with their defaults.
func fill(text string, with filling) string {
	list := variables(text)
	if len(list) == 0 {
		return text
	}
	filled := []byte(text)
	at := 0
	for scan := (scanner{text: fillNames(text)}); at < len(list); {
		t, _ := scan.Next() // never fails
		for end := t.Pos.Offset + len(t.Value); at < len(list) && (list[at].Start < end || t.EOF()); at++ {
			v := list[at]
			value := strings.Repeat(string(with.outside), v.End-v.Start)
			if t.Type == stringToken {
				_, def, given := strings.Cut(text[v.Start+2:v.End-1], ":-")
				if value = with.inside; given && !strings.Contains(def, "'") {
					value = def
				}
			}
			copy(filled[v.Start:v.End], value+strings.Repeat(" ", v.End-v.Start))
		}
	}
	return string(filled)
}
