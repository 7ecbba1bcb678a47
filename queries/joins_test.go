package queries_test

import (
	"fmt"
	"testing"

	"tidemark/connectors/builtin"
	"tidemark/runtime/engine"
	"tidemark/runtime/querytest"
)

// The tests of joins pass, also in other orders of arrival and with crashes.
func TestJoins(t *testing.T) {
	names, err := querytest.Find("joins")
	if err != nil || len(names) == 0 {
		t.Fatalf("%d files: %v", len(names), err)
	}
	for _, o := range []querytest.Options{{Workers: 1, BatchRows: 1}, {Workers: 2, BatchRows: 1024}, {Workers: 2, BatchRows: 3, Crash: 4}} {
		querytest.Run(engine.New(builtin.Registry()), names, o, func(r *querytest.Result) {
			if r.Problems.HasErrors() {
				t.Error(r.Problems.Render())
			}
			for _, x := range r.Tests {
				for _, f := range x.Failures {
					t.Errorf("%s:%d: %s, %+v: %s", r.Name, x.Line, x.Name, o, fmt.Sprint(f))
				}
			}
		})
	}
}
