package queries_test

import (
	"crypto/md5"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

var (
	integerPattern = regexp.MustCompile(`^-?[0-9]+$`)
	decimalPattern = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)
)

// sltRows reads the rows that a query printed as JSON lines into values as a
// conformance file shows them.
func sltRows(out, types string) ([][]string, error) {
	var rows [][]string
	for line := range strings.Lines(out) {
		dec := json.NewDecoder(strings.NewReader(line))
		if t, err := dec.Token(); err != nil || t != json.Delim('{') {
			return nil, fmt.Errorf("the row is no JSON object: %s", line)
		}
		var row []string
		for dec.More() {
			name, err := dec.Token()
			if err != nil {
				return nil, fmt.Errorf("%w in %s", err, line)
			}
			var raw json.RawMessage
			if err := dec.Decode(&raw); err != nil {
				return nil, fmt.Errorf("%w in %s", err, line)
			}
			if len(row) == len(types) {
				return nil, fmt.Errorf("the query has more columns than the %d types %s: %s", len(types), types, line)
			}
			value, err := sltValue(string(raw), types[len(row)])
			if err != nil {
				return nil, fmt.Errorf("column %v: %w", name, err)
			}
			row = append(row, value)
		}
		if len(row) != len(types) {
			return nil, fmt.Errorf("the query has %d columns, not %d of types %s", len(row), len(types), types)
		}
		if _, err := dec.Token(); err != nil {
			return nil, fmt.Errorf("%w in %s", err, line)
		}
		if _, err := dec.Token(); err != io.EOF {
			return nil, fmt.Errorf("more than one object in a line: %s", line)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// sltValue shows a JSON value of a column with the given type letter.
func sltValue(raw string, letter byte) (string, error) {
	if raw == "null" {
		return "NULL", nil
	}
	text, quoted := raw, false
	if raw[0] == '"' {
		quoted = true
		if err := json.Unmarshal([]byte(raw), &text); err != nil {
			return "", err
		}
	}
	fits := false
	switch letter {
	case 'I':
		fits = integerPattern.MatchString(raw)
	case 'N':
		fits = decimalPattern.MatchString(raw)
	case 'R':
		_, err := strconv.ParseFloat(text, 64)
		fits = err == nil && (!quoted || strings.Contains("NaN Infinity -Infinity", text))
	case 'B':
		fits = raw == "true" || raw == "false"
	case 'T', 'D', 'X':
		return sltText(text), mismatch(quoted, raw, letter)
	case 'J':
		return raw, nil
	}
	return text, mismatch(fits, raw, letter)
}

func mismatch(fits bool, raw string, letter byte) error {
	if fits {
		return nil
	}
	return fmt.Errorf("the value %s is not of type %c", raw, letter)
}

// sltText quotes a text that could be taken for something else.
func sltText(s string) string {
	switch {
	case s == "":
		return "(empty)"
	case s == "NULL" || s == "(empty)" || s == "----" || s[0] == '"' || s[0] == '#':
		return strconv.Quote(s)
	}
	for _, r := range s {
		if unicode.IsSpace(r) || !unicode.IsPrint(r) || r == unicode.ReplacementChar || r == '\\' {
			return strconv.Quote(s)
		}
	}
	return s
}

// sltResult arranges rows as the record wants to see them.
func sltResult(r *sltRecord, rows [][]string) []string {
	var lines []string
	switch r.sort {
	case "valuesort":
		lines = slices.Concat(rows...)
	default:
		for _, row := range rows {
			lines = append(lines, strings.Join(row, " "))
		}
	}
	if r.sort != "nosort" {
		slices.Sort(lines)
	}
	if values := len(rows) * len(r.types); r.threshold > 0 && values > r.threshold {
		sum := md5.New()
		for _, l := range lines {
			io.WriteString(sum, l+"\n")
		}
		return []string{fmt.Sprintf("%d values hashing to %x", values, sum.Sum(nil))}
	}
	return lines
}

// sltEqual compares a line of a result with the expected one: doubles to twelve
// digits, all else to the letter.
func sltEqual(r *sltRecord, got, want string) bool {
	if got == want {
		return true
	}
	if !strings.Contains(r.types, "R") || r.sort == "valuesort" {
		return false
	}
	g, w := sltFields(got), sltFields(want)
	if len(g) != len(w) || len(g) != len(r.types) {
		return false
	}
	for i := range g {
		if g[i] != w[i] && (r.types[i] != 'R' || !near(g[i], w[i])) {
			return false
		}
	}
	return true
}

// sltFields cuts a line of a result into its values.
func sltFields(line string) []string {
	var fields []string
	for line != "" {
		end := strings.IndexByte(line, ' ')
		if line[0] == '"' {
			quoted, err := strconv.QuotedPrefix(line)
			if err == nil {
				end = len(quoted)
			}
		}
		if end < 0 || end >= len(line) {
			return append(fields, line)
		}
		fields = append(fields, line[:end])
		line = line[end+1:]
	}
	return fields
}

// near reports whether two texts are the same double but for rounding.
func near(a, b string) bool {
	x, err1 := strconv.ParseFloat(a, 64)
	y, err2 := strconv.ParseFloat(b, 64)
	return err1 == nil && err2 == nil && math.Abs(x-y) <= 1e-12*max(math.Abs(x), math.Abs(y))
}
