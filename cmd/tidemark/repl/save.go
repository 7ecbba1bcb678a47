package repl

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"tidemark/parser"
	"tidemark/parser/source"
	"tidemark/runtime/engine"
)

// entry is a statement that went well.
type entry struct {
	text    string
	dir     string // that its paths start from
	planned *engine.Planned
}

// save is \save: the statements that went well as a script, or as a test of what they
// gave.
func (r *REPL) save(c *command) {
	name := c.arg(0)
	if !filepath.IsAbs(name) {
		name = filepath.Join(r.dir, name)
	}
	var text string
	if strings.HasSuffix(name, ".test.sql") {
		text = r.testScript(filepath.Dir(name))
	} else {
		var b strings.Builder
		for _, e := range r.done {
			b.WriteString(e.text + "\n")
		}
		text = b.String()
	}
	if formatted, problems := parser.Format(source.NewFile(name, text)); !problems.HasErrors() {
		text = formatted
	}
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		r.wrong(c, "", "%s cannot be written: %s", c.arg(0), reason(err))
		return
	}
	if r.cfg.Terminal != nil {
		r.printf("%s in %s\n", count(int64(len(r.done)), "statement"), c.arg(0))
	}
}

// testScript makes a test of the conversation: its declarations, with a view for each
// query; what it has inserted, and the files that it has read, as feeds; and what the
// queries give now, at the end of the inputs.
func (r *REPL) testScript(dir string) string {
	var declare, feed, expect strings.Builder
	finish := "FINISH;\n"
	var fed, queries []string
	for _, e := range r.done {
		s := e.planned.Statement
		switch {
		case s.Explain != nil, s.Show != nil, s.Describe != nil:
			continue
		case s.Insert != nil && e.planned.Memory, s.Advance != nil:
			feed.WriteString(e.text + "\n")
		case s.Query == nil:
			declare.WriteString(e.text + "\n")
		case e.planned.Bounded && !slices.Contains(queries, e.text):
			queries = append(queries, e.text)
			view := fmt.Sprintf("query_%d", len(queries))
			if rows := r.expected(e, view); rows != "" {
				fmt.Fprintf(&declare, "CREATE VIEW %s AS %s\n", view, e.text)
				expect.WriteString(rows + ";\n")
			}
		}
		if s.Set != nil && strings.EqualFold(s.Set.Key.Text, "end_of_input") && strings.Contains(e.text, "hold") {
			finish = ""
		}
		for _, in := range e.planned.Reads {
			if in.Declared && in.Path != "" && !slices.Contains(fed, in.Name) {
				fed = append(fed, in.Name)
				fmt.Fprintf(&feed, "INSERT INTO %s FROM %s;\n", in.Name, literal(relative(dir, in.Path)))
			}
		}
	}
	return declare.String() + "\nTEST 'the session';\n" + feed.String() + finish + expect.String()
}

// relative returns a path as seen from a folder.
func relative(dir, path string) string {
	absDir, err1 := filepath.Abs(dir)
	absPath, err2 := filepath.Abs(path)
	if rel, err := filepath.Rel(absDir, absPath); err == nil && err1 == nil && err2 == nil {
		return rel
	}
	return path
}

// expected returns the EXPECT for the view of a query: the rows that it gives now. It is
// empty for a query that cannot be run again, and for nested values, which have no
// literals.
func (r *REPL) expected(e entry, view string) string {
	var out bytes.Buffer
	o := r.options()
	o.Output, o.Limit, o.Stdout, o.BaseDir, o.Screen = "json", 0, &out, e.dir, false
	p, problems, err := r.session.Prepare(source.NewFile("", e.text), o)
	if problems.HasErrors() || err != nil {
		return ""
	}
	if _, err := p.Job.Run(context.Background(), context.Background()); err != nil {
		return ""
	}
	var rows []string
	for line := range strings.Lines(out.String()) {
		row, ok := literals(line)
		if !ok {
			return ""
		}
		rows = append(rows, row)
	}
	if rows == nil {
		return "EXPECT EMPTY " + view
	}
	return "EXPECT " + view + " VALUES\n  " + strings.Join(rows, ",\n  ")
}

// literals writes the members of a JSON object as a row of VALUES; false where one is
// nested.
func literals(object string) (row string, ok bool) {
	d := json.NewDecoder(strings.NewReader(object))
	if _, err := d.Token(); err != nil { // the bracket
		return "", false
	}
	var values []string
	for d.More() {
		var value json.RawMessage
		if _, err := d.Token(); err != nil || d.Decode(&value) != nil { // the name
			return "", false
		}
		var text string
		switch value[0] {
		case '{', '[':
			return "", false
		case '"':
			if json.Unmarshal(value, &text) != nil {
				return "", false
			}
			values = append(values, literal(text))
		default:
			values = append(values, strings.ToUpper(string(value)))
		}
	}
	return "(" + strings.Join(values, ", ") + ")", true
}
