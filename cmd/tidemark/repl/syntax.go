package repl

import (
	"fmt"
	"strings"

	"tidemark/parser/source"
)

// topics are what \h knows: the statements, and how they are written.
var topics = []struct{ name, form, doc string }{
	{"SELECT", `SELECT [DISTINCT] item, … FROM relation [JOIN …] [WHERE condition]
  [GROUP BY key, TUMBLE(ts, INTERVAL '5' MINUTE)]
  [ALLOWED LATENESS INTERVAL '1' HOUR]
  [HAVING condition] [QUALIFY condition] [EMIT FINAL | EMIT CHANGES]
  [ORDER BY item [DESC], …] [LIMIT n]`, "a query; FROM 'clicks.csv' reads a file at once"},
	{"CREATE STREAM", `CREATE [OR REPLACE] STREAM name (
    column TYPE, …, WATERMARK FOR ts AS ts - INTERVAL '5' SECOND)
  WITH (path = 'clicks.csv')`, "columns that are left out are read from the input; without WITH the stream is in memory, and INSERT fills it"},
	{"CREATE TABLE", `CREATE [OR REPLACE] TABLE name (column TYPE, …, PRIMARY KEY (column, …)) WITH (…)`, "rows that replace one another by key"},
	{"CREATE VIEW", `CREATE [OR REPLACE] VIEW name AS SELECT …`, "a named query"},
	{"CREATE FUNCTION", `CREATE FUNCTION name(x TYPE, …) RETURNS TYPE AS expression`, "a named expression"},
	{"DROP", `DROP STREAM | TABLE | VIEW | FUNCTION [IF EXISTS] name`, "takes a declaration back"},
	{"INSERT", `INSERT INTO name [(column, …)] SELECT … | VALUES (…), …`, "fills a stream in memory, or writes to a sink in the background"},
	{"EXPLAIN", `EXPLAIN [LOGICAL | PHYSICAL | WATERMARK | STATE] query`, "how a query runs"},
	{"DESCRIBE", `DESCRIBE name | 'file' | query`, "columns and their types"},
	{"SHOW", `SHOW STREAMS | TABLES | VIEWS | FUNCTIONS | QUERIES | SETTINGS [LIKE 'pattern'], SHOW CREATE name`, "what there is"},
	{"SET", `SET name = value, RESET name | ALL`, "settings: SHOW SETTINGS lists them"},
	{"ADVANCE WATERMARK", `ADVANCE WATERMARK FOR stream TO '2026-01-05T10:00:00Z'`, "moves the time of a stream in memory"},
	{"STOP QUERY", `STOP QUERY n`, "ends a query in the background"},
}

// syntax is \h.
func (r *REPL) syntax(c *command) {
	topic := strings.ToUpper(strings.Join(c.args, " "))
	var names []string
	found := false
	for _, t := range topics {
		names = append(names, t.name)
		if topic != "" && (t.name == topic || strings.HasPrefix(t.name, topic+" ")) {
			found = true
			r.answer("%s\n  %s\n", t.form, t.doc)
		}
	}
	switch {
	case topic == "":
		r.answer("\\h TOPIC, which is a function or one of: %s\n", strings.Join(names, ", "))
	case found:
	default:
		r.function(c, topic, names)
	}
}

// function shows what a function does.
func (r *REPL) function(c *command, name string, topics []string) {
	functions := r.cfg.Engine.Vocabulary().Functions
	for _, f := range functions {
		if f == name {
			r.internal(fmt.Sprintf("SHOW FUNCTIONS LIKE %s", literal(name)))
			return
		}
	}
	hint := "\\h lists the topics, \\df the functions"
	if near := source.Near(name, append(topics, functions...)); near != "" {
		hint = "did you mean \\h " + near + "?"
	}
	r.wrong(c, hint, "there is nothing about %s", name)
}
