package engine_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"strings"
	"testing"

	"tidemark/connectors/builtin"
	"tidemark/operators/agg"
	"tidemark/parser/source"
	"tidemark/runtime/engine"
)

// Every aggregate has a documented example, and it is true: it is run as a query.
func TestAggregateExamples(t *testing.T) {
	for _, info := range agg.Infos() {
		if len(info.Examples) == 0 || info.Doc == "" || len(info.Signatures) == 0 {
			t.Errorf("%s is not documented", info.Name)
		}
		for _, x := range info.Examples {
			if !strings.HasPrefix(x.Call, info.Name) && !strings.Contains(x.Call, "("+info.Name+"(") {
				t.Errorf("the example %s of %s does not call it", x.Call, info.Name)
			}
			got, err := lastRow("SELECT CAST(" + x.Call + " AS STRING) AS v FROM " + x.From)
			if err != nil || got != x.Value {
				t.Errorf("%s over %s = %s, documented as %s; %v", x.Call, x.From, got, x.Value, err)
			}
		}
	}
}

// Each alias is the aggregate that it is another name of.
func TestAggregateAliases(t *testing.T) {
	for _, info := range agg.Infos() {
		for _, alias := range info.Aliases {
			for _, x := range info.Examples {
				got, err := lastRow("SELECT CAST(" + strings.Replace(x.Call, info.Name, alias, 1) + " AS STRING) AS v FROM " + x.From)
				if err != nil || got != x.Value {
					t.Errorf("%s for %s: %s over %s = %s, want %s; %v", alias, info.Name, x.Call, x.From, got, x.Value, err)
				}
			}
		}
	}
}

// lastRow runs a query of one text column and returns its last row.
func lastRow(sql string) (string, error) {
	var out bytes.Buffer
	job, problems, err := engine.New(builtin.Registry()).Prepare(source.NewFile("query.sql", sql), engine.Options{Stdout: &out, Output: "csv"})
	if problems.HasErrors() {
		return "", errors.New(problems.Render())
	}
	if err != nil {
		return "", err
	}
	if _, err := job.Run(context.Background(), context.Background()); err != nil {
		return "", err
	}
	rows, err := csv.NewReader(&out).ReadAll()
	if err != nil {
		return "", err
	}
	return rows[len(rows)-1][0], nil
}
