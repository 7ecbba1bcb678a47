package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tidemark/connectors/builtin"
	"tidemark/operators/agg"
	"tidemark/operators/expr"
	"tidemark/parser/source"
	"tidemark/planner/plan"
	"tidemark/runtime/engine"
)

const functionsPage = "../../docs/functions.md"

// manualEntry is a function, operator or aggregate as docs/functions.md shows it.
type manualEntry struct {
	name       string
	aliases    []string
	signatures []string
	doc        string
	examples   []manualExample
}

// manualExample is what is selected, from what, after which statements, and the
// value that comes.
type manualExample struct{ call, from, given, value string }

// query is the example as a script.
func (x manualExample) query() string {
	query := "SELECT " + x.call
	if x.from != "" {
		query += " FROM " + x.from
	}
	return x.given + "\n" + query
}

// family is a section of the page.
type family struct {
	name, title, note string
	entries           []manualEntry
}

// families returns the sections of the page in its order.
func families() []family {
	list := []family{
		{name: "operator", title: "Operators"},
		{name: "conditional", title: "Conditional"},
		{name: "string", title: "Text"},
		{name: "regexp", title: "Regular expressions", note: "The syntax is RE2's, which matches in linear time: there are no backreferences in patterns and no lookaround."},
		{name: "math", title: "Numbers"},
		{name: "time", title: "Time"},
		{name: "json", title: "JSON"},
		{name: "array", title: "Arrays"},
		{name: "map", title: "Maps"},
		{name: "row", title: "Rows"},
		{name: "hash", title: "Hashes"},
		{name: "encoding", title: "Encodings"},
		{name: "url", title: "URLs"},
	}
	for _, f := range expr.Functions() {
		e := manualEntry{name: f.Name, aliases: f.Aliases, signatures: f.Signatures, doc: f.Doc}
		for _, x := range f.Examples {
			e.examples = append(e.examples, manualExample{x.Expr, x.From, x.Given, x.Value})
		}
		at := slices.IndexFunc(list, func(l family) bool { return l.name == f.Family })
		if at < 0 {
			at = len(list)
			list = append(list, family{name: f.Family, title: strings.ToUpper(f.Family[:1]) + f.Family[1:]})
		}
		list[at].entries = append(list[at].entries, e)
	}
	aggregates := family{name: "aggregate", title: "Aggregates",
		note: "All but `COUNT` pass over NULL and are NULL over no rows, unless their line says otherwise. `DISTINCT`, `FILTER (WHERE …)` and, where the\norder matters, `ORDER BY` inside the call go with each."}
	for _, a := range agg.Infos() {
		e := manualEntry{name: a.Name, aliases: a.Aliases, signatures: a.Signatures, doc: a.Doc}
		for _, x := range a.Examples {
			e.examples = append(e.examples, manualExample{call: x.Call, from: x.From, value: x.Value})
		}
		aggregates.entries = append(aggregates.entries, e)
	}
	list = append(list, aggregates)
	windows := family{name: "window", title: "Window functions",
		note: "Computed for each row over others of its `OVER (PARTITION BY … ORDER BY …)`. Every aggregate is a window function, too."}
	for _, f := range plan.OverInfos() {
		e := manualEntry{name: f.Name, signatures: f.Signatures, doc: f.Doc}
		for _, x := range f.Examples {
			e.examples = append(e.examples, manualExample{call: x.Call, from: x.From, value: x.Value})
		}
		windows.entries = append(windows.entries, e)
	}
	list = append(list, windows)
	return slices.DeleteFunc(list, func(f family) bool { return len(f.entries) == 0 })
}

// TestFunctionsPage holds docs/functions.md to the tables of functions and
// aggregates. -update rewrites the page.
func TestFunctionsPage(t *testing.T) {
	want := functionsText(families())
	got, err := os.ReadFile(functionsPage)
	if err != nil && !(*update && errors.Is(err, os.ErrNotExist)) {
		t.Fatal(err)
	}
	switch {
	case string(got) == want:
	case *update:
		if err := os.WriteFile(functionsPage, []byte(want), 0o666); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("%s is not what the tables of functions say: run go test ./cmd/tidemark -run TestFunctionsPage -update\n%s", filepath.Base(functionsPage), firstChange(string(got), want))
	}
}

// firstChange shows the first line in which two texts differ.
func firstChange(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := 0; i < min(len(g), len(w)); i++ {
		if g[i] != w[i] {
			return fmt.Sprintf("line %d: the page has\n%s\nthe tables have\n%s", i+1, g[i], w[i])
		}
	}
	return fmt.Sprintf("the page has %d lines, the tables give %d", len(g), len(w))
}

func functionsText(list []family) string {
	var b strings.Builder
	b.WriteString("# Functions\n\nEvery function, operator and aggregate. This page is written from the tables that the binder uses, and a test\n" +
		"runs each example. In a signature `[…]` may be left out and `…` repeats what is before it; `ANY` is every type.\n\n")
	for i, f := range list {
		if i > 0 {
			b.WriteString(" · ")
		}
		fmt.Fprintf(&b, "[%s](#%s)", f.title, strings.ReplaceAll(strings.ToLower(f.title), " ", "-"))
	}
	b.WriteByte('\n')
	for _, f := range list {
		fmt.Fprintf(&b, "\n## %s\n\n", f.title)
		if f.note != "" {
			b.WriteString(f.note + "\n\n")
		}
		b.WriteString("| | | Example | Value |\n|---|---|---|---|\n")
		for _, e := range f.entries {
			b.WriteString(e.row())
		}
	}
	return b.String()
}

// row returns the line of the table for a function.
func (e manualEntry) row() string {
	doc := e.doc
	if len(e.aliases) > 0 {
		doc += " Also " + code(e.aliases, ", ") + "."
	}
	var calls, values []string
	for _, x := range e.examples {
		call := x.call
		if x.from != "" {
			call += " FROM " + x.from
		}
		if x.given != "" {
			call = x.given + " SELECT " + call
		}
		calls, values = append(calls, call), append(values, x.value)
	}
	return "| " + code(e.signatures, "<br>") + " | " + strings.ReplaceAll(doc, "|", `\|`) + " | " + code(calls, "<br>") + " | " + code(values, "<br>") + " |\n"
}

// code joins texts, each set as code within a cell of a table.
func code(texts []string, between string) string {
	var list []string
	for _, x := range texts {
		fence := "`"
		if strings.Contains(x, "`") {
			fence = "``"
		}
		x = strings.NewReplacer("|", `\|`, "\n", "⏎").Replace(x)
		if x == "" || x != strings.TrimSpace(x) {
			x = "'" + x + "'"
		}
		list = append(list, fence+x+fence)
	}
	return strings.Join(list, between)
}

// TestFunctionExamples runs every example of the page as a query: what binds and
// evaluates alone must also parse, plan and print.
func TestFunctionExamples(t *testing.T) {
	for _, f := range families() {
		for _, e := range f.entries {
			if e.doc == "" || len(e.signatures) == 0 || len(e.examples) == 0 {
				t.Errorf("%s is not documented", e.name)
			}
			for _, x := range e.examples {
				raw, err := selectOne(x.query())
				if got := plainText(raw); err != nil || got != x.value && string(raw) != x.value {
					t.Errorf("%s: %s gives %s, %v; the table says %s", e.name, x.query(), got, err, x.value)
				}
			}
		}
	}
}

// selectOne runs a query of one row and one column and returns its value as JSON.
func selectOne(query string) (json.RawMessage, error) {
	var out bytes.Buffer
	job, problems, err := engine.New(builtin.Registry()).Prepare(source.NewFile("example.sql", query), engine.Options{Output: "json", Stdout: &out})
	if problems.HasErrors() {
		return nil, errors.New(problems.Render())
	}
	if err != nil {
		return nil, err
	}
	if _, err := job.Run(context.Background(), context.Background()); err != nil {
		return nil, err
	}
	var row map[string]json.RawMessage
	if err := json.Unmarshal(out.Bytes(), &row); err != nil || len(row) != 1 {
		return nil, fmt.Errorf("not one row of one column: %s", out.String())
	}
	for _, raw := range row {
		return raw, nil
	}
	return nil, errors.New("the row has no column")
}

// plainText is a JSON value as the tables write it: texts without quotes. A JSON
// document that is a text has them: it is compared as it is.
func plainText(raw json.RawMessage) string {
	var text string
	switch {
	case string(raw) == "null":
		return "NULL"
	case json.Unmarshal(raw, &text) == nil:
		return text
	}
	return string(raw)
}
