package repl

import (
	"fmt"
	"strings"

	"tidemark/parser"
	"tidemark/parser/source"
)

// describe is \d: what is declared, or the columns of something.
func (r *REPL) describe(c *command) {
	if c.arg(0) != "" {
		r.internal("DESCRIBE " + reference(c.arg(0)))
		return
	}
	names := r.session.Names()
	if len(names) == 0 {
		r.answer("nothing is declared: CREATE STREAM clicks WITH (path = 'clicks.csv')\n")
		return
	}
	var rows []string
	for _, n := range names {
		rows = append(rows, fmt.Sprintf("(%s, %s, %s)", literal(n.Name), literal(n.Kind), literal(strings.Join(n.Columns, ", "))))
	}
	r.internal("SELECT name, kind, columns FROM (VALUES " + strings.Join(rows, ", ") + ") AS d (name, kind, columns)")
}

// describeMore is \d+: the columns and the statement that has declared them.
func (r *REPL) describeMore(c *command) {
	if c.arg(0) == "" {
		r.internal("SHOW STREAMS")
		r.internal("SHOW TABLES")
		r.internal("SHOW VIEWS")
		return
	}
	r.internal("DESCRIBE " + reference(c.arg(0)))
	for _, n := range r.session.Names() {
		if strings.EqualFold(n.Name, strings.Trim(c.arg(0), `"`)) {
			r.internal("SHOW CREATE " + reference(c.arg(0)))
		}
	}
}

// reference writes a name or the path of a file as a statement refers to it.
func reference(name string) string {
	if strings.ContainsAny(name, "./*") {
		return literal(name)
	}
	return name
}

// functions is \df.
func (r *REPL) functions(c *command) {
	like := ""
	if p := c.arg(0); p != "" {
		if !strings.ContainsAny(p, "%_*") {
			p = "%" + p + "%"
		}
		like = " LIKE " + literal(strings.ReplaceAll(p, "*", "%"))
	}
	r.internal("SHOW FUNCTIONS" + like)
}

// listQueries is \dq.
func (r *REPL) listQueries(*command) { r.showQueries(&parser.Show{}, nil) }

// history is \s: the entries that have a text in them.
func (r *REPL) history(c *command) {
	if r.cfg.Terminal == nil {
		r.wrong(c, "", "there is no history without a terminal")
		return
	}
	for _, entry := range r.cfg.Terminal.History() {
		if strings.Contains(strings.ToLower(entry), strings.ToLower(c.arg(0))) {
			r.answer("%s\n", entry)
		}
	}
}

// peek is \peek: a few rows.
func (r *REPL) peek(c *command) {
	r.internal("SELECT * FROM " + reference(c.arg(0)) + " LIMIT 10")
}

// watermarks is \wm: how far time has come in a query of the background, or in the last,
// who holds it, and what would make the next window fire.
func (r *REPL) watermarks(c *command) {
	job := r.ran
	if id := c.arg(0); id != "" {
		q := r.find(id)
		if q == nil {
			r.wrong(c, "\\dq lists them", "there is no query %s", id)
			return
		}
		job = q.job
	} else if len(r.runningIDs()) > 0 {
		job = r.find(r.runningIDs()[len(r.runningIDs())-1]).job
	}
	if job == nil {
		r.answer("no query has run\n")
		return
	}
	r.answer("%s", job.TimeText())
}

// late is \late: what the last query left out for being late.
func (r *REPL) late(c *command) {
	if r.ran == nil {
		r.answer("no query has run\n")
		return
	}
	report := r.ran.Report()
	found := false
	for _, s := range report.Statements {
		if c.arg(0) != "" && !strings.Contains(strings.ToLower(s.Source), strings.ToLower(c.arg(0))) {
			continue
		}
		found = true
		r.answer("%s: %d of %s late, %d partly late\n", s.Source, s.Late, count(s.Read, "row"), s.PartlyLate)
	}
	if !found {
		hint := ""
		var names []string
		for _, s := range report.Statements {
			names = append(names, s.Source)
		}
		if near := source.Near(c.arg(0), names); near != "" {
			hint = "did you mean " + near + "?"
		}
		r.wrong(c, hint, "the last query did not read %s", c.arg(0))
		return
	}
	for _, line := range report.Advice() {
		r.answer("%s\n", line)
	}
}
