package parser

import (
	"strings"

	"tidemark/parser/source"
)

// formatWidth is the number of characters that lines are kept within.
const formatWidth = 100

// Format returns the text of f in the canonical layout: keywords in upper case,
// one clause a line, comments where they were, names and literals as written. It
// changes nothing that has a meaning, and what it returned before. When a statement cannot be read
// it returns the diagnostics instead.
func Format(f *source.File) (string, source.List) {
	script, errs := parseTemplate(f)
	if errs.HasErrors() {
		return "", errs
	}
	statements, rest := formatStatements(f.Text)
	var out strings.Builder
	for i, s := range statements {
		writeComments(&out, s.leading)
		startLine(&out, s.blank)
		out.WriteString(render(layoutStatement(s.tokens, script.Statements[i]), formatWidth))
		out.WriteByte(';')
		for _, c := range s.trailing {
			out.WriteString(" " + c.text)
		}
		out.WriteByte('\n')
	}
	writeComments(&out, rest)
	return out.String(), nil
}

// writeComments writes comments between statements, each on its own line.
func writeComments(out *strings.Builder, comments []formatComment) {
	for _, c := range comments {
		startLine(out, c.blank)
		out.WriteString(c.text + "\n")
	}
}

// startLine leaves one empty line where the text had some.
func startLine(out *strings.Builder, blank bool) {
	if blank && out.Len() > 0 {
		out.WriteByte('\n')
	}
}
