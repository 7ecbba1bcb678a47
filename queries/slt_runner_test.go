package queries_test

import (
	"strings"
	"testing"
)

// TestRunnerFindsWhatIsWrong: a runner that finds nothing proves nothing.
func TestRunnerFindsWhatIsWrong(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"right", "query IT\nSELECT 1, 'a b'\n----\n1 \"a b\"\n", ""},
		{"another value", "query I\nSELECT 1\n----\n2\n", "f.slt:1: the result is not as expected (- expected, + came)\n- 2\n+ 1\n"},
		{"a row too many", "query I\nSELECT 1\n----\n1\n1\n", "  1\n- 1\n"},
		{"a row too few", "query I\nSELECT 1\n----\n", "+ 1\n"},
		{"a type", "query B\nSELECT 1\n----\n1\n", "the value 1 is not of type B"},
		{"too few types", "query I\nSELECT 1, 2\n----\n1 2\n", "more columns than the 1 types"},
		{"too many types", "query III\nSELECT 1, 2\n----\n1 2\n", "has 2 columns, not 3"},
		{"empty is not NULL", "query T\nSELECT ''\n----\nNULL\n", "+ (empty)"},
		{"a decimal has its digits", "query N\nSELECT 1.50\n----\n1.5\n", "+ 1.50"},
		{"a double is near enough", "query R\nSELECT 0.1e0 + 0.2e0\n----\n0.3\n", ""},
		{"a double is not", "query R\nSELECT 0.1e0 + 0.2e0\n----\n0.300001\n", "- 0.300001"},
		{"blanks do not move between values", "query TT\nSELECT 'a', 'b c'\n----\n\"a b\" c\n", "+ a \"b c\""},
		{"a failing query", "query I\nSELECT nope\n----\n1\n", "there is no column nope"},
		{"a statement that should fail", "statement error x\nSELECT 1\n", "should fail"},
		{"a query that should fail", "query error x\nSELECT 1\n", "should fail"},
		{"another message", "query error row\nSELECT nope\n", "does not match"},
		{"no message to match", "query error\nSELECT nope\n", "does not match"},
		{"the message", "query error no col.*nope\nSELECT nope\n", ""},
		{"row sort", "query I rowsort\nSELECT 1\n----\n1\n", ""},
		{"value sort", "query II valuesort\nSELECT 2, 1\n----\n1\n2\n", ""},
		{"labels agree", "query I nosort x\nSELECT 1\n----\n1\n\nquery I nosort x\nSELECT 2\n----\n2\n", "same label x"},
		{"hash", "hash-threshold 1\n\nquery II\nSELECT 1, 2\n----\n2 values hashing to 0\n", "+ 2 values hashing to "},
		{"skipif", "skipif tidemark\nquery I\nSELECT 1\n----\n2\n", ""},
		{"onlyif another", "onlyif sqlite\nquery I\nSELECT 1\n----\n2\n", ""},
		{"onlyif", "onlyif tidemark\nquery I\nSELECT 1\n----\n2\n", "- 2"},
		{"halt", "halt\n\nquery I\nSELECT 1\n----\n2\n", ""},
		{"no result", "query I\nSELECT 1\n", "has no ----"},
		{"no SQL", "query I\n----\n1\n", "no SQL"},
		{"bad directive", "quarry I\nSELECT 1\n", `unknown directive "quarry"`},
		{"bad types", "query Q\nSELECT 1\n----\n1\n", "letters"},
		{"condition alone", "skipif tidemark\n", "without a record"},
	} {
		_, problems := runSLT("f.slt", c.text)
		got := strings.Join(problems, "\n")
		if c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// TestUpdateRewritesResults: what -update writes passes, and nothing else changes.
func TestUpdateRewritesResults(t *testing.T) {
	text := "# kept\nquery I\nSELECT 1\n----\n2\n3\n\nquery error x\nSELECT nope\n\nquery IT\nSELECT 2, 'a b'\n----\n\nquery I\nSELECT 3\n----\n3\n\nquery I\nSELECT 4\n----"
	fresh, problems := runSLT("f.slt", text)
	if len(problems) != 4 {
		t.Fatalf("problems: %q", problems)
	}
	want := "# kept\nquery I\nSELECT 1\n----\n1\n\nquery error there is no column nope: the query has no FROM\nSELECT nope\n\nquery IT\nSELECT 2, 'a b'\n----\n2 \"a b\"\n\nquery I\nSELECT 3\n----\n3\n\nquery I\nSELECT 4\n----\n4"
	if fresh != want {
		t.Fatalf("got\n%s\nwant\n%s", fresh, want)
	}
	if again, problems := runSLT("f.slt", fresh); again != fresh || len(problems) > 0 {
		t.Fatalf("the rewritten file has problems: %q", problems)
	}
}
