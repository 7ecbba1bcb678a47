package queries_test

import (
	"fmt"
	"strconv"
	"strings"
)

// A conformance file is in the format of sqllogictest: records separated by
// blank lines, lines that start with # are comments.
//
//	statement ok
//	CREATE TABLE t (k INT, PRIMARY KEY (k))
//
//	statement error there is no column nope
//	SELECT nope FROM t
//
//	query IT rowsort label
//	SELECT k, 'a b' FROM t
//	----
//	1 "a b"
//
//	query error regular expression
//	SELECT 1 / 0
//
// A query has a letter for each column: I an integer, N an exact decimal, R a
// double (compared to twelve digits), T text, B a boolean, D a date, time,
// timestamp or interval, X bytes, J an array, map, row or JSON. The rows follow
// ----, one a line, values separated by a blank: NULL, (empty) for the empty text,
// and texts with blanks or quotes between double quotes, escaped as in Go. Rows
// are compared in order unless rowsort or valuesort is given. Queries with the same
// label have the same result. skipif and onlyif name a database for the record
// that follows, hash-threshold replaces long results by their MD5, halt ends a file.

// sltRecord is a statement or query of a conformance file.
type sltRecord struct {
	line  int // of the directive, from 1
	query bool
	// fails: the record is to be refused, with a message that errPattern matches.
	fails      bool
	errPattern string
	types      string
	sort       string // nosort, rowsort or valuesort
	label      string
	threshold  int // values beyond which the result is a hash; 0 for never
	conditions []sltCondition
	sql        string
	want       []string // lines of the expected result

	wantFrom, wantTo int // indices of the lines that hold want
}

// sltCondition is a skipif or onlyif.
type sltCondition struct {
	only     bool
	database string
}

// runsOn reports whether the record is meant for a database.
func (r *sltRecord) runsOn(database string) bool {
	for _, c := range r.conditions {
		if c.only != (c.database == database) {
			return false
		}
	}
	return true
}

// parseSLT returns the records of a conformance file.
func parseSLT(text string) ([]*sltRecord, error) {
	p := &sltParser{lines: strings.Split(text, "\n")}
	for p.at < len(p.lines) {
		done, err := p.record()
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", p.at+1, err)
		}
		if done {
			break
		}
	}
	if len(p.conditions) > 0 {
		return nil, fmt.Errorf("line %d: a condition without a record", len(p.lines))
	}
	return p.records, nil
}

type sltParser struct {
	lines      []string
	at         int // index of the current line
	records    []*sltRecord
	conditions []sltCondition
	threshold  int
}

// record reads one record or directive, and reports whether the file ends there.
func (p *sltParser) record() (done bool, err error) {
	line := strings.TrimRight(p.lines[p.at], " \t\r")
	if line == "" || line[0] == '#' {
		p.at++
		return false, nil
	}
	word, rest, _ := strings.Cut(line, " ")
	rest = strings.TrimSpace(rest)
	switch word {
	case "halt":
		return true, nil
	case "hash-threshold":
		if p.threshold, err = strconv.Atoi(rest); err != nil || p.threshold < 0 {
			return false, fmt.Errorf("hash-threshold %q is no number", rest)
		}
	case "skipif", "onlyif":
		if rest == "" || strings.Contains(rest, " ") {
			return false, fmt.Errorf("%s needs the name of a database", word)
		}
		p.conditions = append(p.conditions, sltCondition{word == "onlyif", rest})
	case "statement", "query":
		return false, p.body(word == "query", rest)
	default:
		return false, fmt.Errorf("unknown directive %q", word)
	}
	p.at++
	return false, nil
}

// body reads the record whose directive is the current line.
func (p *sltParser) body(query bool, rest string) error {
	r := &sltRecord{line: p.at + 1, query: query, threshold: p.threshold, conditions: p.conditions, sort: "nosort"}
	p.conditions = nil
	if err := r.directive(rest); err != nil {
		return err
	}
	p.at++
	var sql []string
	for p.at < len(p.lines) && p.lines[p.at] != "" && p.lines[p.at] != "----" {
		sql = append(sql, p.lines[p.at])
		p.at++
	}
	if r.sql = strings.TrimSuffix(strings.Join(sql, "\n"), ";"); r.sql == "" {
		return fmt.Errorf("there is no SQL")
	}
	hasResult := p.at < len(p.lines) && p.lines[p.at] == "----"
	switch {
	case hasResult && (!query || r.fails):
		return fmt.Errorf("only a query that succeeds has a result")
	case !hasResult && query && !r.fails:
		return fmt.Errorf("the query has no ----")
	}
	if hasResult {
		p.at++
		r.wantFrom = p.at
		for p.at < len(p.lines) && p.lines[p.at] != "" {
			r.want = append(r.want, p.lines[p.at])
			p.at++
		}
		r.wantTo = p.at
	}
	p.records = append(p.records, r)
	return nil
}

// directive reads what follows "statement" or "query".
func (r *sltRecord) directive(rest string) error {
	if pattern, ok := strings.CutPrefix(rest, "error"); ok && (pattern == "" || pattern[0] == ' ') {
		r.fails, r.errPattern = true, strings.TrimSpace(pattern)
		return nil
	}
	if !r.query {
		if rest != "ok" {
			return fmt.Errorf("a statement is ok or an error, not %q", rest)
		}
		return nil
	}
	words := strings.Fields(rest)
	if len(words) == 0 || len(words) > 3 || strings.Trim(words[0], "IRNTBDXJ") != "" {
		return fmt.Errorf("a query has types of the letters IRNTBDXJ, a sort mode and a label, not %q", rest)
	}
	r.types = words[0]
	for _, w := range words[1:] {
		switch {
		case w == "nosort" || w == "rowsort" || w == "valuesort":
			r.sort = w
		case r.label == "":
			r.label = w
		default:
			return fmt.Errorf("a query has one label, not %q", rest)
		}
	}
	return nil
}
