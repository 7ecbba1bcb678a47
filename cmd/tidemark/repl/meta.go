package repl

import (
	"slices"
	"strings"
	"unicode"

	"tidemark/parser/source"
)

// command is a meta command as it was written.
type command struct {
	name string // without its backslash or point
	args []string
	rest string // what is behind the name, as written

	file *source.File // nil for a line from the terminal
	at   source.Span
}

// arg returns an argument; "" where there is none.
func (c *command) arg(i int) string {
	if i < len(c.args) {
		return c.args[i]
	}
	return ""
}

// metaCommand reads a line as a meta command: \name or .name and arguments, which may
// stand in single quotes.
func metaCommand(line string) (command, bool) {
	line = strings.TrimSpace(line)
	if len(line) < 2 || line[0] != '\\' && (line[0] != '.' || !unicode.IsLetter(rune(line[1]))) {
		return command{}, false
	}
	line = line[1:]
	end := strings.IndexFunc(line, func(r rune) bool { return !unicode.IsLetter(r) && r != '_' })
	switch {
	case end < 0:
		end = len(line)
	case end == 0, line[end] == '+': // \?, \! and \d+
		end++
	}
	c := command{name: line[:end], rest: strings.TrimSpace(line[end:])}
	c.args = words(strings.TrimSuffix(c.rest, ";"))
	return c, true
}

// words splits arguments at spaces that do not stand in single quotes.
func words(text string) []string {
	var list []string
	var word strings.Builder
	quoted, begun := false, false
	for _, r := range text {
		switch {
		case r == '\'':
			quoted, begun = !quoted, true
		case !quoted && unicode.IsSpace(r):
			if begun {
				list = append(list, word.String())
				word.Reset()
			}
			begun = false
		default:
			word.WriteRune(r)
			begun = true
		}
	}
	if begun {
		list = append(list, word.String())
	}
	return list
}

// metaDef is a meta command.
type metaDef struct {
	names []string // the first is the one that help shows
	form  string   // of its arguments
	doc   string
	most  int // arguments; -1 is any number
	run   func(*REPL, *command)
}

// metas returns the meta commands in the order of their help.
func metas() []metaDef {
	return []metaDef{
		{[]string{"?", "help"}, "", "this list", 0, (*REPL).help},
		{[]string{"h"}, "[TOPIC]", "how a statement is written, what a function does", -1, (*REPL).syntax},
		{[]string{"q", "quit", "exit"}, "", "leave; so does Ctrl-D", 0, func(r *REPL, _ *command) { r.quit = true }},
		{[]string{"d"}, "[NAME]", "what is declared, or the columns of a name or file", 1, (*REPL).describe},
		{[]string{"d+"}, "[NAME]", "the same with all there is to know", 1, (*REPL).describeMore},
		{[]string{"df"}, "[PATTERN]", "functions", 1, (*REPL).functions},
		{[]string{"dq"}, "", "queries in the background; STOP QUERY n ends one", 0, (*REPL).listQueries},
		{[]string{"i"}, "FILE", "run a script", 1, (*REPL).include},
		{[]string{"e"}, "", "edit the statement, or the last one, in $EDITOR", 0, (*REPL).edit},
		{[]string{"r"}, "", "forget the statement that is being typed", 0, func(r *REPL, _ *command) { r.buffer = "" }},
		{[]string{"s"}, "[PATTERN]", "the history", 1, (*REPL).history},
		{[]string{"save"}, "FILE", "write the session as a script; x.test.sql: a test", 1, (*REPL).save},
		{[]string{"mode"}, "[" + strings.Join(modes, "|") + "]", "the form of results", 1, (*REPL).mode},
		{[]string{"o"}, "[FILE]", "write results to a file, or to the screen again", 1, (*REPL).output},
		{[]string{"x"}, "[on|off]", "a line for each value", 1, (*REPL).expand},
		{[]string{"timing"}, "[on|off]", "show how long statements take", 1, (*REPL).timed},
		{[]string{"null"}, "TEXT", "what stands for NULL", 1, (*REPL).nullText},
		{[]string{"limit"}, "[N]", "how many rows of a result are shown; 0 is all", 1, (*REPL).limitRows},
		{[]string{"wm"}, "[QUERY]", "how far time has come in a query, who holds it, and what fires next", 1, (*REPL).watermarks},
		{[]string{"late"}, "[STREAM]", "rows that the last query left out for being late", 1, (*REPL).late},
		{[]string{"peek"}, "SOURCE", "a few rows of a stream, table or file", 1, (*REPL).peek},
		{[]string{"attach"}, "N", "watch a query in the background; Ctrl-C lets go", 1, (*REPL).attach},
		{[]string{"set"}, "[NAME [VALUE]]", "variables for ${name}; on_error is stop or continue", 2, (*REPL).setVariable},
		{[]string{"cd"}, "DIR", "change the folder that paths start from", 1, (*REPL).changeDir},
		{[]string{"!"}, "COMMAND", "run a command of the system", -1, (*REPL).shell},
		{[]string{"demo"}, "", "declare a stream of orders to try things on", 0, (*REPL).demo},
	}
}

// meta runs a meta command.
func (r *REPL) meta(c command) {
	list := metas()
	i := slices.IndexFunc(list, func(d metaDef) bool { return slices.Contains(d.names, c.name) })
	if i < 0 {
		var names []string
		for _, d := range list {
			names = append(names, d.names...)
		}
		hint := "\\? lists them"
		if near := source.Near(c.name, names); near != "" {
			hint = "did you mean \\" + near + "?"
		}
		r.wrong(&c, hint, "there is no meta command \\%s", c.name)
		return
	}
	d := list[i]
	if d.most >= 0 && len(c.args) > d.most || d.form != "" && d.form[0] != '[' && len(c.args) == 0 {
		r.wrong(&c, "", "write \\%s", strings.TrimSpace(d.names[0]+" "+d.form))
		return
	}
	d.run(r, &c)
}

// wrong reports a mistake in a meta command.
func (r *REPL) wrong(c *command, hint, format string, args ...any) {
	r.fail(exitWrong)
	if c.file == nil {
		r.printf("error: "+format+"\n", args...)
		if hint != "" {
			r.printf("       %s\n", hint)
		}
		return
	}
	text := c.file.Text[c.at.Start:c.at.End]
	start := c.at.Start + len(text) - len(strings.TrimLeft(text, " \t"))
	var problems source.List
	problems.Errorf(c.file, source.Span{Start: start, End: start + len(strings.TrimSpace(text))}, hint, format, args...)
	r.diagnose(problems)
}

// help lists the meta commands.
func (r *REPL) help(*command) {
	var b strings.Builder
	b.WriteString("Statements end with a semicolon and may span lines: SELECT * FROM 'clicks.csv' LIMIT 5;\n" +
		"Ctrl-C stops a query or clears the line, Tab completes, Ctrl-R searches.\n\n")
	for _, d := range metas() {
		head := strings.TrimSpace("\\" + d.names[0] + " " + d.form)
		if len(head) > 22 {
			b.WriteString("  " + head + "\n")
			head = ""
		}
		b.WriteString("  " + head + strings.Repeat(" ", 24-len(head)) + d.doc + "\n")
	}
	r.answer("%s", b.String())
}
